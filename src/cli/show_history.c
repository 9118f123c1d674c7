/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla history [N] [tabular|full] and show ip sla enhanced-history …: tables of what is kept. */
#include "base/clocktypes.h"
#include "base/inet.h"
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

static int64_t count(const struct doc *d, const char *key)
{
	return doc_int(d, key, 0);
}

/* --- samples --------------------------------------------------------------------------------- */

/* As routers write an address here: octets in hexadecimal, without leading zeros. */
static void print_octets(const char *text, FILE *to)
{
	struct inet_addr addr;

	(void)fputs(" ", to);
	if (inet_addr_parse(text, &addr) == 0) {
		unsigned octets = addr.family == INET_V4 ? 4 : 16;

		for (unsigned i = 0; i < octets; i++)
			(void)fprintf(to, " %X", addr.bytes[i]);
	}
	(void)fputc('\n', to);
}

/* Milliseconds of the node when the run began. */
static int64_t uptime_ms(const struct doc *history, const struct doc *sample)
{
	return (count(sample, "started_at_ns") - count(history, "started_at_ns")) / NS_PER_MS;
}

void render_history_head(FILE *to)
{
	(void)fputs("\tPoint by point History\n"
	            "\tMultiple Lines per Entry\n"
	            "Line 1\n"
	            "Entry    = Entry Number\n"
	            "LifeI    = Life Index\n"
	            "BucketI  = Bucket Index\n"
	            "SampleI  = Sample Index\n"
	            "SampleT  = Sample Start Time\n"
	            "CompT    = Completion Time (milliseconds)\n"
	            "Sense    = Response Return Code\n\n"
	            "Line 2 has the Target Address\n"
	            "Entry LifeI      BucketI    SampleI    SampleT   CompT      Sense\n",
	            to);
}

void render_history(const struct doc *history, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(history, "items")); m; m = m->next) {
		const struct doc *s = &m->value;

		(void)fprintf(to,
		              "%-5" PRId64 " %-10" PRId64 " %-10" PRId64 " %-10" PRId64
		              " %-9" PRId64 " %-10" PRId64 " %" PRId64 "\n",
		              count(history, "number"), count(s, "life"), count(s, "bucket"),
		              count(s, "sample"), uptime_ms(history, s),
		              count(s, "rtt_ns") / NS_PER_MS, count(s, "return_code"));
		print_octets(doc_text(s, "address", ""), to);
	}
}

void render_history_full(const struct doc *history, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(history, "items")); m; m = m->next) {
		const struct doc *s = &m->value;
		char at[FORMAT_TIME_MAX];

		(void)fprintf(to,
		              "Entry Number: %" PRId64 "\n"
		              "Life Index: %" PRId64 "\n"
		              "Bucket Index: %" PRId64 "\n"
		              "Sample Index: %" PRId64 "\n"
		              "Sample Start Time: %s\n"
		              "RTT (milliseconds): %" PRId64 "\n"
		              "Response Return Code: %s\n"
		              "Target Address %s\n\n",
		              count(history, "number"), count(s, "life"), count(s, "bucket"),
		              count(s, "sample"),
		              format_time(count(s, "started_at_ns"), true, true, at),
		              count(s, "rtt_ns") / NS_PER_MS, render_return_code(s),
		              doc_text(s, "address", ""));
	}
}

static void no_head(FILE *to)
{
	(void)to;
}

static void history_entry(const struct cli *cli, const struct doc *d)
{
	render_history(d, cli->out);
}

static void full_entry(const struct cli *cli, const struct doc *d)
{
	render_history_full(d, cli->out);
}

int show_sla_history(struct cli *cli)
{
	static const struct show_entries tabular = {
		.path = "sla/history",
		.list = "sla/operation",
		.is_list = true,
		.render_head = render_history_head,
		.render = history_entry,
	};
	static const struct show_entries full = {
		.path = "sla/history",
		.list = "sla/operation",
		.is_list = true,
		.render_head = no_head,
		.render = full_entry,
	};

	return show_entries(cli, cli_arg(cli, "full") ? &full : &tabular);
}

/* --- enhanced history ------------------------------------------------------------------------ */

static void render_collected_hop(const struct doc *hop, FILE *to)
{
	static const struct {
		const char *words, *key;
	} rows[] = {
		{ "a Disconnect", "disconnects" },
		{ "a Timeout", "timeouts" },
		{ "a Busy", "busies" },
		{ "a No Connection", "no_connections" },
		{ "an Internal Error", "internal" },
		{ "a Sequence Error", "sequence_errors" },
		{ "a Verify Error", "verify_errors" },
	};
	const struct doc *errors = doc_get(hop, "errors");

	(void)fprintf(to, "Target Address: %s\n", doc_text(hop, "address", ""));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t n = count(errors, rows[i].key);

		if (strcmp(rows[i].key, "internal") == 0)
			n += count(errors, "drops");
		(void)fprintf(to, "Number of failed operations due to %s: %" PRId64 "\n",
		              rows[i].words, n);
	}
}

void render_enhanced_collection(const struct doc *enhanced, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(enhanced, "items")); m; m = m->next) {
		const struct doc *bucket = &m->value;
		char at[FORMAT_TIME_MAX];

		(void)fprintf(to,
		              "Entry number: %" PRId64 "\n"
		              "Aggregation Interval: %" PRId64 "\n"
		              "Bucket Index: %" PRId64 "\n"
		              "Aggregation start time %s\n",
		              count(enhanced, "number"), count(enhanced, "interval_s"),
		              count(bucket, "bucket"),
		              format_time(count(bucket, "started_at_ns"), true, true, at));
		for (const struct doc_member *h = doc_first(doc_get(bucket, "hops")); h;
		     h = h->next)
			render_collected_hop(&h->value, to);
		(void)fputc('\n', to);
	}
}

void render_enhanced_distribution_head(FILE *to)
{
	(void)fputs("Point by point Enhanced History\n"
	            "Entry    = Entry Number\n"
	            "Int      = Aggregation Interval (seconds)\n"
	            "BucI     = Bucket Index\n"
	            "StartT   = Aggregation Start Time\n"
	            "Pth      = Path Index\n"
	            "Hop      = Hop in Path Index\n"
	            "Comps    = Operations Completed\n"
	            "OvrTh    = Operations Completed over Threshold\n"
	            "SumCmp   = Sum of RTT\n"
	            "SumCmp2L = Sum of RTT squared low 32 bits\n"
	            "SumCmp2H = Sum of RTT squared high 32 bits\n"
	            "TMax     = RTT maximum\n"
	            "TMin     = RTT minimum\n\n"
	            "Entry Int BucI StartT     Pth Hop Comps OvrTh SumCmp     SumCmp2L   SumCmp2H "
	            "TMax TMin\n",
	            to);
}

static void render_distributed_hop(const struct doc *enhanced, const struct doc *bucket,
                                   const struct doc *hop, FILE *to)
{
	struct format_unit unit = format_unit_of(enhanced);
	const struct doc *rtt = doc_get(hop, "rtt");
	struct format_sum2_parts sum2 = format_sum2_parts(unit, doc_text(rtt, "sum2_ns2", "0"));

	(void)fprintf(to,
	              "%-5" PRId64 " %-3" PRId64 " %-4" PRId64 " %-10" PRId64 " %-3" PRId64
	              " %-3" PRId64 " %-5" PRId64 " %-5" PRId64 " %-10" PRId64 " %-10" PRIu32
	              " %-8" PRIu32 " %-4" PRId64 " %" PRId64 "\n",
	              count(enhanced, "number"), count(enhanced, "interval_s"),
	              count(bucket, "bucket"), count(bucket, "start_time_index") * 10,
	              count(hop, "path"), count(hop, "hop"), count(hop, "completions"),
	              count(hop, "over_thresholds"), format_in_unit(unit, count(rtt, "sum_ns")),
	              sum2.low, sum2.high, format_in_unit(unit, count(rtt, "max_ns")),
	              format_in_unit(unit, count(rtt, "min_ns")));
}

void render_enhanced_distribution(const struct doc *enhanced, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(enhanced, "items")); m; m = m->next) {
		const struct doc_member *h = doc_first(doc_get(&m->value, "hops"));

		for (; h; h = h->next)
			render_distributed_hop(enhanced, &m->value, &h->value, to);
	}
}

static void collection_entry(const struct cli *cli, const struct doc *d)
{
	render_enhanced_collection(d, cli->out);
}

static void distribution_entry(const struct cli *cli, const struct doc *d)
{
	render_enhanced_distribution(d, cli->out);
}

int show_collection(struct cli *cli)
{
	static const struct show_entries view = {
		.path = "sla/enhanced",
		.list = "sla/operation",
		.is_list = true,
		.render_head = no_head,
		.render = collection_entry,
	};

	return show_entries(cli, &view);
}

int show_distribution(struct cli *cli)
{
	static const struct show_entries view = {
		.path = "sla/enhanced",
		.list = "sla/operation",
		.is_list = true,
		.render_head = render_enhanced_distribution_head,
		.render = distribution_entry,
	};

	return show_entries(cli, &view);
}
