/* SPDX-License-Identifier: Apache-2.0 */
/* The connecting side of NAMP streams: messages. */
#include "namp/client_internal.h"

#include "base/xalloc.h"
#include "io/dial.h"
#include "namp/codes.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>

#define READ_CHUNK 16384u

/* The connection has come to its end by ``error``: say so, once and for all. */
static int broken(struct namp_client *c, int error, struct diag *d)
{
	c->is_broken = true;
	if (error == -ETIMEDOUT)
		return diag_set(d, error, "%s does not answer: is it stopped or overloaded?",
		                c->where);
	if (error == -EPIPE || error == -ECONNRESET)
		return diag_set(d, -EPIPE, "%s closed the connection", c->where);
	if (error == -EPROTO && c->stream.tls && tls_error(c->stream.tls, d) != TLS_OK)
		return error;
	if (error == -EBADMSG)
		return diag_set(d, error, "%s sends what is not NAMP/1", c->where);
	return diag_set(d, error, "the connection to %s broke: %s", c->where, strerror(-error));
}

/* --- octets -------------------------------------------------------------------------------------- */

/* Wait for the socket in the direction that is needed. */
static int wait_for(const struct namp_client *c, short events, mono_t deadline)
{
	if (events == POLLIN && stream_read_wants_write(&c->stream))
		events = POLLOUT;
	return dial_wait(c->stream.fd, events, deadline);
}

static int send_message(struct namp_client *c, const struct namp_message *m, mono_t deadline)
{
	int error = frame_put(&c->out, m);

	while (error == 0 && frame_waiting(&c->out) > 0) {
		ssize_t n =
		        stream_write(&c->stream, c->out.data + c->out.at, frame_waiting(&c->out));

		if (n > 0)
			frame_consume(&c->out, (size_t)n);
		else if (n == -EAGAIN)
			error = wait_for(c, POLLOUT, deadline);
		else
			error = n == 0 ? -EPIPE : (int)n;
	}
	frame_trim(&c->out);
	return error;
}

/* Read what is there now.  0; -EAGAIN; else -errno. */
static int read_more(struct namp_client *c)
{
	uint8_t chunk[READ_CHUNK];
	ssize_t n = stream_read(&c->stream, chunk, sizeof(chunk));

	if (n <= 0)
		return n == 0 ? -EPIPE : (int)n;
	return frame_feed(&c->in, chunk, (size_t)n);
}

/* The next message; slices are valid until the next call.  Waits until the deadline. */
static int receive_message(struct namp_client *c, mono_t deadline, struct namp_slice *ret_octets,
                           struct namp_message *ret)
{
	for (;;) {
		int error = frame_next(&c->in, NAMP_MESSAGE_MAX, ret_octets);

		if (error == 0)
			return namp_decode(ret_octets->data, ret_octets->len, ret);
		if (error != -EAGAIN)
			return -EBADMSG;
		frame_trim(&c->in);
		error = read_more(c);
		if (error == -EAGAIN)
			error = wait_for(c, POLLIN, deadline);
		if (error < 0)
			return error;
	}
}

/* --- what the node says -------------------------------------------------------------------------- */

int client_read_document(const struct namp_slice *body, struct arena *a, struct doc **ret)
{
	int error = doc_parse_cbor(a, body->data, body->len, ret, NULL);

	if (error == 0)
		doc_make_plain(a, *ret);
	return error;
}

static const char *sentence_of(const struct doc *body, const char *otherwise)
{
	const char *text = doc_text(body, "text", "");

	return text[0] ? text : otherwise;
}

/* The node says bye: why, as an error. */
static int bye(struct namp_client *c, const struct namp_message *m, struct diag *d)
{
	struct arena a = { 0 };
	struct doc *body = NULL;
	int error = namp_error_of(m->code);

	if (m->body.data && client_read_document(&m->body, &a, &body) < 0)
		body = NULL;
	c->is_broken = true;
	error = diag_set(d, error == 0 ? -EPIPE : error, "%s ended the session: %s (%u)", c->where,
	                 sentence_of(body, "without a reason"), m->code);
	arena_free(&a);
	return error;
}

/* Keep events; anything else that is not waited for is passed over (a later version's). */
static void keep(struct namp_client *c, const struct namp_slice *octets,
                 const struct namp_message *m)
{
	bool is_refused = (m->flags & NAMP_FLAG_CRITICAL) && m->extension_count > 0;

	if (m->kind == NAMP_EVENT && !is_refused)
		client_events_put(&c->events, octets, m->id);
}

/* --- hello --------------------------------------------------------------------------------------- */

static int send_hello(struct namp_client *c, mono_t deadline)
{
	struct namp_message m = { .kind = NAMP_HELLO };
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a);
	struct doc *version = doc_add_list(&a, body, "version");
	const struct passwd *user = getpwuid(getuid()); /* proved otherwise */

	doc_add_int(&a, version, NULL, NAMP_VERSION);
	doc_add_int(&a, version, NULL, NAMP_MINOR);
	doc_add_text(&a, body, "software", "candor " CANDOR_VERSION);
	doc_add_text(&a, body, "name", user ? user->pw_name : "");
	int error = doc_to_cbor(body, &a, &m.body.data, &m.body.len);

	if (error == 0)
		error = send_message(c, &m, deadline);
	arena_free(&a);
	return error;
}

static int greet(struct namp_client *c, mono_t deadline, struct diag *d)
{
	struct namp_slice octets;
	struct namp_message m;
	/* When writing fails the reason may be waiting to be read: an alert or bye. */
	int sent = send_hello(c, deadline);
	int error = sent == -ETIMEDOUT ? sent : receive_message(c, deadline, &octets, &m);

	if (error < 0)
		return broken(c, sent < 0 && error == -ECONNRESET ? sent : error, d);
	if (m.kind == NAMP_BYE)
		return bye(c, &m, d);
	if (m.kind != NAMP_HELLO || client_read_document(&m.body, &c->memory, &c->hello) < 0)
		return broken(c, -EBADMSG, d);
	const struct doc_member *major = doc_first(doc_get(c->hello, "version"));

	if (!major || major->value.kind != DOC_INT || major->value.integer != NAMP_VERSION)
		return diag_set(d, -EPROTO, "%s speaks another version of NAMP", c->where);
	return 0;
}

int namp_client_open(const struct namp_target *target, uint32_t timeout_ms,
                     struct namp_client **ret, struct diag *d)
{
	struct namp_client *c = try_calloc(1, sizeof(*c));
	mono_t deadline = dial_deadline(timeout_ms);

	if (!c)
		return diag_set(d, -ENOMEM, "out of memory");
	c->stream.fd = -1;
	c->timeout_ms = timeout_ms;
	int error = client_connect(c, target, deadline, d);

	if (error == 0)
		error = greet(c, deadline, d);
	if (error < 0) {
		c->is_broken = true;
		namp_client_close(c);
		return error;
	}
	*ret = c;
	return 0;
}

void namp_client_close(struct namp_client *c)
{
	static const struct namp_message end = { .kind = NAMP_BYE, .code = NAMP_OK };

	if (!c)
		return;
	if (!c->is_broken && send_message(c, &end, dial_deadline(0)) == 0)
		stream_end(&c->stream);
	stream_close(&c->stream);
	tls_context_free(c->tls);
	frame_fini(&c->in);
	frame_fini(&c->out);
	client_events_fini(&c->events);
	arena_free(&c->memory);
	free(c);
}

const struct doc *namp_client_hello(const struct namp_client *c)
{
	return c->hello;
}

bool namp_client_is_open(const struct namp_client *c)
{
	return !c->is_broken;
}

void namp_client_set_timeout(struct namp_client *c, uint32_t timeout_ms)
{
	c->timeout_ms = timeout_ms;
}

int namp_client_fd(const struct namp_client *c)
{
	return c->stream.fd;
}

/* --- requests ------------------------------------------------------------------------------------ */

static int send_request(struct namp_client *c, uint16_t verb, const char *path,
                        const struct doc *body, mono_t deadline)
{
	struct namp_message m = {
		.kind = NAMP_REQUEST,
		.code = verb,
		.id = ++c->last_id,
		.subject = { (const uint8_t *)path, strlen(path) },
	};
	struct arena a = { 0 };
	int error = body ? doc_to_cbor(body, &a, &m.body.data, &m.body.len) : 0;

	if (error == 0)
		error = send_message(c, &m, deadline);
	arena_free(&a);
	return error;
}

/* The reply to the request that was sent last: its code and document. */
static int receive_reply(struct namp_client *c, mono_t deadline, struct arena *a,
                         unsigned *ret_code, struct doc **ret, struct diag *d)
{
	for (;;) {
		struct namp_slice octets;
		struct namp_message m;
		int error = receive_message(c, deadline, &octets, &m);

		if (error < 0)
			return broken(c, error, d);
		if (m.kind == NAMP_BYE)
			return bye(c, &m, d);
		if (m.kind != NAMP_REPLY || m.id != c->last_id) {
			keep(c, &octets, &m);
			continue;
		}
		if (client_read_document(&m.body, a, ret) < 0)
			return broken(c, -EBADMSG, d);
		*ret_code = m.code;
		return 0;
	}
}

static int ask(struct namp_client *c, uint16_t verb, const char *path, const struct doc *body,
               struct arena *a, struct doc **ret, struct diag *d)
{
	mono_t deadline = dial_deadline(c->timeout_ms);
	unsigned code = 0;

	if (c->is_broken)
		return diag_set(d, -EPIPE, "the connection to %s has ended", c->where);
	int error = send_request(c, verb, path, body, deadline);

	if (error == -EMSGSIZE || error == -EINVAL)
		return diag_set(d, error, "the request is too long or cannot be encoded");
	/* the reason may be waiting to be read */
	error = error < 0 && error != -EPIPE ? broken(c, error, d)
	                                     : receive_reply(c, deadline, a, &code, ret, d);
	if (error < 0)
		return error;
	if (code < 400)
		return 0;
	error = diag_set(d, namp_error_of(code), "%s",
	                 sentence_of(*ret, "refused without a reason"));
	if (d) {
		d->line = (uint32_t)doc_int(*ret, "line", 0);
		d->column = (uint32_t)doc_int(*ret, "column", 0);
	}
	return error;
}

int namp_client_request(struct namp_client *c, const struct object_request *request,
                        struct arena *a, struct doc **ret, struct diag *d)
{
	return ask(c, (uint16_t)request->verb, request->path, request->body, a, ret, d);
}

int namp_client_watch(struct namp_client *c, const char *path, bool initial, uint64_t *ret_id,
                      struct diag *d)
{
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *answer = NULL;

	doc_add_bool(&a, body, "initial", initial);
	int error = ask(c, NAMP_WATCH, path, body, &a, &answer, d);

	if (error == 0)
		*ret_id = c->last_id;
	arena_free(&a);
	return error;
}

/* --- events -------------------------------------------------------------------------------------- */

bool namp_client_has_event(const struct namp_client *c)
{
	return client_events_any(&c->events) || frame_is_ready(&c->in, NAMP_MESSAGE_MAX) ||
	       (c->stream.tls && tls_has_pending(c->stream.tls));
}

int namp_client_next_event(struct namp_client *c, uint32_t timeout_ms, struct arena *a,
                           struct namp_event *ret, struct diag *d)
{
	mono_t deadline = dial_deadline(timeout_ms);

	while (!client_events_take(&c->events, a, ret)) {
		struct namp_slice octets;
		struct namp_message m;

		if (c->is_broken)
			return diag_set(d, -EPIPE, "the connection to %s has ended", c->where);
		int error = receive_message(c, deadline, &octets, &m);

		if (error == -ETIMEDOUT)
			return -EAGAIN;
		if (error < 0)
			return broken(c, error, d);
		if (m.kind == NAMP_BYE)
			return bye(c, &m, d);
		keep(c, &octets, &m);
	}
	return 0;
}
