/* SPDX-License-Identifier: Apache-2.0 */
/* Sums against figures that routers printed (ms there, any unit here). */
#include "sla/result.h"

#include "t.h"

static struct sum_stats sums_of(const int64_t *values, size_t n)
{
	struct sum_stats s = { 0 };

	for (size_t i = 0; i < n; i++)
		sum_stats_add(&s, values[i]);
	return s;
}

static void sums_of_a_router(void **state)
{
	static const int64_t values[] = { 15, 15, 15, 15, 15, 15, 15, 15, 15, 16 };
	struct sum_stats s = sums_of(values, 10);

	(void)state;
	assert_int_equal(s.n, 10);
	assert_i64_equal(s.sum_ns, 151);
	assert_true(s.sum2_ns2 == 2281);
	assert_i64_equal(s.min_ns, 15);
	assert_i64_equal(s.max_ns, 16);
	assert_i64_equal(sum_stats_avg_ns(&s), 15);
}

static void averages_are_floors(void **state)
{
	struct sum_stats s = { .n = 10, .sum_ns = 1797 };

	(void)state;
	assert_i64_equal(sum_stats_avg_ns(&s), 179);
	s.sum_ns = 21;
	assert_i64_equal(sum_stats_avg_ns(&s), 2);
	s.sum_ns = -21;
	assert_i64_equal(sum_stats_avg_ns(&s), -3);
	assert_i64_equal(sum_stats_avg_ns(&(struct sum_stats) { 0 }), 0);
}

static void merging_equals_adding(void **state)
{
	static const int64_t all[] = { 7, -3, 0, 12, 12, -8 };
	struct sum_stats whole = sums_of(all, 6);
	struct sum_stats a = sums_of(all, 2), b = sums_of(all + 2, 4), none = { 0 };

	(void)state;
	sum_stats_merge(&a, &b);
	sum_stats_merge(&a, &none);
	assert_memory_equal(&a, &whole, sizeof(a));
	sum_stats_merge(&none, &whole);
	assert_memory_equal(&none, &whole, sizeof(none));
	assert_i64_equal(whole.min_ns, -8);
	assert_i64_equal(whole.max_ns, 12);
}

static void squares_of_weeks_fit(void **state)
{
	int64_t week_ns = 7 * 86400 * NS_PER_S;
	struct sum_stats s = { 0 };

	(void)state;
	sum_stats_add(&s, week_ns);
	assert_true(s.sum2_ns2 / (uint64_t)week_ns == (uint64_t)week_ns);
}

static void names_are_distinct(void **state)
{
	(void)state;
	assert_string_equal(oneway_reason_name(ONEWAY_BELOW_GRADE), "below_grade");
	assert_string_equal(clock_source_name(CLOCK_SOURCE_OPERATOR), "operator");
	assert_string_equal(turnaround_name(TURNAROUND_MS), "subtracted_ms");
}

static void sums_stop_at_their_limit(void **state)
{
	struct sum_stats a = { 0 }, b = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		sum_stats_add(&a, INT64_MAX / 3);
		sum_stats_add(&b, INT64_MIN);
	}
	assert_i64_equal(a.sum_ns, SUM_STATS_LIMIT_NS);
	assert_i64_equal(b.sum_ns, -SUM_STATS_LIMIT_NS);
	assert_true(b.min_ns == INT64_MIN);
	sum_stats_merge(&a, &b);
	assert_i64_equal(a.sum_ns, 0);
}

/* What is kept packed comes back octet for octet: zeroes alone, in long rows, and none at all. */
static void packed_and_back(void **state)
{
	static struct sla_result r, back;
	static uint8_t packed[SLA_RESULT_PACKED_MAX];
	const struct op_id id = { 7, 8 };
	uint64_t seed = t_seed(4711);

	(void)state;
	r.id = id;
	for (unsigned round = 0; round < 300; round++) {
		uint8_t *octets = (uint8_t *)&r;

		for (size_t i = offsetof(struct sla_result, type); i < sizeof(r); i++) {
			uint64_t x = t_random(&seed);

			octets[i] = x % 300 < round ? (uint8_t)(x >> 32) : 0;
		}
		r.type = (uint8_t)(round % SLA_TYPE_COUNT);
		size_t len = sla_result_pack(&r, packed);

		assert_in_range(len, 2, SLA_RESULT_PACKED_MAX);
		sla_result_unpack(packed, len, id, &back);
		assert_memory_equal(&r, &back, sla_result_size(&r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_and_back),          cmocka_unit_test(sums_of_a_router),
		cmocka_unit_test(averages_are_floors),      cmocka_unit_test(merging_equals_adding),
		cmocka_unit_test(squares_of_weeks_fit),     cmocka_unit_test(names_are_distinct),
		cmocka_unit_test(sums_stop_at_their_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
