/* SPDX-License-Identifier: Apache-2.0 */
/* The generator of bad datagrams: what it calls valid is valid, and the rest is varied. */
#include "t.h"

#include "hostile_gen.h"
#include "wire/ipsla_probe.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"

#define ROUNDS 40000

static struct hostile_gen generator(const char *target)
{
	struct hostile_gen g = {
		.random = t_seed(5), .v1_port = 1967, .v2_port = 1167, .session_port = 20000
	};

	assert_int_equal(inet_addr_parse(target, &g.target), 0);
	return g;
}

static void check_valid(const struct hostile_gen *g, const uint8_t *buf, size_t len, uint16_t port)
{
	enum inet_family family = (enum inet_family)g->target.family;

	if (port == g->v1_port) {
		struct ipsla_v1_request r;

		assert_int_equal(ipsla_v1_request_decode(buf, len, family, &r), IPSLA_OK);
		assert_int_equal(r.port, g->session_port);
		assert_true(inet_addr_equal(&r.target, &g->target));
	} else if (port == g->v2_port) {
		struct ipsla_v2_request r;

		assert_int_equal(ipsla_v2_request_decode(buf, len, family, &r), IPSLA_OK);
	} else {
		assert_int_equal(port, g->session_port);
		assert_in_range(len, 20, 124);
	}
}

static void run(const char *target, const char *source_text)
{
	struct hostile_gen g = generator(target);
	unsigned valid = 0, by_port[3] = { 0 }, lengths[HOSTILE_MAX + 1] = { 0 }, distinct = 0;
	struct inet_addr source;

	assert_int_equal(inet_addr_parse(source_text, &source), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint8_t buf[HOSTILE_MAX];
		uint16_t port;
		bool is_valid;
		size_t len = hostile_next(&g, &source, buf, &port, &is_valid);

		assert_in_range(len, 0, HOSTILE_MAX);
		lengths[len]++;
		by_port[port == 1967 ? 0 : port == 1167 ? 1 : 2]++;
		valid += is_valid;
		if (is_valid)
			check_valid(&g, buf, len, port);
	}
	for (size_t i = 0; i <= HOSTILE_MAX; i++)
		distinct += lengths[i] > 0;
	assert_in_range(valid, ROUNDS / 20, ROUNDS / 12);
	assert_in_range(distinct, 300, HOSTILE_MAX + 1);
	for (int i = 0; i < 3; i++)
		assert_in_range(by_port[i], ROUNDS / 6, ROUNDS);
}

static void test_v4(void **state)
{
	(void)state;
	run("192.0.2.2", "198.51.100.7");
}

static void test_v6(void **state)
{
	(void)state;
	run("2001:db8::2", "2001:db8:7::1");
}

static void test_same_seed_same_datagrams(void **state)
{
	struct hostile_gen a = generator("192.0.2.2"), b = generator("192.0.2.2");
	struct inet_addr source;

	(void)state;
	assert_int_equal(inet_addr_parse("198.51.100.7", &source), 0);
	for (unsigned i = 0; i < 2000; i++) {
		uint8_t one[HOSTILE_MAX], two[HOSTILE_MAX];
		uint16_t port;
		bool is_valid;
		size_t len = hostile_next(&a, &source, one, &port, &is_valid);

		assert_int_equal(hostile_next(&b, &source, two, &port, &is_valid), len);
		assert_memory_equal(one, two, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v4),
		cmocka_unit_test(test_v6),
		cmocka_unit_test(test_same_seed_same_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
