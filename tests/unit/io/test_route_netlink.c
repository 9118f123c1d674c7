/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of a real kernel, in a network namespace of the test's own. */
#include "io/route_netlink.h"

#include "netns.h"
#include "t.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static int fd, monitor;
static struct diag d;

struct seen {
	struct route_entry routes[64];
	struct route_rule rules[64];
	struct route_interface interfaces[16];
	unsigned route_count, rule_count, interface_count;
};

static void see_route(void *ctx, const struct route_entry *r)
{
	struct seen *s = ctx;

	if (r->table != ROUTE_TABLE_LOCAL && s->route_count < 64)
		s->routes[s->route_count++] = *r;
}

static void see_rule(void *ctx, const struct route_rule *r)
{
	struct seen *s = ctx;

	if (s->rule_count < 64)
		s->rules[s->rule_count++] = *r;
}

static void see_interface(void *ctx, const struct route_interface *i)
{
	struct seen *s = ctx;

	if (s->interface_count < 16)
		s->interfaces[s->interface_count++] = *i;
}

static const struct seen *look(void)
{
	static struct seen s;
	const struct route_sink sink = { see_interface, NULL, see_route, see_rule, &s };

	s = (struct seen) { 0 };
	assert_int_equal(route_look(fd, &sink), 0);
	return &s;
}

/* All zeroes: there is none. */
static struct route_interface interface(const char *name)
{
	const struct seen *s = look();

	for (unsigned i = 0; i < s->interface_count; i++) {
		if (strcmp(s->interfaces[i].name, name) == 0)
			return s->interfaces[i];
	}
	return (struct route_interface) { 0 };
}

static struct route_entry route(const char *prefix, uint32_t metric, const char *gateway,
                                const char *gateway2)
{
	struct route_entry r = { .table = ROUTE_TABLE_MAIN, .metric = metric };

	assert_int_equal(inet_prefix_parse(prefix, &r.prefix), 0);
	if (gateway)
		assert_int_equal(inet_addr_parse(gateway, &r.hops[r.hop_count++].gateway), 0);
	if (gateway2)
		assert_int_equal(inet_addr_parse(gateway2, &r.hops[r.hop_count++].gateway), 0);
	if (!gateway)
		r.kind = ROUTE_BLACKHOLE;
	return r;
}

/* The route in the kernel, whoever's it is. */
static const struct route_entry *find(const struct route_entry *wanted)
{
	const struct seen *s = look();

	for (unsigned i = 0; i < s->route_count; i++) {
		const struct route_entry *r = &s->routes[i];

		if (r->table == wanted->table && r->metric == wanted->metric &&
		    r->prefix.length == wanted->prefix.length &&
		    inet_addr_equal(&r->prefix.addr, &wanted->prefix.addr))
			return r;
	}
	return NULL;
}

/* ip(8) with these words. */
static bool run_ip(const char *words)
{
	char copy[200], name[] = "ip", *argv[24] = { name }, *rest = NULL;
	unsigned argc = 1;
	int status = -1;

	(void)snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok_r(copy, " ", &rest); word && argc < 23;
	     word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execvp("ip", argv);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void ip(const char *words)
{
	assert_true(run_ip(words));
}

static void routes_come_change_and_go(const char *prefix, const char *a, const char *b)
{
	struct route_entry one = route(prefix, 10, a, NULL), two = route(prefix, 10, a, b);
	struct route_entry other = route(prefix, 20, b, NULL);

	assert_int_equal(route_add(fd, &one, &d), 0);
	assert_int_equal(route_add(fd, &other, &d), 0);
	assert_int_equal(route_add(fd, &one, &d), -EEXIST);
	assert_int_equal(find(&one)->protocol, ROUTE_PROTOCOL);
	assert_int_equal(find(&one)->hop_count, 1);
	assert_true(find(&one)->hops[0].interface > 0);
	assert_int_equal(route_replace(fd, &two, &d), 0);
	assert_int_equal(find(&one)->hop_count, 2);
	assert_true(inet_addr_equal(&find(&one)->hops[1].gateway, &two.hops[1].gateway));
	assert_int_equal(route_replace(fd, &one, &d), 0);
	assert_int_equal(find(&one)->hop_count, 1);
	assert_int_equal(route_delete(fd, &one, &d), 0);
	assert_null(find(&one));
	assert_non_null(find(&other));
	assert_int_equal(route_delete(fd, &one, &d), -ESRCH);
	assert_int_equal(route_delete(fd, &other, &d), 0);
}

static void both_families(void **state)
{
	(void)state;
	routes_come_change_and_go("0.0.0.0/0", "192.0.2.1", "192.0.2.2");
	routes_come_change_and_go("203.0.113.0/24", "192.0.2.1", "192.0.2.2");
	routes_come_change_and_go("::/0", "2001:db8::1", "2001:db8::2");
	routes_come_change_and_go("2001:db8:7::/48", "2001:db8::1", "2001:db8::2");
}

static void what_others_made_is_left_alone(void **state)
{
	static const char *const cases[][3] = {
		{ "route add 203.0.113.0/24 via 192.0.2.9 metric 10", "203.0.113.0/24",
		  "192.0.2.1" },
		{ "-6 route add 2001:db8:8::/48 via 2001:db8::9 metric 10", "2001:db8:8::/48",
		  "2001:db8::1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct route_entry r = route(cases[i][1], 10, cases[i][2], NULL), before;

		ip(cases[i][0]);
		before = *find(&r);
		assert_int_not_equal(before.protocol, ROUTE_PROTOCOL);
		assert_int_equal(route_add(fd, &r, &d), -EEXIST);
		assert_int_equal(route_replace(fd, &r, &d), -EEXIST);
		assert_int_equal(route_delete(fd, &r, &d), -ESRCH);
		assert_true(route_entry_equal(find(&r), &before));
		assert_true(route_flush(fd, true, &d) >= 0);
		assert_true(route_entry_equal(find(&r), &before));
	}
}

static void paths_that_cannot_be_say_why(void **state)
{
	struct route_entry r = route("203.0.113.128/25", 10, "198.51.100.1", NULL);

	(void)state;
	assert_true(route_add(fd, &r, &d) < 0);
	assert_non_null(strstr(d.text, "cannot install the route: "));
	assert_non_null(strstr(d.text, "gateway"));
}

static void null_and_interface_routes(void **state)
{
	struct route_entry null = route("203.0.113.64/26", 10, NULL, NULL);
	struct route_entry onto = route("203.0.113.128/26", 10, "192.0.2.1", NULL);

	(void)state;
	assert_int_equal(route_add(fd, &null, &d), 0);
	assert_int_equal(find(&null)->kind, ROUTE_BLACKHOLE);
	onto.hops[0] = (struct route_hop) { .interface = interface("a0").index };
	assert_int_equal(route_add(fd, &onto, &d), 0);
	assert_true(route_entry_equal(find(&onto), &onto));
	assert_int_equal(route_delete(fd, &onto, &d), 0);
	assert_int_equal(route_delete(fd, &null, &d), 0);
}

static void pins_and_flushing(void **state)
{
	struct route_entry r = route("0.0.0.0/0", 1, "192.0.2.1", NULL);
	struct route_entry stop = route("0.0.0.0/0", ROUTE_PIN_STOP_METRIC, NULL, NULL);
	struct route_entry main_route = route("203.0.113.0/25", 10, "192.0.2.1", NULL);
	unsigned rules = 0;

	(void)state;
	r.table = stop.table = ROUTE_PIN_FIRST + 3;
	stop.kind = ROUTE_UNREACHABLE;
	assert_int_equal(route_add(fd, &r, &d), 0);
	assert_int_equal(route_add(fd, &stop, &d), 0);
	assert_int_equal(route_add(fd, &main_route, &d), 0);
	assert_int_equal(route_rule_change(fd, INET_V4, r.table, true, &d), 0);
	assert_int_equal(route_rule_change(fd, INET_V4, r.table, true, &d), -EEXIST);
	assert_int_equal(route_rule_change(fd, INET_V6, r.table, true, &d), 0);
	const struct seen *s = look();

	for (unsigned i = 0; i < s->rule_count; i++) {
		if (s->rules[i].protocol != ROUTE_PROTOCOL)
			continue;
		rules++;
		assert_int_equal(s->rules[i].mark, r.table);
		assert_int_equal(s->rules[i].table, r.table);
		assert_int_equal(s->rules[i].priority, ROUTE_PIN_RULE_PRIORITY);
	}
	assert_int_equal(rules, 2);
	assert_int_equal(route_flush(fd, false, &d), 4);
	assert_null(find(&r));
	assert_non_null(find(&main_route));
	assert_int_equal(route_flush(fd, true, &d), 1);
	assert_null(find(&main_route));
	assert_int_equal(route_flush(fd, true, &d), 0);
}

static bool has_metric_77(void *ctx, const struct route_entry *r)
{
	(void)ctx;
	return r->metric == 77;
}

static int hear(void)
{
	struct pollfd p = { .fd = monitor, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 2000), 1);
	return route_heard(monitor, has_metric_77, NULL);
}

static void a_monitor_hears_what_is_wanted(void **state)
{
	struct route_entry r = route("203.0.113.0/24", 76, "192.0.2.1", NULL);

	(void)state;
	while (route_heard(monitor, NULL, NULL) > 0)
		;
	assert_int_equal(route_heard(monitor, NULL, NULL), 0);
	assert_int_equal(route_add(fd, &r, &d), 0);
	assert_int_equal(hear(), 0);
	assert_int_equal(route_delete(fd, &r, &d), 0);
	assert_int_equal(hear(), 0);
	r.metric = 77;
	assert_int_equal(route_add(fd, &r, &d), 0);
	assert_int_equal(hear(), 1);
	assert_int_equal(route_delete(fd, &r, &d), 0);
	assert_int_equal(hear(), 1);
	assert_true(interface("a0").is_up && interface("a0").has_v4 && interface("a0").has_v6);
	assert_true(interface("b0").is_up && !interface("b0").has_v4);
	ip("link set b0 down"); /* takes the carrier of a0 */
	assert_int_equal(hear(), 1);
	assert_false(interface("a0").is_up);
	ip("link set b0 up");
	assert_int_equal(interface("c0").index, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_families),
		cmocka_unit_test(what_others_made_is_left_alone),
		cmocka_unit_test(paths_that_cannot_be_say_why),
		cmocka_unit_test(null_and_interface_routes),
		cmocka_unit_test(pins_and_flushing),
		cmocka_unit_test(a_monitor_hears_what_is_wanted),
	};

	if (!netns_enter())
		return 77;
	/* No addresses of their own making, whose checks end some time later. */
	if (!run_ip("link add a0 type veth peer name b0") ||
	    !run_ip("link set a0 addrgenmode none") || !run_ip("link set b0 addrgenmode none") ||
	    !run_ip("link set b0 up") || !run_ip("addr add 192.0.2.10/24 dev a0") ||
	    !run_ip("link set a0 up") || !run_ip("addr add 2001:db8::10/64 dev a0 nodad")) {
		(void)puts("SKIP: no pair of interfaces can be made here");
		return 77;
	}
	fd = route_open(0, false, &d);
	monitor = route_open(0, true, &d);
	if (fd < 0 || monitor < 0) {
		(void)printf("%s\n", d.text);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
