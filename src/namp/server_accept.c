/* SPDX-License-Identifier: Apache-2.0 */
/* Connections come to the NAMP server, and how many may wait before they have greeted. */
#include "namp/server_internal.h"

#include "base/xalloc.h"
#include "io/tcp_socket.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ACCEPTS_PER_TURN 8
#define RETRY_US         100000L /* until descriptors may be free again */

static struct session *oldest_of(const struct session_list *list, const struct inet_addr *addr)
{
	struct session *s = list->first;

	while (s && addr && !inet_addr_equal(&s->addr, addr))
		s = s->next;
	return s;
}

static uint32_t count_of(const struct session_list *list, const struct inet_addr *addr)
{
	uint32_t count = 0;

	for (const struct session *s = list->first; s; s = s->next)
		count += inet_addr_equal(&s->addr, addr);
	return count;
}

/* Those who wait longest make room, first those of the same address. */
static void make_room(struct namp_server *n, const struct inet_addr *addr)
{
	const struct namp_limits *limits = &n->cfg.limits;

	if (n->strangers.count >= limits->greeting_per_address &&
	    count_of(&n->strangers, addr) >= limits->greeting_per_address) {
		n->counters.refused_greeting_address++;
		session_free(oldest_of(&n->strangers, addr));
	}
	if (n->strangers.count >= limits->greeting) {
		n->counters.refused_greeting++;
		session_free(n->strangers.first);
	}
}

static void begin_tls(struct namp_server *n, int fd, const struct inet_endpoint *from)
{
	if (!n->tls) {
		tcp_abort(fd);
		n->counters.refused_greeting++;
		return;
	}
	make_room(n, &from->addr);
	tcp_tune_session(fd);
	struct session *s = session_new(n, fd, false);

	if (!s) {
		tcp_abort(fd);
		return;
	}
	s->addr = from->addr;
	(void)inet_endpoint_format(from, s->origin);
	s->stream.tls = tls_new(n->tls, fd, NULL);
	if (s->stream.tls)
		session_wake(s);
	else
		session_free(s);
}

static void begin_local(struct namp_server *n, int fd, const struct unix_peer *peer)
{
	if (n->local_strangers.count >= n->cfg.limits.greeting) {
		n->counters.refused_greeting++;
		session_free(n->local_strangers.first);
	}
	struct session *s = session_new(n, fd, true);

	if (!s) {
		fd_closep(&fd);
		return;
	}
	s->uid = peer->uid;
	(void)snprintf(s->name, sizeof(s->name), "local:%s", peer->user);
	(void)snprintf(s->origin, sizeof(s->origin), "pid %d", peer->pid);
	session_wake(s);
}

/* 0, or -errno of accept. */
static int accept_one(struct listener *l)
{
	struct namp_server *n = l->server;
	struct inet_endpoint from, to;
	struct unix_peer peer;
	int fd = l->is_local ? unix_accept(l->fd, &peer) : tcp_accept(l->fd, &from, &to);

	if (fd < 0)
		return fd;
	n->counters.accepted++;
	if (l->is_local)
		begin_local(n, fd, &peer);
	else
		begin_tls(n, fd, &from);
	return 0;
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = { .tv_usec = RETRY_US };
	struct listener *l = arg;
	int error = 0;

	(void)fd, (void)what;
	for (unsigned i = 0; i < ACCEPTS_PER_TURN && error == 0; i++)
		error = accept_one(l);
	if (error == 0 || error == -EAGAIN)
		return;
	/* No descriptor or no memory: the connection stays in the queue, so that looking again at once
	 * would be a busy loop.  A stranger makes room. */
	if (l->server->strangers.first) {
		l->server->counters.refused_greeting++;
		session_free(l->server->strangers.first);
	}
	if (event_del(l->readable) < 0 || event_add(l->retry, &soon) < 0)
		(void)event_add(l->readable, NULL);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd, (void)what;
	(void)event_add(l->readable, NULL); /* needs no memory: it was added before */
}

void listener_drop(struct listener **slot)
{
	struct listener *l = *slot;

	*slot = l->next;
	if (l->readable)
		event_free(l->readable);
	if (l->retry)
		event_free(l->retry);
	fd_closep(&l->fd);
	free(l);
}

int listener_add(struct namp_server *n, int fd, bool is_local)
{
	struct listener *l = try_calloc(1, sizeof(*l));

	if (!l) {
		fd_closep(&fd);
		return -ENOMEM;
	}
	*l = (struct listener) {
		.next = n->listeners, .server = n, .fd = fd, .is_local = is_local
	};
	n->listeners = l;
	l->readable = event_new(n->base, fd, EV_READ | EV_PERSIST, on_connection, l);
	l->retry = evtimer_new(n->base, on_retry, l);
	if (!l->readable || !l->retry || event_priority_set(l->readable, PRIORITY_STRANGER) < 0 ||
	    event_add(l->readable, NULL) < 0) {
		listener_drop(&n->listeners);
		return -ENOMEM;
	}
	return 0;
}
