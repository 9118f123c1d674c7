/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla configuration [N]: how operations are set up, defaults included. */
#include "base/cleanup.h"
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_configuration.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

/* What the lines between type and schedule show, by type. */
enum shown {
	SHOWN_TARGET = 1,
	SHOWN_PORTS = 2,
	SHOWN_TOS = 4,
	SHOWN_SIZE = 8,
	SHOWN_PATTERN = 16,
	SHOWN_PACKETS = 32, /* how many, how far apart; or the codec */
	SHOWN_VERIFY = 64,
	SHOWN_DF = 128,
	SHOWN_CONTROL = 256,
	SHOWN_VRF = 512,
	SHOWN_PATHS = 1024, /* statistics by path and hop */
};

struct shape {
	const char *type;
	unsigned shown;                                        /* enum shown */
	void (*render)(const struct doc *operation, FILE *to); /* lines of its own, or NULL */
};

#define SHOWN_USUAL (SHOWN_TARGET | SHOWN_TOS | SHOWN_VRF)
#define SHOWN_PEER  (SHOWN_USUAL | SHOWN_PORTS | SHOWN_CONTROL)

static void render_ethernet_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");

	(void)fprintf(to,
	              "Domain name: %s\n"
	              "Target MPID: %" PRId64 "\n"
	              "Target MAC address: %s\n"
	              "Interface: %s\n"
	              "Maintenance level: %" PRId64 "\n",
	              doc_text(p, "domain", ""), doc_int(p, "mpid", 0),
	              doc_text(p, "remote_mac", ""), doc_text(p, "source_interface", ""),
	              doc_int(p, "level", 0));
	if (doc_int(p, "vlan", 0) == 0)
		(void)fputs("Port: untagged\n", to);
	else
		(void)fprintf(to, "VLAN: %" PRId64 "\nCoS: %" PRId64 "\n", doc_int(p, "vlan", 0),
		              doc_int(p, "tos", 0));
}

static const struct shape shapes[] = {
	{ "udp-jitter", SHOWN_PEER | SHOWN_SIZE | SHOWN_PACKETS | SHOWN_VERIFY, NULL },
	{ "multicast-jitter", SHOWN_PEER | SHOWN_SIZE | SHOWN_PACKETS,
	  render_multicast_configuration },
	{ "udp-echo", SHOWN_PEER | SHOWN_SIZE | SHOWN_PATTERN | SHOWN_VERIFY, NULL },
	{ "tcp-connect", SHOWN_PEER, NULL },
	{ "icmp-echo", SHOWN_USUAL | SHOWN_SIZE | SHOWN_PATTERN | SHOWN_VERIFY | SHOWN_DF, NULL },
	{ "icmp-jitter", SHOWN_USUAL | SHOWN_PACKETS, NULL },
	{ "path-echo", SHOWN_USUAL | SHOWN_SIZE | SHOWN_VERIFY | SHOWN_PATHS, NULL },
	{ "path-jitter", SHOWN_USUAL | SHOWN_SIZE | SHOWN_PACKETS | SHOWN_VERIFY, NULL },
	{ "http", SHOWN_TOS | SHOWN_VRF, render_http_configuration },
	{ "ftp", SHOWN_TOS | SHOWN_VRF, render_ftp_configuration },
	{ "ethernet-echo", SHOWN_SIZE | SHOWN_VERIFY, render_ethernet_configuration },
	{ "ethernet-jitter", SHOWN_PACKETS, render_ethernet_configuration },
	{ "dns", SHOWN_VRF, render_dns_configuration },
	{ "dhcp", SHOWN_TARGET, render_dhcp_configuration },
};

static const struct shape *shape_of(const struct doc *operation)
{
	static const struct shape other = { "", SHOWN_USUAL, NULL };
	const char *type = doc_text(operation, "type", "");

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		if (strcmp(shapes[i].type, type) == 0)
			return &shapes[i];
	}
	return &other;
}

static const char *yes_no(bool yes)
{
	return yes ? "Yes" : "No";
}

static bool is_v6(const struct doc *p)
{
	return strchr(doc_text(p, "target_address", ""), ':') != NULL;
}

const char *configuration_source(const struct doc *p)
{
	return doc_text(p, "source_address", is_v6(p) ? "::" : "0.0.0.0");
}

static void render_packets(const struct doc *p, FILE *to)
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

static void render_marks(const struct doc *p, unsigned shown, FILE *to)
{
	if (!(shown & SHOWN_TOS))
		return;
	(void)fprintf(to, "%s parameter: 0x%" PRIX64 "\n",
	              is_v6(p) ? "Traffic-Class" : "Type Of Service",
	              (uint64_t)doc_int(p, "tos", 0));
	if (is_v6(p) && doc_int(p, "flow_label", 0) > 0)
		(void)fprintf(to, "Flow-Label parameter: 0x%" PRIX64 "\n",
		              (uint64_t)doc_int(p, "flow_label", 0));
}

static void render_parameters(const struct doc *op, const struct doc *p, FILE *to)
{
	const struct shape *shape = shape_of(op);
	const unsigned shown = shape->shown;
	bool has_codec = strcmp(doc_text(p, "codec", "none"), "none") != 0;

	(void)fprintf(to,
	              "Operation timeout (milliseconds): %" PRId64 "\n"
	              "Type of operation to perform: %s\n",
	              doc_int(p, "timeout_ms", 0), doc_text(op, "type", ""));
	if (shown & SHOWN_TARGET)
		(void)fprintf(to, "Target address/Source address: %s/%s\n",
		              doc_text(op, "target", ""), configuration_source(p));
	if (shown & SHOWN_PORTS)
		(void)fprintf(to, "Target port/Source port: %" PRId64 "/%" PRId64 "\n",
		              doc_int(p, "target_port", 0), doc_int(p, "source_port", 0));
	if (shape->render)
		shape->render(op, to);
	render_marks(p, shown, to);
	if ((shown & SHOWN_SIZE) && !has_codec)
		(void)fprintf(to, "Request size (ARR data portion): %" PRId64 "\n",
		              doc_int(p, "request_size_bytes", 0));
	if (shown & SHOWN_PACKETS)
		render_packets(p, to);
	if (shown & SHOWN_PATTERN)
		(void)fprintf(to, "Data pattern: 0x%08" PRIX64 "\n",
		              (uint64_t)doc_int(p, "data_pattern", 0));
	if (shown & SHOWN_VERIFY)
		(void)fprintf(to, "Verify data: %s\n", yes_no(doc_bool(p, "verify_data", false)));
	if (shown & SHOWN_VRF)
		(void)fprintf(to, "Vrf Name: %s\n", doc_text(p, "vrf", ""));
	if (shown & SHOWN_DF)
		(void)fprintf(to, "Do not fragment: %s\n", yes_no(doc_bool(p, "df_bit", false)));
	if (shown & SHOWN_CONTROL)
		(void)fprintf(to, "Control Packets: %s\n",
		              strcmp(doc_text(p, "control", ""), "disable") == 0 ? "disabled"
		                                                                 : "enabled");
}

static const char *true_false(bool is_true)
{
	return is_true ? "TRUE" : "FALSE";
}

static void render_schedule(const struct doc *op, const struct doc *p, const struct doc *s,
                            FILE *to)
{
	bool is_grouped = doc_int(s, "group", 0) > 0;
	bool scheduled = doc_bool(s, "scheduled", false) || is_grouped;
	bool is_random = is_grouped && doc_int(s, "group_frequency_max_s", 0) > 0;
	int64_t frequency_s = doc_int(p, "frequency_s", 0);
	int64_t next_ns = doc_int(op, "next_start_at_ns", 0);
	int64_t life_s = scheduled ? doc_int(s, "life_s", -1) : 3600;
	int64_t ageout_s = doc_int(s, "ageout_s", 0);
	char at[FORMAT_TIME_MAX];

	(void)fprintf(to,
	              "Schedule:\n"
	              "   Operation frequency (seconds): %" PRId64
	              "  (not considered if randomly scheduled)\n"
	              "   Next Scheduled Start Time: %s\n"
	              "   Group Scheduled : %s\n"
	              "   Randomly Scheduled : %s\n",
	              is_grouped ? doc_int(s, "group_frequency_s", frequency_s) : frequency_s,
	              next_ns > 0 ? format_time(next_ns, true, false, at)
	              : !scheduled || strcmp(doc_text(s, "start", ""), "pending") == 0
	                      ? "Pending trigger"
	                      : "Start Time already passed",
	              true_false(is_grouped), true_false(is_random));
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
	              true_false(doc_bool(s, "recurring", false)),
	              scheduled ? "Active" : "notInService");
}

/* What is kept of the past. */
static void render_kept(const struct doc *op, const struct doc *kept, FILE *to)
{
	bool has_paths = shape_of(op)->shown & SHOWN_PATHS;
	const char *filter = doc_text(kept, "filter", "none");

	(void)fprintf(to,
	              "Distribution Statistics:\n"
	              "   Number of statistic hours kept: %" PRId64 "\n",
	              doc_int(kept, "hours_kept", 2));
	if (has_paths)
		(void)fprintf(to,
		              "   Number of statistic paths kept: %" PRId64 "\n"
		              "   Number of statistic hops kept: %" PRId64 "\n",
		              doc_int(kept, "paths_kept", 5), doc_int(kept, "hops_kept", 16));
	(void)fprintf(to,
	              "   Number of statistic distribution buckets kept: %" PRId64 "\n"
	              "   Statistic distribution interval (milliseconds): %" PRId64 "\n"
	              "Enhanced History:\n",
	              doc_int(kept, "distributions_kept", 1),
	              doc_int(kept, "distribution_interval_ms", 20));
	/* UNVERIFIED: a device's line for enhanced history that is switched on. */
	if (doc_int(kept, "enhanced_interval_s", 0) > 0)
		(void)fprintf(to, "   Aggregation Interval: %" PRId64 " Buckets: %" PRId64 "\n",
		              doc_int(kept, "enhanced_interval_s", 0),
		              doc_int(kept, "enhanced_buckets", 0));
	(void)fprintf(to,
	              "History Statistics:\n"
	              "   Number of history Lives kept: %" PRId64 "\n"
	              "   Number of history Buckets kept: %" PRId64 "\n",
	              doc_int(kept, "lives_kept", 0), doc_int(kept, "buckets_kept", 15));
	if (has_paths)
		(void)fprintf(to, "   Number of history Samples kept: %" PRId64 "\n",
		              doc_int(kept, "samples_kept", 16));
	(void)fprintf(to, "   History Filter Type: %s\n",
	              strcmp(filter, "none") == 0  ? "None"
	              : strcmp(filter, "all") == 0 ? "All"
	                                           : filter);
}

/* A setting that a router does not have, unless it stands at its default. */
static void add_setting(const struct doc *p, const char *key, const char *title, const char *usual,
                        FILE *to)
{
	const char *value = doc_text(p, key, usual);

	if (strcmp(value, usual) != 0)
		(void)fprintf(to, "   %s: %s\n", title, value);
}

/* Settings that a router does not have, behind everything that it prints. */
static void render_additions(const struct doc *op, const struct doc *p, FILE *to)
{
	const unsigned shown = shape_of(op)->shown;
	const char *control = doc_text(p, "control", "disable");

	(void)fputs("Additional Settings:\n", to);
	if (strcmp(doc_text(op, "type", ""), "udp-jitter") == 0 ||
	    strcmp(doc_text(op, "type", ""), "multicast-jitter") == 0)
		(void)fprintf(to,
		              "   Precision: %s\n"
		              "   Clock of the responder: %s\n",
		              doc_text(p, "precision", ""), doc_text(p, "peer_clock", ""));
	if ((shown & SHOWN_CONTROL) && strcmp(control, "disable") != 0)
		(void)fprintf(
		        to,
		        "   Control protocol: %s, authentication %s\n"
		        "   Control retries/timeout (milliseconds): %" PRId64 "/%" PRId64 "\n",
		        control, doc_text(p, "auth_mode", "none"), doc_int(p, "control_retries", 0),
		        doc_int(p, "control_timeout_ms", 0));
	add_setting(p, "source_interface", "Source interface", "", to);
	if (doc_int(p, "mark", 0) > 0)
		(void)fprintf(to, "   Mark for routing: %" PRId64 "\n", doc_int(p, "mark", 0));
	add_setting(p, "packet_priority", "Packet priority", "normal", to);
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
	(void)fprintf(to, "Threshold (milliseconds): %" PRId64 "\n", doc_int(p, "threshold_ms", 0));
	render_kept(operation, doc_get(operation, "history"), to);
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
