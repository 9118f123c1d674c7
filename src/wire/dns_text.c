/* SPDX-License-Identifier: Apache-2.0 */
/* The data of DNS records as text, as a zone file has it. */
#include "wire/dns_internal.h"

#include <stdarg.h>
#include <stdio.h>

/* A text that grows up to its room; what does not fit is cut. */
struct out {
	char *to;
	size_t used, cap;
};

static void say(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct out *o, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(o->to + o->used, o->cap - o->used, fmt, args);

	va_end(args);
	if (n > 0)
		o->used = o->used + (size_t)n < o->cap ? o->used + (size_t)n : o->cap - 1;
}

static void say_name(struct out *o, const uint8_t *buf, struct rd *data)
{
	struct dns_name name = { 0 };
	char text[DNS_NAME_TEXT];

	dns_read_name(buf, data, &name);
	if (!data->bad)
		say(o, "%s", dns_name_format(&name, text));
}

static void say_numbers(struct out *o, struct rd *data, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		say(o, "%u ", rd_be16(data));
}

static void say_soa(struct out *o, const uint8_t *buf, struct rd *data)
{
	say_name(o, buf, data);
	say(o, " ");
	say_name(o, buf, data);
	for (unsigned i = 0; i < 5; i++)
		say(o, " %u", rd_be32(data));
}

/* Strings with a length before each. */
static void say_strings(struct out *o, struct rd *data)
{
	while (rd_left(data) > 0 && !data->bad) {
		uint8_t len = rd_u8(data);
		const uint8_t *text = rd_take(data, len);

		say(o, "%s\"", o->used ? " " : "");
		for (uint8_t i = 0; text && i < len; i++) {
			if (text[i] < 0x20 || text[i] > 0x7e)
				say(o, "\\%03u", text[i]);
			else
				say(o, "%s%c", text[i] == '"' || text[i] == '\\' ? "\\" : "",
				    text[i]);
		}
		say(o, "\"");
	}
}

static void say_octets(struct out *o, const uint8_t *data, uint16_t len)
{
	o->used = 0;
	say(o, "\\# %u%s", len, len ? " " : "");
	for (uint16_t i = 0; i < len; i++)
		say(o, "%02x", data[i]);
}

/* False: the type has no form of its own, or the data is not what the type says. */
static bool say_known(struct out *o, const uint8_t *buf, size_t len, const struct dns_record *rec,
                      struct rd *data)
{
	struct inet_addr addr;
	char text[INET_TEXT_MAX];

	switch (rec->type) {
	case DNS_A:
	case DNS_AAAA:
		if (dns_record_addr(buf, len, rec, &addr) < 0)
			return false;
		say(o, "%s", inet_addr_format(&addr, text));
		return true;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		say_name(o, buf, data);
		break;
	case DNS_MX:
		say_numbers(o, data, 1);
		say_name(o, buf, data);
		break;
	case DNS_SRV:
		say_numbers(o, data, 3);
		say_name(o, buf, data);
		break;
	case DNS_SOA:
		say_soa(o, buf, data);
		break;
	case DNS_TXT:
		say_strings(o, data);
		break;
	default:
		return false;
	}
	return !data->bad && rd_left(data) == 0;
}

char *dns_record_text(const uint8_t *buf, size_t len, const struct dns_record *rec, char *to,
                      size_t cap)
{
	struct out o = { .to = to, .cap = cap };
	bool inside = rec->data_at <= len && rec->data_len <= len - rec->data_at;
	struct rd data = rd_init(buf, inside ? rec->data_at + rec->data_len : 0);

	to[0] = '\0';
	if (inside && rd_take(&data, rec->data_at) && !say_known(&o, buf, len, rec, &data))
		say_octets(&o, buf + rec->data_at, rec->data_len);
	return to;
}
