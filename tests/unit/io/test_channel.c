/* SPDX-License-Identifier: Apache-2.0 */
/* The channel: both directions, no lost wake-up, nothing believed that does not fit. */
#include "io/channel.h"

#include "t.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define RECORDS 20000

static void attach_both(struct channel *engine, struct channel *control)
{
	struct channel_fds fds, copy;

	assert_int_equal(channel_create(&fds), 0);
	copy = (struct channel_fds) { dup(fds.memory), dup(fds.wake_engine),
		                      dup(fds.wake_control) };
	assert_int_equal(channel_attach(engine, &fds, CHANNEL_ENGINE), 0);
	assert_int_equal(channel_attach(control, &copy, CHANNEL_CONTROL), 0);
	assert_int_equal(fds.memory, -1);
}

static bool readable(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static void test_both_directions(void **state)
{
	struct channel engine, control;
	char buf[64];
	uint16_t type;

	(void)state;
	attach_both(&engine, &control);
	/* Readable at first: look once before the first wait. */
	assert_true(readable(channel_wait_fd(&engine), 0));
	assert_int_equal(channel_receive(&engine, buf, sizeof(buf), &type), 0);
	assert_false(readable(channel_wait_fd(&engine), 0));
	assert_int_equal(channel_send(&control, 7, "settings", 9), 0);
	assert_true(readable(channel_wait_fd(&engine), 0));
	assert_int_equal(channel_receive(&engine, buf, sizeof(buf), &type), 9);
	assert_int_equal(type, 7);
	assert_string_equal(buf, "settings");
	/* Still readable until a call found nothing: a reader may stop half-way. */
	assert_true(readable(channel_wait_fd(&engine), 0));
	assert_int_equal(channel_receive(&engine, buf, sizeof(buf), &type), 0);
	assert_false(readable(channel_wait_fd(&engine), 0));
	const struct ring_part parts[2] = { { "re", 2 }, { "sult", 5 } };

	assert_int_equal(channel_sendv(&engine, 9, parts, 2), 0);
	assert_true(readable(channel_wait_fd(&control), 0));
	assert_int_equal(channel_receive(&control, buf, sizeof(buf), &type), 7);
	assert_string_equal(buf, "result");
	channel_close(&engine);
	channel_close(&control);
}

static void test_full_is_said(void **state)
{
	struct channel engine, control;
	static uint8_t big[CHANNEL_TO_ENGINE_BYTES];
	int rc, sent = 0;

	(void)state;
	attach_both(&engine, &control);
	while ((rc = channel_send(&control, 1, big, 100000)) == 0)
		sent++;
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(sent, CHANNEL_TO_ENGINE_BYTES / 100008);
	assert_int_equal(channel_send(&control, 1, big, sizeof(big)), -EMSGSIZE);
	assert_int_equal(channel_send(&control, 1, big, 0), -EMSGSIZE);
	channel_close(&engine);
	channel_close(&control);
}

struct producer {
	struct channel *c;
	uint64_t seed;
	int error;
};

static void *produce(void *arg)
{
	struct producer *p = arg;
	uint32_t record[512];

	for (uint32_t i = 0; i < RECORDS;) {
		size_t words = 1 + t_random(&p->seed) % ARRAY_LEN(record);

		for (size_t w = 0; w < words; w++)
			record[w] = i;
		int rc = channel_send(p->c, (uint16_t)i, record, words * 4);

		if (rc == 0) {
			i++;
		} else if (rc != -ENOSPC) {
			p->error = rc;
			return NULL;
		}
		if (rc || t_random(&p->seed) % 16 == 0)
			(void)sched_yield();
	}
	return NULL;
}

/* A reader that sleeps whenever it can, and sometimes stops half-way: a lost wake-up would let it
 * sleep for ever. */
static void test_no_wake_up_is_lost(void **state)
{
	struct channel engine, control;
	struct producer p = { .c = &engine, .seed = t_seed(42) };
	uint64_t random = p.seed;
	uint32_t next = 0, record[512];
	pthread_t thread;
	uint16_t type;

	(void)state;
	attach_both(&engine, &control);
	assert_int_equal(pthread_create(&thread, NULL, produce, &p), 0);
	while (next < RECORDS) {
		ssize_t n;

		if (!readable(channel_wait_fd(&control), 5000))
			fail_msg("asleep after record %u", next);
		while ((n = channel_receive(&control, record, sizeof(record), &type)) > 0) {
			assert_int_equal(type, (uint16_t)next);
			assert_int_equal(record[0], next);
			assert_int_equal(record[n / 4 - 1], next);
			next++;
			if (t_random(&random) % 64 == 0)
				break;
		}
		assert_true(n >= 0);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(p.error, 0);
	channel_close(&engine);
	channel_close(&control);
}

static void test_what_is_no_channel_is_refused(void **state)
{
	struct channel_fds fds, fake;
	struct channel c;

	(void)state;
	assert_int_equal(channel_create(&fds), 0);
	assert_int_equal(ftruncate(fds.memory, 4096), -1); /* sealed */
	assert_int_equal(errno, EPERM);
	fake = (struct channel_fds) {
		.memory = memfd_create("fake", MFD_CLOEXEC | MFD_ALLOW_SEALING),
		.wake_engine = eventfd(0, EFD_CLOEXEC),
		.wake_control = eventfd(0, EFD_CLOEXEC),
	};
	assert_int_equal(channel_attach(&c, &fake, CHANNEL_ENGINE), -EBADMSG); /* size, seals */
	struct channel engine, control;

	attach_both(&engine, &control);
	assert_int_equal(ftruncate(fake.memory, CHANNEL_TO_ENGINE_BYTES), 0);
	assert_int_equal(fcntl(fake.memory, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	assert_int_equal(channel_attach(&c, &fake, CHANNEL_ENGINE), -EBADMSG); /* size */
	channel_fds_close(&fake);
	channel_fds_close(&fds);
	/* The other side writes nonsense over everything: the reader says so and stays alive. */
	memset(control.map, 0xa5, CHANNEL_TO_ENGINE_BYTES);
	char buf[64];
	uint16_t type;

	assert_int_equal(channel_receive(&engine, buf, sizeof(buf), &type), -EBADMSG);
	assert_int_equal(channel_receive(&engine, buf, sizeof(buf), &type), -EBADMSG);
	channel_close(&engine);
	channel_close(&control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_directions),
		cmocka_unit_test(test_full_is_said),
		cmocka_unit_test(test_no_wake_up_is_lost),
		cmocka_unit_test(test_what_is_no_channel_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
