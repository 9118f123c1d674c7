/* SPDX-License-Identifier: Apache-2.0 */
/* The test library, wrapped so that it can be swapped: cmocka and typed asserts. */
#ifndef CANDOR_TESTS_T_H
#define CANDOR_TESTS_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Signed comparison that prints the values in decimal. */
#define assert_i64_equal(got, want)                                                     \
	do {                                                                            \
		int64_t got_ = (got), want_ = (want);                                   \
		if (got_ != want_) {                                                    \
			print_error("%s: got %lld, want %lld\n", #got, (long long)got_, \
			            (long long)want_);                                  \
			_fail(__FILE__, __LINE__);                                      \
		}                                                                       \
	} while (0)

/* |got - want| <= slack */
#define assert_i64_near(got, want, slack)                                                       \
	do {                                                                                    \
		int64_t got_ = (got), want_ = (want), slack_ = (slack);                         \
		if (got_ - want_ > slack_ || want_ - got_ > slack_) {                           \
			print_error("%s: got %lld, want %lld +- %lld\n", #got, (long long)got_, \
			            (long long)want_, (long long)slack_);                       \
			_fail(__FILE__, __LINE__);                                              \
		}                                                                               \
	} while (0)

/* Octets of a hexadecimal text (spaces allowed) into ``to``; returns how many.  Fails the test when
 * the text is not hexadecimal or does not fit. */
static inline size_t t_hex(const char *text, uint8_t *to, size_t cap)
{
	size_t n = 0;
	int high = -1;

	for (; *text; text++) {
		const char *digits = "0123456789abcdef";
		const char *at;

		if (*text == ' ' || *text == '\n' || *text == '\t')
			continue;
		at = strchr(digits, *text);
		assert_non_null(at);
		if (high < 0) {
			high = (int)(at - digits);
			continue;
		}
		assert_true(n < cap);
		to[n++] = (uint8_t)(high * 16 + (int)(at - digits));
		high = -1;
	}
	assert_int_equal(high, -1);
	return n;
}

/* The seed of a randomised test: CANDOR_TEST_SEED, or the fixed default; printed either way. */
static inline uint64_t t_seed(uint64_t fallback)
{
	const char *text = getenv("CANDOR_TEST_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : fallback;

	print_message("seed %llu (set CANDOR_TEST_SEED to change)\n", (unsigned long long)seed);
	return seed ? seed : 1;
}

/* xorshift64*: repeatable random numbers for tests. */
static inline uint64_t t_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

#endif
