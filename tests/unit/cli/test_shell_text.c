/* SPDX-License-Identifier: Apache-2.0 */
/* What the shell does with text: lines cut into words, filters behind '|', lines worth keeping. */
#include "t.h"

#include "base/cleanup.h"
#include "cli/shell_history.h"
#include "cli/shell_line.h"
#include "cli/shell_pipe.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- lines ----------------------------------------------------------------------------------- */

static void test_words_know_where_they_stand(void **state)
{
	static const char text[] = "  show\tip  sla ";
	struct shell_line l;

	(void)state;
	assert_int_equal(shell_line_split(text, strlen(text), &l), 0);
	assert_int_equal(l.count, 3);
	assert_string_equal(l.words[0], "show");
	assert_string_equal(l.words[2], "sla");
	assert_string_equal(l.rests[1], "ip  sla");
	assert_int_equal(shell_line_column(&l, 1), 7);
	assert_int_equal(shell_line_column(&l, 3), 14);
	assert_true(l.is_word_complete);
	struct command_words w = shell_line_words(&l, 1, 3);

	assert_int_equal(w.count, 2);
	assert_string_equal(w.words[1], "sla");
	assert_int_equal(shell_line_split("sh", 2, &l), 0);
	assert_false(l.is_word_complete);
	assert_int_equal(shell_line_split("", 0, &l), 0);
	assert_int_equal(l.count, 0);
	assert_true(l.is_word_complete);
}

static void test_lines_have_bounds(void **state)
{
	static char text[SHELL_LINE_MAX + 1];
	struct shell_line l;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(shell_line_split(text, SHELL_LINE_MAX, &l), -E2BIG);
	assert_int_equal(shell_line_split(text, SHELL_LINE_MAX - 1, &l), 0);
	assert_int_equal(l.count, 1);
	for (size_t i = 0; i < sizeof(text); i += 2)
		text[i] = ' ';
	assert_int_equal(shell_line_split(text, 2 * SHELL_WORDS_MAX, &l), 0);
	assert_int_equal(l.count, SHELL_WORDS_MAX);
	assert_int_equal(shell_line_split(text, 2 * SHELL_WORDS_MAX + 2, &l), -E2BIG);
	assert_int_equal(shell_columns("a\xc3\xbc\xe2\x82\xac", 6), 3);
}

/* --- pipes ----------------------------------------------------------------------------------- */

static const char text[] = "ip sla 10\n"
                           " udp-echo 192.0.2.1 7\n"
                           "  frequency 10\n"
                           "ip sla 20\n"
                           " icmp-echo 192.0.2.2\n"
                           "\n"
                           "end\n";

static void test_filters(void **state)
{
	static const struct {
		const char *pipe, *want;
	} cases[] = {
		{ "| include sla", "ip sla 10\nip sla 20\n" },
		{ "|inc ^ip.*1", "ip sla 10\n" },
		{ "| i 10|20", "ip sla 10\n  frequency 10\nip sla 20\n" },
		{ "| exclude ^[ ]", "ip sla 10\nip sla 20\n\nend\n" },
		{ "| begin icmp", " icmp-echo 192.0.2.2\n\nend\n" },
		{ "| section sla 10", "ip sla 10\n udp-echo 192.0.2.1 7\n  frequency 10\n" },
		{ "| section echo",
		  " udp-echo 192.0.2.1 7\n  frequency 10\n icmp-echo 192.0.2.2\n" },
		{ "| count", "Number of lines = 7\n" },
		{ "| count sla", "Number of lines which match regexp = 2\n" },
		{ "| include sla | exclude 20", "ip sla 10\n" },
		{ "| section 10 | count", "Number of lines = 3\n" },
		{ "| count | include 8", "" },
		{ "| include nothing", "" },
		{ "| include 192.0.2.1  7", "" },
		{ "| include 2\\.1 7", " udp-echo 192.0.2.1 7\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pipe_chain chain;
		char *got;
		size_t len, at = 0;
		FILE *f = open_memstream(&got, &len);

		assert_int_equal(pipe_parse(cases[i].pipe, &chain, &at), PIPE_OK);
		pipe_run(&chain, text, strlen(text), f);
		pipe_free(&chain);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

static void test_a_last_line_without_an_end(void **state)
{
	struct pipe_chain chain;
	char *got;
	size_t len, at;
	FILE *f = open_memstream(&got, &len);

	(void)state;
	assert_int_equal(pipe_parse("| include b", &chain, &at), PIPE_OK);
	pipe_run(&chain, "a\nb", 3, f);
	pipe_free(&chain);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(got, "b\n");
	free(got);
}

static void test_wrong_pipes(void **state)
{
	static const struct {
		const char *pipe;
		enum pipe_error error;
		size_t at;
	} cases[] = {
		{ "|", PIPE_INCOMPLETE, 1 },
		{ "| include", PIPE_INCOMPLETE, 9 },
		{ "| include |", PIPE_INCOMPLETE, 10 },
		{ "| frob x", PIPE_UNKNOWN, 2 },
		{ "| include x | frob", PIPE_UNKNOWN, 14 },
		{ "| include (", PIPE_BAD_REGEX, 10 },
		{ "| includes x", PIPE_UNKNOWN, 2 },
		{ "| count | count | count | count | count | count | count | count | count",
		  PIPE_TOO_MANY, 64 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pipe_chain chain;
		size_t at = 0;

		assert_int_equal(pipe_parse(cases[i].pipe, &chain, &at), cases[i].error);
		assert_int_equal(at, cases[i].at);
	}
	assert_null(pipe_find("show a|b"));
	assert_string_equal(pipe_find("show a|b |i x"), "|i x");
}

/* --- history --------------------------------------------------------------------------------- */

static void test_secrets_are_not_kept(void **state)
{
	static const char *const secret[] = {
		"key-string 0 cisco",
		"  KEY-S abc",
		"no key-string",
		"psk fleet client alice secret 00112233",
		"ps fleet client alice sec 00112233",
		"do show | include secret",
	};
	static const char *const plain[] = {
		"key chain fleet", "key 7",          "show running-config | section psk-not",
		"frequency 10",    "show secretary",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(secret); i++)
		assert_true(history_is_secret(secret[i]));
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		assert_false(history_is_secret(plain[i]));
}

static void test_the_file_is_private_and_bounded(void **state)
{
	char folder[] = "/tmp/candor-history-XXXXXX", path[80], line[32];
	struct history_file h;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/a/b/history", folder);
	history_open(&h, strdup(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(history_add(&h, "show version"));
	assert_false(history_add(&h, "show version"));
	assert_false(history_add(&h, "   "));
	assert_false(history_add(&h, "key-string secret-word"));
	for (unsigned i = 0; i < HISTORY_LINES_MAX + 10; i++) {
		(void)snprintf(line, sizeof(line), "show ip sla statistics %u", i + 1);
		assert_true(history_add(&h, line));
	}
	assert_int_equal(h.count, HISTORY_LINES_MAX);
	history_close(&h);

	for (int i = 0; i < 2; i++) { /* cut to size, then as it is */
		history_open(&h, strdup(path));
		assert_int_equal(h.count, HISTORY_LINES_MAX);
		assert_string_equal(h.lines[0], "show ip sla statistics 11");
		assert_string_equal(h.lines[HISTORY_LINES_MAX - 1], line);
		history_close(&h);
	}
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0); /* somebody else's file is not followed */
	history_open(&h, strdup(path));
	assert_null(h.path);
	assert_true(history_add(&h, "kept in the session"));
	history_close(&h);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/a/b", folder);
	assert_int_equal(rmdir(path), 0);
	(void)snprintf(path, sizeof(path), "%s/a", folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_know_where_they_stand),
		cmocka_unit_test(test_lines_have_bounds),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_a_last_line_without_an_end),
		cmocka_unit_test(test_wrong_pipes),
		cmocka_unit_test(test_secrets_are_not_kept),
		cmocka_unit_test(test_the_file_is_private_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
