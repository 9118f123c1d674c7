/* SPDX-License-Identifier: Apache-2.0 */
/* Finding keywords: what may be abbreviated, and what a keyword of ours must never change. */
#include "config/conf_parser.h"
#include "t.h"

#include <errno.h>

static void run_nothing(struct conf_parser *p, const struct conf_match *m)
{
	(void)p;
	(void)m;
}

static const struct conf_command inner[] = {
	{ .word = "schedule", .run = run_nothing },
	{ .word = "server", .unsupported = "later" },
	{ .word = "series", .flags = CC_OWN, .run = run_nothing },
	{ 0 },
};

static const struct conf_command table[] = {
	{ .word = "sla", .next = inner, .run = run_nothing },
	{ .word = "slate", .run = run_nothing },
	{ .word = "only-inner", .next = inner },
	{ .word = "slab", .flags = CC_OWN, .run = run_nothing },
	{ 0 },
};

struct walk_case {
	const char *text;
	enum conf_found found;
	uint32_t at;
	const char *command; /* NULL: none */
	bool is_abbreviated;
};

static const struct walk_case cases[] = {
	{ "sla", CONF_FOUND, 1, "sla", false },
	{ "SLA 10", CONF_FOUND, 1, "sla", false },
	{ "slat", CONF_FOUND, 1, "slate", true },
	{ "sl", CONF_FOUND_AMBIGUOUS, 0, NULL, false },
	{ "slab", CONF_FOUND, 1, "slab", false },
	{ "slabs", CONF_FOUND_NOTHING, 0, NULL, false },
	{ "sla sc", CONF_FOUND, 2, "schedule", true },
	{ "sla ser", CONF_FOUND, 2, "server", true }, /* ours, series, takes no part */
	{ "sla seri", CONF_FOUND, 1, "sla", false },  /* and is not abbreviated */
	{ "sla series", CONF_FOUND, 2, "series", false },
	{ "sla s", CONF_FOUND, 1, "sla", false }, /* left to the command as an argument */
	{ "only s", CONF_FOUND_AMBIGUOUS, 1, "only-inner", true },
	{ "only-inner", CONF_FOUND_PART, 1, "only-inner", false },
	{ "only-inner x", CONF_FOUND_PART, 1, "only-inner", false },
	{ "other", CONF_FOUND_NOTHING, 0, NULL, false },
};

static void test_walk(void **state)
{
	static struct conf_line line;
	const struct walk_case *c = *state;
	struct conf_reader reader;
	struct diag d = { 0 };

	conf_reader_init(&reader, c->text, strlen(c->text));
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_LINE);
	struct conf_match m = conf_words_walk(table, &line, 0);

	assert_int_equal(m.found, c->found);
	assert_int_equal(m.at, c->at);
	assert_int_equal(m.is_abbreviated, c->is_abbreviated);
	if (c->command)
		assert_string_equal(m.command->word, c->command);
	else
		assert_null(m.command);
}

static void test_choose(void **state)
{
	static const char *const list[] = { "now", "never", "next", "nextlast", NULL };

	(void)state;
	assert_int_equal(conf_word_choose("NOW", list, true), 0);
	assert_int_equal(conf_word_choose("no", list, true), 0);
	assert_int_equal(conf_word_choose("no", list, false), -ENOENT);
	assert_int_equal(conf_word_choose("next", list, true), 2);
	assert_int_equal(conf_word_choose("ne", list, true), -EEXIST);
	assert_int_equal(conf_word_choose("x", list, true), -ENOENT);
}

static void test_lists(void **state)
{
	static const char *const one[] = { "a", NULL }, *const three[] = { "a", "b", "c", NULL };
	char text[64];

	(void)state;
	conf_choices_list(one, text, sizeof(text));
	assert_string_equal(text, "a");
	conf_choices_list(three, text, sizeof(text));
	assert_string_equal(text, "a, b or c");
	conf_words_list(inner, text, sizeof(text));
	assert_string_equal(text, "schedule or series");
}

/* The real tables: no word twice at one place, and every row can do something. */
static void check_table(const struct conf_command *commands, unsigned depth)
{
	assert_true(depth < 8);
	for (const struct conf_command *c = commands; c->word; c++) {
		assert_true(c->run || c->next || c->unsupported);
		for (const struct conf_command *other = c + 1; other->word; other++) {
			if (conf_word_is(c->word, other->word))
				fail_msg("'%s' stands twice", c->word);
		}
		if (c->next && c->next != commands)
			check_table(c->next, depth + 1);
	}
}

static void test_tables(void **state)
{
	(void)state;
	check_table(conf_commands_global, 0);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
	size_t count = 0;

	for (; count < ARRAY_LEN(cases); count++)
		tests[count] = (struct CMUnitTest) { cases[count].text, test_walk, NULL, NULL,
			                             (void *)(uintptr_t)&cases[count] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_choose);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_lists);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_tables);
	return _cmocka_run_group_tests("conf words", tests, count, NULL, NULL);
}
