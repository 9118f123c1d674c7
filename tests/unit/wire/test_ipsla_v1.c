/* SPDX-License-Identifier: Apache-2.0 */
/* Control version 1: vectors, refusals, silence, and everything in between. */
#include "wire/ipsla_v1.h"

#include "vectors/ipsla_vectors.h"

#include <errno.h>

static const struct v1_row {
	const char *vector, *answer;
	uint8_t sequence;
	uint16_t command;
	const char *target;
	uint16_t port;
	uint32_t duration_ms;
} rows[] = {
	{ "tv1", "tv1-answer", 0x21, IPSLA_V1_UDP_ECHO, "192.0.2.77", 40007, 3000 },
	{ "tv3", "tv3-answer", 0x22, IPSLA_V1_TCP_CONNECT, "192.0.2.77", 40009, 60000 },
	{ "tv4", "tv4-answer", 0x23, IPSLA_V1_UDP_JITTER, "192.0.2.77", 31000, 5200 },
	{ "tv6", "tv6-answer", 0x24, IPSLA_V1_UDP_JITTER_V6, "2001:db8:0:5::9", 31001, 5200 },
};

static void requests_read_and_write_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[128], again[128];
		char text[INET_TEXT_MAX];
		struct ipsla_v1_request q;
		size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));

		print_message("%s\n", rows[i].vector);
		assert_int_equal(ipsla_v1_request_decode(buf, n, INET_NONE, &q), IPSLA_OK);
		assert_int_equal(q.sequence, rows[i].sequence);
		assert_int_equal(q.command, rows[i].command);
		assert_string_equal(inet_addr_format(&q.target, text), rows[i].target);
		assert_int_equal(q.port, rows[i].port);
		assert_int_equal(q.duration_ms, rows[i].duration_ms);
		assert_true(q.has_auth);
		assert_int_equal(q.status, IPSLA_STATUS_OK);
		assert_int_equal(ipsla_v1_request_encode(&q, again, sizeof(again)), n);
		assert_memory_equal(buf, again, n);
	}
}

static void answers_match_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[128], want[128], got[128];
		struct ipsla_v1_response a;
		size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));
		size_t want_n = vector_octets(rows[i].answer, want, sizeof(want));

		assert_int_equal(ipsla_v1_response_encode(buf, n, IPSLA_STATUS_OK,
		                                          IPSLA_V1_FORM_NORMAL, got, sizeof(got)),
		                 want_n);
		assert_memory_equal(got, want, want_n);
		assert_int_equal(ipsla_v1_response_decode(got, want_n, &a), 0);
		assert_int_equal(a.sequence, rows[i].sequence);
		assert_int_equal(a.status, IPSLA_STATUS_OK);
		assert_int_equal(ipsla_v1_response_encode(buf, n, IPSLA_STATUS_OK,
		                                          IPSLA_V1_FORM_WHOLE, got, sizeof(got)),
		                 n);
		assert_memory_equal(got, buf, n);
	}
}

static void unknown_command_is_answered_with_format(void **state)
{
	uint8_t buf[128], want[128], got[128];
	struct ipsla_v1_request q;
	struct ipsla_v1_response a;
	size_t n = vector_octets("tv8", buf, sizeof(buf));
	size_t want_n = vector_octets("tv8-answer", want, sizeof(want));

	(void)state;
	assert_int_equal(ipsla_v1_request_decode(buf, n, INET_V4, &q), IPSLA_ANSWER);
	assert_int_equal(q.status, IPSLA_STATUS_FORMAT);
	assert_int_equal(q.sequence, 0x25);
	assert_int_equal(q.command, 9);
	/* A refusal never takes the whole form. */
	assert_int_equal(
	        ipsla_v1_response_encode(buf, n, q.status, IPSLA_V1_FORM_WHOLE, got, sizeof(got)),
	        want_n);
	assert_memory_equal(got, want, want_n);
	assert_int_equal(ipsla_v1_response_decode(got, want_n, &a), 0);
	assert_int_equal(a.status, IPSLA_STATUS_FORMAT);
}

/* One change to a good request each, and what becomes of it. */
static void judgement_of_changed_requests(void **state)
{
	static const struct {
		const char *name, *vector;
		size_t at;
		const char *octets;
		enum inet_family family;
		enum ipsla_verdict verdict;
		size_t answer_len; /* 0: dropped */
	} cases[] = {
		{ "version 0", "tv1", 0, "00", INET_V4, IPSLA_DROP, 0 },
		{ "version 2", "tv1", 0, "02", INET_V4, IPSLA_DROP, 0 },
		{ "version 3", "tv1", 0, "03", INET_V4, IPSLA_DROP, 0 },
		{ "length field 64 in 52 octets", "tv1", 2, "0040", INET_V4, IPSLA_DROP, 0 },
		{ "length field 53 in 52 octets", "tv1", 2, "0035", INET_V4, IPSLA_DROP, 0 },
		{ "length field 23", "tv1", 2, "0017", INET_V4, IPSLA_DROP, 0 },
		{ "length field 24: no authentication", "tv1", 2, "0018", INET_V4, IPSLA_OK, 24 },
		{ "length cuts the authentication", "tv1", 2, "0033", INET_V4, IPSLA_ANSWER, 24 },
		{ "length leaves 1 octet of a TLV", "tv1", 2, "0019", INET_V4, IPSLA_ANSWER, 24 },
		{ "IPv6 length 39", "tv6", 2, "0027", INET_V6, IPSLA_DROP, 0 },
		{ "IPv6 length 40", "tv6", 2, "0028", INET_V6, IPSLA_OK, 40 },
		{ "status area set", "tv1", 4, "00010001", INET_V4, IPSLA_OK, 24 },
		{ "command 0", "tv1", 8, "0000", INET_V4, IPSLA_ANSWER, 24 },
		{ "command 1", "tv1", 8, "0001", INET_V4, IPSLA_ANSWER, 24 },
		{ "command 5", "tv1", 8, "0005", INET_V4, IPSLA_ANSWER, 24 },
		{ "IPv4 command over IPv6", "tv1", 0, "01", INET_V6, IPSLA_ANSWER, 24 },
		{ "IPv6 command over IPv4", "tv6", 0, "01", INET_V4, IPSLA_ANSWER, 40 },
		{ "TLV length 7", "tv1", 10, "0007", INET_V4, IPSLA_ANSWER, 8 },
		{ "TLV length 8", "tv1", 10, "0008", INET_V4, IPSLA_ANSWER, 16 },
		{ "TLV length 15", "tv1", 10, "000f", INET_V4, IPSLA_ANSWER, 23 },
		{ "TLV length 17", "tv1", 10, "0011", INET_V4, IPSLA_ANSWER, 25 },
		{ "TLV length 32", "tv1", 10, "0020", INET_V4, IPSLA_ANSWER, 40 },
		{ "TLV length 33", "tv1", 10, "0021", INET_V4, IPSLA_ANSWER, 8 },
		{ "TLV length beyond the message", "tv1", 10, "ffff", INET_V4, IPSLA_ANSWER, 8 },
		{ "port 0", "tv1", 20, "0000", INET_V4, IPSLA_ANSWER, 24 },
		{ "duration 0", "tv1", 22, "0000", INET_V4, IPSLA_ANSWER, 24 },
		{ "duration 1", "tv1", 22, "0001", INET_V4, IPSLA_OK, 24 },
		{ "IPv6 duration 0", "tv6", 36, "00000000", INET_V6, IPSLA_ANSWER, 40 },
		{ "IPv6 duration above 16 bits", "tv6", 36, "00010000", INET_V6, IPSLA_OK, 40 },
		{ "target unspecified", "tv1", 16, "00000000", INET_V4, IPSLA_OK, 24 },
		{ "authentication TLV of 27", "tv1", 26, "001b", INET_V4, IPSLA_ANSWER, 24 },
		{ "authentication TLV of 29", "tv1", 26, "001d", INET_V4, IPSLA_ANSWER, 24 },
		{ "TLV length 0", "tv1", 26, "0000", INET_V4, IPSLA_ANSWER, 24 },
		{ "unknown second TLV", "tv1", 24, "0002", INET_V4, IPSLA_OK, 24 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t buf[128], answer[128];
		struct ipsla_v1_request q = { .status = 99 };
		struct ipsla_v1_response a;
		size_t n = vector_octets(cases[i].vector, buf, sizeof(buf));

		print_message("%s\n", cases[i].name);
		(void)t_hex(cases[i].octets, buf + cases[i].at, sizeof(buf) - cases[i].at);
		assert_int_equal(ipsla_v1_request_decode(buf, n, cases[i].family, &q),
		                 cases[i].verdict);
		ssize_t len = ipsla_v1_response_encode(buf, n, q.status, IPSLA_V1_FORM_NORMAL,
		                                       answer, sizeof(answer));

		if (cases[i].verdict == IPSLA_DROP) {
			assert_int_equal(q.status, 99);
			assert_int_equal(len, -EBADMSG);
			continue;
		}
		assert_int_equal(len, cases[i].answer_len);
		assert_true((size_t)len <= n);
		assert_int_equal(ipsla_v1_response_decode(answer, (size_t)len, &a), 0);
		assert_int_equal(a.status, q.status);
		assert_int_equal(q.status, cases[i].verdict == IPSLA_OK ? IPSLA_STATUS_OK
		                                                        : IPSLA_STATUS_FORMAT);
	}
}

static void second_authentication_is_refused(void **state)
{
	uint8_t buf[128];
	struct ipsla_v1_request q;
	size_t n = vector_octets("tv1", buf, sizeof(buf));

	(void)state;
	memcpy(buf + n, buf + 24, 28);
	buf[3] = (uint8_t)(n + 28);
	assert_int_equal(ipsla_v1_request_decode(buf, n + 28, INET_V4, &q), IPSLA_ANSWER);
}

static void truncated_requests_are_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[128];
		struct ipsla_v1_request q;
		size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));

		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(ipsla_v1_request_decode(buf, cut, INET_NONE, &q),
			                 IPSLA_DROP);
		/* Octets beyond the length field are somebody else's. */
		assert_int_equal(ipsla_v1_request_decode(buf, n + 7, INET_NONE, &q), IPSLA_OK);
	}
}

static void random_requests_survive_the_wire(void **state)
{
	static const uint16_t commands[] = { 2, 3, 4, 6, 7, 8 };
	uint64_t seed = t_seed(2001);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct ipsla_v1_request q = { 0 }, got;
		uint8_t buf[IPSLA_V1_REQUEST_MAX], again[IPSLA_V1_REQUEST_MAX];

		q.command = commands[t_random(&seed) % ARRAY_LEN(commands)];
		q.sequence = (uint8_t)t_random(&seed);
		q.target.family = (uint8_t)ipsla_v1_command_family(q.command);
		for (size_t k = 0; k < inet_addr_octets(&q.target); k++)
			q.target.bytes[k] = (uint8_t)t_random(&seed);
		q.port = (uint16_t)(1 + t_random(&seed) % UINT16_MAX);
		q.duration_ms = (uint32_t)(1 + t_random(&seed) % UINT16_MAX);
		if (q.target.family == INET_V6)
			q.duration_ms |= (uint32_t)(t_random(&seed) << 16);
		q.has_auth = t_random(&seed) % 2;
		for (size_t k = 0; q.has_auth && k < sizeof(q.auth); k++)
			q.auth[k] = (uint8_t)t_random(&seed);
		ssize_t n = ipsla_v1_request_encode(&q, buf, sizeof(buf));

		assert_true(n > 0);
		assert_int_equal(ipsla_v1_request_decode(buf, (size_t)n,
		                                         (enum inet_family)q.target.family, &got),
		                 IPSLA_OK);
		assert_int_equal(ipsla_v1_request_encode(&got, again, sizeof(again)), n);
		assert_memory_equal(again, buf, (size_t)n);
		assert_int_equal(got.port, q.port);
		assert_int_equal(got.duration_ms, q.duration_ms);
		assert_true(inet_addr_equal(&got.target, &q.target));
	}
}

static void encoding_refuses_what_cannot_be(void **state)
{
	struct ipsla_v1_request q = { .command = IPSLA_V1_UDP_ECHO,
		                      .port = 1,
		                      .duration_ms = 70000 };
	struct ipsla_v1_request got;
	uint8_t buf[IPSLA_V1_REQUEST_MAX];

	(void)state;
	assert_int_equal(ipsla_v1_request_encode(&q, buf, sizeof(buf)), -EINVAL);
	q.target.family = INET_V6;
	assert_int_equal(ipsla_v1_request_encode(&q, buf, sizeof(buf)), -EINVAL);
	q.target.family = INET_V4;
	for (size_t cap = 0; cap < 24; cap++)
		assert_int_equal(ipsla_v1_request_encode(&q, buf, cap), -ENOBUFS);
	assert_int_equal(ipsla_v1_request_encode(&q, buf, 24), 24);
	assert_int_equal(ipsla_v1_request_decode(buf, 24, INET_V4, &got), IPSLA_OK);
	assert_int_equal(got.duration_ms, 65535);
	uint8_t answer[IPSLA_V1_RESPONSE_MAX];

	for (size_t cap = 0; cap < 24; cap++)
		assert_int_equal(ipsla_v1_response_encode(buf, 24, IPSLA_STATUS_OK,
		                                          IPSLA_V1_FORM_NORMAL, answer, cap),
		                 -ENOBUFS);
	q.command = 9;
	assert_int_equal(ipsla_v1_request_encode(&q, buf, sizeof(buf)), -EINVAL);
}

static void responses_of_every_known_shape(void **state)
{
	static const struct {
		const char *name, *hex;
		int rc;
		uint16_t status;
	} cases[] = {
		{ "header alone", "01210008 00000000", 0, 0 },
		{ "header alone, high half", "01210008 00040000", 0, 4 },
		{ "header alone, low half", "01210008 00000004", 0, 4 },
		{ "status of 5", "01210008 00050000", 0, 1 },
		{ "high half unknown, low half known", "01210008 01000002", 0, 2 },
		{ "one bit", "01210008 00800000", 0, 1 },
		{ "24 octets that claim 8", "01210008 00000000 00000000 00000000 c000024d 9c470bb8",
		  0, 0 },
		{ "status in the TLV alone",
		  "01210018 00000000 00020010 00000002 c000024d 9c470bb8", 0, 2 },
		{ "header and TLV differ: the header",
		  "01210018 00030000 00020010 00000002 c000024d 9c470bb8", 0, 3 },
		{ "truncated", "01210018 00000000 00020010 00000000 c000024d 9c470b", -EBADMSG, 0 },
		{ "length 7", "01210007 00000000", -EBADMSG, 0 },
		{ "version 2", "02210008 00000000", -EBADMSG, 0 },
		{ "7 octets", "01210008 000000", -EBADMSG, 0 },
		{ "nothing", "", -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ipsla_v1_response a = { .sequence = 0x21 };
		uint8_t buf[64];
		size_t n = t_hex(cases[i].hex, buf, sizeof(buf));

		print_message("%s\n", cases[i].name);
		assert_int_equal(ipsla_v1_response_decode(buf, n, &a), cases[i].rc);
		assert_int_equal(a.sequence, 0x21);
		assert_int_equal(a.status, cases[i].status);
	}
}

static void commands_are_found_both_ways(void **state)
{
	(void)state;
	for (uint16_t c = 0; c < 12; c++) {
		enum ipsla_kind kind = ipsla_v1_command_kind(c);

		if (kind != IPSLA_KIND_NONE)
			assert_int_equal(ipsla_v1_command_for(kind, ipsla_v1_command_family(c)), c);
		else
			assert_int_equal(ipsla_v1_command_family(c), INET_NONE);
		assert_int_equal(ipsla_v1_command_is_unverified(c), c == 6 || c == 7);
	}
	assert_int_equal(ipsla_v1_command_for(IPSLA_KIND_UDP_MEASUREMENT, INET_V4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_read_and_write_alike),
		cmocka_unit_test(answers_match_the_vectors),
		cmocka_unit_test(unknown_command_is_answered_with_format),
		cmocka_unit_test(judgement_of_changed_requests),
		cmocka_unit_test(second_authentication_is_refused),
		cmocka_unit_test(truncated_requests_are_dropped),
		cmocka_unit_test(random_requests_survive_the_wire),
		cmocka_unit_test(encoding_refuses_what_cannot_be),
		cmocka_unit_test(responses_of_every_known_shape),
		cmocka_unit_test(commands_are_found_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
