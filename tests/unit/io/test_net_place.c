/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets that are somewhere in particular or have something of their own: ICMP errors, hop limits, names of
 * VRFs and interfaces, marks, frames. */
#include "io/clock.h"
#include "io/net_names.h"
#include "io/udp_socket.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>

#define WAIT_MS 2000

static struct dgram_batch *batch;
static struct diag why;

static struct inet_endpoint at(const char *addr, uint16_t port)
{
	struct inet_endpoint e = { .port = port };

	assert_int_equal(inet_addr_parse(addr, &e.addr), 0);
	return e;
}

static int open_or_fail(const struct sock_spec *s)
{
	int fd = sock_open_here(s, &why);

	if (fd < 0)
		fail_msg("%s", why.text);
	return fd;
}

static struct inet_endpoint local_of(int fd)
{
	struct inet_endpoint e;

	assert_int_equal(sock_local(fd, &e), 0);
	return e;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void port_unreachable(const char *addr, uint8_t type, uint8_t code)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP,
		               .rx_stamps = true,
		               .tx_stamps = true,
		               .icmp_errors = true,
		               .local = at(addr, 0),
		               .peer = at(addr, 9) };
	struct tx_stamp stamps[4];
	struct dgram_icmp icmp[4];
	struct dgram_errors e = { stamps, 4, 0, icmp, 4, 0, 0 };
	int fd = open_or_fail(&s);
	struct stamp before = clock_stamp(clock_system());

	assert_int_equal(dgram_send(fd, (const uint8_t *)"a probe", 7, NULL, NULL, -1), 0);
	wait_for(fd, POLLERR);
	assert_int_equal(sock_pending_error(fd), -ECONNREFUSED); /* the queue stays */
	for (unsigned got = 0; got == 0; got = e.icmp_count) {
		wait_for(fd, POLLERR);
		assert_int_equal(dgram_errors(fd, clock_system(), &e), 0);
	}
	assert_int_equal(e.icmp_count, 1);
	assert_int_equal(icmp[0].type, type);
	assert_int_equal(icmp[0].code, code);
	assert_true(inet_addr_equal(&icmp[0].from, &s.peer.addr));
	assert_int_equal(icmp[0].at.source, STAMP_KERNEL);
	assert_true(icmp[0].at.at.ns > before.at.ns - NS_PER_MS);
	assert_int_equal(icmp[0].len, 7);
	assert_memory_equal(icmp[0].quote, "a probe", 7);
	assert_int_equal(e.error, 0);
	fd_closep(&fd);
}

static void test_icmp_errors(void **state)
{
	(void)state;
	port_unreachable("127.0.0.1", 3, 3); /* RFC 792 */
	port_unreachable("::1", 1, 4);       /* RFC 4443 section 3.1 */
}

static void test_hop_limit(void **state)
{
	struct sock_spec from = { .kind = SOCK_KIND_UDP,
		                  .unconnected = true,
		                  .local = at("127.0.0.1", 0),
		                  .peer = at("127.0.0.1", 9) };
	struct sock_spec to = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.2", 0) };
	int a = open_or_fail(&from), b = open_or_fail(&to);
	struct inet_endpoint peer = local_of(b), own = local_of(a);
	struct dgram *g;

	(void)state;
	for (uint8_t ttl = 1; ttl < 4; ttl++) {
		assert_int_equal(sock_set_ttl(a, ttl), 0);
		assert_int_equal(dgram_send(a, &ttl, 1, &peer, NULL, -1), 0);
		wait_for(b, POLLIN);
		assert_int_equal(dgram_receive(b, batch, clock_system(), &g), 1);
		assert_int_equal(g->ttl, ttl);
	}
	/* Not connected: it hears others than its peer. */
	assert_int_equal(dgram_send(b, (const uint8_t *)"x", 1, &own, NULL, -1), 0);
	wait_for(a, POLLIN);
	assert_int_equal(dgram_receive(a, batch, clock_system(), &g), 1);
	fd_closep(&a);
	fd_closep(&b);
}

static void test_options(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP,
		               .no_fragments = true,
		               .broadcast = true,
		               .priority = SOCK_PRIORITY_MAX,
		               .mark = 0x1234,
		               .tos = 0xb8,
		               .local = at("127.0.0.1", 0),
		               .peer = at("239.1.2.3", 5000),
		               .unconnected = true,
		               .ttl = 7 };
	int fd = open_or_fail(&s);

	(void)state;
	assert_int_equal(option(fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_PROBE);
	assert_int_equal(option(fd, SOL_SOCKET, SO_BROADCAST), 1);
	assert_int_equal(option(fd, SOL_SOCKET, SO_PRIORITY), SOCK_PRIORITY_MAX);
	assert_int_equal(option(fd, SOL_SOCKET, SO_MARK), 0x1234);
	assert_int_equal(option(fd, IPPROTO_IP, IP_MULTICAST_TTL), 7);
	fd_closep(&fd);
	s = (struct sock_spec) { .kind = SOCK_KIND_UDP,
		                 .no_fragments = true,
		                 .flow_label = 0x1b669,
		                 .local = at("::1", 0),
		                 .peer = at("::1", 5000) };
	fd = open_or_fail(&s);
	assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_DONTFRAG), 1);
	fd_closep(&fd);
}

static void test_names(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "a/b", "a b", "\xc3\xa4", "a23456789012345678901234567890123"
	};
	uint16_t first, again, other;
	bool is_new;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(net_name_number(bad[i], &first, NULL), -EINVAL);
		assert_int_equal(net_name_put(5, bad[i]), -EINVAL);
	}
	assert_int_equal(net_name_number("blue", &first, &is_new), 0);
	assert_true(is_new);
	assert_int_equal(net_name_number("red", &other, NULL), 0);
	assert_int_equal(net_name_number("blue", &again, &is_new), 0);
	assert_false(is_new);
	assert_int_equal(first, again);
	assert_int_not_equal(first, other);
	assert_string_equal(net_name(other), "red");
	assert_null(net_name(0));
	assert_null(net_name(NET_NAMES_MAX));
	assert_null(net_name(NET_NAMES_MAX + 1));
	assert_int_equal(net_name_put(0, "x"), -EINVAL);
	assert_int_equal(net_name_put(NET_NAMES_MAX + 1, "x"), -EINVAL);
	assert_int_equal(net_name_put(NET_NAMES_MAX, "last"), 0);
	assert_string_equal(net_name(NET_NAMES_MAX), "last");
}

static void test_places_that_are_not_there(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 0) };

	(void)state;
	s.local.addr = (struct inet_addr) { .family = INET_V4 };
	assert_int_equal(net_name_number("no-such-vrf", &s.vrf, NULL), 0);
	assert_int_equal(sock_open_here(&s, &why), -ENODEV);
	assert_string_equal(why.text,
	                    "vrf no-such-vrf: no VRF device and no network namespace of that name");
	/* An interface is no VRF. */
	assert_int_equal(net_name_number("lo", &s.vrf, NULL), 0);
	assert_int_equal(sock_open_here(&s, &why), -ENODEV);
	s.vrf = 0;
	assert_int_equal(net_name_number("eth-none", &s.device, NULL), 0);
	assert_int_equal(sock_open_here(&s, &why), -ENODEV);
	assert_string_equal(why.text, "there is no interface 'eth-none'");
	s.device = NET_NAMES_MAX - 1;
	assert_int_equal(sock_open_here(&s, &why), -EINVAL);
}

/* Loopback lends its address; what is sent to others still goes where the route says. */
static void test_an_interface_lends_its_address(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP };

	(void)state;
	assert_int_equal(net_name_number("lo", &s.device, NULL), 0);
	s.local.addr = (struct inet_addr) { .family = INET_V4 };
	int fd = open_or_fail(&s);
	const struct inet_endpoint own = local_of(fd), want = at("127.0.0.1", 0);

	assert_true(inet_addr_equal(&own.addr, &want.addr));
	fd_closep(&fd);
}

static void test_frames(void **state)
{
	static const uint8_t frame[60] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x89, 0x02, 0xe0 };
	struct sock_spec s = { .kind = SOCK_KIND_PACKET,
		               .ethertype = SOCK_ETHERTYPE_CFM,
		               .rx_stamps = true,
		               .tx_stamps = true };
	struct tx_stamp sent = { 0 };
	uint8_t mac[6] = { 1 };
	struct dgram *g;
	int error;

	(void)state;
	assert_int_equal(net_name_number("lo", &s.device, NULL), 0);
	int fd = open_or_fail(&s);

	assert_int_equal(sock_mac(fd, mac), 0);
	assert_memory_equal(mac, frame, 6);
	assert_int_equal(dgram_send(fd, frame, sizeof(frame), NULL, NULL, -1), 0);
	wait_for(fd, POLLIN);
	assert_int_equal(dgram_tx_stamps(fd, clock_system(), &sent, 1, &error), 1);
	assert_int_equal(sent.at.source, STAMP_KERNEL);
	assert_int_equal(dgram_receive(fd, batch, clock_system(), &g), 1);
	assert_int_equal(g->len, sizeof(frame));
	assert_memory_equal(g->data, frame, sizeof(frame));
	assert_int_equal(g->at.source, STAMP_KERNEL);
	assert_int_equal(g->vlan, 0);
	fd_closep(&fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_icmp_errors),
		cmocka_unit_test(test_hop_limit),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_places_that_are_not_there),
		cmocka_unit_test(test_an_interface_lends_its_address),
		cmocka_unit_test(test_frames),
	};

	if (!netns_enter())
		return 77;
	batch = dgram_batch_new(2048);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	dgram_batch_free(batch);
	return failed;
}
