/* SPDX-License-Identifier: Apache-2.0 */
/* The shared-memory ring: order, limits, wake-ups, and a hostile other side.  Two threads at once are in
 * test_ring_threads.c. */
#include "base/ring.h"
#include "t.h"

#include <errno.h>
#include <stdalign.h>

/* Offsets of what the hostile tests change: one cache line each, see ring.c. */
#define HEAD_AT 64
#define TAIL_AT 128
#define DATA_AT 256

alignas(64) static uint8_t memory[DATA_AT + 1024];

static struct ring fresh(size_t capacity)
{
	struct ring r;

	memset(memory, 0, sizeof(memory));
	assert_int_equal(ring_size_for(capacity), DATA_AT + capacity);
	assert_int_equal(ring_init(&r, memory, capacity), 0);
	return r;
}

static void sizes_are_powers_of_two(void **state)
{
	struct ring r;

	(void)state;
	assert_int_equal(ring_size_for(0), 0);
	assert_int_equal(ring_size_for(128), 0);
	assert_int_equal(ring_size_for(300), 0);
	assert_int_equal(ring_size_for((size_t)RING_CAPACITY_MAX * 2), 0);
	assert_true(ring_size_for(RING_CAPACITY_MAX) > RING_CAPACITY_MAX);
	assert_int_equal(ring_init(&r, memory, 300), -EINVAL);
	assert_int_equal(ring_init(&r, memory + 8, 256), -EINVAL);
}

static void records_come_out_as_they_went_in(void **state)
{
	struct ring producer = fresh(256), consumer;
	uint8_t buf[64];
	uint16_t type;

	(void)state;
	assert_int_equal(ring_attach(&consumer, memory, DATA_AT + 256), 0);
	assert_int_equal(ring_read(&consumer, buf, sizeof(buf), &type), 0);
	/* Many times round, so that records of every length wrap at every place. */
	for (unsigned i = 0; i < 5000; i++) {
		uint8_t record[56];
		size_t len = 1 + i % sizeof(record);

		memset(record, (int)i, sizeof(record));
		struct ring_part parts[] = { { record, len / 2 }, { record, len - len / 2 } };

		assert_int_equal(ring_writev(&producer, (uint16_t)i, parts, 2), 0);
		assert_int_equal(ring_read(&consumer, buf, sizeof(buf), &type), len);
		assert_int_equal(type, (uint16_t)i);
		assert_memory_equal(buf, record, len);
	}
	assert_int_equal(ring_read(&consumer, buf, sizeof(buf), &type), 0);
}

static void limits_are_told(void **state)
{
	struct ring r = fresh(256);
	uint8_t record[64] = { 0 };
	uint16_t type;

	(void)state;
	assert_int_equal(ring_record_max(256), 56);
	assert_int_equal(ring_write(&r, 1, record, 0), -EMSGSIZE);
	assert_int_equal(ring_write(&r, 1, record, 57), -EMSGSIZE);
	struct ring_part huge[] = { { record, 1 }, { record, SIZE_MAX } };

	assert_int_equal(ring_writev(&r, 1, huge, 2), -EMSGSIZE);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(ring_write(&r, 1, record, 56), 0);
	assert_int_equal(ring_write(&r, 1, record, 1), -ENOSPC);
	assert_int_equal(ring_read(&r, record, sizeof(record), &type), 56);
	assert_int_equal(ring_write(&r, 1, record, 56), 0);
	assert_int_equal(ring_write(&r, 1, record, 1), -ENOSPC);
}

static void second_attachment_goes_on_where_the_first_was(void **state)
{
	struct ring r = fresh(256), again;
	uint8_t record[8] = "first";
	uint16_t type;

	(void)state;
	assert_int_equal(ring_write(&r, 1, "gone", 5), 0);
	assert_int_equal(ring_write(&r, 2, "kept", 5), 0);
	assert_int_equal(ring_read(&r, record, sizeof(record), &type), 5);
	assert_int_equal(ring_attach(&again, memory, DATA_AT + 256), 0);
	assert_int_equal(ring_read(&again, record, sizeof(record), &type), 5);
	assert_string_equal((char *)record, "kept");
	assert_int_equal(type, 2);
}

static void wake_up_is_asked_for_once(void **state)
{
	struct ring r = fresh(256);
	uint8_t record[8];
	uint16_t type;

	(void)state;
	assert_int_equal(ring_write(&r, 1, "a", 1), 0);
	assert_false(ring_should_wake(&r));  /* nobody sleeps */
	assert_false(ring_prepare_wait(&r)); /* there is something to read */
	assert_false(ring_should_wake(&r));
	assert_int_equal(ring_read(&r, record, sizeof(record), &type), 1);
	assert_true(ring_prepare_wait(&r));
	assert_int_equal(ring_write(&r, 1, "b", 1), 0);
	assert_true(ring_should_wake(&r));
	assert_false(ring_should_wake(&r));
}

static void put_u32(size_t at, uint32_t value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static void impossible_memory_is_not_attached(void **state)
{
	struct ring r = fresh(256);
	size_t size = DATA_AT + 256;

	(void)state;
	assert_int_equal(ring_attach(&r, memory, 100), -EBADMSG);
	assert_int_equal(ring_attach(&r, memory, size - 1), -EBADMSG);
	assert_int_equal(ring_attach(&r, memory, size + 256), -EBADMSG);
	assert_int_equal(ring_attach(&r, memory + 8, size), -EBADMSG);
	put_u32(4, 512); /* a capacity that is not the mapping's */
	assert_int_equal(ring_attach(&r, memory, size), -EBADMSG);
	put_u32(4, 256);
	put_u32(0, 0);
	assert_int_equal(ring_attach(&r, memory, size), -EBADMSG);
	r = fresh(256);
	put_u32(HEAD_AT, 264);
	assert_int_equal(ring_attach(&r, memory, size), -EBADMSG);
	put_u32(HEAD_AT, 4);
	assert_int_equal(ring_attach(&r, memory, size), -EBADMSG);
}

/* One lie of the producer each; the consumer answers -EBADMSG from then on. */
static void hostile_producer_poisons(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t octets[8];
		size_t len;
	} lies[] = {
		{ "head far ahead", HEAD_AT, { 0x00, 0x00, 0x01, 0x00 }, 4 },
		{ "head behind", HEAD_AT, { 0xf8, 0xff, 0xff, 0xff }, 4 },
		{ "head not at a record", HEAD_AT, { 0x11, 0x00, 0x00, 0x00 }, 4 },
		{ "head within the record", HEAD_AT, { 0x08, 0x00, 0x00, 0x00 }, 4 },
		{ "length 0", DATA_AT, { 0 }, 4 },
		{ "length above the filled part", DATA_AT, { 17, 0, 0, 0 }, 4 },
		{ "length above the longest", DATA_AT, { 57, 0, 0, 0 }, 4 },
		{ "length 2^32 - 1", DATA_AT, { 255, 255, 255, 255 }, 4 },
		{ "no mark", DATA_AT + 6, { 0, 0 }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		struct ring producer = fresh(256), consumer;
		uint8_t buf[64];
		uint16_t type;

		print_message("%s\n", lies[i].name);
		assert_int_equal(ring_attach(&consumer, memory, DATA_AT + 256), 0);
		assert_int_equal(ring_write(&producer, 1, "0123456789abcdef", 16), 0);
		memcpy(memory + lies[i].at, lies[i].octets, lies[i].len);
		assert_int_equal(ring_read(&consumer, buf, sizeof(buf), &type), -EBADMSG);
		memcpy(memory + HEAD_AT, (uint8_t[]) { 24, 0, 0, 0 }, 4); /* too late to be good */
		assert_int_equal(ring_read(&consumer, buf, sizeof(buf), &type), -EBADMSG);
		assert_false(ring_prepare_wait(&consumer));
		assert_int_equal(ring_write(&consumer, 1, "x", 1), -EBADMSG);
	}
}

static void record_longer_than_the_buffer_poisons(void **state)
{
	struct ring r = fresh(256);
	uint8_t buf[8];
	uint16_t type;

	(void)state;
	assert_int_equal(ring_write(&r, 1, "012345678", 9), 0);
	assert_int_equal(ring_read(&r, buf, sizeof(buf), &type), -EBADMSG);
}

static void hostile_consumer_poisons(void **state)
{
	static const uint32_t tails[] = { 8, 4, 0x80000000u, 0xfffffff8u - 256 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		struct ring producer = fresh(256);

		put_u32(TAIL_AT, tails[i]);
		assert_int_equal(ring_write(&producer, 1, "x", 1), -EBADMSG);
		assert_int_equal(ring_write(&producer, 1, "x", 1), -EBADMSG);
	}
}

/* Random memory, random scribbling: no call may read or write outside (a sanitizer watches). */
static void random_memory_is_survived(void **state)
{
	uint64_t seed = t_seed(1001);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct ring r = fresh(256);
		uint8_t buf[64];
		uint16_t type;
		ssize_t n = 1;

		for (unsigned k = 0; k < 3; k++)
			assert_int_equal(ring_write(&r, 1, "0123456789", 10), 0);
		for (unsigned k = 0; k < 4; k++) {
			size_t at = HEAD_AT + t_random(&seed) % (sizeof(memory) - HEAD_AT - 768);

			memory[at] = (uint8_t)t_random(&seed);
		}
		for (unsigned k = 0; n > 0; k++) {
			assert_true(k <= 256 / 16);
			n = ring_read(&r, buf, 40, &type);
			assert_true(n <= 40);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_two),
		cmocka_unit_test(records_come_out_as_they_went_in),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(second_attachment_goes_on_where_the_first_was),
		cmocka_unit_test(wake_up_is_asked_for_once),
		cmocka_unit_test(impossible_memory_is_not_attached),
		cmocka_unit_test(hostile_producer_poisons),
		cmocka_unit_test(record_longer_than_the_buffer_poisons),
		cmocka_unit_test(hostile_consumer_poisons),
		cmocka_unit_test(random_memory_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
