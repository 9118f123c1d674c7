/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the jitter arithmetic: jitter_run.c, jitter_loss.c, jitter_pairs.c. */
#ifndef CANDOR_SLA_JITTER_RUN_INTERNAL_H
#define CANDOR_SLA_JITTER_RUN_INTERNAL_H

#include "sla/jitter_run.h"

static inline struct jitter_record *jitter_at(const struct jitter_run *run, uint32_t seq)
{
	return &run->records[seq];
}

/* It came back, whatever state it was in. */
static inline bool jitter_came_back(const struct jitter_record *r)
{
	return r->fate == JITTER_ANSWERED || r->fate == JITTER_LATE || r->fate == JITTER_CORRUPTED;
}

/* Its responder count can be believed. */
static inline bool jitter_is_counted(const struct jitter_run *run, const struct jitter_record *r)
{
	return (r->fate == JITTER_ANSWERED || r->fate == JITTER_LATE) && r->count >= 1 &&
	       r->count <= run->counts;
}

/* Between two readings of the clocks' offset the wall clock was stepped. */
static inline bool jitter_is_step(int64_t offset_a_ns, int64_t offset_b_ns)
{
	int64_t diff = offset_a_ns - offset_b_ns;

	return diff > JITTER_STEP_NS || diff < -JITTER_STEP_NS;
}

/* Give every lost packet its direction (fate) and count losses and loss periods.  Calls
 * jitter_pairs_counted() for every stretch in which the responder's counter ran through. */
void jitter_loss_decide(struct jitter_run *run, struct jitter_result *j);

/* Jitter SD over consecutive sequence numbers, and RFC 1889 jitter DS in order of arrival. */
void jitter_pairs_sequence(const struct jitter_run *run, struct jitter_result *j);

/* Jitter DS over consecutive counts and RFC 1889 jitter SD in count order, for the stretch whose
 * holders are in run->by_count[1 .. max]. */
void jitter_pairs_counted(const struct jitter_run *run, uint32_t max, struct jitter_result *j);

/* The same by sequence number, for responders that do not count. */
void jitter_pairs_uncounted(const struct jitter_run *run, struct jitter_result *j);

#endif
