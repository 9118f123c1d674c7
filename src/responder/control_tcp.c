/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners and connections of the control service. */
#include "responder/control_tcp.h"

#include "base/xalloc.h"
#include "io/clock.h"
#include "io/tcp_socket.h"
#include "io/udp_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#define LISTENERS 2 /* one a family */
#define RETRY_NS  (100 * NS_PER_MS)

struct listener {
	struct loop_fd watch; /* fd -1: not open */
	struct tmr retry;     /* no descriptor was left to accept with */
	struct control_tcp *owner;
	uint16_t port;
};

struct connection {
	struct loop_fd watch; /* fd -1: free */
	struct tmr deadline;
	struct control_tcp *owner;
	struct inet_endpoint peer, local;
	bool at_end;      /* the peer sends no more */
	bool is_stalling; /* the deadline is that of something under way */
	size_t in_len;
	struct control_answer out;
	size_t out_sent;
	uint8_t in[IPSLA_MESSAGE_MAX];
};

struct control_tcp {
	const struct control_carrier *carrier;
	enum control_transport transport;
	struct listener listeners[LISTENERS];
	struct connection connections[CONTROL_TCP_CONNECTIONS];
};

/* --- connections ------------------------------------------------------------------------------ */

static void connection_close(struct connection *c, bool in_order)
{
	struct loop *loop = c->owner->carrier->loop;

	loop_disarm(loop, &c->deadline);
	loop_remove(loop, &c->watch);
	if (in_order)
		fd_closep(&c->watch.fd);
	else
		tcp_abort(fd_steal(&c->watch.fd));
}

static void deadline_passed(struct tmr *t, mono_t now)
{
	(void)now;
	connection_close(container_of(t, struct connection, deadline), false);
}

/* The deadline of something under way stays where it is until that is done; a finished message
 * starts the next. */
static void connection_wait(struct connection *c, mono_t now, bool progressed)
{
	bool under_way = c->in_len > 0 || c->out.len > 0;

	if (progressed || under_way != c->is_stalling) {
		int64_t wait_ns = under_way ? CONTROL_TCP_STALL_NS : CONTROL_TCP_IDLE_NS;

		loop_arm(c->owner->carrier->loop, &c->deadline, mono_add_ns(now, wait_ns));
	}
	c->is_stalling = under_way;
}

/* 1: a message was taken from the input; 0: more octets are needed; -EBADMSG. */
static int take_message(struct connection *c)
{
	const struct control_carrier *carrier = c->owner->carrier;
	size_t len;
	int rc = ipsla_message_length(c->in, c->in_len, &len);

	if (rc == -EAGAIN || (rc == 0 && len > c->in_len))
		return 0;
	if (rc < 0)
		return rc;
	const struct control_message m = {
		.data = c->in,
		.len = len,
		.transport = c->owner->transport,
		.from = c->peer,
		.to = c->local.addr,
		.now = carrier->clock->boot(carrier->clock),
		.wall = carrier->clock->wall(carrier->clock),
	};

	control_service_handle(carrier->core, &m, &c->out);
	c->out_sent = 0;
	c->in_len -= len;
	memmove(c->in, c->in + len, c->in_len);
	return 1;
}

/* 0: all of the answer has gone; -EAGAIN: the rest must wait; other -errno. */
static int send_answer(struct connection *c)
{
	while (c->out_sent < c->out.len) {
		ssize_t n = tcp_write(c->watch.fd, c->out.octets + c->out_sent,
		                      c->out.len - c->out_sent);

		if (n < 0)
			return (int)n;
		c->out_sent += (size_t)n;
	}
	c->out.len = 0;
	return 0;
}

/* Answer everything that is complete.  0: go on; -EAGAIN: an answer waits; other: close. */
static int serve(struct connection *c, bool *ret_progressed)
{
	int rc = send_answer(c);

	while (rc == 0) {
		int taken = take_message(c);

		if (taken <= 0)
			return taken;
		*ret_progressed = true;
		rc = send_answer(c);
	}
	return rc;
}

static int fill(struct connection *c)
{
	ssize_t n = tcp_read(c->watch.fd, c->in + c->in_len, sizeof(c->in) - c->in_len);

	if (n < 0)
		return n == -EAGAIN ? 0 : (int)n;
	c->at_end = c->at_end || n == 0;
	c->in_len += (size_t)n;
	return 0;
}

static void connection_ready(struct loop_fd *watch, uint32_t events, mono_t now)
{
	struct connection *c = container_of(watch, struct connection, watch);
	const struct control_carrier *carrier = c->owner->carrier;
	bool progressed = false;
	int rc = 0;

	if (c->out.len == 0)
		rc = fill(c);
	if (rc == 0)
		rc = serve(c, &progressed);
	if (progressed)
		carrier->changed(carrier->ctx);
	carrier->core->counters.drops[DROP_STREAM_FORMAT] += rc == -EBADMSG;
	if (rc == -EAGAIN && !(events & EPOLLERR) &&
	    loop_modify(carrier->loop, watch, EPOLLOUT) == 0)
		return connection_wait(c, now, progressed);
	if (rc < 0 || c->at_end)
		return connection_close(c, rc == 0);
	if (loop_modify(carrier->loop, watch, EPOLLIN) < 0)
		return connection_close(c, false);
	connection_wait(c, now, progressed);
}

/* --- listeners -------------------------------------------------------------------------------- */

static bool is_same_network(const struct inet_addr *a, const struct inet_addr *b)
{
	return a->family == b->family &&
	       memcmp(a->bytes, b->bytes, a->family == INET_V6 ? 8 : 4) == 0;
}

/* A free place, when the source may have one more connection. */
static struct connection *find_place(struct control_tcp *t, const struct inet_addr *source)
{
	struct connection *place = NULL;
	unsigned of_source = 0;

	for (unsigned i = 0; i < CONTROL_TCP_CONNECTIONS; i++) {
		struct connection *c = &t->connections[i];

		if (c->watch.fd < 0)
			place = c;
		else
			of_source += is_same_network(&c->peer.addr, source);
	}
	return of_source < CONTROL_TCP_PER_SOURCE ? place : NULL;
}

/* Takes ``fd``. */
static void admit(struct control_tcp *t, int fd, const struct inet_endpoint *peer,
                  const struct inet_endpoint *local, mono_t now)
{
	struct responder_core *core = t->carrier->core;
	struct connection *c = NULL;

	if (!responder_core_permits(core, &peer->addr))
		core->counters.drops[DROP_CONTROL_ACCESS]++;
	else if (!(c = find_place(t, &peer->addr)))
		core->counters.drops[DROP_STREAM_LIMIT]++;
	if (!c)
		return tcp_abort(fd);
	*c = (struct connection) {
		.watch = { .fd = fd, .ready = connection_ready },
		.deadline = { .fire = deadline_passed },
		.owner = t,
		.peer = *peer,
		.local = *local,
	};
	if (loop_add(t->carrier->loop, &c->watch, EPOLLIN) < 0)
		return connection_close(c, false);
	connection_wait(c, now, true);
}

static void listener_retry(struct tmr *timer, mono_t now)
{
	struct listener *l = container_of(timer, struct listener, retry);
	struct loop *loop = l->owner->carrier->loop;

	if (loop_modify(loop, &l->watch, EPOLLIN) < 0)
		loop_arm(loop, timer, mono_add_ns(now, RETRY_NS));
}

static void listener_ready(struct loop_fd *watch, uint32_t events, mono_t now)
{
	struct listener *l = container_of(watch, struct listener, watch);
	struct loop *loop = l->owner->carrier->loop;

	(void)events;
	for (int i = 0; i < CONTROL_TCP_CONNECTIONS; i++) {
		struct inet_endpoint peer, local;
		int fd = tcp_accept(watch->fd, &peer, &local);

		if (fd == -EAGAIN)
			return;
		if (fd < 0) {
			if (loop_modify(loop, watch, 0) == 0)
				loop_arm(loop, &l->retry, mono_add_ns(now, RETRY_NS));
			return;
		}
		admit(l->owner, fd, &peer, &local, now);
	}
}

static void close_listener(struct listener *l)
{
	struct loop *loop = l->owner->carrier->loop;

	loop_disarm(loop, &l->retry);
	if (l->watch.fd < 0)
		return;
	loop_remove(loop, &l->watch);
	fd_closep(&l->watch.fd);
}

static int set_listener(struct listener *l, uint8_t family, uint16_t port, struct diag *d)
{
	const struct control_carrier *carrier = l->owner->carrier;
	const struct sock_spec spec = {
		.kind = l->owner->transport == CONTROL_TCP ? SOCK_KIND_TCP_LISTEN
		                                           : SOCK_KIND_SCTP_LISTEN,
		.local = { .addr = { .family = family }, .port = port },
	};

	if (l->watch.fd >= 0 && l->port == port)
		return 0;
	close_listener(l);
	l->port = port;
	if (port == 0)
		return 0;
	int fd = carrier->opener->open(carrier->opener, &spec, d);

	if (fd < 0)
		return fd;
	l->watch.fd = fd;
	int rc = loop_add(carrier->loop, &l->watch, EPOLLIN);

	if (rc == 0)
		return 0;
	fd_closep(&l->watch.fd);
	return diag_set(d, rc, "cannot watch stream control port %u", port);
}

/* --- life ------------------------------------------------------------------------------------- */

struct control_tcp *control_tcp_new(const struct control_carrier *carrier,
                                    enum control_transport transport)
{
	struct control_tcp *t = xcalloc(1, sizeof(*t));

	t->carrier = carrier;
	t->transport = transport;
	for (unsigned i = 0; i < LISTENERS; i++) {
		t->listeners[i].watch = (struct loop_fd) { .fd = -1, .ready = listener_ready };
		t->listeners[i].retry.fire = listener_retry;
		t->listeners[i].owner = t;
	}
	for (unsigned i = 0; i < CONTROL_TCP_CONNECTIONS; i++)
		t->connections[i].watch.fd = -1;
	if (loop_reserve_timers(carrier->loop, CONTROL_TCP_CONNECTIONS + LISTENERS) < 0) {
		control_tcp_free(t);
		return NULL;
	}
	return t;
}

static void close_connections(struct control_tcp *t)
{
	for (unsigned i = 0; i < CONTROL_TCP_CONNECTIONS; i++) {
		if (t->connections[i].watch.fd >= 0)
			connection_close(&t->connections[i], false);
	}
}

void control_tcp_free(struct control_tcp *t)
{
	if (!t)
		return;
	close_connections(t);
	for (unsigned i = 0; i < LISTENERS; i++)
		close_listener(&t->listeners[i]);
	free(t);
}

int control_tcp_apply(struct control_tcp *t, uint16_t port, struct diag *d)
{
	struct diag v4_diag = { 0 }, v6_diag = { 0 };

	if (port == 0)
		close_connections(t);
	int v4 = set_listener(&t->listeners[0], INET_V4, port, &v4_diag);
	int v6 = set_listener(&t->listeners[1], INET_V6, port, &v6_diag);

	return control_both_families(v4, &v4_diag, v6, &v6_diag, d);
}
