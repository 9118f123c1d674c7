/* SPDX-License-Identifier: Apache-2.0 */
/* Operations as objects: how they are configured, how they fare. */
#include "object/names.h"
#include "object/node_object.h"
#include "object/result_object.h"
#include "probe/probe.h"

/* --- configuration -------------------------------------------------------------------------- */

static void add_text_or_null(const char *text, const struct object_row *row, struct arena *a,
                             struct doc *to)
{
	if (text)
		doc_add_text(a, to, row->name, text);
	else
		doc_add_null(a, to, row->name);
}

static void get_method(const void *object, const struct object_row *row, struct arena *a,
                       struct doc *to)
{
	const struct op_params *p = object;
	const char *const *methods = probe_types[p->type]->methods;

	add_text_or_null(methods ? methods[p->method] : NULL, row, a, to);
}

const struct object_row op_params_rows[] = {
	OBJECT_ROW(OT_ADDR, OU_NONE, "target_address", struct op_params, target),
	OBJECT_ROW(OT_U16, OU_NONE, "target_port", struct op_params, target_port),
	OBJECT_ROW(OT_ADDR, OU_NONE, "source_address", struct op_params, source),
	OBJECT_ROW(OT_U16, OU_NONE, "source_port", struct op_params, source_port),
	OBJECT_NAME_ROW("control", struct op_params, control, name_of_control),
	OBJECT_ROW(OT_U16, OU_NONE, "control_port", struct op_params, control_port),
	OBJECT_ROW(OT_U8, OU_COUNT, "control_retries", struct op_params, control_retry),
	OBJECT_ROW(OT_U32, OU_MS, "control_timeout_ms", struct op_params, control_timeout_ms),
	OBJECT_NAME_ROW("auth_mode", struct op_params, auth_mode, name_of_auth_mode),
	OBJECT_ROW(OT_U16, OU_NONE, "auth_key_id", struct op_params, auth_key_id),
	OBJECT_ROW(OT_U32, OU_S, "frequency_s", struct op_params, frequency_s),
	OBJECT_ROW(OT_U32, OU_MS, "timeout_ms", struct op_params, timeout_ms),
	OBJECT_ROW(OT_U32, OU_MS, "threshold_ms", struct op_params, threshold_ms),
	OBJECT_ROW(OT_U8, OU_NONE, "tos", struct op_params, tos),
	OBJECT_ROW(OT_U32, OU_BYTES, "request_size_bytes", struct op_params, request_size),
	OBJECT_ROW(OT_U32, OU_NONE, "data_pattern", struct op_params, data_pattern),
	OBJECT_ROW(OT_BOOL, OU_NONE, "verify_data", struct op_params, verify_data),
	OBJECT_ROW(OT_U32, OU_COUNT, "num_packets", struct op_params, num_packets),
	OBJECT_ROW(OT_U32, OU_MS, "interval_ms", struct op_params, interval_ms),
	OBJECT_NAME_ROW("codec", struct op_params, codec, name_of_codec),
	OBJECT_ROW(OT_U8, OU_NONE, "advantage_factor", struct op_params, advantage_factor),
	OBJECT_NAME_ROW("precision", struct op_params, precision, name_of_precision),
	OBJECT_ROW(OT_TEXT, OU_NONE, "circuit_id", struct op_params, text.at[OP_TEXT_CIRCUIT_ID]),
	OBJECT_ROW(OT_TEXT, OU_NONE, "remote_id", struct op_params, text.at[OP_TEXT_REMOTE_ID]),
	{ .name = "method",
	  .type = OT_CUSTOM,
	  .offset = offsetof(struct op_params, method),
	  .get = get_method },
	OBJECT_ROW(OT_ADDR, OU_NONE, "name_server", struct op_params, name_server),
	OBJECT_NAME_ROW("http_version", struct op_params, http_version, name_of_http_version),
	OBJECT_NAME_ROW("cache", struct op_params, no_cache, name_of_enabled),
	OBJECT_ROW(OT_TEXT, OU_NONE, "proxy", struct op_params, text.at[OP_TEXT_PROXY]),
	OBJECT_ROW(OT_TEXT, OU_NONE, "raw_request", struct op_params, text.at[OP_TEXT_RAW_REQUEST]),
	OBJECT_ROW(OT_BOOL, OU_NONE, "status_ignored", struct op_params, ignore_status),
	OBJECT_NAME_ROW("tls_verify", struct op_params, tls_no_verify, name_of_enabled),
	OBJECT_NAME_ROW("ftp_mode", struct op_params, ftp_active, name_of_ftp_mode),
	OBJECT_ROW(OT_TEXT, OU_NONE, "name", struct op_params, text.at[OP_TEXT_NAME]),
	OBJECT_ROW(OT_TEXT, OU_NONE, "endpoints", struct op_params, text.at[OP_TEXT_ENDPOINTS]),
	OBJECT_ROW(OT_BOOL, OU_NONE, "ssm", struct op_params, ssm),
	OBJECT_ROW(OT_U8, OU_COUNT, "tree_init", struct op_params, tree_init),
	OBJECT_ROW(OT_U16, OU_NONE, "mpid", struct op_params, mpid),
	OBJECT_ROW(OT_TEXT, OU_NONE, "domain", struct op_params, text.at[OP_TEXT_DOMAIN]),
	OBJECT_ROW(OT_U16, OU_NONE, "vlan", struct op_params, vlan),
	OBJECT_ROW(OT_BOOL, OU_NONE, "untagged", struct op_params, untagged),
	OBJECT_ROW(OT_U8, OU_NONE, "level", struct op_params, level),
	OBJECT_ROW(OT_TEXT, OU_NONE, "remote_mac", struct op_params, text.at[OP_TEXT_REMOTE_MAC]),
	OBJECT_NAME_ROW("query_type", struct op_params, dns_type, name_of_dns_type),
	OBJECT_NAME_ROW("discovery", struct op_params, discovery, name_of_discovery),
	OBJECT_ROW(OT_U8, OU_COUNT, "hops_max", struct op_params, hops_max),
	OBJECT_ROW(OT_BOOL, OU_NONE, "target_only", struct op_params, target_only),
	OBJECT_NAME_ROW("transport", struct op_params, dns_transport, name_of_dns_transport),
	OBJECT_NAME_ROW("peer_clock", struct op_params, peer_clock, name_of_peer_clock),
	OBJECT_ROW(OT_TEXT, OU_NONE, "vrf", struct op_params, text.at[OP_TEXT_VRF]),
	OBJECT_ROW(OT_TEXT, OU_NONE, "source_interface", struct op_params,
	           text.at[OP_TEXT_INTERFACE]),
	OBJECT_ROW(OT_U32, OU_NONE, "mark", struct op_params, mark),
	OBJECT_ROW(OT_U32, OU_NONE, "flow_label", struct op_params, flow_label),
	OBJECT_ROW(OT_BOOL, OU_NONE, "df_bit", struct op_params, no_fragments),
	OBJECT_NAME_ROW("packet_priority", struct op_params, packet_priority, name_of_priority),
	OBJECT_ROW(OT_U8, OU_NONE, "percentile_rtt", struct op_params, percentile[PERCENTILE_RTT]),
	OBJECT_ROW(OT_U8, OU_NONE, "percentile_oneway_sd", struct op_params,
	           percentile[PERCENTILE_ONEWAY_SD]),
	OBJECT_ROW(OT_U8, OU_NONE, "percentile_oneway_ds", struct op_params,
	           percentile[PERCENTILE_ONEWAY_DS]),
	OBJECT_ROW(OT_U8, OU_NONE, "percentile_jitter_sd", struct op_params,
	           percentile[PERCENTILE_JITTER_SD]),
	OBJECT_ROW(OT_U8, OU_NONE, "percentile_jitter_ds", struct op_params,
	           percentile[PERCENTILE_JITTER_DS]),
	OBJECT_ROW(OT_U8, OU_NONE, "percentile_jitter", struct op_params,
	           percentile[PERCENTILE_JITTER_AVG]),
	OBJECT_ROW(OT_U32, OU_NONE, "clock_tolerance_us", struct op_params, tolerance_us),
	OBJECT_ROW(OT_U8, OU_NONE, "clock_tolerance_percent", struct op_params, tolerance_percent),
	{ 0 },
};

static void get_life(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct op_schedule *s = object;

	if (s->life_s == SLA_LIFE_FOREVER)
		doc_add_null(a, to, row->name);
	else
		doc_add_int(a, to, row->name, s->life_s);
}

/* What only members of groups have: null for others. */
static void get_of_group(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct op_schedule *s = object;
	const uint32_t *value =
	        (const uint32_t *)(const void *)((const char *)object + row->offset);

	if (s->group == 0)
		doc_add_null(a, to, row->name);
	else
		doc_add_int(a, to, row->name, *value);
}

#define GROUP_ROW(unit_, key, member)                                               \
	{                                                                           \
		.name = (key), .type = OT_CUSTOM, .unit = (unit_),                  \
		.offset = offsetof(struct op_schedule, member), .get = get_of_group \
	}

/* What a group and an operation by itself have. */
#define WHEN_ROWS                                                                           \
	OBJECT_NAME_ROW("start", struct op_schedule, start, name_of_start),                 \
	        OBJECT_ROW(OT_U32, OU_S, "start_s", struct op_schedule, start_s),           \
	        OBJECT_ROW(OT_U8, OU_NONE, "start_day", struct op_schedule, start_day),     \
	        OBJECT_ROW(OT_U8, OU_NONE, "start_month", struct op_schedule, start_month), \
	        OBJECT_ROW(OT_U32, OU_MS, "random_ms", struct op_schedule, random_ms),      \
	        OBJECT_CUSTOM_ROW(OU_S, "life_s", get_life),                                \
	        OBJECT_ROW(OT_U32, OU_S, "ageout_s", struct op_schedule, ageout_s)

static const struct object_row when_rows[] = {
	WHEN_ROWS,
	{ 0 },
};

static const struct object_row stats_conf_object_rows[] = {
	OBJECT_ROW(OT_U8, OU_COUNT, "hours_kept", struct stats_conf, hours),
	OBJECT_ROW(OT_U8, OU_COUNT, "distributions_kept", struct stats_conf, distributions),
	OBJECT_ROW(OT_U8, OU_MS, "distribution_interval_ms", struct stats_conf, interval_ms),
	OBJECT_ROW(OT_U8, OU_COUNT, "lives_kept", struct stats_conf, lives),
	OBJECT_ROW(OT_U8, OU_COUNT, "buckets_kept", struct stats_conf, buckets),
	OBJECT_NAME_ROW("filter", struct stats_conf, filter, name_of_history_filter),
	OBJECT_ROW(OT_U8, OU_COUNT, "samples_kept", struct stats_conf, samples),
	OBJECT_ROW(OT_U8, OU_COUNT, "paths_kept", struct stats_conf, paths),
	OBJECT_ROW(OT_U8, OU_COUNT, "hops_kept", struct stats_conf, hops),
	OBJECT_ROW(OT_U8, OU_COUNT, "enhanced_buckets", struct stats_conf, enhanced_buckets),
	OBJECT_ROW(OT_U16, OU_S, "enhanced_interval_s", struct stats_conf, enhanced_s),
	{ 0 },
};

static const struct object_row schedule_rows[] = {
	OBJECT_ROW(OT_BOOL, OU_NONE, "scheduled", struct op_schedule, scheduled),
	WHEN_ROWS,
	OBJECT_ROW(OT_BOOL, OU_NONE, "recurring", struct op_schedule, recurring),
	GROUP_ROW(OU_NONE, "group", group),
	GROUP_ROW(OU_MS, "group_offset_ms", offset_ms),
	GROUP_ROW(OU_S, "group_frequency_s", frequency_s),
	GROUP_ROW(OU_S, "group_frequency_max_s", frequency_max_s),
	{ 0 },
};

void schedule_when_fill(const struct op_schedule *s, struct arena *a, struct doc *to)
{
	object_fill(when_rows, s, a, to);
}

static void get_conf_type(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct op_conf *c = object;

	doc_add_text(a, to, row->name, name_of_type(c->params.type));
}

static const struct object_row conf_rows[] = {
	OBJECT_ROW(OT_U32, OU_NONE, "number", struct op_conf, number),
	OBJECT_CUSTOM_ROW(OU_NONE, "type", get_conf_type),
	OBJECT_ROW(OT_TEXT, OU_NONE, "target", struct op_conf, target),
	OBJECT_ROW(OT_TEXT, OU_NONE, "tag", struct op_conf, tag),
	OBJECT_ROW(OT_TEXT, OU_NONE, "owner", struct op_conf, owner),
	OBJECT_PART_ROW("parameters", struct op_conf, params, op_params_rows),
	OBJECT_PART_ROW("schedule", struct op_conf, schedule, schedule_rows),
	OBJECT_PART_ROW("history", struct op_conf, stats, stats_conf_object_rows),
	{ 0 },
};

/* --- state ---------------------------------------------------------------------------------- */

static void get_successes(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	object_add_u64(a, to, row->name, op_entry_successes(object));
}

static void get_failures(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	object_add_u64(a, to, row->name, op_entry_failures(object));
}

/* Runs by return code: only the codes that happened. */
static void get_by_sense(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct op_entry *e = object;
	struct doc *map = doc_add_map(a, to, row->name);

	for (uint8_t sense = 0; sense < NODE_SENSES; sense++) {
		uint64_t runs = op_entry_by_sense(e, sense);

		if (runs > 0)
			object_add_u64(a, map, name_of_sense(sense), runs);
	}
}

/* Distribution of the RTT of all packets. */
static void get_distribution(const void *object, const struct object_row *row, struct arena *a,
                             struct doc *to)
{
	static const struct sketch empty;
	const struct op_entry *e = object;

	object_fill_sketch(e->rtt ? e->rtt : &empty, e->rtt_unfitted, a,
	                   doc_add_map(a, to, row->name));
}

static const struct object_row state_rows[] = {
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "next_start_at_ns", struct op_entry, next_start),
	{ 0 },
};

static const struct object_row counter_rows[] = {
	OBJECT_ROW(OT_U64, OU_COUNT, "runs", struct op_entry, runs),
	OBJECT_CUSTOM_ROW(OU_COUNT, "successes", get_successes),
	OBJECT_CUSTOM_ROW(OU_COUNT, "failures", get_failures),
	OBJECT_CUSTOM_ROW(OU_COUNT, "runs_by_sense", get_by_sense),
	OBJECT_ROW(OT_U32, OU_COUNT, "missed_busy", struct op_entry, missed_busy),
	OBJECT_ROW(OT_U32, OU_COUNT, "missed_late", struct op_entry, missed_late),
	OBJECT_ROW(OT_BOOL, OU_NONE, "over_threshold_occurred", struct op_entry,
	           over_threshold_occurred),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "first_run_at_ns", struct op_entry, first_run_at),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "last_reset_at_ns", struct op_entry, last_reset_at),
	OBJECT_CUSTOM_ROW(OU_NONE, "rtt_distribution", get_distribution),
	{ 0 },
};

static void add_life_left(const struct node_view *node, const struct op_entry *e, struct arena *a,
                          struct doc *to)
{
	uint32_t left_s = op_entry_life_left_s(e, node->now_mono);

	doc_add_bool(a, to, "life_forever", left_s == SLA_LIFE_FOREVER);
	if (left_s == SLA_LIFE_FOREVER)
		doc_add_null(a, to, "life_left_s");
	else
		doc_add_int(a, to, "life_left_s", left_s);
}

void operation_fill(const struct node_view *node, const struct op_entry *e, struct arena *a,
                    struct doc *to)
{
	object_fill(conf_rows, e->conf, a, to);
	doc_add_text(a, to, "state", name_of_state((uint8_t)e->state));
	object_add_u64(a, to, "generation", e->id.generation);
	object_fill(state_rows, e, a, to);
	add_life_left(node, e, a, to);
}

/* The rows that a table of operations shows, of which "number" leads to everything else. */
void operation_summary_fill(const struct op_entry *e, struct arena *a, struct doc *to)
{
	struct sla_result last = { .sense = SENSE_OTHER };

	(void)op_entry_latest(e, &last); /* none: as it is */
	doc_add_int(a, to, "number", e->id.number);
	doc_add_text(a, to, "type", name_of_type(e->conf->params.type));
	doc_add_text(a, to, "target", e->conf->target);
	doc_add_int(a, to, "target_port", e->conf->params.target_port);
	doc_add_text(a, to, "tag", e->conf->tag);
	doc_add_bool(a, to, "scheduled", e->conf->schedule.scheduled);
	doc_add_text(a, to, "state", name_of_state((uint8_t)e->state));
	object_add_u64(a, to, "generation", e->id.generation);
	doc_add_int(a, to, "frequency_s",
	            e->conf->schedule.frequency_s ? e->conf->schedule.frequency_s
	                                          : e->conf->params.frequency_s);
	doc_add_text(a, to, "precision", name_of_precision(e->conf->params.precision));
	object_fill(result_summary_rows, &last, a, to);
}

void statistics_fill(const struct node_view *node, const struct op_entry *e, struct arena *a,
                     struct doc *to)
{
	operation_summary_fill(e, a, to);
	doc_add_text(a, to, "owner", e->conf->owner);
	object_fill(state_rows, e, a, to);
	add_life_left(node, e, a, to);
	object_fill(counter_rows, e, a, to);
	doc_add_int(a, to, "now_ns", node->now.ns);
	struct sla_result last;

	if (op_entry_latest(e, &last))
		object_fill(result_rows, &last, a, doc_add_map(a, to, "latest"));
	else
		doc_add_null(a, to, "latest");
}

void operation_measured_fill(const struct op_entry *e, struct arena *a, struct doc *to)
{
	static const char *const keys[] = { "sense", "rtt_ns", "loss_ppm" };
	struct doc *line = doc_new_map(a);
	struct sla_result last = { .sense = SENSE_OTHER };

	(void)op_entry_latest(e, &last);
	object_fill(result_summary_rows, &last, a, line);
	doc_add_int(a, to, "number", e->id.number);
	object_add_u64(a, to, "generation", e->id.generation);
	doc_add_int(a, to, "at_ns", last.started_at.ns);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		doc_add_doc(a, to, keys[i], doc_get(line, keys[i]));
	doc_add_text(a, to, "state", name_of_state((uint8_t)e->state));
}

/* --- answers to actions --------------------------------------------------------------------- */

void operation_acted_fill(const struct op_entry *e, struct arena *a, struct doc *to)
{
	doc_add_int(a, to, "number", e->id.number);
	doc_add_text(a, to, "state", name_of_state((uint8_t)e->state));
}

void statistics_cleared_fill(uint32_t count, struct arena *a, struct doc *to)
{
	doc_add_int(a, to, "cleared", count);
}

/* --- the application ------------------------------------------------------------------------ */

/* What an operation takes in all processes, at most but for large bursts: an estimate. */
#define OP_BYTES_ESTIMATE 16384u

static void add_capacity(const struct node_view *node, struct arena *a, struct doc *to)
{
	uint64_t low = node->config ? node->config->low_memory_bytes : 0;
	uint64_t available = node->memory_available_bytes;
	uint64_t spare = available > low ? (available - low) / OP_BYTES_ESTIMATE : 0;
	uint64_t left = node->op_max > node->op_count ? node->op_max - node->op_count : 0;

	doc_add_int(a, to, "entries_configurable",
	            (int64_t)(available > 0 && spare < left ? spare : left));
	doc_add_int(a, to, "entries_held", node->ops_held);
	doc_add_int(a, to, "low_memory_bytes", (int64_t)low);
	if (available > 0)
		doc_add_int(a, to, "memory_available_bytes", (int64_t)available);
	else
		doc_add_null(a, to, "memory_available_bytes");
}

void application_fill(const struct node_view *node, struct arena *a, struct doc *to)
{
	uint32_t by_state[SLA_STATE_ACTIVE + 1] = { 0 };
	struct doc *types = doc_add_list(a, to, "operation_types");

	for (unsigned type = 0; type < SLA_TYPE_COUNT; type++)
		doc_add_text(a, types, NULL, probe_types[type]->name);
	for (uint32_t i = 0; i < node->op_count; i++)
		by_state[node->ops[i]->state]++;
	doc_add_text(a, to, "version", CANDOR_VERSION);
	doc_add_int(a, to, "entries_max", node->op_max);
	doc_add_int(a, to, "entries", node->op_count);
	add_capacity(node, a, to);
	doc_add_int(a, to, "entries_active", by_state[SLA_STATE_ACTIVE]);
	doc_add_int(a, to, "entries_pending", by_state[SLA_STATE_PENDING]);
	doc_add_int(a, to, "entries_inactive", by_state[SLA_STATE_INACTIVE]);
	if (node->config_changed_at.ns > 0)
		doc_add_int(a, to, "changed_at_ns", node->config_changed_at.ns);
	else
		doc_add_null(a, to, "changed_at_ns");
	object_fill(clock_grade_rows, &node->clock, a, doc_add_map(a, to, "clock"));
	doc_add_int(a, to, "now_ns", node->now.ns);
}
