/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of a runner. */
#include "probe/run_groups.h"

#include "base/xalloc.h"

#include <stdlib.h>

#define LEAD_NS (500 * NS_PER_MS)

struct run_group *run_groups_find(const struct run_groups *g, uint32_t number)
{
	for (uint32_t i = 0; i < g->count; i++) {
		if (g->groups[i].number == number)
			return &g->groups[i];
	}
	return NULL;
}

struct run_group *run_groups_join(struct run_groups *g, uint32_t number, mono_t start_at)
{
	struct run_group *group = run_groups_find(g, number);

	if (!group) {
		if (g->count == g->room) {
			g->room = g->room ? 2 * g->room : 8;
			g->groups = xrealloc(g->groups, g->room, sizeof(g->groups[0]));
		}
		group = &g->groups[g->count++];
		*group = (struct run_group) { .number = number,
			                      .origin = mono_add_ns(start_at, LEAD_NS) };
	}
	group->members++;
	return group;
}

void run_groups_leave(struct run_groups *g, uint32_t number, uint32_t op)
{
	struct run_group *group = run_groups_find(g, number);

	if (!group)
		return;
	group_starts_remove(&group->starts, op);
	if (--group->members > 0)
		return;
	group_starts_fini(&group->starts);
	*group = g->groups[--g->count];
}

void run_groups_fini(struct run_groups *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		group_starts_fini(&g->groups[i].starts);
	free(g->groups);
	*g = (struct run_groups) { 0 };
}
