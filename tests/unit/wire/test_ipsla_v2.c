/* SPDX-License-Identifier: Apache-2.0 */
/* Control version 2: vectors, where each refusal goes, and every truncation. */
#include "wire/ipsla_v2.h"

#include "vectors/ipsla_vectors.h"

#include <errno.h>

static void short_request_reads_and_writes_alike(void **state)
{
	uint8_t buf[256], again[256];
	char text[INET_TEXT_MAX];
	struct ipsla_v2_request q;
	size_t n = vector_octets("tv9", buf, sizeof(buf));

	(void)state;
	assert_int_equal(n, IPSLA_V2_SHORT_OCTETS);
	assert_int_equal(ipsla_v2_request_decode(buf, n, INET_V4, &q), IPSLA_OK);
	assert_int_equal(q.sequence, 0x01020304);
	assert_int_equal(q.total_length, 124);
	assert_int_equal(q.timestamp, 0);
	assert_false(q.is_long);
	assert_int_equal(q.mode, IPSLA_V2_MODE_NONE);
	assert_int_equal(q.role, IPSLA_V2_ROLE_SENDER);
	assert_int_equal(q.session_id, 0);
	assert_string_equal(inet_addr_format(&q.control_source, text), "192.0.2.10");
	assert_string_equal(inet_addr_format(&q.control_target, text), "192.0.2.77");
	assert_string_equal(inet_addr_format(&q.source, text), "192.0.2.10");
	assert_string_equal(inet_addr_format(&q.target, text), "192.0.2.77");
	assert_int_equal(q.control_source_port, 0);
	assert_int_equal(q.source_port, 41000);
	assert_int_equal(q.target_port, 0);
	assert_int_equal(q.duration_ms, 8000);
	assert_int_equal(q.udp_at, 32);
	assert_true(q.has_auth);
	assert_int_equal(ipsla_v2_request_encode(&q, again, sizeof(again)), n);
	assert_memory_equal(again, buf, n);
}

static void long_request_reads_and_writes_alike(void **state)
{
	uint8_t buf[256], again[256], digest[32];
	char text[INET_TEXT_MAX];
	struct ipsla_v2_request q;
	size_t n = vector_octets("tv10", buf, sizeof(buf));

	(void)state;
	assert_int_equal(n, IPSLA_V2_LONG_OCTETS);
	assert_int_equal(ipsla_v2_request_decode(buf, n, INET_V6, &q), IPSLA_OK);
	assert_int_equal(q.sequence, 16);
	assert_true(q.is_long);
	assert_int_equal(q.mode, IPSLA_V2_MODE_HMAC_SHA256);
	assert_int_equal(q.key_id, 7);
	assert_int_equal(q.random[0], 0xa0);
	assert_int_equal(q.random[15], 0xaf);
	(void)t_hex(TV10_DIGEST, digest, sizeof(digest));
	assert_memory_equal(q.digest, digest, sizeof(digest));
	assert_int_equal(q.session_id, 0x00c0ffee);
	assert_string_equal(inet_addr_format(&q.source, text), "2001:db8:1::a");
	assert_string_equal(inet_addr_format(&q.target, text), "2001:db8:2::b");
	assert_int_equal(q.control_source_port, 41100);
	assert_int_equal(q.source_port, 41102);
	assert_int_equal(q.target_port, 31502);
	assert_int_equal(q.duration_ms, 10000);
	assert_int_equal(q.udp_at, 80);
	assert_int_equal(ipsla_v2_request_encode(&q, again, sizeof(again)), n);
	assert_memory_equal(again, buf, n);
}

static void check_answer(const char *request, const struct ipsla_v2_answer *a,
                         const char *want_name)
{
	uint8_t buf[256], got[256], want[256];
	struct ipsla_v2_request q;
	size_t n = vector_octets(request, buf, sizeof(buf));
	size_t want_n = vector_octets(want_name, want, sizeof(want));

	print_message("%s -> %s\n", request, want_name);
	assert_int_equal(ipsla_v2_request_decode(buf, n, INET_NONE, &q), IPSLA_OK);
	assert_int_equal(ipsla_v2_response_encode(buf, n, &q, a, got, sizeof(got)), want_n);
	if (q.mode != IPSLA_V2_MODE_NONE) {
		static const uint8_t zero[IPSLA_V2_DIGEST_OCTETS];

		assert_memory_equal(got + IPSLA_V2_DIGEST_AT, zero, sizeof(zero));
		memcpy(got + IPSLA_V2_DIGEST_AT, want + IPSLA_V2_DIGEST_AT, sizeof(zero));
	}
	assert_memory_equal(got, want, want_n);
}

static void answers_match_the_vectors(void **state)
{
	struct ipsla_v2_request udp9 = { .udp_at = 32, .has_auth = true };
	struct ipsla_v2_request udp10 = { .udp_at = 80, .has_auth = true };

	(void)state;
	check_answer("tv9", &(struct ipsla_v2_answer) { .target_port = 31500 }, "tv9-answer");
	check_answer("tv9",
	             &(struct ipsla_v2_answer) {
	                     .status = ipsla_v2_refuse_udp(&udp9, IPSLA_STATUS_FORMAT) },
	             "tv9-refused");
	check_answer("tv10", &(struct ipsla_v2_answer) { 0 }, "tv10");
	check_answer("tv10", &(struct ipsla_v2_answer) { .session_id = 0x11 }, "tv10-session");
	check_answer("tv10",
	             &(struct ipsla_v2_answer) {
	                     .status = ipsla_v2_refuse_udp(&udp10, IPSLA_STATUS_PORT_IN_USE) },
	             "tv10-busy");
	check_answer("tv10", &(struct ipsla_v2_answer) { .status = ipsla_v2_refuse_auth(&udp10) },
	             "tv10-unsigned");
}

static void timestamp_is_refreshed_only_where_used(void **state)
{
	uint8_t buf[256], got[256];
	struct ipsla_v2_request q;
	struct ipsla_v2_response r;
	struct ipsla_v2_answer a = { .timestamp = UINT64_C(0xed01b42582000000) };
	size_t n = vector_octets("tv9", buf, sizeof(buf));

	(void)state;
	assert_int_equal(ipsla_v2_request_decode(buf, n, INET_V4, &q), IPSLA_OK);
	assert_int_equal(ipsla_v2_response_encode(buf, n, &q, &a, got, sizeof(got)), n);
	assert_memory_equal(got, buf, n);
	buf[12] = 0xed;
	assert_int_equal(ipsla_v2_request_decode(buf, n, INET_V4, &q), IPSLA_OK);
	assert_int_equal(ipsla_v2_response_encode(buf, n, &q, &a, got, sizeof(got)), n);
	assert_int_equal(ipsla_v2_response_decode(got, n, &r), 0);
	assert_true(r.timestamp == a.timestamp);
}

/* One change to a good request each, and where the refusal goes. */
static void judgement_of_changed_requests(void **state)
{
	static const struct {
		const char *name, *vector;
		size_t at;
		const char *octets;
		enum inet_family family;
		enum ipsla_verdict verdict;
		uint16_t csld_at; /* of the refusal */
	} cases[] = {
		{ "version 1", "tv9", 0, "01", INET_V4, IPSLA_DROP, 0 },
		{ "version 3", "tv9", 0, "03", INET_V4, IPSLA_DROP, 0 },
		{ "reserved octet", "tv9", 1, "ff", INET_V4, IPSLA_OK, 0 },
		{ "total above the datagram", "tv9", 8, "0000007d", INET_V4, IPSLA_DROP, 0 },
		{ "total 19", "tv9", 8, "00000013", INET_V4, IPSLA_DROP, 0 },
		{ "total wraps", "tv9", 8, "ffffffff", INET_V4, IPSLA_DROP, 0 },
		{ "total 20: header alone", "tv9", 8, "00000014", INET_V4, IPSLA_ANSWER, 0 },
		{ "total 27", "tv9", 8, "0000001b", INET_V4, IPSLA_ANSWER, 0 },
		{ "total 28: authentication cut", "tv9", 8, "0000001c", INET_V4, IPSLA_ANSWER, 20 },
		{ "total 32: no UDP CSLD", "tv9", 8, "00000020", INET_V4, IPSLA_ANSWER, 0 },
		{ "total 123", "tv9", 8, "0000007b", INET_V4, IPSLA_ANSWER, 32 },
		{ "total 171", "tv10", 8, "000000ab", INET_V6, IPSLA_ANSWER, 80 },
		{ "first CSLD is 2", "tv9", 20, "0002", INET_V4, IPSLA_ANSWER, 20 },
		{ "first CSLD is 0", "tv9", 20, "0000", INET_V4, IPSLA_ANSWER, 20 },
		{ "authentication of 7", "tv9", 24, "00000007", INET_V4, IPSLA_ANSWER, 20 },
		{ "authentication of 0", "tv9", 24, "00000000", INET_V4, IPSLA_ANSWER, 20 },
		{ "authentication of 11", "tv9", 24, "0000000b", INET_V4, IPSLA_ANSWER, 20 },
		{ "authentication of 13", "tv9", 24, "0000000d", INET_V4, IPSLA_ANSWER, 20 },
		{ "authentication beyond", "tv9", 24, "ffffffff", INET_V4, IPSLA_ANSWER, 20 },
		{ "mode 1 in the short form", "tv9", 28, "01", INET_V4, IPSLA_ANSWER, 20 },
		{ "mode 3", "tv10", 28, "03", INET_V6, IPSLA_ANSWER, 20 },
		{ "mode 255", "tv10", 28, "ff", INET_V6, IPSLA_ANSWER, 20 },
		{ "mode 0 long", "tv10", 28, "00", INET_V6, IPSLA_OK, 0 },
		{ "authentication reserved", "tv10", 29, "ff", INET_V6, IPSLA_OK, 0 },
		{ "second CSLD is 1", "tv9", 32, "0001", INET_V4, IPSLA_ANSWER, 32 },
		{ "second CSLD is 53", "tv9", 32, "0035", INET_V4, IPSLA_ANSWER, 32 },
		{ "UDP CSLD of 91", "tv9", 36, "0000005b", INET_V4, IPSLA_ANSWER, 32 },
		{ "UDP CSLD of 93", "tv9", 36, "0000005d", INET_V4, IPSLA_ANSWER, 32 },
		{ "UDP CSLD of 7", "tv9", 36, "00000007", INET_V4, IPSLA_ANSWER, 32 },
		{ "address type 0", "tv9", 40, "00", INET_V4, IPSLA_ANSWER, 32 },
		{ "address type 1", "tv9", 40, "01", INET_V4, IPSLA_ANSWER, 32 },
		{ "address type 4", "tv9", 40, "04", INET_V4, IPSLA_ANSWER, 32 },
		{ "address type IPv6 over IPv4", "tv9", 40, "03", INET_V4, IPSLA_ANSWER, 32 },
		{ "IPv4 message over IPv6", "tv9", 0, "02", INET_V6, IPSLA_ANSWER, 32 },
		{ "role 0", "tv9", 41, "00", INET_V4, IPSLA_ANSWER, 32 },
		{ "role 2", "tv9", 41, "02", INET_V4, IPSLA_OK, 0 },
		{ "role 3", "tv9", 41, "03", INET_V4, IPSLA_ANSWER, 32 },
		{ "UDP reserved", "tv9", 42, "ffff", INET_V4, IPSLA_OK, 0 },
		{ "control source tail", "tv9", 63, "01", INET_V4, IPSLA_ANSWER, 32 },
		{ "control destination tail", "tv9", 68, "01", INET_V4, IPSLA_ANSWER, 32 },
		{ "source tail", "tv9", 84, "01", INET_V4, IPSLA_ANSWER, 32 },
		{ "target tail", "tv9", 111, "80", INET_V4, IPSLA_ANSWER, 32 },
		{ "reserved after the port", "tv9", 114, "ffff", INET_V4, IPSLA_OK, 0 },
		{ "duration 0", "tv9", 120, "00000000", INET_V4, IPSLA_ANSWER, 32 },
		{ "duration of 49 days", "tv9", 120, "ffffffff", INET_V4, IPSLA_OK, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t buf[256], got[256];
		struct ipsla_v2_request q = { .sequence = 99 };
		struct ipsla_v2_response r;
		size_t n = vector_octets(cases[i].vector, buf, sizeof(buf));

		print_message("%s\n", cases[i].name);
		(void)t_hex(cases[i].octets, buf + cases[i].at, sizeof(buf) - cases[i].at);
		assert_int_equal(ipsla_v2_request_decode(buf, n, cases[i].family, &q),
		                 cases[i].verdict);
		if (cases[i].verdict == IPSLA_DROP) {
			assert_int_equal(q.sequence, 99);
			continue;
		}
		assert_int_equal(q.refusal.csld_at, cases[i].csld_at);
		if (cases[i].verdict == IPSLA_OK)
			continue;
		struct ipsla_v2_answer a = { .status = q.refusal };
		ssize_t len = ipsla_v2_response_encode(buf, n, &q, &a, got, sizeof(got));

		assert_true(len > 0 && (size_t)len <= n);
		assert_int_equal(got[3], IPSLA_STATUS_FORMAT);
		if (cases[i].csld_at)
			assert_int_equal(got[cases[i].csld_at + 3], IPSLA_STATUS_FORMAT);
		assert_int_equal(ipsla_v2_response_decode(got, (size_t)len, &r), 0);
		assert_int_equal(ipsla_v2_response_status(&r), IPSLA_STATUS_FORMAT);
	}
}

/* A third CSLD, or less than the head of one, after a message that was complete. */
static void more_than_two_cslds_are_refused(void **state)
{
	uint8_t buf[256];
	struct ipsla_v2_request q;
	size_t n = vector_octets("tv9", buf, sizeof(buf));

	(void)state;
	(void)t_hex("0035 0000 00000008", buf + n, sizeof(buf) - n);
	buf[11] = (uint8_t)(n + 8);
	assert_int_equal(ipsla_v2_request_decode(buf, n + 8, INET_V4, &q), IPSLA_ANSWER);
	assert_int_equal(q.refusal.csld_at, n);
	buf[11] = (uint8_t)(n + 7);
	assert_int_equal(ipsla_v2_request_decode(buf, n + 8, INET_V4, &q), IPSLA_ANSWER);
	assert_int_equal(q.refusal.csld_at, 0);
	assert_int_equal(q.refusal.header, IPSLA_STATUS_FORMAT);
}

static void messages_above_the_limit_are_dropped(void **state)
{
	static uint8_t buf[IPSLA_MESSAGE_MAX + 8];
	struct ipsla_v2_request q;

	(void)state;
	(void)vector_octets("tv9", buf, sizeof(buf));
	buf[10] = 0x04;
	buf[11] = 0x00;
	assert_int_equal(ipsla_v2_request_decode(buf, sizeof(buf), INET_V4, &q), IPSLA_ANSWER);
	buf[11] = 0x01;
	assert_int_equal(ipsla_v2_request_decode(buf, sizeof(buf), INET_V4, &q), IPSLA_DROP);
}

static void truncations_are_refused(void **state)
{
	static const char *const requests[] = { "tv9", "tv10", "tv11" };
	static const char *const answers[] = { "tv9-answer", "tv9-refused", "tv10-session",
		                               "tv10-busy", "tv10-unsigned" };
	uint8_t buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct ipsla_v2_request q;
		size_t n = vector_octets(requests[i], buf, sizeof(buf));

		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(ipsla_v2_request_decode(buf, cut, INET_NONE, &q),
			                 IPSLA_DROP);
	}
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct ipsla_v2_response r;
		size_t n = vector_octets(answers[i], buf, sizeof(buf));

		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(ipsla_v2_response_decode(buf, cut, &r), -EBADMSG);
		assert_int_equal(ipsla_v2_response_decode(buf, n, &r), 0);
	}
}

static void statuses_are_read_at_every_place(void **state)
{
	static const struct {
		const char *vector;
		uint16_t status, header, auth, udp, port;
	} rows[] = {
		{ "tv9-answer", 0, 0, 0, 0, 31500 },    { "tv9-refused", 3, 3, 0, 3, 0 },
		{ "tv10-session", 0, 0, 0, 0, 31502 },  { "tv10-busy", 4, 1, 0, 4, 31502 },
		{ "tv10-unsigned", 2, 2, 2, 0, 31502 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[256];
		struct ipsla_v2_response r;
		size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));

		assert_int_equal(ipsla_v2_response_decode(buf, n, &r), 0);
		assert_int_equal(ipsla_v2_response_status(&r), rows[i].status);
		assert_int_equal(r.header_status, rows[i].header);
		assert_int_equal(r.auth_status, rows[i].auth);
		assert_int_equal(r.udp_status, rows[i].udp);
		assert_true(r.has_udp && r.has_auth);
		assert_int_equal(r.target_port, rows[i].port);
	}
}

/* A success must be whole; a refusal may be its header. */
static void incomplete_answers(void **state)
{
	uint8_t buf[256];
	struct ipsla_v2_response r;

	(void)state;
	(void)vector_octets("tv9-answer", buf, sizeof(buf));
	buf[11] = 20;
	assert_int_equal(ipsla_v2_response_decode(buf, 20, &r), -EBADMSG);
	buf[3] = 2;
	assert_int_equal(ipsla_v2_response_decode(buf, 20, &r), 0);
	assert_false(r.has_auth);
	assert_false(r.has_udp);
	assert_int_equal(ipsla_v2_response_status(&r), IPSLA_STATUS_AUTH);
}

static void random_addr(uint64_t *seed, uint8_t family, struct inet_addr *a)
{
	a->family = family;
	for (size_t k = 0; k < inet_addr_octets(a); k++)
		a->bytes[k] = (uint8_t)t_random(seed);
}

static void random_requests_survive_the_wire(void **state)
{
	uint64_t seed = t_seed(2002);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct ipsla_v2_request q = { 0 }, got;
		uint8_t buf[IPSLA_V2_LONG_OCTETS], again[IPSLA_V2_LONG_OCTETS];
		uint8_t family = t_random(&seed) % 2 ? INET_V4 : INET_V6;

		q.is_long = t_random(&seed) % 2;
		q.mode = q.is_long ? (uint8_t)(t_random(&seed) % 3) : 0;
		q.sequence = (uint32_t)t_random(&seed);
		q.timestamp = t_random(&seed);
		q.key_id = (uint16_t)t_random(&seed);
		for (size_t k = 0; q.is_long && k < sizeof(q.random); k++)
			q.random[k] = (uint8_t)t_random(&seed);
		for (size_t k = 0; q.is_long && k < sizeof(q.digest); k++)
			q.digest[k] = (uint8_t)t_random(&seed);
		q.role = (uint8_t)(1 + t_random(&seed) % 2);
		q.session_id = (uint32_t)t_random(&seed);
		random_addr(&seed, family, &q.control_source);
		random_addr(&seed, family, &q.control_target);
		random_addr(&seed, family, &q.source);
		random_addr(&seed, family, &q.target);
		q.control_source_port = (uint16_t)t_random(&seed);
		q.source_port = (uint16_t)t_random(&seed);
		q.target_port = (uint16_t)t_random(&seed);
		q.duration_ms = (uint32_t)(t_random(&seed) | 1);
		ssize_t n = ipsla_v2_request_encode(&q, buf, sizeof(buf));

		assert_int_equal(n, q.is_long ? 172 : 124);
		assert_int_equal(
		        ipsla_v2_request_decode(buf, (size_t)n, (enum inet_family)family, &got),
		        IPSLA_OK);
		assert_int_equal(got.total_length, n);
		assert_int_equal(got.udp_at, q.is_long ? 80 : 32);
		assert_int_equal(ipsla_v2_request_encode(&got, again, sizeof(again)), n);
		assert_memory_equal(again, buf, (size_t)n);
		assert_int_equal(got.target_port, q.target_port);
		assert_int_equal(got.duration_ms, q.duration_ms);
		assert_true(got.timestamp == q.timestamp);
		assert_true(inet_addr_equal(&got.source, &q.source));
		assert_true(inet_addr_equal(&got.control_target, &q.control_target));
	}
}

static void encoding_refuses_what_cannot_be(void **state)
{
	uint8_t buf[256], got[256];
	struct ipsla_v2_request q;
	struct ipsla_v2_answer a = { 0 };
	size_t n = vector_octets("tv9", buf, sizeof(buf));

	(void)state;
	assert_int_equal(ipsla_v2_request_decode(buf, n, INET_V4, &q), IPSLA_OK);
	for (size_t cap = 0; cap < n; cap++) {
		assert_int_equal(ipsla_v2_request_encode(&q, got, cap), -ENOBUFS);
		assert_int_equal(ipsla_v2_response_encode(buf, n, &q, &a, got, cap), -ENOBUFS);
		assert_int_equal(ipsla_v2_response_encode(buf, cap, &q, &a, got, sizeof(got)),
		                 -EBADMSG);
	}
	q.mode = IPSLA_V2_MODE_SHA256;
	assert_int_equal(ipsla_v2_request_encode(&q, got, sizeof(got)), -EINVAL);
	q.mode = IPSLA_V2_MODE_NONE;
	q.control_source = (struct inet_addr) { 0 };
	assert_int_equal(ipsla_v2_request_encode(&q, got, sizeof(got)), n);
	q.source.family = INET_V6;
	assert_int_equal(ipsla_v2_request_encode(&q, got, sizeof(got)), -EINVAL);
	q.source.family = INET_V4;
	q.target.family = INET_NONE;
	assert_int_equal(ipsla_v2_request_encode(&q, got, sizeof(got)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_request_reads_and_writes_alike),
		cmocka_unit_test(long_request_reads_and_writes_alike),
		cmocka_unit_test(answers_match_the_vectors),
		cmocka_unit_test(timestamp_is_refreshed_only_where_used),
		cmocka_unit_test(judgement_of_changed_requests),
		cmocka_unit_test(more_than_two_cslds_are_refused),
		cmocka_unit_test(messages_above_the_limit_are_dropped),
		cmocka_unit_test(truncations_are_refused),
		cmocka_unit_test(statuses_are_read_at_every_place),
		cmocka_unit_test(incomplete_answers),
		cmocka_unit_test(random_requests_survive_the_wire),
		cmocka_unit_test(encoding_refuses_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
