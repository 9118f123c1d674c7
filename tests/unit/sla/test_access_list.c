/* SPDX-License-Identifier: Apache-2.0 */
/* First match decides, no match denies. */
#include "sla/access_list.h"

#include "t.h"

static struct inet_addr addr(const char *text)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse(text, &a), 0);
	return a;
}

static void rules_in_order(void **state)
{
	struct access_rule rules[4] = { { .permit = false },
		                        { .permit = true },
		                        { .permit = true } };
	struct access_list list = { "noc", 3, rules };
	static const struct {
		const char *from;
		bool is_permitted;
	} rows[] = {
		{ "192.0.2.9", false },  { "192.0.2.200", true },  { "198.51.100.1", false },
		{ "2001:db8::7", true }, { "2001:db9::7", false },
	};

	(void)state;
	assert_int_equal(inet_prefix_parse("192.0.2.8/30", &rules[0].prefix), 0);
	assert_int_equal(inet_prefix_parse("192.0.2.0/24", &rules[1].prefix), 0);
	assert_int_equal(inet_prefix_parse("2001:db8::/32", &rules[2].prefix), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct inet_addr a = addr(rows[i].from);

		assert_int_equal(access_list_permits(&list, &a), rows[i].is_permitted);
	}
	rules[3] = (struct access_rule) { .permit = true, .any = true };
	list.count = 4;
	struct inet_addr stranger = addr("203.0.113.1");

	assert_true(access_list_permits(&list, &stranger));
	list.count = 0;
	assert_false(access_list_permits(&list, &stranger));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rules_in_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
