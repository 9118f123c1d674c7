/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation keeps of its past, and for how long.  Three stores of IOS, each by itself:
 *
 *   hourly groups     `history hours-of-statistics-kept` …: `show ip sla statistics aggregated`
 *   samples           `history lives-kept` …: `show ip sla history`
 *   enhanced history  `history enhanced`: `show ip sla enhanced-history`
 *
 * Which of them a type has is in its struct probe_type (``stats``).
 * Sources: rttMonStatisticsAdminTable, rttMonHistoryAdminTable of CISCO-RTTMON-MIB; IOS. */
#ifndef CANDOR_SLA_STATS_CONF_H
#define CANDOR_SLA_STATS_CONF_H

#include "base/conf_row.h"
#include <stdbool.h>
#include <stdint.h>

/* Bits of probe_type.stats. */
enum stats_use {
	STATS_HOURS = 1,    /* hourly groups */
	STATS_HISTORY = 2,  /* samples of single runs */
	STATS_ENHANCED = 4, /* enhanced history */
	STATS_PATHS = 8,    /* statistics by path and hop */
};

enum history_filter {
	HISTORY_FILTER_NONE,
	HISTORY_FILTER_ALL,
	HISTORY_FILTER_OVER_THRESHOLD,
	HISTORY_FILTER_FAILURES, /* runs that did not complete */
};

#define STATS_HOURS_MAX         25
#define STATS_DISTRIBUTIONS_MAX 20
#define STATS_LIVES_MAX         2
#define STATS_BUCKETS_MAX       60
#define STATS_ENHANCED_MAX      100
#define STATS_PATHS_MAX         128
#define STATS_HOPS_MAX          30

struct stats_conf {
	uint8_t hours;            /* groups kept, 0-25; 0: no hourly statistics */
	uint8_t distributions;    /* buckets of latency in a group, 1-20 */
	uint8_t interval_ms;      /* width of such a bucket, 1-100 */
	uint8_t lives;            /* 0-2; 0: no samples */
	uint8_t buckets;          /* attempts kept of one life, 1-60 */
	uint8_t filter;           /* enum history_filter */
	uint8_t samples;          /* hops kept of one attempt, 1-30 */
	uint8_t paths;            /* paths with statistics, 1-128 */
	uint8_t hops;             /* hops of a path with statistics, 1-30 */
	uint8_t enhanced_buckets; /* 1-100; 0: no enhanced history */
	uint16_t enhanced_s;      /* length of one of these, 1-3600 s */
};

/* Over struct stats_conf; all of them below the type line. */
extern const struct conf_row stats_conf_rows[];

/* The bits of enum stats_use of which a type needs one to have this row. */
unsigned stats_conf_row_use(const struct conf_row *row);

extern const char *const history_filter_names[]; /* by enum history_filter */

bool stats_conf_equal(const struct stats_conf *a, const struct stats_conf *b);

#endif
