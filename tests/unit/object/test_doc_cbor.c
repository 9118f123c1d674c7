/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as CBOR: both ways, in order, bounded, and what is no document. */
#include "t.h"

#include "object/doc_cbor.h"
#include "wire/cbor.h"

#include <errno.h>
#include <math.h>

static void assert_cbor(const struct doc *d, const char *hex)
{
	uint8_t want[512], got[512];
	size_t len = t_hex(hex, want, sizeof(want));

	assert_int_equal(doc_write_cbor(d, got, sizeof(got)), len);
	assert_memory_equal(got, want, len);
	for (size_t cap = 0; cap < len; cap++)
		assert_int_equal(doc_write_cbor(d, got, cap), -ENOBUFS);
}

static void test_writes_in_order(void **state)
{
	struct arena a = { 0 };
	struct doc *d = doc_new_map(&a);

	(void)state;
	doc_add_text(&a, d, "object", "x");
	doc_add_int(&a, d, "aa", -1);
	doc_add_real(&a, d, "b", 1.5);
	struct doc *list = doc_add_list(&a, d, "a");

	doc_add_null(&a, list, NULL);
	doc_add_bool(&a, list, NULL, true);
	(void)doc_add_map(&a, list, NULL);
	(void)doc_add_list(&a, list, NULL);
	doc_add_real(&a, list, NULL, 3.0); /* an integer on the wire */
	assert_cbor(d, "a4 6161 85f6f5a08003 6162 f93e00 626161 20 666f626a656374 6178");
	arena_free(&a);
}

static void test_reads(void **state)
{
	uint8_t buf[128];
	size_t len = t_hex("a4 6161 85f6f5a08003 6162 f93e00 626161 20 666f626a656374 6178", buf,
	                   sizeof(buf));
	struct arena a = { 0 };
	struct doc *d;
	struct diag diag;

	(void)state;
	assert_int_equal(doc_parse_cbor(&a, buf, len, &d, &diag), 0);
	assert_int_equal(d->kind, DOC_MAP);
	assert_int_equal(d->count, 4);
	assert_i64_equal(doc_int(d, "aa", 0), -1);
	assert_string_equal(doc_text(d, "object", ""), "x");
	assert_true(doc_real(d, "b", 0) > 1.4);
	const struct doc *list = doc_get(d, "a");

	assert_int_equal(list->count, 5);
	static const enum doc_kind kinds[] = { DOC_NULL, DOC_BOOL, DOC_MAP, DOC_LIST, DOC_INT };
	unsigned i = 0;

	for (const struct doc_member *m = doc_first(list); m; m = m->next)
		assert_int_equal(m->value.kind, kinds[i++]);
	assert_cbor(d, "a4 6161 85f6f5a08003 6162 f93e00 626161 20 666f626a656374 6178");
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(doc_parse_cbor(&a, buf, cut, &d, &diag), -EBADMSG);
	arena_free(&a);
}

static void test_no_documents(void **state)
{
	static const char *const rows[] = {
		"4101", "a10102",         "a1616141ff", "814100", "f7",
		"",     "a2616200616100", "0000",       "a16161", "8202"
	};
	struct arena a = { 0 };
	struct doc *d = NULL;
	struct diag diag;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[16];
		size_t len = t_hex(rows[i], buf, sizeof(buf));

		if (doc_parse_cbor(&a, buf, len, &d, &diag) != -EBADMSG)
			fail_msg("%s is a document", rows[i]);
		assert_null(d);
		assert_non_null(strstr(diag.text, "octet "));
	}
	arena_free(&a);
}

static void test_refuses_to_write(void **state)
{
	struct arena a = { 0 };
	uint8_t buf[128];
	struct doc *d = doc_new_map(&a);

	(void)state;
	doc_add_int(&a, d, "a", 1);
	doc_add_int(&a, d, "a", 2);
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), -EINVAL);
	d = doc_new_list(&a);
	doc_add_real(&a, d, NULL, (double)NAN);
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), -EINVAL);
	d = doc_new_list(&a);
	doc_add_real(&a, d, NULL, (double)INFINITY);
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), -EINVAL);
	d = doc_new_list(&a);
	doc_add_text(&a, d, NULL, "x");
	d->first->value.text = "\xff"; /* doc_add_text() would not have taken it */
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), -EINVAL);
	d = doc_new_map(&a);
	doc_add_null(&a, d, "\xc3");
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), -EINVAL);
	/* Sixteen levels, and one more below others that are open. */
	d = doc_new_map(&a);
	struct doc *at = d;

	for (unsigned depth = 2; depth <= CBOR_DEPTH_MAX; depth++)
		at = doc_add_map(&a, at, "m");
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), 3 * CBOR_DEPTH_MAX - 2);
	doc_add_list(&a, at, "m");
	assert_int_equal(doc_write_cbor(d, buf, sizeof(buf)), -EINVAL);
	arena_free(&a);
}

static void test_sizes(void **state)
{
	struct arena a = { 0 };
	struct doc *d = doc_new_list(&a);
	char *text = calloc(1, CBOR_SIZE_MAX + 1);
	const uint8_t *got;
	size_t len;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', CBOR_SIZE_MAX - 6);
	doc_add_text(&a, d, NULL, text);
	assert_int_equal(doc_to_cbor(d, &a, &got, &len), 0);
	assert_int_equal(len, CBOR_SIZE_MAX);
	assert_int_equal(cbor_check(got, len), 0);
	doc_add_null(&a, d, NULL);
	assert_int_equal(doc_to_cbor(d, &a, &got, &len), -EMSGSIZE);
	d = doc_new_list(&a);
	for (unsigned i = 0; i < CBOR_ITEMS_MAX; i++)
		doc_add_null(&a, d, NULL);
	assert_int_equal(doc_to_cbor(d, &a, &got, &len), 0);
	assert_int_equal(len, 5 + CBOR_ITEMS_MAX);
	doc_add_null(&a, d, NULL);
	assert_int_equal(doc_to_cbor(d, &a, &got, &len), -EINVAL);
	free(text);
	arena_free(&a);
}

/* The dearest documents there are: memory stays below 64 octets for each octet of the input. */
static void test_memory_is_bounded(void **state)
{
	static const char *const items[] = { "f6", "60", "6161", "80", "a160f6", "8100" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		uint8_t item[8], *buf = malloc(CBOR_SIZE_MAX);
		size_t item_len = t_hex(items[i], item, sizeof(item));
		struct arena a = { 0 };
		struct doc *d;
		struct diag diag;
		struct cbor_wr w;

		assert_non_null(buf);
		cbor_wr_init(&w, buf, CBOR_SIZE_MAX);
		cbor_put_array(&w, 4);
		for (unsigned k = 0; k < 4; k++) {
			cbor_put_array(&w, CBOR_ITEMS_MAX);
			for (unsigned n = 0; n < CBOR_ITEMS_MAX; n++)
				cbor_put_raw(&w, item, item_len);
		}
		assert_false(w.bad);
		assert_int_equal(doc_parse_cbor(&a, buf, cbor_wr_len(&w), &d, &diag), 0);
		assert_in_range(a.used_bytes, 1, 64 * cbor_wr_len(&w));
		arena_free(&a);
		/* A count that promises much costs nothing. */
		size_t len = t_hex("9a00010000 f6", buf, 6);

		assert_int_equal(doc_parse_cbor(&a, buf, len, &d, &diag), -EBADMSG);
		assert_in_range(a.used_bytes, 0, 256);
		arena_free(&a);
		free(buf);
	}
}

static void test_sorts_for_people(void **state)
{
	static const char *const want[] = { "schema", "object", "a", "bb", "c" };
	struct arena a = { 0 };
	struct doc *top = doc_new_list(&a), *d = doc_add_map(&a, top, NULL);
	unsigned i = 0;

	(void)state;
	doc_add_int(&a, d, "c", 1);
	doc_add_int(&a, d, "object", 2);
	doc_add_int(&a, d, "bb", 3);
	doc_add_int(&a, d, "a", 4);
	doc_add_int(&a, d, "schema", 5);
	doc_sort(top);
	for (const struct doc_member *m = doc_first(d); m; m = m->next)
		assert_string_equal(m->key, want[i++]);
	assert_int_equal(i, 5);
	doc_add_int(&a, d, "last", 6); /* still appended at the end */
	assert_string_equal(d->last->key, "last");
	assert_int_equal(doc_get(d, "last")->integer, 6);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_in_order),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_no_documents),
		cmocka_unit_test(test_refuses_to_write),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_sorts_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
