/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, alarms, windows and the audit log as text: an entry is a line with a number or a name, when
 * and what, and below it, indented, what was said and by whom. */
#include "cli/admin.h"
#include "cli/format.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define WIDTH              80u
#define INDENT             6u

#define MESSAGE_BEFORE_MAX 300u /* "ended by …, " */

/* --- pieces -------------------------------------------------------------------------------------- */

static bool has_colours(FILE *to)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");
	int fd = fileno(to);

	return fd >= 0 && isatty(fd) && term && strcmp(term, "dumb") != 0 && !(none && *none);
}

/* ``text`` so that it stands out as ``severity`` deserves; other words stay as they are. */
static void put_marked(FILE *to, const char *severity, const char *text)
{
	static const struct {
		const char *severity, *escape;
	} marks[] = {
		{ "critical", "\033[1;31m" },
		{ "major", "\033[1;33m" },
		{ "minor", "\033[33m" },
		{ "warning", "\033[36m" },
	};

	for (size_t i = 0; has_colours(to) && i < ARRAY_LEN(marks); i++) {
		if (strcmp(severity, marks[i].severity) == 0) {
			(void)fprintf(to, "%s%s\033[0m", marks[i].escape, text);
			return;
		}
	}
	(void)fputs(text, to);
}

/* Columns of ``len`` octets of UTF-8, one for each character. */
static unsigned columns(const char *text, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* Octets of the longest front of ``text`` that fits ``room`` columns, up to a blank where there is one. */
static size_t fitting(const char *text, unsigned room)
{
	size_t end = 0, blank = 0;

	while (text[end] && columns(text, end + 1) <= room) {
		if (text[end] == ' ')
			blank = end;
		end++;
	}
	while (((unsigned char)text[end] & 0xc0) == 0x80)
		end++; /* the rest of the last character */
	return text[end] && text[end] != ' ' && blank ? blank : end;
}

/* Indented lines of at most WIDTH columns; nothing for an empty text. */
static void put_wrapped(FILE *to, const char *text)
{
	while (*text) {
		size_t len = fitting(text, WIDTH - INDENT);

		(void)fprintf(to, "%*s%.*s\n", (int)INDENT, "", (int)len, text);
		text += len;
		while (*text == ' ')
			text++;
	}
}

static const char *when(int64_t at_ns, char to[static FORMAT_TIME_MAX])
{
	return at_ns > 0 ? format_time(at_ns, true, false, to) : "-";
}

/* "about sla/operation/10, responder" */
static void put_scope(const struct doc *d, FILE *to)
{
	struct arena a = { 0 };
	const char *text = "about", *join = "";

	for (const struct doc_member *m = doc_first(doc_get(d, "scope")); m; m = m->next) {
		text = arena_printf(&a, "%s%s %s", text, join,
		                    m->value.kind == DOC_TEXT ? m->value.text : "?");
		join = ",";
	}
	if (*join)
		put_wrapped(to, text);
	arena_free(&a);
}

/* "operation 10: timeout, RTT 12.300 ms, loss 5.0 %" */
static void put_measured(const struct doc *d, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(d, "measured")); m; m = m->next) {
		int64_t rtt_ns = doc_int(&m->value, "rtt_ns", -1);
		int64_t loss_ppm = doc_int(&m->value, "loss_ppm", -1);
		char rtt[FORMAT_SPAN_MAX] = "-";

		if (rtt_ns >= 0)
			(void)format_duration(rtt_ns, rtt);
		(void)fprintf(to, "%*soperation %" PRId64 ": %s, RTT %s", (int)INDENT, "",
		              doc_int(&m->value, "number", 0),
		              doc_text(&m->value, "sense", "not measured"), rtt);
		if (loss_ppm >= 0)
			(void)fprintf(to, ", loss %" PRId64 ".%" PRId64 " %%", loss_ppm / 10000,
			              loss_ppm % 10000 / 1000);
		(void)fputc('\n', to);
	}
}

/* "by alice on node1, from node2" */
static void put_origin(const struct doc *d, const char *before, FILE *to)
{
	const char *from = doc_text(d, "from", NULL);
	struct arena a = { 0 };

	put_wrapped(to, arena_printf(&a, "%sby %s on %s%s%s", before, doc_text(d, "by", "?"),
	                             doc_text(d, "origin", "?"), from ? ", sent by " : "",
	                             from ? from : ""));
	arena_free(&a);
}

static void put_count(const struct doc *list, const char *key, const char *one, const char *many,
                      FILE *to)
{
	int64_t count = doc_int(list, key, 0);

	if (count > 0)
		(void)fprintf(to, "%" PRId64 " %s\n", count, count == 1 ? one : many);
}

/* What a log says of itself. */
static void put_losses(const struct doc *list, FILE *to)
{
	put_count(list, "dropped", "older entry has gone for want of room",
	          "older entries have gone for want of room", to);
	put_count(list, "damaged", "entry is damaged on the disk",
	          "entries are damaged on the disk", to);
	put_count(list, "lost", "could not be entered", "could not be entered", to);
}

/* --- messages ------------------------------------------------------------------------------------ */

/* "alarm link-7 raise, major" */
static void put_subject(const struct doc *d, FILE *to)
{
	const char *type = doc_text(d, "type", "?"), *name = doc_text(d, "name", NULL);
	const char *action = doc_text(d, "action", NULL);
	const char *severity = doc_text(d, "severity", NULL);

	put_marked(to, severity ? severity : "", type);
	if (action)
		(void)fprintf(to, " %s", action);
	if (name)
		(void)fprintf(to, " %s", name);
	if (severity)
		(void)fprintf(to, ", %s", severity);
	(void)fputc('\n', to);
}

static void put_message(const struct doc *d, FILE *to)
{
	char at[FORMAT_TIME_MAX];

	(void)fprintf(to, "%-5" PRId64 " %s\n%*s", doc_int(d, "number", 0),
	              when(doc_int(d, "at_ns", 0), at), (int)INDENT, "");
	put_subject(d, to);
	put_wrapped(to, doc_text(d, "text", ""));
	if (doc_int(d, "start_ns", 0) > 0) {
		(void)fprintf(to, "%*sfrom %s\n", (int)INDENT, "",
		              when(doc_int(d, "start_ns", 0), at));
		(void)fprintf(to, "%*sto   %s\n", (int)INDENT, "",
		              when(doc_int(d, "end_ns", 0), at));
	}
	put_scope(d, to);
	put_measured(d, to);
	put_origin(d, "", to);
}

void render_messages(const struct doc *list, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next)
		put_message(&m->value, to);
	if (!doc_first(doc_get(list, "items")))
		(void)fputs("No message.\n", to);
	put_losses(list, to);
}

/* --- what stands --------------------------------------------------------------------------------- */

static void put_acknowledged(const struct doc *d, int64_t now_ns, FILE *to)
{
	const struct doc *by = doc_get(d, "acknowledged");
	char ago[FORMAT_SPAN_MAX];
	struct arena a = { 0 };

	if (by && by->kind == DOC_MAP)
		put_wrapped(to,
		            arena_printf(&a, "acknowledged by %s, %s: %s", doc_text(by, "by", "?"),
		                         format_ago(now_ns, doc_int(by, "at_ns", 0), ago),
		                         doc_text(by, "text", "")));
	arena_free(&a);
}

static void put_alarm(const struct doc *d, int64_t now_ns, FILE *to)
{
	const char *severity = doc_text(d, "severity", "?");
	int64_t raises = doc_int(d, "raises", 1);
	char at[FORMAT_TIME_MAX], ago[FORMAT_SPAN_MAX], before[64] = "";

	put_marked(to, severity, severity);
	(void)fprintf(to, " %s\n%*ssince %s, %s\n", doc_text(d, "name", "?"), (int)INDENT, "",
	              when(doc_int(d, "since_ns", 0), at), doc_text(d, "state", "standing"));
	put_wrapped(to, doc_text(d, "text", ""));
	put_scope(d, to);
	put_measured(d, to);
	if (raises > 1)
		(void)snprintf(before, sizeof(before), "raised %" PRId64 " times, last %s, ",
		               raises, format_ago(now_ns, doc_int(d, "at_ns", 0), ago));
	put_origin(d, before, to);
	put_acknowledged(d, now_ns, to);
}

void render_alarms(const struct doc *list, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next)
		put_alarm(&m->value, doc_int(list, "now_ns", 0), to);
	if (!doc_first(doc_get(list, "items")))
		(void)fputs("No alarm stands.\n", to);
}

static void put_window(const struct doc *d, FILE *to)
{
	const char *ended_by = doc_text(d, "ended_by", NULL);
	char at[FORMAT_TIME_MAX], before[MESSAGE_BEFORE_MAX] = "";

	(void)fprintf(to, "%s %s\n%*sfrom %s\n", doc_text(d, "state", "?"),
	              doc_text(d, "name", "?"), (int)INDENT, "",
	              when(doc_int(d, "start_ns", 0), at));
	(void)fprintf(to, "%*sto   %s\n", (int)INDENT, "", when(doc_int(d, "end_ns", 0), at));
	put_wrapped(to, doc_text(d, "text", ""));
	put_scope(d, to);
	put_measured(d, to);
	if (ended_by)
		(void)snprintf(before, sizeof(before), "ended by %s, ", ended_by);
	put_origin(d, before, to);
}

void render_maintenance(const struct doc *list, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next)
		put_window(&m->value, to);
	if (!doc_first(doc_get(list, "items")))
		(void)fputs("No maintenance window.\n", to);
}

/* --- the audit log ------------------------------------------------------------------------------- */

static void put_change(const struct doc *d, FILE *to)
{
	const char *path = doc_text(d, "path", ""), *asked = doc_text(d, "asked", "");
	char at[FORMAT_TIME_MAX];
	struct arena a = { 0 };

	(void)fprintf(to, "%-5" PRId64 " %s, code %" PRId64 "\n", doc_int(d, "number", 0),
	              when(doc_int(d, "at_ns", 0), at), doc_int(d, "code", 0));
	put_wrapped(to, arena_printf(&a, "%s %s%s%s", doc_text(d, "verb", "?"), path,
	                             *asked ? ": " : "", asked));
	put_wrapped(to, arena_printf(&a, "by %s (%s) from %s", doc_text(d, "name", "?"),
	                             doc_text(d, "role", "?"), doc_text(d, "origin", "?")));
	arena_free(&a);
}

void render_audit(const struct doc *list, FILE *to)
{
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next)
		put_change(&m->value, to);
	if (!doc_first(doc_get(list, "items")))
		(void)fputs("No change.\n", to);
	put_losses(list, to);
}
