/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners, identity, limits, counters and sessions as documents. */
#include "namp/namp_object.h"

static const struct object_row listener_rows[] = {
	OBJECT_ROW(OT_BOOL, OU_NONE, "enabled", struct namp_listener, enabled),
	OBJECT_ROW(OT_BOOL, OU_NONE, "open", struct namp_listener, is_open),
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct namp_listener, address),
	OBJECT_ROW(OT_U16, OU_NONE, "port", struct namp_listener, port),
	OBJECT_ROW(OT_CHARS, OU_NONE, "error", struct namp_listener, error),
	{ 0 },
};

static const struct object_row identity_rows[] = {
	OBJECT_ROW(OT_BOOL, OU_NONE, "certificate", struct namp_identity, has_certificate),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "certificate_ends_at_ns", struct namp_identity, cert_ends),
	OBJECT_ROW(OT_BOOL, OU_NONE, "crl", struct namp_identity, has_crl),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "crl_ends_at_ns", struct namp_identity, crl_ends),
	OBJECT_ROW(OT_U32, OU_COUNT, "pre_shared_keys", struct namp_identity, keys),
	OBJECT_ROW(OT_CHARS, OU_NONE, "error", struct namp_identity, error),
	{ 0 },
};

#define LIMIT(u, key, member) OBJECT_ROW(OT_U32, u, key, struct namp_limits, member)

static const struct object_row limit_rows[] = {
	LIMIT(OU_COUNT, "sessions", sessions),
	LIMIT(OU_COUNT, "sessions_per_name", sessions_per_name),
	LIMIT(OU_COUNT, "greeting", greeting),
	LIMIT(OU_COUNT, "greeting_per_address", greeting_per_address),
	LIMIT(OU_S, "handshake_timeout_s", handshake_timeout_s),
	LIMIT(OU_S, "idle_timeout_s", idle_timeout_s),
	LIMIT(OU_COUNT, "log_kib", log_kib),
	{ 0 },
};

/* Failed handshakes by reason. */
static void get_failures(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct namp_server_counters *c = object;
	struct doc *map = doc_add_map(a, to, row->name);

	for (unsigned f = TLS_OK + 1; f < TLS_FAILURES; f++)
		object_add_u64(a, map, tls_failure_name((enum tls_failure)f),
		               c->handshake_failures[f]);
}

#define COUNTER(key, member) OBJECT_ROW(OT_U64, OU_COUNT, key, struct namp_server_counters, member)

const struct object_row namp_counter_rows[] = {
	COUNTER("accepted", accepted),
	COUNTER("refused_greeting", refused_greeting),
	COUNTER("refused_greeting_address", refused_greeting_address),
	COUNTER("handshake_timeouts", handshake_timeouts),
	COUNTER("greeting_timeouts", greeting_timeouts),
	OBJECT_CUSTOM_ROW(OU_NONE, "handshake_failures", get_failures),
	COUNTER("sessions", sessions),
	COUNTER("refused_sessions", refused_sessions),
	COUNTER("refused_sessions_name", refused_sessions_name),
	COUNTER("evicted", evicted),
	COUNTER("malformed", malformed),
	COUNTER("oversize", oversize),
	COUNTER("bad_version", bad_version),
	COUNTER("unexpected_kind", unexpected_kind),
	COUNTER("requests", requests),
	COUNTER("requests_refused", requests_refused),
	COUNTER("closed_idle", closed_idle),
	COUNTER("closed_slow", closed_slow),
	COUNTER("closed_revoked", closed_revoked),
	COUNTER("closed_by_administrator", closed_by_administrator),
	COUNTER("events_sent", events_sent),
	COUNTER("events_missed", events_missed),
	{ 0 },
};

static const struct object_row view_rows[] = {
	OBJECT_PART_ROW("tcp", struct namp_view, tcp, listener_rows),
	OBJECT_PART_ROW("udp", struct namp_view, udp, listener_rows),
	OBJECT_PART_ROW("identity", struct namp_view, identity, identity_rows),
	OBJECT_ROW(OT_U32, OU_COUNT, "sessions", struct namp_view, sessions),
	OBJECT_PART_ROW("limits", struct namp_view, limits, limit_rows),
	OBJECT_PART_ROW("counters", struct namp_view, counters, namp_counter_rows),
	{ 0 },
};

void namp_fill(const struct namp_view *view, struct arena *a, struct doc *to)
{
	object_fill(view_rows, view, a, to);
}

static const struct object_row session_rows[] = {
	OBJECT_ROW(OT_U64, OU_NONE, "number", struct namp_session_view, caller.session),
	OBJECT_ROW(OT_TEXT, OU_NONE, "name", struct namp_session_view, caller.name),
	OBJECT_ROW(OT_TEXT, OU_NONE, "origin", struct namp_session_view, caller.origin),
	OBJECT_ROW(OT_BOOL, OU_NONE, "local", struct namp_session_view, is_local),
	OBJECT_ROW(OT_BOOL, OU_NONE, "pre_shared_key", struct namp_session_view, used_key),
	OBJECT_ROW(OT_BOOL, OU_NONE, "greeted", struct namp_session_view, is_greeted),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "since_at_ns", struct namp_session_view, since),
	OBJECT_ROW(OT_U64, OU_COUNT, "requests", struct namp_session_view, requests),
	OBJECT_ROW(OT_U32, OU_COUNT, "watches", struct namp_session_view, watches),
	OBJECT_ROW(OT_U64, OU_COUNT, "events_missed", struct namp_session_view, events_missed),
	OBJECT_ROW(OT_CHARS, OU_NONE, "software", struct namp_session_view, software),
	OBJECT_ROW(OT_U16, OU_NONE, "minor_version", struct namp_session_view, minor),
	{ 0 },
};

void namp_session_fill(const struct namp_session_view *s, mono_t now, struct arena *a,
                       struct doc *to)
{
	object_fill(session_rows, s, a, to);
	doc_add_text(a, to, "role", role_name((uint8_t)s->caller.role));
	doc_add_int(a, to, "idle_ns", mono_diff_ns(now, s->last_message));
}

void namp_closed_fill(uint64_t number, struct arena *a, struct doc *to)
{
	object_add_u64(a, to, "closed", number);
}
