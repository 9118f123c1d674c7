/* SPDX-License-Identifier: Apache-2.0 */
/* The table of paths is that of docs/namp.md section 6, in both directions, and requests are let
 * through or refused by it. */
#include "t.h"

#include "base/cleanup.h"
#include "object/paths.h"

#include <errno.h>

static const char *specification; /* docs/namp.md */

/* The columns of the table, behind the path. */
static const enum object_verb columns[] = { OBJECT_GET,    OBJECT_LIST, OBJECT_SET,
	                                    OBJECT_DELETE, OBJECT_RUN,  OBJECT_WATCH };

static uint8_t role_of(const char *cell, const char *line)
{
	if (strcmp(cell, "") == 0)
		return ROLE_NONE;
	if (strcmp(cell, "V") == 0)
		return ROLE_VIEWER;
	if (strcmp(cell, "O") == 0)
		return ROLE_OPERATOR;
	if (strcmp(cell, "A") != 0)
		fail_msg("no role is called \"%s\": %s", cell, line);
	return ROLE_ADMINISTRATOR;
}

/* The next cell behind a bar, without blanks and quotes; the text is cut in place. */
static char *next_cell(char **at)
{
	char *cell = strsep(at, "|");

	assert_non_null(cell);
	cell += strspn(cell, " `");
	for (size_t len = strlen(cell); len > 0 && strchr(" `", cell[len - 1]); len--)
		cell[len - 1] = '\0';
	return cell;
}

/* One row of the document against the table. */
static void compare_row(char *line)
{
	char *at = line + 1;
	const char *path = next_cell(&at);
	const struct object_path *row = NULL;

	if (strcmp(path, "(empty)") == 0)
		path = "";
	for (unsigned i = 0; i < object_path_count; i++) {
		if (strcmp(object_paths[i].pattern, path) == 0)
			row = &object_paths[i];
	}
	if (!row)
		fail_msg("the table lacks \"%s\"", path);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const char *cell = next_cell(&at);

		if (role_of(cell, path) != row->role[columns[i]])
			fail_msg("\"%s\", %s: specified \"%s\", in the table %s", path,
			         object_verb_name(columns[i]), cell,
			         role_name(row->role[columns[i]]));
	}
}

static void test_specification(void **state)
{
	FILE *f = fopen(specification, "r");
	CLEANUP(freep) char *line = NULL;
	size_t cap = 0;
	unsigned rows = 0;
	bool in_table = false;

	(void)state;
	assert_non_null(f);
	while (getline(&line, &cap, f) >= 0) {
		if (strncmp(line, "| path | get |", 14) == 0)
			in_table = true;
		else if (in_table && line[0] != '|')
			break;
		else if (in_table && strncmp(line, "|---", 4) != 0) {
			compare_row(line);
			rows++;
		}
	}
	(void)fclose(f);
	assert_int_equal(rows, object_path_count); /* nothing is there that is not specified */
}

static void test_patterns(void **state)
{
	static const struct {
		const char *path, *pattern;
	} cases[] = {
		{ "", "" },
		{ "sla/operation/1", "sla/operation/#" },
		{ "sla/operation/2147483647", "sla/operation/#" },
		{ "message/9223372036854775807", "message/#" },
		{ "message/9223372036854775808", NULL },
		{ "config/archive/0", "config/archive/#" },
		{ "config/archive/00", NULL },
		{ "sla/result/7/latest", "sla/result/#/latest" },
		{ "sla/result/7", NULL },
		{ "sla/result//latest", NULL },
		{ "sla/result/7/latest/", NULL },
		{ "sla", NULL },
		{ "sla/operation/+1", NULL },
		{ "sla/operation/1 ", NULL },
		{ "SLA/operation", NULL },
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct object_path *p = object_path_find(cases[i].path);

		if (cases[i].pattern)
			assert_string_equal(p ? p->pattern : "nothing", cases[i].pattern);
		else
			assert_null(p);
	}
	assert_true(object_path_number("sla/result/7/latest", &number));
	assert_true(number == 7);
	assert_true(object_path_number("config/archive/0", &number));
	assert_true(number == 0);
	assert_false(object_path_number("sla/operation", &number));
}

static int handle(void *ctx, const struct object_request *request, struct arena *a,
                  struct doc **ret, struct diag *d)
{
	(void)d;
	*ret = doc_new_map(a);
	doc_add_text(a, *ret, "provider", ctx);
	doc_add_text(a, *ret, "path", request->path);
	return 0;
}

static char all[] = "all", sla[] = "sla", statistics[] = "sla/statistics";

static const struct object_provider providers[] = {
	{ "sla/statistics", handle, statistics },
	{ "sla", handle, sla },
	{ "", handle, all },
};

static int ask(enum admin_role role, enum object_verb verb, const char *path, struct arena *a,
               struct doc **ret, struct diag *d)
{
	const struct object_request request = {
		.verb = verb,
		.path = path,
		.caller = { role, "alice", "192.0.2.7:41234", 1 },
	};

	return object_dispatch(providers, ARRAY_LEN(providers), &request, a, ret, d);
}

static void test_providers(void **state)
{
	static const char *const cases[][2] = {
		{ "sla/statistics/5", "sla/statistics" },
		{ "sla/operation/5", "sla" },
		{ "sla/result/1/latest", "sla" },
		{ "software", "all" },
		{ "responder", "all" },
	};
	struct arena a = { 0 };
	struct diag why;
	struct doc *d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(ask(ROLE_VIEWER, OBJECT_GET, cases[i][0], &a, &d, &why), 0);
		assert_string_equal(doc_text(d, "provider", ""), cases[i][1]);
		assert_string_equal(doc_text(d, "path", ""), cases[i][0]);
	}
	const struct object_request nobody = {
		.verb = OBJECT_GET,
		.path = "software",
		.caller = { .role = ROLE_VIEWER, .name = "alice" },
	};

	assert_int_equal(object_dispatch(providers, 2, &nobody, &a, &d, &why), -ENOENT);
	arena_free(&a);
}

/* Every verb on every path by every role: what the table says, and nothing else. */
static void test_roles(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (unsigned i = 0; i < object_path_count; i++) {
		const char *pattern = object_paths[i].pattern, *hole = strchr(pattern, '#');
		const char *path = arena_printf(&a, "%.*s%s%s", (int)strcspn(pattern, "#"), pattern,
		                                hole ? "7" : "", hole ? hole + 1 : "");

		for (uint8_t role = ROLE_NONE; role <= ROLE_ADMINISTRATOR; role++) {
			for (unsigned verb = 0; verb <= OBJECT_VERBS; verb++) {
				uint8_t least =
				        verb < OBJECT_VERBS ? object_paths[i].role[verb] : 0;
				struct diag why = { 0 };
				struct doc *d;
				int want = role == ROLE_NONE    ? -EACCES
				           : least == ROLE_NONE ? -EOPNOTSUPP
				           : role < least       ? -EACCES
				                                : 0;

				assert_int_equal(ask(role, verb, path, &a, &d, &why), want);
				assert_int_equal(why.code, want);
			}
		}
	}
	arena_free(&a);
}

static void test_sentences(void **state)
{
	struct arena a = { 0 };
	struct doc *d;
	struct diag why;

	(void)state;
	assert_int_equal(ask(ROLE_VIEWER, OBJECT_GET, "sla/operation", &a, &d, &why), -EOPNOTSUPP);
	assert_string_equal(why.text,
	                    "\"sla/operation\" does not take get: it takes list or watch");
	assert_int_equal(ask(ROLE_OPERATOR, OBJECT_DELETE, "sla/operation/5", &a, &d, &why),
	                 -EACCES);
	assert_string_equal(why.text, "delete on \"sla/operation/5\" needs the role administrator; "
	                              "alice is operator");
	assert_int_equal(ask(ROLE_ADMINISTRATOR, OBJECT_GET, "sla/x", &a, &d, &why), -ENOENT);
	assert_string_equal(why.text, "there is no object \"sla/x\"");
	assert_int_equal(ask(ROLE_NONE, OBJECT_GET, "sla/x", &a, &d, &why), -EACCES);
	assert_string_equal(why.text, "alice has no role here: an administrator gives one (namp, "
	                              "user alice role …)");
	arena_free(&a);
}

static void test_bodies(void **state)
{
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a);
	struct object_request q = { .body = NULL };

	(void)state;
	assert_true(object_body_after(&q) == 0 && object_body_offset(&q) == 0);
	assert_int_equal(object_body_limit(&q), OBJECT_LIST_DEFAULT);
	doc_add_int(&a, body, "after", -1);
	doc_add_text(&a, body, "limit", "all");
	doc_add_int(&a, body, "offset", INT64_MAX);
	q.body = body;
	assert_true(object_body_after(&q) == 0 && object_body_offset(&q) == INT64_MAX);
	assert_int_equal(object_body_limit(&q), OBJECT_LIST_DEFAULT);
	q.body = body = doc_new_map(&a);
	doc_add_int(&a, body, "limit", 5000);
	assert_int_equal(object_body_limit(&q), OBJECT_LIST_MAX);
	for (unsigned verb = 0; verb <= OBJECT_VERBS; verb++) {
		q.verb = verb;
		assert_int_equal(object_is_change(&q),
		                 verb == OBJECT_SET || verb == OBJECT_DELETE || verb == OBJECT_RUN);
	}
	arena_free(&a);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specification), cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_providers),     cmocka_unit_test(test_roles),
		cmocka_unit_test(test_sentences),     cmocka_unit_test(test_bodies),
	};

	assert_int_equal(argc, 2);
	specification = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
