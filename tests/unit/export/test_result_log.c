/* SPDX-License-Identifier: Apache-2.0 */
/* The log of results with a reader that is slow: nothing waits for it, and what is missing is told. */
#include "base/cleanup.h"
#include "export/result_log.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

/* A line of about ``len`` octets. */
static void add(struct result_log *log, int number, size_t len)
{
	struct arena a = { 0 };
	struct doc *d = doc_new_map(&a);
	char *text = calloc(1, len + 1);

	assert_non_null(text);
	memset(text, 'x', len);
	doc_add_int(&a, d, "n", number);
	doc_add_text(&a, d, "text", text);
	result_log_add(log, d);
	free(text);
	arena_free(&a);
}

/* Everything that can be read now. */
static char *read_all(int fd)
{
	static char text[16u << 20];
	size_t len = 0;

	for (ssize_t n; (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0;)
		len += (size_t)n;
	text[len] = '\0';
	return text;
}

static void test_slow_reader(void **state)
{
	struct result_log *log = result_log_new(-1);
	struct result_log_view view;
	const wall_t now = { 5 };
	int pipe_fds[2];

	(void)state;
	assert_int_equal(pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC), 0);
	assert_false(result_log_is_wanted(log));
	result_log_set_stream(log, pipe_fds[1]);
	assert_true(result_log_is_wanted(log));
	add(log, 1, 10);
	assert_int_equal(result_log_flush(log, "node", now), 0);
	assert_string_equal(read_all(pipe_fds[0]), "{\"n\": 1, \"text\": \"xxxxxxxxxx\"}\n");
	for (int i = 0; i < 60; i++) { /* 6 MB: the pipe takes 64 KiB, 4 MiB may wait */
		add(log, i, 100000);
		assert_int_equal(result_log_flush(log, "node", now), 0);
	}
	result_log_view(log, RESULT_LOG_STREAM, &view);
	assert_true(view.is_open);
	assert_true(view.counters.lost > 10);
	assert_true(view.pending_bytes <= RESULT_LOG_PENDING_MAX);
	uint64_t lost = view.counters.lost;
	int next = 0;

	/* The reader is back: what waited comes in order, then what is missing is said, then it goes on. */
	for (unsigned i = 0; i < 200; i++) {
		char want[80], *text = read_all(pipe_fds[0]);

		(void)snprintf(want, sizeof(want),
		               "{\"schema\": 1, \"object\": \"log/lost\", \"agent\": \"node\", "
		               "\"at_ns\": 5, \"count\": %llu}\n",
		               (unsigned long long)lost);
		for (char *line = text; (line = strstr(line, "{\"n\": ")); line++)
			assert_int_equal(strtol(line + 6, NULL, 10), next++);
		if (strstr(text, "log/lost")) {
			assert_non_null(strstr(text, "\"count\": "));
			next = -1;
			break;
		}
		assert_int_equal(result_log_flush(log, "node", now), 0);
	}
	assert_int_equal(next, -1);
	add(log, 1000, 1);
	assert_int_equal(result_log_flush(log, "node", now), 0);
	assert_string_equal(read_all(pipe_fds[0]), "{\"n\": 1000, \"text\": \"x\"}\n");
	assert_int_equal(close(pipe_fds[0]), 0);
	add(log, 1001, 1);
	assert_int_equal(result_log_flush(log, "node", now), -EPIPE);
	result_log_view(log, RESULT_LOG_STREAM, &view);
	assert_false(view.is_open);
	assert_string_equal(view.error, "Broken pipe");
	result_log_free(log);
}

static void test_both(void **state)
{
	char path[] = "/tmp/test_result_log.XXXXXX";
	int pipe_fds[2];
	struct result_log_view view;

	(void)state;
	assert_non_null(mkdtemp(path));
	CLEANUP(fd_closep) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct result_log *log = result_log_new(dir);

	assert_int_equal(pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC), 0);
	result_log_set_stream(log, pipe_fds[1]);
	result_log_set_file(log, true, 1000, 2);
	add(log, 1, 3);
	assert_int_equal(result_log_flush(log, "node", (wall_t) { 0 }), 0);
	result_log_view(log, RESULT_LOG_FILE, &view);
	assert_i64_equal((int64_t)view.file_bytes, 24);
	assert_i64_equal((int64_t)view.counters.lines, 1);
	result_log_set_file(log, false, 1000, 2);
	add(log, 2, 3); /* for the stream alone */
	result_log_free(log);
	assert_string_equal(read_all(pipe_fds[0]),
	                    "{\"n\": 1, \"text\": \"xxx\"}\n{\"n\": 2, \"text\": \"xxx\"}\n");
	assert_int_equal(close(pipe_fds[0]), 0);
	CLEANUP(fd_closep) int fd = openat(dir, RESULT_LOG_NAME, O_RDONLY | O_CLOEXEC);

	assert_string_equal(read_all(fd), "{\"n\": 1, \"text\": \"xxx\"}\n");
	assert_int_equal(unlinkat(dir, RESULT_LOG_NAME, 0), 0);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_both),
	};

	(void)sigaction(SIGPIPE, &(struct sigaction) { .sa_handler = SIG_IGN }, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
