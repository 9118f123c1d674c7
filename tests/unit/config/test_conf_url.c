/* SPDX-License-Identifier: Apache-2.0 */
/* A password in a URL is a secret wherever a configuration is shown. */
#include "config/conf_url.h"
#include "config/text_diff.h"
#include "t_config.h"

#include <errno.h>

#define TEXT  "ip sla 6\n ftp get ftp://me:geheim@192.0.2.7/file mode active\n"
#define SHOWN "ip sla 6\n ftp get ftp://me:<hidden>@192.0.2.7/file mode active\n"

static void it_is_for_the_engine_alone(void **state)
{
	struct config *c = t_good(TEXT);
	char *people = t_print(c, false, false), *file = t_print(c, false, true);

	(void)state;
	assert_string_equal(people, SHOWN);
	assert_string_equal(file, TEXT);
	assert_string_equal(c->ops[0]->target, "ftp://me:<hidden>@192.0.2.7/file");
	assert_string_equal(c->ops[0]->params.text.at[OP_TEXT_URL],
	                    "ftp://me:geheim@192.0.2.7/file");
	free(people);
	free(file);
	config_free(c);
}

static void a_file_that_everybody_reads_is_refused(void **state)
{
	struct config *c = NULL;
	struct config_errors errors = { 0 };

	(void)state;
	assert_int_equal(conf_parse_text(TEXT, strlen(TEXT), true, &c, &errors), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_non_null(strstr(errors.errors[0].text, "every user can read it"));
	config_errors_fini(&errors);
}

static void what_was_hidden_is_not_taken_for_it(void **state)
{
	struct config *c = NULL;
	struct config_errors errors = { 0 };

	(void)state;
	assert_int_equal(config_parse(SHOWN, strlen(SHOWN), &c, &errors), -EINVAL);
	assert_non_null(strstr(errors.errors[0].text, "was hidden when this text was printed"));
	config_errors_fini(&errors);
}

static void no_sentence_quotes_it(void **state)
{
	static const char text[] = "ip sla 6\n ftp get ftp://me:geheim@192.0.2.7/ mode active\n"
	                           "ip sla 7\n ftp get ftp://me:geheim@192.0.2.7/a mode x\n";
	struct config *c = NULL;
	struct config_errors errors = { 0 };
	char *said = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&said, &len);

	(void)state;
	assert_int_equal(config_parse(text, strlen(text), &c, &errors), -EINVAL);
	config_errors_print(&errors, "file", to);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(errors.count, 2);
	assert_null(strstr(said, "geheim"));
	free(said);
	config_errors_fini(&errors);
}

static void it_is_hidden_in_texts(void **state)
{
	size_t len;
	char *hidden = text_hide_keys(TEXT, strlen(TEXT), &len);

	(void)state;
	assert_int_equal(len, strlen(SHOWN));
	assert_memory_equal(hidden, SHOWN, len);
	free(hidden);
	assert_true(text_has_keys(TEXT, strlen(TEXT)));
	assert_false(text_has_keys(" http get http://a/b:c@d\n", 25));
	assert_true(config_line_is_secret(TEXT, strlen(TEXT)));
}

static void it_is_found_where_it_stands(void **state)
{
	static const struct {
		const char *line, *password;
	} cases[] = {
		{ " ftp get ftp://me:geheim@h/x", "geheim" },
		{ " ftp get ftp://me:a:b@c@h/x", "a:b@c" },
		{ " ftp get ftp://me@h/x", NULL },
		{ " ftp get ftp://me:@h/x", NULL },
		{ " ftp get ftp://h/x:y@z", NULL },
		{ " proxy http://a:b@c", "b" },
		{ " tag a:b@c", NULL },
		{ "://:x@", "x" },
		{ "://", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t octets, len = strlen(cases[i].line);
		size_t at = conf_url_password_at(cases[i].line, len, &octets);

		assert_int_equal(octets, cases[i].password ? strlen(cases[i].password) : 0);
		if (cases[i].password)
			assert_memory_equal(cases[i].line + at, cases[i].password, octets);
		else
			assert_int_equal(at, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_for_the_engine_alone),
		cmocka_unit_test(a_file_that_everybody_reads_is_refused),
		cmocka_unit_test(what_was_hidden_is_not_taken_for_it),
		cmocka_unit_test(no_sentence_quotes_it),
		cmocka_unit_test(it_is_hidden_in_texts),
		cmocka_unit_test(it_is_found_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
