/* SPDX-License-Identifier: Apache-2.0 */
/* The responder as an object. */
#include "object/names.h"
#include "object/node_object.h"
#include "object/result_object.h"

static void get_by_status(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	/* RFC 6812 section 3.1.1, and the codes of version 1 that mean the same. */
	static const char *const names[RESPONDER_STATUS_COUNT] = {
		"success", "failure", "authentication_failure", "format_error", "port_in_use",
	};
	const struct responder_counters *c = object;
	struct doc *map = doc_add_map(a, to, row->name);

	for (unsigned i = 0; i < RESPONDER_STATUS_COUNT; i++)
		object_add_u64(a, map, names[i], c->control_by_status[i]);
}

static void get_drops(const void *object, const struct object_row *row, struct arena *a,
                      struct doc *to)
{
	const struct responder_counters *c = object;
	struct doc *map = doc_add_map(a, to, row->name);

	for (unsigned i = 0; i < DROP_COUNT; i++)
		object_add_u64(a, map, responder_drop_name((enum responder_drop)i), c->drops[i]);
}

#define COUNTER(key, member) OBJECT_ROW(OT_U64, OU_COUNT, key, struct responder_counters, member)

static const struct object_row counter_rows[] = {
	COUNTER("control_requests", control_requests),
	COUNTER("control_v1", control_by_version[1]),
	COUNTER("control_v2", control_by_version[2]),
	COUNTER("control_tcp", control_tcp),
	COUNTER("control_sctp", control_sctp),
	OBJECT_CUSTOM_ROW(OU_COUNT, "control_by_status", get_by_status),
	COUNTER("probes_answered", probes_answered),
	OBJECT_ROW(OT_U64, OU_BYTES, "in_bytes", struct responder_counters, bytes_in),
	OBJECT_ROW(OT_U64, OU_BYTES, "out_bytes", struct responder_counters, bytes_out),
	COUNTER("tcp_accepted", tcp_accepted),
	COUNTER("sessions_opened", sessions_opened),
	COUNTER("sessions_expired", sessions_expired),
	COUNTER("sessions_evicted", sessions_evicted),
	COUNTER("sessions_rearmed", sessions_rearmed),
	COUNTER("refused_table_full", refused_table_full),
	COUNTER("refused_source_limit", refused_source_limit),
	COUNTER("refused_port", refused_port),
	COUNTER("refused_replay", refused_replay),
	OBJECT_ROW(OT_I64, OU_NS, "t3_late_max_ns", struct responder_counters, t3_late_max_ns),
	OBJECT_CUSTOM_ROW(OU_COUNT, "drops", get_drops),
	{ 0 },
};

static const struct object_row recent_rows[] = {
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct responder_recent, addr),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "at_ns", struct responder_recent, at),
	OBJECT_ROW(OT_U8, OU_NONE, "status", struct responder_recent, status),
	{ 0 },
};

static const struct object_row permanent_rows[] = {
	OBJECT_NAME_ROW("kind", struct permanent_port, kind, name_of_permanent),
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct permanent_port, addr),
	OBJECT_ROW(OT_U16, OU_NONE, "port", struct permanent_port, port),
	OBJECT_ROW(OT_CHARS, OU_NONE, "vrf", struct permanent_port, vrf_name),
	{ 0 },
};

static const struct object_row config_rows[] = {
	OBJECT_ROW(OT_U16, OU_NONE, "control_v1_port", struct responder_cfg, v1_port),
	OBJECT_ROW(OT_U16, OU_NONE, "control_v2_port", struct responder_cfg, v2_port),
	OBJECT_ROW(OT_BOOL, OU_NONE, "control_over_tcp", struct responder_cfg, control_tcp),
	OBJECT_ROW(OT_BOOL, OU_NONE, "control_over_sctp", struct responder_cfg, control_sctp),
	OBJECT_ROW(OT_BOOL, OU_NONE, "access_list", struct responder_cfg, has_access_list),
	OBJECT_ROW(OT_BOOL, OU_NONE, "key_chain", struct responder_cfg, has_keychain),
	{ 0 },
};

static const struct object_row status_rows[] = {
	OBJECT_ROW(OT_BOOL, OU_NONE, "enabled", struct responder_status, enabled),
	OBJECT_ROW(OT_U32, OU_COUNT, "sessions", struct responder_status, sessions),
	OBJECT_ROW(OT_U32, OU_COUNT, "sessions_max", struct responder_status, sessions_max),
	OBJECT_ROW(OT_U32, OU_COUNT, "ports_open", struct responder_status, ports_open),
	OBJECT_PART_ROW("counters", struct responder_status, counters, counter_rows),
	{ 0 },
};

static const struct object_row session_rows[] = {
	OBJECT_ROW(OT_ADDR, OU_NONE, "source_address", struct responder_session_view, source),
	OBJECT_ROW(OT_U16, OU_NONE, "source_port", struct responder_session_view, source_port),
	OBJECT_ROW(OT_ADDR, OU_NONE, "local_address", struct responder_session_view, local),
	OBJECT_ROW(OT_U16, OU_NONE, "port", struct responder_session_view, port),
	OBJECT_ROW(OT_U8, OU_NONE, "version", struct responder_session_view, version),
	OBJECT_ROW(OT_U8, OU_NONE, "command", struct responder_session_view, command),
	OBJECT_ROW(OT_U32, OU_NONE, "session_id", struct responder_session_view, session_id),
	OBJECT_ROW(OT_BOOL, OU_NONE, "protected", struct responder_session_view, protected_source),
	OBJECT_ROW(OT_U64, OU_COUNT, "probes", struct responder_session_view, probes),
	OBJECT_ROW(OT_I64, OU_NS, "age_ns", struct responder_session_view, age_ns),
	OBJECT_ROW(OT_I64, OU_NS, "left_ns", struct responder_session_view, left_ns),
	{ 0 },
};

static void add_recent(const struct responder_recent *recent, const char *key, struct arena *a,
                       struct doc *to)
{
	struct doc *list = doc_add_list(a, to, key);

	for (unsigned i = 0; i < RESPONDER_RECENT; i++) {
		if (recent[i].addr.family != INET_NONE)
			object_fill(recent_rows, &recent[i], a, doc_add_map(a, list, NULL));
	}
}

void session_fill(const struct responder_session_view *s, struct arena *a, struct doc *to)
{
	object_fill(session_rows, s, a, to);
}

void responder_fill(const struct node_view *node, struct arena *a, struct doc *to)
{
	static const struct responder_status nothing;
	const struct responder_status *status = node->responder ? node->responder : &nothing;

	object_fill(status_rows, status, a, to);
	add_recent(status->recent, "recent", a, to);
	add_recent(status->recent_errors, "recent_errors", a, to);
	struct doc *permanent = doc_add_list(a, to, "permanent");

	if (node->config) {
		const struct responder_cfg *cfg = &node->config->responder;

		for (uint32_t i = 0; i < cfg->permanent_count; i++)
			object_fill(permanent_rows, &cfg->permanent[i], a,
			            doc_add_map(a, permanent, NULL));
		object_fill(config_rows, cfg, a, doc_add_map(a, to, "settings"));
	} else {
		doc_add_null(a, to, "settings");
	}
	object_fill(clock_grade_rows, &node->clock, a, doc_add_map(a, to, "clock"));
	doc_add_int(a, to, "now_ns", node->now.ns);
}
