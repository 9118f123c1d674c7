/* SPDX-License-Identifier: Apache-2.0 */
/* Events that a NAMP client has received and its owner has not taken yet. */
#include "namp/client_internal.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "namp/codes.h"

#include <stdlib.h>
#include <string.h>

static struct client_event *pop(struct client_events *e)
{
	struct client_event *event = e->first;

	e->first = event->next;
	if (!e->first)
		e->last = NULL;
	e->count--;
	return event;
}

/* Body and path of a whole event; false: not a document. */
static bool read_event(const struct client_event *event, struct arena *a, struct namp_event *ret)
{
	struct namp_message m;

	if (namp_decode(event->octets, event->len, &m) < 0 ||
	    client_read_document(&m.body, a, &ret->body) < 0)
		return false;
	char *path = arena_strndup(a, (const char *)m.subject.data, m.subject.len);

	utf8_make_plain(path, "");
	ret->watch = m.id;
	ret->code = m.code;
	ret->path = path;
	return true;
}

/* The oldest event goes and is counted for its watch. */
static void drop_oldest(struct client_events *e)
{
	struct client_event *event = pop(e);
	struct arena a = { 0 };
	struct namp_event content = { 0 };
	int64_t at_ns = read_event(event, &a, &content) ? doc_int(content.body, "at_ns", 0) : 0;

	for (size_t i = 0; i < ARRAY_LEN(e->missed); i++) {
		struct client_missed *m = &e->missed[i];

		if (m->watch != 0 && m->watch != event->watch)
			continue;
		if (m->count == 0)
			*m = (struct client_missed) { .watch = event->watch, .from_ns = at_ns };
		m->count += content.code == NAMP_MISSED ? doc_int(content.body, "missed", 1) : 1;
		m->to_ns = at_ns;
		break;
	}
	arena_free(&a);
	free(event);
}

void client_events_put(struct client_events *e, const struct namp_slice *octets, uint64_t watch)
{
	struct client_event *event = try_calloc(1, sizeof(*event) + octets->len);

	if (e->count >= CLIENT_EVENTS_MAX)
		drop_oldest(e);
	if (!event)
		return; /* the node may send a MiB: no reason to end the program */
	event->next = NULL;
	event->watch = watch;
	event->len = octets->len;
	memcpy(event->octets, octets->data, octets->len);
	*(e->last ? e->last : &e->first) = event;
	e->last = &event->next;
	e->count++;
}

static bool take_missed(struct client_events *e, struct arena *a, struct namp_event *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(e->missed); i++) {
		struct client_missed *m = &e->missed[i];

		if (m->watch == 0)
			continue;
		*ret = (struct namp_event) {
			.watch = m->watch, .code = NAMP_MISSED, .path = "", .body = doc_new_map(a)
		};
		doc_add_int(a, ret->body, "missed", m->count);
		doc_add_int(a, ret->body, "from_ns", m->from_ns);
		doc_add_int(a, ret->body, "to_ns", m->to_ns);
		*m = (struct client_missed) { 0 };
		return true;
	}
	return false;
}

bool client_events_take(struct client_events *e, struct arena *a, struct namp_event *ret)
{
	if (take_missed(e, a, ret))
		return true;
	while (e->first) {
		struct client_event *event = pop(e);
		bool is_read = read_event(event, a, ret);

		free(event);
		if (is_read)
			return true;
	}
	return false;
}

bool client_events_any(const struct client_events *e)
{
	for (size_t i = 0; i < ARRAY_LEN(e->missed); i++) {
		if (e->missed[i].watch)
			return true;
	}
	return e->first != NULL;
}

void client_events_fini(struct client_events *e)
{
	while (e->first)
		free(pop(e));
}
