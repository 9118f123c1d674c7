/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla statistics aggregated [N] [details]: the hourly groups, one record each. */
#include "base/clocktypes.h"
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"
#include "sla/result.h"

#include <inttypes.h>
#include <string.h>

/* What every block of one record needs. */
struct group {
	const struct doc *d;    /* sla/aggregated */
	const struct doc *item; /* the group */
	struct format_unit unit;
	bool details;
	FILE *to;
};

static int64_t count(const struct doc *d, const char *key)
{
	return doc_int(d, key, 0);
}

/* --- the head -------------------------------------------------------------------------------- */

static void render_head(const struct group *g, bool is_jitter)
{
	char at[FORMAT_TIME_MAX];
	const char *type = doc_text(g->d, "type", "");

	format_time(count(g->item, "started_at_ns"), true, false, at);
	(void)fprintf(g->to, "IPSLA operation id: %" PRId64 "\n", count(g->d, "number"));
	/* As routers do it: the type comes second where there is more than a round trip. */
	if (is_jitter)
		(void)fprintf(g->to, "Start Time Index: %s\nType of operation: %s\n", at, type);
	else
		(void)fprintf(g->to, "Type of operation: %s\nStart Time Index: %s\n", type, at);
}

static void render_voice(const struct group *g)
{
	const struct doc *voice = doc_get(g->item, "voice_extremes");

	(void)fprintf(g->to,
	              "Voice Scores:\n"
	              "\tMinOfICPIF: %" PRId64 "\tMaxOfICPIF: %" PRId64,
	              count(voice, "icpif_min"), count(voice, "icpif_max"));
	if (count(voice, "runs") > 0)
		(void)fprintf(g->to, "\tMinOfMOS: %.2f\tMaxOfMOS: %.2f\n",
		              doc_real(voice, "mos_min", 0), doc_real(voice, "mos_max", 0));
	else
		(void)fputs("\tMinOfMOS: 0\tMaxOfMOS: 0\n", g->to);
}

/* --- details --------------------------------------------------------------------------------- */

static void render_errors(const struct group *g)
{
	const struct doc *e = doc_get(g->item, "errors");

	(void)fprintf(g->to,
	              "Failed Operations due to over threshold: %" PRId64 "\n"
	              "Failed Operations due to Disconnect/TimeOut/Busy/No Connection: %" PRId64
	              "/%" PRId64 "/%" PRId64 "/%" PRId64 "\n"
	              "Failed Operations due to Internal/Sequence/Verify Error: %" PRId64
	              "/%" PRId64 "/%" PRId64 "\n",
	              count(g->item, "over_thresholds"), count(e, "disconnects"),
	              count(e, "timeouts"), count(e, "busies"), count(e, "no_connections"),
	              count(e, "internal") + count(e, "drops"), count(e, "sequence_errors"),
	              count(e, "verify_errors"));
}

static void render_bucket(const struct group *g, const struct doc *bucket, int64_t completions)
{
	const struct doc *rtt = doc_get(bucket, "rtt"), *end = doc_get(bucket, "to_ns");
	int64_t n = count(rtt, "n"), from_ms = count(bucket, "from_ns") / NS_PER_MS;
	struct format_sum2_parts sum2 = format_sum2_parts(g->unit, doc_text(rtt, "sum2_ns2", "0"));

	if (end && end->kind == DOC_INT)
		(void)fprintf(g->to, "Bucket Range: %" PRId64 " to < %" PRId64 " ms\n", from_ms,
		              end->integer / NS_PER_MS);
	else
		(void)fprintf(g->to, "Bucket Range: >= %" PRId64 " ms\n", from_ms);
	(void)fprintf(g->to,
	              "Avg. Latency: %" PRId64 " ms\n"
	              "Percent of Total Completions for this range: %" PRId64 "%%\n"
	              "Number of Completions/Sum of Latency: %" PRId64 "/%" PRId64 "\n"
	              "Sum of RTT squared low 32 Bits/ Sum of RTT squared high 32 Bits: %" PRIu32
	              "/%" PRIu32 "\n",
	              count(rtt, "avg_ns") / NS_PER_MS, completions ? n * 100 / completions : 0, n,
	              format_in_unit(g->unit, count(rtt, "sum_ns")), sum2.low, sum2.high);
}

static void render_hop(const struct group *g, const struct doc *hop, bool has_paths)
{
	if (has_paths)
		(void)fprintf(g->to,
		              "Path Index: %" PRId64 "\n"
		              "Hop in Path Index: %" PRId64 "\n"
		              "Target Address %s\n",
		              count(hop, "path"), count(hop, "hop"), doc_text(hop, "address", ""));
	for (const struct doc_member *b = doc_first(doc_get(hop, "buckets")); b; b = b->next)
		render_bucket(g, &b->value, count(hop, "completions"));
}

static void render_distribution(const struct group *g)
{
	bool has_paths = strcmp(doc_text(g->d, "type", ""), "path-echo") == 0;

	(void)fputs("Distribution Statistics:\n\n", g->to);
	for (const struct doc_member *h = doc_first(doc_get(g->item, "hops")); h; h = h->next)
		render_hop(g, &h->value, has_paths);
}

/* --- a record -------------------------------------------------------------------------------- */

static void render_http(const struct group *g, const struct doc *http)
{
	(void)fprintf(g->to,
	              "DNS RTT: %" PRId64 "\n"
	              "TCP Connection RTT: %" PRId64 "\n"
	              "HTTP Transaction RTT: %" PRId64 "\n",
	              format_in_unit(g->unit, count(http, "dns_sum_ns")),
	              format_in_unit(g->unit, count(http, "tcp_sum_ns")),
	              format_in_unit(g->unit, count(http, "transaction_sum_ns")));
}

static void render_group(const struct group *g)
{
	const struct doc *jitter = doc_get(g->item, "jitter");
	const struct doc *http = doc_get(g->item, "http");
	bool is_jitter = jitter && jitter->kind == DOC_MAP;

	render_head(g, is_jitter);
	if (is_jitter) {
		render_voice(g);
		render_jitter_sums(jitter, g->unit, g->details, g->to);
	}
	if (http && http->kind == DOC_MAP)
		render_http(g, http);
	(void)fprintf(g->to,
	              "Number of successes: %" PRId64 "\n"
	              "Number of failures: %" PRId64 "\n",
	              count(g->item, "successes"), count(g->item, "failures"));
	if (g->details) {
		render_errors(g);
		render_distribution(g);
	}
	(void)fputs("\n\n\n", g->to);
}

void render_aggregated_head(FILE *to)
{
	(void)fputs("IPSLAs aggregated statistics\n\n", to);
}

void render_aggregated(const struct doc *aggregated, bool details, FILE *to)
{
	struct group g = {
		.d = aggregated,
		.unit = format_unit_of(aggregated),
		.details = details,
		.to = to,
	};

	for (const struct doc_member *m = doc_first(doc_get(aggregated, "items")); m; m = m->next) {
		g.item = &m->value;
		render_group(&g);
	}
}

static void render_entry(const struct cli *cli, const struct doc *d)
{
	render_aggregated(d, cli_arg(cli, "details") != NULL, cli->out);
}

int show_aggregated(struct cli *cli)
{
	static const struct show_entries view = {
		.path = "sla/result",
		.suffix = "/aggregated",
		.is_list = true,
		.render_head = render_aggregated_head,
		.render = render_entry,
	};

	return show_entries(cli, &view);
}
