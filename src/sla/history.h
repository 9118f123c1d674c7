/* SPDX-License-Identifier: Apache-2.0 */
/* Single runs that are kept: `history lives-kept` and what goes with it.  A life begins whenever the
 * operation becomes active; a run that passes the filter is a bucket of the present life, whose
 * numbers rise from 1; what was measured at one hop of path-echo is a sample, as is any other run.  The newest lives and buckets stay.
 * Memory is taken at first need, from xalloc.  Source: rttMonHistoryCollectionTable. */
#ifndef CANDOR_SLA_HISTORY_H
#define CANDOR_SLA_HISTORY_H

#include "base/clocktypes.h"
#include "sla/result.h"
#include "sla/stats_conf.h"
#include <stdint.h>

struct history_sample {
	uint32_t life;   /* from 1 */
	uint32_t bucket; /* of the life, from 1 */
	uint16_t sample; /* of the bucket, from 1: the hop, else 1 */
	uint8_t sense;   /* enum sla_sense */
	struct inet_addr address;
	wall_t started_at;
	int64_t rtt_ns; /* 0 unless it completed */
};

struct history {
	uint32_t count, room;
	uint32_t life, last_bucket;     /* of the newest sample; 0: none yet */
	struct history_sample *samples; /* the oldest first */
};

/* Take a run of life ``life``, if the filter wants it. */
void history_take(struct history *h, const struct stats_conf *c, uint32_t life,
                  const struct sla_result *r);
void history_clear(struct history *h); /* empty, and gives its memory back */

#endif
