/* SPDX-License-Identifier: Apache-2.0 */
/* The serving side of NAMP streams: the whole of it; its parts are listed in server_internal.h. */
#include "namp/server_internal.h"

#include "base/xalloc.h"
#include "io/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define WRITING_TIMEOUT_DEFAULT_S 30u
/* Strangers are looked after between those who have greeted: after this many of them, or this time,
 * the loop looks whether a session has something to say.  One step of a handshake takes about 1 ms. */
#define STRANGERS_PER_LOOK 8
#define STRANGERS_LOOK_US  1000

mono_t server_now(void)
{
	return clock_system()->mono(clock_system());
}

wall_t server_wall(void)
{
	return clock_system()->wall(clock_system());
}

struct event_base *namp_server_base_new(void)
{
	static const struct timeval look = { .tv_usec = STRANGERS_LOOK_US };
	struct event_config *cfg = event_config_new();
	struct event_base *base = NULL;

	if (!cfg)
		return NULL;
	if (event_config_set_max_dispatch_interval(cfg, &look, STRANGERS_PER_LOOK,
	                                           PRIORITY_STRANGER) == 0)
		base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	if (base && event_base_priority_init(base, PRIORITIES) < 0) {
		event_base_free(base);
		base = NULL;
	}
	return base;
}

/* --- lists --------------------------------------------------------------------------------------- */

static struct session **bucket_of(struct namp_server *n, uint64_t number)
{
	return &n->buckets[number % SESSION_BUCKETS];
}

static void unlink_number(struct session *s)
{
	struct session **at = bucket_of(s->server, s->number);

	while (*at && *at != s)
		at = &(*at)->bucket_next;
	if (*at)
		*at = s->bucket_next;
}

static void leave_list(struct session *s)
{
	struct session_list *l = s->list;

	if (!l)
		return;
	*(s->prev ? &s->prev->next : &l->first) = s->next;
	*(s->next ? &s->next->prev : &l->last) = s->prev;
	l->count--;
	s->list = NULL;
	s->next = s->prev = NULL;
	if (l == &s->server->members)
		unlink_number(s);
}

void session_move(struct session *s, struct session_list *to)
{
	leave_list(s);
	if (!to)
		return;
	s->list = to;
	s->prev = to->last;
	*(to->last ? &to->last->next : &to->first) = s;
	to->last = s;
	to->count++;
	if (to == &s->server->members) {
		struct session **at = bucket_of(s->server, s->number);

		s->bucket_next = *at;
		*at = s;
	}
}

struct session *session_find(const struct namp_server *n, uint64_t number)
{
	struct session *s = n->buckets[number % SESSION_BUCKETS];

	while (s && s->number != number)
		s = s->bucket_next;
	return s;
}

static struct session *member_after(const struct namp_server *n, uint64_t number)
{
	struct session *s = n->members.first;

	while (s && s->number <= number)
		s = s->next;
	return s;
}

struct object_caller session_caller(const struct session *s)
{
	return (struct object_caller) {
		.role = s->role, .name = s->name, .origin = s->origin, .session = s->number
	};
}

/* --- the server ---------------------------------------------------------------------------------- */

static void set_default(uint32_t *limit, uint32_t value)
{
	if (*limit == 0)
		*limit = value;
}

void namp_server_set_limits(struct namp_server *n, const struct namp_limits *limits)
{
	struct namp_limits *l = &n->cfg.limits;

	*l = *limits;
	set_default(&l->sessions, 1024);
	set_default(&l->sessions_per_name, 128);
	set_default(&l->greeting, 256);
	set_default(&l->greeting_per_address, 32);
	set_default(&l->handshake_timeout_s, 5);
	set_default(&l->idle_timeout_s, 600);
}

struct namp_server *namp_server_new(struct event_base *base, const struct namp_server_cfg *cfg)
{
	static const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct namp_server *n = try_calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	(void)sigaction(SIGPIPE, &ignore, NULL); /* valid arguments */
	n->base = base;
	n->cfg = *cfg;
	set_default(&n->cfg.writing_timeout_s, WRITING_TIMEOUT_DEFAULT_S);
	namp_server_set_limits(n, &cfg->limits);
	return n;
}

static void close_all(struct session_list *list)
{
	while (list->first) {
		struct session *s = list->first;

		s->in_turn = true; /* it is freed here, not by its turn */
		session_end(s, NAMP_UNAVAILABLE, "the node is shutting down");
		session_flush(s);
		session_free(s); /* NOLINT(clang-analyzer-unix.Malloc): it has left its list */
	}
}

void namp_server_free(struct namp_server *n)
{
	if (!n)
		return;
	while (n->listeners)
		listener_drop(&n->listeners);
	close_all(&n->members);
	close_all(&n->strangers);
	close_all(&n->local_strangers);
	close_all(&n->leaving);
	tls_context_free(n->tls);
	free(n);
}

void namp_server_set_name(struct namp_server *n, const char *node_name)
{
	n->cfg.node_name = node_name;
}

int namp_server_listen_local(struct namp_server *n, int fd)
{
	return listener_add(n, fd, true);
}

int namp_server_listen_tls(struct namp_server *n, int fd)
{
	return listener_add(n, fd, false);
}

void namp_server_stop_tls(struct namp_server *n)
{
	struct listener **at = &n->listeners;

	while (*at) {
		if ((*at)->is_local)
			at = &(*at)->next;
		else
			listener_drop(at);
	}
}

void namp_server_set_tls(struct namp_server *n, struct tls_context *tls)
{
	tls_context_free(n->tls);
	n->tls = tls;
	n->tls_generation++;
}

/* --- checking again ------------------------------------------------------------------------------ */

bool session_proof_holds(const struct session *s)
{
	return s->is_local || tls_recheck(s->stream.tls, s->server->tls) == TLS_OK;
}

enum admin_role session_role(const struct session *s)
{
	const struct namp_server *n = s->server;

	return n->cfg.role_of(n->cfg.ctx, s->name, s->is_local, s->uid);
}

static void recheck(struct session *s)
{
	enum admin_role role = session_role(s);
	bool is_withdrawn = role == ROLE_NONE && s->role != ROLE_NONE;

	if (!is_withdrawn && session_proof_holds(s)) {
		s->role = role;
		return;
	}
	s->server->counters.closed_revoked++;
	session_end(s, NAMP_FORBIDDEN,
	            is_withdrawn ? "your role was withdrawn"
	                         : "your certificate or key is no longer accepted");
}

void namp_server_recheck(struct namp_server *n)
{
	struct session *s = n->members.first;

	while (s) {
		uint64_t number = s->number;
		struct session *next = s->next;

		recheck(s); /* its end may be the end of others */
		s = next && next->list == &n->members ? next : member_after(n, number);
	}
}

bool namp_server_finish(struct namp_server *n, uint64_t ticket, int error, const struct doc *doc,
                        const struct diag *d)
{
	struct session *s = session_find(n, ticket >> TICKET_SERIAL_BITS);

	if (ticket == 0 || !s || s->flight_ticket != ticket)
		return false;
	s->flight_ticket = 0;
	s->last_message = server_now();
	session_answer(s, s->flight_id, error, doc, d);
	return true;
}

/* --- looking and closing ------------------------------------------------------------------------- */

const struct namp_server_counters *namp_server_counters(const struct namp_server *n)
{
	return &n->counters;
}

uint32_t namp_server_session_count(const struct namp_server *n)
{
	return n->members.count;
}

static struct namp_session_view view_of(const struct session *s)
{
	struct namp_session_view v = {
		.caller = session_caller(s),
		.is_local = s->is_local,
		.used_key = s->stream.tls && tls_peer_used_key(s->stream.tls),
		.is_greeted = true,
		.since = s->since,
		.last_message = s->last_message,
		.requests = s->requests,
		.events_missed = s->events_missed,
		.watches = s->watch_count,
		.minor = s->minor,
	};

	memcpy(v.software, s->software, sizeof(v.software));
	return v;
}

uint32_t namp_server_sessions(const struct namp_server *n, uint64_t after, uint32_t max,
                              struct namp_session_view *ret)
{
	uint32_t filled = 0;

	for (const struct session *s = member_after(n, after); s && filled < max; s = s->next)
		ret[filled++] = view_of(s);
	return filled;
}

int namp_server_close_session(struct namp_server *n, uint64_t session)
{
	struct session *s = session_find(n, session);

	if (!s)
		return -ENOENT;
	n->counters.closed_by_administrator++;
	session_end(s, NAMP_FORBIDDEN, "an administrator has closed the session");
	return 0;
}
