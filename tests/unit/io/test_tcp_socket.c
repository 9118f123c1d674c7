/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting: success with the kernel's round-trip time, refusal, accepting. */
#include "io/tcp_socket.h"

#include "base/clocktypes.h"
#include "io/udp_socket.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <poll.h>

static int open_tcp(enum sock_kind kind, const char *addr, uint16_t port)
{
	struct sock_spec s = { .kind = (uint8_t)kind, .tos = 96, .local.port = port };
	struct diag d = { 0 };

	assert_int_equal(inet_addr_parse(addr, &s.local.addr), 0);
	int fd = sock_opener_direct()->open(sock_opener_direct(), &s, &d);

	if (fd < 0)
		fail_msg("%s", d.text);
	return fd;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_int_equal(poll(&p, 1, 2000), 1);
}

static void connect_over(const char *addr)
{
	int listener = open_tcp(SOCK_KIND_TCP_LISTEN, addr, 0);
	int fd = open_tcp(SOCK_KIND_TCP_CONNECT, addr, 0);
	struct inet_endpoint server, client, peer, local;
	int64_t rtt_ns = -1;

	assert_int_equal(sock_local(listener, &server), 0);
	assert_int_equal(tcp_accept(listener, &peer, &local), -EAGAIN);
	assert_int_equal(tcp_connect_start(fd, &server, 0), 0);
	wait_for(fd, POLLOUT);
	assert_int_equal(tcp_connect_result(fd), 0);
	assert_int_equal(tcp_connect_rtt(fd, &rtt_ns), 0);
	assert_true(rtt_ns > 0 && rtt_ns < NS_PER_S);
	wait_for(listener, POLLIN);
	int accepted = tcp_accept(listener, &peer, &local);

	assert_true(accepted >= 0);
	assert_int_equal(sock_local(fd, &client), 0);
	assert_int_equal(peer.port, client.port);
	assert_int_equal(local.port, server.port);
	assert_true(inet_addr_equal(&peer.addr, &client.addr));
	/* A reset, not a FIN: no TIME_WAIT stays behind. */
	char byte;

	tcp_abort(fd);
	wait_for(accepted, POLLIN);
	assert_int_equal(read(accepted, &byte, 1), -1);
	assert_int_equal(errno, ECONNRESET);
	(void)close(accepted);
	(void)close(listener);
}

static void test_connect(void **state)
{
	(void)state;
	connect_over("127.0.0.1");
	connect_over("::1");
}

static void test_refused(void **state)
{
	int fd = open_tcp(SOCK_KIND_TCP_CONNECT, "127.0.0.1", 0);
	struct inet_endpoint nobody = { .port = 9 };

	(void)state;
	assert_int_equal(inet_addr_parse("127.0.0.1", &nobody.addr), 0);
	assert_int_equal(tcp_connect_result(fd), -EINPROGRESS);
	assert_int_equal(tcp_connect_start(fd, &nobody, 0), 0);
	wait_for(fd, POLLOUT);
	assert_int_equal(tcp_connect_result(fd), -ECONNREFUSED);
	tcp_abort(fd);
	fd = open_tcp(SOCK_KIND_TCP_CONNECT, "0.0.0.0", 0);
	assert_int_equal(inet_addr_parse("192.0.2.1", &nobody.addr), 0);
	assert_int_equal(tcp_connect_start(fd, &nobody, 0), -ENETUNREACH);
	tcp_abort(fd);
	tcp_abort(-1);
}

static void test_listener_in_use(void **state)
{
	int listener = open_tcp(SOCK_KIND_TCP_LISTEN, "127.0.0.1", 0);
	struct sock_spec s = { .kind = SOCK_KIND_TCP_LISTEN };
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(sock_local(listener, &s.local), 0);
	assert_int_equal(sock_open_here(&s, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "ss -lntp"));
	(void)close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_listener_in_use),
	};

	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
