/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords, ranges and defaults of what is kept. */
#include "sla/stats_conf.h"

#include "base/diag.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ENHANCED_S       900
#define ENHANCED_S_MAX   3600
#define ENHANCED_BUCKETS 100

#define FIELD(member)    offsetof(struct stats_conf, member)

const char *const history_filter_names[] = { "none", "all", "overThreshold", "failures", NULL };

/* The number behind `interval` or `buckets`: 1 .. max. */
static int take_number(const struct conf_args *args, unsigned at, unsigned max, unsigned *ret,
                       struct diag *d)
{
	const char *text = at < args->count ? args->token[at] : "";
	char *stop;
	unsigned long value = strtoul(text, &stop, 10);

	if (*text < '0' || *text > '9' || *stop || value < 1 || value > max) {
		d->column = at + 1;
		return diag_set(d, -EINVAL, "expected a number, 1 to %u, found %s%.60s%s", max,
		                *text ? "'" : "the end of the line", text, *text ? "'" : "");
	}
	*ret = (unsigned)value;
	return 0;
}

static bool begins(const char *word, const char *keyword)
{
	return *word && strncasecmp(word, keyword, strlen(word)) == 0;
}

/* [interval SECONDS] [buckets COUNT], in any order. */
static int parse_enhanced(void *object, const struct conf_row *row, const struct conf_args *args,
                          struct diag *d)
{
	struct stats_conf *c = object;
	unsigned length_s = ENHANCED_S, buckets = ENHANCED_BUCKETS;

	(void)row;
	for (unsigned at = 0; at < args->count; at += 2) {
		int rc;

		if (begins(args->token[at], "interval")) {
			rc = take_number(args, at + 1, ENHANCED_S_MAX, &length_s, d);
		} else if (begins(args->token[at], "buckets")) {
			rc = take_number(args, at + 1, STATS_ENHANCED_MAX, &buckets, d);
		} else {
			d->column = at + 1;
			rc = diag_set(d, -EINVAL, "expected interval or buckets, found '%.60s'",
			              args->token[at]);
		}
		if (rc < 0)
			return rc;
	}
	c->enhanced_s = (uint16_t)length_s;
	c->enhanced_buckets = (uint8_t)buckets;
	return (int)args->count;
}

static void print_enhanced(const void *object, const struct conf_row *row, char *to, size_t cap)
{
	const struct stats_conf *c = object;

	(void)row;
	*to = '\0';
	if (c->enhanced_buckets > 0)
		(void)snprintf(to, cap, "interval %u buckets %u", c->enhanced_s,
		               c->enhanced_buckets);
}

static void reset_enhanced(void *object, const struct conf_row *row)
{
	struct stats_conf *c = object;

	(void)row;
	c->enhanced_buckets = 0;
	c->enhanced_s = 0;
}

const struct conf_row stats_conf_rows[] = {
	{ .keyword = "history hours-of-statistics-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(hours),
	  .min = 0,
	  .max = STATS_HOURS_MAX,
	  .initial = 2,
	  .help = "Hourly groups of statistics that are kept; 0 keeps none",
	  .source = "IOS; rttMonStatisticsAdminNumHourGroups" },
	{ .keyword = "history distributions-of-statistics-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(distributions),
	  .min = 1,
	  .max = STATS_DISTRIBUTIONS_MAX,
	  .initial = 1,
	  .help = "Buckets of latency in an hourly group",
	  .source = "IOS; rttMonStatisticsAdminNumDistBuckets" },
	{ .keyword = "history statistics-distribution-interval",
	  .kind = CK_U8,
	  .unit = U_MS,
	  .where = CW_SUB,
	  .offset = FIELD(interval_ms),
	  .min = 1,
	  .max = 100,
	  .initial = 20,
	  .help = "Width of a bucket of latency; with one bucket it does not matter",
	  .source = "IOS; rttMonStatisticsAdminDistInterval" },
	{ .keyword = "history lives-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(lives),
	  .min = 0,
	  .max = STATS_LIVES_MAX,
	  .initial = 0,
	  .help = "Lives of which single runs are kept; 0 keeps none",
	  .source = "IOS; rttMonHistoryAdminNumLives" },
	{ .keyword = "history buckets-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(buckets),
	  .min = 1,
	  .max = STATS_BUCKETS_MAX,
	  .initial = 15,
	  .help = "Runs that are kept of a life, the newest",
	  .source = "IOS; rttMonHistoryAdminNumBuckets" },
	{ .keyword = "history filter",
	  .kind = CK_ENUM,
	  .where = CW_SUB,
	  .offset = FIELD(filter),
	  .initial = HISTORY_FILTER_NONE,
	  .names = history_filter_names,
	  .help = "Which runs are kept",
	  .source = "IOS; rttMonHistoryAdminFilter" },
	{ .keyword = "history enhanced",
	  .kind = CK_CUSTOM,
	  .where = CW_SUB,
	  .offset = FIELD(enhanced_buckets),
	  .usage = "[interval=Length of a bucket; <1-3600>=Seconds, default 900;] "
	           "[buckets=How many are kept; <1-100>=Buckets, default 100;]",
	  .help = "Sums over shorter times than an hour, until the buckets are used up",
	  .source = "IOS",
	  .parse = parse_enhanced,
	  .print = print_enhanced,
	  .reset = reset_enhanced },
	{ .keyword = "samples-of-history-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(samples),
	  .min = 1,
	  .max = STATS_HOPS_MAX,
	  .initial = 16,
	  .help = "Hops that are kept of a run",
	  .source = "IOS; rttMonHistoryAdminNumSamples" },
	{ .keyword = "paths-of-statistics-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(paths),
	  .min = 1,
	  .max = STATS_PATHS_MAX,
	  .initial = 5,
	  .help = "Paths that have statistics of their own, the first ones of an hour",
	  .source = "IOS; rttMonStatisticsAdminNumPaths" },
	{ .keyword = "hops-of-statistics-kept",
	  .kind = CK_U8,
	  .where = CW_SUB,
	  .offset = FIELD(hops),
	  .min = 1,
	  .max = STATS_HOPS_MAX,
	  .initial = 16,
	  .help = "Hops of a path that have statistics of their own",
	  .source = "IOS; rttMonStatisticsAdminNumHops" },
	{ 0 },
};

unsigned stats_conf_row_use(const struct conf_row *row)
{
	switch (row->offset) {
	case FIELD(hours):
	case FIELD(distributions):
	case FIELD(interval_ms):
		return STATS_HOURS;
	case FIELD(lives):
	case FIELD(buckets):
	case FIELD(filter):
		return STATS_HISTORY;
	case FIELD(enhanced_buckets):
		return STATS_ENHANCED;
	default:
		return STATS_PATHS;
	}
}

bool stats_conf_equal(const struct stats_conf *a, const struct stats_conf *b)
{
	return a->hours == b->hours && a->distributions == b->distributions &&
	       a->interval_ms == b->interval_ms && a->lives == b->lives &&
	       a->buckets == b->buckets && a->filter == b->filter && a->samples == b->samples &&
	       a->paths == b->paths && a->hops == b->hops &&
	       a->enhanced_buckets == b->enhanced_buckets && a->enhanced_s == b->enhanced_s;
}
