/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: building, reading, JSON both ways, and JSON that wants to hurt. */
#include "t.h"

#include "object/doc.h"

#include <errno.h>

static char *to_json(const struct doc *d, unsigned indent)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(doc_write_json(d, f, indent), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void assert_json(const struct doc *d, unsigned indent, const char *want)
{
	char *got = to_json(d, indent);

	assert_string_equal(got, want);
	free(got);
}

static void test_builds_and_reads(void **state)
{
	struct arena a = { 0 };
	struct doc *d = doc_new_map(&a);

	(void)state;
	doc_add_int(&a, d, "count", -7);
	doc_add_bool(&a, d, "up", true);
	doc_add_real(&a, d, "mos", 4.34);
	doc_add_text(&a, d, "name", "wan");
	doc_add_null(&a, d, "rtt_ns");
	struct doc *list = doc_add_list(&a, d, "items");

	doc_add_int(&a, list, NULL, 1);
	assert_i64_equal(doc_int(d, "count", 0), -7);
	assert_true(doc_bool(d, "up", false));
	assert_true(doc_real(d, "mos", 0) > 4.33 && doc_real(d, "count", 0) < -6.9);
	assert_string_equal(doc_text(d, "name", ""), "wan");
	assert_int_equal(doc_get(d, "items")->count, 1);
	/* Missing, null and of another type: the fallback. */
	assert_i64_equal(doc_int(d, "rtt_ns", -1), -1);
	assert_i64_equal(doc_int(d, "name", -1), -1);
	assert_i64_equal(doc_int(NULL, "count", -1), -1);
	assert_string_equal(doc_text(d, "nothing", "fallback"), "fallback");
	assert_null(doc_get(list, "count"));
	arena_free(&a);
}

static void test_writes_json(void **state)
{
	struct arena a = { 0 };
	struct doc *d = doc_new_map(&a);

	(void)state;
	assert_json(d, 0, "{}");
	assert_json(d, 2, "{}\n");
	doc_add_int(&a, d, "min", INT64_MIN);
	doc_add_real(&a, d, "one", 1.0);
	doc_add_real(&a, d, "tenth", 0.1);
	doc_add_real(&a, d, "none", 1.0 / 0.0);
	(void)doc_add_list(&a, d, "empty");
	doc_add_bool(&a, doc_add_map(&a, d, "in"), "no", false);
	assert_json(d, 0,
	            "{\"min\": -9223372036854775808, \"one\": 1.0, \"tenth\": 0.1, "
	            "\"none\": null, \"empty\": [], \"in\": {\"no\": false}}");
	assert_json(doc_get(d, "in"), 2, "{\n  \"no\": false\n}\n");
	arena_free(&a);
}

static void test_texts_always_make_valid_json(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "plain", "\"plain\"" },
		{ "q\" b\\ n\n t\t", "\"q\\\" b\\\\ n\\n t\\t\"" },
		{ "\x01\x7f", "\"\\u0001\\u007f\"" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		  "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },                 /* overlong */
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* surrogate */
		{ "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },               /* cut off */
		{ "\xf4\x90\x80\x80",
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* beyond U+10FFFF */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena a = { 0 };
		struct doc *list = doc_new_list(&a), *back;

		doc_add_text(&a, list, NULL, cases[i].text);
		assert_json(&list->first->value, 0, cases[i].json);
		assert_int_equal(
		        doc_parse_json(&a, cases[i].json, strlen(cases[i].json), &back, NULL), 0);
		assert_int_equal(back->kind, DOC_TEXT);
		arena_free(&a);
	}
}

static void test_round_trip(void **state)
{
	static const char text[] =
	        "{\"a\": [1, -2, 9223372036854775807, 0.25, true, false, null, \"x\"], "
	        "\"b\": {\"c\": {}, \"d\": []}, \"sum2_ns2\": "
	        "\"340282366920938463463374607431768211455\"}";
	struct arena a = { 0 };
	struct doc *d;

	(void)state;
	assert_int_equal(doc_parse_json(&a, text, strlen(text), &d, NULL), 0);
	assert_json(d, 0, text);
	arena_free(&a);
}

static void test_refuses_hostile_json(void **state)
{
	char deep[2 * 200 + 1];
	static const char *const bad[] = {
		"",
		"{",
		"{\"a\": 1, \"a\": 2}",
		"{\"a\": {\"b\": 1, \"b\": 1}}",
		"9223372036854775808",
		"-9223372036854775809",
		"1e999",
		"{\"a\": 1} x",
		"\"\\u0000\"",
		"\"\\ud800\"",
		"\"\xff\"",
		"[1,]",
		"{'a': 1}",
		"nul",
		"NaN",
		"\"\\",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct arena a = { 0 };
		struct doc *d = NULL;
		struct diag why = { 0 };

		assert_int_equal(doc_parse_json(&a, bad[i], strlen(bad[i]), &d, &why), -EBADMSG);
		assert_null(d);
		assert_int_equal(why.code, -EBADMSG);
		assert_true(why.text[0] != '\0');
		arena_free(&a);
	}
	for (size_t depth = JSON_DEPTH_MAX; depth <= 200; depth++) {
		struct arena a = { 0 };
		struct doc *d;

		memset(deep, '[', depth);
		memset(deep + depth, ']', depth);
		assert_int_equal(doc_parse_json(&a, deep, 2 * depth, &d, NULL),
		                 depth > JSON_DEPTH_MAX ? -EBADMSG : 0);
		arena_free(&a);
	}
}

/* Brackets inside texts are not depth, and every truncation of a valid text is refused. */
static void test_truncations(void **state)
{
	static const char text[] =
	        "{\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\": [\"\\\"]\", {\"k\": 1}]}";
	struct arena a = { 0 };
	struct doc *d;

	(void)state;
	assert_int_equal(doc_parse_json(&a, text, strlen(text), &d, NULL), 0);
	for (size_t len = 0; len < strlen(text); len++) {
		char *cut = malloc(len ? len : 1);

		assert_non_null(cut);
		memcpy(cut, text, len);
		assert_int_equal(doc_parse_json(&a, cut, len, &d, NULL), -EBADMSG);
		free(cut);
	}
	arena_free(&a);
}

static void test_writer_piece_by_piece(void **state)
{
	struct arena a = { 0 };
	struct doc *run = doc_new_map(&a);
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct json_writer w = { .to = f };

	(void)state;
	assert_non_null(f);
	doc_add_int(&a, run, "run", 1);
	json_open(&w, NULL, '{');
	json_open(&w, "runs", '[');
	json_doc(&w, NULL, run);
	json_doc(&w, NULL, run);
	json_close(&w, ']');
	json_doc(&w, "summary", run);
	json_close(&w, '}');
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text,
	                    "{\"runs\": [{\"run\": 1}, {\"run\": 1}], \"summary\": {\"run\": 1}}");
	free(text);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builds_and_reads),
		cmocka_unit_test(test_writes_json),
		cmocka_unit_test(test_texts_always_make_valid_json),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refuses_hostile_json),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_writer_piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
