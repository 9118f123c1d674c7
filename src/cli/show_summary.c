/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla summary: one line an operation. */
#include "base/clocktypes.h"
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

/* Columns as routers print them: ID 13, Type 12, Destination 18, Stats 12, ReturnCode 12, LastRun.
 * A text too long for its column keeps one space behind it and takes its room from the destination;
 * a destination that would push the line over 80 characters ends it, and the rest follows below in
 * its columns. */
#define COLUMN_ID   13
#define COLUMN_TYPE 12
#define COLUMN_DEST 18
#define COLUMN_STAT 12
#define COLUMN_CODE 12

static void column(const char *text, int width, FILE *to)
{
	int pad = width - (int)strlen(text);

	(void)fprintf(to, "%s%*s", text, pad > 0 ? pad : 1, "");
}

static char state_mark(const struct doc *row)
{
	const char *state = doc_text(row, "state", "pending");

	return strcmp(state, "active") == 0 ? '*' : strcmp(state, "inactive") == 0 ? '^' : '~';
}

static void render_row(const struct doc *row, int64_t now_ns, FILE *to)
{
	char id[24], stats[32] = "-", ago[FORMAT_SPAN_MAX];
	const char *target = doc_text(row, "target", "-"), *type = doc_text(row, "type", "-");
	int over = (int)strlen(type) + 1 - COLUMN_TYPE, room = COLUMN_DEST - (over > 0 ? over : 0);
	const struct doc *rtt = doc_get(row, "rtt_ns");
	struct format_unit unit = format_unit_of(row);

	(void)snprintf(id, sizeof(id), "%c%" PRId64, state_mark(row), doc_int(row, "number", 0));
	if (rtt && rtt->kind == DOC_INT)
		(void)snprintf(stats, sizeof(stats), "RTT=%" PRId64 "%s",
		               format_rtt(unit, rtt->integer), unit.ns == NS_PER_US ? "u" : "");
	column(id, COLUMN_ID, to);
	column(type, COLUMN_TYPE, to);
	if ((int)strlen(target) < room)
		column(target, room, to);
	else
		(void)fprintf(to, "%s\n%*s", target, COLUMN_ID + COLUMN_TYPE + COLUMN_DEST, "");
	column(stats, COLUMN_STAT, to);
	column(format_short_code(doc_text(row, "sense", "unknown")), COLUMN_CODE, to);
	(void)fprintf(to, "%s\n", format_ago(now_ns, doc_int(row, "started_at_ns", 0), ago));
}

void render_summary(const struct doc *list, FILE *to)
{
	int64_t now_ns = doc_int(list, "now_ns", 0);

	(void)fputs("IPSLAs Latest Operation Summary\n"
	            "Codes: * active, ^ inactive, ~ pending\n"
	            "All Stats are in milliseconds. Stats with u are in microseconds\n"
	            "\n"
	            "ID           Type        Destination       Stats       ReturnCode  LastRun\n"
	            "-----------------------------------------------------------------------\n",
	            to);
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next)
		render_row(&m->value, now_ns, to);
}

int show_summary(struct cli *cli)
{
	return show_rows(cli, "sla/statistics", render_summary);
}
