/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of control that concern routes (parent_message.h), as the parent checks and carries them out. */
#ifndef CANDOR_CANDORD_PARENT_ROUTES_H
#define CANDOR_CANDORD_PARENT_ROUTES_H

#include "candord/parent_message.h"

struct parent_routes {
	bool withdraw;                /* at a clean stop: our routes, too */
	bool used[NET_NAMES_MAX + 1]; /* namespaces in which something of ours may be */
};

/* Check one of these verbs, and copy into ``only`` what it uses. */
bool parent_routes_valid(const struct parent_request *q, struct parent_request *only);

/* The descriptor (PARENT_OPEN_ROUTES), 0, or -errno with ``d``. */
NODISCARD int parent_routes_carry_out(struct parent_routes *r, const struct parent_request *q,
                                      struct diag *d);

/* A clean stop: rules and tables for pinning go, and with ``withdraw`` our routes. */
void parent_routes_stop(struct parent_routes *r);

#endif
