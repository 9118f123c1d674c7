/* SPDX-License-Identifier: Apache-2.0 */
/* The tree itself, with words of its own: kinds of arguments, choices, places, what may follow. */
#include "t.h"

#include "cli/command.h"

#include "base/cleanup.h"

static int handler(struct cli *cli)
{
	(void)cli;
	return CLI_GOOD;
}

static const struct command text_words[] = {
	{ .word = "TEXT", .kind = COMMAND_TEXT, .help = "what happened", .run = handler },
	{ 0 },
};

static const struct command severity_words[] = {
	{ .word = "critical", .arg = "severity", .help = "now", .next = text_words },
	{ .word = "minor", .arg = "severity", .help = "later", .next = text_words },
	{ 0 },
};

static const struct command name_words[] = {
	{ .word = "all", .help = "every one", .run = handler },
	{ .word = "NAME", .kind = COMMAND_NAME, .help = "which", .next = severity_words },
	{ 0 },
};

static const struct command length_words[] = {
	{ .word = "LINES",
	  .kind = COMMAND_NUMBER,
	  .help = "on a page",
	  .min = 0,
	  .max = 512,
	  .run = handler },
	{ 0 },
};

static const struct command tree[] = {
	{ .word = "raise", .help = "an alarm", .next = name_words },
	{ .word = "length", .help = "of pages", .next = length_words, .place = COMMAND_SHELL },
	{ .word = "run",
	  .help = "anything",
	  .kind = COMMAND_REST,
	  .run = handler,
	  .place = COMMAND_LINE },
	{ .word = "clear", .help = "all", .run = handler, .place = COMMAND_PRIVILEGED },
	{ .word = "climb", .help = "a hill", .run = handler },
	{ .word = "climber", .help = "who does", .run = handler, .place = COMMAND_IN_FULL },
	{ .word = "watch", .help = "it", .run = handler, .place = COMMAND_SCREEN },
	{ 0 },
};

struct typed {
	char copy[2048];
	char *words[300];
	char *rests[300];
	struct command_words line;
};

/* Words apart by blanks; ``text`` is kept as it is for the rests. */
static void type(struct typed *t, char *text, bool with_rests)
{
	(void)snprintf(t->copy, sizeof(t->copy), "%s", text);
	t->line =
	        (struct command_words) { .words = t->words, .rests = with_rests ? t->rests : NULL };
	for (char *save, *word = strtok_r(t->copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		t->rests[t->line.count] = text + (word - t->copy);
		t->words[t->line.count++] = word;
	}
}

static struct command_match match(struct cli *cli, char *text, unsigned place)
{
	static struct typed t;
	struct command_match m;

	type(&t, text, place & COMMAND_SHELL);
	command_match(cli, tree, place, &t.line, &m);
	return m;
}

static void test_arguments(void **state)
{
	struct cli cli = { 0 };

	(void)state;
	assert_int_equal(
	        match(&cli, (char[]) { "rai core/7 mi link  is down" }, COMMAND_LINE).outcome,
	        COMMAND_COMPLETE);
	assert_string_equal(cli_arg(&cli, "NAME"), "core/7");
	assert_string_equal(cli_arg(&cli, "severity"), "minor");
	assert_string_equal(cli_arg(&cli, "TEXT"), "link is down");
	assert_null(cli_arg(&cli, "N"));

	/* In the shell a text keeps its blanks; the arguments before are gone. */
	assert_int_equal(match(&cli, (char[]) { "rai x crit a  b" }, COMMAND_SHELL).outcome,
	                 COMMAND_COMPLETE);
	assert_string_equal(cli_arg(&cli, "TEXT"), "a  b");
	assert_string_equal(cli_arg(&cli, "NAME"), "x");
	assert_int_equal(cli.arg_count, 3);

	/* A keyword that is meant goes before a name. */
	assert_int_equal(match(&cli, (char[]) { "raise al" }, COMMAND_LINE).outcome,
	                 COMMAND_COMPLETE);
	assert_int_equal(cli.arg_count, 0);

	assert_int_equal(match(&cli, (char[]) { "len 0" }, COMMAND_SHELL).outcome,
	                 COMMAND_COMPLETE);
	assert_int_equal(cli_arg_number(&cli, "LINES", 24), 0);
	assert_int_equal(cli_arg_number(&cli, "COLUMNS", 80), 80);

	assert_int_equal(match(&cli, (char[]) { "run --fast 3" }, COMMAND_LINE).outcome,
	                 COMMAND_COMPLETE);
	assert_int_equal(cli.argc, 2);
	assert_string_equal(cli.argv[0], "--fast");
}

static void test_outcomes(void **state)
{
	static const struct {
		const char *line;
		unsigned place;
		enum command_outcome outcome;
		int at;
	} cases[] = {
		{ "", COMMAND_LINE, COMMAND_INCOMPLETE, 0 },
		{ "raise", COMMAND_LINE, COMMAND_INCOMPLETE, 1 },
		{ "raise x minor", COMMAND_LINE, COMMAND_INCOMPLETE, 3 },
		{ "r", COMMAND_LINE, COMMAND_AMBIGUOUS, 0 },
		{ "r x", COMMAND_SHELL, COMMAND_INCOMPLETE, 2 }, /* "run" is not there */
		{ "raise x m", COMMAND_SHELL, COMMAND_INCOMPLETE, 3 },
		{ "raise x major it", COMMAND_SHELL, COMMAND_UNKNOWN, 2 },
		{ "raise all too", COMMAND_LINE, COMMAND_TOO_MUCH, 2 },
		{ "length 513", COMMAND_SHELL, COMMAND_UNKNOWN, 1 },
		{ "length 00", COMMAND_SHELL, COMMAND_UNKNOWN, 1 },
		{ "length -1", COMMAND_SHELL, COMMAND_UNKNOWN, 1 },
		{ "length 4294967297", COMMAND_SHELL, COMMAND_UNKNOWN, 1 },
		{ "length 10", COMMAND_LINE, COMMAND_UNKNOWN, 0 },
		{ "cl", COMMAND_SHELL, COMMAND_COMPLETE, 1 }, /* climb: clear is privileged */
		{ "cl", COMMAND_SHELL | COMMAND_PRIVILEGED, COMMAND_AMBIGUOUS, 0 },
		{ "climbe", COMMAND_SHELL, COMMAND_UNKNOWN, 0 },
		{ "climber", COMMAND_SHELL, COMMAND_COMPLETE, 1 },
		{ "wat", COMMAND_SHELL, COMMAND_COMPLETE, 1 },
		{ "clear", COMMAND_SHELL, COMMAND_UNKNOWN, 0 },
		{ "clear", COMMAND_SHELL | COMMAND_PRIVILEGED, COMMAND_COMPLETE, 1 },
		{ "clear", COMMAND_LINE, COMMAND_COMPLETE, 1 }, /* the node checks */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cli cli = { 0 };
		char line[80];

		(void)snprintf(line, sizeof(line), "%s", cases[i].line);
		struct command_match m = match(&cli, line, cases[i].place);

		if (m.outcome != cases[i].outcome || m.at != cases[i].at)
			fail_msg("\"%s\": %d at %d", cases[i].line, (int)m.outcome, m.at);
	}
}

static void test_a_text_has_a_bound(void **state)
{
	struct cli cli = { 0 };
	char line[CLI_TEXT_MAX + 40];
	size_t used = (size_t)snprintf(line, sizeof(line), "raise x minor ");

	(void)state;
	memset(line + used, 'a', CLI_TEXT_MAX);
	line[used + CLI_TEXT_MAX - 1] = '\0';
	assert_int_equal(match(&cli, line, COMMAND_LINE).outcome, COMMAND_COMPLETE);
	assert_int_equal(strlen(cli_arg(&cli, "TEXT")), CLI_TEXT_MAX - 1);
	line[used + CLI_TEXT_MAX - 1] = 'a';
	line[used + CLI_TEXT_MAX] = '\0';
	assert_int_equal(match(&cli, line, COMMAND_LINE).outcome, COMMAND_TOO_LONG);
	assert_int_equal(match(&cli, line, COMMAND_SHELL).outcome, COMMAND_TOO_LONG);
}

static void note(void *ctx, const struct command *c)
{
	char *words = ctx;

	(void)snprintf(words + strlen(words), 80 - strlen(words), "%s ", c->word);
}

static void test_followers(void **state)
{
	static const struct {
		const char *line, *partial;
		unsigned place;
		const char *words; /* NULL: nonsense */
		bool may_end;
	} cases[] = {
		{ "", "", COMMAND_LINE, "raise run clear climb climber watch ", false },
		{ "", "", COMMAND_SHELL, "raise length climb climber watch ", false },
		{ "", "r", COMMAND_LINE, "raise run ", false },
		{ "ra", "", COMMAND_LINE, "all NAME ", false },
		{ "ra", "x", COMMAND_LINE, "NAME ", false },
		{ "ra all", "", COMMAND_LINE, "", true },
		{ "ra x", "", COMMAND_LINE, "critical minor ", false },
		{ "ra x", "min", COMMAND_LINE, "minor ", false },
		{ "ra x c", "", COMMAND_LINE, "TEXT ", false },
		{ "ra x c it is", "", COMMAND_LINE, "", true },
		{ "length", "5", COMMAND_SHELL, "LINES ", false },
		{ "length", "600", COMMAND_SHELL, "", false },
		{ "run x y", "", COMMAND_LINE, "", true },
		{ "frob", "", COMMAND_LINE, NULL, false },
		{ "r", "", COMMAND_LINE, NULL, false },
		{ "ra all x", "", COMMAND_LINE, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[80], words[80] = "";
		struct typed t;
		bool may_end = false;

		(void)snprintf(line, sizeof(line), "%s", cases[i].line);
		type(&t, line, false);
		bool known = command_follow(tree, cases[i].place, &t.line, cases[i].partial, note,
		                            words, &may_end);

		assert_int_equal(known, cases[i].words != NULL);
		if (known) {
			assert_string_equal(words, cases[i].words);
			assert_int_equal(may_end, cases[i].may_end);
		}
	}
}

static void note_line(void *ctx, const char *line, const struct command *c)
{
	char *lines = ctx;

	(void)c;
	(void)snprintf(lines + strlen(lines), 200 - strlen(lines), "%s\n", line);
}

static void test_a_choice_is_one_line(void **state)
{
	char lines[200] = "";

	(void)state;
	command_walk(tree, COMMAND_LINE, note_line, lines);
	assert_string_equal(
	        lines, "raise all\nraise NAME SEVERITY TEXT\nrun\nclear\nclimb\nclimber\nwatch\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_a_text_has_a_bound),
		cmocka_unit_test(test_followers),
		cmocka_unit_test(test_a_choice_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
