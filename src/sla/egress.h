/* SPDX-License-Identifier: Apache-2.0 */
/* Where webhooks and http operations may connect to: `ip sla egress access-group`.  Checked on the address
 * that is connected to, when it is: a name says nothing.  Plain values: the policy crosses process borders.
 * Pure. */
#ifndef CANDOR_SLA_EGRESS_H
#define CANDOR_SLA_EGRESS_H

#include "sla/access_list.h"
#include <stdbool.h>
#include <stdint.h>

#define EGRESS_RULES_MAX 512u /* of both lists */

enum egress_use {
	EGRESS_OPERATION, /* what a person measures: without a list everything is permitted */
	EGRESS_WEBHOOK,   /* without a list everything but the host itself and its link */
};

/* With a list of one family addresses of the other one are denied, unless it has a list too. */
struct egress_policy {
	bool has_list;
	uint32_t rule_count;
	struct access_rule rules[EGRESS_RULES_MAX]; /* both lists: families do not meet */
};

/* Whether ``a`` may be connected to.  An IPv4 address that is written as one of IPv6 (::ffff:0:0/96) is what
 * it stands for.  Without a list webhooks do not reach: the unspecified address, loopback (127.0.0.0/8, ::1),
 * link-local (169.254.0.0/16, where clouds serve their metadata; fe80::/10), multicast and broadcast. */
bool egress_permits(const struct egress_policy *p, enum egress_use use, const struct inet_addr *a);

#endif
