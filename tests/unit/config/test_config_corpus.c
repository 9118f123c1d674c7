/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations as people paste them: corpus/NAME.conf reads as corpus/NAME.ok, which is a fixed
 * point; and no cut or garbled copy of them does harm. */
#include "t_config.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#define MUTATIONS  300
#define TEXT_BYTES 16384

static const char *folder;

static size_t read_file(const char *name, char *to)
{
	char path[512];
	FILE *from;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	from = fopen(path, "rb");
	assert_non_null(from);
	size_t len = fread(to, 1, TEXT_BYTES - 1, from);

	to[len] = '\0';
	assert_int_equal(fclose(from), 0);
	return len;
}

static int is_conf(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && strcmp(e->d_name + len - 5, ".conf") == 0;
}

static void for_each(void (*check)(const char *name, const char *text, size_t len), int least)
{
	static char text[TEXT_BYTES];
	struct dirent **entries;
	int count = scandir(folder, &entries, is_conf, alphasort);

	assert_true(count >= least);
	for (int i = 0; i < count; i++) {
		size_t len = read_file(entries[i]->d_name, text);

		check(entries[i]->d_name, text, len);
		free(entries[i]);
	}
	free(entries);
}

/* NAME.ok or NAME.refused, beside NAME.conf, has ``got`` behind its first line. */
static void compare(const char *name, const char *kind, const char *got)
{
	static char expected[TEXT_BYTES];
	char file[256], path[512];

	(void)snprintf(file, sizeof(file), "%.*s.%s", (int)(strlen(name) - 5), name, kind);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (getenv("CANDOR_WRITE_CORPUS")) {
		FILE *to = fopen(path, "wb");

		assert_non_null(to);
		(void)fprintf(to, "! SPDX-License-Identifier: Apache-2.0\n%s", got);
		assert_int_equal(fclose(to), 0);
	}
	if (access(path, R_OK) != 0)
		fail_msg("%s is not there: %s says\n%s", file, name, got);
	(void)read_file(file, expected);
	const char *body = strchr(expected, '\n'); /* behind the licence line */

	assert_non_null(body);
	assert_string_equal(got, body + 1);
}

static unsigned good_count, refused_count;

static void check_canonical(const char *name, const char *text, size_t len)
{
	struct config_errors errors;
	struct config *c = NULL;
	char *said;

	if (config_parse(text, len, &c, &errors) == 0) {
		said = t_print(c, false, true);
		compare(name, "ok", said);
		t_assert_fixed_point(c);
		config_free(c);
		good_count++;
	} else {
		said = t_errors(&errors);
		compare(name, "refused", said);
		config_errors_fini(&errors);
		refused_count++;
	}
	free(said);
}

/* Read anything: it is good and then a fixed point, or it has errors with places. */
static void read_any(const char *text, size_t len)
{
	struct config_errors errors;
	struct config *c = NULL;

	if (config_parse(text, len, &c, &errors) == 0) {
		assert_int_equal(errors.count, 0);
		t_assert_fixed_point(c);
		config_free(c);
		return;
	}
	assert_true(errors.count > 0);
	for (uint32_t i = 0; i < errors.count; i++) {
		assert_true(errors.errors[i].line > 0 && errors.errors[i].column > 0);
		assert_true(errors.errors[i].text[0] != '\0');
		if (i > 0)
			assert_true(errors.errors[i].line >= errors.errors[i - 1].line);
	}
	config_errors_fini(&errors);
}

static void check_truncations(const char *name, const char *text, size_t len)
{
	(void)name;
	for (size_t cut = 0; cut < len; cut++)
		read_any(text, cut);
}

static uint64_t seed;

static void check_mutations(const char *name, const char *text, size_t len)
{
	static const char alphabet[] = "\n\t !09az.:/-\x7f\xc3";
	char copy[TEXT_BYTES];

	(void)name;
	for (unsigned i = 0; i < MUTATIONS; i++) {
		memcpy(copy, text, len);
		for (unsigned k = 0; k < 1 + i % 4; k++)
			copy[t_random(&seed) % len] =
			        alphabet[t_random(&seed) % (sizeof(alphabet) - 1)];
		read_any(copy, len);
	}
}

static void test_canonical(void **state)
{
	(void)state;
	for_each(check_canonical, 16);
}

static void test_truncations(void **state)
{
	(void)state;
	for_each(check_truncations, 16);
}

static void test_mutations(void **state)
{
	(void)state;
	seed = t_seed(41);
	for_each(check_mutations, 16);
}

static const char *examples;

static void check_example(const char *name, const char *text, size_t len)
{
	struct config *c = t_good(text);

	(void)len;
	t_assert_fixed_point(c);
	assert_true(c->op_count > 0 || c->responder.enabled);
	print_message("%s: %u operations\n", name, c->op_count);
	config_free(c);
}

/* What we ship works as it is. */
static void test_examples(void **state)
{
	(void)state;
	folder = examples;
	for_each(check_example, 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_mutations),
		cmocka_unit_test(test_examples),
	};

	if (argc < 4)
		return 3;
	folder = argv[1];
	examples = argv[3];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
