/* SPDX-License-Identifier: Apache-2.0 */
/* One TCP connection as octets.
 *
 * Reading is bounded a turn, so that a fast peer does not hold up the other operations; the loop
 * comes back while octets wait.  A buffer of a whole TLS record leaves nothing decrypted behind that the
 * socket would not tell of.  Whoever is told may free the stream: ``gone`` points to a flag on the
 * stack of the function that tells. */
#include "probe/net_stream.h"

#include "base/xalloc.h"
#include "io/loop.h"
#include "io/tcp_socket.h"
#include "io/tls.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#define READ_OCTETS    16384u /* a TLS record's plaintext at most (RFC 8446 section 5.1) */
#define READS_PER_TURN 4

struct net_stream {
	struct loop_fd lf;
	struct loop *loop;
	net_stream_told *told;
	void *ctx;
	struct tls *tls; /* NULL: plain */
	bool is_shaking; /* the handshake is under way */
	bool has_ended;  /* STREAM_END was told */
	bool has_failed;
	bool *gone;
	uint8_t *out; /* what waits to be sent: out_len octets from out_at on */
	size_t out_at, out_len, out_room;
	uint32_t watched; /* events */
};

/* False: the stream is gone. */
static bool tell(struct net_stream *s, const struct probe_stream *event, mono_t now)
{
	bool gone = false;

	s->gone = &gone;
	s->told(s->ctx, event, now);
	if (!gone)
		s->gone = NULL;
	return !gone;
}

static void fail(struct net_stream *s, int error, mono_t now)
{
	struct diag d = { 0 };
	struct probe_stream event = { .event = STREAM_FAILED, .error = error };

	if (s->tls && tls_error(s->tls, &d) != TLS_OK)
		event.error = -EPROTO;
	event.why = *d.text ? d.text : strerror(-error);
	s->has_failed = true;
	loop_remove(s->loop, &s->lf);
	s->watched = 0;
	(void)tell(s, &event, now);
}

/* --- what to wait for --- */

static uint32_t wanted(const struct net_stream *s)
{
	enum tls_want want = s->tls ? tls_wants(s->tls) : TLS_WANT_NOTHING;

	if (s->is_shaking)
		return want == TLS_WANT_READ ? EPOLLIN : EPOLLOUT;
	return (s->has_ended ? 0u : (uint32_t)EPOLLIN) |
	       (s->out_len > 0 || want == TLS_WANT_WRITE ? (uint32_t)EPOLLOUT : 0u);
}

/* An ended stream with nothing to send is not watched: the kernel would report its end for ever. */
static int watch(struct net_stream *s)
{
	uint32_t events = wanted(s);
	int rc = 0;

	if (events == s->watched)
		return 0;
	if (events == 0)
		loop_remove(s->loop, &s->lf);
	else
		rc = s->watched ? loop_modify(s->loop, &s->lf, events)
		                : loop_add(s->loop, &s->lf, events);
	s->watched = events;
	return rc;
}

/* --- out --- */

static ssize_t put(struct net_stream *s, const uint8_t *data, size_t len)
{
	return s->tls ? tls_write(s->tls, data, len) : tcp_write(s->lf.fd, data, len);
}

/* Send what waits, as much as goes.  0 or -errno. */
static int flush(struct net_stream *s)
{
	while (s->out_len > 0) {
		ssize_t n = put(s, s->out + s->out_at, s->out_len);

		if (n == -EAGAIN)
			return 0;
		if (n < 0)
			return (int)n;
		s->out_at += (size_t)n;
		s->out_len -= (size_t)n;
	}
	s->out_at = 0;
	return 0;
}

static int keep(struct net_stream *s, const uint8_t *data, size_t len)
{
	if (len > NET_STREAM_WAITING_MAX - s->out_len)
		return -ENOBUFS;
	if (s->out_at > 0)
		memmove(s->out, s->out + s->out_at, s->out_len);
	s->out_at = 0;
	if (s->out_len + len > s->out_room) {
		uint8_t *bigger = try_realloc(s->out, s->out_len + len);

		if (!bigger)
			return -ENOBUFS;
		s->out = bigger;
		s->out_room = s->out_len + len;
	}
	memcpy(s->out + s->out_len, data, len);
	s->out_len += len;
	return 0;
}

int net_stream_write(struct net_stream *s, const uint8_t *data, size_t len)
{
	size_t sent = 0;

	if (s->has_failed)
		return -EPIPE;
	/* A connection that breaks under this is told of by the loop, like every other outcome. */
	if (s->out_len == 0 && !s->is_shaking) {
		ssize_t n = put(s, data, len);

		sent = n > 0 ? (size_t)n : 0;
	}
	int rc = sent < len ? keep(s, data + sent, len - sent) : 0;

	return rc < 0 ? rc : watch(s);
}

/* --- in --- */

static ssize_t get(struct net_stream *s, uint8_t *to, size_t cap)
{
	return s->tls ? tls_read(s->tls, to, cap) : tcp_read(s->lf.fd, to, cap);
}

/* False: the stream is gone, or has failed. */
static bool drain(struct net_stream *s, mono_t now)
{
	uint8_t buf[READ_OCTETS];

	for (int round = 0; round < READS_PER_TURN && !s->has_ended; round++) {
		ssize_t n = get(s, buf, sizeof(buf));
		struct probe_stream event = { .event = STREAM_DATA, .data = buf };

		if (n == -EAGAIN)
			return true;
		if (n < 0) {
			fail(s, (int)n, now);
			return false;
		}
		event.len = (size_t)n;
		if (n == 0) {
			event = (struct probe_stream) { .event = STREAM_END };
			s->has_ended = true;
		}
		if (!tell(s, &event, now))
			return false;
	}
	return true;
}

/* False: the stream is gone, or has failed. */
static bool shake(struct net_stream *s, mono_t now)
{
	static const struct probe_stream secured = { .event = STREAM_SECURED };
	int rc = tls_handshake(s->tls);

	if (rc == -EAGAIN)
		return true;
	if (rc < 0) {
		fail(s, rc, now);
		return false;
	}
	s->is_shaking = false;
	return tell(s, &secured, now);
}

/* What can be done now; what came is taken before a broken connection is told of.  False: the stream is
 * gone, or has failed. */
static bool take_turn(struct net_stream *s, mono_t now)
{
	if (s->is_shaking && !shake(s, now))
		return false;
	if (s->is_shaking)
		return true;
	if (!drain(s, now))
		return false;
	int rc = flush(s);

	if (rc < 0)
		fail(s, rc, now);
	return rc == 0;
}

static void ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct net_stream *s = container_of(lf, struct net_stream, lf);

	(void)events; /* each step finds out for itself */
	if (!take_turn(s, now))
		return;
	int rc = watch(s);

	if (rc < 0)
		fail(s, rc, now);
}

/* --- beginning and end --- */

int net_stream_new(struct loop *loop, int fd, net_stream_told *told, void *ctx,
                   struct net_stream **ret)
{
	struct net_stream *s = try_calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct net_stream) {
		.lf = { fd, ready },
		.loop = loop,
		.told = told,
		.ctx = ctx,
	};
	int rc = watch(s);

	if (rc < 0)
		free(s);
	else
		*ret = s;
	return rc;
}

int net_stream_secure(struct net_stream *s, struct tls_context *context, const char *name,
                      bool verify)
{
	if (s->tls)
		return -EALREADY;
	if (s->out_len > 0)
		return -EBUSY;
	s->tls = tls_new_browsing(context, s->lf.fd, name, verify);
	if (!s->tls)
		return -ENOMEM;
	s->is_shaking = true;
	/* The first message leaves at once.  What goes wrong meanwhile is told of by the loop. */
	(void)!tls_handshake(s->tls);
	return s->has_failed ? 0 : watch(s);
}

void net_stream_free(struct net_stream *s, bool abort)
{
	if (!s)
		return;
	if (s->gone)
		*s->gone = true;
	loop_remove(s->loop, &s->lf);
	if (s->tls && !s->has_failed)
		tls_close_notify(s->tls);
	tls_free(s->tls);
	if (abort)
		tcp_abort(fd_steal(&s->lf.fd));
	else
		fd_closep(&s->lf.fd);
	free(s->out);
	free(s);
}
