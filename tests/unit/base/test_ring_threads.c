/* SPDX-License-Identifier: Apache-2.0 */
/* One producer and one consumer thread over one ring: every record arrives once, whole and in order,
 * and the wake-up protocol never leaves the consumer asleep beside a record. */
#include "t.h"

#include "base/ring.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RECORDS        100000u
#define RECORD_MAX     56u
#define CAPACITY       256u /* small, so that full and empty both happen all the time */
#define WAIT_FOR_IT_MS 20000

struct shared {
	struct ring producer, consumer;
	int wake;
	uint64_t seed;
	unsigned wakes;
};

/* Length of record ``n``: both sides know it. */
static size_t length_of(uint64_t *random)
{
	return 4 + (size_t)(t_random(random) % (RECORD_MAX - 3));
}

static void *produce(void *arg)
{
	struct shared *s = arg;
	uint64_t random = s->seed;

	for (uint32_t n = 0; n < RECORDS; n++) {
		uint8_t record[RECORD_MAX];
		size_t len = length_of(&random);
		int rc;

		memset(record, (int)(n & 0xff), len);
		memcpy(record, &n, sizeof(n));
		while ((rc = ring_write(&s->producer, (uint16_t)n, record, len)) == -ENOSPC)
			sched_yield();
		if (rc < 0)
			return s;
		if (ring_should_wake(&s->producer)) {
			s->wakes++;
			if (eventfd_write(s->wake, 1) < 0)
				return s;
		}
	}
	return NULL;
}

/* Sleep until woken; the deadline is far beyond what any machine needs. */
static void sleep_until_woken(struct shared *s)
{
	struct pollfd p = { .fd = s->wake, .events = POLLIN };
	eventfd_t count;

	if (!ring_prepare_wait(&s->consumer))
		return;
	assert_int_equal(poll(&p, 1, WAIT_FOR_IT_MS), 1);
	assert_int_equal(eventfd_read(s->wake, &count), 0);
}

static void every_record_arrives_once_and_in_order(void **state)
{
	size_t size = ring_size_for(CAPACITY);
	void *mem = aligned_alloc(64, (size + 63) & ~(size_t)63);
	struct shared s = { .wake = eventfd(0, EFD_CLOEXEC), .seed = t_seed(99) };
	uint64_t random = s.seed;
	pthread_t thread;
	void *failed = NULL;

	(void)state;
	assert_non_null(mem);
	assert_true(s.wake >= 0);
	assert_int_equal(ring_init(&s.producer, mem, CAPACITY), 0);
	assert_int_equal(ring_attach(&s.consumer, mem, size), 0);
	assert_int_equal(pthread_create(&thread, NULL, produce, &s), 0);
	for (uint32_t n = 0; n < RECORDS;) {
		uint8_t record[RECORD_MAX];
		uint32_t number;
		uint16_t type;
		ssize_t len = ring_read(&s.consumer, record, sizeof(record), &type);

		assert_true(len >= 0);
		if (len == 0) {
			sleep_until_woken(&s);
			continue;
		}
		assert_int_equal(len, length_of(&random));
		memcpy(&number, record, sizeof(number));
		assert_int_equal(number, n);
		assert_int_equal(type, n & 0xffff);
		for (ssize_t i = 4; i < len; i++)
			assert_int_equal(record[i], n & 0xff);
		n++;
	}
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	print_message("%u wake-ups for %u records\n", s.wakes, RECORDS);
	close(s.wake);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_arrives_once_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
