/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla group schedule. */
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

static void render_frequency(const struct doc *d, FILE *to)
{
	int64_t frequency_s = doc_int(d, "frequency_s", 0);
	int64_t max_s = doc_int(d, "frequency_max_s", 0);

	if (max_s > 0)
		(void)fprintf(to, "Group operation frequency: Range of %" PRId64 "-%" PRId64 "\n",
		              frequency_s, max_s);
	else if (frequency_s == doc_int(d, "period_s", 0))
		(void)fputs("Group operation frequency: Equals schedule period\n", to);
	else
		(void)fprintf(to, "Group operation frequency: %" PRId64 "\n", frequency_s);
}

static void render_start(const struct doc *d, FILE *to)
{
	int64_t next_ns = doc_int(d, "next_start_at_ns", 0);
	char at[FORMAT_TIME_MAX];

	(void)fputs("Next Scheduled Start Time: ", to);
	if (next_ns > 0)
		(void)fprintf(to, "%s\n", format_time(next_ns, true, true, at));
	else if (strcmp(doc_text(d, "start", ""), "pending") == 0)
		(void)fputs("Pending trigger\n", to);
	else
		(void)fputs("Start Time already passed\n", to);
}

static void render_when(const struct doc *d, FILE *to)
{
	int64_t life_s = doc_int(d, "life_s", -1), ageout_s = doc_int(d, "ageout_s", 0);

	if (life_s < 0)
		(void)fputs("Life (seconds): Forever\n", to);
	else
		(void)fprintf(to, "Life (seconds): %" PRId64 "\n", life_s);
	if (ageout_s == 0)
		(void)fputs("Entry Ageout (seconds): never\n", to);
	else
		(void)fprintf(to, "Entry Ageout (seconds): %" PRId64 "\n", ageout_s);
}

static void render_group(const struct doc *d, FILE *to)
{
	int64_t period_s = doc_int(d, "period_s", 0);
	bool is_active = doc_int(d, "member_count", 0) > 0;

	(void)fprintf(to,
	              "Group Entry Number: %" PRId64 "\n"
	              "Probes to be scheduled: %s\n"
	              "Total number of probes: %" PRId64 "\n",
	              doc_int(d, "number", 0), doc_text(d, "listed", ""),
	              doc_int(d, "listed_count", 0));
	if (period_s > 0)
		(void)fprintf(to, "Schedule period: %" PRId64 "\n", period_s);
	else
		(void)fputs("Schedule period: all together\n", to);
	render_frequency(d, to);
	(void)fprintf(to, "Status of entry (SNMP RowStatus): %s\n",
	              is_active ? "Active" : "notInService");
	render_start(d, to);
	render_when(d, to);
	if (doc_int(d, "listed_count", 0) != doc_int(d, "member_count", 0))
		(void)fprintf(to, "Scheduled by this group: %s\n",
		              is_active ? doc_text(d, "members", "") : "none");
}

void render_groups(const struct doc *list, FILE *to)
{
	const char *between = "";

	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next) {
		(void)fputs(between, to);
		render_group(&m->value, to);
		between = "\n";
	}
}

int show_groups(struct cli *cli)
{
	return show_rows(cli, "sla/group", render_groups);
}
