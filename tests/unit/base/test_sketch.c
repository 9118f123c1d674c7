/* SPDX-License-Identifier: Apache-2.0 */
/* The sketch's promise: any quantile within 1/128 of the true one, however many were merged. */
#include "t.h"

#include "base/sketch.h"

#include <errno.h>

#define VALUES 20000u

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Delays of every size: uniform in the exponent, 1 ns to about 18 minutes. */
static int64_t some_delay_ns(uint64_t *random)
{
	uint64_t bits = t_random(random) % 41;

	return (int64_t)((t_random(random) | (UINT64_C(1) << 63)) >> (63 - bits));
}

static void assert_quantiles(const struct sketch *s, const int64_t *sorted, size_t n)
{
	for (uint32_t ppm = 0; ppm <= 1000000; ppm += 1000) {
		uint64_t rank = ((uint64_t)n * ppm + 999999) / 1000000;
		int64_t want = sorted[rank ? rank - 1 : 0], got;

		assert_int_equal(sketch_quantile(s, ppm, &got), 0);
		assert_i64_near(got, want, want / 128);
	}
}

static void quantiles_are_within_the_promise(void **state)
{
	int64_t *values = calloc(VALUES, sizeof(*values));
	uint64_t random = t_seed(128);
	struct sketch s;

	(void)state;
	assert_non_null(values);
	sketch_init(&s, 0);
	for (unsigned i = 0; i < VALUES; i++) {
		values[i] = some_delay_ns(&random);
		assert_int_equal(sketch_add(&s, values[i]), 0);
	}
	qsort(values, VALUES, sizeof(*values), compare);
	assert_quantiles(&s, values, VALUES);
	assert_i64_equal(s.min_ns, values[0]);
	assert_i64_equal(s.max_ns, values[VALUES - 1]);
	assert_true(s.count == VALUES);
	sketch_fini(&s);
	free(values);
}

static void few_values_are_exact(void **state)
{
	static const int64_t values[] = { 1000003, 7, 900000001, 500, 0 };
	static const int64_t sorted[] = { 0, 7, 500, 1000003, 900000001 };
	struct sketch s;

	(void)state;
	sketch_init(&s, 0);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(sketch_add(&s, values[i]), 0);
	assert_null(s.pairs);
	for (unsigned i = 0; i < 5; i++) {
		int64_t got;

		assert_int_equal(sketch_quantile(&s, (i + 1) * 200000, &got), 0);
		assert_i64_equal(got, sorted[i]);
	}
	sketch_fini(&s);
}

/* Merging in any grouping gives what adding everything to one would have given. */
static void merging_is_adding(void **state)
{
	uint64_t random = t_seed(31);
	struct sketch whole, merged, part;
	struct sketch_pair a[SKETCH_BUCKETS], b[SKETCH_BUCKETS];

	(void)state;
	sketch_init(&whole, 0);
	sketch_init(&merged, 0);
	for (unsigned group = 0; group < 100; group++) {
		sketch_init(&part, 0);
		for (uint64_t n = t_random(&random) % 80; n; n--) {
			int64_t value = some_delay_ns(&random);

			assert_int_equal(sketch_add(&whole, value), 0);
			assert_int_equal(sketch_add(&part, value), 0);
		}
		assert_int_equal(sketch_merge(&merged, &part), 0);
		sketch_fini(&part);
	}
	int len = sketch_encode(&whole, a, SKETCH_BUCKETS);

	assert_true(len > 0);
	assert_int_equal(sketch_encode(&merged, b, SKETCH_BUCKETS), len);
	for (int i = 0; i < len; i++)
		assert_true(a[i].bucket == b[i].bucket && a[i].count == b[i].count);
	assert_true(whole.count == merged.count && whole.min_ns == merged.min_ns &&
	            whole.max_ns == merged.max_ns);
	sketch_fini(&whole);
	sketch_fini(&merged);
}

static void every_value_lies_in_its_bucket(void **state)
{
	uint64_t random = t_seed(5);

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		int64_t value = i < 1000 ? (int64_t)i : (int64_t)(t_random(&random) >> 1);
		uint16_t bucket = sketch_bucket_of(value);

		assert_true(bucket < SKETCH_BUCKETS);
		assert_true(sketch_bucket_floor(bucket) <= value);
		if (bucket + 1u < SKETCH_BUCKETS)
			assert_true(sketch_bucket_floor((uint16_t)(bucket + 1)) > value);
	}
	assert_int_equal(sketch_bucket_of(INT64_MAX), SKETCH_BUCKETS - 1);
}

static void limits_are_kept_and_change_nothing(void **state)
{
	struct sketch s;
	int64_t got = 42;

	(void)state;
	sketch_init(&s, 40);
	assert_int_equal(sketch_quantile(&s, 500000, &got), -ENODATA);
	assert_int_equal(sketch_add(&s, -1), -ERANGE);
	for (int64_t i = 0; i < 40; i++)
		assert_int_equal(sketch_add(&s, i), 0);
	assert_int_equal(sketch_add(&s, 1000), -ENOSPC);
	assert_int_equal(sketch_add(&s, 39), 0); /* a bucket that is there */
	assert_true(s.count == 41);
	assert_i64_equal(s.max_ns, 39);
	assert_int_equal(sketch_quantile(&s, 1000001, &got), -EINVAL);
	assert_i64_equal(got, 42);
	sketch_clear(&s);
	assert_int_equal(sketch_quantile(&s, 0, &got), -ENODATA);
	sketch_fini(&s);
}

static void a_decoded_sketch_is_the_same(void **state)
{
	uint64_t random = t_seed(77);
	struct sketch_pair pairs[SKETCH_BUCKETS];
	struct sketch s, again;

	(void)state;
	sketch_init(&s, 0);
	sketch_init(&again, 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(sketch_add(&s, some_delay_ns(&random)), 0);
	int len = sketch_encode(&s, pairs, SKETCH_BUCKETS);

	assert_true(len > 0);
	assert_int_equal(sketch_decode(&again, pairs, (size_t)len, s.min_ns, s.max_ns), 0);
	for (uint32_t ppm = 0; ppm <= 1000000; ppm += 10000) {
		int64_t a, b;

		assert_int_equal(sketch_quantile(&s, ppm, &a), 0);
		assert_int_equal(sketch_quantile(&again, ppm, &b), 0);
		assert_i64_equal(a, b);
	}
	/* Out of order, empty, out of range, extremes elsewhere: refused, and nothing changed. */
	struct sketch_pair swapped[2] = { { 9, 1 }, { 3, 1 } };
	struct sketch_pair empty = { 9, 0 }, beyond = { SKETCH_BUCKETS, 1 }, good = { 9, 1 };

	assert_int_equal(sketch_decode(&again, swapped, 2, 3, 9), -EBADMSG);
	assert_int_equal(sketch_decode(&again, &empty, 1, 9, 9), -EBADMSG);
	assert_int_equal(sketch_decode(&again, &beyond, 1, 9, 9), -EBADMSG);
	assert_int_equal(sketch_decode(&again, &good, 1, 8, 9), -EBADMSG);
	assert_true(again.count == s.count);
	sketch_fini(&s);
	sketch_fini(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_within_the_promise),
		cmocka_unit_test(few_values_are_exact),
		cmocka_unit_test(merging_is_adding),
		cmocka_unit_test(every_value_lies_in_its_bucket),
		cmocka_unit_test(limits_are_kept_and_change_nothing),
		cmocka_unit_test(a_decoded_sketch_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
