/* SPDX-License-Identifier: Apache-2.0 */
/* One socket a flow, connected to its peer, so that the kernel sorts replies and ICMP errors.
 *
 * The kernel numbers the sends of a socket and hands each number back with its transmit stamp; a
 * small ring per flow turns numbers into the tokens of the operation.  Stamps are fetched before
 * replies are read: a reply then finds the stamp of its request.  After a send that failed the
 * kernel may or may not have counted it, so counting starts anew (io/udp_socket.h).
 *
 * Any callback may close the flow and open another in the same memory: after each one the serial
 * number tells whether the flow is still the one that we were working for. */
#include "probe/net_flow.h"

#include "base/xalloc.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/tcp_socket.h"
#include "io/tls.h"
#include "io/udp_socket.h"
#include "probe/net_stream.h"
#include "sla/egress.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>

#define SENDS_KEPT  64u /* power of two; stamps come within microseconds */
#define STAMPS_TURN 32u
#define ICMP_TURN   8u

struct sent_packet {
	uint32_t id, token;
	bool is_kept;    /* the entry is one */
	bool is_waiting; /* no transmit stamp has come; a better one may follow the first */
};

struct probe_flow {
	struct loop_fd lf;
	struct net_flows *net;
	struct op *op;
	struct probe_flow *next; /* in the list of spares */
	uint64_t serial;
	enum flow_kind kind;
	bool has_stamps;
	bool wants_icmp;
	bool is_unconnected; /* whoever answers is welcome */
	bool is_lingering;
	bool has_fixed_port; /* asked for, not the kernel's choice */
	struct inet_endpoint local, peer;
	struct sent_packet sent[SENDS_KEPT];
	uint32_t sends;            /* since the kernel's counter began */
	uint32_t waiting;          /* stamps outstanding */
	mono_t opened_at;          /* FLOW_TCP, FLOW_STREAM */
	int early_error;           /* the same: connect failed at once, -errno */
	struct net_stream *stream; /* of a connected FLOW_STREAM, which has the descriptor */
};

static struct net_flows *net_of(struct probe_io *io)
{
	return container_of(io, struct net_flows, io);
}

/* --- what comes in --- */

static bool is_same(const struct probe_flow *f, uint64_t serial)
{
	return f->serial == serial;
}

static void report_error(struct probe_flow *f, int error, mono_t now)
{
	f->op->type->on_error(f->op, &f->net->io, f, error, now);
}

static void take_stamp(struct probe_flow *f, const struct tx_stamp *t)
{
	struct sent_packet *s = &f->sent[t->id & (SENDS_KEPT - 1)];

	if (!s->is_kept || s->id != t->id)
		return;
	f->waiting -= s->is_waiting;
	s->is_waiting = false;
	f->op->type->on_sent(f->op, &f->net->io, s->token, &t->at);
}

static void give_icmp(struct probe_flow *f, const struct dgram_icmp *i, mono_t now)
{
	const struct probe_icmp icmp = {
		.from = i->from,
		.type = i->type,
		.code = i->code,
		.at = i->at,
		.data = i->quote,
		.len = i->len,
	};

	f->op->type->on_icmp(f->op, &f->net->io, f, &icmp, now);
}

/* One turn at the error queue.  False: the flow is gone. */
static bool take_errors(struct probe_flow *f, const struct dgram_errors *e, mono_t now)
{
	uint64_t serial = f->serial;

	for (unsigned i = 0; i < e->stamp_count; i++) {
		take_stamp(f, &e->stamps[i]);
		if (!is_same(f, serial))
			return false;
	}
	for (unsigned i = 0; i < e->icmp_count; i++) {
		give_icmp(f, &e->icmp[i], now);
		if (!is_same(f, serial))
			return false;
	}
	if (e->error != 0)
		report_error(f, e->error, now);
	return is_same(f, serial);
}

/* Transmit stamps and ICMP errors.  False: the flow is gone. */
static bool drain_errors(struct probe_flow *f, mono_t now)
{
	struct tx_stamp stamps[STAMPS_TURN];
	struct dgram_icmp icmp[ICMP_TURN];
	struct dgram_errors e = {
		.stamps = stamps,
		.stamp_room = STAMPS_TURN,
		.icmp = f->wants_icmp ? icmp : NULL,
		.icmp_room = ICMP_TURN,
	};

	do {
		int rc = dgram_errors(f->lf.fd, f->net->clock, &e);

		if (rc < 0)
			e.error = rc;
		if (!take_errors(f, &e, now))
			return false;
	} while (e.stamp_count == STAMPS_TURN || e.icmp_count == ICMP_TURN);
	return true;
}

/* At most a few batches a turn: others want their turn, and the loop comes back. */
static void drain_packets(struct probe_flow *f, mono_t now)
{
	struct net_flows *n = f->net;
	uint64_t serial = f->serial;

	for (int round = 0; round < 4; round++) {
		struct dgram *g;
		int got = dgram_receive(f->lf.fd, n->batch, n->clock, &g);

		if (got < 0) {
			report_error(f, got, now);
			return;
		}
		for (int i = 0; i < got; i++) {
			const struct probe_packet packet = {
				.data = g[i].data,
				.len = g[i].len,
				.at = g[i].at,
				.from = g[i].from,
				.tos = g[i].tos,
				.ttl = g[i].ttl,
				.vlan = g[i].vlan,
			};

			n->counters->packets_received++;
			f->op->type->on_packet(f->op, &n->io, f, &packet, now);
			if (!is_same(f, serial))
				return;
		}
		if (got < DGRAM_BATCH)
			return;
	}
}

static void datagram_ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct probe_flow *f = container_of(lf, struct probe_flow, lf);

	if ((f->waiting > 0 || (events & EPOLLERR)) && !drain_errors(f, now))
		return;
	if (events & EPOLLIN)
		drain_packets(f, now);
}

static void stream_told(void *ctx, const struct probe_stream *event, mono_t now)
{
	struct probe_flow *f = ctx;

	f->op->type->on_stream(f->op, &f->net->io, f, event, now);
}

/* ``fd`` is not watched any more.  0 or -errno. */
static int begin_stream(struct probe_flow *f, int fd)
{
	int rc = net_stream_new(f->net->loop, fd, stream_told, f, &f->stream);

	if (rc < 0)
		fd_closep(&fd);
	return rc;
}

/* The first connection from the peer is the one; strangers are turned away. */
static void listen_ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct probe_flow *f = container_of(lf, struct probe_flow, lf);
	struct inet_endpoint from, local;
	struct probe_connect c = { .source = STAMP_USER };
	int fd = tcp_accept(lf->fd, &from, &local);

	(void)events;
	if (fd == -EAGAIN)
		return;
	if (fd >= 0 && !inet_addr_equal(&from.addr, &f->peer.addr)) {
		tcp_abort(fd);
		return;
	}
	loop_remove(f->net->loop, lf);
	fd_closep(&lf->fd);
	c.error = fd < 0 ? fd : begin_stream(f, fd);
	f->op->type->on_connect(f->op, &f->net->io, f, &c, now);
}

/* The flow's descriptor, for its stream. */
static int hand_over(struct probe_flow *f)
{
	loop_remove(f->net->loop, &f->lf);
	return fd_steal(&f->lf.fd);
}

static void connect_ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct probe_flow *f = container_of(lf, struct probe_flow, lf);
	struct clock *clock = f->net->clock;
	struct probe_connect c = {
		.error = f->early_error ? f->early_error : tcp_connect_result(lf->fd),
		.rtt_ns = mono_diff_ns(clock->mono(clock), f->opened_at),
		.source = STAMP_USER,
		.err_ns = NS_PER_MS, /* waking up takes a moment */
	};

	(void)events;
	if (c.error == -EINPROGRESS)
		return;
	if (c.error == 0 && tcp_connect_rtt(lf->fd, &c.rtt_ns) == 0) {
		c.source = STAMP_KERNEL;
		c.err_ns = TCP_RTT_ERR_NS;
	}
	if (c.error == 0 && f->kind == FLOW_STREAM)
		c.error = begin_stream(f, hand_over(f));
	f->op->type->on_connect(f->op, &f->net->io, f, &c, now);
}

/* --- opening and closing --- */

static struct probe_flow *flow_take(struct net_flows *n)
{
	struct probe_flow *f = n->spare;

	if (f)
		n->spare = f->next;
	else
		f = xcalloc(1, sizeof(*f));
	memset(f, 0, sizeof(*f));
	f->net = n;
	f->lf.fd = -1;
	f->serial = ++n->serials;
	return f;
}

static void flow_give_back(struct probe_flow *f)
{
	f->serial = 0;
	f->next = f->net->spare;
	f->net->spare = f;
}

static const enum sock_kind kinds[] = {
	[FLOW_UDP] = SOCK_KIND_UDP,
	[FLOW_TCP] = SOCK_KIND_TCP_CONNECT,
	[FLOW_ICMP] = SOCK_KIND_ICMP,
	[FLOW_STREAM] = SOCK_KIND_TCP_CONNECT,
	[FLOW_ICMP_TIMESTAMP] = SOCK_KIND_ICMP,
	[FLOW_PACKET] = SOCK_KIND_PACKET,
	[FLOW_LISTEN] = SOCK_KIND_TCP_LISTEN,
};

static bool connects(enum flow_kind kind)
{
	return kind == FLOW_TCP || kind == FLOW_STREAM;
}

static bool has_datagrams(enum flow_kind kind)
{
	return !connects(kind) && kind != FLOW_LISTEN;
}

static struct sock_spec sock_of(const struct op_params *p, const struct flow_spec *spec)
{
	bool stamps = !spec->no_stamps && has_datagrams(spec->kind);
	struct sock_spec s = {
		.kind = (uint8_t)kinds[spec->kind],
		.icmp = spec->kind == FLOW_ICMP_TIMESTAMP ? SOCK_ICMP_TIMESTAMP : SOCK_ICMP_ECHO,
		.tos = spec->tos,
		.ttl = spec->ttl,
		.rx_stamps = stamps,
		.tx_stamps = stamps,
		.icmp_errors = spec->want_icmp,
		.unconnected = spec->any_peer,
		.broadcast = spec->broadcast,
		.ethertype = spec->ethertype,
		.vrf = p->vrf,
		.device = p->source_device,
		.mark = p->mark,
		.local = spec->local,
		.peer = spec->peer,
	};

	s.local.addr.family = spec->peer.addr.family;
	if (spec->no_stamps)
		return s; /* a control exchange is no probe */
	s.no_fragments = p->no_fragments;
	s.priority = p->packet_priority == SLA_PRIORITY_HIGH ? SOCK_PRIORITY_MAX : 0;
	s.flow_label = spec->peer.addr.family == INET_V6 ? p->flow_label : 0;
	return s;
}

static int flow_open(struct probe_flow *f, const struct flow_spec *spec)
{
	struct net_flows *n = f->net;
	const struct sock_spec s = sock_of(&f->op->params, spec);

	f->kind = spec->kind;
	f->has_stamps = s.tx_stamps;
	f->wants_icmp = s.icmp_errors;
	f->is_unconnected = s.unconnected;
	f->has_fixed_port = spec->local.port != 0;
	f->peer = spec->peer;
	f->lf.ready = connects(spec->kind)        ? connect_ready
	              : spec->kind == FLOW_LISTEN ? listen_ready
	                                          : datagram_ready;
	int fd = n->opener->open(n->opener, &s, &n->why);

	if (fd < 0)
		return fd;
	f->lf.fd = fd;
	if (connects(spec->kind)) {
		f->opened_at = n->clock->mono(n->clock);
		/* Told later, in a callback, like every other outcome. */
		f->early_error = tcp_connect_start(fd, &spec->peer, s.flow_label);
	}
	int rc = spec->kind == FLOW_PACKET ? 0 : sock_local(fd, &f->local);

	if (rc == 0)
		rc = loop_add(n->loop, &f->lf, connects(spec->kind) ? EPOLLOUT : EPOLLIN);
	if (rc < 0)
		fd_closep(&f->lf.fd);
	return rc;
}

static int check_egress(struct net_flows *n, const struct inet_addr *to)
{
	char text[INET_TEXT_MAX];

	if (!n->egress || egress_permits(n->egress, EGRESS_OPERATION, to))
		return 0;
	n->counters->egress_refused++;
	return diag_set(&n->why, -EACCES, "the access lists of `ip sla egress` do not permit %s",
	                inet_addr_format(to, text));
}

int net_open(struct probe_io *io, struct op *op, const struct flow_spec *spec,
             struct probe_flow **ret)
{
	struct net_flows *n = net_of(io);
	struct probe_flow *f = flow_take(n);

	n->why = (struct diag) { 0 };
	f->op = op;
	int rc = spec->obeys_egress ? check_egress(n, &spec->peer.addr) : 0;

	if (rc == 0 && spec->may_secure)
		rc = net_flows_prepare_tls(n, &n->why);
	if (rc == 0)
		rc = flow_open(f, spec);
	if (rc < 0) {
		n->counters->open_errors++;
		flow_give_back(f);
		return rc;
	}
	*ret = f;
	return 0;
}

const char *net_why(struct probe_io *io)
{
	return net_of(io)->why.text;
}

void net_close(struct probe_io *io, struct probe_flow *flow)
{
	struct net_flows *n = net_of(io);

	n->lingering -= flow->is_lingering;
	flow->is_lingering = false;
	n->counters->stamps_missing += flow->waiting;
	loop_remove(n->loop, &flow->lf);
	/* A server sees an orderly end; but TIME_WAIT would keep a fixed port from the next run. */
	net_stream_free(flow->stream, flow->has_fixed_port);
	if (connects(flow->kind) && flow->has_fixed_port)
		tcp_abort(fd_steal(&flow->lf.fd));
	else
		fd_closep(&flow->lf.fd);
	flow_give_back(flow);
}

int net_linger(struct probe_io *io, struct probe_flow *flow)
{
	struct net_flows *n = net_of(io);

	if (n->lingering >= PROBE_LINGER_MAX) {
		n->counters->linger_refused++;
		return -ENFILE;
	}
	n->lingering++;
	flow->is_lingering = true;
	return 0;
}

/* --- sending --- */

struct inet_endpoint net_local(struct probe_io *io, const struct probe_flow *flow)
{
	(void)io;
	return flow->local;
}

/* The kernel counts from 0 again; what is still under way has lost its number. */
static void restart_count(struct probe_flow *f)
{
	if (!f->has_stamps)
		return;
	f->net->counters->stamps_missing += f->waiting;
	f->waiting = 0;
	f->sends = 0;
	memset(f->sent, 0, sizeof(f->sent));
	if (dgram_tx_restart(f->lf.fd) < 0)
		f->has_stamps = false; /* the user's readings serve from here on */
}

static void await_stamp(struct probe_flow *f, uint32_t token)
{
	struct sent_packet *s = &f->sent[f->sends & (SENDS_KEPT - 1)];

	if (s->is_waiting) { /* pushed out: it will not come any more */
		f->net->counters->stamps_missing++;
		f->waiting--;
	}
	*s = (struct sent_packet) {
		.id = f->sends++, .token = token, .is_kept = true, .is_waiting = true
	};
	f->waiting++;
}

int net_send(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len,
             uint32_t token, struct stamp *ret_user)
{
	struct net_flows *n = net_of(io);
	const struct inet_endpoint *to = flow->is_unconnected ? &flow->peer : NULL;
	int rc = 0;

	/* A send that fetches the error would throw the queue away, where the ICMP message waits. */
	if (flow->wants_icmp)
		(void)sock_pending_error(flow->lf.fd);
	/* The first try may only fetch the ICMP error of an earlier packet. */
	for (int tries = 0; tries < 2; tries++) {
		struct stamp user = clock_stamp(n->clock);

		rc = dgram_send(flow->lf.fd, data, len, to, NULL, -1);
		if (rc == 0) {
			*ret_user = user;
			break;
		}
		restart_count(flow);
		if (rc != -ECONNREFUSED && !(flow->wants_icmp && rc == -EHOSTUNREACH))
			break;
	}
	if (rc < 0) {
		n->counters->send_errors++;
		return rc;
	}
	n->counters->packets_sent++;
	if (flow->has_stamps)
		await_stamp(flow, token);
	return 0;
}

int net_set_ttl(struct probe_io *io, struct probe_flow *flow, uint8_t ttl)
{
	(void)io;
	return sock_set_ttl(flow->lf.fd, ttl);
}

int net_mac(struct probe_io *io, const struct probe_flow *flow, uint8_t *to)
{
	(void)io;
	return sock_mac(flow->lf.fd, to);
}

int net_write(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len)
{
	(void)io;
	return flow->stream ? net_stream_write(flow->stream, data, len) : -ENOTCONN;
}

int net_secure(struct probe_io *io, struct probe_flow *flow, const char *name, bool verify)
{
	struct net_flows *n = net_of(io);

	return flow->stream && n->tls ? net_stream_secure(flow->stream, n->tls, name, verify)
	                              : -ENOTCONN;
}

struct stamp net_read_clock(struct probe_io *io)
{
	return clock_stamp(net_of(io)->clock);
}

struct clock_grade net_grade(struct probe_io *io)
{
	struct clock *clock = net_of(io)->clock;

	return clock->grade(clock);
}

uint32_t net_random(struct probe_io *io)
{
	struct net_flows *n = net_of(io);

	while (n->pool_left == 0) {
		ssize_t got = getrandom(n->pool, sizeof(n->pool), 0);

		if (got > 0)
			n->pool_left = (unsigned)got / sizeof(n->pool[0]);
	}
	return n->pool[--n->pool_left];
}

uint32_t net_drops(struct probe_io *io, const struct probe_flow *flow)
{
	(void)io;
	return sock_drops(flow->lf.fd);
}

void net_flows_init(struct net_flows *n, const struct probe_io_ops *ops, struct loop *loop,
                    struct clock *clock, struct sock_opener *opener,
                    struct runner_counters *counters)
{
	memset(n, 0, sizeof(*n));
	n->io.ops = ops;
	n->loop = loop;
	n->clock = clock;
	n->opener = opener;
	n->counters = counters;
	n->batch = dgram_batch_new(DGRAM_MAX);
}

int net_flows_prepare_tls(struct net_flows *n, struct diag *d)
{
	return n->tls ? 0 : tls_context_new_browsing(&n->tls, d);
}

void net_flows_fini(struct net_flows *n)
{
	while (n->spare) {
		struct probe_flow *f = n->spare;

		n->spare = f->next;
		free(f);
	}
	tls_context_free(n->tls);
	dgram_batch_free(n->batch);
}
