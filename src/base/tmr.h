/* SPDX-License-Identifier: Apache-2.0 */
/* Timers with absolute deadlines in a binary heap; each timer is embedded in its owner, so arming
 * never allocates once the heap has grown to the number of timers (tmr_heap_reserve).  One
 * thread. */
#ifndef CANDOR_BASE_TMR_H
#define CANDOR_BASE_TMR_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeroes but ``fire`` is a disarmed timer. */
struct tmr {
	mono_t due;
	void (*fire)(struct tmr *t, mono_t now); /* may re-arm or free the owner */
	uint32_t heap_at;                        /* place in the heap, from 1; 0: not armed */
};

struct tmr_heap {
	struct tmr **at; /* at[1] is the next one due */
	uint32_t len, cap;
};

NODISCARD int tmr_heap_reserve(struct tmr_heap *h, uint32_t timers); /* 0 or -ENOMEM */
void tmr_heap_fini(struct tmr_heap *h);

static inline bool tmr_is_armed(const struct tmr *t)
{
	return t->heap_at != 0;
}

/* (Re-)arm; 0, or -ENOMEM and the timer is disarmed. */
NODISCARD int tmr_arm(struct tmr_heap *h, struct tmr *t, mono_t due);
void tmr_disarm(struct tmr_heap *h, struct tmr *t); /* nothing when not armed */

/* Fire every timer due at ``now``, earliest first, at most ``max`` of them (a bound on the work of
 * one turn of a loop).  Returns how many fired. */
unsigned tmr_run(struct tmr_heap *h, mono_t now, unsigned max);

/* The next deadline; false when none is armed. */
bool tmr_next(const struct tmr_heap *h, mono_t *ret_due);

#endif
