/* SPDX-License-Identifier: Apache-2.0 */
/* Wall clock to wire formats and back, over eras, midnights and every nanosecond of interest. */
#include "t.h"

#include "base/clocktypes.h"

#define ERA_1_STARTS_S INT64_C(2085978496) /* 2036-02-07 06:28:16 UTC: NTP seconds wrap to 0 */

static void ntp_of_known_instants(void **state)
{
	(void)state;
	/* 1970-01-01: 2208988800 s after 1900-01-01, RFC 868. */
	assert_true(wall_to_ntp64((wall_t) { 0 }) == UINT64_C(2208988800) << 32);
	assert_true(wall_to_ntp64((wall_t) { NS_PER_S / 2 }) ==
	            ((UINT64_C(2208988800) << 32) | 0x80000000u));
	/* Half a second before 1970 is a fraction after the second before, not a negative one. */
	assert_true(wall_to_ntp64((wall_t) { -NS_PER_S / 2 }) ==
	            ((UINT64_C(2208988799) << 32) | 0x80000000u));
	assert_true(wall_to_ntp64((wall_t) { ERA_1_STARTS_S * NS_PER_S }) == 0);
}

static void every_nanosecond_survives_the_ntp_form(void **state)
{
	uint64_t random = t_seed(20361);

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		int64_t s = (int64_t)(t_random(&random) % 4294967296u);
		int64_t sub = i < 2 ? (i ? 999999999 : 0)
		                    : (int64_t)(t_random(&random) % (uint64_t)NS_PER_S);
		wall_t t = { s * NS_PER_S + sub };

		assert_i64_equal(wall_from_ntp64(wall_to_ntp64(t), t).ns, t.ns);
	}
}

static void eras_are_resolved_by_proximity(void **state)
{
	wall_t before = { (ERA_1_STARTS_S - 1) * NS_PER_S };
	wall_t after = { (ERA_1_STARTS_S + 1) * NS_PER_S };

	(void)state;
	assert_i64_equal(wall_from_ntp64(wall_to_ntp64(after), before).ns, after.ns);
	assert_i64_equal(wall_from_ntp64(wall_to_ntp64(before), after).ns, before.ns);
}

static void milliseconds_of_the_day(void **state)
{
	(void)state;
	assert_int_equal(wall_to_ms_of_day((wall_t) { 0 }), 0);
	assert_int_equal(wall_to_ms_of_day((wall_t) { 999999 }), 0);
	assert_int_equal(wall_to_ms_of_day((wall_t) { NS_PER_MS }), 1);
	assert_int_equal(wall_to_ms_of_day((wall_t) { 86400 * NS_PER_S - 1 }), 86399999);
	assert_int_equal(wall_to_ms_of_day((wall_t) { 86400 * NS_PER_S }), 0);
	assert_int_equal(wall_to_ms_of_day((wall_t) { -1 }), 86399999);
}

static void differences_fold_at_midnight(void **state)
{
	(void)state;
	assert_int_equal(ms_of_day_diff(5, 3), 2);
	assert_int_equal(ms_of_day_diff(3, 5), -2);
	assert_int_equal(ms_of_day_diff(1, 86399999), 2);
	assert_int_equal(ms_of_day_diff(86399999, 1), -2);
	assert_int_equal(ms_of_day_diff(43199999, 0), 43199999);
	/* Not a time of day: whatever comes off the wire stays within half a day. */
	assert_true(ms_of_day_diff(UINT32_MAX, 0) <= 43200000);
	assert_true(ms_of_day_diff(0, UINT32_MAX) >= -43200000);
}

static void the_weaker_source_is_the_smaller(void **state)
{
	(void)state;
	assert_true(STAMP_NONE < STAMP_USER && STAMP_USER < STAMP_KERNEL &&
	            STAMP_KERNEL < STAMP_HARDWARE);
	assert_string_equal(stamp_source_name(STAMP_KERNEL), "kernel");
	assert_string_equal(stamp_source_name(STAMP_NONE), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ntp_of_known_instants),
		cmocka_unit_test(every_nanosecond_survives_the_ntp_form),
		cmocka_unit_test(eras_are_resolved_by_proximity),
		cmocka_unit_test(milliseconds_of_the_day),
		cmocka_unit_test(differences_fold_at_midnight),
		cmocka_unit_test(the_weaker_source_is_the_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
