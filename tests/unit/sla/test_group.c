/* SPDX-License-Identifier: Apache-2.0 */
/* Starts of groups: even spread as IOS documents it, starts together, and the random scheduler. */
#include "sla/group.h"
#include "t.h"

#include <stdlib.h>

#define MEMBERS 500u
#define RUNS    60u
#define S(n)    ((int64_t)(n)*NS_PER_S)
#define GAP     ((int64_t)GROUP_RANDOM_GAP_MS * NS_PER_MS)

static uint32_t numbers[20000], offsets[20000];

static void make(const struct group_plan *plan, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		numbers[i] = i + 1;
	group_offsets(plan, numbers, n, offsets);
}

/* The example of Cisco's guide: ten operations in twenty seconds. */
static void even_spread(void **state)
{
	const struct group_plan plan = { .number = 1, .period_s = 20, .frequency_s = 20 };

	(void)state;
	make(&plan, 10);
	for (uint32_t k = 0; k < 10; k++)
		assert_int_equal(offsets[k], 2000 * k);
	make(&plan, 3);
	assert_int_equal(offsets[1], 6000);
	assert_int_equal(offsets[2], 13000);
	make(&plan, 0);
}

static void newcomers_keep_the_old_spacing(void **state)
{
	const struct group_plan plan = {
		.number = 1, .period_s = 20, .slots = 10, .frequency_s = 20
	};

	(void)state;
	make(&plan, 12);
	assert_int_equal(offsets[9], 18000);
	assert_int_equal(offsets[11], 22000);
}

static void more_members_than_seconds(void **state)
{
	const struct group_plan plan = { .number = 1, .period_s = 20, .frequency_s = 20 };

	(void)state;
	make(&plan, 50); /* three a second */
	assert_int_equal(offsets[0], 0);
	assert_int_equal(offsets[1], 333);
	assert_int_equal(offsets[2], 666);
	assert_int_equal(offsets[3], 1000);
	assert_int_equal(offsets[49], 16333);
}

static void together_is_not_in_one_millisecond(void **state)
{
	const struct group_plan plan = { .number = 1, .together = true, .frequency_s = 60 };

	(void)state;
	make(&plan, 10000);
	for (uint32_t k = 0; k < 10000; k++)
		assert_int_equal(offsets[k], 3 * k);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void random_starts_are_apart_and_repeatable(void **state)
{
	const struct group_plan plan = {
		.number = 7, .is_random = true, .period_s = 60, .frequency_s = 70
	};
	uint32_t again[MEMBERS];

	(void)state;
	assert_int_equal(group_random_room(60), 600);
	make(&plan, MEMBERS);
	memcpy(again, offsets, sizeof(again));
	make(&plan, MEMBERS);
	assert_memory_equal(again, offsets, sizeof(again));
	assert_true(offsets[0] > offsets[1] || offsets[1] > offsets[2] || offsets[2] > offsets[3]);
	qsort(again, MEMBERS, sizeof(again[0]), by_value);
	assert_int_equal(again[0], 0);
	for (uint32_t k = 1; k < MEMBERS; k++)
		assert_true(again[k] >= again[k - 1] + GROUP_RANDOM_GAP_MS);
	assert_true(again[MEMBERS - 1] < 60000);
	make(&plan, 600); /* no room to spare: an exact comb in random order */
	qsort(offsets, 600, sizeof(offsets[0]), by_value);
	for (uint32_t k = 0; k < 600; k++)
		assert_int_equal(offsets[k], 100 * k);
}

static uint64_t seed;

static uint32_t draw(void)
{
	return (uint32_t)(t_random(&seed) >> 32);
}

static int by_instant(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Virtual time: whoever is due runs and draws its next start; no two of all starts are nearer than the gap,
 * every gap of a member lies in its range, and gaps spread over all of it. */
static void random_gaps_in_virtual_time(void **state)
{
	static int64_t all[MEMBERS * RUNS];
	struct group_starts g = { 0 };
	uint32_t in_quarter[4] = { 0 };
	size_t count = 0;

	(void)state;
	seed = t_seed(0x960);
	for (uint32_t i = 1; i <= MEMBERS; i++)
		(void)group_starts_next(&g, i, (mono_t) { S(1) }, 0, 60, draw());
	while (count < ARRAY_LEN(all)) {
		const struct group_start due = g.starts[0];
		mono_t next = group_starts_next(&g, due.number, due.at, 70, 110, draw());
		int64_t gap = mono_diff_ns(next, due.at);

		all[count++] = due.at.ns;
		assert_in_range(gap, S(70), S(110));
		in_quarter[gap == S(110) ? 3 : (gap - S(70)) / S(10)]++;
		assert_int_equal(g.count, MEMBERS);
	}
	qsort(all, count, sizeof(all[0]), by_instant);
	for (size_t i = 1; i < count; i++)
		assert_true(all[i] - all[i - 1] >= GAP);
	for (size_t i = 0; i < 4; i++)
		assert_in_range(in_quarter[i], count / 5, count * 3 / 10);
	group_starts_remove(&g, 1);
	assert_int_equal(g.count, MEMBERS - 1);
	group_starts_fini(&g);
}

/* A range that others fill leaves its end. */
static void no_room_at_all(void **state)
{
	struct group_starts g = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= 11; i++)
		assert_true(group_starts_next(&g, i, (mono_t) { 0 }, 0, 1, 0).ns == (i - 1) * GAP);
	assert_true(group_starts_next(&g, 12, (mono_t) { 0 }, 0, 1, 0).ns == S(1));
	/* One in the middle goes, and is found from everywhere. */
	group_starts_remove(&g, 6);
	assert_true(group_starts_next(&g, 13, (mono_t) { 0 }, 0, 1, UINT32_MAX).ns == 5 * GAP);
	group_starts_fini(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(even_spread),
		cmocka_unit_test(newcomers_keep_the_old_spacing),
		cmocka_unit_test(more_members_than_seconds),
		cmocka_unit_test(together_is_not_in_one_millisecond),
		cmocka_unit_test(random_starts_are_apart_and_repeatable),
		cmocka_unit_test(random_gaps_in_virtual_time),
		cmocka_unit_test(no_room_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
