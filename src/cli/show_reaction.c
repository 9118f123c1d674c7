/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla reaction-configuration, reaction-trigger and notifications. */
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH_OCTETS_MAX 64

static const char *capital_words(const char *const (*table)[2], size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i][0], word) == 0)
			return table[i][1];
	}
	return word;
}

static const char *type_words(const char *word)
{
	static const char *const table[][2] = {
		{ "never", "Never" },
		{ "immediate", "Immediate" },
		{ "consecutive", "Consecutive" },
		{ "xofy", "XofY" },
		{ "average", "Average" },
	};

	return capital_words(table, ARRAY_LEN(table), word);
}

static const char *action_words(const char *word)
{
	static const char *const table[][2] = {
		{ "none", "None" },
		{ "trap", "Trap only" },
		{ "trigger", "Trigger only" },
		{ "trap_and_trigger", "Trap and Trigger" },
	};

	return capital_words(table, ARRAY_LEN(table), word);
}

static const char *unit_words(const char *word)
{
	static const char *const table[][2] = {
		{ "time", " (milliseconds)" },
		{ "packets", " (packets)" },
		{ "percent", " (percent)" },
		{ "hundredths", "" },
		{ "integer", "" },
		{ "flag", "" },
	};

	return capital_words(table, ARRAY_LEN(table), word);
}

/* --- reactions ------------------------------------------------------------------------------------ */

static void render_row(const struct doc *r, FILE *to)
{
	const char *unit = unit_words(doc_text(r, "unit", ""));
	const struct doc *value = doc_get(r, "value");

	(void)fprintf(to,
	              "Reaction: %s\n"
	              "Threshold Type: %s\n"
	              "Rising%s: %" PRId64 "\n"
	              "Falling%s: %" PRId64 "\n"
	              "Threshold Count: %" PRId64 "\n"
	              "Threshold Count2: %" PRId64 "\n"
	              "Action Type: %s\n",
	              doc_text(r, "element", ""), type_words(doc_text(r, "threshold_type", "")),
	              unit, doc_int(r, "rising", 0), unit, doc_int(r, "falling", 0),
	              doc_int(r, "count", 0), doc_int(r, "count2", 0),
	              action_words(doc_text(r, "action", "")));
	(void)fprintf(to, "Condition: %s, occurred %" PRId64 " times, over %" PRId64 " times",
	              doc_bool(r, "occurred", false) ? "occurred" : "none", doc_int(r, "raised", 0),
	              doc_int(r, "cleared", 0));
	if (value && value->kind == DOC_INT)
		(void)fprintf(to, ", last value %" PRId64, value->integer);
	(void)fputc('\n', to);
}

static void render_reactions(const struct doc *d, FILE *to)
{
	const struct doc *rows = doc_get(d, "reactions");

	if (!doc_first(rows))
		return;
	(void)fprintf(to, "Entry number: %" PRId64 "\n", doc_int(d, "operation", 0));
	for (const struct doc_member *m = doc_first(rows); m; m = m->next)
		render_row(&m->value, to);
}

static void render_reaction_one(const struct doc *d, FILE *to)
{
	if (doc_first(doc_get(d, "reactions")))
		render_reactions(d, to);
	else
		(void)fputs("Reaction Configuration not configured\n", to);
}

static void render_reaction_list(const struct doc *d, FILE *to)
{
	bool has_any = false;

	for (const struct doc_member *m = doc_first(doc_get(d, "items")); m; m = m->next) {
		if (!doc_first(doc_get(&m->value, "reactions")))
			continue;
		if (has_any)
			(void)fputc('\n', to);
		has_any = true;
		render_reactions(&m->value, to);
	}
	if (!has_any)
		(void)fputs("Reaction Configuration not configured\n", to);
}

static int show_of(struct cli *cli, show_render one, show_render all)
{
	char path[PATH_OCTETS_MAX];

	if (!cli_arg(cli, "N"))
		return show_rows(cli, "sla/reaction", all);
	(void)snprintf(path, sizeof(path), "sla/reaction/%" PRIu32, cli_arg_number(cli, "N", 0));
	return show_object(cli, path, one);
}

int show_reactions(struct cli *cli)
{
	return show_of(cli, render_reaction_one, render_reaction_list);
}

/* --- triggers ------------------------------------------------------------------------------------- */

static void render_triggers(const struct doc *d, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(d, "triggers")); m; m = m->next)
		(void)fprintf(to,
		              "Entry Number: %" PRId64 "\n"
		              "Target Entry Number: %" PRId64 "\n"
		              "Status of Entry (SNMP RowStatus): active\n"
		              "Operational State: %s\n",
		              doc_int(d, "operation", 0), doc_int(&m->value, "target", 0),
		              doc_text(&m->value, "state", ""));
}

static void render_trigger_one(const struct doc *d, FILE *to)
{
	(void)fputs("Reaction Table\n", to);
	render_triggers(d, to);
}

static void render_trigger_list(const struct doc *d, FILE *to)
{
	(void)fputs("Reaction Table\n", to);
	for (const struct doc_member *m = doc_first(doc_get(d, "items")); m; m = m->next)
		render_triggers(&m->value, to);
}

int show_triggers(struct cli *cli)
{
	return show_of(cli, render_trigger_one, render_trigger_list);
}

/* --- who is told ---------------------------------------------------------------------------------- */

static const char *enabled(bool is)
{
	return is ? "enabled" : "disabled";
}

static void render_counters(const struct doc *n, FILE *to)
{
	const char *error = doc_text(n, "error", "");

	(void)fprintf(to,
	              "    Sent: %" PRId64 "  Failed: %" PRId64 "  Retried: %" PRId64
	              "  Dropped: %" PRId64 "  Queued: %" PRId64 "\n",
	              doc_int(n, "sent", 0), doc_int(n, "failed", 0), doc_int(n, "retried", 0),
	              doc_int(n, "dropped", 0), doc_int(n, "queued", 0));
	if (*error)
		(void)fprintf(to, "    Last error: %s\n", error);
}

static void render_hooks(const struct doc *h, FILE *to)
{
	(void)fputs("Hooks:\n", to);
	for (const struct doc_member *m = doc_first(doc_get(h, "configured")); m; m = m->next)
		(void)fprintf(to, "  %s: command %s, time limit %" PRId64 " seconds\n",
		              doc_text(&m->value, "name", ""), doc_text(&m->value, "command", ""),
		              doc_int(&m->value, "timeout_s", 0));
	(void)fprintf(to,
	              "    Started: %" PRId64 "  Succeeded: %" PRId64 "  Failed: %" PRId64
	              "  Killed: %" PRId64 "\n"
	              "    Refused: %" PRId64 "  Dropped: %" PRId64 "  Queued: %" PRId64
	              "  Running: %" PRId64 "\n",
	              doc_int(h, "started", 0), doc_int(h, "succeeded", 0), doc_int(h, "failed", 0),
	              doc_int(h, "killed", 0), doc_int(h, "refused", 0), doc_int(h, "dropped", 0),
	              doc_int(h, "queued", 0), doc_int(h, "running", 0));
}

static void render_notifications(const struct doc *d, FILE *to)
{
	const struct doc *journal = doc_get(d, "journal");

	(void)fprintf(to,
	              "IP SLAs syslog messages: %s\n"
	              "IP SLAs reaction alerts: %s\n"
	              "Delivery: %s\n"
	              "Messages: facility %s, level %s\n"
	              "Events: %" PRId64 ", orders lost: %" PRId64 "\n",
	              enabled(doc_bool(d, "logging_traps", false)),
	              enabled(doc_bool(d, "reaction_alerts", false)), doc_text(d, "delivery", ""),
	              doc_text(d, "facility", ""), doc_text(d, "level", ""),
	              doc_int(d, "events", 0), doc_int(d, "lost", 0));
	for (const struct doc_member *m = doc_first(doc_get(d, "hosts")); m; m = m->next) {
		(void)fprintf(to, "Logging to %s, %s port %" PRId64 ", %s\n",
		              doc_text(&m->value, "host", ""), doc_text(&m->value, "transport", ""),
		              doc_int(&m->value, "port", 0),
		              doc_bool(&m->value, "connected", false) ? "connected"
		                                                      : "not connected");
		render_counters(&m->value, to);
	}
	if (journal && journal->kind == DOC_MAP) {
		(void)fputs("Logging to the journal\n", to);
		render_counters(journal, to);
	}
	for (const struct doc_member *m = doc_first(doc_get(d, "webhooks")); m; m = m->next) {
		(void)fprintf(to, "Webhook %s%s\n    %s\n", doc_text(&m->value, "name", ""),
		              doc_bool(&m->value, "signed", false) ? ", signed" : "",
		              doc_text(&m->value, "url", ""));
		render_counters(&m->value, to);
	}
	render_hooks(doc_get(d, "hooks"), to);
}

int show_notifications(struct cli *cli)
{
	return show_object(cli, "notification", render_notifications);
}
