/* SPDX-License-Identifier: Apache-2.0 */
/* Our CBOR beside libcbor's: what one accepts or writes the other must read alike.  libcbor allocates on
 * the word of a count, so what is refused here goes there only when it is too short to promise much.
 * Without libcbor the test is skipped. */
#include "t.h"

#if HAVE_LIBCBOR

/* clang-format off: the order matters, both have an enum of this name */
#define cbor_type oracle_type
#include <cbor.h>
#undef cbor_type
/* clang-format on */

#include "object/doc_cbor.h"
#include "wire/cbor.h"

#include <math.h>
#include <stdbool.h>

#define DOCUMENTS   3000
#define MUTATIONS   40 /* of each document */
#define SHORT_MAX   8
#define SHORT_TRIES 400000

/* --- the same value? ---------------------------------------------------------------------------- */

static bool is_same_scalar(const cbor_item_t *theirs, const struct cbor_item *ours)
{
	switch (ours->type) {
	case CBOR_INT:
		if (cbor_isa_uint(theirs))
			return ours->integer >= 0 &&
			       cbor_get_int(theirs) == (uint64_t)ours->integer;
		return cbor_isa_negint(theirs) && ours->integer < 0 &&
		       cbor_get_int(theirs) == ~(uint64_t)ours->integer;
	case CBOR_BYTES:
		return cbor_isa_bytestring(theirs) && cbor_bytestring_is_definite(theirs) &&
		       cbor_bytestring_length(theirs) == ours->len &&
		       memcmp(cbor_bytestring_handle(theirs), ours->data, ours->len) == 0;
	case CBOR_TEXT:
		return cbor_isa_string(theirs) && cbor_string_is_definite(theirs) &&
		       cbor_string_length(theirs) == ours->len &&
		       memcmp(cbor_string_handle(theirs), ours->data, ours->len) == 0;
	case CBOR_BOOL:
		return cbor_is_bool(theirs) && cbor_get_bool(theirs) == ours->boolean;
	case CBOR_NULL:
		return cbor_is_null(theirs);
	case CBOR_FLOAT: {
		double value = cbor_is_float(theirs) ? cbor_float_get_float(theirs) : (double)NAN;

		return value <= ours->real && value >= ours->real;
	}
	case CBOR_ARRAY:
	case CBOR_MAP:
	case CBOR_END:
		break;
	}
	return false;
}

/* libcbor 0.8 reads halves below 2^-14 rightly and writes them wrongly. */
static bool is_tiny_half(const cbor_item_t *theirs)
{
	return cbor_isa_float_ctrl(theirs) && cbor_float_get_width(theirs) == CBOR_FLOAT_16 &&
	       fabs(cbor_float_get_float(theirs)) < 0x1p-14;
}

/* Compare item by item; recursion is bounded by our depth. */
static bool is_same(const cbor_item_t *theirs, struct cbor_rd *r, bool *has_tiny)
{
	struct cbor_item ours;
	bool same = true;

	switch (cbor_next(r, &ours)) {
	case CBOR_ARRAY:
		if (!cbor_isa_array(theirs) || !cbor_array_is_definite(theirs) ||
		    cbor_array_size(theirs) != ours.count)
			return false;
		for (size_t i = 0; same && i < ours.count; i++)
			same = is_same(cbor_array_handle(theirs)[i], r, has_tiny);
		return same && cbor_next(r, &ours) == CBOR_END && !r->bad;
	case CBOR_MAP:
		if (!cbor_isa_map(theirs) || !cbor_map_is_definite(theirs) ||
		    cbor_map_size(theirs) != ours.count)
			return false;
		for (size_t i = 0; same && i < ours.count; i++)
			same = is_same(cbor_map_handle(theirs)[i].key, r, has_tiny) &&
			       is_same(cbor_map_handle(theirs)[i].value, r, has_tiny);
		return same && cbor_next(r, &ours) == CBOR_END && !r->bad;
	default:
		*has_tiny |= is_tiny_half(theirs);
		return is_same_scalar(theirs, &ours);
	}
}

static void print_octets(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		print_error("%02x", data[i]);
	print_error("\n");
}

/* What is accepted here: libcbor accepts it, finds the same and writes the same. */
static void assert_agreed(const uint8_t *data, size_t len)
{
	struct cbor_load_result result;
	unsigned char *again = NULL;
	size_t again_cap = 0;
	cbor_item_t *item = cbor_load(data, len, &result);
	bool has_tiny = false;
	struct cbor_rd r;

	cbor_rd_init(&r, data, len);
	bool agreed =
	        item && result.read == len && is_same(item, &r, &has_tiny) && cbor_rd_done(&r);

	if (agreed && !has_tiny) {
		size_t again_len = cbor_serialize_alloc(item, &again, &again_cap);

		agreed = again_len == len && memcmp(again, data, len) == 0;
	}
	if (!agreed)
		print_octets(data, len);
	assert_true(agreed);
	free(again);
	cbor_decref(&item);
}

/* --- documents at random ------------------------------------------------------------------------ */

static const char *random_text(uint64_t *random, struct arena *a)
{
	static const char *const pieces[] = { "a", "\u00e4", "\u20ac", "\U0001f600",
		                              " ", "zz",     "\x7f" };
	char text[64] = "";
	size_t len = 0;

	for (uint64_t n = t_random(random) % 9; n > 0; n--) {
		const char *piece = pieces[t_random(random) % ARRAY_LEN(pieces)];

		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
	}
	return arena_strndup(a, text, len);
}

static double random_real(uint64_t *random)
{
	uint64_t bits = t_random(random);
	double value;

	if (bits % 3 == 0) /* a half, or nearly */
		return (double)(int64_t)(bits >> 40 & 0x7ff) / 256.0;
	if (bits % 3 == 1) /* a single */
		return (double)((float)(bits >> 20 & 0xffff) / 3.0f);
	memcpy(&value, &bits, sizeof(value));
	return isfinite(value) ? value : 0.1;
}

static void add_random(struct doc *to, unsigned depth, uint64_t *random, struct arena *a);

static void fill_random(struct doc *to, unsigned depth, uint64_t *random, struct arena *a)
{
	for (uint64_t n = t_random(random) % 7; n > 0; n--)
		add_random(to, depth, random, a);
}

static void add_random(struct doc *to, unsigned depth, uint64_t *random, struct arena *a)
{
	const char *key = to->kind == DOC_MAP ? random_text(random, a) : NULL;

	if (key && doc_get(to, key))
		return;
	switch (t_random(random) % 8) {
	case 0:
		doc_add_null(a, to, key);
		break;
	case 1:
		doc_add_bool(a, to, key, t_random(random) % 2);
		break;
	case 2:
		doc_add_real(a, to, key, random_real(random));
		break;
	case 3:
		doc_add_text(a, to, key, random_text(random, a));
		break;
	case 4:
	case 5: /* of every length */
		doc_add_int(a, to, key, (int64_t)t_random(random) >> t_random(random) % 64);
		break;
	case 6:
		if (depth < CBOR_DEPTH_MAX)
			fill_random(doc_add_map(a, to, key), depth + 1, random, a);
		break;
	default:
		if (depth < CBOR_DEPTH_MAX)
			fill_random(doc_add_list(a, to, key), depth + 1, random, a);
		break;
	}
}

static void test_documents(void **state)
{
	static uint8_t buf[1u << 16];
	uint64_t random = t_seed(20201);
	unsigned mutants = 0;

	(void)state;
	for (unsigned i = 0; i < DOCUMENTS; i++) {
		struct arena a = { 0 };
		struct doc *d = doc_new_map(&a), *again;
		struct diag diag;

		fill_random(d, 1, &random, &a);
		ssize_t len = doc_write_cbor(d, buf, sizeof(buf));

		assert_true(len > 0);
		assert_int_equal(cbor_check(buf, (size_t)len), 0);
		assert_agreed(buf, (size_t)len);
		assert_int_equal(doc_parse_cbor(&a, buf, (size_t)len, &again, &diag), 0);
		for (unsigned k = 0; k < MUTATIONS; k++) {
			size_t at = t_random(&random) % (size_t)len;
			uint8_t kept = buf[at];

			buf[at] ^= (uint8_t)(1u << t_random(&random) % 8);
			if (cbor_check(buf, (size_t)len) == 0) {
				assert_agreed(buf, (size_t)len);
				mutants++;
			}
			buf[at] = kept;
		}
		arena_free(&a);
	}
	assert_true(mutants > DOCUMENTS);
}

/* --- both ways, where libcbor may be asked --------------------------------------------------------- */

/* Whether what libcbor has read is a value of the subset, as far as values tell. */
static bool is_in_subset(const cbor_item_t *item)
{
	bool is_good = true;

	switch (cbor_typeof(item)) {
	case CBOR_TYPE_UINT:
	case CBOR_TYPE_NEGINT:
		return cbor_get_int(item) <= INT64_MAX;
	case CBOR_TYPE_BYTESTRING:
		return cbor_bytestring_is_definite(item);
	case CBOR_TYPE_STRING:
		/* UTF-8 is looked at apart: libcbor takes any octets. */
		return cbor_string_is_definite(item) &&
		       !memchr(cbor_string_handle(item), 0, cbor_string_length(item));
	case CBOR_TYPE_ARRAY:
		for (size_t i = 0; is_good && i < cbor_array_size(item); i++)
			is_good = is_in_subset(cbor_array_handle(item)[i]);
		return is_good && cbor_array_is_definite(item);
	case CBOR_TYPE_MAP:
		for (size_t i = 0; is_good && i < cbor_map_size(item); i++)
			is_good = (cbor_isa_uint(cbor_map_handle(item)[i].key) ||
			           cbor_isa_negint(cbor_map_handle(item)[i].key) ||
			           cbor_isa_string(cbor_map_handle(item)[i].key)) &&
			          is_in_subset(cbor_map_handle(item)[i].key) &&
			          is_in_subset(cbor_map_handle(item)[i].value);
		return is_good && cbor_map_is_definite(item);
	case CBOR_TYPE_TAG:
		return false;
	case CBOR_TYPE_FLOAT_CTRL:
		if (!cbor_is_float(item))
			return cbor_is_bool(item) || cbor_is_null(item);
		return isfinite(cbor_float_get_float(item));
	}
	return false;
}

/* Write what libcbor has read by our writer, keys as they came: the same octets exactly when every length
 * was the shortest and no float a whole number. */
static void rewrite(const cbor_item_t *item, struct cbor_wr *w)
{
	switch (cbor_typeof(item)) {
	case CBOR_TYPE_UINT:
		cbor_put_int(w, (int64_t)cbor_get_int(item));
		break;
	case CBOR_TYPE_NEGINT:
		cbor_put_int(w, (int64_t)~cbor_get_int(item));
		break;
	case CBOR_TYPE_BYTESTRING:
		cbor_put_bytes(w, cbor_bytestring_handle(item), cbor_bytestring_length(item));
		break;
	case CBOR_TYPE_STRING:
		cbor_put_text(w, (const char *)cbor_string_handle(item), cbor_string_length(item));
		break;
	case CBOR_TYPE_ARRAY:
		cbor_put_array(w, (uint32_t)cbor_array_size(item));
		for (size_t i = 0; i < cbor_array_size(item); i++)
			rewrite(cbor_array_handle(item)[i], w);
		break;
	case CBOR_TYPE_MAP:
		cbor_put_map(w, (uint32_t)cbor_map_size(item));
		for (size_t i = 0; i < cbor_map_size(item); i++) {
			rewrite(cbor_map_handle(item)[i].key, w);
			rewrite(cbor_map_handle(item)[i].value, w);
		}
		break;
	case CBOR_TYPE_TAG:
		break;
	case CBOR_TYPE_FLOAT_CTRL:
		if (cbor_is_float(item))
			cbor_put_real(w, cbor_float_get_float(item));
		else if (cbor_is_bool(item))
			cbor_put_bool(w, cbor_get_bool(item));
		else
			cbor_put_null(w);
		break;
	}
}

/* One encoding too short to promise much: a count of at most 2 octets. */
static bool should_accept(const uint8_t *data, size_t len)
{
	struct cbor_load_result result;
	cbor_item_t *item = cbor_load(data, len, &result);
	uint8_t again[4 * SHORT_MAX];
	bool is_good = false;
	struct cbor_wr w;

	if (!item)
		return false;
	cbor_wr_init(&w, again, sizeof(again));
	if (result.read == len && is_in_subset(item)) {
		rewrite(item, &w);
		is_good = !w.bad && cbor_wr_len(&w) == len && memcmp(again, data, len) == 0;
	}
	cbor_decref(&item);
	return is_good;
}

/* Every encoding of one and two octets. */
static void test_every_short_encoding(void **state)
{
	unsigned accepted = 0;

	(void)state;
	for (uint32_t n = 0; n < 65536 + 256; n++) {
		uint8_t data[2] = { (uint8_t)(n < 256 ? n : (n - 256) >> 8), (uint8_t)n };
		size_t len = n < 256 ? 1 : 2;
		bool is_ours = cbor_check(data, len) == 0;
		bool is_text = data[0] == 0x61; /* of one octet: UTF-8 when below 0x80 */

		if (is_ours != (should_accept(data, len) && !(is_text && data[1] >= 0x80))) {
			print_octets(data, len);
			fail();
		}
		accepted += is_ours;
	}
	assert_in_range(accepted, 500, 2000);
}

static bool promises_much(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned info = data[i] & 0x1f;

		if (data[i] >> 5 >= 2 && data[i] >> 5 <= 5 && (info == 26 || info == 27))
			return true; /* a length or count of four octets or more, wherever it stands */
	}
	return false;
}

/* Longer ones at random, of octets that make containers, keys and numbers.  Order and uniqueness of keys
 * and UTF-8 are not libcbor's business: what we refuse for these is not compared. */
static void test_short_encodings_at_random(void **state)
{
	static const uint8_t likely[] = { 0x00, 0x01, 0x17, 0x18, 0x19, 0x20, 0x38, 0x40,
		                          0x41, 0x60, 0x61, 0x62, 0x80, 0x81, 0x82, 0x98,
		                          0xa0, 0xa1, 0xa2, 0xb8, 0xc0, 0xf4, 0xf5, 0xf6,
		                          0xf7, 0xf9, 0xfa, 0x9f, 0xff, 0x3e };
	uint64_t random = t_seed(8949);
	unsigned accepted = 0;

	(void)state;
	for (unsigned i = 0; i < SHORT_TRIES; i++) {
		size_t len = 1 + t_random(&random) % SHORT_MAX;
		uint8_t data[SHORT_MAX];

		for (size_t k = 0; k < len; k++)
			data[k] = likely[t_random(&random) % ARRAY_LEN(likely)];
		bool is_ours = cbor_check(data, len) == 0;

		if (is_ours) {
			assert_agreed(data, len);
			accepted++;
		}
		if (promises_much(data, len))
			continue;
		bool has_text_or_map = false;

		for (size_t k = 0; k < len; k++)
			has_text_or_map |= data[k] >> 5 == 3 || data[k] >> 5 == 5;
		if (is_ours ? !should_accept(data, len)
		            : !has_text_or_map && should_accept(data, len)) {
			print_octets(data, len);
			fail();
		}
	}
	assert_true(accepted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_every_short_encoding),
		cmocka_unit_test(test_short_encodings_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	(void)fputs("skipped: libcbor, with which our CBOR is compared, is not installed\n",
	            stderr);
	return 77;
}

#endif
