/* SPDX-License-Identifier: Apache-2.0 */
/* Well-formed and ill-formed UTF-8, and every shortening of it. */
#include "base/utf8.h"
#include "t.h"

static const struct {
	const char *octets;
	size_t len; /* 0: ill-formed */
} cases[] = {
	{ "", 1 }, /* the octet 0 is a character too */
	{ "a", 1 },
	{ "\x7f", 1 },
	{ "\x80", 0 },
	{ "\xc1\xbf", 0 }, /* longer than need be */
	{ "\xc2\x80", 2 },
	{ "\xdf\xbf", 2 },
	{ "\xc2\x41", 0 },
	{ "\xe0\x9f\xbf", 0 },
	{ "\xe0\xa0\x80", 3 },
	{ "\xed\x9f\xbf", 3 },
	{ "\xed\xa0\x80", 0 }, /* a surrogate */
	{ "\xef\xbf\xbf", 3 },
	{ "\xe1\x80\x41", 0 },
	{ "\xf0\x8f\xbf\xbf", 0 },
	{ "\xf0\x90\x80\x80", 4 },
	{ "\xf4\x8f\xbf\xbf", 4 },
	{ "\xf4\x90\x80\x80", 0 }, /* beyond U+10FFFF */
	{ "\xf5\x80\x80\x80", 0 },
	{ "\xff", 0 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t given = strlen(cases[i].octets) ? strlen(cases[i].octets) : 1;

		assert_int_equal(utf8_length(cases[i].octets, given), cases[i].len);
		for (size_t left = 0; left < cases[i].len; left++)
			assert_int_equal(utf8_length(cases[i].octets, left), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
