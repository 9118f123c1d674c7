/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses without leaving this host: numbers, the hosts file, and a name that cannot be. */
#include "base/inet.h"
#include "io/resolver.h"
#include "t.h"

#include <event2/event.h>
#include <sys/time.h>

struct answer {
	struct event_base *base;
	struct inet_addr addr;
	bool found;
	unsigned calls;
};

static void take(void *ctx, const struct inet_addr *addr, const char *error)
{
	struct answer *a = ctx;

	assert_true((addr == NULL) != (error == NULL));
	a->calls++;
	a->found = addr != NULL;
	if (addr)
		a->addr = *addr;
	(void)event_base_loopbreak(a->base);
}

static struct answer ask(const char *name, enum inet_family family)
{
	struct answer a = { .base = event_base_new() };
	struct timeval deadline = { .tv_sec = 10 };

	assert_non_null(a.base);
	struct resolver *r = resolver_new(a.base);

	assert_non_null(r);
	resolver_lookup(r, name, family, take, &a);
	if (!a.calls) {
		assert_int_equal(event_base_loopexit(a.base, &deadline), 0);
		(void)event_base_dispatch(a.base);
	}
	assert_int_equal(a.calls, 1);
	resolver_free(r);
	event_base_free(a.base);
	return a;
}

/* Nobody waits for an answer that does not come: what the caller keeps for it would be lost. */
static void test_end_is_an_answer(void **state)
{
	struct answer a = { .base = event_base_new() };

	(void)state;
	assert_non_null(a.base);
	struct resolver *r = resolver_new(a.base);

	assert_non_null(r);
	resolver_lookup(r, "host.example", INET_NONE, take, &a);
	resolver_free(r); /* before the event loop ran once */
	assert_int_equal(a.calls, 1);
	assert_false(a.found);
	event_base_free(a.base);
}

static void test_number(void **state)
{
	char text[INET_TEXT_MAX];
	struct answer a = ask("192.0.2.7", INET_NONE);

	(void)state;
	assert_true(a.found);
	assert_string_equal(inet_addr_format(&a.addr, text), "192.0.2.7");
	a = ask("2001:db8::7", INET_V6);
	assert_true(a.found);
	assert_string_equal(inet_addr_format(&a.addr, text), "2001:db8::7");
	assert_false(ask("192.0.2.7", INET_V6).found);
}

static void test_hosts_file(void **state)
{
	char text[INET_TEXT_MAX];
	struct answer a = ask("localhost", INET_V4);

	(void)state;
	assert_true(a.found);
	assert_string_equal(inet_addr_format(&a.addr, text), "127.0.0.1");
}

static void test_impossible_name(void **state)
{
	(void)state;
	assert_false(ask("two..dots", INET_NONE).found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_end_is_an_answer),
		cmocka_unit_test(test_hosts_file),
		cmocka_unit_test(test_impossible_name),
	};

	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
