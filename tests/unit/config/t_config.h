/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the configuration share: text in, canonical text or errors out. */
#ifndef CANDOR_TESTS_T_CONFIG_H
#define CANDOR_TESTS_T_CONFIG_H

#include "config/config.h"
#include "t.h"

/* The canonical text of ``c`` (heap). */
static inline char *t_print(const struct config *c, bool all, bool secrets)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	assert_int_equal(config_print(c, to, all, secrets), 0);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* The errors as `line:column: sentence`, one a line (heap). */
static inline char *t_errors(const struct config_errors *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	for (uint32_t i = 0; i < e->count; i++)
		(void)fprintf(to, "%u:%u: %s\n", e->errors[i].line, e->errors[i].column,
		              e->errors[i].text);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* A configuration that must be good; free with config_free(). */
static inline struct config *t_good(const char *text)
{
	struct config_errors errors;
	struct config *c = NULL;

	if (config_parse(text, strlen(text), &c, &errors) != 0) {
		config_errors_print(&errors, "text", stderr);
		config_errors_fini(&errors);
		fail_msg("a good text was refused");
	}
	assert_int_equal(errors.count, 0);
	return c;
}

/* print(parse(print(x))) == print(x), with and without defaults. */
static inline void t_assert_fixed_point(const struct config *c)
{
	for (int all = 0; all < 2; all++) {
		char *first = t_print(c, all != 0, true);
		struct config *again = t_good(first);
		char *second = t_print(again, all != 0, true);
		char *plain = t_print(c, false, true);
		char *plain_again = t_print(again, false, true);

		assert_string_equal(first, second);
		assert_string_equal(plain, plain_again);
		free(plain_again);
		free(plain);
		free(second);
		free(first);
		config_free(again);
	}
}

#endif
