/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla statistics: the blocks that a router prints of some types alone. */
#include "cli/show_statistics.h"

#include "base/clocktypes.h"

#include <inttypes.h>

const struct doc *statistics_part(const struct doc *result, const char *key)
{
	const struct doc *part = doc_get(result, key);

	return part && part->kind == DOC_MAP ? part : NULL;
}

/* --- icmp-jitter ------------------------------------------------------------------------------- */

void render_icmp_jitter_block(const struct doc *jitter, const struct doc *icmp, FILE *to)
{
	const struct doc *p = doc_get(jitter, "packets"), *periods = doc_get(icmp, "loss_periods");

	(void)fprintf(to,
	              "Packet Late Arrival: %" PRId64 "\n"
	              "Out Of Sequence: %" PRId64 "\n"
	              "\tSource to Destination: %" PRId64 "\tDestination to Source %" PRId64 "\n"
	              "\tIn both Directions: %" PRId64 "\n"
	              "Packet Skipped: %" PRId64 "\tPacket Unprocessed: %" PRId64 "\n"
	              "Packet Loss: %" PRId64 "\n"
	              "\tLoss Periods Number: %" PRId64 "\n"
	              "\tLoss Period Length Min/Max: %" PRId64 "/%" PRId64 "\n"
	              "\tInter Loss Period Length Min/Max: %" PRId64 "/%" PRId64 "\n",
	              doc_int(p, "late", 0), doc_int(p, "out_of_sequence", 0),
	              doc_int(icmp, "out_of_sequence_sd", 0),
	              doc_int(icmp, "out_of_sequence_ds", 0),
	              doc_int(icmp, "out_of_sequence_both", 0), doc_int(p, "skipped", 0),
	              doc_int(icmp, "unprocessed", 0), doc_int(icmp, "lost", 0),
	              doc_int(periods, "count", 0), doc_int(periods, "length_min", 0),
	              doc_int(periods, "length_max", 0), doc_int(periods, "between_min", 0),
	              doc_int(periods, "between_max", 0));
}

/* --- paths ------------------------------------------------------------------------------------- */

static int64_t whole_ms(const struct doc *sums, const char *key)
{
	static const struct format_unit ms = { NS_PER_MS, "milliseconds" };

	return format_rtt(ms, doc_int(sums, key, 0));
}

/* UNVERIFIED: a router's "Latest RTT" of a hop is that of the last packet; ours is the average. */
static void render_jitter_hop(const struct doc *hop, FILE *to)
{
	const struct doc *rtt = doc_get(hop, "rtt"), *jitter = doc_get(hop, "jitter");

	(void)fprintf(to,
	              "Hop IP %s:\n"
	              "Round Trip Time milliseconds:\n"
	              "\tLatest RTT: %" PRId64 " ms\n"
	              "\tNumber of RTT: %" PRId64 "\n"
	              "\tRTT Min/Avg/Max: %" PRId64 "/%" PRId64 "/%" PRId64 " ms\n"
	              "Jitter time milliseconds:\n"
	              "\tNumber of jitter: %" PRId64 "\n"
	              "\tJitter Min/Avg/Max: %" PRId64 "/%" PRId64 "/%" PRId64 " ms\n"
	              "Packet Values:\n"
	              "\tPacket Loss (Timeouts): %" PRId64 "\n"
	              "\tOut of Sequence: %" PRId64 "\n"
	              "\tDiscarded Samples: %" PRId64 "\n",
	              doc_text(hop, "address", "*"), whole_ms(rtt, "avg_ns"), doc_int(rtt, "n", 0),
	              whole_ms(rtt, "min_ns"), whole_ms(rtt, "avg_ns"), whole_ms(rtt, "max_ns"),
	              doc_int(jitter, "n", 0), doc_int(jitter, "min_ns", 0) / NS_PER_MS,
	              doc_int(jitter, "avg_ns", 0) / NS_PER_MS,
	              doc_int(jitter, "max_ns", 0) / NS_PER_MS, doc_int(hop, "lost", 0),
	              doc_int(hop, "out_of_sequence", 0), doc_int(hop, "discarded", 0));
}

void render_path_jitter_block(const struct doc *path, FILE *to)
{
	(void)fputs("---- Path Jitter Statistics ----\n", to);
	for (const struct doc_member *m = doc_first(doc_get(path, "hops")); m; m = m->next) {
		(void)fputc('\n', to);
		render_jitter_hop(&m->value, to);
	}
}

/* --- http -------------------------------------------------------------------------------------- */

static int64_t step_ms(const struct doc *part, const char *key)
{
	const struct doc *value = doc_get(part, key);

	return value && value->kind == DOC_INT ? whole_ms(part, key) : 0;
}

void render_http_block(const struct doc *http, FILE *to)
{
	(void)fprintf(to,
	              "Latest DNS RTT: %" PRId64 " ms\n"
	              "Latest TCP Connection RTT: %" PRId64 " ms\n"
	              "Latest HTTP Transaction RTT: %" PRId64 " ms\n",
	              step_ms(http, "dns_ns"), step_ms(http, "tcp_ns"),
	              step_ms(http, "transaction_ns"));
}

/* --- multicast-jitter -------------------------------------------------------------------------- */

/* "0/1/3", of the way to the member; "-" where none is reported. */
static const char *delay_of(const struct doc *receiver, struct format_unit unit, char text[64])
{
	const struct doc *avg = doc_get(receiver, "delay_avg_ns");

	if (!avg || avg->kind != DOC_INT)
		return "-";
	(void)snprintf(text, 64, "%" PRId64 "/%" PRId64 "/%" PRId64,
	               format_in_unit(unit, doc_int(receiver, "delay_min_ns", 0)),
	               format_in_unit(unit, avg->integer),
	               format_in_unit(unit, doc_int(receiver, "delay_max_ns", 0)));
	return text;
}

/* UNVERIFIED: how wide a router's columns are, and its words for the states of a member. */
void render_multicast_block(int64_t number, const struct doc *multicast, struct format_unit unit,
                            FILE *to)
{
	char delay[64];

	(void)fprintf(to,
	              "Receivers (delay Min/Avg/Max in %s):\n"
	              "%-10s %-11s %6s  %-20s %s\n",
	              unit.name, "oper-id", "status", "lossSD", "delay", "destination");
	for (const struct doc_member *m = doc_first(doc_get(multicast, "receivers")); m;
	     m = m->next) {
		const struct doc *receiver = &m->value;

		(void)fprintf(to, "%-10" PRId64 " %-11s %6" PRId64 "  %-20s %s\n", number,
		              format_short_code(doc_text(receiver, "sense", "")),
		              doc_int(receiver, "lost_sd", 0), delay_of(receiver, unit, delay),
		              doc_text(receiver, "address", "?"));
	}
}
