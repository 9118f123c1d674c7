/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of permitted and denied prefixes: first match decides, no match denies (IOS).  Pure. */
#ifndef CANDOR_SLA_ACCESS_LIST_H
#define CANDOR_SLA_ACCESS_LIST_H

#include "base/inet.h"

struct access_rule {
	bool permit;
	bool any; /* matches every address of both families */
	struct inet_prefix prefix;
};

struct access_list {
	const char *name;
	uint32_t count;
	const struct access_rule *rules;
};

bool access_list_permits(const struct access_list *l, const struct inet_addr *a);

#endif
