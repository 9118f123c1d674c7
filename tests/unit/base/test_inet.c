/* SPDX-License-Identifier: Apache-2.0 */
/* Address, endpoint and prefix text: what is read, what is refused, what is printed. */
#include "t.h"

#include "base/cleanup.h"
#include "base/inet.h"

#include <errno.h>

static struct inet_addr addr(const char *text)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse(text, &a), 0);
	return a;
}

static void addresses_are_printed_in_canonical_form(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "::", "::" },
		{ "fe80::1%3", "fe80::1%3" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	};
	char text[INET_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inet_addr a = addr(rows[i].in);

		assert_string_equal(inet_addr_format(&a, text), rows[i].out);
	}
	assert_string_equal(inet_addr_format(&(struct inet_addr) { 0 }, text), "-");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.01",
		" 192.0.2.1",
		"192.0.2.1 ",
		"192.0.2.1%1",
		"2001:db8:::1",
		"fe80::1%",
		"fe80::1%eth0",
		"fe80::1%-1",
		"fe80::1%4294967296",
		"fe80::1%01",
		"[2001:db8::1]",
		"router.example",
		"1111111111111111111111111111111111111111111111111111111111111111111111111",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct inet_addr a = { .family = 99 };

		print_message("'%s'\n", texts[i]);
		assert_int_equal(inet_addr_parse(texts[i], &a), -EINVAL);
		assert_int_equal(a.family, 99); /* untouched on failure */
	}
}

static void endpoints_are_told_apart_from_addresses(void **state)
{
	struct inet_endpoint v4 = { addr("192.0.2.1"), 1967 };
	struct inet_endpoint v6 = { addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295"),
		                    65535 };
	char text[INET_ENDPOINT_TEXT_MAX];

	(void)state;
	assert_string_equal(inet_endpoint_format(&v4, text), "192.0.2.1:1967");
	assert_string_equal(inet_endpoint_format(&v6, text),
	                    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
}

static void prefixes_contain_what_they_should(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool is_inside;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "192.0.2.1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inet_addr a = addr(rows[i].addr);
		struct inet_prefix p;

		print_message("%s in %s\n", rows[i].addr, rows[i].prefix);
		assert_int_equal(inet_prefix_parse(rows[i].prefix, &p), 0);
		assert_int_equal(inet_prefix_contains(&p, &a), rows[i].is_inside);
	}
}

static void what_is_no_prefix_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"/24",
		"192.0.2.0/",
		"192.0.2.0/33",
		"192.0.2.0/024",
		"192.0.2.1/24",
		"192.0.2.0/-1",
		"192.0.2.0/24/24",
		"2001:db8::/129",
		"2001:db8::1/64",
		"fe80::%2/64",
	};
	struct inet_prefix p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		print_message("'%s'\n", texts[i]);
		assert_int_equal(inet_prefix_parse(texts[i], &p), -EINVAL);
	}
}

static void equality_sees_family_and_scope(void **state)
{
	struct inet_addr one = addr("fe80::1%1"), two = addr("fe80::1%2");
	struct inet_addr v4 = addr("0.0.0.0"), v6 = addr("::");

	(void)state;
	assert_true(inet_addr_equal(&one, &one));
	assert_false(inet_addr_equal(&one, &two));
	assert_false(inet_addr_equal(&v4, &v6));
	assert_true(inet_addr_is_unspecified(&v4) && inet_addr_is_unspecified(&v6));
	assert_false(inet_addr_is_unspecified(&one));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_printed_in_canonical_form),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(endpoints_are_told_apart_from_addresses),
		cmocka_unit_test(prefixes_contain_what_they_should),
		cmocka_unit_test(what_is_no_prefix_is_refused),
		cmocka_unit_test(equality_sees_family_and_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
