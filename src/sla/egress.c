/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that leave the host: the configured lists, and what is closed to webhooks without one. */
#include "sla/egress.h"

#include <string.h>

static const struct inet_prefix closed[] = {
	{ { INET_V4, { 0 }, 0 }, 8 },
	{ { INET_V4, { 127 }, 0 }, 8 },
	{ { INET_V4, { 169, 254 }, 0 }, 16 },
	{ { INET_V4, { 224 }, 0 }, 4 },
	{ { INET_V4, { 255, 255, 255, 255 }, 0 }, 32 },
	{ { INET_V6, { 0 }, 0 }, 127 }, /* :: and ::1 */
	{ { INET_V6, { 0xfe, 0x80 }, 0 }, 10 },
	{ { INET_V6, { 0xff }, 0 }, 8 },
};

/* The address that packets go to. */
static struct inet_addr meant(const struct inet_addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct inet_addr v4 = { .family = INET_V4 };

	if (a->family != INET_V6 || memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return *a;
	memcpy(v4.bytes, a->bytes + sizeof(mapped), 4);
	return v4;
}

bool egress_permits(const struct egress_policy *p, enum egress_use use, const struct inet_addr *a)
{
	const struct access_list list = { .count = p->rule_count, .rules = p->rules };
	struct inet_addr to = meant(a);

	if (to.family == INET_NONE)
		return false;
	if (p->has_list)
		return access_list_permits(&list, &to);
	for (size_t i = 0; use == EGRESS_WEBHOOK && i < ARRAY_LEN(closed); i++) {
		if (inet_prefix_contains(&closed[i], &to))
			return false;
	}
	return true;
}
