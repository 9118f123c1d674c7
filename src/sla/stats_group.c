/* SPDX-License-Identifier: Apache-2.0 */
/* Adding runs up. */
#include "sla/stats_group.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct stats_group *stats_group_new(mono_t opened_at, wall_t started_at)
{
	struct stats_group *g = xcalloc(1, sizeof(*g));

	g->opened_at = opened_at;
	g->started_at = started_at;
	return g;
}

void stats_group_free(struct stats_group *g)
{
	if (!g)
		return;
	for (uint16_t i = 0; i < g->hop_count; i++)
		free(g->hops[i]);
	free(g->hops);
	free(g->jitter);
	free(g->http);
	free(g);
}

bool stats_sense_completes(enum sla_sense sense)
{
	return sense == SENSE_OK || sense == SENSE_OVER_THRESHOLD;
}

static uint32_t *counter_of(struct stats_errors *e, enum sla_sense sense)
{
	switch (sense) {
	case SENSE_DISCONNECTED:
		return &e->disconnects;
	case SENSE_TIMEOUT:
	case SENSE_DNS_SERVER_TIMEOUT:
	case SENSE_TCP_CONNECT_TIMEOUT:
	case SENSE_HTTP_TRANSACTION_TIMEOUT:
		return &e->timeouts;
	case SENSE_BUSY:
		return &e->busies;
	case SENSE_NOT_CONNECTED:
		return &e->no_connections;
	case SENSE_DROPPED:
		return &e->drops;
	case SENSE_SEQUENCE_ERROR:
		return &e->sequence_errors;
	case SENSE_VERIFY_ERROR:
		return &e->verify_errors;
	default:
		return &e->internal;
	}
}

void stats_errors_add(struct stats_errors *e, enum sla_sense sense, uint32_t n)
{
	*counter_of(e, sense) += n;
}

/* The hop that is there, or NULL. */
static struct stats_hop *find_hop(const struct stats_group *g, uint16_t path, uint16_t hop)
{
	for (uint16_t i = 0; i < g->hop_count; i++) {
		if (g->hops[i]->path == path && g->hops[i]->hop == hop)
			return g->hops[i];
	}
	return NULL;
}

static struct stats_hop *hop_of(struct stats_group *g, const struct stats_conf *c, uint16_t path,
                                uint16_t hop)
{
	struct stats_hop *h = find_hop(g, path, hop);

	if (h)
		return h;
	uint8_t buckets = c->distributions ? c->distributions : 1;

	h = xcalloc(1, sizeof(*h) + (size_t)buckets * sizeof(struct stats_bucket));

	h->path = path;
	h->hop = hop;
	h->bucket_count = buckets;
	h->interval_ms = c->interval_ms ? c->interval_ms : 1;
	g->hops = xrealloc(g->hops, g->hop_count + 1u, sizeof(struct stats_hop *));
	g->hops[g->hop_count++] = h;
	return h;
}

static struct stats_bucket *bucket_of(struct stats_hop *h, int64_t rtt_ns)
{
	int64_t index = rtt_ns / (h->interval_ms * NS_PER_MS);

	return &h->buckets[index < h->bucket_count ? index : h->bucket_count - 1];
}

static void hop_take(struct stats_hop *h, enum sla_sense sense, uint32_t n, int64_t rtt_ns)
{
	if (!stats_sense_completes(sense)) {
		stats_errors_add(&h->errors, sense, n);
		return;
	}
	struct stats_bucket *b = bucket_of(h, rtt_ns);

	sum_stats_add(&b->rtt, rtt_ns);
	b->over_thresholds += sense == SENSE_OVER_THRESHOLD;
}

struct stats_bucket stats_hop_total(const struct stats_hop *h)
{
	struct stats_bucket total = { 0 };

	for (uint8_t i = 0; i < h->bucket_count; i++) {
		sum_stats_merge(&total.rtt, &h->buckets[i].rtt);
		total.over_thresholds += h->buckets[i].over_thresholds;
	}
	return total;
}

/* --- jitter --- */

static void merge_direction(struct jitter_direction *into, const struct jitter_direction *from)
{
	sum_stats_merge(&into->positive, &from->positive);
	sum_stats_merge(&into->negative, &from->negative);
	into->samples += from->samples;
	into->interarrival_ns = from->interarrival_ns;
}

/* Extremes of two sets of lengths, of which 0 is none. */
static void merge_lengths(uint32_t *min, uint32_t *max, uint32_t from_min, uint32_t from_max)
{
	if (from_max == 0)
		return;
	if (*max == 0 || from_min < *min)
		*min = from_min;
	if (from_max > *max)
		*max = from_max;
}

static void merge_periods(struct loss_periods *into, const struct loss_periods *from)
{
	into->periods += from->periods;
	merge_lengths(&into->length_min, &into->length_max, from->length_min, from->length_max);
	merge_lengths(&into->inter_length_min, &into->inter_length_max, from->inter_length_min,
	              from->inter_length_max);
}

static void merge_run(struct jitter_result *into, const struct jitter_result *from)
{
	sum_stats_merge(&into->rtt, &from->rtt);
	sum_stats_merge(&into->oneway_sd, &from->oneway_sd);
	sum_stats_merge(&into->oneway_ds, &from->oneway_ds);
	merge_direction(&into->sd, &from->sd);
	merge_direction(&into->ds, &from->ds);
	into->sent += from->sent;
	into->received += from->received;
	into->loss_sd += from->loss_sd;
	into->loss_ds += from->loss_ds;
	into->missing += from->missing;
	into->late += from->late;
	into->out_of_sequence += from->out_of_sequence;
	into->duplicates += from->duplicates;
	into->corrupted += from->corrupted;
	into->skipped += from->skipped;
	into->over_threshold += from->over_threshold;
	into->copied_sequence |= from->copied_sequence;
	merge_periods(&into->loss_periods_sd, &from->loss_periods_sd);
	merge_periods(&into->loss_periods_ds, &from->loss_periods_ds);
	into->icpif = from->icpif;
	into->mos_centi = from->mos_centi;
	into->codec = from->codec;
	/* Values that there were stay, whatever the latest run had. */
	into->oneway_reason = into->oneway_sd.n > 0 ? ONEWAY_REPORTED : from->oneway_reason;
	if (from->oneway_err_ns > into->oneway_err_ns)
		into->oneway_err_ns = from->oneway_err_ns;
	into->peer_clock_err_ns = from->peer_clock_err_ns;
	memcpy(into->percentile, from->percentile, sizeof(into->percentile));
}

static void take_score(struct stats_jitter *s, const struct jitter_result *j)
{
	if (j->mos_centi == 0)
		return;
	if (s->scored == 0 || j->icpif < s->icpif_min)
		s->icpif_min = j->icpif;
	if (j->icpif > s->icpif_max)
		s->icpif_max = j->icpif;
	if (s->scored == 0 || j->mos_centi < s->mos_centi_min)
		s->mos_centi_min = j->mos_centi;
	if (j->mos_centi > s->mos_centi_max)
		s->mos_centi_max = j->mos_centi;
	s->scored++;
}

static bool is_unsynchronised(const struct jitter_result *j)
{
	return j->oneway_reason == ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED ||
	       j->oneway_reason == ONEWAY_PEER_CLOCK_UNSYNCHRONISED ||
	       j->oneway_reason == ONEWAY_PEER_CLOCK_UNKNOWN;
}

void stats_group_take_jitter(struct stats_group *g, const struct sla_result *r)
{
	if (!sla_type_has_jitter(r->type) || r->missed_cause != MISSED_NONE)
		return;
	if (!g->jitter)
		g->jitter = xcalloc(1, sizeof(*g->jitter));
	merge_run(&g->jitter->sums, &r->jitter);
	take_score(g->jitter, &r->jitter);
	g->unsynchronised += r->jitter.received > 0 && is_unsynchronised(&r->jitter);
}

/* --- http --- */

static int64_t reached(int64_t step_ns)
{
	return step_ns > 0 ? step_ns : 0;
}

static void take_http(struct stats_group *g, const struct sla_result *r)
{
	enum sla_sense sense = (enum sla_sense)r->sense;

	if (!g->http)
		g->http = xcalloc(1, sizeof(*g->http));
	struct stats_http *h = g->http;

	h->dns_timeouts += sense == SENSE_DNS_SERVER_TIMEOUT;
	h->tcp_timeouts += sense == SENSE_TCP_CONNECT_TIMEOUT;
	h->transaction_timeouts += sense == SENSE_HTTP_TRANSACTION_TIMEOUT;
	h->dns_errors += sense == SENSE_DNS_QUERY_ERROR;
	h->http_errors += sense == SENSE_HTTP_ERROR;
	if (!stats_sense_completes(sense))
		return;
	h->dns_sum_ns += reached(r->http.dns_ns);
	h->tcp_sum_ns += reached(r->http.tcp_ns);
	h->tls_sum_ns += reached(r->http.tls_ns);
	h->transaction_sum_ns += reached(r->http.transaction_ns);
	h->body_octets += r->http.body_octets;
}

/* The number of the path that these hops are: one that is known, or the next one; 0: as many are kept
 * as may be. */
static uint16_t path_number(const struct stats_group *g, const struct stats_conf *c,
                            const struct path_result *p, uint8_t hops)
{
	for (uint16_t path = 1; path <= c->paths; path++) {
		bool is_same = true;

		if (!find_hop(g, path, 1))
			return path;
		for (uint8_t i = 0; i < hops && is_same; i++) {
			const struct stats_hop *h = find_hop(g, path, (uint16_t)(i + 1));

			is_same = h && inet_addr_equal(&h->address, &p->hops[i].addr);
		}
		if (is_same && !find_hop(g, path, (uint16_t)(hops + 1)))
			return path;
	}
	return 0;
}

/* Each hop of the path by itself, the first ``hops`` of them. */
static void take_path(struct stats_group *g, const struct stats_conf *c, const struct sla_result *r)
{
	const struct path_result *p = &r->path;
	uint8_t hops = p->hop_count < c->hops ? p->hop_count : c->hops;
	uint16_t path = hops > 0 ? path_number(g, c, p, hops) : 0;

	for (uint8_t i = 0; path > 0 && i < hops; i++) {
		struct stats_hop *h = hop_of(g, c, path, (uint16_t)(i + 1));

		h->address = p->hops[i].addr;
		if (p->hops[i].sense != SENSE_OTHER)
			hop_take(h, (enum sla_sense)p->hops[i].sense, 1,
			         sum_stats_avg_ns(&p->hops[i].rtt));
	}
}

/* An operation without paths is its own first hop. */
static void take_target(struct stats_group *g, const struct stats_conf *c,
                        const struct sla_result *r, uint32_t n)
{
	struct stats_hop *h = hop_of(g, c, 1, 1);

	h->errors.sequence_errors += r->instrument.late_replies;
	h->address = r->target;
	hop_take(h, (enum sla_sense)r->sense, n, r->rtt_ns);
}

void stats_group_take(struct stats_group *g, const struct stats_conf *c, const struct sla_result *r)
{
	enum sla_sense sense = (enum sla_sense)r->sense;
	uint32_t n = r->missed_cause != MISSED_NONE ? r->missed : 1;

	g->initiations += n;
	g->successes += sense == SENSE_OK;
	g->over_thresholds += sense == SENSE_OVER_THRESHOLD;
	if (!stats_sense_completes(sense))
		stats_errors_add(&g->errors, sense, n);
	g->errors.sequence_errors += r->instrument.late_replies;
	if (r->type == SLA_HTTP && r->missed_cause == MISSED_NONE)
		take_http(g, r);
	if (r->type != SLA_PATH_ECHO)
		take_target(g, c, r, n);
	else if (r->missed_cause == MISSED_NONE)
		take_path(g, c, r);
}
