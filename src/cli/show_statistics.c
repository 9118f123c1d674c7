/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla statistics [N] [details]: the latest run of each operation.  The lines of a router
 * come first and as they are there; what only we know stands at the end of a record. */
#include "base/clocktypes.h"
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"
#include "cli/show_statistics.h"
#include "sla/sense.h"

#include <inttypes.h>
#include <string.h>

/* What every block of one record needs. */
struct record {
	const struct doc *d;      /* sla/statistics/N */
	const struct doc *latest; /* NULL: never ran */
	const struct doc *jitter; /* NULL: a type without that part */
	const struct doc *path;   /* likewise */
	struct format_unit unit;
	bool details;
	FILE *to;
};

const char *render_return_code(const struct doc *result)
{
	return sla_sense_text((enum sla_sense)doc_int(result, "return_code", SENSE_OTHER));
}

static bool is_type(const struct record *r, const char *type)
{
	return strcmp(doc_text(r->d, "type", ""), type) == 0;
}

static int64_t in_unit(const struct record *r, const struct doc *sums, const char *key)
{
	return format_in_unit(r->unit, doc_int(sums, key, 0));
}

static void line_min_avg_max(const struct record *r, const char *title, const struct doc *sums)
{
	(void)fprintf(r->to, "\t%s Min/Avg/Max: %" PRId64 "/%" PRId64 "/%" PRId64 " %s\n", title,
	              in_unit(r, sums, "min_ns"), in_unit(r, sums, "avg_ns"),
	              in_unit(r, sums, "max_ns"), r->unit.name);
}

/* --- the head of a record -------------------------------------------------------------------- */

static void render_latest_rtt(const struct record *r)
{
	const struct doc *rtt = doc_get(r->latest, "rtt_ns");

	if (rtt && rtt->kind == DOC_INT)
		(void)fprintf(r->to, "\tLatest RTT: %" PRId64 " %s\n",
		              format_rtt(r->unit, rtt->integer), r->unit.name);
	else
		(void)fputs("\tLatest RTT: NoConnection/Busy/Timeout\n", r->to);
}

/* Types of many packets towards one target or group, whose records begin with their name. */
static bool is_jitter(const char *type)
{
	return strcmp(type, "udp-jitter") == 0 || strcmp(type, "icmp-jitter") == 0 ||
	       strcmp(type, "multicast-jitter") == 0 || strcmp(type, "ethernet-jitter") == 0;
}

static void render_head(const struct record *r)
{
	char at[FORMAT_TIME_MAX];
	const char *type = doc_text(r->d, "type", "");

	(void)fprintf(r->to, "IPSLA operation id: %" PRId64 "\n", doc_int(r->d, "number", 0));
	if (is_jitter(type))
		(void)fprintf(r->to, "Type of operation: %s\n", type);
	if (!r->latest) {
		(void)fputs("Latest operation return code: Unknown\n", r->to);
		return;
	}
	bool authoritative = doc_bool(doc_get(r->latest, "clock"), "synchronised", false);

	render_latest_rtt(r);
	(void)fprintf(
	        r->to, "Latest operation start time: %s\n",
	        format_time(doc_int(r->latest, "started_at_ns", 0), authoritative, false, at));
	(void)fprintf(r->to, "Latest operation return code: %s\n", render_return_code(r->latest));
}

/* --- the blocks of udp-jitter ---------------------------------------------------------------- */

static void render_rtt_block(const struct record *r)
{
	const struct doc *rtt = doc_get(r->jitter, "rtt");

	(void)fprintf(r->to,
	              "RTT Values:\n"
	              "\tNumber Of RTT: %" PRId64 "\t\tRTT Min/Avg/Max: %" PRId64 "/%" PRId64
	              "/%" PRId64 " %s\n",
	              doc_int(rtt, "n", 0), format_rtt(r->unit, doc_int(rtt, "min_ns", 0)),
	              format_rtt(r->unit, doc_int(rtt, "avg_ns", 0)),
	              format_rtt(r->unit, doc_int(rtt, "max_ns", 0)), r->unit.name);
}

static void line_sums(const struct record *r, const char *title, const struct doc *sums,
                      bool with_number)
{
	char sum2[40];

	(void)fprintf(r->to, "\t%s ", title);
	if (with_number)
		(void)fprintf(r->to, "Number/Sum/Sum2: %" PRId64 "/", doc_int(sums, "n", 0));
	else
		(void)fputs("Sum/Sum2: ", r->to);
	(void)fprintf(r->to, "%" PRId64 "/%s\n", in_unit(r, sums, "sum_ns"),
	              format_sum2(r->unit, doc_text(sums, "sum2_ns2", "0"), sum2));
}

static void render_oneway_block(const struct record *r)
{
	const struct doc *oneway = doc_get(r->jitter, "oneway");
	const struct doc *sd = doc_get(oneway, "sd"), *ds = doc_get(oneway, "ds");

	(void)fprintf(r->to,
	              "Latency one-way time:\n"
	              "\tNumber of Latency one-way Samples: %" PRId64 "\n",
	              doc_int(sd, "n", 0));
	line_min_avg_max(r, "Source to Destination Latency one way", sd);
	line_min_avg_max(r, "Destination to Source Latency one way", ds);
	if (r->details) {
		line_sums(r, "Source to Destination Latency one way", sd, false);
		line_sums(r, "Destination to Source Latency one way", ds, false);
	}
}

static void render_jitter_signs(const struct record *r, const char *way, const struct doc *j)
{
	static const char *const signs[] = { "positive", "negative" };
	char title[80];

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		const struct doc *sums = doc_get(j, signs[i]);

		(void)snprintf(title, sizeof(title), "%s %s jitter", way, signs[i]);
		line_min_avg_max(r, title, sums);
		line_sums(r, title, sums, true);
	}
}

static void render_jitter_block(const struct record *r)
{
	const struct doc *sd = doc_get(r->jitter, "jitter_sd");
	const struct doc *ds = doc_get(r->jitter, "jitter_ds");

	(void)fprintf(r->to,
	              "Jitter Time:\n"
	              "\tNumber of SD Jitter Samples: %" PRId64 "\n"
	              "\tNumber of DS Jitter Samples: %" PRId64 "\n",
	              doc_int(sd, "samples", 0), doc_int(ds, "samples", 0));
	line_min_avg_max(r, "Source to Destination Jitter", sd);
	line_min_avg_max(r, "Destination to Source Jitter", ds);
	if (!r->details)
		return;
	render_jitter_signs(r, "Source to destination", sd);
	render_jitter_signs(r, "Destination to Source", ds);
	(void)fprintf(r->to,
	              "\tInterarrival jitterout: %" PRId64 "  Interarrival jitterin: %" PRId64 "\n",
	              in_unit(r, sd, "interarrival_ns"), in_unit(r, ds, "interarrival_ns"));
}

static void render_threshold_block(const struct record *r)
{
	const struct doc *packets = doc_get(r->jitter, "packets");
	int64_t over = doc_int(packets, "over_threshold", 0);
	int64_t received = doc_int(packets, "received", 0);

	(void)fprintf(r->to,
	              "Over Threshold:\n"
	              "\tNumber Of RTT Over Threshold: %" PRId64 " (%" PRId64 "%%)\n",
	              over, received > 0 ? over * 100 / received : 0);
}

static void render_loss(const struct record *r, const char *way, int64_t lost,
                        const struct doc *periods)
{
	(void)fprintf(r->to,
	              "\tLoss %s: %" PRId64 "\n"
	              "\t%s Loss Periods Number: %" PRId64 "\n"
	              "\t%s Loss Period Length Min/Max: %" PRId64 "/%" PRId64 "\n"
	              "\t%s Inter Loss Period Length Min/Max: %" PRId64 "/%" PRId64 "\n",
	              way, lost, way, doc_int(periods, "count", 0), way,
	              doc_int(periods, "length_min", 0), doc_int(periods, "length_max", 0), way,
	              doc_int(periods, "between_min", 0), doc_int(periods, "between_max", 0));
}

static void render_packet_block(const struct record *r)
{
	const struct doc *p = doc_get(r->jitter, "packets");

	(void)fputs("Packet Loss Values:\n", r->to);
	render_loss(r, "Source to Destination", doc_int(p, "lost_sd", 0),
	            doc_get(p, "loss_periods_sd"));
	render_loss(r, "Destination to Source", doc_int(p, "lost_ds", 0),
	            doc_get(p, "loss_periods_ds"));
	(void)fprintf(r->to,
	              "\tOut Of Sequence: %" PRId64 "\tTail Drop: %" PRId64 "\n"
	              "\tPacket Late Arrival: %" PRId64 "\tPacket Skipped: %" PRId64 "\n",
	              doc_int(p, "out_of_sequence", 0), doc_int(p, "missing", 0),
	              doc_int(p, "late", 0), doc_int(p, "skipped", 0));
}

static void render_voice_block(const struct record *r)
{
	const struct doc *voice = doc_get(r->jitter, "voice");
	double mos = doc_real(voice, "mos", 0);

	(void)fprintf(r->to,
	              "Voice Score Values:\n"
	              "\tCalculated Planning Impairment Factor (ICPIF): %" PRId64 "\n",
	              doc_int(voice, "icpif", 0));
	if (mos > 0)
		(void)fprintf(r->to, "\tMean Opinion Score (MOS): %.2f\n", mos);
	else
		(void)fputs("\tMean Opinion Score (MOS): 0\n", r->to);
}

/* What both jitter types have. */
static void render_common_blocks(const struct record *r)
{
	render_rtt_block(r);
	render_oneway_block(r);
	render_jitter_block(r);
	render_threshold_block(r);
}

void render_jitter_sums(const struct doc *jitter, struct format_unit unit, bool details, FILE *to)
{
	const struct record r = { .jitter = jitter, .unit = unit, .details = details, .to = to };

	render_common_blocks(&r);
	render_packet_block(&r);
}

/* What stands between the return code and the counters of successes, by type. */
static void render_type_blocks(const struct record *r)
{
	const struct doc *icmp = statistics_part(r->latest, "icmp_jitter");
	const struct doc *http = statistics_part(r->latest, "http");
	const struct doc *multicast = statistics_part(r->latest, "multicast");

	if (r->jitter) {
		render_common_blocks(r);
		if (icmp) {
			render_icmp_jitter_block(r->jitter, icmp, r->to);
		} else {
			render_packet_block(r);
			render_voice_block(r);
		}
	} else if (http) {
		render_http_block(http, r->to);
	} else if (multicast) {
		render_multicast_block(doc_int(r->d, "number", 0), multicast, r->unit, r->to);
	} else if (r->path && is_type(r, "path-jitter")) {
		render_path_jitter_block(r->path, r->to);
	}
}

/* --- the foot of a record -------------------------------------------------------------------- */

static void render_foot(const struct record *r)
{
	char at[FORMAT_TIME_MAX];
	const char *state = doc_text(r->d, "state", "pending");
	int64_t reset_ns = doc_int(r->d, "last_reset_at_ns", 0);

	if (r->details)
		(void)fprintf(r->to, "Over thresholds occurred: %s\n",
		              doc_bool(r->d, "over_threshold_occurred", false) ? "TRUE" : "FALSE");
	if (!is_type(r, "path-echo")) /* as on a router */
		(void)fprintf(r->to,
		              "Number of successes: %" PRId64 "\n"
		              "Number of failures: %" PRId64 "\n",
		              doc_int(r->d, "successes", 0), doc_int(r->d, "failures", 0));
	if (doc_bool(r->d, "life_forever", false))
		(void)fputs("Operation time to live: Forever\n", r->to);
	else
		(void)fprintf(r->to, "Operation time to live: %" PRId64 " sec\n",
		              doc_int(r->d, "life_left_s", 0));
	if (!r->details)
		return;
	(void)fprintf(r->to, "Operational state of entry: %s\n",
	              strcmp(state, "active") == 0     ? "Active"
	              : strcmp(state, "inactive") == 0 ? "Inactive"
	                                               : "Pending");
	(void)fprintf(r->to, "Last time this entry was reset: %s\n",
	              reset_ns ? format_time(reset_ns, true, false, at) : "Never");
}

/* Our own lines: why there are no one-way values, what went wrong; with details everything. */
static void render_additions(const struct record *r)
{
	const char *detail = doc_text(r->latest, "detail", "");
	const char *withheld = r->jitter ? render_oneway_reason(r->latest) : NULL;
	int64_t busy = doc_int(r->d, "missed_busy", 0), late = doc_int(r->d, "missed_late", 0);

	if (*detail)
		(void)fprintf(r->to, "Latest operation detail: %s\n", detail);
	if (withheld)
		(void)fprintf(r->to, "One-way latency withheld: %s\n", withheld);
	/* No other lines of the view tell the path of path-echo. */
	if (r->details || is_type(r, "path-echo"))
		render_result_parts(r->latest, r->to);
	if (!r->details)
		return;
	(void)fprintf(r->to,
	              "Measurement quality:\n"
	              "\tMissed runs: %" PRId64 " (previous run still on: %" PRId64
	              ", node held up: %" PRId64 ")\n",
	              busy + late, busy, late);
	const struct doc *spread = doc_get(r->d, "rtt_distribution");

	if (doc_int(spread, "n", 0) > 0) {
		char p50[FORMAT_SPAN_MAX], p95[FORMAT_SPAN_MAX], p99[FORMAT_SPAN_MAX];

		(void)fprintf(r->to, "\tRTT of %" PRId64 " packets p50/p95/p99: %s / %s / %s\n",
		              doc_int(spread, "n", 0),
		              format_duration(doc_int(spread, "p50_ns", 0), p50),
		              format_duration(doc_int(spread, "p95_ns", 0), p95),
		              format_duration(doc_int(spread, "p99_ns", 0), p99));
	}
	if (r->latest)
		render_quality(r->latest, "\t", r->to);
}

/* A router says only this of an operation that nobody scheduled. */
static void render_unscheduled(const struct record *r)
{
	(void)fprintf(r->to,
	              "IPSLA operation id: %" PRId64 "\n"
	              "Number of successes: Unknown\n"
	              "Number of failures: Unknown\n"
	              "Operation time to live: 0\n",
	              doc_int(r->d, "number", 0));
}

void render_statistics_head(FILE *to)
{
	(void)fputs("IPSLAs Latest Operation Statistics\n\n", to);
}

static struct record record_of(const struct doc *d, const struct doc *latest, bool details,
                               FILE *to)
{
	return (struct record) {
		.d = d,
		.latest = latest,
		.jitter = statistics_part(latest, "jitter"),
		.path = statistics_part(latest, "path"),
		.unit = format_unit_of(latest ? latest : d),
		.details = details,
		.to = to,
	};
}

void render_statistics(const struct doc *statistics, bool details, FILE *to)
{
	const struct doc *latest = statistics_part(statistics, "latest");
	const struct record r = record_of(statistics, latest, details, to);

	if (!r.latest && !doc_bool(statistics, "scheduled", false)) {
		render_unscheduled(&r);
	} else {
		render_head(&r);
		render_type_blocks(&r);
		render_foot(&r);
		render_additions(&r);
	}
	(void)fputs("\n\n\n", to);
}

void render_run(const struct doc *result, FILE *to)
{
	const struct record r = record_of(result, result, false, to);

	render_head(&r);
	render_type_blocks(&r);
	render_additions(&r);
}

/* --- the command ----------------------------------------------------------------------------- */

static void render_entry(const struct cli *cli, const struct doc *d)
{
	render_statistics(d, cli_arg(cli, "details") != NULL, cli->out);
}

int show_statistics(struct cli *cli)
{
	static const struct show_entries view = {
		.path = "sla/statistics",
		.render_head = render_statistics_head,
		.render = render_entry,
	};

	return show_entries(cli, &view);
}
