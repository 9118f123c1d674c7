/* SPDX-License-Identifier: Apache-2.0 */
/* Text forms of addresses.  arpa/inet.h serves for the pure text functions alone. */
#include "base/inet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Decimal without sign, spaces or leading zeroes beyond "0"; 0 or -EINVAL. */
static int parse_decimal(const char *text, uint32_t max, uint32_t *ret)
{
	uint64_t value = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > max)
			return -EINVAL;
	}
	*ret = (uint32_t)value;
	return 0;
}

int inet_addr_parse(const char *text, struct inet_addr *ret)
{
	struct inet_addr a = { 0 };
	char copy[INET_TEXT_MAX];
	const char *percent = strchr(text, '%');
	size_t len = percent ? (size_t)(percent - text) : strlen(text);

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, a.bytes) == 1)
		a.family = INET_V4;
	else if (inet_pton(AF_INET6, copy, a.bytes) == 1)
		a.family = INET_V6;
	else
		return -EINVAL;
	if (percent && (a.family != INET_V6 || parse_decimal(percent + 1, UINT32_MAX, &a.scope_id)))
		return -EINVAL;
	*ret = a;
	return 0;
}

char *inet_addr_format(const struct inet_addr *a, char *to)
{
	int family = a->family == INET_V4 ? AF_INET : AF_INET6;

	if (a->family == INET_NONE || !inet_ntop(family, a->bytes, to, INET_TEXT_MAX))
		(void)snprintf(to, INET_TEXT_MAX, "-");
	if (a->family == INET_V6 && a->scope_id) {
		size_t len = strlen(to);

		(void)snprintf(to + len, INET_TEXT_MAX - len, "%%%u", a->scope_id);
	}
	return to;
}

char *inet_endpoint_format(const struct inet_endpoint *e, char *to)
{
	char addr[INET_TEXT_MAX];

	(void)snprintf(to, INET_ENDPOINT_TEXT_MAX, e->addr.family == INET_V6 ? "[%s]:%u" : "%s:%u",
	               inet_addr_format(&e->addr, addr), e->port);
	return to;
}

/* The octets of ``a`` agree with ``p`` in the first ``length`` bits; lengths are in range. */
static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned length)
{
	unsigned whole = length / 8;
	unsigned rest = length % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

int inet_prefix_parse(const char *text, struct inet_prefix *ret)
{
	static const uint8_t zero[16];
	struct inet_prefix p = { 0 };
	char copy[INET_TEXT_MAX];
	uint32_t length;
	size_t len = strlen(text);

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len + 1);
	char *slash = strchr(copy, '/');

	if (slash)
		*slash = '\0';
	if (inet_addr_parse(copy, &p.addr) || p.addr.scope_id)
		return -EINVAL;
	unsigned bits = (unsigned)inet_addr_octets(&p.addr) * 8;

	length = bits;
	if (slash && parse_decimal(slash + 1, bits, &length))
		return -EINVAL;
	p.length = (uint8_t)length;
	/* Host bits set is a typing error more often than an intention. */
	struct inet_addr host = p.addr;

	for (unsigned i = 0; i < length; i++)
		host.bytes[i / 8] &= (uint8_t) ~(0x80u >> (i % 8));
	if (memcmp(host.bytes, zero, sizeof(zero)) != 0)
		return -EINVAL;
	*ret = p;
	return 0;
}

bool inet_addr_equal(const struct inet_addr *a, const struct inet_addr *b)
{
	return a->family == b->family && a->scope_id == b->scope_id &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool inet_addr_is_group(const struct inet_addr *a)
{
	return (a->family == INET_V4 && a->bytes[0] >> 4 == 14) ||
	       (a->family == INET_V6 && a->bytes[0] == 0xff);
}

bool inet_addr_is_unspecified(const struct inet_addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, sizeof(zero)) == 0;
}

bool inet_addr_is_clean(const struct inet_addr *a)
{
	static const uint8_t zero[16];
	size_t octets = inet_addr_octets(a);

	if (octets == 0 && a->family != INET_NONE)
		return false;
	return memcmp(a->bytes + octets, zero, sizeof(zero) - octets) == 0 &&
	       (a->family == INET_V6 || a->scope_id == 0);
}

bool inet_prefix_contains(const struct inet_prefix *p, const struct inet_addr *a)
{
	return p->addr.family == a->family && bits_equal(p->addr.bytes, a->bytes, p->length);
}
