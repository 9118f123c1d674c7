/* SPDX-License-Identifier: Apache-2.0 */
/* Rollover: which key is accepted, which one signs, at every border of a lifetime. */
#include "sla/keychain.h"

#include "t.h"

#define AT(s) ((wall_t) { (s)*NS_PER_S })

static const struct keychain chain = {
	.count = 4,
	.keys = {
		{ .id = 3, .accept = { true, { 100 * NS_PER_S }, { 300 * NS_PER_S } },
		  .send = { true, { 150 * NS_PER_S }, { 250 * NS_PER_S } } },
		{ .id = 9, .accept = { true, { 200 * NS_PER_S }, { 900 * NS_PER_S } },
		  .send = { true, { 240 * NS_PER_S }, { 800 * NS_PER_S } } },
		{ .id = 5 },
		{ .id = 2 },
	},
};

static uint16_t sender(int64_t s)
{
	const struct key *k = keychain_send(&chain, AT(s));

	return k ? k->id : 0;
}

static void the_newest_valid_key_signs(void **state)
{
	(void)state;
	assert_int_equal(sender(149), 2); /* unlimited ones: lowest id */
	assert_int_equal(sender(150), 3);
	assert_int_equal(sender(239), 3);
	assert_int_equal(sender(240), 9); /* began last */
	assert_int_equal(sender(799), 9);
	assert_int_equal(sender(800), 2);
	assert_null(keychain_send(&(struct keychain) { .count = 0 }, AT(1)));
}

static void acceptance_overlaps(void **state)
{
	(void)state;
	assert_null(keychain_accept(&chain, 3, AT(99)));
	assert_non_null(keychain_accept(&chain, 3, AT(100)));
	assert_non_null(keychain_accept(&chain, 3, AT(299)));
	assert_null(keychain_accept(&chain, 3, AT(300)));
	assert_non_null(keychain_accept(&chain, 9, AT(299)));
	assert_non_null(keychain_accept(&chain, 5, AT(0)));
	assert_null(keychain_accept(&chain, 7, AT(200)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_valid_key_signs),
		cmocka_unit_test(acceptance_overlaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
