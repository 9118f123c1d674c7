/* SPDX-License-Identifier: Apache-2.0 */
/* Leaving the worst samples out. */
#include "sla/percentile.h"

#include <stdlib.h>
#include <string.h>

static bool is_cut(uint8_t percent)
{
	return percent > 0 && percent < 100;
}

/* The average of both ways takes the samples of each. */
static uint32_t room_of(unsigned quantity, uint32_t packets)
{
	return quantity == PERCENTILE_JITTER_AVG ? 2 * packets : packets;
}

size_t percentile_size(const uint8_t *percent, uint32_t packets)
{
	size_t values = 0;

	for (unsigned i = 0; percent && i < PERCENTILE_COUNT; i++)
		values += is_cut(percent[i]) ? room_of(i, packets) : 0;
	return values * sizeof(int64_t);
}

void percentile_init(struct percentile_samples *ret, const uint8_t *percent, uint32_t packets,
                     void *block)
{
	int64_t *at = block;

	for (unsigned i = 0; i < PERCENTILE_COUNT; i++) {
		ret[i] = (struct percentile_samples) { 0 };
		if (!is_cut(percent[i]))
			continue;
		ret[i].values = at;
		ret[i].room = room_of(i, packets);
		at += ret[i].room;
	}
}

void percentile_add(struct percentile_samples *s, int64_t value_ns)
{
	if (s->n < s->room)
		s->values[s->n++] = value_ns;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

struct percentile_figures percentile_figures(struct percentile_samples *s, uint8_t percent,
                                             const struct sum_stats *all)
{
	struct percentile_figures f = { .percent = 100 };
	struct sum_stats kept = { 0 };

	if (!s->values) {
		f.n = (uint32_t)all->n;
		f.avg_ns = sum_stats_avg_ns(all);
		f.max_ns = all->max_ns;
		return f;
	}
	/* UNVERIFIED: how many samples of a hundredth part are left out; we round down. */
	uint32_t dropped = (uint32_t)((uint64_t)s->n * (100u - percent) / 100);

	qsort(s->values, s->n, sizeof(*s->values), by_value);
	for (uint32_t i = 0; i < s->n - dropped; i++)
		sum_stats_add(&kept, s->values[i]);
	f.percent = percent;
	f.n = (uint32_t)kept.n;
	f.avg_ns = sum_stats_avg_ns(&kept);
	f.max_ns = kept.max_ns;
	return f;
}
