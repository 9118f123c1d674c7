/* SPDX-License-Identifier: Apache-2.0 */
/* What a log line looks like, and that one call is one line however long the text. */
#include "t.h"

#include "base/log.h"

#include <unistd.h>

/* What log_line wrote to standard error, which is a pipe meanwhile; NUL-terminated. */
static size_t captured(enum log_level level, const char *context, const char *text, char *to,
                       size_t cap)
{
	int saved = dup(STDERR_FILENO), ends[2];

	assert_true(saved >= 0 && pipe(ends) == 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	log_line(level, context, "%s", text);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	close(ends[1]);
	ssize_t n = read(ends[0], to, cap - 1);

	assert_true(n >= 0);
	close(ends[0]);
	to[n] = '\0';
	return (size_t)n;
}

static void a_line_says_level_program_and_context(void **state)
{
	char line[2048];

	(void)state;
	log_init("candord", LOG_LEVEL_INFO);
	captured(LOG_LEVEL_WARN, "op 10 udp-jitter", "no answer", line, sizeof(line));
	assert_string_equal(line, "<4>candord: op 10 udp-jitter: no answer\n");
	captured(LOG_LEVEL_ERR, NULL, "port in use", line, sizeof(line));
	assert_string_equal(line, "<3>candord: port in use\n");
}

static void what_is_below_the_level_is_silent(void **state)
{
	char line[64];

	(void)state;
	log_init("candord", LOG_LEVEL_INFO);
	assert_int_equal(captured(LOG_LEVEL_DEBUG, NULL, "detail", line, sizeof(line)), 0);
	log_init("candord", LOG_LEVEL_DEBUG);
	assert_true(captured(LOG_LEVEL_DEBUG, NULL, "detail", line, sizeof(line)) > 0);
}

static void a_long_text_is_cut_and_still_a_line(void **state)
{
	char text[5000], line[8192];

	(void)state;
	log_init("candord", LOG_LEVEL_INFO);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	size_t n = captured(LOG_LEVEL_INFO, "long", text, line, sizeof(line));

	assert_true(n > 500 && n < sizeof(text));
	assert_int_equal(line[n - 1], '\n');
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_level_program_and_context),
		cmocka_unit_test(what_is_below_the_level_is_silent),
		cmocka_unit_test(a_long_text_is_cut_and_still_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
