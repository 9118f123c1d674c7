/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla responder: as a router prints it, then every counter and the ports that are open. */
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

static const char *enabled_text(bool enabled)
{
	return enabled ? "Enabled" : "Disabled";
}

static void render_recent(const struct doc *d, const char *key, const char *title, FILE *to)
{
	bool synchronised = doc_bool(doc_get(d, "clock"), "synchronised", false);

	(void)fprintf(to, "%s:\n", title);
	for (const struct doc_member *m = doc_first(doc_get(d, key)); m; m = m->next) {
		char at[FORMAT_TIME_MAX];

		(void)fprintf(to, "        %s [%s]\n", doc_text(&m->value, "address", "-"),
		              format_time(doc_int(&m->value, "at_ns", 0), synchronised, true, at));
	}
}

static int64_t sum_errors(const struct doc *by_status)
{
	int64_t errors = 0;

	for (const struct doc_member *m = doc_first(by_status); m; m = m->next) {
		if (strcmp(m->key, "success") != 0 && m->value.kind == DOC_INT)
			errors += m->value.integer;
	}
	return errors;
}

static void render_general(const struct doc *d, FILE *to)
{
	const struct doc *settings = doc_get(d, "settings"), *counters = doc_get(d, "counters");
	bool enabled = doc_bool(d, "enabled", false);

	(void)fprintf(to,
	              "General IP SLA Responder on Control port %" PRId64 "\n"
	              "General IP SLA Responder on Control V2 port %" PRId64 "\n"
	              "General IP SLA Responder is: %s\n",
	              doc_int(settings, "control_v1_port", 1967),
	              doc_int(settings, "control_v2_port", 1167), enabled_text(enabled));
	if (!enabled)
		return;
	(void)fprintf(to,
	              "Number of control message received: %" PRId64 " Number of errors: %" PRId64
	              "\n",
	              doc_int(counters, "control_requests", 0),
	              sum_errors(doc_get(counters, "control_by_status")));
	render_recent(d, "recent", "Recent sources", to);
	render_recent(d, "recent_errors", "Recent error sources", to);
}

static void render_permanent(const struct doc *d, const char *kind, const char *title, FILE *to)
{
	(void)fprintf(to, "%s Responder:\n  IP Address             Port\n", title);
	for (const struct doc_member *m = doc_first(doc_get(d, "permanent")); m; m = m->next) {
		const char *address = doc_text(&m->value, "address", "0.0.0.0");

		if (strcmp(doc_text(&m->value, "kind", ""), kind) == 0)
			(void)fprintf(to, "  %-22s %" PRId64 "\n", address,
			              doc_int(&m->value, "port", 0));
	}
}

/* --- what a router does not tell ------------------------------------------------------------- */

/* "sessions_opened" as "Sessions opened". */
static void render_counter(const char *key, int64_t value, FILE *to)
{
	char name[48];
	size_t i = 0;

	for (; key[i] && i < sizeof(name) - 1; i++)
		name[i] = key[i] == '_' ? ' ' : key[i];
	name[i] = '\0';
	if (name[0] >= 'a' && name[0] <= 'z')
		name[0] = (char)(name[0] - 'a' + 'A');
	(void)fprintf(to, "  %-40s %" PRId64 "\n", name, value);
}

static void render_counters(const struct doc *map, const char *title, FILE *to)
{
	(void)fprintf(to, "%s:\n", title);
	for (const struct doc_member *m = doc_first(map); m; m = m->next) {
		if (m->value.kind == DOC_INT)
			render_counter(m->key, m->value.integer, to);
	}
}

/* Endpoints of IPv6 are long: the source has a line of its own when it would not fit. */
static void render_session(const struct doc *s, FILE *to)
{
	char from[120], port[24] = "any";
	int64_t source_port = doc_int(s, "source_port", 0);

	if (source_port > 0)
		(void)snprintf(port, sizeof(port), "%" PRId64, source_port);
	(void)snprintf(from, sizeof(from), "%s port %s", doc_text(s, "source_address", "-"), port);
	if (strlen(from) > 38)
		(void)fprintf(to, "  %-6" PRId64 " %s\n  %-45s ", doc_int(s, "port", 0), from, "");
	else
		(void)fprintf(to, "  %-6" PRId64 " %-38s ", doc_int(s, "port", 0), from);
	(void)fprintf(to, "v%-6" PRId64 " %-10" PRId64 " %" PRId64 " s\n", doc_int(s, "version", 0),
	              doc_int(s, "probes", 0), doc_int(s, "left_ns", 0) / 1000000000);
}

static void render_open_ports(const struct doc *d, FILE *to)
{
	const struct doc *sessions = doc_get(d, "open_sessions");

	(void)fprintf(to, "Sessions: %" PRId64 " of %" PRId64 ", open ports: %" PRId64 "\n",
	              doc_int(d, "sessions", 0), doc_int(d, "sessions_max", 0),
	              doc_int(d, "ports_open", 0));
	if (!doc_first(sessions))
		return;
	(void)fprintf(to, "  %-6s %-38s %-7s %-10s %s\n", "Port", "For", "Version", "Probes",
	              "Left");
	for (const struct doc_member *m = doc_first(sessions); m; m = m->next)
		render_session(&m->value, to);
}

void render_responder(const struct doc *responder, FILE *to)
{
	const struct doc *counters = doc_get(responder, "counters");
	bool permanent = doc_first(doc_get(responder, "permanent")) != NULL;

	render_general(responder, to);
	(void)fprintf(to,
	              "\n"
	              "Permanent Port IP SLA Responder\n"
	              "Permanent Port IP SLA Responder is: %s\n",
	              enabled_text(permanent));
	if (permanent) {
		render_permanent(responder, "udp-echo", "udpEcho", to);
		render_permanent(responder, "tcp-connect", "tcpConnect", to);
	}
	(void)fputs("\n", to);
	render_open_ports(responder, to);
	render_counters(counters, "Counters", to);
	render_counters(doc_get(counters, "control_by_status"), "Answers to control messages", to);
	render_counters(doc_get(counters, "drops"), "Dropped without a (good) answer", to);
}

int show_responder(struct cli *cli)
{
	struct show s;
	struct doc *d, *sessions;
	int code = show_open(&s, cli);

	if (code == CLI_GOOD)
		code = show_get(&s, "responder", &d);
	if (code == CLI_GOOD)
		code = show_list(&s, "responder/session", &sessions);
	if (code == CLI_GOOD) {
		doc_add_doc(&s.arena, d, "open_sessions", doc_get(sessions, "items"));
		code = show_answer(&s, d, render_responder);
	}
	show_close(&s);
	return code;
}
