/* SPDX-License-Identifier: Apache-2.0 */
/* What both control versions share: lengths for streams, and the loop guard. */
#include "wire/ipsla.h"

#include "vectors/ipsla_vectors.h"

#include <errno.h>

static void length_comes_from_the_header(void **state)
{
	static const struct {
		const char *name, *hex;
		int rc;
		size_t len;
	} rows[] = {
		{ "nothing yet", "", -EAGAIN, 0 },
		{ "v1 version alone", "01", -EAGAIN, 0 },
		{ "v1 half a length", "012100", -EAGAIN, 0 },
		{ "v1 length", "01210034", 0, 52 },
		{ "v1 least", "01210008", 0, 8 },
		{ "v1 below least", "01210007", -EBADMSG, 0 },
		{ "v1 greatest", "01210400", 0, 1024 },
		{ "v1 above greatest", "01210401", -EBADMSG, 0 },
		{ "v2 eleven octets", "0200000001020304000000", -EAGAIN, 0 },
		{ "v2 length", "02000000010203040000007c", 0, 124 },
		{ "v2 huge", "0200000001020304ffffffff", -EBADMSG, 0 },
		{ "version 0", "00", -EBADMSG, 0 },
		{ "version 3", "0321", -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[16];
		size_t n = t_hex(rows[i].hex, buf, sizeof(buf));
		size_t len = 0;

		print_message("%s\n", rows[i].name);
		assert_int_equal(ipsla_message_length(buf, n, &len), rows[i].rc);
		assert_int_equal(len, rows[i].len);
	}
}

static void answers_are_told_from_requests(void **state)
{
	static const struct {
		const char *vector;
		bool is_response;
	} rows[] = {
		{ "tv1", false },        { "tv3", false },          { "tv4", false },
		{ "tv6", false },        { "tv8", false },          { "tv9", false },
		{ "tv10", false },       { "tv11", false },         { "tv1-answer", true },
		{ "tv6-answer", true },  { "tv8-answer", true },    { "v1-header-only", true },
		{ "tv9-refused", true }, { "tv10-unsigned", true }, { "v1-short-length", true },
		{ "tv10-busy", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[256];
		size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));

		print_message("%s\n", rows[i].vector);
		assert_int_equal(ipsla_is_response_shaped(buf, n), rows[i].is_response);
	}
}

/* One non-zero octet anywhere in a status area makes a request an answer. */
static void every_status_octet_counts(void **state)
{
	static const size_t v1_places[] = { 4, 5, 6, 7, 12, 13, 14, 15 };
	static const size_t v2_places[] = { 2, 3, 22, 23 };
	uint8_t buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(v1_places); i++) {
		size_t n = vector_octets("tv1", buf, sizeof(buf));

		buf[v1_places[i]] = 1;
		assert_true(ipsla_is_response_shaped(buf, n));
	}
	for (size_t i = 0; i < ARRAY_LEN(v2_places); i++) {
		size_t n = vector_octets("tv10", buf, sizeof(buf));

		buf[v2_places[i]] = 1;
		assert_true(ipsla_is_response_shaped(buf, n));
	}
	assert_false(ipsla_is_response_shaped(buf, 0));
}

static void only_two_versions_are_known(void **state)
{
	(void)state;
	assert_int_equal(ipsla_version((const uint8_t[]) { 2 }, 1), 2);
	assert_int_equal(ipsla_version((const uint8_t[]) { 3 }, 1), 0);
	assert_int_equal(ipsla_version(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_comes_from_the_header),
		cmocka_unit_test(answers_are_told_from_requests),
		cmocka_unit_test(every_status_octet_counts),
		cmocka_unit_test(only_two_versions_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
