/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as values: no socket structure leaves io/.  An IPv4 address sits in the first 4 octets
 * of
 * ``bytes`` and the rest is zero, so that two addresses are equal when their octets are. */
#ifndef CANDOR_BASE_INET_H
#define CANDOR_BASE_INET_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inet_family {
	INET_NONE = 0,
	INET_V4 = 4,
	INET_V6 = 6,
};

struct inet_addr {
	uint8_t family; /* enum inet_family */
	uint8_t bytes[16];
	uint32_t scope_id; /* interface index of a link-local IPv6 address, else 0 */
};

struct inet_endpoint {
	struct inet_addr addr;
	uint16_t port; /* host order */
};

struct inet_prefix {
	struct inet_addr addr; /* bits beyond ``length`` are zero */
	uint8_t length;        /* 0-32 or 0-128 */
};

#define INET_TEXT_MAX          64 /* an address with its %scope, and the NUL */
#define INET_ENDPOINT_TEXT_MAX 72 /* "[address]:port" and the NUL */

/* Numeric text to address: dotted quad, or RFC 4291 text with an optional %index.  0 or -EINVAL. */
NODISCARD int inet_addr_parse(const char *text, struct inet_addr *ret);

/* ``to`` holds at least INET_TEXT_MAX; RFC 5952 for IPv6; "-" for no family.  Returns ``to``. */
char *inet_addr_format(const struct inet_addr *a, char *to);
char *inet_endpoint_format(const struct inet_endpoint *e, char *to); /* INET_ENDPOINT_TEXT_MAX */

/* "192.0.2.0/24", or an address alone (full length); bits beyond the length must be 0. */
NODISCARD int inet_prefix_parse(const char *text, struct inet_prefix *ret);

bool inet_addr_equal(const struct inet_addr *a, const struct inet_addr *b);
bool inet_addr_is_group(const struct inet_addr *a);       /* 224.0.0.0/4 or ff00::/8 */
bool inet_addr_is_unspecified(const struct inet_addr *a); /* 0.0.0.0, :: or no family */
/* A family there is (or none), and nothing in the octets and scope that it does not use: for values from
 * outside. */
bool inet_addr_is_clean(const struct inet_addr *a);
bool inet_prefix_contains(const struct inet_prefix *p, const struct inet_addr *a);

static inline size_t inet_addr_octets(const struct inet_addr *a)
{
	return a->family == INET_V4 ? 4 : a->family == INET_V6 ? 16 : 0;
}

#endif
