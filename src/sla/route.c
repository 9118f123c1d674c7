/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions on static routes. */
#include "sla/route.h"

static bool is_wanted(const struct route_path *p)
{
	return p->distance != ROUTE_DISTANCE_NEVER && (!p->has_track || p->is_up);
}

/* Traffic can go there now, and should. */
static bool carries(const struct route_path *p)
{
	return p->is_present && !p->is_dead && (is_wanted(p) || (p->has_track && !p->is_settled));
}

static uint8_t decide_one(const struct route_path *p, bool has_other)
{
	if (p->has_track && !p->is_settled && p->distance != ROUTE_DISTANCE_NEVER)
		return ROUTE_STEP_WAIT;
	if (is_wanted(p))
		return p->is_present ? ROUTE_STEP_NONE : ROUTE_STEP_INSTALL;
	if (!p->is_present)
		return ROUTE_STEP_NONE;
	return has_other || p->withdraw_last ? ROUTE_STEP_WITHDRAW : ROUTE_STEP_HOLD;
}

bool route_decide(struct route_path *paths, uint32_t count, bool has_foreign)
{
	bool has_other = has_foreign, has_work = false;

	for (uint32_t i = 0; i < count; i++)
		has_other |= carries(&paths[i]);
	for (uint32_t i = 0; i < count; i++) {
		paths[i].step = decide_one(&paths[i], has_other);
		has_work |=
		        paths[i].step == ROUTE_STEP_INSTALL || paths[i].step == ROUTE_STEP_WITHDRAW;
	}
	return has_work;
}

const char *route_step_name(uint8_t step)
{
	static const char *const names[] = { "none", "install", "withdraw", "wait", "hold" };

	return step < sizeof(names) / sizeof(names[0]) ? names[step] : "none";
}
