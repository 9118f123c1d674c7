/* SPDX-License-Identifier: Apache-2.0 */
/* Digits of both cases, and everything that is none. */
#include "base/hex.h"
#include "t.h"

#include <errno.h>
#include <stdbool.h>

static void test_octets(void **state)
{
	static const uint8_t expected[] = { 0x00, 0x9f, 0xaf, 0xFA };
	uint8_t to[4];

	(void)state;
	assert_int_equal(hex_parse("009faFFa", 8, to, sizeof(to)), 4);
	assert_memory_equal(to, expected, sizeof(to));
	assert_int_equal(hex_parse("01zz", 2, to, sizeof(to)), 1);
	assert_int_equal(hex_parse("", 0, to, 0), 0);
}

static void test_others(void **state)
{
	uint8_t to[2];

	(void)state;
	assert_int_equal(hex_parse("010203", 6, to, sizeof(to)), -EINVAL); /* too long */
	assert_int_equal(hex_parse("012", 3, to, sizeof(to)), -EINVAL);
	for (unsigned c = 0; c < 256; c++) {
		char text[2] = { '0', (char)c };
		bool is_digit =
		        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		assert_int_equal(hex_parse(text, 2, to, sizeof(to)), is_digit ? 1 : -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_octets),
		                            cmocka_unit_test(test_others) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
