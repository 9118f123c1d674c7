/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 against the vectors of its authors (key 00..0f, input 00, 01, 02 ...). */
#include "base/siphash.h"
#include "base/token_bucket.h"
#include "t.h"

static void test_vectors(void **state)
{
	static const struct {
		size_t len;
		uint64_t want;
	} rows[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) },
		{ 1, UINT64_C(0x74f839c593dc67fd) },
		{ 8, UINT64_C(0x93f5f5799a932462) },
		{ 15, UINT64_C(0xa129ca6149be45e5) },
	};
	const struct siphash_key key = { UINT64_C(0x0706050403020100),
		                         UINT64_C(0x0f0e0d0c0b0a0908) };
	uint8_t in[64];

	(void)state;
	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(siphash(&key, in, rows[i].len) == rows[i].want);
}

static void test_bucket_holds_its_burst(void **state)
{
	struct token_bucket b = { 0 };
	boot_t now = { 5 * NS_PER_S };

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(token_bucket_take(&b, now, 100, 10));
	assert_false(token_bucket_take(&b, now, 100, 10));
	now = boot_add_ns(now, 10 * NS_PER_MS - 1);
	assert_false(token_bucket_take(&b, now, 100, 10));
	now = boot_add_ns(now, 1);
	assert_true(token_bucket_take(&b, now, 100, 10));
	assert_false(token_bucket_take(&b, now, 100, 10));
}

static void test_bucket_keeps_the_rate(void **state)
{
	struct token_bucket b = { 0 };
	unsigned taken = 0;

	(void)state;
	for (int64_t us = 0; us < 10000000; us += 100)
		taken += token_bucket_take(&b, (boot_t) { us * NS_PER_US }, 1000, 250);
	assert_in_range(taken, 10000, 10250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_bucket_holds_its_burst),
		cmocka_unit_test(test_bucket_keeps_the_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
