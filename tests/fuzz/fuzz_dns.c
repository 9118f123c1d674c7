/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: DNS replies.  Whatever decodes can be walked, searched and printed. */
#include "wire/dns.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const struct dns_name *name)
{
	char text[DNS_NAME_TEXT];
	struct dns_name again;

	if (name->len == 0 || name->octets[name->len - 1] != 0)
		abort();
	if (dns_name_parse(dns_name_format(name, text), &again) < 0 ||
	    !dns_name_equal(name, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_reply r;
	struct dns_record rec;
	char text[256];

	if (size > 65535 || dns_reply_decode(data, size, &r) < 0)
		return 0;
	size_t at = r.answers_at;

	for (uint16_t i = 0; i < r.answers; i++) {
		if (dns_record_next(data, size, &at, &rec) < 0 || at > size)
			abort();
		check_name(&rec.owner);
		dns_record_text(data, size, &rec, text, sizeof(text));
		for (const char *c = text; *c; c++) {
			if (*c < 0x20 || *c > 0x7e)
				abort();
		}
	}
	if (!r.has_question)
		return 0;
	check_name(&r.name);
	struct dns_query q = { .id = r.id, .type = r.type, .name = r.name };

	if (dns_reply_matches(&r, &q) && dns_reply_find(data, size, &r, &rec) == 0 &&
	    rec.type != r.type && r.type != DNS_ANY)
		abort();
	return 0;
}
