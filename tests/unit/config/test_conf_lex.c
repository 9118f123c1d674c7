/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and words: where they begin and end, and what is no text. */
#include "config/conf_lex.h"
#include "t.h"

struct lex_case {
	const char *name, *text;
	const char *words; /* of the first line, each as column:word, joined by blanks */
};

static const struct lex_case cases[] = {
	{ "empty line", "\n", "" },
	{ "blanks alone", " \t \n", "" },
	{ "comment", "  ! a b\n", "" },
	{ "words", "ip sla 10\n", "1:ip 4:sla 8:10" },
	{ "tabs and many blanks", "\tip\t  sla \t\n", "2:ip 7:sla" },
	{ "carriage return", "a b\r\n", "1:a 3:b" },
	{ "no newline", "a b", "1:a 3:b" },
	{ "an exclamation mark inside", "a !b c!\n", "1:a 3:!b 6:c!" },
	{ "columns count octets", "\xc3\xbc b\n", "1:\xc3\xbc 4:b" },
	{ "four octets", "\xf0\x9f\x9a\x80\n", "1:\xf0\x9f\x9a\x80" },
	{ "overlong form", "a \xc0\xaf\n", "bad 3" },
	{ "surrogate", "\xed\xa0\x80\n", "bad 1" },
	{ "beyond Unicode", "\xf4\x90\x80\x80\n", "bad 1" },
	{ "cut character", "ab\xc3\n", "bad 3" },
	{ "control character", "a\x1b[0m\n", "bad 2" },
	{ "control character of 8 bits",
	  "a\xc2\x9b"
	  "0m\n",
	  "bad 2" },
	{ "no-break space is text",
	  "a\xc2\xa0"
	  "b\n",
	  "1:a\xc2\xa0"
	  "b" },
	{ "delete", "ab\x7f\n", "bad 3" },
	{ "carriage return inside", "a\rb\n", "bad 2" },
};

static void test_case(void **state)
{
	static struct conf_line line;
	const struct lex_case *c = *state;
	struct conf_reader reader;
	struct diag d = { 0 };
	char got[256] = "";
	size_t used = 0;

	conf_reader_init(&reader, c->text, strlen(c->text));
	enum conf_read kind = conf_reader_next(&reader, &line, &d);

	if (kind == CONF_READ_BAD)
		(void)snprintf(got, sizeof(got), "bad %u", d.column);
	else
		assert_int_equal(kind, CONF_READ_LINE);
	for (uint32_t i = 0; i < line.count; i++)
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%s%u:%s", i ? " " : "",
		                         line.token[i].column, line.token[i].text);
	assert_string_equal(got, c->words);
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_END);
}

static void test_rest(void **state)
{
	static const char text[] = "first\n tag  a  b \t\n";
	static struct conf_line line;
	struct conf_reader reader;
	struct diag d = { 0 };

	(void)state;
	conf_reader_init(&reader, text, strlen(text));
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_LINE);
	assert_int_equal(line.number, 1);
	assert_false(line.has_trailing_blank);
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_LINE);
	assert_int_equal(line.number, 2);
	assert_true(line.has_trailing_blank);
	assert_string_equal(conf_line_rest(&line, 1), "a  b");
	assert_string_equal(conf_line_rest(&line, 3), "");
	assert_int_equal(conf_line_column(&line, 2), 10);
	assert_int_equal(conf_line_column(&line, 3), 11);
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_END);
}

/* As many words as a line can hold, and a NUL in the text. */
static void test_limits(void **state)
{
	static struct conf_line line;
	char text[CONF_LINE_MAX + 2];
	struct conf_reader reader;
	struct diag d = { 0 };

	(void)state;
	for (size_t i = 0; i < CONF_LINE_MAX; i++)
		text[i] = i % 2 ? ' ' : 'x';
	conf_reader_init(&reader, text, CONF_LINE_MAX);
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_LINE);
	assert_int_equal(line.count, CONF_LINE_MAX / 2);
	conf_reader_init(&reader, "a\0b", 3);
	assert_int_equal(conf_reader_next(&reader, &line, &d), CONF_READ_BAD);
	assert_int_equal(d.column, 2);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(cases) / sizeof(cases[0]) + 2];
	size_t count = 0;

	for (; count < sizeof(cases) / sizeof(cases[0]); count++)
		tests[count] = (struct CMUnitTest) { cases[count].name, test_case, NULL, NULL,
			                             (void *)(uintptr_t)&cases[count] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_rest);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_limits);
	return _cmocka_run_group_tests("conf lex", tests, count, NULL, NULL);
}
