/* SPDX-License-Identifier: Apache-2.0 */
/* Arena memory is zeroed, aligned, apart from all other, and gone as a whole. */
#include "t.h"

#include "base/arena.h"

#include <stdalign.h>

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	struct arena a = { 0 };
	uint64_t random = t_seed(7);
	struct {
		uint8_t *at;
		size_t size;
	} got[2000];

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		got[i].size = t_random(&random) % 100;
		got[i].at = arena_alloc(&a, got[i].size);
		assert_int_equal((uintptr_t)got[i].at % alignof(max_align_t), 0);
		for (size_t n = 0; n < got[i].size; n++)
			assert_int_equal(got[i].at[n], 0);
		memset(got[i].at, (int)(i % 255 + 1), got[i].size);
	}
	for (size_t i = 0; i < 2000; i++)
		for (size_t n = 0; n < got[i].size; n++)
			assert_int_equal(got[i].at[n], i % 255 + 1);
	arena_free(&a);
}

static void a_request_larger_than_a_block_is_served(void **state)
{
	struct arena a = { 0 };
	uint8_t *large = arena_alloc(&a, 1000000);

	(void)state;
	memset(large, 1, 1000000);
	assert_int_equal(*(uint8_t *)arena_alloc(&a, 1), 0);
	assert_true(a.used_bytes >= 1000001);
	arena_free(&a);
}

static void texts_are_copies(void **state)
{
	struct arena a = { 0 };
	char text[] = "head-office";
	char *copy = arena_strdup(&a, text);
	char *cut = arena_strndup(&a, text, 4);

	(void)state;
	text[0] = 'd';
	assert_string_equal(copy, "head-office");
	assert_string_equal(cut, "head");
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_printf(&a, "op %u %s", 10u, "udp-jitter"), "op 10 udp-jitter");
	arena_free(&a);
}

static void a_freed_arena_is_empty_and_usable(void **state)
{
	struct arena a = { 0 };

	(void)state;
	arena_free(&a); /* nothing in it yet */
	(void)arena_alloc(&a, 10);
	arena_free(&a);
	assert_int_equal(a.used_bytes, 0);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(a_request_larger_than_a_block_is_served),
		cmocka_unit_test(texts_are_copies),
		cmocka_unit_test(a_freed_arena_is_empty_and_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
