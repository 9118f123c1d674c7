/* SPDX-License-Identifier: Apache-2.0 */
/* Count, sum, squares and extremes: what results keep of a quantity.  In result.c. */
#ifndef CANDOR_SLA_SUM_STATS_H
#define CANDOR_SLA_SUM_STATS_H

#include <stdint.h>

/* Where a sum stops growing, on either side of 0: any two can be added. */
#define SUM_STATS_LIMIT_NS (INT64_MAX / 2)

/* Count, sum, sum of squares, extremes of one quantity.  n == 0: min and max are 0. */
struct sum_stats {
	uint64_t n;
	int64_t sum_ns;
	__extension__ unsigned __int128 sum2_ns2;
	int64_t min_ns, max_ns;
};

void sum_stats_add(struct sum_stats *s, int64_t value_ns);
void sum_stats_merge(struct sum_stats *into, const struct sum_stats *from);
int64_t sum_stats_avg_ns(const struct sum_stats *s); /* floor; 0 when empty */

#endif
