/* SPDX-License-Identifier: Apache-2.0 */
/* The whole responder on real sockets: carriers, sessions, permanent ports, expiry, silence. */
#include "net.h"

#include "io/process.h"
#include "io/tcp_socket.h"
#include "vectors/ipsla_vectors.h"
#include "wire/ipsla_probe.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"

static size_t v1_request(uint8_t *buf, uint16_t command, const char *target, uint16_t port,
                         uint32_t duration_ms, uint8_t sequence)
{
	struct ipsla_v1_request r = {
		.sequence = sequence,
		.command = command,
		.target = net_endpoint(target, 0).addr,
		.port = port,
		.duration_ms = duration_ms,
		.has_auth = true,
	};
	ssize_t len = ipsla_v1_request_encode(&r, buf, 512);

	assert_true(len > 0);
	return (size_t)len;
}

static size_t v2_request(uint8_t *buf, const char *source, const char *target, uint16_t port,
                         uint32_t duration_ms, uint32_t sequence)
{
	struct ipsla_v2_request r = {
		.sequence = sequence,
		.role = IPSLA_V2_ROLE_SENDER,
		.target_port = port,
		.duration_ms = duration_ms,
	};

	r.control_source = r.source = net_endpoint(source, 0).addr;
	r.control_target = r.target = net_endpoint(target, 0).addr;
	ssize_t len = ipsla_v2_request_encode(&r, buf, 512);

	assert_true(len > 0);
	return (size_t)len;
}

/* Ask over UDP; returns the status of the v1 answer. */
static uint16_t ask_v1(struct net *n, int fd, const char *to, uint16_t control, uint16_t command,
                       uint16_t port, uint32_t duration_ms, uint8_t sequence)
{
	uint8_t buf[512];
	struct ipsla_v1_response r;
	size_t len = v1_request(buf, command, to, port, duration_ms, sequence);

	net_send(fd, to, control, buf, len, -1);
	struct dgram g = net_receive(n, fd);

	assert_true(g.len <= len);
	assert_int_equal(ipsla_v1_response_decode(g.data, g.len, &r), 0);
	assert_int_equal(r.sequence, sequence);
	return r.status;
}

static void both_versions_on_both_ports_and_families(void **state)
{
	static const struct {
		const char *client, *to;
	} hosts[] = { { "127.0.0.9", "127.0.0.1" },
		      { "127.0.0.9", "127.0.0.2" },
		      { "::1", "::1" } };
	struct net *n = *state;

	net_apply(n);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		bool v6 = i == 2;
		int fd = net_client(hosts[i].client, 0);

		for (unsigned c = 0; c < 2; c++) {
			uint16_t control = c ? 1167 : 1967;
			uint16_t port = (uint16_t)(20000 + c);
			uint8_t buf[512];
			struct ipsla_v2_response r;

			assert_int_equal(ask_v1(n, fd, hosts[i].to, control, v6 ? 8 : 4, port, 5000,
			                        (uint8_t)c),
			                 0);
			size_t len = v2_request(buf, hosts[i].client, hosts[i].to, 0, 5000, c);

			net_send(fd, hosts[i].to, control, buf, len, -1);
			struct dgram g = net_receive(n, fd);

			const struct inet_endpoint to = net_endpoint(hosts[i].to, control);

			assert_true(inet_addr_equal(&g.from.addr, &to.addr));
			assert_int_equal(g.from.port, control);
			assert_int_equal(ipsla_v2_response_decode(g.data, g.len, &r), 0);
			assert_int_equal(ipsla_v2_response_status(&r), 0);
			assert_in_range(r.target_port, 1024, 65535);
		}
		(void)close(fd);
	}
	/* The second v2 request, with a new number, starts the session of the first anew. */
	assert_int_equal(net_status(n).sessions, 9);
	assert_int_equal(net_status(n).counters.sessions_rearmed, 3);
}

static void jitter_probe_carries_times_and_counts(void **state)
{
	struct net *n = *state;
	int fd = net_client("127.0.0.9", 0);
	uint8_t buf[64];
	struct ipsla_probe_ms p;

	net_apply(n);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 4, 20000, 5000, 1), 0);
	for (uint16_t i = 1; i <= 5; i++) {
		struct ipsla_probe_ms probe = { .t1_ms = 1, .sequence = (uint16_t)(2 * i) };

		ipsla_fill(buf, sizeof(buf), IPSLA_FILL_DEFAULT);
		assert_int_equal(ipsla_probe_ms_encode(&probe, buf, sizeof(buf)), 16);
		net_send(fd, "127.0.0.1", 20000, buf, sizeof(buf), 184);
		struct dgram g = net_receive(n, fd);

		assert_int_equal(g.len, sizeof(buf));
		assert_int_equal(g.tos, 184);
		assert_int_equal(ipsla_probe_ms_decode(g.data, g.len, &p), 0);
		assert_int_equal(p.sequence, 2 * i);
		assert_int_equal(p.responder_sequence, i);
		int32_t age_ms =
		        ms_of_day_diff(wall_to_ms_of_day(n->clock->wall(n->clock)), p.t2_ms);

		assert_in_range(age_ms, 0, 1000);
	}
	assert_int_equal(net_status(n).counters.probes_answered, 5);
	(void)close(fd);
}

static void several_sessions_share_a_port(void **state)
{
	struct net *n = *state;
	static const char *const clients[] = { "127.0.0.11", "127.0.0.12", "127.0.0.13",
		                               "127.0.0.11" };
	int fds[4];
	uint8_t buf[32] = { 0, 2 };
	struct ipsla_probe_ms p;

	net_apply(n);
	for (unsigned i = 0; i < 4; i++) {
		fds[i] = net_client(clients[i], 0);
		assert_int_equal(ask_v1(n, fds[i], "127.0.0.1", 1967, 4, 20000, 5000, 1), 0);
	}
	assert_int_equal(net_status(n).sessions, 4);
	assert_int_equal(net_status(n).ports_open, 1);
	for (unsigned round = 1; round <= 3; round++) {
		for (unsigned i = 0; i < 4; i++) {
			net_send(fds[i], "127.0.0.1", 20000, buf, sizeof(buf), -1);
			struct dgram g = net_receive(n, fds[i]);

			assert_int_equal(ipsla_probe_ms_decode(g.data, g.len, &p), 0);
			assert_int_equal(p.responder_sequence, round);
		}
	}
	for (unsigned i = 0; i < 4; i++)
		(void)close(fds[i]);
}

static void expiry_closes_the_port(void **state)
{
	struct net *n = *state;
	int fd = net_client("127.0.0.9", 0);
	int tcp_fd;
	const struct sock_spec same = { .kind = SOCK_KIND_UDP,
		                        .local = net_endpoint("127.0.0.1", 20000) };

	net_apply(n);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 2, 20000, 150, 1), 0);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 3, 20000, 100, 2), 0);
	assert_int_equal(net_status(n).ports_open, 2);
	assert_int_equal(sock_open_here(&same, NULL), -EADDRINUSE);
	net_until(n, net_status(n).sessions == 0);
	assert_int_equal(net_status(n).ports_open, 0);
	assert_int_equal(net_status(n).counters.sessions_expired, 2);
	tcp_fd = sock_open_here(&same, NULL);
	assert_true(tcp_fd >= 0);
	(void)close(tcp_fd);
	(void)close(fd);
}

static void busy_port_is_refused_or_substituted(void **state)
{
	struct net *n = *state;
	int fd = net_client("127.0.0.9", 0);
	int holder = net_client("127.0.0.1", 20000);
	uint8_t buf[512];
	struct ipsla_v2_response r;
	size_t len = v2_request(buf, "127.0.0.9", "127.0.0.1", 20000, 5000, 1);

	net_apply(n);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 2, 20000, 5000, 1),
	                 IPSLA_STATUS_PORT_IN_USE);
	n->cfg.substitute_port = true;
	net_apply(n);
	net_send(fd, "127.0.0.1", 1167, buf, len, -1);
	struct dgram g = net_receive(n, fd);

	assert_int_equal(ipsla_v2_response_decode(g.data, g.len, &r), 0);
	assert_int_equal(ipsla_v2_response_status(&r), 0);
	assert_int_not_equal(r.target_port, 20000);
	(void)close(holder);
	(void)close(fd);
}

/* Each port is a descriptor: more of them than a process may open unasked. */
static void thousands_of_ports(void **state)
{
	struct net *n = *state;
	const uint32_t sources = 40, each = 60;

	if (process_raise_descriptors() < sources * each + 100)
		skip();
	net_apply(n);
	for (uint32_t s = 0; s < sources; s++) {
		char client[INET_TEXT_MAX];

		(void)snprintf(client, sizeof(client), "127.0.1.%u", s + 1);
		int fd = net_client(client, 0);

		for (uint32_t i = 0; i < each; i++)
			assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 4,
			                        (uint16_t)(20000 + s * each + i), 60000,
			                        (uint8_t)i),
			                 0);
		(void)close(fd);
	}
	assert_int_equal(net_status(n).sessions, sources * each);
	assert_int_equal(net_status(n).ports_open, sources * each);
}

/* --- TCP -------------------------------------------------------------------------------------- */

/* Connect; the connection may have been closed or reset again when this returns. */
static int tcp_client(struct net *n, const char *from, const char *to, uint16_t port)
{
	const struct sock_spec spec = { .kind = SOCK_KIND_TCP_CONNECT,
		                        .local = net_endpoint(from, 0) };
	struct inet_endpoint peer = net_endpoint(to, port);
	int fd = sock_open_here(&spec, NULL);

	assert_true(fd >= 0);
	assert_int_equal(tcp_connect_start(fd, &peer, 0), 0);
	assert_true(net_wait(n, fd, EPOLLOUT, NET_WAIT_NS));
	return fd;
}

/* Octets until ``want`` have come or the peer closes; -errno when it resets. */
static ssize_t tcp_collect(struct net *n, int fd, uint8_t *buf, size_t want)
{
	size_t have = 0;

	while (have < want) {
		if (!net_wait(n, fd, EPOLLIN, NET_WAIT_NS))
			fail_msg("the connection stays silent");
		ssize_t got = tcp_read(fd, buf + have, want - have);

		if (got == 0)
			break;
		if (got < 0)
			return got;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static void control_over_tcp_in_pieces_and_pipelined(void **state)
{
	struct net *n = *state;
	uint8_t out[1024], in[1024];
	struct ipsla_v1_response r1;
	struct ipsla_v2_response r2;

	net_apply(n);
	int fd = tcp_client(n, "127.0.0.9", "127.0.0.1", 1167);
	size_t len = v1_request(out, 4, "127.0.0.1", 20000, 5000, 7);

	for (size_t i = 0; i < len; i++) {
		assert_int_equal(tcp_write(fd, out + i, 1), 1);
		net_turn(n);
	}
	assert_int_equal(tcp_collect(n, fd, in, 24), 24);
	assert_int_equal(ipsla_v1_response_decode(in, 24, &r1), 0);
	assert_int_equal(r1.status, 0);
	assert_int_equal(r1.sequence, 7);

	len = v2_request(out, "127.0.0.9", "127.0.0.1", 20001, 5000, 8);
	len += v2_request(out + len, "127.0.0.9", "127.0.0.1", 20002, 5000, 9);
	assert_int_equal(tcp_write(fd, out, len), (ssize_t)len);
	assert_int_equal(shutdown(fd, SHUT_WR), 0); /* half-close: the answers still come */
	assert_int_equal(tcp_collect(n, fd, in, sizeof(in)), (ssize_t)len);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(ipsla_v2_response_decode(in + i * len / 2, len / 2, &r2), 0);
		assert_int_equal(r2.sequence, 8 + i);
		assert_int_equal(ipsla_v2_response_status(&r2), 0);
	}
	(void)close(fd);
	assert_int_equal(net_status(n).counters.control_tcp, 3);
	assert_int_equal(net_status(n).sessions, 3);
}

static void broken_framing_closes_the_connection(void **state)
{
	struct net *n = *state;
	uint8_t buf[64];

	net_apply(n);
	int fd = tcp_client(n, "127.0.0.9", "127.0.0.1", 1167);

	assert_int_equal(tcp_write(fd, (const uint8_t *)"GET / HTTP/1.0\r\n\r\n", 18), 18);
	assert_int_equal(tcp_collect(n, fd, buf, sizeof(buf)), -ECONNRESET);
	assert_int_equal(net_status(n).counters.drops[DROP_STREAM_FORMAT], 1);
	(void)close(fd);
}

static void one_source_gets_few_connections(void **state)
{
	struct net *n = *state;
	int fds[5];
	uint8_t buf[8];

	net_apply(n);
	for (int i = 0; i < 5; i++)
		fds[i] = tcp_client(n, "127.0.0.9", "127.0.0.1", 1167);
	net_until(n, net_status(n).counters.drops[DROP_STREAM_LIMIT] == 1);
	assert_int_equal(tcp_collect(n, fds[4], buf, 1), -ECONNRESET);
	for (int i = 0; i < 5; i++)
		(void)close(fds[i]);
}

static void tcp_connect_session_closes_first(void **state)
{
	struct net *n = *state;
	int fd = net_client("127.0.0.9", 0);
	uint8_t buf[8];

	net_apply(n);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 3, 20000, 5000, 1), 0);
	for (int i = 0; i < 3; i++) {
		int tcp = tcp_client(n, "127.0.0.9", "127.0.0.1", 20000);

		assert_int_equal(tcp_collect(n, tcp, buf, 1), 0); /* FIN from the responder */
		(void)close(tcp);
	}
	assert_int_equal(net_status(n).counters.tcp_accepted, 3);
	int stranger = tcp_client(n, "127.0.0.10", "127.0.0.1", 20000);

	assert_int_equal(tcp_collect(n, stranger, buf, 1), -ECONNRESET);
	assert_int_equal(net_status(n).counters.drops[DROP_PROBE_NO_SESSION], 1);
	(void)close(stranger);
	(void)close(fd);
}

/* --- permanent ports -------------------------------------------------------------------------- */

static void permanent_ports_need_no_control(void **state)
{
	struct net *n = *state;
	struct ipsla_probe_ms probe = { .t1_ms = 5, .sequence = 77 }, reply;
	uint8_t buf[32];

	n->cfg.enabled = false;
	n->cfg.permanent_count = 2;
	n->cfg.permanent[0] = (struct permanent_port) { .kind = PERMANENT_UDP_ECHO, .port = 5000 };
	n->cfg.permanent[1] = (struct permanent_port) {
		.kind = PERMANENT_TCP_CONNECT,
		.addr = net_endpoint("127.0.0.2", 0).addr,
		.port = 5001,
	};
	net_apply(n);
	for (int v6 = 0; v6 < 2; v6++) {
		const char *to = v6 ? "::1" : "127.0.0.7";
		int fd = net_client(v6 ? "::1" : "127.0.0.9", 0);

		ipsla_fill(buf, sizeof(buf), IPSLA_FILL_DEFAULT);
		assert_int_equal(ipsla_probe_ms_encode(&probe, buf, sizeof(buf)), 16);
		net_send(fd, to, 5000, buf, sizeof(buf), -1);
		struct dgram g = net_receive(n, fd);

		const struct inet_endpoint asked = net_endpoint(to, 5000);

		assert_true(inet_addr_equal(&g.from.addr, &asked.addr));
		assert_int_equal(ipsla_probe_ms_decode(g.data, g.len, &reply), 0);
		assert_int_equal(reply.responder_sequence, 77);
		size_t len = vector_octets("tv2", buf, sizeof(buf));

		net_send(fd, to, 5000, buf, len, -1);
		g = net_receive(n, fd);
		assert_int_equal(g.len, len);
		assert_memory_equal(g.data, buf, len);
		(void)close(fd);
	}
	int tcp = tcp_client(n, "127.0.0.9", "127.0.0.2", 5001);

	assert_int_equal(tcp_collect(n, tcp, buf, 1), 0);
	(void)close(tcp);
	assert_int_equal(net_status(n).ports_open, 3);

	n->cfg.permanent_count = 0;
	net_apply(n);
	assert_int_equal(net_status(n).ports_open, 0);
}

static void sessions_and_a_permanent_port_share_the_port(void **state)
{
	struct net *n = *state;
	int fd = net_client("127.0.0.9", 0);
	uint8_t buf[32] = { 0, 2, [12] = 0, [13] = 9 };
	struct ipsla_probe_ms p;

	net_apply(n);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 4, 5000, 5000, 1), 0);
	n->cfg.permanent_count = 1;
	n->cfg.permanent[0] = (struct permanent_port) { .kind = PERMANENT_UDP_ECHO, .port = 5000 };
	net_apply(n); /* the session's own socket gives way to the wildcard */
	assert_int_equal(net_status(n).sessions, 0);
	assert_int_equal(net_status(n).ports_open, 2);

	net_send(fd, "127.0.0.1", 5000, buf, sizeof(buf), -1);
	struct dgram g = net_receive(n, fd);

	assert_int_equal(ipsla_probe_ms_decode(g.data, g.len, &p), 0);
	assert_int_equal(p.responder_sequence, 9);
	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 4, 5000, 5000, 2), 0);
	assert_int_equal(net_status(n).ports_open, 2);
	net_send(fd, "127.0.0.1", 5000, buf, sizeof(buf), -1);
	g = net_receive(n, fd);
	assert_int_equal(ipsla_probe_ms_decode(g.data, g.len, &p), 0);
	assert_int_equal(p.responder_sequence, 1);
	(void)close(fd);
}

/* Two permanent ports of two hosts, simulated by the two ends of one: the client plays a second
 * responder that sends back whatever it gets. */
static void an_echo_loop_falls_silent(void **state)
{
	struct net *n = *state;
	int fd = net_client("127.0.0.9", 6000);
	uint8_t buf[32];
	size_t len = vector_octets("tv2", buf, sizeof(buf));
	unsigned rounds = 0;

	n->cfg.packets_per_s = 100000; /* so that it is not the rate that ends it */
	n->cfg.permanent_count = 1;
	n->cfg.permanent[0] = (struct permanent_port) { .kind = PERMANENT_UDP_ECHO, .port = 5000 };
	n->cfg.packets_per_s = 100000; /* else a fast host meets the rate of the source first */
	net_apply(n);
	net_send(fd, "127.0.0.1", 5000, buf, len, -1);
	while (net_status(n).counters.drops[DROP_PROBE_LOOP] == 0) {
		if (!net_wait(n, fd, EPOLLIN, 20 * NS_PER_MS))
			continue;
		struct dgram g = net_receive(n, fd);

		net_send(fd, "127.0.0.1", 5000, g.data, g.len, -1);
		assert_true(++rounds < 1000);
	}
	assert_in_range(rounds, 200, 300);
	(void)close(fd);
}

static void spoofed_control_ports_get_no_answer(void **state)
{
	struct net *n = *state;
	static const uint16_t ports[] = { 1967, 1167 };
	uint8_t buf[512];
	size_t len = v1_request(buf, 4, "127.0.0.1", 20000, 5000, 1);

	n->cfg.v1_port = 11967;
	n->cfg.v2_port = 11167;
	net_apply(n);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		int fd = net_client("127.0.0.9", ports[i]);

		net_send(fd, "127.0.0.1", 11967, buf, len, -1);
		net_until(n, net_status(n).counters.drops[DROP_CONTROL_LOOP] == i + 1);
		(void)close(fd);
	}
	assert_int_equal(net_status(n).sessions, 0);
	assert_int_equal(net_status(n).counters.bytes_out, 0);
}

static void a_taken_control_port_is_named(void **state)
{
	struct net *n = *state;
	struct diag d = { 0 };
	int holder = net_client("0.0.0.0", 1967);

	assert_int_equal(responder_apply(n->responder, &n->cfg, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "1967"));
	(void)close(holder);
	net_apply(n); /* what failed is opened now */
	int fd = net_client("127.0.0.9", 0);

	assert_int_equal(ask_v1(n, fd, "127.0.0.1", 1967, 2, 20000, 1000, 1), 0);
	(void)close(fd);
}

#define NET_TEST(f) cmocka_unit_test_setup_teardown(f, net_setup, net_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(both_versions_on_both_ports_and_families),
		NET_TEST(jitter_probe_carries_times_and_counts),
		NET_TEST(several_sessions_share_a_port),
		NET_TEST(expiry_closes_the_port),
		NET_TEST(busy_port_is_refused_or_substituted),
		NET_TEST(thousands_of_ports),
		NET_TEST(control_over_tcp_in_pieces_and_pipelined),
		NET_TEST(broken_framing_closes_the_connection),
		NET_TEST(one_source_gets_few_connections),
		NET_TEST(tcp_connect_session_closes_first),
		NET_TEST(permanent_ports_need_no_control),
		NET_TEST(sessions_and_a_permanent_port_share_the_port),
		NET_TEST(an_echo_loop_falls_silent),
		NET_TEST(spoofed_control_ports_get_no_answer),
		NET_TEST(a_taken_control_port_is_named),
	};

	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
