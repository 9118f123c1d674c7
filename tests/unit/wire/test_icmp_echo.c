/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP echo of both families. */
#include "wire/icmp_echo.h"

#include "vectors/ipsla_vectors.h"

#include <errno.h>

static void vectors_read_and_write_alike(void **state)
{
	static const struct {
		const char *vector;
		enum inet_family family;
		bool is_reply;
	} rows[] = { { "icmp4", INET_V4, false }, { "icmp6", INET_V6, true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[64], again[64];
		struct icmp_echo e;
		size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));

		assert_int_equal(icmp_echo_decode(buf, n, rows[i].family, &e), 0);
		assert_int_equal(e.family, rows[i].family);
		assert_int_equal(e.is_reply, rows[i].is_reply);
		assert_int_equal(e.id, 7);
		assert_int_equal(e.sequence, 1);
		assert_int_equal(e.uptime_ms, 0x1234);
		assert_int_equal(e.payload_len, 12);
		assert_int_equal(icmp_echo_encode(&e, 0xABCDABCD, again, sizeof(again)), n);
		assert_memory_equal(again, buf, n);
	}
}

/* RFC 1071 section 3 works these eight octets through: the sum is ddf2. */
static void checksum_is_the_internet_checksum(void **state)
{
	static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	static const uint8_t odd[] = { 0x01, 0x02, 0x03 };

	(void)state;
	assert_int_equal(icmp_checksum(example, sizeof(example)), (uint16_t)~0xddf2u);
	assert_int_equal(icmp_checksum(odd, sizeof(odd)), (uint16_t)~0x0402u);
	assert_int_equal(icmp_checksum(odd, 0), 0xffff);
}

static void damaged_icmpv4_is_refused(void **state)
{
	uint8_t buf[64];
	struct icmp_echo e;
	size_t n = vector_octets("icmp4", buf, sizeof(buf));

	(void)state;
	for (size_t at = 0; at < n; at++) {
		buf[at] ^= 0x10;
		assert_true(icmp_echo_decode(buf, n, INET_V4, &e) < 0);
		buf[at] ^= 0x10;
	}
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(icmp_echo_decode(buf, cut, INET_V4, &e), -EBADMSG);
}

static void other_icmp_is_not_ours(void **state)
{
	uint8_t buf[64];
	struct icmp_echo e;
	size_t n = vector_octets("icmp6", buf, sizeof(buf));

	(void)state;
	assert_int_equal(icmp_echo_decode(buf, n, INET_V4, &e), -ENOMSG);
	buf[0] = 3; /* destination unreachable */
	assert_int_equal(icmp_echo_decode(buf, n, INET_V6, &e), -ENOMSG);
	buf[0] = 129;
	buf[1] = 1;
	assert_int_equal(icmp_echo_decode(buf, n, INET_V6, &e), -EBADMSG);
	buf[1] = 0;
	assert_int_equal(icmp_echo_decode(buf, 7, INET_V6, &e), -EBADMSG);
	assert_int_equal(icmp_echo_decode(buf, 8, INET_V6, &e), 0); /* no payload, no stamp */
	assert_int_equal(e.payload_len, 0);
	assert_int_equal(e.uptime_ms, 0);
}

static void default_size_makes_64_octets_of_ipv4(void **state)
{
	uint8_t buf[64];
	struct icmp_echo e = { .family = INET_V4, .payload_len = ICMP_ECHO_STAMP_OCTETS + 28 };

	(void)state;
	assert_int_equal(icmp_echo_encode(&e, 0xABCDABCD, buf, sizeof(buf)) + 20, 64);
	assert_int_equal(icmp_echo_encode(&e, 0xABCDABCD, buf, 43), -ENOBUFS);
	assert_int_equal(buf[16], 0xab);
	assert_int_equal(buf[43], 0xcd);
	e.payload_len = 7;
	assert_int_equal(icmp_echo_encode(&e, 0, buf, sizeof(buf)), -EINVAL);
	e.payload_len = 8;
	assert_int_equal(icmp_echo_encode(&e, 0, buf, sizeof(buf)), 16);
	e.payload_len = ICMP_ECHO_MAX;
	assert_int_equal(icmp_echo_encode(&e, 0, buf, sizeof(buf)), -EINVAL);
	e = (struct icmp_echo) { .payload_len = 8 };
	assert_int_equal(icmp_echo_encode(&e, 0, buf, sizeof(buf)), -EINVAL);
}

static void random_messages_survive_the_wire(void **state)
{
	static uint8_t buf[ICMP_ECHO_MAX];
	uint64_t seed = t_seed(2005);

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		struct icmp_echo e = { 0 }, got;

		e.family = t_random(&seed) % 2 ? INET_V4 : INET_V6;
		e.is_reply = t_random(&seed) % 2;
		e.id = (uint16_t)t_random(&seed);
		e.sequence = (uint16_t)t_random(&seed);
		e.uptime_ms = (uint32_t)t_random(&seed);
		e.payload_len = (uint32_t)(8 + t_random(&seed) % (ICMP_ECHO_DATA_MAX + 1));
		ssize_t n = icmp_echo_encode(&e, (uint32_t)t_random(&seed), buf, sizeof(buf));

		assert_int_equal(n, 8 + e.payload_len);
		assert_int_equal(icmp_echo_decode(buf, (size_t)n, e.family, &got), 0);
		assert_true(got.family == e.family && got.is_reply == e.is_reply);
		assert_true(got.id == e.id && got.sequence == e.sequence);
		assert_true(got.uptime_ms == e.uptime_ms && got.payload_len == e.payload_len);
	}
}

static void ipv4_headers_of_every_length(void **state)
{
	uint8_t buf[60] = { 0 };

	(void)state;
	buf[9] = 1;
	for (unsigned words = 0; words < 16; words++) {
		ssize_t want = words < 5 ? -EBADMSG : (ssize_t)words * 4;

		buf[0] = (uint8_t)(0x40 | words);
		assert_int_equal(icmp_echo_ipv4_header(buf, sizeof(buf)), want);
		if (words >= 5)
			assert_int_equal(icmp_echo_ipv4_header(buf, words * 4 - 1), -EBADMSG);
	}
	buf[0] = 0x45;
	assert_int_equal(icmp_echo_ipv4_header(buf, 20), 20);
	buf[9] = 17;
	assert_int_equal(icmp_echo_ipv4_header(buf, 20), -EBADMSG);
	buf[0] = 0x65;
	buf[9] = 1;
	assert_int_equal(icmp_echo_ipv4_header(buf, 20), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_read_and_write_alike),
		cmocka_unit_test(checksum_is_the_internet_checksum),
		cmocka_unit_test(damaged_icmpv4_is_refused),
		cmocka_unit_test(other_icmp_is_not_ours),
		cmocka_unit_test(default_size_makes_64_octets_of_ipv4),
		cmocka_unit_test(random_messages_survive_the_wire),
		cmocka_unit_test(ipv4_headers_of_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
