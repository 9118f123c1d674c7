/* SPDX-License-Identifier: Apache-2.0 */
/* Sums over the runs of one stretch of time: an hour, or an interval of the enhanced history.  Counters
 * by cause of failure, completed runs by path, hop and bucket of latency, and for jitter operations
 * the sums of everything that a run measures.
 *
 * A run belongs to the group that is open when it ends.  Runs that were due and did not begin count as
 * initiations, and as busy or dropped.  Memory is taken at first need, from xalloc.
 * Sources: rttMonStatsCaptureTable, rttMonStatsCollectTable, rttMonStatsTotalsTable and
 * rttMonJitterStatsTable of CISCO-RTTMON-MIB. */
#ifndef CANDOR_SLA_STATS_GROUP_H
#define CANDOR_SLA_STATS_GROUP_H

#include "base/clocktypes.h"
#include "sla/result.h"
#include "sla/stats_conf.h"
#include <stdint.h>

/* Runs that did not complete, by cause; each is in exactly one.  Late replies to runs that ended with a timeout
 * are in sequence_errors, beside these runs in timeouts. */
struct stats_errors {
	uint32_t disconnects, timeouts, busies, no_connections, drops;
	uint32_t internal; /* every other cause */
	uint32_t sequence_errors, verify_errors;
};

/* Completed runs whose round trip was in one range. */
struct stats_bucket {
	struct sum_stats rtt;
	uint64_t over_thresholds;
};

/* One hop of one path; operations without paths have one, 1 and 1. */
struct stats_hop {
	uint16_t path, hop; /* from 1 */
	struct inet_addr address;
	struct stats_errors errors;
	uint8_t bucket_count; /* range i is i x interval_ms <= rtt < (i + 1) x interval_ms, the last one open */
	uint8_t interval_ms;
	struct stats_bucket buckets[];
};

struct stats_jitter {
	struct jitter_result
	        sums;    /* counts and sums added up, extremes of all; the rest of the latest run */
	uint32_t scored; /* runs with a voice score */
	uint8_t icpif_min, icpif_max; /* of these; 0 when none */
	uint16_t mos_centi_min, mos_centi_max;
};

/* Sums over the completed runs of http, and what the others failed of (rttMonHTTPStatsTable). */
struct stats_http {
	int64_t dns_sum_ns, tcp_sum_ns, tls_sum_ns,
	        transaction_sum_ns; /* 0 where a run had no such step */
	uint64_t body_octets;
	uint32_t dns_timeouts, tcp_timeouts, transaction_timeouts, dns_errors, http_errors;
};

struct stats_group {
	mono_t opened_at;
	wall_t started_at;
	uint64_t initiations;     /* runs, and those that did not begin */
	uint64_t successes;       /* return code OK */
	uint64_t over_thresholds; /* completed, over the threshold */
	struct stats_errors errors;
	uint32_t
	        unsynchronised; /* runs without one-way values because a clock was not synchronised */
	uint16_t hop_count;
	struct stats_hop **hops;     /* in the order in which they appeared */
	struct stats_jitter *jitter; /* NULL: no such run yet */
	struct stats_http *http;     /* likewise */
};

struct stats_group *stats_group_new(mono_t opened_at, wall_t started_at);
void stats_group_free(struct stats_group *g); /* NULL is fine */

/* Count a run, or an entry for runs that did not begin. */
void stats_group_take(struct stats_group *g, const struct stats_conf *c,
                      const struct sla_result *r);

/* And what a run of a jitter operation measured beside its round trip. */
void stats_group_take_jitter(struct stats_group *g, const struct sla_result *r);

/* ``n`` runs that ended with ``sense``, in one of the counters. */
void stats_errors_add(struct stats_errors *e, enum sla_sense sense, uint32_t n);

/* OK or over the threshold: there is a time. */
bool stats_sense_completes(enum sla_sense sense);

/* Completed runs of a hop, all its buckets together. */
struct stats_bucket stats_hop_total(const struct stats_hop *h);

#endif
