/* SPDX-License-Identifier: Apache-2.0 */
/* A file of lines: turned over, mended after a kill, and whole on a full disk. */
#include "base/cleanup.h"
#include "export/log_file.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define NAME "lines"

struct folder {
	char path[64];
	int fd;
	struct log_file log;
};

static int setup(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->path, sizeof(f->path), "/tmp/test_log_file.XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->fd >= 0);
	log_file_init(&f->log, f->fd, NAME);
	f->log.max_bytes = 20;
	f->log.files = 3;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { NAME, NAME ".1", NAME ".2", NAME ".3" };
	struct folder *f = *state;

	log_file_close(&f->log);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlinkat(f->fd, names[i], 0); /* those that are there */
	assert_int_equal(close(f->fd), 0);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

/* NULL: there must be none. */
static void assert_file(const struct folder *f, const char *name, const char *want)
{
	char text[256];
	CLEANUP(fd_closep) int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC);

	if (!want) {
		assert_true(fd < 0);
		return;
	}
	assert_true(fd >= 0);
	ssize_t n = read(fd, text, sizeof(text));

	assert_int_equal(n, strlen(want));
	assert_memory_equal(text, want, strlen(want));
}

static void put_file(const struct folder *f, const char *text)
{
	CLEANUP(fd_closep) int fd = openat(f->fd, NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void write_good(struct folder *f, const char *text)
{
	size_t done = 0;

	assert_int_equal(log_file_write(&f->log, text, strlen(text), &done), 0);
	assert_int_equal(done, strlen(text));
}

static void test_turning(void **state)
{
	struct folder *f = *state;

	write_good(f, "line 1\nline 2\n");
	write_good(f, "line 3 is longer\n"); /* 14 + 17 > 20 */
	assert_file(f, NAME, "line 3 is longer\n");
	assert_file(f, NAME ".1", "line 1\nline 2\n");
	write_good(f, "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"); /* for three files */
	assert_file(f, NAME, "l\n");
	assert_file(f, NAME ".1", "b\nc\nd\ne\nf\ng\nh\ni\nj\nk\n");
	assert_file(f, NAME ".2", "line 3 is longer\na\n");
	assert_file(f, NAME ".3", NULL);
}

static void test_border(void **state)
{
	struct folder *f = *state;

	write_good(f, "1234567890123456789\n"); /* exactly full */
	assert_i64_equal((int64_t)f->log.turned, 0);
	write_good(f, "this line is longer than a file may be\nx\n");
	assert_file(f, NAME, "x\n");
	assert_file(f, NAME ".1", "this line is longer than a file may be\n");
	assert_file(f, NAME ".2", "1234567890123456789\n");
	assert_file(f, NAME ".3", NULL);
	write_good(f, "y\nz\nz\nz\nz\nz\nz\nz\nz\nz\n");
	assert_file(f, NAME, "z\n");
	assert_file(f, NAME ".2", "this line is longer than a file may be\n");
	assert_file(f, NAME ".3", NULL);
	f->log.files = 1;
	write_good(f, "1234567890123456789\n");
	assert_file(f, NAME, "1234567890123456789\n");
}

/* The end of the process cut a line. */
static void test_mending(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "whole\ncu", "whole\nnew\n" },
		{ "cut", "new\n" },
		{ "whole\n", "whole\nnew\n" },
		{ "", "new\n" },
	};
	struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_file(f, rows[i].before);
		write_good(f, "new\n");
		assert_file(f, NAME, rows[i].after);
		log_file_close(&f->log);
		assert_int_equal(unlinkat(f->fd, NAME, 0), 0);
	}
	assert_i64_equal((int64_t)f->log.torn, 2);
}

/* A block is not enough to find the end of the last whole line. */
static void test_mending_far(void **state)
{
	struct folder *f = *state;
	char *text = calloc(1, 200001);
	struct stat st;

	assert_non_null(text);
	memset(text, 'x', 200000);
	text[9] = '\n';
	put_file(f, text);
	free(text);
	write_good(f, "new\n");
	assert_int_equal(fstatat(f->fd, NAME, &st, 0), 0);
	assert_int_equal(st.st_size, 14);
}

/* The disk takes no more than so many octets: whole lines stay, the rest is offered again. */
static void test_full(void **state)
{
	struct folder *f = *state;
	struct rlimit old, small;
	size_t done = 0;

	f->log.max_bytes = 1000;
	(void)sigaction(SIGXFSZ, &(struct sigaction) { .sa_handler = SIG_IGN }, NULL);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit) { 17, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int rc = log_file_write(&f->log, "first\nsecond\nthird\n", 19, &done);

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, -EFBIG);
	assert_int_equal(done, 13);
	assert_file(f, NAME, "first\nsecond\n");
	write_good(f, "third\n");
	assert_file(f, NAME, "first\nsecond\nthird\n");
}

static void test_strange_file(void **state)
{
	struct folder *f = *state;
	size_t done = 7;

	assert_int_equal(symlinkat("/etc/passwd", f->fd, NAME), 0);
	assert_int_equal(log_file_write(&f->log, "x\n", 2, &done), -ELOOP);
	assert_int_equal(done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_turning, setup, teardown),
		cmocka_unit_test_setup_teardown(test_border, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mending, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mending_far, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strange_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
