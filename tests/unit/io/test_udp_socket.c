/* SPDX-License-Identifier: Apache-2.0 */
/* Datagram and echo sockets over a loopback of the test's own: stamps, TOS, TTL, local addresses,
 * replies, and what people are told when a socket cannot be had. */
#include "io/udp_socket.h"

#include "io/clock.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <poll.h>

#define WAIT_MS 2000

static struct dgram_batch *batch;

static struct inet_endpoint at(const char *addr, uint16_t port)
{
	struct inet_endpoint e = { .port = port };

	assert_int_equal(inet_addr_parse(addr, &e.addr), 0);
	return e;
}

static int open_or_fail(const struct sock_spec *s)
{
	struct diag d = { 0 };
	int fd = sock_opener_direct()->open(sock_opener_direct(), s, &d);

	if (fd < 0)
		fail_msg("%s", d.text);
	return fd;
}

static int open_udp(const char *addr, bool packet_info)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP,
		               .rx_stamps = true,
		               .tx_stamps = true,
		               .packet_info = packet_info,
		               .local = at(addr, 0) };

	return open_or_fail(&s);
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

static struct dgram *receive_one(int fd)
{
	struct dgram *g;

	wait_for(fd, POLLIN);
	assert_int_equal(dgram_receive(fd, batch, clock_system(), &g), 1);
	return g;
}

static struct tx_stamp tx_stamp_of(int fd)
{
	struct tx_stamp s[4];
	int error;

	wait_for(fd, POLLERR);
	assert_int_equal(dgram_tx_stamps(fd, clock_system(), s, 4, &error), 1);
	assert_int_equal(error, 0);
	return s[0];
}

/* The two stamps of one datagram lie between the readings around it, in order. */
static void check_stamps(const char *addr)
{
	int rx = open_udp(addr, false), tx = open_udp(addr, false);
	struct inet_endpoint to = local_of(rx);

	for (uint32_t i = 0; i < 5; i++) {
		uint8_t data[3] = { 1, 2, (uint8_t)i };
		wall_t before = clock_system()->wall(clock_system());

		assert_int_equal(dgram_send(tx, data, 3, &to, NULL, -1), 0);
		struct tx_stamp sent = tx_stamp_of(tx);
		struct dgram *g = receive_one(rx);
		wall_t after = clock_system()->wall(clock_system());

		assert_int_equal(sent.id, i);
		assert_int_equal(sent.at.source, STAMP_KERNEL);
		assert_int_equal(g->at.source, STAMP_KERNEL);
		assert_true(before.ns <= sent.at.at.ns);
		assert_true(sent.at.at.ns <= g->at.at.ns);
		assert_true(g->at.at.ns <= after.ns);
		assert_i64_near(g->at.offset_ns, sent.at.offset_ns, NS_PER_MS);
		assert_true(g->at.err_ns > 0 && sent.at.err_ns > 0);
		assert_int_equal(g->len, 3);
		assert_int_equal(g->data[2], i);
		assert_false(g->truncated);
		assert_int_equal(g->from.port, local_of(tx).port);
	}
	(void)close(rx);
	(void)close(tx);
}

static void test_stamps(void **state)
{
	(void)state;
	check_stamps("127.0.0.1");
	check_stamps("::1");
}

static void check_marks(const char *any, const char *addr)
{
	int rx = open_udp(any, true);
	struct sock_spec s = { .kind = SOCK_KIND_UDP, .tos = 184, .local = at(addr, 0) };

	s.peer = at(addr, local_of(rx).port);
	int tx = open_or_fail(&s);

	assert_int_equal(dgram_send(tx, (const uint8_t *)"x", 1, NULL, NULL, -1), 0);
	struct dgram *g = receive_one(rx);

	assert_int_equal(g->tos, 184);
	assert_int_equal(g->ttl, 255);
	assert_true(inet_addr_equal(&g->to, &s.local.addr));
	assert_int_equal(g->ifindex, 1);
	assert_int_equal(dgram_send(tx, (const uint8_t *)"x", 1, NULL, NULL, 0), 0);
	assert_int_equal(receive_one(rx)->tos, 0);
	(void)close(rx);
	(void)close(tx);
	s.ttl = 3;
	rx = open_udp(any, true);
	s.peer.port = local_of(rx).port;
	tx = open_or_fail(&s);
	assert_int_equal(dgram_send(tx, (const uint8_t *)"x", 1, NULL, NULL, 32), 0);
	g = receive_one(rx);
	assert_int_equal(g->ttl, 3);
	assert_int_equal(g->tos, 32);
	(void)close(rx);
	(void)close(tx);
}

static void test_tos_ttl_and_local_address(void **state)
{
	(void)state;
	check_marks("0.0.0.0", "127.0.0.1");
	check_marks("::", "::1");
}

/* Replies leave from the address that was asked, with the TOS that came. */
static void check_replies(const char *any, const char *const server[2])
{
	int rx = open_udp(any, true);
	int tx = open_udp(any, true);
	struct dgram *got, *replies[DGRAM_BATCH];
	unsigned n = 10;

	for (unsigned i = 0; i < n; i++) {
		struct inet_endpoint to = at(server[i % 2], local_of(rx).port);
		uint8_t data = (uint8_t)i;

		assert_int_equal(dgram_send(tx, &data, 1, &to, NULL, (int)i * 4), 0);
	}
	wait_for(rx, POLLIN);
	assert_int_equal(dgram_receive(rx, batch, clock_system(), &got), n);
	for (unsigned i = 0; i < n; i++) {
		got[i].data[0] |= 0x80; /* rewritten in place */
		replies[i] = &got[i];
	}
	assert_int_equal(dgram_reply(rx, replies, n), n);
	wait_for(tx, POLLIN);
	assert_int_equal(dgram_receive(tx, batch, clock_system(), &got), n);
	for (unsigned i = 0; i < n; i++) {
		struct inet_endpoint from = at(server[i % 2], local_of(rx).port);

		assert_int_equal(got[i].data[0], 0x80 | i);
		assert_int_equal(got[i].tos, i * 4);
		assert_int_equal(got[i].from.port, from.port);
		assert_true(inet_addr_equal(&got[i].from.addr, &from.addr));
	}
	(void)close(rx);
	(void)close(tx);
}

static void test_batch_of_replies(void **state)
{
	static const char *const v4[2] = { "127.0.0.2", "127.0.0.9" };
	static const char *const v6[2] = { "::1", "::1" };

	(void)state;
	check_replies("0.0.0.0", v4);
	check_replies("::", v6);
}

static void test_a_reply_that_cannot_leave_is_not_counted(void **state)
{
	int fd = open_udp("0.0.0.0", true);
	uint8_t data[1] = { 0 };
	struct dgram good = { .data = data, .len = 1, .from = at("127.0.0.1", 9) };
	struct dgram bad = { .data = data, .len = 1, .from = at("192.0.2.1", 9) }; /* no route */
	struct dgram *all[3] = { &good, &bad, &good };

	(void)state;
	assert_int_equal(dgram_reply(fd, all, 3), 2);
	(void)close(fd);
}

static void test_truncation_and_empty(void **state)
{
	int rx = open_udp("127.0.0.1", false), tx = open_udp("127.0.0.1", false);
	struct inet_endpoint to = local_of(rx);
	static uint8_t big[4096];
	struct dgram_batch *small = dgram_batch_new(100);
	struct dgram *g;

	(void)state;
	assert_int_equal(dgram_receive(rx, small, clock_system(), &g), 0);
	assert_int_equal(dgram_send(tx, big, sizeof(big), &to, NULL, -1), 0);
	assert_int_equal(dgram_send(tx, big, 0, &to, NULL, -1), 0);
	wait_for(rx, POLLIN);
	assert_int_equal(dgram_receive(rx, small, clock_system(), &g), 2);
	assert_true(g[0].truncated);
	assert_int_equal(g[0].len, 100);
	assert_false(g[1].truncated);
	assert_int_equal(g[1].len, 0);
	dgram_batch_free(small);
	(void)close(rx);
	(void)close(tx);
}

static void test_refused_port_is_reported_once(void **state)
{
	int closed = open_udp("127.0.0.1", false);
	struct sock_spec s = { .kind = SOCK_KIND_UDP,
		               .tx_stamps = true,
		               .local = at("127.0.0.1", 0),
		               .peer = local_of(closed) };
	int fd = open_or_fail(&s), error = 0;
	struct tx_stamp stamps[4];

	(void)state;
	(void)close(closed);
	assert_int_equal(dgram_send(fd, (const uint8_t *)"x", 1, NULL, NULL, -1), 0);
	wait_for(fd, POLLERR);
	assert_int_equal(dgram_tx_stamps(fd, clock_system(), stamps, 4, &error), 1);
	assert_int_equal(error, -ECONNREFUSED);
	assert_int_equal(dgram_tx_stamps(fd, clock_system(), stamps, 4, &error), 0);
	assert_int_equal(error, 0);
	(void)close(fd);
}

static void test_transmit_ids_start_again(void **state)
{
	int rx = open_udp("127.0.0.1", false), tx = open_udp("127.0.0.1", false);
	struct inet_endpoint to = local_of(rx);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(dgram_send(tx, (const uint8_t *)"x", 1, &to, NULL, -1), 0);
	assert_int_equal(dgram_tx_restart(tx), 0);
	assert_int_equal(dgram_send(tx, (const uint8_t *)"x", 1, &to, NULL, -1), 0);
	assert_int_equal(tx_stamp_of(tx).id, 0);
	(void)close(rx);
	(void)close(tx);
}

static void test_many_transmit_stamps_in_pieces(void **state)
{
	int rx = open_udp("127.0.0.1", false), tx = open_udp("127.0.0.1", false);
	struct inet_endpoint to = local_of(rx);
	struct tx_stamp stamps[50];
	uint32_t next = 0;
	int n, error;

	(void)state;
	for (int i = 0; i < 120; i++)
		assert_int_equal(dgram_send(tx, (const uint8_t *)"x", 1, &to, NULL, -1), 0);
	while ((n = dgram_tx_stamps(tx, clock_system(), stamps, 50, &error)) > 0) {
		for (int i = 0; i < n; i++)
			assert_int_equal(stamps[i].id, next++);
	}
	assert_int_equal(n, 0);
	assert_int_equal(next, 120);
	(void)close(rx);
	(void)close(tx);
}

static void test_dropped_datagrams_are_counted(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP,
		               .local = at("127.0.0.1", 0),
		               .receive_buffer_bytes = 4096 };
	int rx = open_or_fail(&s), tx = open_udp("127.0.0.1", false);
	struct inet_endpoint to = local_of(rx);
	struct dgram *g;
	static uint8_t data[1000];

	(void)state;
	assert_int_equal(sock_drops(rx), 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(dgram_send(tx, data, sizeof(data), &to, NULL, -1), 0);
	int n = dgram_receive(rx, batch, clock_system(), &g);

	assert_true(n > 0 && n < 50);
	assert_int_equal(sock_drops(rx), 50 - n);
	(void)close(rx);
	(void)close(tx);
}

static void test_sentences(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 0) };
	struct sock_opener *o = sock_opener_direct();
	int fd = open_or_fail(&s);
	struct diag d = { 0 };

	(void)state;
	s.local = local_of(fd);
	assert_int_equal(o->open(o, &s, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "ss -lnup"));
	assert_non_null(strstr(d.text, "is in use"));
	s.local = at("192.0.2.7", 0);
	assert_int_equal(o->open(o, &s, &d), -EADDRNOTAVAIL);
	assert_non_null(strstr(d.text, "192.0.2.7 is not an address of this host"));
	s.local = at("0.0.0.0", 0);
	s.peer = at("198.51.100.1", 5);
	assert_int_equal(o->open(o, &s, &d), -ENETUNREACH);
	assert_non_null(strstr(d.text, "no route to 198.51.100.1:5"));
	s.peer = at("2001:db8::1", 5);
	assert_int_equal(o->open(o, &s, &d), -EAFNOSUPPORT);
	const struct inet_endpoint peer = at("192.0.2.9", 0); /* ICMP has no port to name */

	assert_int_equal(sock_connect_sentence(&peer, -EHOSTUNREACH, &d), -EHOSTUNREACH);
	assert_string_equal(d.text, "no route to 192.0.2.9: see \"ip route get\"");
	assert_int_equal(sock_connect_sentence(&peer, -EINVAL, &d), -EINVAL);
	assert_non_null(strstr(d.text, "the route to 192.0.2.9 is a blackhole"));
	assert_int_equal(sock_connect_sentence(&peer, -EACCES, &d), -EACCES);
	assert_non_null(strstr(d.text, "traffic to 192.0.2.9 is forbidden"));
	s = (struct sock_spec) { .kind = SOCK_KIND_UDP };
	assert_int_equal(o->open(o, &s, &d), -EINVAL);
	s = (struct sock_spec) { .kind = 77, .local = at("127.0.0.1", 0) };
	assert_int_equal(o->open(o, &s, &d), -EINVAL);
	s = (struct sock_spec) { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 167) };
	assert_int_equal(sock_bind_sentence(&s, -EACCES, &d), -EACCES);
	assert_non_null(strstr(d.text, "CAP_NET_BIND_SERVICE"));
	assert_non_null(strstr(d.text, "net.ipv4.ip_unprivileged_port_start=167"));
	assert_int_equal(sock_bind_sentence(&s, -ENOMEM, &d), -ENOMEM);
	assert_non_null(strstr(d.text, "127.0.0.1:167"));
	(void)close(fd);
}

static int group_setup(void **state)
{
	(void)state;
	batch = dgram_batch_new(2048);
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	dgram_batch_free(batch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stamps),
		cmocka_unit_test(test_tos_ttl_and_local_address),
		cmocka_unit_test(test_batch_of_replies),
		cmocka_unit_test(test_a_reply_that_cannot_leave_is_not_counted),
		cmocka_unit_test(test_truncation_and_empty),
		cmocka_unit_test(test_refused_port_is_reported_once),
		cmocka_unit_test(test_transmit_ids_start_again),
		cmocka_unit_test(test_many_transmit_stamps_in_pieces),
		cmocka_unit_test(test_dropped_datagrams_are_counted),
		cmocka_unit_test(test_sentences),
	};

	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
