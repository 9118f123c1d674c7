/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the DNS: text, octets, and the names of addresses. */
#include "wire/dns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX 63u /* RFC 1035 section 2.3.4 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One octet of a label at *text, which moves behind it; -EINVAL: a bad escape. */
static int take_octet(const char **text)
{
	const char *t = *text;

	if (t[0] != '\\') {
		*text = t + 1;
		return (unsigned char)t[0];
	}
	if (is_digit(t[1]) && is_digit(t[2]) && is_digit(t[3])) {
		int value = (t[1] - '0') * 100 + (t[2] - '0') * 10 + (t[3] - '0');

		*text = t + 4;
		return value <= UINT8_MAX ? value : -EINVAL;
	}
	if (t[1] == '\0' || is_digit(t[1]))
		return -EINVAL;
	*text = t + 2;
	return (unsigned char)t[1];
}

/* One label, up to its dot or the end of the text; *text moves behind either. */
static int take_label(const char **text, struct dns_name *n)
{
	size_t length_at = n->len, len = 0;

	n->len++;
	while (**text && **text != '.') {
		int octet = take_octet(text);

		/* The root's length follows every name. */
		if (octet < 0 || len == LABEL_MAX || n->len >= DNS_NAME_OCTETS - 1)
			return -EINVAL;
		n->octets[n->len++] = (uint8_t)octet;
		len++;
	}
	n->octets[length_at] = (uint8_t)len;
	if (**text == '.')
		(*text)++;
	return len ? 0 : -EINVAL;
}

int dns_name_parse(const char *text, struct dns_name *ret)
{
	struct dns_name n = { 0 };

	if (!*text)
		return -EINVAL;
	if (strcmp(text, ".") == 0)
		text++;
	while (*text) {
		if (n.len >= DNS_NAME_OCTETS - 1 || take_label(&text, &n) < 0)
			return -EINVAL;
	}
	n.octets[n.len++] = 0;
	*ret = n;
	return 0;
}

/* Returns how many characters were written; 4 at most. */
static size_t format_octet(uint8_t c, char *to)
{
	if (c <= 0x20 || c >= 0x7f)
		return (size_t)snprintf(to, 5, "\\%03u", c);
	if (c == '.' || c == '\\' || c == '"')
		*to++ = '\\';
	*to = (char)c;
	return c == '.' || c == '\\' || c == '"' ? 2 : 1;
}

char *dns_name_format(const struct dns_name *name, char *to)
{
	size_t used = 0, at = 0;

	while (at < name->len && name->octets[at] != 0) {
		size_t end = at + 1 + name->octets[at];

		if (at++ > 0)
			to[used++] = '.';
		while (at < end && at < name->len)
			used += format_octet(name->octets[at++], to + used);
	}
	if (used == 0)
		to[used++] = '.';
	to[used] = '\0';
	return to;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	if (a->len != b->len)
		return false;
	/* A length is at most 63, below every letter. */
	for (unsigned i = 0; i < a->len; i++) {
		if (lower(a->octets[i]) != lower(b->octets[i]))
			return false;
	}
	return true;
}

int dns_name_reverse(const struct inet_addr *addr, struct dns_name *ret)
{
	char text[80] = "";
	size_t used = 0;

	if (addr->family == INET_NONE)
		return -EINVAL;
	for (size_t i = inet_addr_octets(addr); i-- > 0;) {
		uint8_t octet = addr->bytes[i];

		used += (size_t)(addr->family == INET_V4
		                         ? snprintf(text + used, sizeof(text) - used, "%u.", octet)
		                         : snprintf(text + used, sizeof(text) - used, "%x.%x.",
		                                    octet & 0xfu, octet >> 4));
	}
	(void)snprintf(text + used, sizeof(text) - used,
	               addr->family == INET_V4 ? "in-addr.arpa" : "ip6.arpa");
	return dns_name_parse(text, ret);
}
