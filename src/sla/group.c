/* SPDX-License-Identifier: Apache-2.0 */
/* Starts of the members of a group. */
#include "sla/group.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define GAP_NS ((int64_t)GROUP_RANDOM_GAP_MS * NS_PER_MS)

/* --- the first start of each member --------------------------------------------------------------- */

static uint32_t even_offset(const struct group_plan *plan, uint32_t slots, uint32_t k)
{
	uint64_t period_s = plan->period_s;

	if (slots <= period_s)
		return (uint32_t)(k * period_s / slots * 1000);
	uint64_t per_second = (slots + period_s - 1) / period_s;

	return (uint32_t)(k / per_second * 1000 + k % per_second * 1000 / per_second);
}

/* SplitMix64 (Steele, Lea, Flood 2014): good enough to scatter, and the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t group_random_room(uint32_t period_s)
{
	return period_s * (1000 / GROUP_RANDOM_GAP_MS);
}

static void random_offsets(const struct group_plan *plan, const uint32_t *members, uint32_t n,
                           uint32_t *ret_ms)
{
	uint64_t state = plan->number;
	uint32_t spare_ms = plan->period_s * 1000 - n * GROUP_RANDOM_GAP_MS;

	for (uint32_t i = 0; i < n; i++)
		state = next_random(&state) ^ members[i];
	ret_ms[0] = 0;
	for (uint32_t i = 1; i < n; i++)
		ret_ms[i] = (uint32_t)(next_random(&state) % (spare_ms + 1));
	/* What is left when all gaps are there already is cut at random: any outcome is as likely. */
	qsort(ret_ms, n, sizeof(*ret_ms), by_value);
	for (uint32_t i = 1; i < n; i++)
		ret_ms[i] += i * GROUP_RANDOM_GAP_MS;
	for (uint32_t i = n; i > 1; i--) {
		uint32_t other = (uint32_t)(next_random(&state) % i);
		uint32_t kept = ret_ms[i - 1];

		ret_ms[i - 1] = ret_ms[other];
		ret_ms[other] = kept;
	}
}

void group_offsets(const struct group_plan *plan, const uint32_t *members, uint32_t n,
                   uint32_t *ret_ms)
{
	uint32_t slots = plan->slots ? plan->slots : n;

	if (plan->is_random && n > 0 && !plan->together) {
		random_offsets(plan, members, n, ret_ms);
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		if (plan->together)
			ret_ms[k] = (uint32_t)((uint64_t)k * GROUP_TOGETHER_MS %
			                       ((uint64_t)plan->frequency_s * 1000));
		else
			ret_ms[k] = even_offset(plan, slots, k);
	}
}

/* --- the random scheduler ------------------------------------------------------------------------- */

void group_starts_fini(struct group_starts *g)
{
	free(g->starts);
	*g = (struct group_starts) { 0 };
}

/* The first start at or behind ``at``. */
static uint32_t place_of(const struct group_starts *g, mono_t at)
{
	uint32_t low = 0, high = g->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (g->starts[mid].at.ns < at.ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void group_starts_remove(struct group_starts *g, uint32_t number)
{
	for (uint32_t i = 0; i < g->count; i++) {
		if (g->starts[i].number == number) {
			memmove(&g->starts[i], &g->starts[i + 1],
			        (--g->count - i) * sizeof(g->starts[0]));
			return;
		}
	}
}

static void insert(struct group_starts *g, uint32_t number, mono_t at)
{
	uint32_t place = place_of(g, at);

	if (g->count == g->room) {
		g->room = g->room ? 2 * g->room : 16;
		g->starts = xrealloc(g->starts, g->room, sizeof(g->starts[0]));
	}
	memmove(&g->starts[place + 1], &g->starts[place],
	        (g->count - place) * sizeof(g->starts[0]));
	g->starts[place] = (struct group_start) { number, at };
	g->count++;
}

/* The first instant in [from, to] that is far enough from every start; false: there is none. */
static bool find_free(const struct group_starts *g, mono_t from, mono_t to, mono_t *ret)
{
	mono_t at = from;
	uint32_t i = place_of(g, mono_add_ns(from, -GAP_NS + 1));

	for (; i < g->count && g->starts[i].at.ns < at.ns + GAP_NS; i++) {
		if (g->starts[i].at.ns > at.ns - GAP_NS)
			at = mono_add_ns(g->starts[i].at, GAP_NS);
	}
	*ret = at;
	return at.ns <= to.ns;
}

mono_t group_starts_next(struct group_starts *g, uint32_t number, mono_t from, uint32_t min_s,
                         uint32_t max_s, uint32_t random)
{
	mono_t first = mono_add_ns(from, (int64_t)min_s * NS_PER_S);
	mono_t last = mono_add_ns(from, (int64_t)max_s * NS_PER_S);
	uint64_t span_ms = (uint64_t)(max_s - min_s) * 1000;
	int64_t into_ms = (int64_t)((random * (span_ms + 1)) >> 32);
	mono_t drawn = mono_add_ns(first, into_ms * NS_PER_MS), at;

	group_starts_remove(g, number);
	if (!find_free(g, drawn, last, &at) && !find_free(g, first, last, &at))
		at = last;
	insert(g, number, at);
	return at;
}
