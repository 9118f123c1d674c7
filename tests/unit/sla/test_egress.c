/* SPDX-License-Identifier: Apache-2.0 */
/* Where connections may go to, with and without lists. */
#include "t.h"

#include "sla/egress.h"

static bool permits(const struct egress_policy *p, enum egress_use use, const char *text)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse(text, &a), 0);
	return egress_permits(p, use, &a);
}

static void test_without_a_list(void **state)
{
	static const char *const closed[] = {
		"0.0.0.0",
		"0.1.2.3",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.0.1",
		"169.254.169.254",
		"224.0.0.1",
		"239.255.255.255",
		"::",
		"::1",
		"fe80::1",
		"febf::1",
		"ff02::1",
		"255.255.255.255",
		"::ffff:7f00:1",
		"::ffff:a9fe:a9fe",
	};
	static const char *const open[] = { "192.0.2.1",   "10.0.0.1",       "128.0.0.1",
		                            "169.253.1.1", "2001:db8::1",    "fec0::1",
		                            "::2",         "::ffff:c000:201" };
	struct egress_policy p = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
		assert_false(permits(&p, EGRESS_WEBHOOK, closed[i]));
		assert_true(permits(&p, EGRESS_OPERATION, closed[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		assert_true(permits(&p, EGRESS_WEBHOOK, open[i]));
	assert_false(egress_permits(&p, EGRESS_OPERATION, &(struct inet_addr) { 0 }));
}

static void add(struct egress_policy *p, bool permit, const char *prefix)
{
	struct access_rule *r = &p->rules[p->rule_count++];

	r->permit = permit;
	assert_int_equal(inet_prefix_parse(prefix, &r->prefix), 0);
	p->has_list = true;
}

static void test_with_a_list(void **state)
{
	static struct egress_policy p;

	(void)state;
	add(&p, false, "192.0.2.128/25");
	add(&p, true, "192.0.2.0/24");
	add(&p, true, "127.0.0.1");
	for (enum egress_use use = EGRESS_OPERATION; use <= EGRESS_WEBHOOK; use++) {
		assert_true(permits(&p, use, "192.0.2.1"));
		assert_false(permits(&p, use, "192.0.2.129"));
		assert_true(permits(&p, use, "::ffff:c000:201"));
		assert_false(permits(&p, use, "::ffff:c000:281"));
		assert_true(permits(&p, use, "127.0.0.1"));
		assert_false(permits(&p, use, "127.0.0.2"));
		assert_false(permits(&p, use, "198.51.100.1"));
		assert_false(permits(&p, use, "2001:db8::1")); /* no list of that family */
	}
}

static void test_an_empty_list_denies(void **state)
{
	static struct egress_policy p = { .has_list = true };

	(void)state;
	assert_false(permits(&p, EGRESS_OPERATION, "192.0.2.1"));
	assert_false(permits(&p, EGRESS_WEBHOOK, "2001:db8::1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_list),
		cmocka_unit_test(test_with_a_list),
		cmocka_unit_test(test_an_empty_list_denies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
