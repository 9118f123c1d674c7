/* SPDX-License-Identifier: Apache-2.0 */
/* Echo over loopback through ping sockets and raw ones: both show the same bytes. */
#include "io/icmp_socket.h"

#include "base/cursor.h"
#include "io/clock.h"
#include "io/udp_socket.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <poll.h>

static struct dgram_batch *batch;

static void wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_int_equal(poll(&p, 1, 2000), 1);
}

/* Internet checksum of an echo message (RFC 1071). */
static uint16_t checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t echo_request(bool v4, uint16_t id, uint16_t sequence, uint8_t *to, size_t cap)
{
	struct wr w = wr_init(to, cap);

	wr_u8(&w, v4 ? 8 : 128);
	wr_u8(&w, 0);
	wr_be16(&w, 0);
	wr_be16(&w, id);
	wr_be16(&w, sequence);
	wr_bytes(&w, "candor!", 7);
	if (v4)
		put_be16(to + 2, checksum(to, wr_len(&w)));
	return wr_len(&w);
}

static void ping(const char *addr, bool raw)
{
	struct sock_spec s = {
		.kind = SOCK_KIND_ICMP, .tos = 40, .rx_stamps = true, .tx_stamps = true
	};
	struct diag d = { 0 };
	uint8_t request[64];
	struct inet_endpoint local, to = { 0 };
	struct tx_stamp sent;
	struct dgram *g;
	uint16_t raw_id;
	int error;

	assert_int_equal(inet_addr_parse(addr, &s.local.addr), 0);
	to.addr = s.local.addr;
	bool v4 = to.addr.family == INET_V4;
	int other = sock_open_here(&s, &d), fd = sock_open_here(&s, &d);

	if (fd < 0 || other < 0)
		fail_msg("%s", d.text);
	assert_int_equal(icmp_raw_id(fd, &raw_id), raw);
	assert_int_equal(sock_local(fd, &local), 0);
	assert_int_not_equal(local.port, 0);
	if (raw)
		assert_int_equal(local.port, raw_id);
	size_t len = echo_request(v4, local.port, 7, request, sizeof(request));

	assert_int_equal(dgram_send(fd, request, len, &to, NULL, -1), 0);
	wait_for(fd, POLLERR);
	assert_int_equal(dgram_tx_stamps(fd, clock_system(), &sent, 1, &error), 1);
	assert_int_equal(sent.id, 0);
	wait_for(fd, POLLIN);
	assert_int_equal(dgram_receive(fd, batch, clock_system(), &g), 1);
	assert_int_equal(g->len, len);
	assert_int_equal(g->data[0], v4 ? 0 : 129);
	assert_int_equal(g->data[4] << 8 | g->data[5], local.port);
	assert_int_equal(g->data[7], 7);
	assert_memory_equal(g->data + 8, "candor!", 7);
	assert_true(inet_addr_equal(&g->from.addr, &to.addr));
	assert_int_equal(g->at.source, STAMP_KERNEL);
	assert_true(sent.at.at.ns <= g->at.at.ns);
	assert_true(g->ttl > 0);
	/* Nothing for the identifier of another socket. */
	assert_int_equal(dgram_receive(other, batch, clock_system(), &g), 0);
	(void)close(fd);
	(void)close(other);
}

/* First: a fresh namespace allows ping sockets to nobody. */
static void test_raw_sockets(void **state)
{
	(void)state;
	ping("127.0.0.1", true);
	ping("::1", true);
}

static void test_ping_sockets(void **state)
{
	int rc = netns_write("/proc/sys/net/ipv4/ping_group_range", "0 0");

	(void)state;
	if (rc < 0) {
		print_message("skipped: ping_group_range cannot be set: %s\n", strerror(-rc));
		skip();
	}
	ping("127.0.0.1", false);
	ping("::1", false);
}

/* Last: this process gives up its privileges. */
static void test_sentence_without_any_right(void **state)
{
	struct diag d = { 0 };

	(void)state;
	if (setgid(65534) < 0 || setuid(65534) < 0) {
		print_message("skipped: a user namespace with a single user\n");
		skip();
	}
	assert_int_equal(icmp_open(AF_INET, &d), -EACCES);
	assert_non_null(strstr(d.text, "net.ipv4.ping_group_range='0 2147483647'"));
	assert_non_null(strstr(d.text, "CAP_NET_RAW"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw_sockets),
		cmocka_unit_test(test_ping_sockets),
		cmocka_unit_test(test_sentence_without_any_right),
	};

	if (!netns_enter())
		return 77;
	batch = dgram_batch_new(2048);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	dgram_batch_free(batch);
	return rc;
}
