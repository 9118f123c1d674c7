/* SPDX-License-Identifier: Apache-2.0 */
/* The groups whose members a runner has: when each began, and the starts of those with random gaps. */
#ifndef CANDOR_PROBE_RUN_GROUPS_H
#define CANDOR_PROBE_RUN_GROUPS_H

#include "base/clocktypes.h"
#include "sla/group.h"
#include <stdint.h>

struct run_group {
	uint32_t number, members;
	mono_t origin; /* offsets of members count from here */
	struct group_starts starts;
};

struct run_groups {
	uint32_t count, room;
	struct run_group *groups;
};

/* One member more.  The first one, which starts at ``start_at``, decides when the group begins: a moment
 * later, so that all its members are there.  Valid until the next call. */
struct run_group *run_groups_join(struct run_groups *g, uint32_t number, mono_t start_at);

struct run_group *run_groups_find(const struct run_groups *g, uint32_t number); /* or NULL */

/* Operation ``op`` is no member any more. */
void run_groups_leave(struct run_groups *g, uint32_t number, uint32_t op);
void run_groups_fini(struct run_groups *g);

#endif
