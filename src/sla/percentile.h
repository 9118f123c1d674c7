/* SPDX-License-Identifier: Apache-2.0 */
/* `percentile QUANTITY N` of jitter operations: figures of the best N % of a run's samples, the worst
 * being left out.  The samples of a quantity are kept only where N is below 100: else its figures are
 * those of all samples anyway.  Owns no memory.
 * Source: rttMonLatestJitterOper…Pct of later RTTMON MIBs, IOS `percentile`. */
#ifndef CANDOR_SLA_PERCENTILE_H
#define CANDOR_SLA_PERCENTILE_H

#include "sla/result.h"
#include <stddef.h>

/* Samples of one quantity; values NULL: it needs none. */
struct percentile_samples {
	int64_t *values;
	uint32_t n, room;
};

/* Octets of the block that percentile_init() needs for a run of ``packets``; ``percent`` (one of each
 * enum percentile_of) may be NULL: none. */
size_t percentile_size(const uint8_t *percent, uint32_t packets);

/* Lay ``ret`` (one of each enum percentile_of) out in ``block``, aligned for int64_t. */
void percentile_init(struct percentile_samples *ret, const uint8_t *percent, uint32_t packets,
                     void *block);

void percentile_add(struct percentile_samples *s, int64_t value_ns);

/* Count, floor average and maximum of the samples that are left; where none were kept, those of
 * ``all``.  Sorts the samples. */
struct percentile_figures percentile_figures(struct percentile_samples *s, uint8_t percent,
                                             const struct sum_stats *all);

#endif
