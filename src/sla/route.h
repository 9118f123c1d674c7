/* SPDX-License-Identifier: Apache-2.0 */
/* Which static routes should be in the kernel: a decision over all paths of one destination.  Pure: states come in,
 * steps come out; whoever carries them out says what became of them. */
#ifndef CANDOR_SLA_ROUTE_H
#define CANDOR_SLA_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#define ROUTE_DISTANCE_NEVER 255 /* IOS: such a route is not used */

enum route_step {
	ROUTE_STEP_NONE, /* it is as it should be */
	ROUTE_STEP_INSTALL,
	ROUTE_STEP_WITHDRAW,
	ROUTE_STEP_WAIT, /* its object is not decided yet: as it is */
	ROUTE_STEP_HOLD, /* it should go, and is the last path there is */
};

/* One path: a line of the configuration. */
struct route_path {
	uint8_t distance;                  /* 1-255 */
	bool has_track, is_settled, is_up; /* of its object */
	bool withdraw_last;
	bool is_dry_run; /* its steps are not carried out */
	bool is_present; /* it is in the kernel, by us */
	bool is_dead;    /* present, and the kernel does not use it */
	uint8_t step;    /* enum route_step: the decision */
};

/* Decide on the ``count`` paths of one destination.  ``has_foreign``: somebody else has a usable route to it.  To be
 * asked again when what it said has been done: withdrawals come only when what replaces them is present.  True:
 * there is something to do. */
bool route_decide(struct route_path *paths, uint32_t count, bool has_foreign);

/* "install", "withdraw", "wait", "hold", "none" */
const char *route_step_name(uint8_t step);

#endif
