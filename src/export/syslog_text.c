/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5424 section 6. */
#include "export/syslog_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HOST_MAX  255 /* octets, section 6 */
#define MSGID_MAX 32

struct out {
	char *at, *end;
	bool is_full;
};

static void put(struct out *o, const char *text, size_t len)
{
	if ((size_t)(o->end - o->at) < len) {
		o->is_full = true;
		return;
	}
	memcpy(o->at, text, len);
	o->at += len;
}

static void put_text(struct out *o, const char *text)
{
	put(o, text, strlen(text));
}

/* A field of the header: printable ASCII without blanks, at most ``max`` octets; "-" when it is empty. */
static void put_field(struct out *o, const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len == 0)
		put_text(o, "-");
	for (size_t i = 0; i < len && i < max; i++) {
		char c = text[i] > ' ' && text[i] < 0x7f ? text[i] : '-';

		put(o, &c, 1);
	}
}

/* Section 6.3.3: ", \ and ] are escaped. */
static void put_value(struct out *o, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || *text == ']')
			put(o, "\\", 1);
		put(o, text, 1);
	}
}

static void put_time(struct out *o, wall_t at)
{
	time_t second = (time_t)(at.ns / NS_PER_S);
	struct tm tm;
	char text[48];

	if (at.ns < 0 || !gmtime_r(&second, &tm)) {
		put_text(o, "-");
		return;
	}
	size_t len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);

	(void)snprintf(text + len, sizeof(text) - len, ".%06dZ",
	               (int)(at.ns % NS_PER_S / NS_PER_US));
	put_text(o, text);
}

static void put_data(struct out *o, const struct syslog_message *m)
{
	if (!m->data_id || !m->data || !m->data->name) {
		put_text(o, "-");
		return;
	}
	put_text(o, "[");
	put_text(o, m->data_id);
	put_text(o, "@" SYSLOG_ENTERPRISE);
	for (const struct syslog_datum *d = m->data; d->name; d++) {
		put_text(o, " ");
		put_text(o, d->name);
		put_text(o, "=\"");
		put_value(o, d->value);
		put_text(o, "\"");
	}
	put_text(o, "]");
}

int syslog_format(const struct syslog_message *m, char *to, size_t cap, size_t *ret_body)
{
	struct out o = { to, to + cap, false };
	char head[16];

	(void)snprintf(head, sizeof(head), "<%u>1 ", m->facility * 8 + m->severity);
	put_text(&o, head);
	put_time(&o, m->at);
	put_text(&o, " ");
	put_field(&o, m->host, HOST_MAX);
	put_text(&o, " candor - ");
	put_field(&o, m->mnemonic, MSGID_MAX);
	put_text(&o, " ");
	put_data(&o, m);
	put_text(&o, " ");
	size_t body = (size_t)(o.at - to);

	put_text(&o, "%");
	put_text(&o, m->mnemonic);
	put_text(&o, ": ");
	put_text(&o, m->text);
	if (o.is_full)
		return -EMSGSIZE;
	*ret_body = body;
	return (int)(o.at - to);
}
