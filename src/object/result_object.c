/* SPDX-License-Identifier: Apache-2.0 */
/* What one run measured, as an object. */
#include "object/result_object.h"

#include "object/names.h"
#include "object/result_parts.h"
#include "sla/result.h"

void object_add_head(struct arena *a, struct doc *to, const char *object)
{
	doc_add_int(a, to, "schema", DOC_SCHEMA);
	doc_add_text(a, to, "object", object);
}

struct doc *object_new(struct arena *a, const char *object)
{
	struct doc *d = doc_new_map(a);

	object_add_head(a, d, object);
	return d;
}

/* --- sums ----------------------------------------------------------------------------------- */

static void get_sum_min(const void *object, const struct object_row *row, struct arena *a,
                        struct doc *to)
{
	const struct sum_stats *s = object;

	object_add_of_some(a, to, row->name, s->n, s->min_ns);
}

static void get_sum_avg(const void *object, const struct object_row *row, struct arena *a,
                        struct doc *to)
{
	const struct sum_stats *s = object;

	object_add_of_some(a, to, row->name, s->n, sum_stats_avg_ns(s));
}

static void get_sum_max(const void *object, const struct object_row *row, struct arena *a,
                        struct doc *to)
{
	const struct sum_stats *s = object;

	object_add_of_some(a, to, row->name, s->n, s->max_ns);
}

const struct object_row sum_rows[] = {
	OBJECT_ROW(OT_U64, OU_COUNT, "n", struct sum_stats, n),
	OBJECT_ROW(OT_I64, OU_NS, "sum_ns", struct sum_stats, sum_ns),
	OBJECT_ROW(OT_U128, OU_NS2, "sum2_ns2", struct sum_stats, sum2_ns2),
	OBJECT_CUSTOM_ROW(OU_NS, "min_ns", get_sum_min),
	OBJECT_CUSTOM_ROW(OU_NS, "avg_ns", get_sum_avg),
	OBJECT_CUSTOM_ROW(OU_NS, "max_ns", get_sum_max),
	{ 0 },
};

/* --- jitter of one direction ---------------------------------------------------------------- */

/* Least magnitude of all samples: zero as soon as one difference was zero. */
static void get_jitter_min(const void *object, const struct object_row *row, struct arena *a,
                           struct doc *to)
{
	const struct jitter_direction *j = object;
	int64_t min_ns = j->positive.min_ns;

	if (j->positive.n == 0 || (j->negative.n > 0 && j->negative.min_ns < min_ns))
		min_ns = j->negative.min_ns;
	if (j->samples > j->positive.n + j->negative.n)
		min_ns = 0;
	object_add_of_some(a, to, row->name, j->samples, min_ns);
}

/* Zeroes do not count in the divisor (rttMonLatestJitterOperAvgSDJ). */
static void get_jitter_avg(const void *object, const struct object_row *row, struct arena *a,
                           struct doc *to)
{
	const struct jitter_direction *j = object;
	struct sum_stats both = j->positive;

	sum_stats_merge(&both, &j->negative);
	object_add_of_some(a, to, row->name, j->samples, sum_stats_avg_ns(&both));
}

static void get_jitter_max(const void *object, const struct object_row *row, struct arena *a,
                           struct doc *to)
{
	const struct jitter_direction *j = object;
	struct sum_stats both = j->positive;

	sum_stats_merge(&both, &j->negative);
	object_add_of_some(a, to, row->name, j->samples, both.max_ns);
}

static const struct object_row direction_rows[] = {
	OBJECT_ROW(OT_U64, OU_COUNT, "samples", struct jitter_direction, samples),
	OBJECT_CUSTOM_ROW(OU_NS, "min_ns", get_jitter_min),
	OBJECT_CUSTOM_ROW(OU_NS, "avg_ns", get_jitter_avg),
	OBJECT_CUSTOM_ROW(OU_NS, "max_ns", get_jitter_max),
	OBJECT_ROW(OT_I64, OU_NS, "interarrival_ns", struct jitter_direction, interarrival_ns),
	OBJECT_PART_ROW("positive", struct jitter_direction, positive, sum_rows),
	OBJECT_PART_ROW("negative", struct jitter_direction, negative, sum_rows),
	{ 0 },
};

/* --- loss ----------------------------------------------------------------------------------- */

const struct object_row object_period_rows[] = {
	OBJECT_ROW(OT_U32, OU_COUNT, "count", struct loss_periods, periods),
	OBJECT_ROW(OT_U32, OU_COUNT, "length_min", struct loss_periods, length_min),
	OBJECT_ROW(OT_U32, OU_COUNT, "length_max", struct loss_periods, length_max),
	OBJECT_ROW(OT_U32, OU_COUNT, "between_min", struct loss_periods, inter_length_min),
	OBJECT_ROW(OT_U32, OU_COUNT, "between_max", struct loss_periods, inter_length_max),
	{ 0 },
};

static const struct object_row packet_rows[] = {
	OBJECT_ROW(OT_U32, OU_COUNT, "sent", struct jitter_result, sent),
	OBJECT_ROW(OT_U32, OU_COUNT, "received", struct jitter_result, received),
	OBJECT_ROW(OT_U32, OU_COUNT, "lost_sd", struct jitter_result, loss_sd),
	OBJECT_ROW(OT_U32, OU_COUNT, "lost_ds", struct jitter_result, loss_ds),
	OBJECT_ROW(OT_U32, OU_COUNT, "missing", struct jitter_result, missing),
	OBJECT_ROW(OT_U32, OU_COUNT, "late", struct jitter_result, late),
	OBJECT_ROW(OT_U32, OU_COUNT, "out_of_sequence", struct jitter_result, out_of_sequence),
	OBJECT_ROW(OT_U32, OU_COUNT, "duplicates", struct jitter_result, duplicates),
	OBJECT_ROW(OT_U32, OU_COUNT, "corrupted", struct jitter_result, corrupted),
	OBJECT_ROW(OT_U32, OU_COUNT, "skipped", struct jitter_result, skipped),
	OBJECT_ROW(OT_U32, OU_COUNT, "over_threshold", struct jitter_result, over_threshold),
	OBJECT_PART_ROW("loss_periods_sd", struct jitter_result, loss_periods_sd,
	                object_period_rows),
	OBJECT_PART_ROW("loss_periods_ds", struct jitter_result, loss_periods_ds,
	                object_period_rows),
	{ 0 },
};

/* --- one way -------------------------------------------------------------------------------- */

static bool has_oneway(const struct jitter_result *j)
{
	return j->oneway_reason == ONEWAY_REPORTED;
}

static void add_oneway(const struct jitter_result *j, const struct sum_stats *s, const char *key,
                       struct arena *a, struct doc *to)
{
	if (has_oneway(j))
		object_fill(sum_rows, s, a, doc_add_map(a, to, key));
	else
		doc_add_null(a, to, key);
}

static void get_oneway_sd(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct jitter_result *j = object;

	add_oneway(j, &j->oneway_sd, row->name, a, to);
}

static void get_oneway_ds(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct jitter_result *j = object;

	add_oneway(j, &j->oneway_ds, row->name, a, to);
}

static void get_oneway_err(const void *object, const struct object_row *row, struct arena *a,
                           struct doc *to)
{
	const struct jitter_result *j = object;

	object_add_of_some(a, to, row->name, has_oneway(j), j->oneway_err_ns);
}

static void get_peer_err(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct jitter_result *j = object;

	object_add_of_some(a, to, row->name, j->peer_clock_err_ns >= 0, j->peer_clock_err_ns);
}

static const struct object_row oneway_rows[] = {
	OBJECT_NAME_ROW("reason", struct jitter_result, oneway_reason, name_of_oneway),
	OBJECT_CUSTOM_ROW(OU_NS, "err_ns", get_oneway_err),
	OBJECT_CUSTOM_ROW(OU_NS, "peer_clock_err_ns", get_peer_err),
	OBJECT_CUSTOM_ROW(OU_NONE, "sd", get_oneway_sd),
	OBJECT_CUSTOM_ROW(OU_NONE, "ds", get_oneway_ds),
	{ 0 },
};

/* --- voice ---------------------------------------------------------------------------------- */

static void get_mos(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to)
{
	const struct jitter_result *j = object;

	doc_add_real(a, to, row->name, (double)j->mos_centi / 100.0);
}

static const struct object_row voice_rows[] = {
	OBJECT_NAME_ROW("codec", struct jitter_result, codec, name_of_codec),
	OBJECT_ROW(OT_U8, OU_NONE, "icpif", struct jitter_result, icpif),
	OBJECT_CUSTOM_ROW(OU_NONE, "mos", get_mos),
	{ 0 },
};

static void get_voice(const void *object, const struct object_row *row, struct arena *a,
                      struct doc *to)
{
	const struct jitter_result *j = object;

	if (j->codec == SLA_CODEC_NONE)
		doc_add_null(a, to, row->name);
	else
		object_fill(voice_rows, j, a, doc_add_map(a, to, row->name));
}

/* --- the jitter part ------------------------------------------------------------------------ */

/* "packets" and "oneway" gather members of the structure itself: parts at offset 0. */
static void add_percentile(const struct percentile_figures *f, const char *key, struct arena *a,
                           struct doc *to)
{
	struct doc *map = doc_add_map(a, to, key);

	doc_add_int(a, map, "percent", f->percent);
	doc_add_int(a, map, "n", f->n);
	object_add_of_some(a, map, "avg_ns", f->n, f->avg_ns);
	object_add_of_some(a, map, "max_ns", f->n, f->max_ns);
}

static void get_percentiles(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to)
{
	static const char *const keys[PERCENTILE_COUNT] = {
		[PERCENTILE_RTT] = "rtt",
		[PERCENTILE_ONEWAY_SD] = "oneway_sd",
		[PERCENTILE_ONEWAY_DS] = "oneway_ds",
		[PERCENTILE_JITTER_SD] = "jitter_sd",
		[PERCENTILE_JITTER_DS] = "jitter_ds",
		[PERCENTILE_JITTER_AVG] = "jitter",
	};
	const struct jitter_result *j = object;
	struct doc *map = doc_add_map(a, to, row->name);

	for (unsigned i = 0; i < PERCENTILE_COUNT; i++)
		add_percentile(&j->percentile[i], keys[i], a, map);
}

const struct object_row jitter_rows[] = {
	OBJECT_PART_ROW("rtt", struct jitter_result, rtt, sum_rows),
	{ .name = "packets", .type = OT_PART, .part = packet_rows },
	{ .name = "oneway", .type = OT_PART, .part = oneway_rows },
	OBJECT_PART_ROW("jitter_sd", struct jitter_result, sd, direction_rows),
	OBJECT_PART_ROW("jitter_ds", struct jitter_result, ds, direction_rows),
	OBJECT_CUSTOM_ROW(OU_NONE, "percentiles", get_percentiles),
	OBJECT_CUSTOM_ROW(OU_NONE, "voice", get_voice),
	{ 0 },
};

static void get_jitter(const void *object, const struct object_row *row, struct arena *a,
                       struct doc *to)
{
	const struct sla_result *r = object;

	if (sla_type_has_jitter(r->type))
		object_fill(jitter_rows, &r->jitter, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}

/* --- how far to believe it ------------------------------------------------------------------ */

static void get_clock_synchronised(const void *object, const struct object_row *row,
                                   struct arena *a, struct doc *to)
{
	const struct clock_grade *g = object;

	doc_add_bool(a, to, row->name, g->source != CLOCK_SOURCE_NONE);
}

static void get_clock_limit(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to)
{
	const struct clock_grade *g = object;

	object_add_of_some(a, to, row->name, g->limit_ns > 0, g->limit_ns);
}

static void get_clock_err(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct clock_grade *g = object;

	object_add_of_some(a, to, row->name, g->source != CLOCK_SOURCE_NONE, g->err_ns);
}

const struct object_row clock_grade_rows[] = {
	OBJECT_CUSTOM_ROW(OU_NONE, "synchronised", get_clock_synchronised),
	OBJECT_NAME_ROW("source", struct clock_grade, source, name_of_clock_source),
	OBJECT_CUSTOM_ROW(OU_NS, "err_ns", get_clock_err),
	OBJECT_CUSTOM_ROW(OU_NS, "limit_ns", get_clock_limit),
	OBJECT_ROW(OT_BOOL, OU_NONE, "stepped", struct clock_grade, stepped),
	{ 0 },
};

static void get_rtt_err(const void *object, const struct object_row *row, struct arena *a,
                        struct doc *to)
{
	const struct instrument *in = object;

	/* Nothing came back: there is no round trip that could be wrong. */
	object_add_of_some(a, to, row->name, in->rx_source != STAMP_NONE, in->rtt_err_ns);
}

const struct object_row instrument_rows[] = {
	OBJECT_NAME_ROW("tx_stamps", struct instrument, tx_source, name_of_stamp),
	OBJECT_NAME_ROW("rx_stamps", struct instrument, rx_source, name_of_stamp),
	OBJECT_NAME_ROW("turnaround", struct instrument, turnaround, name_of_turnaround),
	OBJECT_CUSTOM_ROW(OU_NS, "rtt_err_ns", get_rtt_err),
	OBJECT_ROW(OT_I64, OU_NS, "send_lateness_max_ns", struct instrument, send_lateness_max_ns),
	OBJECT_ROW(OT_I64, OU_NS, "send_lateness_sum_ns", struct instrument, send_lateness_sum_ns),
	OBJECT_ROW(OT_U32, OU_COUNT, "timer_misses", struct instrument, timer_misses),
	OBJECT_ROW(OT_U32, OU_COUNT, "rx_queue_drops", struct instrument, rx_queue_drops),
	OBJECT_ROW(OT_U32, OU_COUNT, "clock_step_samples", struct instrument, clock_step_samples),
	OBJECT_ROW(OT_U32, OU_COUNT, "implausible_samples", struct instrument, implausible_samples),
	OBJECT_ROW(OT_U32, OU_COUNT, "foreign_packets", struct instrument, foreign_packets),
	OBJECT_ROW(OT_U32, OU_COUNT, "late_replies", struct instrument, late_replies),
	{ 0 },
};

/* --- the run -------------------------------------------------------------------------------- */

static void get_rtt(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to)
{
	const struct sla_result *r = object;
	bool measured = r->rtt_ns > 0 || r->sense == SENSE_OK || r->sense == SENSE_OVER_THRESHOLD;

	object_add_of_some(a, to, row->name, measured, r->rtt_ns);
}

static void get_control_rtt(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to)
{
	const struct sla_result *r = object;

	object_add_of_some(a, to, row->name, r->control_rtt_ns > 0, r->control_rtt_ns);
}

static void get_port(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct sla_result *r = object;

	object_add_of_some(a, to, row->name, r->target_port > 0, r->target_port);
}

const struct object_row result_rows[] = {
	OBJECT_ROW(OT_U32, OU_NONE, "number", struct sla_result, id.number),
	OBJECT_ROW(OT_U64, OU_NONE, "generation", struct sla_result, id.generation),
	OBJECT_ROW(OT_U64, OU_COUNT, "run", struct sla_result, run),
	OBJECT_ROW(OT_U32, OU_COUNT, "missed", struct sla_result, missed),
	OBJECT_NAME_ROW("missed_cause", struct sla_result, missed_cause, name_of_missed_cause),
	OBJECT_NAME_ROW("type", struct sla_result, type, name_of_type),
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct sla_result, target),
	OBJECT_CUSTOM_ROW(OU_NONE, "port", get_port),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "started_at_ns", struct sla_result, started_at),
	OBJECT_ROW(OT_I64, OU_NS, "duration_ns", struct sla_result, duration_ns),
	OBJECT_NAME_ROW("sense", struct sla_result, sense, name_of_sense),
	OBJECT_ROW(OT_U8, OU_NONE, "return_code", struct sla_result, sense),
	OBJECT_ROW(OT_CHARS, OU_NONE, "detail", struct sla_result, detail),
	OBJECT_CUSTOM_ROW(OU_NS, "rtt_ns", get_rtt),
	OBJECT_NAME_ROW("precision", struct sla_result, precision, name_of_precision),
	OBJECT_NAME_ROW("control", struct sla_result, control, name_of_control),
	OBJECT_CUSTOM_ROW(OU_NS, "control_rtt_ns", get_control_rtt),
	OBJECT_PART_ROW("clock", struct sla_result, clock, clock_grade_rows),
	OBJECT_PART_ROW("instrument", struct sla_result, instrument, instrument_rows),
	OBJECT_CUSTOM_ROW(OU_NONE, "jitter", get_jitter),
	OBJECT_CUSTOM_ROW(OU_NONE, "dns", object_get_dns),
	OBJECT_CUSTOM_ROW(OU_NONE, "dhcp", object_get_dhcp),
	OBJECT_CUSTOM_ROW(OU_NONE, "http", object_get_http),
	OBJECT_CUSTOM_ROW(OU_NONE, "ftp", object_get_ftp),
	OBJECT_CUSTOM_ROW(OU_NONE, "icmp_jitter", object_get_icmp_jitter),
	OBJECT_CUSTOM_ROW(OU_NONE, "path", object_get_path),
	OBJECT_CUSTOM_ROW(OU_NONE, "multicast", object_get_multicast),
	{ 0 },
};

/* --- one line of a result ------------------------------------------------------------------- */

/* Lost packets per million of those sent; a single packet is there or it is not. */
static void get_loss(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct sla_result *r = object;
	const struct jitter_result *j = &r->jitter;
	bool is_timeout = r->sense == SENSE_TIMEOUT || r->sense == SENSE_DNS_SERVER_TIMEOUT ||
	                  r->sense == SENSE_TCP_CONNECT_TIMEOUT ||
	                  r->sense == SENSE_HTTP_TRANSACTION_TIMEOUT;

	if (sla_type_has_jitter(r->type))
		object_add_of_some(a, to, row->name, j->sent,
		                   j->sent ? (int64_t)(j->sent - j->received) * 1000000 / j->sent
		                           : 0);
	else
		object_add_of_some(a, to, row->name, r->rtt_ns > 0 || is_timeout,
		                   is_timeout ? 1000000 : 0);
}

static void add_jitter_avg(const struct sla_result *r, const struct jitter_direction *j,
                           const struct object_row *row, struct arena *a, struct doc *to)
{
	static const struct jitter_direction none;

	get_jitter_avg(sla_type_has_jitter(r->type) ? j : &none, row, a, to);
}

static void get_jitter_sd(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct sla_result *r = object;

	add_jitter_avg(r, &r->jitter.sd, row, a, to);
}

static void get_jitter_ds(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct sla_result *r = object;

	add_jitter_avg(r, &r->jitter.ds, row, a, to);
}

static void get_summary_mos(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to)
{
	const struct sla_result *r = object;

	if (sla_type_has_jitter(r->type) && r->jitter.codec != SLA_CODEC_NONE)
		get_mos(&r->jitter, row, a, to);
	else
		doc_add_null(a, to, row->name);
}

const struct object_row result_summary_rows[] = {
	OBJECT_NAME_ROW("sense", struct sla_result, sense, name_of_sense),
	OBJECT_CUSTOM_ROW(OU_NS, "rtt_ns", get_rtt),
	OBJECT_CUSTOM_ROW(OU_COUNT, "loss_ppm", get_loss),
	OBJECT_CUSTOM_ROW(OU_NS, "jitter_sd_ns", get_jitter_sd),
	OBJECT_CUSTOM_ROW(OU_NS, "jitter_ds_ns", get_jitter_ds),
	OBJECT_CUSTOM_ROW(OU_NONE, "mos", get_summary_mos),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "started_at_ns", struct sla_result, started_at),
	{ 0 },
};
