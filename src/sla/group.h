/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla group schedule`: when each member of a group starts, and the random scheduler, which keeps any
 * two starts of a group apart.  Pure.  Source: CISCO-RTTMON-MIB rttMonGrpScheduleAdminTable. */
#ifndef CANDOR_SLA_GROUP_H
#define CANDOR_SLA_GROUP_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "sla/operation.h"

#define GROUP_RANDOM_GAP_MS 100u /* least distance of two starts in a random group */
#define GROUP_TOGETHER_MS   3u   /* distance of members that start together */

/* How a group spreads its members. */
struct group_plan {
	uint32_t number;
	bool together;        /* schedule-together: all at once */
	bool is_random;       /* frequency range */
	uint32_t period_s;    /* schedule-period; not with ``together`` */
	uint32_t slots;       /* members that the period is divided by; 0: as many as there are */
	uint32_t frequency_s; /* of every member */
};

/* The most members that a random group with this period has room for. */
uint32_t group_random_room(uint32_t period_s);

/* Offsets of ``n`` members from the start of the group, by their place, in ms.
 *
 * Even: member k at floor(k * period / slots) s; of more members than seconds, ceil(slots / period) share
 * one, spread inside it.  Together: GROUP_TOGETHER_MS apart, so that ten thousand are not sent in one
 * millisecond, within their frequency.  Random: the members in random order, the first at 0, all others at
 * random within the period, at least GROUP_RANDOM_GAP_MS apart (n at most group_random_room()); the same
 * group always gives the same offsets, so that a restart preserves them.  ``members`` are the numbers of the
 * operations. */
void group_offsets(const struct group_plan *plan, const uint32_t *members, uint32_t n,
                   uint32_t *ret_ms);

/* The starts that the members of one random group have before them. */
struct group_starts {
	uint32_t count, room;
	struct group_start {
		uint32_t number;
		mono_t at;
	} * starts; /* by instant, rising; heap */
};

void group_starts_fini(struct group_starts *g);
void group_starts_remove(struct group_starts *g,
                         uint32_t number); /* it has none, or none any more */

/* A start of member ``number`` (instead of the one it had), uniform in [from + min_s, from + max_s] by
 * ``random`` (0 .. UINT32_MAX).  Where another member's is nearer than GROUP_RANDOM_GAP_MS, the next free
 * instant is taken, from the beginning of the range again behind its end; a range without any gives its
 * end. */
mono_t group_starts_next(struct group_starts *g, uint32_t number, mono_t from, uint32_t min_s,
                         uint32_t max_s, uint32_t random);

#endif
