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

/* What commands a terminal goes, what is for people stays. */
static void test_plain(void **state)
{
	char text[] = "a\033[2J\n\xc2\x9b"
	              "1m \xc3\xa9\xff\x7f\t.";
	char kept[] = "one\ntwo\r\n";
	char cut[8], one[1] = { 'x' };

	(void)state;
	assert_false(utf8_is_plain(text, strlen(text)));
	assert_true(utf8_is_plain("caf\xc3\xa9", 5));
	assert_false(utf8_is_plain("\xc2\x85", 2));
	assert_true(utf8_is_plain("\xc2\xa0", 2));
	utf8_make_plain(text, "");
	assert_string_equal(text, "a?[2J???1m \xc3\xa9???.");
	assert_true(utf8_is_plain(text, strlen(text)));
	utf8_make_plain(kept, "\n");
	assert_string_equal(kept, "one\ntwo?\n");
	utf8_copy_plain(cut, sizeof(cut), "12345\033\xc3\xa9");
	assert_string_equal(cut, "12345?"); /* the last character does not fit */
	utf8_copy_plain(cut, sizeof(cut), "12345\xc3\xa9");
	assert_string_equal(cut, "12345\xc3\xa9");
	utf8_copy_plain(one, sizeof(one), "abc");
	assert_string_equal(one, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases),
		                            cmocka_unit_test(test_plain) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
