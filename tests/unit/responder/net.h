/* SPDX-License-Identifier: Apache-2.0 */
/* A responder on real sockets in a network namespace of its own, and clients beside it on the same
 * loop: everything is one thread, so a test waits for events, never for time to pass. */
#ifndef CANDOR_TESTS_RESPONDER_NET_H
#define CANDOR_TESTS_RESPONDER_NET_H

#include "base/inet.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "netns.h"
#include "responder/responder.h"
#include "t.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define NET_WAIT_NS (5 * NS_PER_S)

struct net {
	struct loop *loop;
	struct clock *clock;
	struct responder *responder;
	struct responder_cfg cfg;
	struct dgram_batch *batch; /* of the clients */
	bool timed_out;
	struct tmr deadline;
};

static inline void net_deadline(struct tmr *t, mono_t now)
{
	struct net *n = container_of(t, struct net, deadline);

	(void)now;
	n->timed_out = true;
	loop_stop(n->loop);
}

static inline int net_setup(void **state)
{
	struct net *n = calloc(1, sizeof(*n));

	n->clock = clock_system();
	n->loop = loop_new(n->clock);
	n->responder = responder_new(n->loop, n->clock, sock_opener_direct());
	n->batch = dgram_batch_new(DGRAM_MAX);
	n->deadline.fire = net_deadline;
	responder_cfg_init(&n->cfg);
	n->cfg.enabled = true;
	*state = n;
	return n->loop && n->responder ? 0 : -1;
}

static inline int net_teardown(void **state)
{
	struct net *n = *state;

	responder_free(n->responder);
	loop_disarm(n->loop, &n->deadline);
	loop_free(n->loop);
	dgram_batch_free(n->batch);
	free(n);
	return 0;
}

static inline void net_apply(struct net *n)
{
	struct diag d = { 0 };

	if (responder_apply(n->responder, &n->cfg, &d) < 0)
		fail_msg("apply: %s", d.text);
}

static inline struct responder_status net_status(const struct net *n)
{
	struct responder_status s;

	responder_status(n->responder, &s);
	return s;
}

struct net_watch {
	struct loop_fd lf;
	struct net *net;
};

static inline void net_watch_ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct net_watch *w = container_of(lf, struct net_watch, lf);

	(void)events;
	(void)now;
	loop_stop(w->net->loop);
}

/* Run the responder until ``fd`` has ``events``; false after ``wait_ns``. */
static inline bool net_wait(struct net *n, int fd, uint32_t events, int64_t wait_ns)
{
	struct net_watch w = { .lf = { .fd = fd, .ready = net_watch_ready }, .net = n };

	n->timed_out = false;
	assert_int_equal(loop_add(n->loop, &w.lf, events), 0);
	loop_arm(n->loop, &n->deadline, mono_add_ns(n->clock->mono(n->clock), wait_ns));
	assert_int_equal(loop_run(n->loop), 0);
	loop_disarm(n->loop, &n->deadline);
	loop_remove(n->loop, &w.lf);
	return !n->timed_out;
}

/* Run the responder for one millisecond at a time until ``*counter`` style questions are true. */
#define net_until(n, condition)                                                       \
	do {                                                                          \
		mono_t end_ = mono_add_ns((n)->clock->mono((n)->clock), NET_WAIT_NS); \
		while (!(condition)) {                                                \
			if ((n)->clock->mono((n)->clock).ns > end_.ns)                \
				fail_msg("never: %s", #condition);                    \
			net_turn(n);                                                  \
		}                                                                     \
	} while (0)

static inline void net_turn(struct net *n)
{
	loop_arm(n->loop, &n->deadline, mono_add_ns(n->clock->mono(n->clock), NS_PER_MS));
	assert_int_equal(loop_run(n->loop), 0);
}

static inline struct inet_endpoint net_endpoint(const char *addr, uint16_t port)
{
	struct inet_endpoint e = { .port = port };

	assert_int_equal(inet_addr_parse(addr, &e.addr), 0);
	return e;
}

/* A UDP client on ``addr``; port 0: any. */
static inline int net_client(const char *addr, uint16_t port)
{
	const struct sock_spec spec = { .kind = SOCK_KIND_UDP, .local = net_endpoint(addr, port) };
	struct diag d = { 0 };
	int fd = sock_open_here(&spec, &d);

	if (fd < 0)
		fail_msg("%s", d.text);
	return fd;
}

static inline void net_send(int fd, const char *addr, uint16_t port, const uint8_t *data,
                            size_t len, int tos)
{
	struct inet_endpoint to = net_endpoint(addr, port);

	assert_int_equal(dgram_send(fd, data, len, &to, NULL, tos), 0);
}

/* The next datagram for ``fd``; fails the test when none comes. */
static inline struct dgram net_receive(struct net *n, int fd)
{
	struct dgram *g;

	if (!net_wait(n, fd, EPOLLIN, NET_WAIT_NS))
		fail_msg("no answer");
	int count = dgram_receive(fd, n->batch, n->clock, &g);

	assert_int_equal(count, 1);
	return g[0];
}

#endif
