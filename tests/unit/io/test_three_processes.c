/* SPDX-License-Identifier: Apache-2.0 */
/* All of it together, as in a daemon: a confined engine without rights, executed anew, gets an echo
 * socket from the broker, measures with it and reports through the channel.  This process plays
 * broker and control. */
#include "io/broker.h"
#include "io/lockstep.h"
#include "io/channel.h"
#include "io/clock.h"
#include "io/process.h"
#include "io/sandbox.h"

#include "base/cursor.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

enum {
	MESSAGE_REPORT = 1,
	MESSAGE_STOP,
};

struct report {
	uid_t uid;
	int file_error; /* of opening a file */
	int raw_error;  /* of opening an echo socket without the broker */
	int low_fd, high_fd;
	int rt_error;
	uint8_t reply_type;
	enum stamp_source tx_source, rx_source;
	int64_t rtt_ns;
};

static struct inet_endpoint at(const char *addr, uint16_t port)
{
	struct inet_endpoint e = { .port = port };

	if (inet_addr_parse(addr, &e.addr) < 0)
		_exit(3);
	return e;
}

static bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 2000) == 1;
}

/* One echo over IPv6 (the kernel computes its checksum); false when anything fails. */
static bool ping(int fd, struct dgram_batch *batch, struct report *r)
{
	struct inet_endpoint self = at("::1", 0), local;
	struct clock *c = clock_system();
	uint8_t request[16] = { 128 };
	struct tx_stamp sent;
	struct dgram *g;
	int error;

	if (sock_local(fd, &local) < 0)
		return false;
	put_be16(request + 4, local.port);
	if (dgram_send(fd, request, sizeof(request), &self, NULL, -1) < 0 ||
	    !wait_for(fd, POLLERR) || dgram_tx_stamps(fd, c, &sent, 1, &error) != 1 ||
	    !wait_for(fd, POLLIN) || dgram_receive(fd, batch, c, &g) != 1)
		return false;
	r->reply_type = g->data[0];
	r->tx_source = sent.at.source;
	r->rx_source = g->at.source;
	r->rtt_ns = wall_diff_ns(g->at.at, sent.at.at);
	return true;
}

static int engine(void)
{
	struct dgram_batch *batch = dgram_batch_new(2048);
	struct channel_fds fds = { PROCESS_FD_FIRST + 1, PROCESS_FD_FIRST + 2,
		                   PROCESS_FD_FIRST + 3 };
	struct broker_client client;
	struct channel channel;
	struct report r = { .uid = getuid() };
	uint16_t type;
	char buf[64];

	if (process_enter("engine", 4) < 0 || channel_attach(&channel, &fds, CHANNEL_ENGINE) < 0 ||
	    sandbox_engine(NULL) < 0)
		return 1;
	broker_client_init(&client, PROCESS_FD_FIRST);
	struct sock_opener *o = &client.opener;
	struct sock_spec icmp = {
		.kind = SOCK_KIND_ICMP, .rx_stamps = true, .tx_stamps = true, .local = at("::1", 0)
	};
	struct sock_spec low = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 167) };
	struct sock_spec high = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 16700) };

	r.file_error = open("/etc/hostname", O_RDONLY) < 0 ? errno : 0;
	r.raw_error = -sock_open_here(&icmp, NULL);
	r.low_fd = o->open(o, &low, NULL);
	r.high_fd = o->open(o, &high, NULL);
	r.rt_error = broker_client_rt_sched(&client, NULL);
	int fd = o->open(o, &icmp, NULL);

	if (fd < 0 || !ping(fd, batch, &r) ||
	    channel_send(&channel, MESSAGE_REPORT, &r, sizeof(r)) < 0)
		return 1;
	while (channel_receive(&channel, buf, sizeof(buf), &type) == 0) {
		if (!wait_for(channel_wait_fd(&channel), POLLIN))
			return 1;
	}
	return type == MESSAGE_STOP ? 42 : 1;
}

/* Serve the engine until it reports. */
static void await_report(struct broker *b, struct channel *control, struct report *ret)
{
	uint16_t type;
	ssize_t n;

	while ((n = channel_receive(control, ret, sizeof(*ret), &type)) == 0) {
		struct pollfd p[2] = { { .fd = b->fd, .events = POLLIN },
			               { .fd = channel_wait_fd(control), .events = POLLIN } };

		if (poll(p, 2, 5000) < 1)
			fail_msg("the engine is silent");
		if (p[0].revents && broker_serve(b) < 0)
			fail_msg("the engine is gone");
	}
	assert_int_equal(n, sizeof(*ret));
	assert_int_equal(type, MESSAGE_REPORT);
}

static void test_engine_measures_without_rights(void **state)
{
	bool root = netns_is_whole();
	struct broker b = { 0 };
	struct channel_fds fds, copy;
	struct channel control;
	struct report r = { 0 };
	struct diag d = { 0 };
	int engine_fd, status;

	(void)state;
	assert_int_equal(lockstep_pair(&b.fd, &engine_fd), 0);
	assert_int_equal(channel_create(&fds), 0);
	copy = (struct channel_fds) { dup(fds.memory), dup(fds.wake_engine),
		                      dup(fds.wake_control) };
	const int pass[] = { engine_fd, fds.memory, fds.wake_engine, fds.wake_control };
	struct process_spec spec = { .role = "engine",
		                     .fds = pass,
		                     .fd_count = ARRAY_LEN(pass),
		                     .ids = { root, 65534, 65534 } };

	if (process_spawn(&spec, &d, &b.engine_pid) < 0)
		fail_msg("%s", d.text);
	(void)close(engine_fd);
	channel_fds_close(&fds);
	assert_int_equal(channel_attach(&control, &copy, CHANNEL_CONTROL), 0);
	await_report(&b, &control, &r);
	if (root)
		assert_int_equal(r.uid, 65534);
	assert_int_equal(r.file_error, EPERM);
	assert_int_equal(r.raw_error, EACCES);
	assert_true(r.low_fd >= 0 && r.high_fd >= 0);
	assert_int_equal(b.counters.refused, 0);
	assert_int_equal(b.counters.opened, 2); /* the echo socket and the low port */
	assert_int_equal(b.counters.scheduled, r.rt_error == 0);
	assert_int_equal(r.reply_type, 129);
	assert_int_equal(r.tx_source, STAMP_KERNEL);
	assert_int_equal(r.rx_source, STAMP_KERNEL);
	assert_true(r.rtt_ns >= 0 && r.rtt_ns < NS_PER_S);
	assert_int_equal(channel_send(&control, MESSAGE_STOP, "", 1), 0);
	assert_int_equal(waitpid(b.engine_pid, &status, 0), b.engine_pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(broker_serve(&b), -EPIPE);
	channel_close(&control);
	(void)close(b.fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_measures_without_rights),
	};

	if (process_role(argc, argv))
		_exit(engine()); /* a leak check at exit would want to trace itself: forbidden here */
	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
