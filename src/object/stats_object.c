/* SPDX-License-Identifier: Apache-2.0 */
/* Hourly groups, enhanced history and samples as documents. */
#include "object/stats_object.h"

#include "object/names.h"
#include "object/page.h"
#include "object/result_object.h"

static const struct object_row error_rows[] = {
	OBJECT_ROW(OT_U32, OU_COUNT, "disconnects", struct stats_errors, disconnects),
	OBJECT_ROW(OT_U32, OU_COUNT, "timeouts", struct stats_errors, timeouts),
	OBJECT_ROW(OT_U32, OU_COUNT, "busies", struct stats_errors, busies),
	OBJECT_ROW(OT_U32, OU_COUNT, "no_connections", struct stats_errors, no_connections),
	OBJECT_ROW(OT_U32, OU_COUNT, "drops", struct stats_errors, drops),
	OBJECT_ROW(OT_U32, OU_COUNT, "internal", struct stats_errors, internal),
	OBJECT_ROW(OT_U32, OU_COUNT, "sequence_errors", struct stats_errors, sequence_errors),
	OBJECT_ROW(OT_U32, OU_COUNT, "verify_errors", struct stats_errors, verify_errors),
	{ 0 },
};

/* --- hops and their buckets ------------------------------------------------------------------ */

static void add_bucket(const struct stats_hop *h, uint8_t at, struct arena *a, struct doc *list)
{
	const struct stats_bucket *b = &h->buckets[at];
	struct doc *to = doc_add_map(a, list, NULL);
	int64_t width_ns = h->interval_ms * NS_PER_MS;

	doc_add_int(a, to, "from_ns", at * width_ns);
	if (at + 1 < h->bucket_count)
		doc_add_int(a, to, "to_ns", (at + 1) * width_ns);
	else
		doc_add_null(a, to, "to_ns");
	object_add_u64(a, to, "over_thresholds", b->over_thresholds);
	object_fill(sum_rows, &b->rtt, a, doc_add_map(a, to, "rtt"));
}

static void add_hop(const struct stats_hop *h, struct arena *a, struct doc *list)
{
	struct stats_bucket total = stats_hop_total(h);
	struct doc *to = doc_add_map(a, list, NULL);

	doc_add_int(a, to, "path", h->path);
	doc_add_int(a, to, "hop", h->hop);
	object_add_addr(a, to, "address", &h->address);
	object_add_u64(a, to, "completions", total.rtt.n);
	object_add_u64(a, to, "over_thresholds", total.over_thresholds);
	object_fill(sum_rows, &total.rtt, a, doc_add_map(a, to, "rtt"));
	object_fill(error_rows, &h->errors, a, doc_add_map(a, to, "errors"));
	struct doc *buckets = doc_add_list(a, to, "buckets");

	for (uint8_t i = 0; i < h->bucket_count; i++)
		add_bucket(h, i, a, buckets);
}

/* --- groups ---------------------------------------------------------------------------------- */

static void add_voice(const struct stats_jitter *j, struct arena *a, struct doc *to)
{
	struct doc *voice;

	if (!j || j->scored == 0) {
		doc_add_null(a, to, "voice_extremes");
		return;
	}
	voice = doc_add_map(a, to, "voice_extremes");
	doc_add_int(a, voice, "runs", j->scored);
	doc_add_int(a, voice, "icpif_min", j->icpif_min);
	doc_add_int(a, voice, "icpif_max", j->icpif_max);
	doc_add_real(a, voice, "mos_min", j->mos_centi_min / 100.0);
	doc_add_real(a, voice, "mos_max", j->mos_centi_max / 100.0);
}

static const struct object_row http_sum_rows[] = {
	OBJECT_ROW(OT_I64, OU_NS, "dns_sum_ns", struct stats_http, dns_sum_ns),
	OBJECT_ROW(OT_I64, OU_NS, "tcp_sum_ns", struct stats_http, tcp_sum_ns),
	OBJECT_ROW(OT_I64, OU_NS, "tls_sum_ns", struct stats_http, tls_sum_ns),
	OBJECT_ROW(OT_I64, OU_NS, "transaction_sum_ns", struct stats_http, transaction_sum_ns),
	OBJECT_ROW(OT_U64, OU_BYTES, "body_bytes", struct stats_http, body_octets),
	OBJECT_ROW(OT_U32, OU_COUNT, "dns_timeouts", struct stats_http, dns_timeouts),
	OBJECT_ROW(OT_U32, OU_COUNT, "tcp_timeouts", struct stats_http, tcp_timeouts),
	OBJECT_ROW(OT_U32, OU_COUNT, "transaction_timeouts", struct stats_http,
	           transaction_timeouts),
	OBJECT_ROW(OT_U32, OU_COUNT, "dns_errors", struct stats_http, dns_errors),
	OBJECT_ROW(OT_U32, OU_COUNT, "http_errors", struct stats_http, http_errors),
	{ 0 },
};

static void add_http(const struct stats_http *h, struct arena *a, struct doc *to)
{
	if (h)
		object_fill(http_sum_rows, h, a, doc_add_map(a, to, "http"));
	else
		doc_add_null(a, to, "http");
}

static const struct object_row group_rows[] = {
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "started_at_ns", struct stats_group, started_at),
	OBJECT_ROW(OT_U64, OU_COUNT, "initiations", struct stats_group, initiations),
	OBJECT_ROW(OT_U64, OU_COUNT, "successes", struct stats_group, successes),
	OBJECT_ROW(OT_U64, OU_COUNT, "over_thresholds", struct stats_group, over_thresholds),
	OBJECT_PART_ROW("errors", struct stats_group, errors, error_rows),
	{ 0 },
};

/* A group that opened ``length_ns`` or longer ago has ended, and so has one that a new life cut short. */
static void add_group(const struct node_view *node, const struct stats_row *row, uint64_t at,
                      int64_t length_ns, struct arena *a, struct doc *to)
{
	const struct stats_group *g = row->groups[at];
	mono_t until = at + 1 < row->count ? row->groups[at + 1]->opened_at : node->now_mono;
	int64_t elapsed_ns = mono_diff_ns(until, g->opened_at);

	object_fill(group_rows, g, a, to);
	/* As sysUpTime counts. */
	doc_add_int(a, to, "start_time_index", g->opened_at.ns / (10 * NS_PER_MS));
	doc_add_int(a, to, "elapsed_s",
	            (elapsed_ns < length_ns ? elapsed_ns : length_ns) / NS_PER_S);
	object_add_u64(a, to, "failures", g->initiations - g->successes);
	struct doc *hops = doc_add_list(a, to, "hops");

	for (uint16_t i = 0; i < g->hop_count; i++)
		add_hop(g->hops[i], a, hops);
}

static void add_head(const struct node_view *node, const struct op_entry *e, struct arena *a,
                     struct doc *to)
{
	doc_add_int(a, to, "number", e->id.number);
	doc_add_text(a, to, "type", name_of_type(e->conf->params.type));
	doc_add_text(a, to, "target", e->conf->target);
	doc_add_text(a, to, "precision", name_of_precision(e->conf->params.precision));
	doc_add_int(a, to, "now_ns", node->now.ns);
}

void aggregated_fill(const struct node_view *node, const struct op_entry *e,
                     const struct object_request *q, struct arena *a, struct doc *to)
{
	static const struct stats_row none;
	const struct stats_row *row = e->stats ? &e->stats->hours : &none;
	struct object_page page;
	uint64_t at = object_body_after(q);

	add_head(node, e, a, to);
	doc_add_int(a, to, "hours_kept", e->conf->stats.hours);
	page = object_page_begin(q, a, to);
	for (; at < row->count; at++) {
		const struct stats_group *g = row->groups[at];
		struct doc *item = doc_new_map(a);

		add_group(node, row, at, STATS_HOUR_NS, a, item);
		doc_add_int(a, item, "unsynchronised_runs", g->unsynchronised);
		if (g->jitter)
			object_fill(jitter_rows, &g->jitter->sums, a,
			            doc_add_map(a, item, "jitter"));
		else
			doc_add_null(a, item, "jitter");
		add_voice(g->jitter, a, item);
		add_http(g->http, a, item);
		if (!object_page_add(&page, item))
			break;
	}
	object_page_end(&page, at < row->count, at);
}

void enhanced_fill(const struct node_view *node, const struct op_entry *e,
                   const struct object_request *q, struct arena *a, struct doc *to)
{
	static const struct op_stats none;
	const struct op_stats *s = e->stats ? e->stats : &none;
	const struct stats_row *row = &s->enhanced;
	int64_t length_ns = e->conf->stats.enhanced_s * NS_PER_S;
	struct object_page page;
	uint64_t at = object_body_after(q);

	add_head(node, e, a, to);
	doc_add_int(a, to, "interval_s", e->conf->stats.enhanced_s);
	doc_add_int(a, to, "buckets_kept", e->conf->stats.enhanced_buckets);
	doc_add_int(a, to, "runs_not_collected", s->enhanced_missed);
	page = object_page_begin(q, a, to);
	for (; at < row->count; at++) {
		struct doc *item = doc_new_map(a);

		doc_add_int(a, item, "bucket", (int64_t)at + 1);
		add_group(node, row, at, length_ns, a, item);
		if (!object_page_add(&page, item))
			break;
	}
	object_page_end(&page, at < row->count, at);
}

/* --- samples --------------------------------------------------------------------------------- */

static void get_sample_rtt(const void *object, const struct object_row *row, struct arena *a,
                           struct doc *to)
{
	const struct history_sample *s = object;

	if (stats_sense_completes((enum sla_sense)s->sense))
		doc_add_int(a, to, row->name, s->rtt_ns);
	else
		doc_add_null(a, to, row->name);
}

static const struct object_row sample_rows[] = {
	OBJECT_ROW(OT_U32, OU_NONE, "life", struct history_sample, life),
	OBJECT_ROW(OT_U32, OU_NONE, "bucket", struct history_sample, bucket),
	OBJECT_ROW(OT_U16, OU_NONE, "sample", struct history_sample, sample),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "started_at_ns", struct history_sample, started_at),
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct history_sample, address),
	OBJECT_NAME_ROW("sense", struct history_sample, sense, name_of_sense),
	OBJECT_ROW(OT_U8, OU_NONE, "return_code", struct history_sample, sense),
	OBJECT_CUSTOM_ROW(OU_NS, "rtt_ns", get_sample_rtt),
	{ 0 },
};

void history_fill(const struct node_view *node, const struct op_entry *e,
                  const struct object_request *q, struct arena *a, struct doc *to)
{
	static const struct history none;
	const struct history *h = e->stats ? &e->stats->history : &none;
	struct object_page page;
	uint64_t at = object_body_after(q);

	add_head(node, e, a, to);
	doc_add_int(a, to, "lives_kept", e->conf->stats.lives);
	doc_add_int(a, to, "started_at_ns", node->started_at.ns);
	page = object_page_begin(q, a, to);
	for (; at < h->count; at++) {
		struct doc *item = doc_new_map(a);

		object_fill(sample_rows, &h->samples[at], a, item);
		if (!object_page_add(&page, item))
			break;
	}
	object_page_end(&page, at < h->count, at);
}
