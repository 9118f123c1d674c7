/* SPDX-License-Identifier: Apache-2.0 */
/* The system clock's readings and the rule of its grade. */
#include "io/clock.h"

#include "t.h"

static void test_readings_agree(void **state)
{
	struct clock *c = clock_system();
	mono_t before = c->mono(c), middle, after;
	wall_t early = c->wall(c), wall = c->pair(c, &middle);

	(void)state;
	after = c->mono(c);
	assert_true(before.ns <= middle.ns && middle.ns <= after.ns);
	assert_true(early.ns <= wall.ns);
	assert_true(c->boot(c).ns >= before.ns); /* suspended time only adds */
	assert_i64_equal(c->stamp_offset_ns(c), 0);
}

static void test_pairs_are_tight(void **state)
{
	struct clock *c = clock_system();
	int64_t best_ns = INT64_MAX, worst_ns = INT64_MIN;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		mono_t mono;
		wall_t wall = c->pair(c, &mono);
		int64_t offset_ns = wall.ns - mono.ns;

		best_ns = offset_ns < best_ns ? offset_ns : best_ns;
		worst_ns = offset_ns > worst_ns ? offset_ns : worst_ns;
	}
	/* A step is far more than this; three interrupted brackets in a row are far less likely. */
	assert_true(worst_ns - best_ns < NS_PER_MS);
}

static void test_grades(void **state)
{
	static const struct {
		const char *name;
		struct clock_policy policy;
		enum clock_source daemon;
		struct clock_kernel_state kernel;
		struct clock_grade want;
	} rows[] = {
		{ "nobody", { 0 }, CLOCK_SOURCE_NONE, { false, 16000000, 16000000 }, { 0 } },
		{ "chronyd runs but has no source",
		  { 0 },
		  CLOCK_SOURCE_CHRONY,
		  { false, 16000000, 16000000 },
		  { 0 } },
		{ "ntpd",
		  { 0 },
		  CLOCK_SOURCE_NONE,
		  { true, 2000000, 300000 },
		  { CLOCK_SOURCE_KERNEL, false, 2000000 } },
		{ "chronyd",
		  { 0 },
		  CLOCK_SOURCE_CHRONY,
		  { true, 250000, 12000 },
		  { CLOCK_SOURCE_CHRONY, false, 250000 } },
		{ "timesyncd states no error",
		  { 0 },
		  CLOCK_SOURCE_NONE,
		  { true, 5000, 0 },
		  { CLOCK_SOURCE_KERNEL, false, 10000000 } },
		{ "timesyncd long ago",
		  { 0 },
		  CLOCK_SOURCE_NONE,
		  { true, 90000000, 0 },
		  { CLOCK_SOURCE_KERNEL, false, 90000000 } },
		{ "phc2sys states no error",
		  { 0 },
		  CLOCK_SOURCE_PTP,
		  { true, 500, 0 },
		  { CLOCK_SOURCE_PTP, false, 100000 } },
		{ "chrony demanded, absent",
		  { .source = CLOCK_SOURCE_CHRONY },
		  CLOCK_SOURCE_NONE,
		  { true, 5000, 10 },
		  { 0 } },
		{ "ptp demanded, chrony there",
		  { .source = CLOCK_SOURCE_PTP },
		  CLOCK_SOURCE_CHRONY,
		  { true, 5000, 10 },
		  { 0 } },
		{ "kernel demanded, chrony there",
		  { .source = CLOCK_SOURCE_KERNEL },
		  CLOCK_SOURCE_CHRONY,
		  { true, 5000, 10 },
		  { CLOCK_SOURCE_KERNEL, false, 5000 } },
		{ "operator's word over an unsynchronised kernel",
		  { .trust_operator = true, .operator_err_ns = 77 },
		  CLOCK_SOURCE_NONE,
		  { false, 16000000, 0 },
		  { CLOCK_SOURCE_OPERATOR, false, 77 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct clock_grade got =
		        clock_grade_judge(&rows[i].policy, rows[i].daemon, &rows[i].kernel);

		if (got.source != rows[i].want.source || got.err_ns != rows[i].want.err_ns)
			fail_msg("%s: source %u, error %lld ns", rows[i].name, got.source,
			         (long long)got.err_ns);
	}
}

static void test_a_new_policy_counts_at_once(void **state)
{
	struct clock *c = clock_system();
	const struct clock_policy trust = { .trust_operator = true, .operator_err_ns = 1234 };
	const struct clock_policy none = { 0 };

	(void)state;
	(void)c->grade(c); /* fills the cache */
	clock_system_set_policy(&trust);
	assert_int_equal(c->grade(c).source, CLOCK_SOURCE_OPERATOR);
	assert_i64_equal(c->grade(c).err_ns, 1234);
	clock_system_set_policy(&none);
	assert_int_not_equal(c->grade(c).source, CLOCK_SOURCE_OPERATOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readings_agree),
		cmocka_unit_test(test_pairs_are_tight),
		cmocka_unit_test(test_grades),
		cmocka_unit_test(test_a_new_policy_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
