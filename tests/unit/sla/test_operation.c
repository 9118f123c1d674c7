/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing operations. */
#include "sla/operation.h"

#include "t.h"

static void every_kind_of_member_counts(void **state)
{
	struct op_params a, b;
	struct op_schedule s, t;

	(void)state;
	memset(&a, 0, sizeof(a));
	memset(&s, 0, sizeof(s));
	b = a;
	t = s;
	assert_true(op_params_equal(&a, &b) && op_schedule_equal(&s, &t));
	t.recurring = true;
	assert_false(op_schedule_equal(&s, &t));
	t = s;
	t.start_month = 1;
	assert_false(op_schedule_equal(&s, &t));
	b.target_port = 1;
	assert_true(op_settings_equal(&a, &b));
	assert_false(op_params_equal(&a, &b));
	b = a;
	b.data_pattern = 1;
	assert_false(op_settings_equal(&a, &b));
}

static void secrets_count_as_far_as_they_go(void **state)
{
	struct op_params a = { .auth_secret_len = 3, .auth_secret = "abcX" };
	struct op_params b = { .auth_secret_len = 3, .auth_secret = "abcY" };

	(void)state;
	assert_true(op_params_equal(&a, &b));
	b.auth_secret[2] = 'd';
	assert_false(op_params_equal(&a, &b));
	assert_true(op_settings_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_member_counts),
		cmocka_unit_test(secrets_count_as_far_as_they_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
