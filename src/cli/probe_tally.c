/* SPDX-License-Identifier: Apache-2.0 */
/* Many runs added up to one. */
#include "cli/probe_job.h"
#include "object/names.h"
#include "object/result_object.h"

#define SPREAD_BUCKETS 2048u

void probe_tally_init(struct probe_tally *t)
{
	*t = (struct probe_tally) { 0 };
	sketch_init(&t->spread, SPREAD_BUCKETS);
}

void probe_tally_fini(struct probe_tally *t)
{
	sketch_fini(&t->spread);
}

static void add_direction(struct jitter_direction *to, const struct jitter_direction *from)
{
	sum_stats_merge(&to->positive, &from->positive);
	sum_stats_merge(&to->negative, &from->negative);
	to->samples += from->samples;
	to->interarrival_ns = from->interarrival_ns; /* an estimate at an instant: the latest */
}

static void add_periods(struct loss_periods *to, const struct loss_periods *from)
{
	if (from->periods == 0)
		return;
	if (to->periods == 0) {
		*to = *from;
		return;
	}
	to->periods += from->periods;
	if (from->length_min < to->length_min)
		to->length_min = from->length_min;
	if (from->length_max > to->length_max)
		to->length_max = from->length_max;
	if (from->inter_length_min < to->inter_length_min)
		to->inter_length_min = from->inter_length_min;
	if (from->inter_length_max > to->inter_length_max)
		to->inter_length_max = from->inter_length_max;
}

/* The worst call of all is the one that somebody complains about. */
static void add_voice(struct jitter_result *to, const struct jitter_result *from, bool is_first)
{
	to->codec = from->codec;
	if (is_first || from->mos_centi < to->mos_centi)
		to->mos_centi = from->mos_centi;
	if (is_first || from->icpif > to->icpif)
		to->icpif = from->icpif;
}

static void add_oneway(struct jitter_result *to, const struct jitter_result *from, bool is_first)
{
	bool was_reported = to->oneway_reason == ONEWAY_REPORTED && !is_first;

	if (from->oneway_reason != ONEWAY_REPORTED) {
		if (is_first) {
			to->oneway_reason = from->oneway_reason;
			to->peer_clock_err_ns = from->peer_clock_err_ns;
		}
		return; /* some runs without values do not spoil those that have them */
	}
	sum_stats_merge(&to->oneway_sd, &from->oneway_sd);
	sum_stats_merge(&to->oneway_ds, &from->oneway_ds);
	if (!was_reported || from->oneway_err_ns > to->oneway_err_ns)
		to->oneway_err_ns = from->oneway_err_ns;
	if (!was_reported || from->peer_clock_err_ns > to->peer_clock_err_ns)
		to->peer_clock_err_ns = from->peer_clock_err_ns;
	to->oneway_reason = ONEWAY_REPORTED;
}

static void add_jitter(struct jitter_result *to, const struct jitter_result *from, bool is_first)
{
	sum_stats_merge(&to->rtt, &from->rtt);
	add_direction(&to->sd, &from->sd);
	add_direction(&to->ds, &from->ds);
	to->sent += from->sent;
	to->received += from->received;
	to->loss_sd += from->loss_sd;
	to->loss_ds += from->loss_ds;
	to->missing += from->missing;
	to->late += from->late;
	to->out_of_sequence += from->out_of_sequence;
	to->duplicates += from->duplicates;
	to->corrupted += from->corrupted;
	to->skipped += from->skipped;
	to->over_threshold += from->over_threshold;
	add_periods(&to->loss_periods_sd, &from->loss_periods_sd);
	add_periods(&to->loss_periods_ds, &from->loss_periods_ds);
	add_voice(to, from, is_first);
	add_oneway(to, from, is_first);
}

/* The weaker stamp; NONE means that nothing was stamped and says nothing of the others. */
static uint8_t weaker_stamp(uint8_t a, uint8_t b)
{
	if (a == STAMP_NONE || b == STAMP_NONE)
		return a == STAMP_NONE ? b : a;
	return a < b ? a : b;
}

static void add_instrument(struct instrument *to, const struct instrument *from)
{
	to->tx_source = weaker_stamp(to->tx_source, from->tx_source);
	to->rx_source = weaker_stamp(to->rx_source, from->rx_source);
	to->turnaround = from->turnaround;
	to->timer_misses += from->timer_misses;
	to->send_lateness_sum_ns += from->send_lateness_sum_ns;
	to->rx_queue_drops += from->rx_queue_drops;
	to->clock_step_samples += from->clock_step_samples;
	to->implausible_samples += from->implausible_samples;
	to->foreign_packets += from->foreign_packets;
	to->late_replies += from->late_replies;
	if (from->send_lateness_max_ns > to->send_lateness_max_ns)
		to->send_lateness_max_ns = from->send_lateness_max_ns;
	if (from->rtt_err_ns > to->rtt_err_ns)
		to->rtt_err_ns = from->rtt_err_ns;
}

static void add_clock(struct clock_grade *to, const struct clock_grade *from, bool is_first)
{
	bool stepped = to->stepped || from->stepped;

	if (is_first || from->source == CLOCK_SOURCE_NONE ||
	    (to->source != CLOCK_SOURCE_NONE && from->err_ns > to->err_ns))
		*to = *from;
	to->stepped = stepped;
}

static bool is_complete(const struct jitter_result *j)
{
	return j->loss_sd + j->loss_ds + j->missing + j->late + j->corrupted == 0;
}

void probe_tally_add(struct probe_tally *t, const struct sla_result *r, const struct sketch *rtt)
{
	bool is_first = t->runs == 0, is_jitter = sla_type_has_jitter(r->type);
	bool completed = r->sense == SENSE_OK || r->sense == SENSE_OVER_THRESHOLD;

	t->runs++;
	if (r->sense < NODE_SENSES)
		t->by_sense[r->sense]++;
	t->all.type = r->type;
	t->all.sense = r->sense;
	t->all.target = r->target;
	t->all.target_port = r->target_port;
	t->all.control = r->control;
	t->all.control_rtt_ns = r->control_rtt_ns;
	add_clock(&t->all.clock, &r->clock, is_first);
	add_instrument(&t->all.instrument, &r->instrument);
	if (is_jitter) {
		add_jitter(&t->all.jitter, &r->jitter, is_first);
		t->rtt = t->all.jitter.rtt;
		t->answered += r->jitter.received > 0;
		if (rtt && sketch_merge(&t->spread, rtt) < 0)
			t->unfitted += rtt->count;
	} else if (completed) {
		sum_stats_add(&t->rtt, r->rtt_ns);
		t->unfitted += sketch_add(&t->spread, r->rtt_ns) < 0;
		t->answered++;
	} else {
		/* Late, changed or out of turn: something did come back. */
		t->answered += r->sense == SENSE_VERIFY_ERROR || r->sense == SENSE_SEQUENCE_ERROR;
	}
	t->good += r->sense == SENSE_OK && (!is_jitter || is_complete(&r->jitter));
}

enum cli_exit probe_tally_exit(const struct probe_tally *t)
{
	if (t->answered > 0)
		return t->good == t->runs ? CLI_GOOD : CLI_LOSS;
	return t->open_errors > 0 ? CLI_SYSTEM : CLI_NO_ANSWER;
}

/* --- as a document --------------------------------------------------------------------------- */

static void get_by_sense(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct probe_tally *t = object;
	struct doc *map = doc_add_map(a, to, row->name);

	for (uint8_t sense = 0; sense < NODE_SENSES; sense++) {
		if (t->by_sense[sense] > 0)
			object_add_u64(a, map, name_of_sense(sense), t->by_sense[sense]);
	}
}

static void get_spread(const void *object, const struct object_row *row, struct arena *a,
                       struct doc *to)
{
	const struct probe_tally *t = object;

	object_fill_sketch(&t->spread, t->unfitted, a, doc_add_map(a, to, row->name));
}

static void get_jitter(const void *object, const struct object_row *row, struct arena *a,
                       struct doc *to)
{
	const struct probe_tally *t = object;

	if (t->runs > 0 && sla_type_has_jitter(t->all.type))
		object_fill(jitter_rows, &t->all.jitter, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}

static void get_control_rtt(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to)
{
	const struct probe_tally *t = object;

	if (t->all.control_rtt_ns > 0)
		doc_add_int(a, to, row->name, t->all.control_rtt_ns);
	else
		doc_add_null(a, to, row->name);
}

static void get_exit(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	doc_add_int(a, to, row->name, probe_tally_exit(object));
}

static const struct object_row tally_rows[] = {
	OBJECT_ROW(OT_U64, OU_COUNT, "runs", struct probe_tally, runs),
	OBJECT_ROW(OT_U64, OU_COUNT, "good", struct probe_tally, good),
	OBJECT_ROW(OT_U64, OU_COUNT, "answered", struct probe_tally, answered),
	OBJECT_ROW(OT_U64, OU_COUNT, "missed_busy", struct probe_tally, missed_busy),
	OBJECT_CUSTOM_ROW(OU_COUNT, "runs_by_sense", get_by_sense),
	OBJECT_PART_ROW("rtt", struct probe_tally, rtt, sum_rows),
	OBJECT_CUSTOM_ROW(OU_NONE, "rtt_distribution", get_spread),
	OBJECT_CUSTOM_ROW(OU_NONE, "jitter", get_jitter),
	OBJECT_PART_ROW("instrument", struct probe_tally, all.instrument, instrument_rows),
	OBJECT_PART_ROW("clock", struct probe_tally, all.clock, clock_grade_rows),
	OBJECT_NAME_ROW("control", struct probe_tally, all.control, name_of_control),
	OBJECT_CUSTOM_ROW(OU_NS, "control_rtt_ns", get_control_rtt),
	OBJECT_ROW(OT_BOOL, OU_NONE, "interrupted", struct probe_tally, interrupted),
	OBJECT_CUSTOM_ROW(OU_NONE, "exit_code", get_exit),
	{ 0 },
};

void probe_tally_fill(const struct probe_tally *t, struct arena *a, struct doc *to)
{
	object_fill(tally_rows, t, a, to);
}
