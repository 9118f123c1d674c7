/* SPDX-License-Identifier: Apache-2.0 */
/* Watches of the NAMP server (docs/namp.md section 7): what changes goes to who asked for it, and what
 * does not fit is counted and stated. */
#include "namp/server_internal.h"

#include "base/xalloc.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool covers(const struct watch *w, const char *path, size_t len)
{
	if (w->path_len > len || memcmp(w->path, path, w->path_len) != 0)
		return false;
	return w->path_len == 0 || w->path_len == len || path[w->path_len] == '/';
}

static struct watch *watch_of(const struct session *s, uint64_t id)
{
	struct watch *w = s->watch_count > 0 ? s->server->watches : NULL;

	while (w && (w->session != s || w->id != id))
		w = w->next;
	return w;
}

static void unlink_watch(struct watch *w)
{
	if (w->prev)
		w->prev->next = w->next;
	else
		w->session->server->watches = w->next;
	if (w->next)
		w->next->prev = w->prev;
	w->session->watch_count--;
	w->session->watches_missing -= w->missed > 0;
	free(w);
}

int watch_begin(struct session *s, const struct object_request *q, uint64_t id, struct diag *d)
{
	struct namp_server *n = s->server;
	size_t len = strlen(q->path);

	if (!n->cfg.watch)
		return diag_set(d, -EOPNOTSUPP, "nothing can be watched here");
	if (watch_of(s, id))
		return diag_set(d, -EINVAL, "this id names a watch of the session already");
	if (s->watch_count >= NAMP_WATCHES_MAX)
		return diag_set(d, -EDQUOT, "a session has at most %u watches", NAMP_WATCHES_MAX);
	struct watch *w = try_calloc(1, sizeof(*w) + len + 1);

	if (!w)
		return diag_set(d, -ENOMEM, "out of memory");
	w->session = s;
	w->id = id;
	w->path_len = len;
	memcpy(w->path, q->path, len + 1);
	w->next = n->watches;
	if (w->next)
		w->next->prev = w;
	n->watches = w;
	s->watch_count++;
	int error = n->cfg.watch(n->cfg.ctx, &q->caller, q->path, id,
	                         doc_bool(q->body, "initial", false), d);

	if (error < 0)
		unlink_watch(w);
	return error;
}

int watch_end(struct session *s, uint64_t id, struct diag *d)
{
	struct watch *w = watch_of(s, id);

	if (!w)
		return diag_set(d, -ENOENT, "this session has no such watch");
	unlink_watch(w);
	return 0;
}

void watch_end_all(struct session *s)
{
	for (struct watch *w = s->server->watches, *next; w && s->watch_count > 0; w = next) {
		next = w->next;
		if (w->session == s)
			unlink_watch(w);
	}
}

/* --- events -------------------------------------------------------------------------------------- */

/* Whether it was queued. */
static bool put_event(struct watch *w, const char *path, unsigned code,
                      const struct namp_slice *body)
{
	struct namp_message m = {
		.kind = NAMP_EVENT,
		.code = (uint16_t)code,
		.id = w->id,
		.subject = { (const uint8_t *)path, strlen(path) },
		.body = *body,
	};

	if (session_put(w->session, &m) < 0)
		return false;
	w->session->server->counters.events_sent++;
	return true;
}

static void miss(struct watch *w, wall_t at)
{
	if (w->missed++ == 0) {
		w->missed_from = at;
		w->session->watches_missing++;
	}
	w->missed_to = at;
	w->session->events_missed++;
	w->session->server->counters.events_missed++;
}

static void state_missed(struct watch *w)
{
	struct arena a = { 0 };
	struct namp_slice octets = { 0 };
	struct doc *body;

	if (w->missed == 0)
		return;
	body = doc_new_map(&a);
	doc_add_int(&a, body, "missed", (int64_t)w->missed);
	doc_add_int(&a, body, "from_ns", w->missed_from.ns);
	doc_add_int(&a, body, "to_ns", w->missed_to.ns);
	if (doc_to_cbor(body, &a, &octets.data, &octets.len) == 0 &&
	    put_event(w, w->path, NAMP_MISSED, &octets)) {
		w->missed = 0;
		w->session->watches_missing--;
	}
	arena_free(&a);
}

void watch_state_missed(struct session *s)
{
	uint32_t left = s->watches_missing;

	for (struct watch *w = s->server->watches; w && left > 0; w = w->next) {
		if (w->session != s || w->missed == 0)
			continue;
		left--;
		state_missed(w);
	}
}

static void tell(struct watch *w, size_t waiting_max, const char *path, wall_t at, unsigned code,
                 const struct namp_slice *body)
{
	const struct session *s = w->session;

	if (s->held_bytes + frame_waiting(&s->out) + body->len > waiting_max) {
		miss(w, at);
		return;
	}
	state_missed(w);
	if (!put_event(w, path, code, body))
		miss(w, at);
}

/* The body of an event, encoded once for all who watch.  False: it cannot be sent. */
static bool encode_change(struct arena *a, wall_t at, const struct doc *object,
                          struct namp_slice *ret)
{
	struct doc *body = doc_new_map(a);

	doc_add_int(a, body, "at_ns", at.ns);
	if (object)
		doc_add_doc(a, body, "object", object);
	return doc_to_cbor(body, a, &ret->data, &ret->len) == 0;
}

bool namp_server_is_watched(const struct namp_server *n, const char *path)
{
	size_t len = strlen(path);

	for (const struct watch *w = n->watches; w; w = w->next) {
		if (covers(w, path, len))
			return true;
	}
	return false;
}

void namp_server_publish(struct namp_server *n, const char *path, wall_t at,
                         const struct doc *object)
{
	struct arena a = { 0 };
	struct namp_slice body = { 0 };
	size_t len = strlen(path);

	for (struct watch *w = n->watches; w; w = w->next) {
		if (!covers(w, path, len))
			continue;
		if (!body.data && !encode_change(&a, at, object, &body)) {
			miss(w, at);
			continue;
		}
		tell(w, EVENTS_WAITING_MAX, path, at, object ? NAMP_OK : NAMP_GONE, &body);
	}
	arena_free(&a);
}

void namp_server_publish_to(struct namp_server *n, uint64_t session, uint64_t id, const char *path,
                            wall_t at, const struct doc *object)
{
	struct session *s = session_find(n, session);
	struct watch *w = s ? watch_of(s, id) : NULL;
	struct arena a = { 0 };
	struct namp_slice body = { 0 };

	if (w && encode_change(&a, at, object, &body))
		tell(w, INITIAL_WAITING_MAX, path, at, object ? NAMP_OK : NAMP_GONE, &body);
	else if (w)
		miss(w, at);
	arena_free(&a);
}
