/* SPDX-License-Identifier: Apache-2.0 */
/* The record log: order, bound, damage at every octet, writers killed at random, full disks. */
#include "namp/record_log.h"

#include "namp/record_segment.h"
#include "state_folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static struct record_log *open_log(const struct folder *f, uint64_t max_bytes)
{
	struct record_log_cfg cfg = { .dir = f->fd, .name = "test", .max_bytes = max_bytes };
	struct record_log *log = NULL;
	struct diag d = { 0 };

	if (record_log_open(&cfg, &log, &d) < 0)
		print_error("%s\n", d.text);
	assert_non_null(log);
	return log;
}

/* Record ``number`` says its own number, then a run of letters whose length follows from it. */
static size_t make(uint64_t number, char *to)
{
	size_t run = (size_t)(number * 37 % 500);
	int n = snprintf(to, 32, "%" PRIu64 " ", number);

	memset(to + n, 'a' + (int)(number % 26), run);
	return (size_t)n + run;
}

static void assert_is(const struct record *r, uint64_t number)
{
	char want[600];
	size_t len = make(number, want);

	assert_int_equal(r->number, number);
	assert_int_equal(r->len, len);
	assert_memory_equal(r->data, want, len);
}

static void append(struct record_log *log, uint64_t number)
{
	char octets[600];
	size_t len = make(number, octets);
	uint64_t got = 0;

	assert_int_equal(record_log_append(log, octets, len, &got), 0);
	assert_int_equal(got, number);
}

/* Every record from ``first`` to ``last``, forward and backward. */
static void assert_holds(struct record_log *log, uint64_t first, uint64_t last)
{
	struct record r = { .number = first - 1 };

	for (uint64_t n = first; n <= last; n++) {
		assert_int_equal(record_log_next(log, r.number, &r), 0);
		assert_is(&r, n);
	}
	assert_int_equal(record_log_next(log, r.number, &r), -ENOENT);
	r.number = UINT64_MAX;
	for (uint64_t n = last; n >= first; n--) {
		assert_int_equal(record_log_previous(log, r.number, &r), 0);
		assert_is(&r, n);
	}
	assert_int_equal(record_log_previous(log, r.number, &r), -ENOENT);
}

static void test_order_and_reopening(void **state)
{
	struct record_log *log = open_log(*state, 1 << 20);
	struct record r;

	assert_int_equal(record_log_next(log, 0, &r), -ENOENT);
	assert_int_equal(record_log_previous(log, UINT64_MAX, &r), -ENOENT);
	assert_int_equal(record_log_state(log).last, 0);
	for (uint64_t n = 1; n <= 1000; n++) {
		append(log, n);
		if (n % 100 == 0) {
			assert_holds(log, 1, n);
			record_log_close(log);
			log = open_log(*state, 1 << 20);
		}
	}
	assert_int_equal(record_log_sync(log), 0);
	assert_int_equal(record_log_next(log, 500, &r), 0);
	assert_is(&r, 501);
	assert_int_equal(record_log_previous(log, 500, &r), 0);
	assert_is(&r, 499);
	struct record_log_state s = record_log_state(log);

	assert_int_equal(s.first, 1);
	assert_int_equal(s.last, 1000);
	assert_int_equal(s.dropped + s.damaged + s.torn, 0);
	record_log_close(log);
}

static void test_lengths(void **state)
{
	static uint8_t octets[RECORD_MAX + 1];
	struct record_log *log = open_log(*state, 1 << 20);
	uint64_t number;
	struct record r;

	assert_int_equal(record_log_append(log, octets, 0, &number), -EMSGSIZE);
	assert_int_equal(record_log_append(log, octets, sizeof(octets), &number), -EMSGSIZE);
	memset(octets, 0xa5, sizeof(octets));
	assert_int_equal(record_log_append(log, octets, RECORD_MAX, &number), 0);
	assert_int_equal(record_log_append(log, octets, 1, &number), 0);
	assert_int_equal(number, 2);
	record_log_close(log);
	log = open_log(*state, 1 << 20);
	assert_int_equal(record_log_next(log, 0, &r), 0);
	assert_int_equal(r.len, RECORD_MAX);
	assert_memory_equal(r.data, octets, RECORD_MAX);
	assert_int_equal(record_log_next(log, 1, &r), 0);
	assert_int_equal(r.len, 1);
	record_log_close(log);
}

/* --- the bound ----------------------------------------------------------------------------------- */

struct drops {
	uint64_t last;
	unsigned calls;
	int answer;
};

static int on_drop(void *ctx, uint64_t last)
{
	struct drops *drops = ctx;

	if (drops->answer == 0) {
		assert_true(last > drops->last);
		drops->last = last;
	}
	drops->calls++;
	return drops->answer;
}

static uint64_t folder_bytes(const struct folder *f)
{
	DIR *list = opendir(f->path);
	uint64_t total = 0;

	assert_non_null(list);
	for (const struct dirent *e; (e = readdir(list)) != NULL;) {
		struct stat st;

		assert_int_equal(fstatat(f->fd, e->d_name, &st, 0), 0);
		total += S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	}
	(void)closedir(list);
	return total;
}

static void test_the_oldest_go(void **state)
{
	const struct folder *f = *state;
	struct drops drops = { 0 };
	struct record_log_cfg cfg = { f->fd, "test", 256 << 10, on_drop, &drops };
	struct record_log *log;
	struct diag d;

	assert_int_equal(record_log_open(&cfg, &log, &d), 0);
	for (uint64_t n = 1; n <= 5000; n++) {
		append(log, n);
		assert_true(folder_bytes(f) <= 256 << 10);
	}
	struct record_log_state s = record_log_state(log);

	assert_true(s.first > 3000 && s.last == 5000);
	assert_int_equal(s.dropped, s.first - 1);
	assert_int_equal(s.dropped, drops.last);
	assert_int_equal(s.damaged, 0);
	assert_int_equal(s.bytes, folder_bytes(f));
	assert_holds(log, s.first, 5000);
	record_log_close(log);

	/* How many went is as durable as the rest. */
	log = open_log(f, 256 << 10);
	assert_int_equal(record_log_state(log).dropped, s.dropped);
	assert_holds(log, s.first, 5000);
	/* A smaller bound holds from the next segment on. */
	record_log_set_max(log, 0);
	for (uint64_t n = 5001; n <= 5400; n++)
		append(log, n);
	assert_true(folder_bytes(f) <= RECORD_LOG_BYTES_MIN);
	s = record_log_state(log);
	assert_holds(log, s.first, 5400);
	record_log_close(log);
}

static void test_who_needs_the_oldest_keeps_it(void **state)
{
	const struct folder *f = *state;
	struct drops drops = { .answer = -ENOSPC };
	struct record_log_cfg cfg = { f->fd, "test", 64 << 10, on_drop, &drops };
	struct record_log *log;
	char octets[600];
	uint64_t n = 1, number;
	struct diag d;

	assert_int_equal(record_log_open(&cfg, &log, &d), 0);
	while (drops.calls == 0) {
		size_t len = make(n, octets);
		int rc = record_log_append(log, octets, len, &number);

		assert_int_equal(rc, drops.calls ? -ENOSPC : 0);
		n += rc == 0;
	}
	assert_holds(log, 1, n - 1);
	drops.answer = 0;
	append(log, n);
	assert_int_equal(record_log_state(log).first, drops.last + 1);
	record_log_close(log);
}

/* --- damage -------------------------------------------------------------------------------------- */

static size_t read_file(const struct folder *f, const char *name, uint8_t *to, size_t cap)
{
	int fd = openat(f->fd, name, O_RDONLY);
	ssize_t n = read(fd, to, cap);

	assert_true(fd >= 0 && n >= 0);
	(void)close(fd);
	return (size_t)n;
}

static void write_file(const struct folder *f, const char *name, const uint8_t *octets, size_t len)
{
	int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, len), (ssize_t)len);
	(void)close(fd);
}

#define ONLY "test.0000000000000001"

/* Numbers that can be read, of 1 … 8; each is whole. */
static unsigned readable(struct record_log *log, bool is_there[9])
{
	struct record r = { 0 };
	unsigned count = 0;

	memset(is_there, 0, 9);
	while (record_log_next(log, r.number, &r) == 0) {
		assert_in_range(r.number, 1, 8);
		assert_is(&r, r.number);
		assert_false(is_there[r.number]);
		is_there[r.number] = true;
		count++;
	}
	return count;
}

static void test_every_octet_damaged(void **state)
{
	static uint8_t whole[64 << 10], damaged[64 << 10];
	const struct folder *f = *state;
	struct record_log *log = open_log(f, 64 << 10);

	for (uint64_t n = 1; n <= 8; n++)
		append(log, n);
	record_log_close(log);
	size_t len = read_file(f, ONLY, whole, sizeof(whole));
	size_t end = len;

	while (whole[end - 1] == 0)
		end--;
	for (size_t at = 0; at < end; at++) {
		bool is_there[9];

		memcpy(damaged, whole, len);
		damaged[at] ^= (uint8_t)(1u << (at % 8));
		write_file(f, ONLY, damaged, len);
		log = open_log(f, 64 << 10);
		unsigned count = readable(log, is_there);
		struct record_log_state s = record_log_state(log);

		/* A head is there twice; padding carries nothing; else one record is lost, and said
		 * to be: as damage, or as a torn end where it was the last. */
		assert_true(count == 8 || (count == 7 && at >= SEGMENT_HEAD_OCTETS));
		if (count == 7)
			assert_true(is_there[8] ? s.damaged == 1 && s.torn == 0
			                        : s.damaged == 0 && s.torn == 1);
		/* And it goes on. */
		append(log, s.last + 1);
		record_log_close(log);
	}
}

static void test_every_truncation(void **state)
{
	static uint8_t whole[64 << 10];
	const struct folder *f = *state;
	struct record_log *log = open_log(f, 64 << 10);

	for (uint64_t n = 1; n <= 8; n++)
		append(log, n);
	record_log_close(log);
	size_t len = read_file(f, ONLY, whole, sizeof(whole));

	for (size_t at = 0; at < 3000; at++) {
		bool is_there[9];

		write_file(f, ONLY, whole, at < len ? at : len);
		log = open_log(f, 64 << 10);
		unsigned count = readable(log, is_there);

		for (unsigned n = 1; n <= count; n++)
			assert_true(is_there[n]); /* the front of it */
		assert_int_equal(record_log_state(log).damaged, 0);
		append(log, count + 1);
		record_log_close(log);
		log = open_log(f, 64 << 10);
		assert_holds(log, 1, count + 1);
		assert_int_equal(record_log_state(log).torn, 0);
		record_log_close(log);
	}
}

static void test_a_lost_head_and_a_lost_file(void **state)
{
	static uint8_t octets[64 << 10];
	const struct folder *f = *state;
	struct record_log *log = open_log(f, 256 << 10);

	for (uint64_t n = 1; n <= 500; n++)
		append(log, n);
	record_log_close(log);

	/* Both copies of the head of the newest: what it held is lost, and no number comes again. */
	log = open_log(f, 256 << 10);
	struct record r;
	uint64_t newest = 0;
	char name[32];

	for (uint64_t n = 1; n <= 500; n++) {
		(void)snprintf(name, sizeof(name), "test.%016" PRIx64, n);
		if (faccessat(f->fd, name, F_OK, 0) == 0)
			newest = n;
	}
	record_log_close(log);
	assert_true(newest > 1);
	(void)snprintf(name, sizeof(name), "test.%016" PRIx64, newest);
	size_t len = read_file(f, name, octets, sizeof(octets));

	memset(octets, 0x55, SEGMENT_HEAD_OCTETS);
	write_file(f, name, octets, len);
	log = open_log(f, 256 << 10);
	struct record_log_state s = record_log_state(log);

	assert_true(s.last >= 500);
	assert_int_equal(s.damaged, s.last + 1 - newest);
	append(log, s.last + 1);
	assert_int_equal(record_log_previous(log, UINT64_MAX, &r), 0);
	assert_is(&r, s.last + 1);
	assert_int_equal(record_log_previous(log, r.number, &r), 0);
	assert_is(&r, newest - 1);

	/* A file that goes while the log is open. */
	assert_int_equal(unlinkat(f->fd, ONLY, 0), 0);
	record_log_close(log);
	log = open_log(f, 256 << 10);
	assert_true(record_log_state(log).dropped > 0);
	record_log_close(log);
}

static void test_strange_files(void **state)
{
	const struct folder *f = *state;
	struct record_log_cfg cfg = { .dir = f->fd, .name = "test", .max_bytes = 0 };
	struct record_log *log;
	struct diag d = { 0 };

	write_file(f, "test.1", (const uint8_t *)"x", 1);
	write_file(f, "test.000000000000000G", (const uint8_t *)"x", 1);
	write_file(f, "tester.0000000000000001", (const uint8_t *)"x", 1);
	write_file(f, "other", (const uint8_t *)"x", 1);
	log = open_log(f, 0);
	append(log, 1);
	record_log_close(log);
	assert_int_equal(mkdirat(f->fd, "test.0000000000000009", 0700), 0);
	assert_int_equal(record_log_open(&cfg, &log, &d), -EINVAL);
	assert_non_null(strstr(d.text, "\"test\""));
}

/* --- crashes ------------------------------------------------------------------------------------- */

/* Append until killed; what was made durable is told through shared memory. */
static void write_until_killed(const struct folder *f, volatile uint64_t *durable)
{
	struct record_log_cfg cfg = { .dir = f->fd, .name = "test", .max_bytes = 128 << 10 };
	struct record_log *log;
	struct diag d;

	if (record_log_open(&cfg, &log, &d) < 0)
		_exit(1);
	for (uint64_t n = record_log_state(log).last + 1;; n++) {
		char octets[600];
		size_t len = make(n, octets);
		uint64_t got;

		if (record_log_append(log, octets, len, &got) < 0 || got != n ||
		    record_log_sync(log) < 0)
			_exit(1);
		*durable = n;
	}
}

static void test_killed_writers(void **state)
{
	const struct folder *f = *state;
	volatile uint64_t *durable = mmap(NULL, sizeof(*durable), PROT_READ | PROT_WRITE,
	                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t random = t_seed(0x5eed), torn = 0, last = 0;

	assert_ptr_not_equal(durable, MAP_FAILED);
	for (unsigned round = 0; round < 300; round++) {
		struct timespec pause = { .tv_nsec = (long)(t_random(&random) % 4000000) };
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			write_until_killed(f, durable);
		(void)nanosleep(&pause, NULL);
		(void)kill(pid, SIGKILL);
		int status;

		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		struct record_log *log = open_log(f, 128 << 10);
		struct record_log_state s = record_log_state(log);

		assert_true(s.last >= *durable); /* nothing acknowledged is lost … */
		assert_true(s.last >= last);
		assert_int_equal(s.damaged, 0); /* … and nothing is half there */
		assert_holds(log, s.first, s.last);
		last = s.last;
		torn += s.torn;
		record_log_close(log);
	}
	print_message("%" PRIu64 " records, %" PRIu64 " torn ends\n", last, torn);
	assert_true(last > 50);
	(void)munmap((void *)(uintptr_t)durable, sizeof(*durable));
}

/* --- full disks ---------------------------------------------------------------------------------- */

static void test_no_room(void **state)
{
	const struct folder *f = *state;
	struct record_log *log = open_log(f, 64 << 10);
	char octets[600];
	uint64_t number;

	append(log, 1);
	append(log, 2);
	folder_fill_disk(f);
	/* What has its room already is not kept from it … */
	assert_int_equal(record_log_reserve(log, 4096, 8), 0);
	assert_int_equal(record_log_append(log, octets, make(3, octets), &number), 0);
	/* … until the next segment is to be made. */
	int rc = 0;

	while (rc == 0) {
		rc = record_log_append(log, octets, make(number + 1, octets), &number);
		assert_true(number < 1000);
	}
	assert_int_equal(rc, -ENOSPC);
	assert_int_equal(record_log_reserve(log, 600, 1), -ENOSPC);
	assert_holds(log, 1, number);
	folder_empty_disk(f);
	append(log, number + 1);
	assert_int_equal(record_log_reserve(log, 64 << 10, 1), -ENOBUFS); /* more than a segment */
	assert_holds(log, 1, number + 1);
	record_log_close(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order_and_reopening, folder_setup,
		                                folder_teardown),
		cmocka_unit_test_setup_teardown(test_lengths, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_the_oldest_go, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_who_needs_the_oldest_keeps_it, folder_setup,
		                                folder_teardown),
		cmocka_unit_test_setup_teardown(test_every_octet_damaged, folder_setup,
		                                folder_teardown),
		cmocka_unit_test_setup_teardown(test_every_truncation, folder_setup,
		                                folder_teardown),
		cmocka_unit_test_setup_teardown(test_a_lost_head_and_a_lost_file, folder_setup,
		                                folder_teardown),
		cmocka_unit_test_setup_teardown(test_strange_files, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_killed_writers, folder_setup, folder_teardown),
		cmocka_unit_test_setup_teardown(test_no_room, folder_setup_disk, folder_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
