/* SPDX-License-Identifier: Apache-2.0 */
/* The families of operations, one function each: a family is written for all operations before the
 * next begins, as the format wants it. */
#include "export/metric_operations.h"

#include "export/metric_histogram.h"
#include "object/names.h"
#include "probe/probe.h"

#include <inttypes.h>
#include <stdio.h>

/* One operation in one family. */
struct sampler {
	const struct metric_family *family;
	const struct op_entry *entry;
	const struct metric_text *labels;
	struct metric_text *to;
	bool has_latest;
	struct sla_result latest; /* meaningless without */
};

struct op_metric {
	struct metric_family family;
	bool needs_latest;
	void (*add)(const struct sampler *s);
};

static void add_plain(const struct sampler *s, int64_t number, unsigned places)
{
	metric_add(s->to, s->family,
	           &(struct metric_sample) {
	                   .labels = s->labels, .number = number, .places = places });
}

static void add_with(const struct sampler *s, const char *name, const char *value, int64_t number,
                     unsigned places)
{
	metric_add(s->to, s->family,
	           &(struct metric_sample) { .labels = s->labels,
	                                     .name = name,
	                                     .value = value,
	                                     .number = number,
	                                     .places = places });
}

static void add_way(const struct sampler *s, const char *direction, int64_t number, unsigned places)
{
	add_with(s, "direction", direction, number, places);
}

/* NULL: it never ran, or the latest run did not begin. */
static const struct sla_result *latest_of(const struct sampler *s)
{
	return s->has_latest ? &s->latest : NULL;
}

/* The part of the jitter types, of a run that sent something; or NULL. */
static const struct jitter_result *jitter_of(const struct sampler *s)
{
	const struct sla_result *r = latest_of(s);

	return r && sla_type_has_jitter(r->type) && r->jitter.sent > 0 ? &r->jitter : NULL;
}

/* --- what it is, and how it is doing ----------------------------------------------------------- */

static void add_info(const struct sampler *s)
{
	const struct op_conf *conf = s->entry->conf;
	struct metric_text more = { 0 };

	metric_label(&more, "owner", conf->owner);
	metric_label(&more, "state", name_of_state((uint8_t)s->entry->state));
	metric_label_number(&more, "frequency_seconds", conf->params.frequency_s);
	metric_add_labelled(s->to, s->family, s->labels, &more, 1, METRIC_WHOLE);
	metric_text_fini(&more);
}

static void add_active(const struct sampler *s)
{
	add_plain(s, s->entry->state == SLA_STATE_ACTIVE, METRIC_WHOLE);
}

static void add_results(const struct sampler *s)
{
	for (uint8_t sense = 0; sense < NODE_SENSES; sense++) {
		uint64_t count = op_entry_by_sense(s->entry, sense);

		/* Success is there from the start, so that its rate is known from the first run on. */
		if (count > 0 || sense == SENSE_OK)
			add_with(s, "result", name_of_sense(sense), metric_count(count),
			         METRIC_WHOLE);
	}
}

static void add_missed(const struct sampler *s)
{
	add_with(s, "cause", "busy", metric_count(s->entry->missed_busy), METRIC_WHOLE);
	add_with(s, "cause", "late", metric_count(s->entry->missed_late), METRIC_WHOLE);
}

static void add_histogram(const struct sampler *s)
{
	static const struct sketch none;

	metric_histogram_add(s->to, s->family, s->labels, s->entry->rtt ? s->entry->rtt : &none,
	                     s->entry->rtt_sum_ns);
}

/* --- the latest run ---------------------------------------------------------------------------- */

static void add_return_code(const struct sampler *s)
{
	add_plain(s, s->entry->has_result ? s->entry->last_sense : SENSE_OTHER, METRIC_WHOLE);
}

static void add_started(const struct sampler *s)
{
	if (latest_of(s))
		add_plain(s, latest_of(s)->started_at.ns, METRIC_NS_TO_S);
}

static void add_duration(const struct sampler *s)
{
	if (latest_of(s))
		add_plain(s, latest_of(s)->duration_ns, METRIC_NS_TO_S);
}

static bool has_rtt(const struct sla_result *r)
{
	return r && (r->rtt_ns > 0 || r->sense == SENSE_OK || r->sense == SENSE_OVER_THRESHOLD);
}

static void add_rtt(const struct sampler *s)
{
	if (has_rtt(latest_of(s)))
		add_plain(s, latest_of(s)->rtt_ns, METRIC_NS_TO_S);
}

static void add_rtt_error(const struct sampler *s)
{
	if (has_rtt(latest_of(s)))
		add_plain(s, latest_of(s)->instrument.rtt_err_ns, METRIC_NS_TO_S);
}

static void add_rtt_min(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j && j->rtt.n > 0)
		add_plain(s, j->rtt.min_ns, METRIC_NS_TO_S);
}

static void add_rtt_max(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j && j->rtt.n > 0)
		add_plain(s, j->rtt.max_ns, METRIC_NS_TO_S);
}

/* --- packets ----------------------------------------------------------------------------------- */

static int64_t ratio_ppm(uint64_t part, uint64_t whole)
{
	return (int64_t)(part * 1000000 / whole);
}

/* A single packet is there or it is not; a run that did not get as far as sending says nothing. */
static void add_loss(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);
	const struct sla_result *r = latest_of(s);
	bool is_timeout = r && (r->sense == SENSE_TIMEOUT || r->sense == SENSE_DNS_SERVER_TIMEOUT);

	if (j && r &&
	    (r->type == SLA_ICMP_JITTER ||
	     r->type == SLA_ETHERNET_JITTER)) { /* nothing tells which way a message was lost */
		add_way(s, "rt", ratio_ppm(j->sent - j->received, j->sent), METRIC_PPM);
	} else if (j) {
		add_way(s, "sd", ratio_ppm(j->loss_sd, j->sent), METRIC_PPM);
		add_way(s, "ds", ratio_ppm(j->loss_ds, j->sent), METRIC_PPM);
		add_way(s, "rt", ratio_ppm(j->sent - j->received, j->sent), METRIC_PPM);
	} else if (r && !sla_type_has_jitter(r->type) && (has_rtt(r) || is_timeout)) {
		add_way(s, "rt", is_timeout, METRIC_WHOLE);
	}
}

static void add_sent(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j)
		add_plain(s, j->sent, METRIC_WHOLE);
}

static void add_packets(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (!j)
		return;
	const struct {
		const char *outcome;
		uint32_t count;
	} rows[] = {
		{ "received", j->received },
		{ "lost_sd", j->loss_sd },
		{ "lost_ds", j->loss_ds },
		{ "missing", j->missing },
		{ "late", j->late },
		{ "corrupted", j->corrupted },
		{ "out_of_sequence", j->out_of_sequence },
		{ "duplicate", j->duplicates },
		{ "skipped", j->skipped },
		{ "over_threshold", j->over_threshold },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		add_with(s, "outcome", rows[i].outcome, rows[i].count, METRIC_WHOLE);
}

/* --- jitter and one way ------------------------------------------------------------------------ */

static struct sum_stats both_signs(const struct jitter_direction *d)
{
	struct sum_stats sum = d->positive;

	sum_stats_merge(&sum, &d->negative);
	return sum;
}

static void add_jitter_avg(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (!j)
		return;
	struct sum_stats sd = both_signs(&j->sd), ds = both_signs(&j->ds), rt = sd;

	sum_stats_merge(&rt, &ds);
	if (j->sd.samples > 0)
		add_way(s, "sd", sum_stats_avg_ns(&sd), METRIC_NS_TO_S);
	if (j->ds.samples > 0)
		add_way(s, "ds", sum_stats_avg_ns(&ds), METRIC_NS_TO_S);
	if (j->sd.samples + j->ds.samples > 0)
		add_way(s, "rt", sum_stats_avg_ns(&rt), METRIC_NS_TO_S);
}

static void add_jitter_max(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j && j->sd.samples > 0)
		add_way(s, "sd", both_signs(&j->sd).max_ns, METRIC_NS_TO_S);
	if (j && j->ds.samples > 0)
		add_way(s, "ds", both_signs(&j->ds).max_ns, METRIC_NS_TO_S);
}

static void add_jitter_interarrival(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j && j->sd.samples > 0)
		add_way(s, "sd", j->sd.interarrival_ns, METRIC_NS_TO_S);
	if (j && j->ds.samples > 0)
		add_way(s, "ds", j->ds.interarrival_ns, METRIC_NS_TO_S);
}

/* Withheld one-way values have no sample. */
static bool has_oneway(const struct jitter_result *j)
{
	return j && j->oneway_reason == ONEWAY_REPORTED;
}

static void add_oneway_avg(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (has_oneway(j) && j->oneway_sd.n > 0)
		add_way(s, "sd", sum_stats_avg_ns(&j->oneway_sd), METRIC_NS_TO_S);
	if (has_oneway(j) && j->oneway_ds.n > 0)
		add_way(s, "ds", sum_stats_avg_ns(&j->oneway_ds), METRIC_NS_TO_S);
}

static void add_oneway_min(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (has_oneway(j) && j->oneway_sd.n > 0)
		add_way(s, "sd", j->oneway_sd.min_ns, METRIC_NS_TO_S);
	if (has_oneway(j) && j->oneway_ds.n > 0)
		add_way(s, "ds", j->oneway_ds.min_ns, METRIC_NS_TO_S);
}

static void add_oneway_max(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (has_oneway(j) && j->oneway_sd.n > 0)
		add_way(s, "sd", j->oneway_sd.max_ns, METRIC_NS_TO_S);
	if (has_oneway(j) && j->oneway_ds.n > 0)
		add_way(s, "ds", j->oneway_ds.max_ns, METRIC_NS_TO_S);
}

static void add_oneway_error(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (has_oneway(j))
		add_plain(s, j->oneway_err_ns, METRIC_NS_TO_S);
}

/* --- voice ------------------------------------------------------------------------------------- */

static void add_mos(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j && j->codec != SLA_CODEC_NONE && j->mos_centi > 0)
		add_plain(s, j->mos_centi, METRIC_CENTI);
}

static void add_icpif(const struct sampler *s)
{
	const struct jitter_result *j = jitter_of(s);

	if (j && j->codec != SLA_CODEC_NONE && j->mos_centi > 0)
		add_plain(s, j->icpif, METRIC_WHOLE);
}

/* --- transactions ------------------------------------------------------------------------------ */

struct phase {
	const char *name;
	int64_t ns; /* -1: not reached, or there is no such step */
};

static void add_steps(const struct sampler *s, const struct phase *phases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (phases[i].ns >= 0)
			add_with(s, "phase", phases[i].name, phases[i].ns, METRIC_NS_TO_S);
	}
}

/* Nanoseconds that are 0 when there are none. */
static int64_t none_at_zero(int64_t ns)
{
	return ns > 0 ? ns : -1;
}

static void add_phases(const struct sampler *s)
{
	const struct sla_result *r = latest_of(s);

	if (!r)
		return;
	if (r->type == SLA_HTTP) {
		const struct http_result *h = &r->http;

		add_steps(s,
		          (const struct phase[]) { { "dns", h->dns_ns },
		                                   { "tcp", h->tcp_ns },
		                                   { "tls", h->tls_ns },
		                                   { "first_byte", h->first_byte_ns },
		                                   { "transaction", h->transaction_ns },
		                                   { "total", h->total_ns } },
		          6);
	} else if (r->type == SLA_FTP) {
		const struct ftp_result *f = &r->ftp;

		add_steps(s,
		          (const struct phase[]) { { "dns", f->dns_ns },
		                                   { "connect", f->connect_ns },
		                                   { "login", f->login_ns },
		                                   { "transfer", f->transfer_ns },
		                                   { "total", f->total_ns } },
		          5);
	} else if (r->type == SLA_DNS) {
		add_steps(s,
		          (const struct phase[]) { { "connect", none_at_zero(r->dns.connect_ns) },
		                                   { "query", none_at_zero(r->dns.query_rtt_ns) } },
		          2);
	} else if (r->type == SLA_DHCP) {
		add_steps(s,
		          (const struct phase[]) { { "offer", none_at_zero(r->dhcp.offer_ns) },
		                                   { "ack", none_at_zero(r->dhcp.ack_ns) } },
		          2);
	}
}

static void add_http_status(const struct sampler *s)
{
	const struct sla_result *r = latest_of(s);

	if (r && r->type == SLA_HTTP && r->http.status > 0)
		add_plain(s, (int64_t)r->http.status, METRIC_WHOLE);
}

static void add_transfer(const struct sampler *s)
{
	const struct sla_result *r = latest_of(s);

	if (r && r->type == SLA_HTTP)
		add_plain(s, metric_count(r->http.body_octets), METRIC_WHOLE);
	else if (r && r->type == SLA_FTP)
		add_plain(s, metric_count(r->ftp.octets), METRIC_WHOLE);
}

/* --- all of them ------------------------------------------------------------------------------- */

#define LATEST(suffix, getter, text)                                                            \
	{                                                                                       \
		{ "candor_" suffix, METRIC_GAUGE, text }, .needs_latest = true, .add = (getter) \
	}
#define GAUGE(suffix, getter, text)                                       \
	{                                                                 \
		{ "candor_" suffix, METRIC_GAUGE, text }, .add = (getter) \
	}
#define COUNTER(suffix, getter, text)                                       \
	{                                                                   \
		{ "candor_" suffix, METRIC_COUNTER, text }, .add = (getter) \
	}

static const struct op_metric metrics[] = {
	GAUGE("operation_info", add_info, "Constant 1: how the operation is configured."),
	GAUGE("operation_active", add_active, "1 while the operation is active, else 0."),
	COUNTER("results_total", add_results, "Runs that ended, by return code."),
	COUNTER("runs_missed_total", add_missed, "Runs that could not start, by cause."),
	{ { "candor_rtt_seconds", METRIC_HISTOGRAM,
	    "Round-trip times of all packets of completed runs." },
	  .add = add_histogram },
	GAUGE("latest_return_code", add_return_code,
	      "RttResponseSense of the latest run: 1 ok, 3 over threshold, 4 timeout, 0 never "
	      "ran."),
	LATEST("latest_start_timestamp_seconds", add_started, "When the latest run began."),
	LATEST("latest_duration_seconds", add_duration,
	       "From the start to the end of the latest run."),
	LATEST("latest_rtt_seconds", add_rtt,
	       "Round-trip time of the latest run; the average where it sends many packets."),
	LATEST("latest_rtt_error_seconds", add_rtt_error,
	       "Bound of the error of the round-trip times of the latest run."),
	LATEST("latest_rtt_min_seconds", add_rtt_min,
	       "Shortest round-trip time of the latest run."),
	LATEST("latest_rtt_max_seconds", add_rtt_max, "Longest round-trip time of the latest run."),
	LATEST("latest_loss_ratio", add_loss, "Packets of the latest run that were lost, 0 to 1."),
	LATEST("latest_packets_sent", add_sent, "Packets that the latest run sent."),
	LATEST("latest_packets", add_packets, "Packets of the latest run, by what became of them."),
	LATEST("latest_jitter_avg_seconds", add_jitter_avg,
	       "Average jitter of the latest run; differences of zero do not count."),
	LATEST("latest_jitter_max_seconds", add_jitter_max, "Largest jitter of the latest run."),
	LATEST("latest_jitter_interarrival_seconds", add_jitter_interarrival,
	       "RFC 1889 estimate at the end of the latest run."),
	LATEST("latest_oneway_avg_seconds", add_oneway_avg,
	       "Average one-way delay of the latest run; no sample when it is withheld."),
	LATEST("latest_oneway_min_seconds", add_oneway_min,
	       "Shortest one-way delay of the latest run."),
	LATEST("latest_oneway_max_seconds", add_oneway_max,
	       "Longest one-way delay of the latest run."),
	LATEST("latest_oneway_error_seconds", add_oneway_error,
	       "Bound of the error of the one-way delays of the latest run."),
	LATEST("latest_phase_seconds", add_phases,
	       "Steps of the latest transaction (http, ftp, dns, dhcp); no sample when not "
	       "reached."),
	LATEST("latest_http_status_code", add_http_status, "Status of the latest response."),
	LATEST("latest_transfer_bytes", add_transfer,
	       "Octets of the body or file that the latest run fetched."),
	LATEST("latest_mos", add_mos, "Mean opinion score of the latest run, 1 to 5."),
	LATEST("latest_icpif", add_icpif, "Planning impairment factor of the latest run, 0 to 93."),
};

const struct metric_family *metric_operations_family(unsigned index)
{
	return index < ARRAY_LEN(metrics) ? &metrics[index].family : NULL;
}

static void fill_labels(const struct node_view *node, const struct op_entry *e,
                        struct metric_text *labels)
{
	const char *vrf = e->conf->params.text.at[OP_TEXT_VRF];

	metric_text_clear(labels);
	metric_label(labels, "agent", node->hostname);
	metric_label_number(labels, "id", e->id.number);
	metric_label(labels, "type", name_of_type(e->conf->params.type));
	metric_label(labels, "target", e->conf->target);
	metric_label(labels, "tag", e->conf->tag);
	metric_label(labels, "vrf", vrf ? vrf : "");
}

/* Index of the first operation with at least this number. */
static uint32_t find_from(const struct node_view *node, uint32_t count, uint32_t number)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (node->ops[mid]->id.number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Samples of one family from the ``i``-th operation on, at least one; where it stopped. */
static uint32_t write_family(const struct node_view *node, const struct op_metric *m, uint32_t i,
                             uint32_t count, struct metric_text *labels, struct metric_text *t)
{
	struct sampler s = { .family = &m->family, .labels = labels, .to = t };

	do {
		s.entry = node->ops[i++];
		fill_labels(node, s.entry, labels);
		s.has_latest = m->needs_latest && op_entry_latest(s.entry, &s.latest) &&
		               s.latest.missed_cause == MISSED_NONE;
		m->add(&s);
	} while (i < count && t->len < METRIC_CHUNK);
	return i;
}

#define FAMILY_STEP (UINT64_C(1) << 32) /* numbers of operations are below it */

/* ``*at`` is the family in its upper half and the number of the next operation in its lower one; 0 there:
 * the family has not begun. */
bool metric_operations_write(const struct node_view *node, uint32_t max, uint64_t *at,
                             struct metric_text *t)
{
	uint32_t count = node->op_count < max ? node->op_count : max;
	uint32_t family = (uint32_t)(*at / FAMILY_STEP), number = (uint32_t)(*at % FAMILY_STEP);
	struct metric_text labels = { 0 };

	while (family < ARRAY_LEN(metrics) && count > 0 && t->len < METRIC_CHUNK) {
		uint32_t i = find_from(node, count, number);

		if (number == 0)
			metric_head(t, &metrics[family].family);
		if (i < count)
			i = write_family(node, &metrics[family], i, count, &labels, t);
		number = i < count ? node->ops[i]->id.number : 0;
		family += i == count;
	}
	metric_text_fini(&labels);
	*at = family * FAMILY_STEP + number;
	return family < ARRAY_LEN(metrics) && count > 0;
}
