/* SPDX-License-Identifier: Apache-2.0 */
/* A diagnostic carries its code through, with or without somebody to read it. */
#include "t.h"

#include "base/diag.h"

#include <errno.h>

static void the_code_comes_back(void **state)
{
	struct diag d = { .line = 3, .column = 9 };

	(void)state;
	assert_int_equal(diag_set(&d, -EINVAL, "expected a number, not '%s'", "ten"), -EINVAL);
	assert_int_equal(d.code, -EINVAL);
	assert_string_equal(d.text, "expected a number, not 'ten'");
	assert_int_equal(d.line, 3); /* the place is its owner's */
	assert_int_equal(d.column, 9);
	assert_int_equal(diag_set(NULL, -ENOENT, "unread"), -ENOENT);
}

static void a_long_sentence_is_cut(void **state)
{
	struct diag d;

	(void)state;
	(void)diag_set(&d, -EINVAL, "%0*d", DIAG_TEXT_MAX + 100, 1);
	assert_int_equal(strlen(d.text), DIAG_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_code_comes_back),
		cmocka_unit_test(a_long_sentence_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
