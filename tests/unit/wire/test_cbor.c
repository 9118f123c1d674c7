/* SPDX-License-Identifier: Apache-2.0 */
/* CBOR: every value of RFC 8949 appendix A, what the subset of docs/namp.md section 2 leaves out, and
 * what strangers may try. */
#include "t.h"

#include "wire/cbor.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

/* Write one encoding in the diagnostic notation of RFC 8949 section 8; false when it is bad. */
static bool describe(const uint8_t *buf, size_t len, FILE *to)
{
	bool is_first[CBOR_DEPTH_MAX + 1] = { true };
	bool is_value = false; /* the item follows a key */
	struct cbor_item i;
	struct cbor_rd r;

	cbor_rd_init(&r, buf, len);
	do {
		unsigned depth = r.depth;
		bool is_map = depth > 0 && r.level[depth - 1].is_map;
		bool is_key = is_map && r.level[depth - 1].left % 2 == 0;
		enum cbor_type type = cbor_next(&r, &i);

		if (r.bad)
			return false;
		if (type == CBOR_END) {
			fputs(is_map ? "}" : "]", to);
			continue;
		}
		is_value = is_map && !is_key;
		if (!is_value && depth > 0 && !is_first[depth])
			fputs(", ", to);
		is_first[depth] = false;
		if (type == CBOR_INT)
			fprintf(to, "%lld", (long long)i.integer);
		else if (type == CBOR_FLOAT)
			fprintf(to, "%.17g", i.real);
		else if (type == CBOR_TEXT)
			fprintf(to, "\"%.*s\"", (int)i.len, (const char *)i.data);
		else if (type == CBOR_BOOL)
			fputs(i.boolean ? "true" : "false", to);
		else if (type == CBOR_NULL)
			fputs("null", to);
		else if (type == CBOR_BYTES) {
			fputs("h'", to);
			for (size_t k = 0; k < i.len; k++)
				fprintf(to, "%02x", i.data[k]);
			fputs("'", to);
		} else {
			fputs(type == CBOR_MAP ? "{" : "[", to);
			is_first[r.depth] = true;
			continue;
		}
		if (is_key)
			fputs(": ", to);
	} while (r.depth > 0);
	return cbor_rd_done(&r);
}

/* RFC 8949 appendix A.  NULL: outside the subset. */
static const struct {
	const char *hex, *value;
} appendix_a[] = {
	{ "00", "0" },
	{ "01", "1" },
	{ "0a", "10" },
	{ "17", "23" },
	{ "1818", "24" },
	{ "1819", "25" },
	{ "1864", "100" },
	{ "1903e8", "1000" },
	{ "1a000f4240", "1000000" },
	{ "1b000000e8d4a51000", "1000000000000" },
	{ "1bffffffffffffffff", NULL },
	{ "c249010000000000000000", NULL },
	{ "3bffffffffffffffff", NULL },
	{ "c349010000000000000000", NULL },
	{ "20", "-1" },
	{ "29", "-10" },
	{ "3863", "-100" },
	{ "3903e7", "-1000" },
	{ "f90000", NULL },
	{ "f98000", NULL },
	{ "f93c00", NULL },
	{ "fb3ff199999999999a", "1.1000000000000001" },
	{ "f93e00", "1.5" },
	{ "f97bff", NULL },
	{ "fa47c35000", NULL },
	{ "fa7f7fffff", "3.4028234663852886e+38" },
	{ "fb7e37e43c8800759c", "1.0000000000000001e+300" },
	{ "f90001", "5.9604644775390625e-08" },
	{ "f90400", "6.103515625e-05" },
	{ "f9c400", NULL },
	{ "fbc010666666666666", "-4.0999999999999996" },
	{ "f97c00", NULL },
	{ "f97e00", NULL },
	{ "f9fc00", NULL },
	{ "fa7f800000", NULL },
	{ "fa7fc00000", NULL },
	{ "faff800000", NULL },
	{ "fb7ff0000000000000", NULL },
	{ "fb7ff8000000000000", NULL },
	{ "fbfff0000000000000", NULL },
	{ "f4", "false" },
	{ "f5", "true" },
	{ "f6", "null" },
	{ "f7", NULL },
	{ "f0", NULL },
	{ "f8ff", NULL },
	{ "c074323031332d30332d32315432303a30343a30305a", NULL },
	{ "c11a514b67b0", NULL },
	{ "c1fb41d452d9ec200000", NULL },
	{ "d74401020304", NULL },
	{ "d818456449455446", NULL },
	{ "d82076687474703a2f2f7777772e6578616d706c652e636f6d", NULL },
	{ "40", "h''" },
	{ "4401020304", "h'01020304'" },
	{ "60", "\"\"" },
	{ "6161", "\"a\"" },
	{ "6449455446", "\"IETF\"" },
	{ "62225c", "\"\"\\\"" },
	{ "62c3bc", "\"\u00fc\"" },
	{ "63e6b0b4", "\"\u6c34\"" },
	{ "64f0908591", "\"\U00010151\"" },
	{ "80", "[]" },
	{ "83010203", "[1, 2, 3]" },
	{ "8301820203820405", "[1, [2, 3], [4, 5]]" },
	{ "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
	  "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, "
	  "25]" },
	{ "a0", "{}" },
	{ "a201020304", "{1: 2, 3: 4}" },
	{ "a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}" },
	{ "826161a161626163", "[\"a\", {\"b\": \"c\"}]" },
	{ "a56161614161626142616361436164614461656145",
	  "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}" },
	{ "5f42010243030405ff", NULL },
	{ "7f657374726561646d696e67ff", NULL },
	{ "9fff", NULL },
	{ "9f018202039f0405ffff", NULL },
	{ "9f01820203820405ff", NULL },
	{ "83018202039f0405ff", NULL },
	{ "83019f0203ff820405", NULL },
	{ "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", NULL },
	{ "bf61610161629f0203ffff", NULL },
	{ "826161bf61626163ff", NULL },
	{ "bf6346756ef563416d7421ff", NULL },
};

static void assert_reads(const char *hex, const char *want)
{
	uint8_t buf[512];
	size_t len = t_hex(hex, buf, sizeof(buf)), text_len = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &text_len);

	assert_non_null(f);
	bool is_good = describe(buf, len, f);

	assert_int_equal(fclose(f), 0);
	if (is_good != (want != NULL) || (want && strcmp(text, want) != 0))
		fail_msg("%s: got %s, want %s", hex, is_good ? text : "refused",
		         want ? want : "refused");
	assert_int_equal(cbor_check(buf, len), want ? 0 : -EBADMSG);
	free(text);
	/* Whatever is cut off: refused, and no octet beyond is read (a sanitizer would see it). */
	for (size_t cut = 0; want && cut < len; cut++) {
		uint8_t *copy = malloc(cut ? cut : 1);

		assert_non_null(copy);
		memcpy(copy, buf, cut);
		assert_int_equal(cbor_check(copy, cut), -EBADMSG);
		free(copy);
	}
	if (want) { /* something follows */
		buf[len] = 0;
		assert_int_equal(cbor_check(buf, len + 1), -EBADMSG);
	}
}

static void test_appendix_a(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(appendix_a); i++)
		assert_reads(appendix_a[i].hex, appendix_a[i].value);
}

static void test_edges_of_the_subset(void **state)
{
	static const struct {
		const char *hex, *value;
	} rows[] = {
		/* Integers: the range, and forms longer than need be. */
		{ "1b7fffffffffffffff", "9223372036854775807" },
		{ "1b8000000000000000", NULL },
		{ "3b7fffffffffffffff", "-9223372036854775808" },
		{ "3b8000000000000000", NULL },
		{ "1817", NULL },
		{ "1900ff", NULL },
		{ "190100", "256" },
		{ "1a0000ffff", NULL },
		{ "1a00010000", "65536" },
		{ "1b00000000ffffffff", NULL },
		{ "1b0000000100000000", "4294967296" },
		{ "3817", NULL },
		{ "3818", "-25" },
		{ "1c", NULL },
		{ "1d", NULL },
		{ "1e", NULL },
		{ "1f", NULL },
		/* Lengths and counts longer than need be, or of more than is there. */
		{ "580100", NULL },
		{ "780161", NULL },
		{ "980100", NULL },
		{ "b8010000", NULL },
		{ "5b7fffffffffffffff00", NULL },
		{ "5bffffffffffffffff00", NULL },
		{ "9affffffff00", NULL },
		{ "9bffffffffffffffff00", NULL },
		{ "ba7fffffff00", NULL },
		{ "bb80000000000000000000", NULL },
		{ "a100", NULL },
		{ "a20000", NULL },
		/* Floating point: longer than need be, whole numbers, the smallest and largest. */
		{ "fa3fc00000", NULL },
		{ "fb3ff8000000000000", NULL },
		{ "fb3fb99999a0000000", NULL },
		{ "fa3dcccccd", "0.10000000149011612" },
		{ "fa33800000", NULL },
		{ "fa33800001", "5.9604651880817983e-08" },
		{ "fa33000000", "2.9802322387695312e-08" },
		{ "f983ff", "-6.0975551605224609e-05" },
		{ "fa00000001", "1.4012984643248171e-45" },
		{ "fb0000000000000001", "4.9406564584124654e-324" },
		{ "fb36a0000000000000", NULL },
		{ "fbc3e0000000000000", NULL },
		{ "fadf000000", NULL },
		{ "fa5f000000", "9.2233720368547758e+18" },
		{ "fb43e0000000000001", "9.2233720368547779e+18" },
		{ "fadf000001", "-9.2233731363664036e+18" },
		{ "fb8000000000000000", NULL },
		{ "fa80000000", NULL },
		{ "fb47efffffe0000000", NULL },
		{ "fb47efffffe0000001", "3.402823466385289e+38" },
		{ "fb47f0000000000000", "3.4028236692093846e+38" },
		/* Other simple values, tags, breaks. */
		{ "e0", NULL },
		{ "f814", NULL },
		{ "f8f4", NULL },
		{ "fc", NULL },
		{ "ff", NULL },
		{ "c000", NULL },
		{ "81c000", NULL },
		/* Texts. */
		{ "6100", NULL },
		{ "626100", NULL },
		{ "61ff", NULL },
		{ "62c080", NULL },
		{ "63eda080", NULL },
		{ "64f4908080", NULL },
		{ "62c3", NULL },
		{ "61c3", NULL },
		{ "6161", "\"a\"" },
		/* Keys: order, uniqueness, type. */
		{ "a301000200200a", "{1: 0, 2: 0, -1: 10}" },
		{ "a20100616100", "{1: 0, \"a\": 0}" },
		{ "a26161000100", NULL },
		{ "a220000100", NULL },
		{ "a202000100", NULL },
		{ "a201000100", NULL },
		{ "a2616100616100", NULL },
		{ "a262616100616200", NULL },
		{ "a261620062616100", "{\"b\": 0, \"aa\": 0}" },
		{ "a217001818 00", "{23: 0, 24: 0}" },
		{ "a11817 00", NULL },
		{ "a1410000", NULL },
		{ "a1f400", NULL },
		{ "a1f93e0000", NULL },
		{ "a18000", NULL },
		{ "a1a000", NULL },
		{ "a160 00", "{\"\": 0}" },
		{ "a2616100 6162 a2616200616100", NULL },
		{ "a2616200 6163 a2616100616200", "{\"b\": 0, \"c\": {\"a\": 0, \"b\": 0}}" },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_reads(rows[i].hex, rows[i].value);
}

static void test_depth(void **state)
{
	uint8_t buf[64];

	(void)state;
	for (unsigned depth = 1; depth < 40; depth++) {
		memset(buf, 0x81, depth);
		buf[depth - 1] = 0x80;
		assert_int_equal(cbor_check(buf, depth), depth <= CBOR_DEPTH_MAX ? 0 : -EBADMSG);
		buf[depth - 1] = 0xa0;
		assert_int_equal(cbor_check(buf, depth), depth <= CBOR_DEPTH_MAX ? 0 : -EBADMSG);
		buf[depth] = 0x00; /* {} becomes {…} with a key only, or something that follows */
		assert_int_equal(cbor_check(buf, depth + 1), -EBADMSG);
	}
}

static void test_counts(void **state)
{
	size_t size = CBOR_SIZE_MAX + 16;
	uint8_t *buf = calloc(1, size);

	(void)state;
	assert_non_null(buf);
	/* 65,536 items of an array, one more, and 65,536 pairs. */
	t_hex("9a00010000", buf, 5);
	assert_int_equal(cbor_check(buf, 5 + 65536), 0);
	assert_int_equal(cbor_check(buf, 5 + 65535), -EBADMSG);
	t_hex("9a00010001", buf, 5);
	assert_int_equal(cbor_check(buf, 5 + 65537), -EBADMSG);
	struct cbor_wr w;

	cbor_wr_init(&w, buf, size);
	cbor_put_map(&w, CBOR_ITEMS_MAX);
	for (int64_t i = 0; i < (int64_t)CBOR_ITEMS_MAX; i++) {
		cbor_put_int(&w, i);
		cbor_put_null(&w);
	}
	assert_false(w.bad);
	assert_int_equal(cbor_check(buf, cbor_wr_len(&w)), 0);
	/* 1 MiB in all, and one octet more. */
	memset(buf, 0, size);
	t_hex("5a000ffffb", buf, 5);
	assert_int_equal(cbor_check(buf, CBOR_SIZE_MAX), 0);
	t_hex("5a000ffffc", buf, 5);
	assert_int_equal(cbor_check(buf, CBOR_SIZE_MAX + 1), -EBADMSG);
	free(buf);
}

static void test_skip_and_end(void **state)
{
	uint8_t buf[64];
	size_t len = t_hex("83 82 01 a1 6161 80 f6 4102", buf, sizeof(buf));
	struct cbor_item i;
	struct cbor_rd r;

	(void)state;
	cbor_rd_init(&r, buf, len);
	assert_int_equal(cbor_next(&r, &i), CBOR_ARRAY);
	assert_int_equal(i.count, 3);
	assert_int_equal(cbor_next(&r, &i), CBOR_ARRAY);
	cbor_skip(&r, &i);
	assert_int_equal(r.depth, 1);
	assert_int_equal(cbor_next(&r, &i), CBOR_NULL);
	cbor_skip(&r, &i); /* of what holds nothing: nothing */
	assert_int_equal(cbor_next(&r, &i), CBOR_BYTES);
	assert_int_equal(i.len, 1);
	assert_false(cbor_rd_done(&r));
	assert_int_equal(cbor_next(&r, &i), CBOR_END);
	assert_true(cbor_rd_done(&r));
	assert_int_equal(cbor_next(&r, &i), CBOR_END); /* and again */
	assert_true(cbor_rd_done(&r));
	/* After a fault every call is harmless. */
	buf[3] = 0xff;
	cbor_rd_init(&r, buf, len);
	assert_int_equal(cbor_next(&r, &i), CBOR_ARRAY);
	assert_int_equal(cbor_next(&r, &i), CBOR_ARRAY);
	cbor_skip(&r, &i);
	assert_true(r.bad);
	assert_int_equal(cbor_next(&r, &i), CBOR_END);
	assert_int_equal(i.type, CBOR_END);
	assert_false(cbor_rd_done(&r));
}

static void assert_written(const struct cbor_wr *w, const char *hex)
{
	uint8_t want[64];
	size_t len = t_hex(hex, want, sizeof(want));

	assert_false(w->bad);
	assert_int_equal(cbor_wr_len(w), len);
	assert_memory_equal(w->start, want, len);
}

static void test_writes(void **state)
{
	static const struct {
		int64_t value;
		const char *hex;
	} ints[] = {
		{ 0, "00" },
		{ 23, "17" },
		{ 24, "1818" },
		{ 255, "18ff" },
		{ 256, "190100" },
		{ 65535, "19ffff" },
		{ 65536, "1a00010000" },
		{ 4294967295, "1affffffff" },
		{ 4294967296, "1b0000000100000000" },
		{ INT64_MAX, "1b7fffffffffffffff" },
		{ -1, "20" },
		{ -24, "37" },
		{ -25, "3818" },
		{ -256, "38ff" },
		{ -257, "390100" },
		{ INT64_MIN, "3b7fffffffffffffff" },
	};
	static const struct {
		double value;
		const char *hex;
	} reals[] = {
		{ 1.5, "f93e00" },
		{ 4.25, "f94440" },
		{ 1.1, "fb3ff199999999999a" },
		{ 0x1p-24, "f90001" },
		{ 0x1p-25, "fa33000000" },
		{ 0x1p-14, "f90400" },
		{ -0x1.ff8p-15, "f983ff" },
		{ (double)0.1f, "fa3dcccccd" },
		{ 2.0, "02" },
		{ -0.0, "00" },
		{ -0x1p63, "3b7fffffffffffffff" },
		{ 0x1p63, "fa5f000000" },
		{ 1e300, "fb7e37e43c8800759c" },
		{ 0x1.fffffep127, "fa7f7fffff" },
		{ 0x1p-149, "fa00000001" },
		{ 0x1p-150, "fb3690000000000000" },
	};
	uint8_t buf[64];
	struct cbor_wr w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ints); i++) {
		cbor_wr_init(&w, buf, sizeof(buf));
		cbor_put_int(&w, ints[i].value);
		assert_written(&w, ints[i].hex);
	}
	for (size_t i = 0; i < ARRAY_LEN(reals); i++) {
		cbor_wr_init(&w, buf, sizeof(buf));
		cbor_put_real(&w, reals[i].value);
		assert_written(&w, reals[i].hex);
	}
	cbor_wr_init(&w, buf, sizeof(buf));
	cbor_put_map(&w, 2);
	cbor_put_text(&w, "a", 1);
	cbor_put_array(&w, 3);
	cbor_put_bool(&w, false);
	cbor_put_bool(&w, true);
	cbor_put_null(&w);
	cbor_put_text(&w, "bc", 2);
	cbor_put_bytes(&w, "\x01\x02", 2);
	assert_written(&w, "a2 6161 83f4f5f6 626263 420102");
}

static void test_writer_never_overruns(void **state)
{
	uint8_t buf[32];

	(void)state;
	for (size_t cap = 0; cap < 24; cap++) {
		struct cbor_wr w;

		memset(buf, 0x5a, sizeof(buf));
		cbor_wr_init(&w, buf, cap);
		cbor_put_array(&w, 3);
		cbor_put_int(&w, INT64_MIN);
		cbor_put_text(&w, "hello", 5);
		cbor_put_real(&w, 1.1);
		assert_int_equal(w.bad, cap < 1 + 9 + 6 + 9);
		assert_true(cbor_wr_len(&w) <= cap);
		for (size_t i = cap; i < sizeof(buf); i++)
			assert_int_equal(buf[i], 0x5a);
	}
}

/* Every half there is, and singles and doubles at random: what is read is written the same, and what
 * is refused could have been written shorter, or is no number of the subset. */
static void test_reals_are_one_form_each(void **state)
{
	uint64_t random = t_seed(8949);
	unsigned accepted = 0;

	(void)state;
	for (uint32_t n = 0; n < 65536 + 400000; n++) {
		uint64_t bits = n < 65536 ? n : t_random(&random);
		unsigned octets = n < 65536 ? 2 : n % 2 ? 4 : 8;
		uint8_t buf[9] = { octets == 2 ? 0xf9 : octets == 4 ? 0xfa : 0xfb }, again[9];
		struct cbor_item i;
		struct cbor_rd r;
		struct cbor_wr w;

		if (n % 5 == 0 && n >= 65536) /* few significant bits: often shorter */
			bits &= octets == 4 ? 0xffffe000u : UINT64_C(0xffffffffe0000000);
		for (unsigned k = 0; k < octets; k++)
			buf[1 + k] = (uint8_t)(bits >> 8 * (octets - 1 - k));
		cbor_rd_init(&r, buf, 1 + octets);
		if (cbor_next(&r, &i) != CBOR_FLOAT)
			continue;
		accepted++;
		cbor_wr_init(&w, again, sizeof(again));
		cbor_put_real(&w, i.real);
		assert_int_equal(cbor_wr_len(&w), 1 + octets);
		assert_memory_equal(again, buf, 1 + octets);
	}
	assert_in_range(accepted, 200000, 465536);
}

static void test_key_order(void **state)
{
	(void)state;
	assert_true(cbor_key_compare("b", 1, "aa", 2) < 0);
	assert_true(cbor_key_compare("aa", 2, "b", 1) > 0);
	assert_true(cbor_key_compare("aa", 2, "ab", 2) < 0);
	assert_int_equal(cbor_key_compare("ab", 2, "ab", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appendix_a),
		cmocka_unit_test(test_edges_of_the_subset),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_skip_and_end),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_writer_never_overruns),
		cmocka_unit_test(test_reals_are_one_form_each),
		cmocka_unit_test(test_key_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
