/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of control version 2: the vectors' digests, and that nothing else verifies. */
#include "wire/ipsla_v2_auth.h"

#include "vectors/ipsla_vectors.h"

#include <errno.h>

static const uint8_t secret[] = { 's', 'l', 'a', '-', 'k', 'e', 'y', '-', 's', 'e', 'v', 'e', 'n' };

static const char *const signed_vectors[] = { "tv10", "tv10-session", "tv10-busy", "tv11" };

static void vectors_sign_and_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signed_vectors); i++) {
		uint8_t buf[256], again[256];
		size_t n = vector_octets(signed_vectors[i], buf, sizeof(buf));

		print_message("%s\n", signed_vectors[i]);
		assert_int_equal(ipsla_v2_verify(buf, n, secret, sizeof(secret)), 0);
		memcpy(again, buf, n);
		memset(again + IPSLA_V2_DIGEST_AT, 0xee, IPSLA_V2_DIGEST_OCTETS);
		assert_int_equal(ipsla_v2_sign(again, n, secret, sizeof(secret)), 0);
		assert_memory_equal(again, buf, n);
	}
}

static void every_octet_is_covered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signed_vectors); i++) {
		uint8_t buf[256];
		size_t n = vector_octets(signed_vectors[i], buf, sizeof(buf));

		for (size_t at = 0; at < n; at++) {
			buf[at] ^= 1;
			assert_true(ipsla_v2_verify(buf, n, secret, sizeof(secret)) < 0);
			buf[at] ^= 1;
		}
		for (size_t cut = 0; cut < n; cut++)
			assert_int_equal(ipsla_v2_verify(buf, cut, secret, sizeof(secret)),
			                 -EINVAL);
		buf[n] = 0;
		assert_int_equal(ipsla_v2_verify(buf, n + 1, secret, sizeof(secret)), -EACCES);
		assert_int_equal(ipsla_v2_verify(buf, n, secret, sizeof(secret) - 1), -EACCES);
	}
}

/* A signed refusal is right as an answer and never passes as a request. */
static void refusals_are_no_requests(void **state)
{
	static const size_t places[] = { 2, 3, 22, 23, 82, 83 };
	uint8_t buf[256];
	size_t n = vector_octets("tv10-busy", buf, sizeof(buf));

	(void)state;
	assert_int_equal(ipsla_v2_verify(buf, n, secret, sizeof(secret)), 0);
	assert_int_equal(ipsla_v2_request_verify(buf, n, secret, sizeof(secret)), -EACCES);
	n = vector_octets("tv10", buf, sizeof(buf));
	assert_int_equal(ipsla_v2_request_verify(buf, n, secret, sizeof(secret)), 0);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		(void)vector_octets("tv10", buf, sizeof(buf));
		buf[places[i]] = 1;
		assert_int_equal(ipsla_v2_sign(buf, n, secret, sizeof(secret)), 0);
		assert_int_equal(ipsla_v2_request_verify(buf, n, secret, sizeof(secret)), -EACCES);
	}
	n = vector_octets("tv10-unsigned", buf, sizeof(buf));
	assert_int_equal(ipsla_v2_verify(buf, n, secret, sizeof(secret)), -EACCES);
}

static void only_messages_with_a_digest(void **state)
{
	uint8_t buf[256], long_secret[IPSLA_V2_SECRET_MAX + 1] = { 1 };
	size_t n = vector_octets("tv9", buf, sizeof(buf));

	(void)state;
	assert_int_equal(ipsla_v2_sign(buf, n, secret, sizeof(secret)), -EINVAL);
	n = vector_octets("tv10", buf, sizeof(buf));
	assert_int_equal(ipsla_v2_sign(buf, n, secret, 0), -EINVAL);
	assert_int_equal(ipsla_v2_sign(buf, n, long_secret, sizeof(long_secret)), -EINVAL);
	assert_int_equal(ipsla_v2_sign(buf, n, long_secret, IPSLA_V2_SECRET_MAX), 0);
	assert_int_equal(ipsla_v2_sign(buf, n + 1, secret, sizeof(secret)), -EINVAL);
	assert_int_equal(ipsla_v2_sign(buf, n - 1, secret, sizeof(secret)), -EINVAL);
	buf[28] = 0;
	assert_int_equal(ipsla_v2_sign(buf, n, secret, sizeof(secret)), -EINVAL);
	buf[28] = 3;
	assert_int_equal(ipsla_v2_verify(buf, n, secret, sizeof(secret)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_sign_and_verify),
		cmocka_unit_test(every_octet_is_covered),
		cmocka_unit_test(refusals_are_no_requests),
		cmocka_unit_test(only_messages_with_a_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
