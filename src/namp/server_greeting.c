/* SPDX-License-Identifier: Apache-2.0 */
/* Hello: whom the NAMP server lets in. */
#include "namp/server_internal.h"

#include "base/utf8.h"
#include "object/doc_cbor.h"

#include <string.h>

/* Both parts of [major, minor]; false: there are none. */
static bool read_version(const struct doc *body, int64_t *ret_major, int64_t *ret_minor)
{
	const struct doc *version = doc_get(body, "version");
	const struct doc_member *major = doc_first(version);

	if (!version || version->kind != DOC_LIST || version->count < 2)
		return false;
	const struct doc_member *minor = major->next;

	if (major->value.kind != DOC_INT || minor->value.kind != DOC_INT)
		return false;
	*ret_major = major->value.integer;
	*ret_minor = minor->value.integer;
	return true;
}

static uint32_t sessions_of(const struct namp_server *n, const char *name)
{
	uint32_t count = 0;

	for (const struct session *s = n->members.first; s; s = s->next)
		count += strcmp(s->name, name) == 0;
	return count;
}

static bool evict_viewer(struct namp_server *n)
{
	struct session *idle = NULL;

	for (struct session *s = n->members.first; s; s = s->next) {
		if (s->role <= ROLE_VIEWER &&
		    (!idle || mono_diff_ns(s->last_message, idle->last_message) < 0))
			idle = s;
	}
	if (!idle)
		return false;
	n->counters.evicted++;
	session_end(idle, NAMP_TOO_MANY, "an administrator needed the place");
	return true;
}

/* NULL: there is room; else why not. */
static const char *find_room(struct session *s)
{
	struct namp_server *n = s->server;
	const struct namp_limits *l = &n->cfg.limits;

	if (n->members.count >= l->sessions_per_name &&
	    sessions_of(n, s->name) >= l->sessions_per_name) {
		n->counters.refused_sessions_name++;
		return "there are too many sessions of this name";
	}
	if (n->members.count < l->sessions || (s->role == ROLE_ADMINISTRATOR && evict_viewer(n)))
		return NULL;
	n->counters.refused_sessions++;
	return "there are too many sessions";
}

static const char *name_of_role(enum admin_role role)
{
	return role_name((uint8_t)role);
}

static void put_hello(struct session *s)
{
	const struct namp_server_cfg *cfg = &s->server->cfg;
	struct namp_message m = { .kind = NAMP_HELLO };
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a);
	struct doc *version = doc_add_list(&a, body, "version");

	doc_add_int(&a, version, NULL, NAMP_VERSION);
	doc_add_int(&a, version, NULL, NAMP_MINOR);
	doc_add_text(&a, body, "software", cfg->software);
	doc_add_text(&a, body, "name", cfg->node_name);
	struct doc *limits = doc_add_map(&a, body, "limits");

	doc_add_int(&a, limits, "message_bytes", NAMP_MESSAGE_MAX);
	doc_add_int(&a, limits, "watches", NAMP_WATCHES_MAX);
	doc_add_int(&a, body, "session", (int64_t)s->number);
	doc_add_text(&a, body, "identity", s->name);
	doc_add_text(&a, body, "origin", s->origin);
	doc_add_text(&a, body, "role", name_of_role(s->role));
	if (doc_to_cbor(body, &a, &m.body.data, &m.body.len) < 0 || session_put(s, &m) < 0)
		session_end(s, NAMP_FAULT, "the node's hello cannot be encoded");
	arena_free(&a);
}

static void admit(struct session *s)
{
	struct namp_server *n = s->server;
	struct object_caller caller;

	if (s->tls_generation != n->tls_generation && !session_proof_holds(s)) {
		n->counters.closed_revoked++;
		session_end(s, NAMP_FORBIDDEN, "your certificate or key is no longer accepted");
		return;
	}
	s->role = session_role(s);
	const char *refusal = find_room(s);

	if (refusal) {
		session_end(s, NAMP_TOO_MANY, refusal);
		return;
	}
	session_admit(s);
	put_hello(s);
	caller = session_caller(s);
	session_enter_handler(s);
	if (n->cfg.session_began)
		n->cfg.session_began(n->cfg.ctx, &caller);
	session_leave_handler(s);
}

void session_greet(struct session *s, const struct namp_message *hello)
{
	struct namp_server_counters *c = &s->server->counters;
	struct arena a = { 0 };
	struct doc *body = NULL;
	int64_t major, minor;

	if (doc_parse_cbor(&a, hello->body.data, hello->body.len, &body, NULL) < 0 ||
	    !read_version(body, &major, &minor)) {
		c->malformed++;
		session_end(s, NAMP_BAD, "the hello names no version");
	} else if (major != NAMP_VERSION) {
		c->bad_version++;
		session_end(s, NAMP_BAD_VERSION, "this node speaks version 1");
	} else {
		s->minor = minor >= 0 && minor <= UINT16_MAX ? (uint16_t)minor : UINT16_MAX;
		utf8_copy_plain(s->software, sizeof(s->software), doc_text(body, "software", ""));
		admit(s);
	}
	arena_free(&a);
}
