/* SPDX-License-Identifier: Apache-2.0 */
/* The clock for trials over a base clock that the test moves. */
#include "io/clock_lab.h"

#include "t.h"
#include <errno.h>

static int64_t now_ns;

static mono_t fake_mono(struct clock *c)
{
	(void)c;
	return (mono_t) { now_ns };
}

static boot_t fake_boot(struct clock *c)
{
	(void)c;
	return (boot_t) { now_ns };
}

static wall_t fake_wall(struct clock *c)
{
	(void)c;
	return (wall_t) { 1000 * NS_PER_S + now_ns };
}

static wall_t fake_pair(struct clock *c, mono_t *ret_mono)
{
	*ret_mono = fake_mono(c);
	return fake_wall(c);
}

static struct clock_grade fake_grade(struct clock *c)
{
	(void)c;
	return (struct clock_grade) { 0 };
}

static int64_t fake_stamp_offset_ns(struct clock *c)
{
	(void)c;
	return 0;
}

static struct clock fake = {
	.mono = fake_mono,
	.boot = fake_boot,
	.wall = fake_wall,
	.pair = fake_pair,
	.grade = fake_grade,
	.stamp_offset_ns = fake_stamp_offset_ns,
};

static struct clock_lab_spec parse(const char *text)
{
	struct clock_lab_spec spec;
	struct diag d = { 0 };

	if (clock_lab_parse(text, &spec, &d) < 0)
		fail_msg("%s: %s", text, d.text);
	return spec;
}

static void test_offset_and_grade(void **state)
{
	struct clock_lab_spec spec = parse("offset=+5ms,error=10us,synchronised=yes,step=+1s@1s,"
	                                   "source=chrony");
	struct clock_lab lab;
	struct clock *c = &lab.clock;
	mono_t mono;

	(void)state;
	now_ns = 7 * NS_PER_S;
	clock_lab_init(&lab, &spec, &fake);
	assert_i64_equal(c->mono(c).ns, now_ns);
	assert_i64_equal(c->boot(c).ns, now_ns);
	assert_i64_equal(c->wall(c).ns, 1007 * NS_PER_S + 5 * NS_PER_MS);
	assert_i64_equal(c->pair(c, &mono).ns, 1007 * NS_PER_S + 5 * NS_PER_MS);
	assert_i64_equal(mono.ns, now_ns);
	assert_i64_equal(c->stamp_offset_ns(c), 5 * NS_PER_MS);
	assert_int_equal(c->grade(c).source, CLOCK_SOURCE_CHRONY);
	assert_i64_equal(c->grade(c).err_ns, 10000);
}

static void test_steps_come_when_they_are_due(void **state)
{
	struct clock_lab_spec spec = parse("offset=+5ms,step=+50ms@10s,step=-2.5ms@20s");
	struct clock_lab lab;
	struct clock *c = &lab.clock;

	(void)state;
	now_ns = 7 * NS_PER_S;
	clock_lab_init(&lab, &spec, &fake);
	now_ns += 10 * NS_PER_S - 1;
	assert_i64_equal(c->stamp_offset_ns(c), 5 * NS_PER_MS);
	now_ns += 1;
	assert_i64_equal(c->stamp_offset_ns(c), 55 * NS_PER_MS);
	now_ns += 10 * NS_PER_S;
	assert_i64_equal(c->stamp_offset_ns(c), 52500 * NS_PER_US);
	clock_lab_step(&lab, -NS_PER_S);
	assert_i64_equal(c->wall(c).ns, fake_wall(c).ns + 52500 * NS_PER_US - NS_PER_S);
}

static void test_grade_can_be_set(void **state)
{
	struct clock_lab_spec spec = parse("offset=0s");
	struct clock_lab lab;
	const struct clock_grade ptp = { .source = CLOCK_SOURCE_PTP, .err_ns = 3 };

	(void)state;
	clock_lab_init(&lab, &spec, &fake);
	assert_int_equal(lab.clock.grade(&lab.clock).source, CLOCK_SOURCE_NONE);
	clock_lab_set_grade(&lab, &ptp);
	assert_int_equal(lab.clock.grade(&lab.clock).source, CLOCK_SOURCE_PTP);
}

static void test_defaults_and_order_of_keys(void **state)
{
	struct clock_lab_spec a = parse("synchronised=yes,source=ptp");
	struct clock_lab_spec b = parse("source=ptp,synchronised=yes");
	struct clock_lab_spec c = parse("error=1ms,synchronised=no,source=ptp");

	(void)state;
	assert_int_equal(a.grade.source, CLOCK_SOURCE_PTP);
	assert_int_equal(b.grade.source, CLOCK_SOURCE_PTP);
	assert_int_equal(c.grade.source, CLOCK_SOURCE_NONE);
	assert_int_equal(parse("synchronised=yes").grade.source, CLOCK_SOURCE_KERNEL);
	assert_i64_equal(parse("offset=-1.5s").offset_ns, -1500 * NS_PER_MS);
	assert_i64_equal(parse("offset=17ns").offset_ns, 17);
	assert_i64_equal(parse("offset=1000000s").offset_ns, 1000000 * NS_PER_S);
}

static void test_errors_say_where_and_what(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *what;
	} rows[] = {
		{ "", 1, "offset=, error=, synchronised=, source= or step=" },
		{ "offst=1ms", 1, "offset=" },
		{ "offset=", 8, "a duration such as" },
		{ "offset=ms", 8, "a duration such as" },
		{ "offset=+-1ms", 8, "a duration such as" },
		{ "offset=5", 9, "a unit" },
		{ "offset=5m", 9, "a unit" },
		{ "offset=1e3s", 8, "a decimal number" },
		{ "offset=0x3s", 8, "a decimal number" },
		{ "offset=1.2.3s", 8, "a decimal number" },
		{ "offset=1000001s", 8, "at most 1000000 s" },
		{ "offset=99999999999999999999999999s", 8, "at most 1000000 s" },
		{ "offset=5ms,", 12, "offset=" },
		{ "offset=5ms;error=1us", 11, "a comma or the end" },
		{ "offset=5msec", 11, "a comma or the end" },
		{ "error=-1us", 7, "0 or more" },
		{ "synchronised=maybe", 14, "yes or no" },
		{ "source=gps", 8, "kernel, chrony, ptp or operator" },
		{ "step=+50ms", 11, "@ and when" },
		{ "step=+50ms@-1s", 12, "after the start" },
		{ "step=1s@1s,step=1s@1s,step=1s@1s,step=1s@1s,step=1s@1s", 50, "4 steps" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct clock_lab_spec spec = { .offset_ns = 42 };
		struct diag d = { 0 };

		assert_int_equal(clock_lab_parse(rows[i].text, &spec, &d), -EINVAL);
		if (d.column != rows[i].column || !strstr(d.text, rows[i].what))
			fail_msg("\"%s\": %u: %s", rows[i].text, d.column, d.text);
		assert_i64_equal(spec.offset_ns, 42); /* untouched */
	}
	assert_int_equal(clock_lab_parse("x", &(struct clock_lab_spec) { 0 }, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offset_and_grade),
		cmocka_unit_test(test_steps_come_when_they_are_due),
		cmocka_unit_test(test_grade_can_be_set),
		cmocka_unit_test(test_defaults_and_order_of_keys),
		cmocka_unit_test(test_errors_say_where_and_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
