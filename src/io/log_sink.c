/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that take messages: look the name up, connect, shake hands, send what waits, and begin anew when it
 * breaks. */
#include "io/log_sink.h"

#include "base/xalloc.h"
#include "io/resolver.h"
#include "io/stream.h"
#include "io/tcp_socket.h"
#include "io/udp_socket.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TTL            64
#define FRAME_HEAD_MAX 12 /* "16384 " */
#define WAIT_MAX_S     60 /* between two attempts to connect */
#define CONNECT_WAIT_S 15 /* for a connection and its handshake */
#define CLOSING_OCTETS 512

enum sink_state {
	SINK_IDLE,
	SINK_LOOKING_UP,
	SINK_CONNECTING,
	SINK_SHAKING,
	SINK_UP,
	SINK_WAITING
};

struct message {
	struct message *next;
	size_t len;
	char octets[];
};

struct log_sink {
	struct log_sink_cfg cfg;
	char *host;
	enum sink_state state;
	bool is_gone; /* freed while a lookup is on */
	struct stream stream;
	struct event *readable, *writable, *timer;
	unsigned attempts;
	size_t head_sent; /* octets of the first message that were sent */
	struct message *first, **last;
	struct log_sink_counters n;
};

static void proceed(struct log_sink *s);

static void say(struct log_sink *s, const char *what, const char *why)
{
	(void)snprintf(s->n.error, sizeof(s->n.error), "%.40s: %.80s", what, why);
}

static struct event *event_make(struct log_sink *s, int fd, short what, event_callback_fn callback)
{
	struct event *e = event_new(s->cfg.base, fd, what, callback, s);

	if (!e)
		abort(); /* out of memory */
	return e;
}

static void event_drop(struct event **e)
{
	if (*e)
		event_free(*e);
	*e = NULL;
}

static void arm_timer(struct log_sink *s, unsigned seconds, unsigned jitter_us)
{
	const struct timeval after = { .tv_sec = seconds, .tv_usec = jitter_us };

	(void)event_add(s->timer,
	                &after); /* fails only without memory: then the next message tries */
}

static void pop(struct log_sink *s)
{
	struct message *m = s->first;

	s->first = m->next;
	if (!s->first)
		s->last = &s->first;
	free(m);
	s->n.queued--;
	s->head_sent = 0;
}

static void disconnect(struct log_sink *s)
{
	event_drop(&s->readable);
	event_drop(&s->writable);
	stream_close(&s->stream);
	s->n.is_connected = false;
	s->head_sent = 0;
}

/* Up to a quarter less than the whole, so that many senders do not come at once. */
static void wait_for_retry(struct log_sink *s)
{
	unsigned seconds = s->attempts < 6 ? 1u << s->attempts : WAIT_MAX_S;
	uint32_t chance;

	evutil_secure_rng_get_bytes(&chance, sizeof(chance));
	disconnect(s);
	s->attempts++;
	s->n.retried++;
	s->state = SINK_WAITING;
	uint64_t wait_ms = (uint64_t)seconds * 1000;

	wait_ms -= chance % (wait_ms / 4 + 1);
	arm_timer(s, (unsigned)(wait_ms / 1000), (unsigned)(wait_ms % 1000 * 1000));
}

static void broke(struct log_sink *s, const char *what, const char *why)
{
	say(s, what, why);
	wait_for_retry(s);
}

/* --- sending ------------------------------------------------------------------------------------------ */

/* Octets of the first message as they go over a stream, from ``head_sent`` on.  0: all are sent; -errno. */
static int send_framed(struct log_sink *s)
{
	struct message *m = s->first;
	char head[FRAME_HEAD_MAX];
	size_t head_len = (size_t)snprintf(head, sizeof(head), "%zu ", m->len);

	while (s->head_sent < head_len + m->len) {
		bool in_head = s->head_sent < head_len;
		const char *from =
		        in_head ? head + s->head_sent : m->octets + (s->head_sent - head_len);
		size_t left = in_head ? head_len - s->head_sent : head_len + m->len - s->head_sent;
		ssize_t n = stream_write(&s->stream, (const uint8_t *)from, left);

		if (n < 0)
			return (int)n;
		s->head_sent += (size_t)n;
	}
	return 0;
}

/* One datagram; one that the network refuses is lost. */
static int send_datagram(struct log_sink *s)
{
	ssize_t n =
	        send(s->stream.fd, s->first->octets, s->first->len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ECONNREFUSED) /* an answer to an earlier one: this one may arrive */
		n = send(s->stream.fd, s->first->octets, s->first->len,
		         MSG_DONTWAIT | MSG_NOSIGNAL);
	return n < 0 ? -errno : 0;
}

static void send_queue(struct log_sink *s)
{
	bool is_udp = s->cfg.kind == LOG_SINK_UDP;

	while (s->first) {
		int rc = is_udp ? send_datagram(s) : send_framed(s);

		if (rc == -EAGAIN) {
			(void)event_add(s->writable, NULL);
			return;
		}
		if (rc == -EMSGSIZE) {
			s->n.failed++;
			say(s, "too long for a datagram", strerror(-rc));
			pop(s);
			continue;
		}
		if (rc < 0) {
			s->n.failed += is_udp;
			if (is_udp)
				pop(s);
			broke(s, "cannot send", strerror(-rc));
			return;
		}
		s->n.sent++;
		s->n.error[0] = '\0';
		pop(s);
	}
}

/* --- connecting --------------------------------------------------------------------------------------- */

static void up(struct log_sink *s)
{
	(void)event_del(s->timer);
	s->state = SINK_UP;
	s->attempts = 0;
	s->n.is_connected = true;
	send_queue(s);
}

static void shake(struct log_sink *s)
{
	struct diag d = { 0 };
	int rc = tls_handshake(s->stream.tls);

	if (rc == -EAGAIN) {
		if (tls_wants(s->stream.tls) == TLS_WANT_WRITE)
			(void)event_add(s->writable, NULL);
		return;
	}
	if (rc < 0) {
		(void)tls_error(s->stream.tls, &d);
		broke(s, "TLS", d.text);
		return;
	}
	up(s);
}

static void connected(struct log_sink *s)
{
	int rc = tcp_connect_result(s->stream.fd);

	if (rc == -EINPROGRESS) {
		(void)event_add(s->writable, NULL);
		return;
	}
	if (rc < 0) {
		broke(s, "cannot connect", strerror(-rc));
		return;
	}
	tcp_tune_session(s->stream.fd);
	if (s->cfg.kind == LOG_SINK_TCP) {
		up(s);
		return;
	}
	s->stream.tls = tls_new_browsing(s->cfg.tls, s->stream.fd, s->host, true);
	if (!s->stream.tls)
		abort(); /* out of memory */
	s->state = SINK_SHAKING;
	shake(s);
}

/* Nothing is expected from the other side but its end. */
static void look_for_end(struct log_sink *s)
{
	uint8_t octets[CLOSING_OCTETS];
	ssize_t n;

	while ((n = stream_read(&s->stream, octets, sizeof(octets))) > 0)
		;
	if (n == 0)
		broke(s, "connection", "closed by the other side");
	else if (n != -EAGAIN)
		broke(s, "connection", strerror((int)-n));
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct log_sink *s = arg;
	char octets[CLOSING_OCTETS];

	(void)what;
	if (s->state == SINK_SHAKING)
		shake(s);
	else if (s->cfg.kind != LOG_SINK_UDP && s->state == SINK_UP)
		look_for_end(s);
	else if (recv(fd, octets, sizeof(octets), MSG_DONTWAIT) < 0 && errno == ECONNREFUSED)
		say(s, "datagrams", strerror(errno)); /* goes on: somebody may listen later */
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct log_sink *s = arg;

	(void)fd, (void)what;
	if (s->state == SINK_CONNECTING)
		connected(s);
	else if (s->state == SINK_SHAKING)
		shake(s);
	else if (s->state == SINK_UP)
		send_queue(s);
}

static void connect_to(struct log_sink *s, const struct inet_addr *addr)
{
	bool is_udp = s->cfg.kind == LOG_SINK_UDP;
	const struct inet_endpoint peer = { *addr, s->cfg.port };
	const struct sock_spec spec = {
		.kind = is_udp ? SOCK_KIND_UDP : SOCK_KIND_TCP_CONNECT,
		.ttl = TTL,
		.local = { .addr = { .family = addr->family } },
		.peer = peer,
	};
	struct diag d = { 0 };

	s->stream.fd = sock_open_here(&spec, &d);
	if (s->stream.fd < 0) {
		broke(s, "socket", d.text);
		return;
	}
	s->readable = event_make(s, s->stream.fd, EV_READ | EV_PERSIST, on_readable);
	s->writable = event_make(s, s->stream.fd, EV_WRITE, on_writable);
	(void)event_add(s->readable, NULL);
	if (is_udp) {
		up(s);
		return;
	}
	int rc = tcp_connect_start(s->stream.fd, &peer, 0);

	if (rc < 0) {
		broke(s, "cannot connect", strerror(-rc));
		return;
	}
	s->state = SINK_CONNECTING;
	(void)event_add(s->writable, NULL);
	arm_timer(s, CONNECT_WAIT_S, 0);
}

static void on_looked_up(void *ctx, const struct inet_addr *addr, const char *error)
{
	struct log_sink *s = ctx;

	if (s->is_gone) {
		free(s->host);
		free(s);
		return;
	}
	s->state = SINK_IDLE;
	if (addr)
		connect_to(s, addr);
	else
		broke(s, "name", error);
}

static void proceed(struct log_sink *s)
{
	if (s->state == SINK_UP) {
		send_queue(s);
	} else if (s->state == SINK_IDLE && s->first) {
		s->state = SINK_LOOKING_UP;
		resolver_lookup(s->cfg.resolver, s->host, INET_NONE, on_looked_up, s);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct log_sink *s = arg;

	(void)fd, (void)what;
	if (s->state == SINK_WAITING) {
		s->state = SINK_IDLE;
		proceed(s);
	} else if (s->state == SINK_CONNECTING || s->state == SINK_SHAKING) {
		broke(s, "cannot connect", "no answer");
	}
}

/* --- for the owner -------------------------------------------------------------------------------------- */

struct log_sink *log_sink_new(const struct log_sink_cfg *cfg)
{
	struct log_sink *s = xcalloc(1, sizeof(*s));
	size_t len = strlen(cfg->host);

	s->cfg = *cfg;
	s->host = xcalloc(1, len + 1);
	memcpy(s->host, cfg->host, len);
	s->cfg.host = s->host;
	s->stream.fd = -1;
	s->last = &s->first;
	s->timer = event_make(s, -1, 0, on_timer);
	return s;
}

void log_sink_free(struct log_sink *s)
{
	if (!s)
		return;
	disconnect(s);
	while (s->first)
		pop(s);
	event_drop(&s->timer);
	if (s->state == SINK_LOOKING_UP) {
		s->is_gone = true; /* the answer frees the rest */
		return;
	}
	free(s->host);
	free(s);
}

void log_sink_send(struct log_sink *s, const char *text, size_t len)
{
	if (s->n.queued == LOG_SINK_QUEUE_MAX) {
		s->n.dropped++;
		return;
	}
	struct message *m = xcalloc(1, sizeof(*m) + len);

	m->len = len;
	memcpy(m->octets, text, len);
	*s->last = m;
	s->last = &m->next;
	s->n.queued++;
	proceed(s);
}

const struct log_sink_counters *log_sink_counters(const struct log_sink *s)
{
	return &s->n;
}
