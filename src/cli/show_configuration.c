/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla configuration [N]: how operations are set up, defaults included. */
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

static bool is(const struct doc *op, const char *type)
{
	return strcmp(doc_text(op, "type", ""), type) == 0;
}

static const char *yes_no(bool yes)
{
	return yes ? "Yes" : "No";
}

static const char *address_or_any(const struct doc *p, const char *key)
{
	const char *target = doc_text(p, "target_address", "");

	return doc_text(p, key, strchr(target, ':') ? "::" : "0.0.0.0");
}

static void render_jitter(const struct doc *p, FILE *to)
{
	const char *codec = doc_text(p, "codec", "none");

	if (strcmp(codec, "none") == 0) {
		(void)fprintf(to,
		              "Packet Interval (milliseconds)/Number of packets: %" PRId64
		              "/%" PRId64 "\n",
		              doc_int(p, "interval_ms", 0), doc_int(p, "num_packets", 0));
		return;
	}
	(void)fprintf(to,
	              "Codec Type: %s\n"
	              "Codec Number Of Packets: %" PRId64 "\n"
	              "Codec Packet Size: %" PRId64 "\n"
	              "Codec Interval (milliseconds): %" PRId64 "\n"
	              "Advantage Factor: %" PRId64 "\n",
	              codec, doc_int(p, "num_packets", 0), doc_int(p, "request_size_bytes", 0),
	              doc_int(p, "interval_ms", 0), doc_int(p, "advantage_factor", 0));
}

static void render_parameters(const struct doc *op, const struct doc *p, FILE *to)
{
	bool has_codec = strcmp(doc_text(p, "codec", "none"), "none") != 0;
	bool is_v6 = strchr(doc_text(p, "target_address", ""), ':') != NULL;

	(void)fprintf(to,
	              "Operation timeout (milliseconds): %" PRId64 "\n"
	              "Type of operation to perform: %s\n"
	              "Target address/Source address: %s/%s\n",
	              doc_int(p, "timeout_ms", 0), doc_text(op, "type", ""),
	              doc_text(op, "target", ""), address_or_any(p, "source_address"));
	if (!is(op, "icmp-echo"))
		(void)fprintf(to, "Target port/Source port: %" PRId64 "/%" PRId64 "\n",
		              doc_int(p, "target_port", 0), doc_int(p, "source_port", 0));
	(void)fprintf(to, "%s parameter: 0x%" PRIX64 "\n",
	              is_v6 ? "Traffic-Class" : "Type Of Service", (uint64_t)doc_int(p, "tos", 0));
	if (!is(op, "tcp-connect") && !has_codec)
		(void)fprintf(to, "Request size (ARR data portion): %" PRId64 "\n",
		              doc_int(p, "request_size_bytes", 0));
	if (is(op, "udp-jitter"))
		render_jitter(p, to);
	if (is(op, "icmp-echo") || is(op, "udp-echo"))
		(void)fprintf(to, "Data pattern: 0x%08" PRIX64 "\n",
		              (uint64_t)doc_int(p, "data_pattern", 0));
	if (!is(op, "tcp-connect"))
		(void)fprintf(to, "Verify data: %s\n", yes_no(doc_bool(p, "verify_data", false)));
	(void)fputs("Vrf Name: \n", to);
	if (is(op, "icmp-echo"))
		(void)fputs("Do not fragment: No\n", to);
	else
		(void)fprintf(to, "Control Packets: %s\n",
		              strcmp(doc_text(p, "control", ""), "disable") == 0 ? "disabled"
		                                                                 : "enabled");
}

static void render_schedule(const struct doc *op, const struct doc *p, const struct doc *s,
                            FILE *to)
{
	bool scheduled = doc_bool(s, "scheduled", false);
	int64_t next_ns = doc_int(op, "next_start_at_ns", 0);
	int64_t life_s = scheduled ? doc_int(s, "life_s", -1) : 3600;
	int64_t ageout_s = doc_int(s, "ageout_s", 0);
	char at[FORMAT_TIME_MAX];

	(void)fprintf(to,
	              "Schedule:\n"
	              "   Operation frequency (seconds): %" PRId64
	              "  (not considered if randomly scheduled)\n"
	              "   Next Scheduled Start Time: %s\n"
	              "   Group Scheduled : FALSE\n"
	              "   Randomly Scheduled : FALSE\n",
	              doc_int(p, "frequency_s", 0),
	              next_ns > 0 ? format_time(next_ns, true, false, at)
	              : !scheduled || strcmp(doc_text(s, "start", ""), "pending") == 0
	                      ? "Pending trigger"
	                      : "Start Time already passed");
	if (life_s < 0)
		(void)fputs("   Life (seconds): Forever\n", to);
	else
		(void)fprintf(to, "   Life (seconds): %" PRId64 "\n", life_s);
	if (ageout_s == 0)
		(void)fputs("   Entry Ageout (seconds): never\n", to);
	else
		(void)fprintf(to, "   Entry Ageout (seconds): %" PRId64 "\n", ageout_s);
	(void)fprintf(to,
	              "   Recurring (Starting Everyday): %s\n"
	              "   Status of entry (SNMP RowStatus): %s\n",
	              doc_bool(s, "recurring", false) ? "TRUE" : "FALSE",
	              scheduled ? "Active" : "notInService");
}

/* Settings that a router does not have, behind everything that it prints. */
static void render_additions(const struct doc *op, const struct doc *p, FILE *to)
{
	const char *control = doc_text(p, "control", "disable");

	(void)fputs("Additional Settings:\n", to);
	if (is(op, "udp-jitter"))
		(void)fprintf(to,
		              "   Precision: %s\n"
		              "   Clock of the responder: %s\n",
		              doc_text(p, "precision", ""), doc_text(p, "peer_clock", ""));
	if (!is(op, "icmp-echo") && strcmp(control, "disable") != 0)
		(void)fprintf(
		        to,
		        "   Control protocol: %s, authentication %s\n"
		        "   Control retries/timeout (milliseconds): %" PRId64 "/%" PRId64 "\n",
		        control, doc_text(p, "auth_mode", "none"), doc_int(p, "control_retries", 0),
		        doc_int(p, "control_timeout_ms", 0));
	(void)fprintf(to, "   Target address in use: %s\n",
	              doc_text(p, "target_address", "not resolved"));
}

void render_configuration_head(FILE *to)
{
	(void)fputs("IP SLAs Infrastructure Engine-III\n", to);
}

void render_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");

	(void)fprintf(to,
	              "Entry number: %" PRId64 "\n"
	              "Owner: %s\n"
	              "Tag: %s\n",
	              doc_int(operation, "number", 0), doc_text(operation, "owner", ""),
	              doc_text(operation, "tag", ""));
	render_parameters(operation, p, to);
	render_schedule(operation, p, doc_get(operation, "schedule"), to);
	/* Hours of statistics and history are not kept: said as a router says it. */
	(void)fprintf(to,
	              "Threshold (milliseconds): %" PRId64 "\n"
	              "Distribution Statistics:\n"
	              "   Number of statistic hours kept: 0\n"
	              "   Number of statistic distribution buckets kept: 1\n"
	              "   Statistic distribution interval (milliseconds): 20\n"
	              "Enhanced History:\n"
	              "History Statistics:\n"
	              "   Number of history Lives kept: 0\n"
	              "   Number of history Buckets kept: 15\n"
	              "   History Filter Type: None\n",
	              doc_int(p, "threshold_ms", 0));
	render_additions(operation, p, to);
	(void)fputs("\n", to);
}

static void render_entry(const struct cli *cli, const struct doc *d)
{
	render_configuration(d, cli->out);
}

int show_configuration(struct cli *cli)
{
	static const struct show_entries view = {
		.path = "sla/operation",
		.render_head = render_configuration_head,
		.render = render_entry,
	};

	return show_entries(cli, &view);
}
