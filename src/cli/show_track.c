/* SPDX-License-Identifier: Apache-2.0 */
/* show track, show ip route track-table: as a router prints them, then what it does not tell. */
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define AGE_MAX       32

/* "00:02:51", "1d16h", "3w5d". */
static const char *format_age(int64_t now_ns, int64_t then_ns, char *to)
{
	int64_t s = now_ns > then_ns ? (now_ns - then_ns) / NS_PER_SECOND : 0;

	if (s < 86400)
		(void)snprintf(to, AGE_MAX, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60),
		               (int)(s % 60));
	else if (s < INT64_C(7) * 86400)
		(void)snprintf(to, AGE_MAX, "%dd%02dh", (int)(s / 86400), (int)(s / 3600 % 24));
	else
		(void)snprintf(to, AGE_MAX, "%" PRId64 "w%dd", s / (INT64_C(7) * 86400),
		               (int)(s / 86400 % 7));
	return to;
}

static const char *up_text(const char *state)
{
	return strcmp(state, "up") == 0 ? "Up" : "Down";
}

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* --- show track ------------------------------------------------------------------------------------ */

/* The second line: "IP SLA 10 reachability", "List boolean or", "Interface eth0 line-protocol". */
static void render_subject(const struct doc *d, FILE *to)
{
	static const char *const spellings[][2] = {
		{ "ip sla ", "IP SLA " },         { "ip route ", "IP route " },
		{ "ipv6 route ", "IPv6 route " }, { "list ", "List " },
		{ "interface ", "Interface " },   { "stub-object", "Stub-object" },
	};
	const char *subject = doc_text(d, "subject", "");

	for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
		if (has_prefix(subject, spellings[i][0])) {
			(void)fprintf(to, "  %s%s\n", spellings[i][1],
			              subject + strlen(spellings[i][0]));
			return;
		}
	}
	(void)fprintf(to, "  %s\n", subject);
}

/* What the state is called. */
static const char *state_label(const char *kind)
{
	static const char *const labels[][2] = {
		{ "ip_sla_state", "State" },
		{ "ip_sla_reachability", "Reachability" },
		{ "list_and", "Boolean AND" },
		{ "list_or", "Boolean OR" },
		{ "list_weight", "Threshold Weight" },
		{ "list_percentage", "Threshold Percentage" },
		{ "interface_line_protocol", "Line protocol" },
		{ "interface_routing", "IP routing" },
		{ "route_reachability", "Reachability" },
	};

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		if (strcmp(kind, labels[i][0]) == 0)
			return labels[i][1];
	}
	return "State";
}

static void render_state(const struct doc *d, FILE *to)
{
	const char *pending = doc_text(d, "pending", NULL);
	int64_t left_s = doc_int(d, "pending_s", 0), sum = doc_int(d, "sum", -1);
	char age[AGE_MAX];

	(void)fprintf(to, "  %s is %s", state_label(doc_text(d, "kind", "")),
	              up_text(doc_text(d, "state", "")));
	if (sum >= 0)
		(void)fprintf(to, " (%" PRId64 "/%" PRId64 ")", sum, doc_int(d, "threshold_up", 0));
	if (pending)
		(void)fprintf(to, ", delayed %s (%" PRId64 " sec%s remaining)", up_text(pending),
		              left_s, left_s == 1 ? "" : "s");
	(void)fprintf(to, "\n    %" PRId64 " change%s, last change %s\n", doc_int(d, "changes", 0),
	              doc_int(d, "changes", 0) == 1 ? "" : "s",
	              format_age(doc_int(d, "now_ns", 0), doc_int(d, "changed_at_ns", 0), age));
}

static void render_members(const struct doc *d, FILE *to)
{
	bool by_weight = strcmp(doc_text(d, "kind", ""), "list_weight") == 0;

	for (const struct doc_member *m = doc_first(doc_get(d, "members")); m; m = m->next) {
		(void)fprintf(to, "    object %" PRId64 "%s %s", doc_int(&m->value, "number", 0),
		              doc_bool(&m->value, "negated", false) ? " not" : "",
		              up_text(doc_text(&m->value, "state", "")));
		if (by_weight)
			(void)fprintf(to, " weight %" PRId64, doc_int(&m->value, "weight", 0));
		(void)fputc('\n', to);
	}
}

static void render_delay(const struct doc *d, FILE *to)
{
	int64_t up_s = doc_int(d, "delay_up_s", 0), down_s = doc_int(d, "delay_down_s", 0);

	if (up_s == 0 && down_s == 0)
		return;
	(void)fputs("  Delay", to);
	if (up_s > 0)
		(void)fprintf(to, " up %" PRId64 " sec%s", up_s, up_s == 1 ? "" : "s");
	if (down_s > 0)
		(void)fprintf(to, "%s down %" PRId64 " sec%s", up_s > 0 ? "," : "", down_s,
		              down_s == 1 ? "" : "s");
	(void)fputc('\n', to);
}

static void render_operation(const struct doc *d, FILE *to)
{
	int64_t rtt_ns = doc_int(d, "rtt_ns", -1);

	if (!doc_text(d, "sense", NULL))
		return;
	/* A router writes this one small here, and nowhere else. */
	(void)fprintf(to, "  Latest operation return code: %s\n",
	              strcmp(doc_text(d, "sense", ""), "over_threshold") == 0
	                      ? "over threshold"
	                      : render_return_code(d));
	if (rtt_ns > 0)
		(void)fprintf(to, "  Latest RTT (millisecs) %" PRId64 "\n",
		              rtt_ns < 1000000 ? 1 : rtt_ns / 1000000);
}

/* Every route is one client of the object, as a router counts them. */
static void render_tracked_by(const struct doc *d, FILE *to)
{
	const struct doc *list = doc_get(d, "tracked_by");
	bool has_routes = false;

	if (!doc_first(list))
		return;
	(void)fputs("  Tracked by:\n", to);
	for (const struct doc_member *m = doc_first(list); m; m = m->next) {
		if (strcmp(doc_text(&m->value, "kind", ""), "track") == 0)
			(void)fprintf(to, "    Track-list %s\n", doc_text(&m->value, "name", ""));
		else
			has_routes = true;
	}
	if (has_routes)
		(void)fputs("    Static IP Routing 0\n", to);
}

/* What a router does not tell. */
static void render_more(const struct doc *d, FILE *to)
{
	const char *cause = doc_text(d, "cause", NULL),
	           *file = doc_text(d, "keepalived_file", NULL);
	const char *conflict = doc_text(d, "pin_conflict", NULL);

	if (cause)
		(void)fprintf(to, "  Last change by: %s\n", cause);
	if (doc_int(d, "hold_down_s", 0) > 0)
		(void)fprintf(to, "  Hold-down %" PRId64 " secs\n", doc_int(d, "hold_down_s", 0));
	if (doc_bool(d, "dry_run", false))
		(void)fputs("  Dry-run: nothing is done\n", to);
	if (file)
		(void)fprintf(to, "  Written to: %s\n", file);
	for (const struct doc_member *m = doc_first(doc_get(d, "pins")); m; m = m->next) {
		const char *error = doc_text(&m->value, "error", NULL);
		const char *interface = doc_text(&m->value, "interface", NULL);

		(void)fprintf(to, "  Operation %" PRId64 " is pinned to %s%s%s, mark 0x%" PRIx64,
		              doc_int(&m->value, "operation", 0),
		              doc_text(&m->value, "gateway", ""), interface ? " on " : "",
		              interface ? interface : "", (uint64_t)doc_int(&m->value, "mark", 0));
		(void)fprintf(to, "%s%s\n", error ? ": " : "", error ? error : "");
	}
	if (conflict)
		(void)fprintf(to, "  Not pinned: %s\n", conflict);
}

void render_track(const struct doc *d, FILE *to)
{
	(void)fprintf(to, "Track %" PRId64 "\n", doc_int(d, "number", 0));
	render_subject(d, to);
	render_state(d, to);
	render_members(d, to);
	render_delay(d, to);
	render_operation(d, to);
	render_tracked_by(d, to);
	render_more(d, to);
}

static void render_entry(const struct cli *cli, const struct doc *d)
{
	render_track(d, cli->out);
}

static void render_nothing(FILE *to)
{
	(void)to; /* a router has no head here */
}

/* --- show track brief ------------------------------------------------------------------------------ */

/* "ip sla 10 reachability" in its columns: type, instance, parameter. */
static void split_subject(const char *subject, char type[24], char instance[48], char parameter[48])
{
	static const char *const types[] = { "ip sla ",     "interface ", "ip route ",
		                             "ipv6 route ", "list ",      "stub-object" };
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (has_prefix(subject, types[i]))
			len = strlen(types[i]);
	}
	(void)snprintf(type, 24, "%.*s", (int)len, subject);
	(void)snprintf(instance, 48, "%s", subject + len);
	parameter[0] = '\0';
	if (has_prefix(subject, "list ")) {
		(void)snprintf(parameter, 48, "%s", instance);
		instance[0] = '\0';
		return;
	}
	char *last =
	        has_prefix(subject, "interface ") ? strchr(instance, ' ') : strrchr(instance, ' ');

	if (last) {
		(void)snprintf(parameter, 48, "%s", last + 1);
		*last = '\0';
	}
}

void render_track_brief(const struct doc *list, FILE *to)
{
	(void)fprintf(to, "%-6s%-12s%-27s%-17s%-6s%s\n", "Track", "Type", "Instance", "Parameter",
	              "State", "Last Change");
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next) {
		char type[24], instance[48], parameter[48], age[AGE_MAX];

		split_subject(doc_text(&m->value, "subject", ""), type, instance, parameter);
		(void)fprintf(to, "%-6" PRId64 "%-12s%-27s%-17s%-6s%s\n",
		              doc_int(&m->value, "number", 0), type, instance, parameter,
		              up_text(doc_text(&m->value, "state", "")),
		              format_age(doc_int(&m->value, "now_ns", 0),
		                         doc_int(&m->value, "changed_at_ns", 0), age));
	}
}

/* --- show ip route track-table --------------------------------------------------------------------- */

/* The prefix of IPv4 with its mask. */
static void render_prefix(const char *prefix, bool is_v6, FILE *to)
{
	const char *slash = strchr(prefix, '/');
	unsigned long length = slash ? strtoul(slash + 1, NULL, 10) : 0;

	if (is_v6 || !slash || length > 32) {
		(void)fputs(prefix, to);
		return;
	}
	uint32_t bits = length ? UINT32_MAX << (32 - length) : 0;

	(void)fprintf(to, "%.*s %u.%u.%u.%u", (int)(slash - prefix), prefix, bits >> 24,
	              bits >> 16 & 255, bits >> 8 & 255, bits & 255);
}

static void render_route(const struct doc *r, bool is_v6, FILE *to)
{
	const char *vrf = doc_text(r, "vrf", NULL), *interface = doc_text(r, "interface", NULL);
	const char *gateway = doc_text(r, "gateway", NULL), *error = doc_text(r, "error", NULL);
	bool is_installed = doc_bool(r, "installed", false);

	(void)fputs(is_v6 ? " ipv6 route " : " ip route ", to);
	if (vrf)
		(void)fprintf(to, "vrf %s ", vrf);
	render_prefix(doc_text(r, "prefix", ""), is_v6, to);
	if (doc_bool(r, "null", false))
		(void)fputs(" Null0", to);
	if (interface)
		(void)fprintf(to, " %s", interface);
	if (gateway)
		(void)fprintf(to, " %s", gateway);
	if (doc_int(r, "distance", 1) != 1)
		(void)fprintf(to, " %" PRId64, doc_int(r, "distance", 1));
	if (doc_int(r, "track", 0) > 0)
		(void)fprintf(to, " track %" PRId64 " state is [%s]\n", doc_int(r, "track", 0),
		              doc_text(r, "track_state", "down"));
	else
		(void)fputs(" backup\n", to);
	/* What a router does not tell: whether the kernel has it. */
	(void)fprintf(to, "   %s", is_installed ? "installed" : "not installed");
	if (strcmp(doc_text(r, "step", "none"), "hold") == 0)
		(void)fputs(", kept as the last path", to);
	if (strcmp(doc_text(r, "step", "none"), "wait") == 0)
		(void)fputs(", waiting for the first results", to);
	if (doc_bool(r, "dry_run", false))
		(void)fputs(", dry-run", to);
	if (doc_bool(r, "dead", false))
		(void)fputs(", its interface is down", to);
	if (doc_bool(r, "foreign", false))
		(void)fputs(", somebody else has this prefix and metric", to);
	if (doc_int(r, "reinstalls", 0) > 0)
		(void)fprintf(to, ", installed again %" PRId64 " times",
		              doc_int(r, "reinstalls", 0));
	(void)fprintf(to, "%s%s\n", error ? ": " : "", error ? error : "");
}

static void render_table(const struct doc *list, bool is_v6, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next) {
		if ((strchr(doc_text(&m->value, "prefix", ""), ':') != NULL) == is_v6)
			render_route(&m->value, is_v6, to);
	}
}

void render_track_table(const struct doc *list, FILE *to)
{
	render_table(list, false, to);
}

void render_track_table6(const struct doc *list, FILE *to)
{
	render_table(list, true, to);
}

/* --- commands -------------------------------------------------------------------------------------- */

int show_track(struct cli *cli)
{
	static const struct show_entries view = { .path = "track",
		                                  .render_head = render_nothing,
		                                  .render = render_entry };

	return show_entries(cli, &view);
}

int show_track_brief(struct cli *cli)
{
	return show_rows(cli, "track", render_track_brief);
}

int show_track_table(struct cli *cli)
{
	return show_rows(cli, "route", render_track_table);
}

int show_track_table6(struct cli *cli)
{
	return show_rows(cli, "route", render_track_table6);
}
