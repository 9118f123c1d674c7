/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a NAMP session, and what is answered. */
#include "namp/server_internal.h"

#include "object/doc_cbor.h"

#include <errno.h>
#include <string.h>

/* A document of the application with a sentence for people, and the place it is about. */
static struct doc *refusal_doc(struct arena *a, int error, const struct doc *doc,
                               const struct diag *d)
{
	struct doc *body = doc_new_map(a);
	const char *text = d && d->text[0] ? d->text : strerror(-error);

	for (const struct doc_member *m = doc_first(doc); m; m = m->next)
		doc_add_doc(a, body, m->key, &m->value);
	if (!doc_get(body, "text"))
		doc_add_text(a, body, "text", text);
	if (d && d->line && !doc_get(body, "line"))
		doc_add_int(a, body, "line", d->line);
	if (d && d->column && !doc_get(body, "column"))
		doc_add_int(a, body, "column", d->column);
	return body;
}

/* 0, or why the body cannot be sent: then nothing is. */
static int put_reply(struct session *s, uint64_t id, unsigned code, const struct doc *body)
{
	struct namp_message m = { .kind = NAMP_REPLY, .id = id, .code = (uint16_t)code };
	struct arena a = { 0 };
	int error = doc_to_cbor(body, &a, &m.body.data, &m.body.len);

	if (error == 0)
		error = session_put(s, &m);
	arena_free(&a);
	return error;
}

void session_answer(struct session *s, uint64_t id, int error, const struct doc *doc,
                    const struct diag *d)
{
	struct diag why = { 0 };
	struct arena a = { 0 };

	if (error == 0) {
		error = put_reply(s, id, NAMP_OK, doc ? doc : doc_new_map(&a));
		if (error == -EMSGSIZE)
			(void)diag_set(&why, error, "the answer is too long: ask for fewer rows");
		else if (error < 0)
			(void)diag_set(&why, error, "the answer cannot be encoded");
		if (error == -EINVAL)
			error = -EIO; /* the node's own fault, not the asker's */
		doc = NULL;
		d = &why;
	}
	if (error < 0) {
		s->server->counters.requests_refused++;
		if (put_reply(s, id, namp_code_of(error), refusal_doc(&a, error, doc, d)) < 0 &&
		    put_reply(s, id, NAMP_FAULT, doc_new_map(&a)) < 0)
			s->is_broken = true;
	}
	arena_free(&a);
}

static int unwatch(struct session *s, const struct doc *body, struct diag *d)
{
	int64_t id = doc_int(body, "watch", 0);

	return watch_end(s, id > 0 ? (uint64_t)id : 0, d);
}

/* As object_handle. */
static int carry_out(struct session *s, const struct namp_message *m, struct arena *a,
                     struct doc **ret, struct diag *d)
{
	const struct namp_server_cfg *cfg = &s->server->cfg;
	struct doc *body = NULL;

	if ((m->flags & NAMP_FLAG_CRITICAL) && m->extension_count > 0)
		return diag_set(d, -ENOSYS, "the request has an extension that is not known here");
	if (m->body.data) {
		int error = doc_parse_cbor(a, m->body.data, m->body.len, &body, d);

		if (error < 0)
			return error;
	}
	struct object_request q = {
		.verb = (enum object_verb)m->code,
		.path = arena_strndup(a, (const char *)m->subject.data, m->subject.len),
		.body = body,
		.caller = session_caller(s),
		.ticket = s->flight_ticket,
	};

	switch (m->code) {
	case NAMP_GET:
	case NAMP_LIST:
	case NAMP_SET:
	case NAMP_DELETE:
	case NAMP_RUN:
		return cfg->handle(cfg->ctx, &q, a, ret, d);
	case NAMP_WATCH:
		return watch_begin(s, &q, m->id, d);
	case NAMP_UNWATCH:
		return unwatch(s, body, d);
	default:
		return diag_set(d, -EOPNOTSUPP, "verb %u is not known here", m->code);
	}
}

/* The answer comes before the events that the watch begins with: those are held back meanwhile. */
static void carry_out_watch(struct session *s, const struct namp_message *m, struct arena *a,
                            struct diag *d)
{
	struct frame_buffer earlier = s->out;
	struct doc *doc = NULL;

	s->out = (struct frame_buffer) { 0 };
	s->held_bytes = frame_waiting(&earlier);
	int error = carry_out(s, m, a, &doc, d);
	struct frame_buffer events = s->out;

	s->out = earlier;
	s->held_bytes = 0;
	s->flight_ticket = 0;
	session_answer(s, m->id, error, doc, d);
	if (frame_append(&s->out, &events) < 0)
		s->is_broken = true;
}

void session_request(struct session *s, const struct namp_message *m)
{
	static const uint64_t serial_mask = (UINT64_C(1) << TICKET_SERIAL_BITS) - 1;
	uint64_t ticket = (s->number << TICKET_SERIAL_BITS) | (++s->request_serial & serial_mask);
	struct arena a = { 0 };
	struct diag d = { 0 };
	struct doc *doc = NULL;

	s->server->counters.requests++;
	s->requests++;
	s->flight_ticket = ticket;
	s->flight_id = m->id;
	session_enter_handler(s);
	if (m->code == NAMP_WATCH) {
		carry_out_watch(s, m, &a, &d);
	} else {
		int error = carry_out(s, m, &a, &doc, &d);

		/* it may have been answered by its ticket already */
		if (error != -EINPROGRESS && s->flight_ticket == ticket) {
			s->flight_ticket = 0;
			session_answer(s, m->id, error, doc, &d);
		}
	}
	session_leave_handler(s);
	arena_free(&a);
}
