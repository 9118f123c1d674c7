/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a measurement in words. */
#include "cli/format.h"
#include "cli/probe_job.h"
#include "cli/show.h"

#include <inttypes.h>
#include <string.h>

static void row(const char *title, const struct doc *sums, FILE *to)
{
	char least[FORMAT_SPAN_MAX], avg[FORMAT_SPAN_MAX], most[FORMAT_SPAN_MAX];
	const struct doc *n = doc_get(sums, "max_ns");

	if (!n || n->kind != DOC_INT)
		return;
	(void)fprintf(to, "  %-22s %14s %14s %14s\n", title,
	              format_duration(doc_int(sums, "min_ns", 0), least),
	              format_duration(doc_int(sums, "avg_ns", 0), avg),
	              format_duration(doc_int(sums, "max_ns", 0), most));
}

static void table_head(FILE *to)
{
	(void)fprintf(to, "  %-22s %14s %14s %14s\n", "", "min", "avg", "max");
}

static double percent(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void print_runs(const struct doc *d, FILE *to)
{
	int64_t runs = doc_int(d, "runs", 0), missed = doc_int(d, "missed_busy", 0);

	(void)fprintf(to, "%" PRId64 " run%s", runs, runs == 1 ? "" : "s");
	for (const struct doc_member *m = doc_first(doc_get(d, "runs_by_sense")); m; m = m->next) {
		const char *between = m == doc_first(doc_get(d, "runs_by_sense")) ? ": " : ", ";

		if (m->value.kind != DOC_INT)
			continue;
		(void)fprintf(to, "%s%" PRId64 " ", between, m->value.integer);
		for (const char *c = m->key; *c; c++)
			(void)fputc(*c == '_' ? ' ' : *c, to);
	}
	if (missed > 0)
		(void)fprintf(to, "; %" PRId64 " missed (the previous run was still on)", missed);
	(void)fprintf(to, "%s\n", doc_bool(d, "interrupted", false) ? "; interrupted" : "");
}

static void print_packets(const struct doc *jitter, FILE *to)
{
	const struct doc *p = doc_get(jitter, "packets");
	int64_t sent = doc_int(p, "sent", 0), out = doc_int(p, "lost_sd", 0);
	int64_t back = doc_int(p, "lost_ds", 0), unknown = doc_int(p, "missing", 0);

	(void)fprintf(to,
	              "packets: %" PRId64 " sent, %" PRId64 " received; lost %.3g%%: %" PRId64
	              " out, %" PRId64 " back, %" PRId64 " unknown\n",
	              sent, doc_int(p, "received", 0), percent(out + back + unknown, sent), out,
	              back, unknown);
	(void)fprintf(to,
	              "  %" PRId64 " late, %" PRId64 " out of sequence, %" PRId64
	              " duplicated, %" PRId64 " corrupted, %" PRId64 " not sent\n",
	              doc_int(p, "late", 0), doc_int(p, "out_of_sequence", 0),
	              doc_int(p, "duplicates", 0), doc_int(p, "corrupted", 0),
	              doc_int(p, "skipped", 0));
}

/* Quantiles of the round trip, as one more head and row of the table. */
static void print_quantiles(const struct doc *d, FILE *to)
{
	const struct doc *spread = doc_get(d, "rtt_distribution");
	char p50[FORMAT_SPAN_MAX], p95[FORMAT_SPAN_MAX], p99[FORMAT_SPAN_MAX];

	(void)fprintf(to, "  %-22s %14s %14s %14s\n  %-22s %14s %14s %14s\n", "", "p50", "p95",
	              "p99", "round trip", format_duration(doc_int(spread, "p50_ns", 0), p50),
	              format_duration(doc_int(spread, "p95_ns", 0), p95),
	              format_duration(doc_int(spread, "p99_ns", 0), p99));
}

static bool has_distribution(const struct doc *d)
{
	return doc_int(doc_get(d, "rtt_distribution"), "n", 0) > 1;
}

static void print_jitter(const struct doc *d, const struct doc *jitter, FILE *to)
{
	const struct doc *oneway = doc_get(jitter, "oneway"), *voice = doc_get(jitter, "voice");

	print_packets(jitter, to);
	if (doc_int(doc_get(jitter, "rtt"), "n", 0) > 0)
		table_head(to);
	row("round trip", doc_get(jitter, "rtt"), to);
	row("one way out", doc_get(oneway, "sd"), to);
	row("one way back", doc_get(oneway, "ds"), to);
	row("jitter out", doc_get(jitter, "jitter_sd"), to);
	row("jitter back", doc_get(jitter, "jitter_ds"), to);
	if (has_distribution(d))
		print_quantiles(d, to);
	if (doc_int(d, "answered", 0) > 0 && render_oneway_reason(d))
		(void)fprintf(to, "  no one-way values: %s\n", render_oneway_reason(d));
	if (doc_get(voice, "mos"))
		(void)fprintf(to, "voice: MOS %.2f, ICPIF %" PRId64 " (%s%s)\n",
		              doc_real(voice, "mos", 0), doc_int(voice, "icpif", 0),
		              doc_text(voice, "codec", ""),
		              doc_int(d, "runs", 0) > 1 ? ", the worst run" : "");
}

static void print_single(const struct doc *d, FILE *to)
{
	if (!has_distribution(d))
		return; /* the run's own line has said it */
	table_head(to);
	row("round trip", doc_get(d, "rtt"), to);
	print_quantiles(d, to);
}

void render_probe_summary(const struct doc *summary, FILE *to)
{
	const struct doc *jitter = doc_get(summary, "jitter");

	print_runs(summary, to);
	if (jitter && jitter->kind == DOC_MAP)
		print_jitter(summary, jitter, to);
	else
		print_single(summary, to);
	if (doc_int(summary, "answered", 0) > 0) {
		(void)fputs("quality:\n", to);
		render_quality(summary, "  ", to);
	}
}
