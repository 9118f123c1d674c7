/* SPDX-License-Identifier: Apache-2.0 */
/* One session of the NAMP server: its octets, its states and its time. */
#include "namp/server_internal.h"

#include "base/xalloc.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define DRAIN_MAX (256u << 10) /* octets of a peer that goes on talking after bye */

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	session_turn(arg);
}

/* --- beginning and end --------------------------------------------------------------------------- */

static void on_timer(evutil_socket_t fd, short what, void *arg);

static void prioritise(struct session *s, int priority)
{
	(void)event_priority_set(&s->readable, priority); /* not active: they are not added */
	(void)event_priority_set(&s->writable, priority);
	(void)event_priority_set(&s->timer, priority);
}

struct session *session_new(struct namp_server *n, int fd, bool is_local)
{
	struct session *s = try_calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->server = n;
	s->stream.fd = fd;
	s->is_local = is_local;
	s->state = is_local ? SESSION_GREETING : SESSION_HANDSHAKE;
	s->began = s->last_message = server_now();
	s->since = server_wall();
	s->tls_generation = n->tls_generation;
	(void)event_assign(&s->readable, n->base, fd, EV_READ | EV_PERSIST, on_ready, s);
	(void)event_assign(&s->writable, n->base, fd, EV_WRITE | EV_PERSIST, on_ready, s);
	(void)evtimer_assign(&s->timer, n->base, on_timer, s);
	(void)evtimer_assign(&s->more, n->base, on_ready, s); /* valid arguments, each of them */
	(void)event_priority_set(&s->more, PRIORITY_STRANGER);
	prioritise(s, PRIORITY_STRANGER);
	session_move(s, is_local ? &n->local_strangers : &n->strangers);
	return s;
}

static void report_end(struct session *s)
{
	struct namp_server *n = s->server;
	struct object_caller caller = session_caller(s);

	if (s->state != SESSION_OPEN)
		return;
	s->state = SESSION_CLOSING;
	watch_end_all(s);
	session_move(s, &n->leaving);
	if (n->cfg.session_ended)
		n->cfg.session_ended(n->cfg.ctx, &caller, s->end_code ? s->end_code : NAMP_OK);
}

void session_free(struct session *s)
{
	report_end(s);
	session_move(s, NULL);
	(void)event_del(&s->readable); /* nothing to do when it is not added */
	(void)event_del(&s->writable);
	(void)event_del(&s->timer);
	(void)event_del(&s->more);
	stream_close(&s->stream);
	frame_fini(&s->in);
	frame_fini(&s->out);
	free(s);
}

void session_admit(struct session *s)
{
	struct namp_server *n = s->server;

	(void)event_del(&s->readable);
	(void)event_del(&s->writable);
	(void)event_del(&s->timer);
	s->is_reading = s->is_writing = false;
	s->timer_due = (mono_t) { 0 };
	prioritise(s, PRIORITY_SESSION);
	s->number = ++n->last_number;
	s->state = SESSION_OPEN;
	session_move(s, &n->members);
	n->counters.sessions++;
}

/* --- queueing ------------------------------------------------------------------------------------ */

int session_put(struct session *s, const struct namp_message *m)
{
	bool was_empty = frame_waiting(&s->out) == 0;
	int error = frame_put(&s->out, m);

	if (error == -EMSGSIZE)
		return error;
	if (error < 0)
		s->is_broken = true;
	if (was_empty)
		s->stalled_since = server_now();
	session_wake(s);
	return 0;
}

void session_wake(struct session *s)
{
	if (!s->in_turn)
		event_active(&s->readable, EV_READ, 0);
}

static void put_bye(struct session *s, unsigned code, const char *text)
{
	struct namp_message bye = { .kind = NAMP_BYE, .code = (uint16_t)code };
	struct arena a = { 0 };

	if (text) {
		struct doc *body = doc_new_map(&a);

		doc_add_text(&a, body, "text", text);
		if (doc_to_cbor(body, &a, &bye.body.data, &bye.body.len) < 0)
			bye.body = (struct namp_slice) { 0 };
	}
	if (session_put(s, &bye) < 0)
		s->is_broken = true;
	arena_free(&a);
}

void session_end(struct session *s, unsigned code, const char *text)
{
	if (s->end_code)
		return;
	if (s->in_handler) {
		if (!s->late_code)
			s->late_text = text;
		s->late_code = s->late_code ? s->late_code : (uint16_t)code;
		return;
	}
	s->end_code = (uint16_t)code;
	if (s->state == SESSION_HANDSHAKE)
		s->is_broken = true; /* no message can be sent yet */
	else
		put_bye(s, code, text);
	s->closing_since = server_now();
	frame_discard(&s->in);
	if (s->state == SESSION_OPEN)
		report_end(s);
	s->state = SESSION_CLOSING;
}

void session_enter_handler(struct session *s)
{
	s->in_handler = true;
}

void session_leave_handler(struct session *s)
{
	s->in_handler = false;
	if (s->late_code)
		session_end(s, s->late_code, s->late_text);
}

/* --- octets -------------------------------------------------------------------------------------- */

void session_flush(struct session *s)
{
	while (!s->is_broken && frame_waiting(&s->out) > 0) {
		ssize_t n =
		        stream_write(&s->stream, s->out.data + s->out.at, frame_waiting(&s->out));

		if (n == -EAGAIN)
			break;
		if (n <= 0) {
			s->is_broken = true;
			break;
		}
		frame_consume(&s->out, (size_t)n);
		s->stalled_since = server_now();
	}
	frame_trim(&s->out);
	if (s->watches_missing > 0 && frame_waiting(&s->out) < EVENTS_WAITING_MAX / 2)
		watch_state_missed(s);
}

static bool is_listening(const struct session *s)
{
	return !s->is_broken && (s->state == SESSION_GREETING || s->state == SESSION_OPEN) &&
	       frame_waiting(&s->out) <= ANSWERS_WAITING_MAX;
}

/* One message in its state. */
static void take_message(struct session *s, const struct namp_slice *octets)
{
	struct namp_server_counters *c = &s->server->counters;
	struct namp_message m;

	if (namp_decode(octets->data, octets->len, &m) < 0) {
		c->malformed++;
		session_end(s, NAMP_BAD, "the message is malformed");
		return;
	}
	s->last_message = server_now();
	bool is_refused = (m.flags & NAMP_FLAG_CRITICAL) && m.extension_count > 0;

	if (m.kind == NAMP_BYE) {
		s->has_ended = true;
		frame_discard(&s->in);
	} else if (s->state == SESSION_OPEN && m.kind == NAMP_REQUEST) {
		session_request(s, &m);
	} else if (is_refused) {
		return; /* dropped: docs/namp.md section 3 */
	} else if (s->state == SESSION_GREETING && m.kind == NAMP_HELLO) {
		session_greet(s, &m);
	} else {
		c->unexpected_kind++;
		session_end(s, NAMP_BAD, "a message of this kind is not expected here");
	}
}

/* Nobody gets much memory before it is known who asks. */
static size_t longest_message(const struct session *s)
{
	return s->state == SESSION_GREETING ? NAMP_HELLO_MAX : NAMP_MESSAGE_MAX;
}

/* Take whole frames.  False: enough for one turn, more is there. */
static bool take_frames(struct session *s)
{
	for (unsigned taken = 0; is_listening(s) && s->flight_ticket == 0; taken++) {
		struct namp_slice octets;
		int error = frame_next(&s->in, longest_message(s), &octets);

		if (error == -EAGAIN)
			break;
		if (error < 0) {
			s->server->counters.oversize++;
			session_end(s, NAMP_TOO_LONG,
			            s->state == SESSION_GREETING
			                    ? "the length of a hello is 1 to 4096"
			                    : "the length of a message is 1 to 1048576");
			break;
		}
		take_message(s, &octets);
		if (taken + 1 == REQUESTS_PER_TURN)
			return false;
	}
	frame_trim(&s->in);
	return true;
}

static bool may_read(const struct session *s)
{
	return is_listening(s) && !s->has_ended &&
	       (s->flight_ticket == 0 || frame_waiting(&s->in) < INPUT_AHEAD_MAX);
}

/* Read and carry out.  False: there may be more than one turn's share. */
static bool converse(struct session *s)
{
	uint8_t *chunk = s->server->scratch;

	if (!take_frames(s))
		return false;
	for (unsigned reads = 0; may_read(s); reads++) {
		if (reads == READS_PER_TURN)
			return false;
		ssize_t n = stream_read(&s->stream, chunk, READ_CHUNK);

		if (n == -EAGAIN)
			break;
		if (n == 0)
			s->has_ended = true;
		else if (n < 0 || frame_feed(&s->in, chunk, (size_t)n) < 0)
			s->is_broken = true;
		else if (!take_frames(s))
			return false;
	}
	return true;
}

/* After bye: tell the peer that nothing more comes and wait until it has read that, which it could not
 * when unread octets made our close a reset. */
static void drain(struct session *s)
{
	uint8_t *chunk = s->server->scratch;

	if (frame_waiting(&s->out) > 0)
		return;
	if (!s->is_shut)
		stream_end(&s->stream);
	s->is_shut = true;
	while (!s->has_ended && !s->is_broken) {
		ssize_t n = recv(s->stream.fd, chunk, READ_CHUNK, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		s->drained += n > 0 ? (size_t)n : 0;
		s->has_ended = n <= 0 || s->drained > DRAIN_MAX;
	}
}

static void handshake(struct session *s)
{
	struct namp_server_counters *c = &s->server->counters;
	int error = tls_handshake(s->stream.tls);

	if (error == -EAGAIN)
		return;
	if (error == 0) {
		(void)snprintf(s->name, sizeof(s->name), "%s", tls_peer_name(s->stream.tls));
		s->state = SESSION_GREETING;
		return;
	}
	enum tls_failure why = tls_error(s->stream.tls, NULL);

	c->handshake_failures[why == TLS_OK ? TLS_FAIL_OTHER : why]++;
	s->is_broken = error == -ECONNRESET;
	s->end_code = NAMP_FORBIDDEN;
	s->closing_since = server_now();
	s->state = SESSION_CLOSING; /* the alert is on its way: wait until it is read */
}

/* --- time ---------------------------------------------------------------------------------------- */

static mono_t earlier(mono_t a, mono_t b)
{
	return a.ns < b.ns ? a : b;
}

static mono_t after_s(mono_t t, uint32_t seconds)
{
	return mono_add_ns(t, (int64_t)seconds * NS_PER_S);
}

static bool is_idle(const struct session *s)
{
	return s->watch_count == 0 && s->flight_ticket == 0;
}

/* When something must have happened. */
static mono_t due(const struct session *s)
{
	const struct namp_server_cfg *cfg = &s->server->cfg;
	mono_t at = { INT64_MAX };

	if (s->state == SESSION_CLOSING)
		return mono_add_ns(s->closing_since, CLOSING_NS);
	if (s->state != SESSION_OPEN)
		return after_s(s->began, cfg->limits.handshake_timeout_s);
	if (is_idle(s))
		at = earlier(at, after_s(s->last_message, cfg->limits.idle_timeout_s));
	if (frame_waiting(&s->out) > 0)
		at = earlier(at, after_s(s->stalled_since, cfg->writing_timeout_s));
	return at;
}

static void arm(struct session *s)
{
	mono_t at = due(s);

	if (s->timer_due.ns != 0 && s->timer_due.ns <= at.ns)
		return; /* it comes early enough and looks again then */
	if (at.ns == INT64_MAX)
		return;
	int64_t left_ns = mono_diff_ns(at, server_now());
	int64_t left_us = left_ns > 0 ? left_ns / NS_PER_US + 1 : 0;
	struct timeval wait = { .tv_sec = left_us / 1000000, .tv_usec = left_us % 1000000 };

	if (event_add(&s->timer, &wait) < 0)
		s->is_broken = true;
	s->timer_due = at;
}

static void time_out(struct session *s)
{
	struct namp_server *n = s->server;
	struct namp_server_counters *c = &n->counters;

	switch (s->state) {
	case SESSION_HANDSHAKE:
		c->handshake_timeouts++;
		s->is_broken = true;
		break;
	case SESSION_GREETING:
		c->greeting_timeouts++;
		session_end(s, NAMP_TOO_SLOW, "no hello came in time");
		break;
	case SESSION_OPEN:
		if (frame_waiting(&s->out) > 0) {
			c->closed_slow++;
			s->end_code = NAMP_TOO_SLOW;
			s->is_broken = true;
		} else {
			c->closed_idle++;
			session_end(s, NAMP_TOO_SLOW, "the session was idle for too long");
		}
		break;
	case SESSION_CLOSING:
		s->is_broken = true;
		break;
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd, (void)what;
	s->timer_due = (mono_t) { 0 };
	s->in_turn = true;
	if (mono_diff_ns(due(s), server_now()) <= 0)
		time_out(s);
	s->in_turn = false;
	session_turn(s);
}

/* --- the turn ------------------------------------------------------------------------------------ */

static void want(struct event *e, bool *is_added, bool is_wanted)
{
	if (*is_added == is_wanted)
		return;
	if (is_wanted ? event_add(e, NULL) < 0 : event_del(e) < 0)
		return;
	*is_added = is_wanted;
}

static void set_events(struct session *s, bool has_more)
{
	bool is_shaking = s->state == SESSION_HANDSHAKE;
	enum tls_want shake = is_shaking ? tls_wants(s->stream.tls) : TLS_WANT_NOTHING;
	bool reads = s->state == SESSION_CLOSING ? !s->has_ended : may_read(s);

	if (is_shaking)
		reads = shake != TLS_WANT_WRITE;
	want(&s->readable, &s->is_reading, reads && !has_more);
	want(&s->writable, &s->is_writing,
	     frame_waiting(&s->out) > 0 || shake == TLS_WANT_WRITE ||
	             (reads && stream_read_wants_write(&s->stream)));
}

static bool is_over(const struct session *s)
{
	if (s->is_broken)
		return true;
	return s->has_ended && frame_waiting(&s->out) == 0 && s->flight_ticket == 0;
}

void session_turn(struct session *s)
{
	bool is_done = true;

	s->in_turn = true;
	if (s->state == SESSION_HANDSHAKE)
		handshake(s);
	if (s->state != SESSION_HANDSHAKE) {
		session_flush(s);
		is_done = converse(s);
		session_flush(s);
	}
	/* answers that went out at once made room for requests that wait already */
	if (is_listening(s) && s->flight_ticket == 0 && frame_is_ready(&s->in, longest_message(s)))
		is_done = false;
	if (s->state == SESSION_CLOSING)
		drain(s);
	s->in_turn = false;
	if (is_done && is_over(s)) {
		session_free(s);
		return;
	}
	set_events(s, !is_done);
	arm(s);
	if (s->is_broken)
		session_wake(s);
	else if (!is_done)
		event_active(&s->more, EV_READ, 0);
}
