/* SPDX-License-Identifier: Apache-2.0 */
/* First matching rule decides; a list without a match denies. */
#include "sla/access_list.h"

bool access_list_permits(const struct access_list *l, const struct inet_addr *a)
{
	for (uint32_t i = 0; i < l->count; i++) {
		const struct access_rule *rule = &l->rules[i];

		if (rule->any || inet_prefix_contains(&rule->prefix, a))
			return rule->permit;
	}
	return false;
}
