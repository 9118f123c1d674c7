/* SPDX-License-Identifier: Apache-2.0 */
/* One thread on both sides of a ring: limits, wrapping, and a side that lies. */
#include "t.h"

#include "base/ring.h"

#include <errno.h>
#include <stdalign.h>

#define CAPACITY 256u

struct pair {
	alignas(64) uint8_t memory[1024];
	struct ring producer, consumer;
};

static int setup(void **state)
{
	struct pair *p = aligned_alloc(64, sizeof(*p));

	assert_non_null(p);
	memset(p, 0, sizeof(*p));
	assert_int_equal(ring_init(&p->producer, p->memory, CAPACITY), 0);
	assert_int_equal(ring_attach(&p->consumer, p->memory, ring_size_for(CAPACITY)), 0);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void sizes_are_powers_of_two_within_limits(void **state)
{
	(void)state;
	assert_int_equal(ring_size_for(0), 0);
	assert_int_equal(ring_size_for(RING_CAPACITY_MIN / 2), 0);
	assert_int_equal(ring_size_for(RING_CAPACITY_MIN + 8), 0);
	assert_int_equal(ring_size_for((size_t)RING_CAPACITY_MAX * 2), 0);
	assert_true(ring_size_for(RING_CAPACITY_MIN) > RING_CAPACITY_MIN);
}

static void records_come_out_as_they_went_in(void **state)
{
	struct pair *p = *state;
	uint64_t random = t_seed(12);
	uint8_t record[CAPACITY], back[CAPACITY];
	uint16_t type;

	for (unsigned i = 0; i < 5000; i++) {
		size_t len = 1 + (size_t)(t_random(&random) % ring_record_max(CAPACITY));
		size_t cut = (size_t)(t_random(&random) % (len + 1));

		for (size_t n = 0; n < len; n++)
			record[n] = (uint8_t)t_random(&random);
		struct ring_part parts[] = { { record, cut }, { record + cut, len - cut } };

		assert_int_equal(ring_writev(&p->producer, (uint16_t)i, parts, 2), 0);
		assert_int_equal(ring_read(&p->consumer, back, sizeof(back), &type), len);
		assert_int_equal(type, i & 0xffff);
		assert_memory_equal(back, record, len);
		assert_int_equal(ring_read(&p->consumer, back, sizeof(back), &type), 0);
	}
}

static void a_full_ring_refuses_and_keeps_what_it_has(void **state)
{
	struct pair *p = *state;
	uint8_t record[24] = { 0 };
	unsigned written = 0, read = 0;
	uint16_t type;
	int rc;

	while ((rc = ring_write(&p->producer, 1, record, sizeof(record))) == 0)
		record[0] = (uint8_t)++written;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(written, CAPACITY / 32);
	for (; ring_read(&p->consumer, record, sizeof(record), &type) > 0; read++)
		assert_int_equal(record[0], read);
	assert_int_equal(read, written);
	assert_int_equal(ring_write(&p->producer, 1, record, sizeof(record)), 0);
}

static void impossible_lengths_are_refused(void **state)
{
	struct pair *p = *state;
	uint8_t record[CAPACITY] = { 0 };

	assert_int_equal(ring_write(&p->producer, 1, record, 0), -EMSGSIZE);
	assert_int_equal(ring_write(&p->producer, 1, record, ring_record_max(CAPACITY) + 1),
	                 -EMSGSIZE);
	assert_int_equal(ring_write(&p->producer, 1, record, ring_record_max(CAPACITY)), 0);
}

static void a_record_longer_than_agreed_poisons_the_reader(void **state)
{
	struct pair *p = *state;
	uint8_t record[16] = { 0 };
	uint16_t type;

	assert_int_equal(ring_write(&p->producer, 1, record, 16), 0);
	assert_int_equal(ring_read(&p->consumer, record, 8, &type), -EBADMSG);
	assert_int_equal(ring_read(&p->consumer, record, 16, &type), -EBADMSG);
	assert_false(ring_prepare_wait(&p->consumer));
}

static void a_sleeper_is_announced_once(void **state)
{
	struct pair *p = *state;
	uint8_t record[4] = { 0 };

	assert_false(ring_should_wake(&p->producer));
	assert_true(ring_prepare_wait(&p->consumer));
	assert_int_equal(ring_write(&p->producer, 1, record, 4), 0);
	assert_true(ring_should_wake(&p->producer));
	assert_false(ring_should_wake(&p->producer));
	/* Something waits to be read: the consumer must not sleep. */
	assert_false(ring_prepare_wait(&p->consumer));
}

static void memory_that_is_no_ring_is_refused(void **state)
{
	struct pair *p = *state;
	struct ring r;

	assert_int_equal(ring_attach(&r, p->memory, ring_size_for(CAPACITY) * 2), -EBADMSG);
	assert_int_equal(ring_attach(&r, p->memory, 8), -EBADMSG);
	assert_int_equal(ring_attach(&r, p->memory + 8, ring_size_for(CAPACITY)), -EBADMSG);
	memset(p->memory, 0, sizeof(p->memory));
	assert_int_equal(ring_attach(&r, p->memory, ring_size_for(CAPACITY)), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_two_within_limits),
		cmocka_unit_test_setup_teardown(records_come_out_as_they_went_in, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_ring_refuses_and_keeps_what_it_has, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(impossible_lengths_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_longer_than_agreed_poisons_the_reader,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(a_sleeper_is_announced_once, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_that_is_no_ring_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
