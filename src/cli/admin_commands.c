/* SPDX-License-Identifier: Apache-2.0 */
/* The commands around administration messages: views, and what is done to alarms and windows. */
#include "cli/admin.h"
#include "cli/show_fetch.h"
#include "cli/when.h"
#include "io/clock.h"

#include <inttypes.h>
#include <string.h>

#define NEWEST_DEFAULT 20u

/* --- views --------------------------------------------------------------------------------------- */

/* The newest rows of a log, of one type where that was asked for. */
static int show_newest(struct cli *cli, const char *path, show_render render)
{
	const char *type = cli_arg(cli, "type");
	struct show s;
	struct doc *list = NULL;
	int code = show_open(&s, cli);

	if (code == CLI_GOOD) {
		struct doc *body = doc_new_map(&s.arena);

		doc_add_bool(&s.arena, body, "newest", true);
		doc_add_int(&s.arena, body, "limit", cli_arg_number(cli, "N", NEWEST_DEFAULT));
		if (type)
			doc_add_text(&s.arena, body, "type", type);
		code = show_ask(&s, OBJECT_LIST, path, body, &list);
	}
	if (code == CLI_GOOD)
		code = show_answer(&s, list, render);
	show_close(&s);
	return code;
}

int show_messages(struct cli *cli)
{
	return show_newest(cli, "message", render_messages);
}

int show_audit(struct cli *cli)
{
	return show_newest(cli, "audit", render_audit);
}

int show_alarms(struct cli *cli)
{
	return show_rows(cli, "alarm", render_alarms);
}

int show_maintenance(struct cli *cli)
{
	return show_rows(cli, "maintenance", render_maintenance);
}

/* --- what is done -------------------------------------------------------------------------------- */

static void add_arg_text(const struct cli *cli, const char *arg, const char *key, struct arena *a,
                         struct doc *body)
{
	const char *value = cli_arg(cli, arg);

	if (value)
		doc_add_text(a, body, key, value);
}

/* Paths with commas between them; a number alone is that of an operation. */
static void add_scope(const struct cli *cli, struct arena *a, struct doc *body)
{
	const char *paths = cli_arg(cli, "PATH");

	if (!paths)
		return;
	struct doc *scope = doc_add_list(a, body, "scope");

	while (*paths) {
		size_t len = strcspn(paths, ",");
		const char *path = arena_strndup(a, paths, len);

		if (len && strspn(path, "0123456789") == len)
			path = arena_printf(a, "sla/operation/%s", path);
		doc_add_text(a, scope, NULL, path);
		paths += len + (paths[len] == ',');
	}
}

static void fill(const struct cli *cli, struct arena *a, struct doc *body)
{
	add_arg_text(cli, "NAME", "name", a, body);
	add_arg_text(cli, "severity", "severity", a, body);
	add_arg_text(cli, "TEXT", "text", a, body);
	add_arg_text(cli, "PEER", "to", a, body);
	add_scope(cli, a, body);
}

static void render_answer(const struct doc *answer, FILE *to)
{
	if (doc_bool(answer, "queued", false))
		(void)fputs("On its way.\n", to);
	else
		(void)fprintf(to, "Logged as message %" PRId64 ".\n", doc_int(answer, "number", 0));
}

static int act(struct cli *cli, const char *path, const char *action)
{
	const struct show_action what = { OBJECT_RUN, action, fill, render_answer };

	return show_act(cli, path, &what);
}

static int notice(struct cli *cli)
{
	return act(cli, "message", "notice");
}

static int alarm_raise(struct cli *cli)
{
	return act(cli, "alarm", "raise");
}

static int alarm_clear(struct cli *cli)
{
	return act(cli, "alarm", "clear");
}

static int alarm_acknowledge(struct cli *cli)
{
	return act(cli, "alarm", "acknowledge");
}

static int maintenance_end(struct cli *cli)
{
	return act(cli, "maintenance", "end");
}

/* START and END of a window; the latter's "+2h" is two hours after the former. */
static int parse_window(const struct cli *cli, const char **ret_wrong, int64_t *ret_start_ns,
                        int64_t *ret_end_ns)
{
	int64_t now_ns = clock_system()->wall(clock_system()).ns;

	*ret_wrong = cli_arg(cli, "START");
	if (when_parse(*ret_wrong, now_ns, now_ns, ret_start_ns) < 0)
		return -1;
	*ret_wrong = cli_arg(cli, "END");
	return when_parse(*ret_wrong, now_ns, *ret_start_ns, ret_end_ns);
}

static void fill_window(const struct cli *cli, struct arena *a, struct doc *body)
{
	int64_t start_ns = 0, end_ns = 0;
	const char *wrong;

	fill(cli, a, body);
	if (parse_window(cli, &wrong, &start_ns, &end_ns) == 0) {
		doc_add_int(a, body, "start_ns", start_ns);
		doc_add_int(a, body, "end_ns", end_ns);
	}
}

static int maintenance_begin(struct cli *cli)
{
	static const struct show_action what = { OBJECT_RUN, "begin", fill_window, render_answer };
	int64_t start_ns, end_ns;
	const char *wrong;

	if (parse_window(cli, &wrong, &start_ns, &end_ns) < 0)
		return cli_usage_error(cli,
		                       "\"%s\" is no instant: now, +2h, 22:00, 2026-12-01T22:00, "
		                       "or with Z behind it for UTC",
		                       wrong);
	if (end_ns <= start_ns)
		return cli_usage_error(cli, "the window would end before it begins");
	return show_act(cli, "maintenance", &what);
}

/* --- words --------------------------------------------------------------------------------------- */

static const struct command type_words[] = {
	{ .word = "alarm",
	  .arg = "type",
	  .help = "raised, cleared, acknowledged",
	  .run = show_messages },
	{ .word = "config",
	  .arg = "type",
	  .help = "changes of configuration",
	  .run = show_messages },
	{ .word = "maintenance", .arg = "type", .help = "windows", .run = show_messages },
	{ .word = "measurement",
	  .arg = "type",
	  .help = "return codes that changed",
	  .run = show_messages },
	{ .word = "node", .arg = "type", .help = "of the node itself", .run = show_messages },
	{ .word = "notice", .arg = "type", .help = "notices of operators", .run = show_messages },
	{ 0 },
};

static const struct command newest_words[] = {
	{ .word = "type", .help = "those of one type", .next = type_words },
	{ 0 },
};

const struct command show_messages_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .min = 1,
	  .max = OBJECT_LIST_MAX,
	  .help = "the newest N",
	  .next = newest_words,
	  .run = show_messages },
	{ .word = "type", .help = "those of one type", .next = type_words },
	{ 0 },
};

const struct command show_audit_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .min = 1,
	  .max = OBJECT_LIST_MAX,
	  .help = "the newest N",
	  .run = show_audit },
	{ 0 },
};

/* "TEXT", also behind "to PEER", as tables NAME_text and NAME_to. */
#define TEXT_TABLES(name, handler, text_help)                                                    \
	static const struct command name##_text[] = {                                            \
		{ .word = "TEXT", .kind = COMMAND_TEXT, .help = (text_help), .run = (handler) }, \
		{ 0 },                                                                           \
	};                                                                                       \
	static const struct command name##_peer[] = {                                            \
		{ .word = "PEER",                                                                \
		  .kind = COMMAND_NAME,                                                          \
		  .help = "a peer of the configuration",                                         \
		  .next = name##_text },                                                         \
		{ 0 },                                                                           \
	};                                                                                       \
	static const struct command name##_to[] = {                                              \
		{ .word = "to", .help = "not here: send it", .next = name##_peer },              \
		{ .word = "TEXT", .kind = COMMAND_TEXT, .help = (text_help), .run = (handler) }, \
		{ 0 },                                                                           \
	}

/* The same with "scope PATH" in front, as NAME_scope. */
#define SCOPE_TABLES(name, handler, text_help, linkage, table)                                   \
	TEXT_TABLES(name, handler, text_help);                                                   \
	static const struct command name##_path[] = {                                            \
		{ .word = "PATH",                                                                \
		  .kind = COMMAND_NAME,                                                          \
		  .help = "sla/operation/10, or several",                                        \
		  .next = name##_to },                                                           \
		{ 0 },                                                                           \
	};                                                                                       \
	linkage const struct command table[] = {                                                 \
		{ .word = "scope", .help = "what it is about", .next = name##_path },            \
		{ .word = "to", .help = "not here: send it", .next = name##_peer },              \
		{ .word = "TEXT", .kind = COMMAND_TEXT, .help = (text_help), .run = (handler) }, \
		{ 0 },                                                                           \
	}

SCOPE_TABLES(notice, notice, "what people should know", , notice_words);
SCOPE_TABLES(raise, alarm_raise, "what is wrong", static, raise_scope);
SCOPE_TABLES(begin, maintenance_begin, "what is done", static, begin_scope);
TEXT_TABLES(acknowledge, alarm_acknowledge, "what is done about it");

static const struct command clear_peer[] = {
	{ .word = "PEER",
	  .kind = COMMAND_NAME,
	  .help = "a peer of the configuration",
	  .run = alarm_clear },
	{ 0 },
};

static const struct command clear_to[] = {
	{ .word = "to", .help = "not here: send it", .next = clear_peer },
	{ .word = "TEXT", .kind = COMMAND_TEXT, .help = "how it ended", .run = alarm_clear },
	{ 0 },
};

static const struct command clear_words[] = {
	{ .word = "NAME",
	  .kind = COMMAND_NAME,
	  .help = "the alarm that is over",
	  .next = clear_to,
	  .run = alarm_clear },
	{ 0 },
};

static const struct command acknowledge_words[] = {
	{ .word = "NAME", .kind = COMMAND_NAME, .help = "which alarm", .next = acknowledge_to },
	{ 0 },
};

static const struct command severity_words[] = {
	{ .word = "critical", .arg = "severity", .help = "service is down", .next = raise_scope },
	{ .word = "major", .arg = "severity", .help = "service suffers", .next = raise_scope },
	{ .word = "minor", .arg = "severity", .help = "may wait", .next = raise_scope },
	{ .word = "warning", .arg = "severity", .help = "nothing broken yet", .next = raise_scope },
	{ 0 },
};

static const struct command raise_words[] = {
	{ .word = "NAME", .kind = COMMAND_NAME, .help = "which alarm", .next = severity_words },
	{ 0 },
};

const struct command alarm_words[] = {
	{ .word = "acknowledge", .help = "somebody looks after it", .next = acknowledge_words },
	{ .word = "clear", .help = "it is over", .next = clear_words },
	{ .word = "raise", .help = "something is wrong", .next = raise_words },
	{ 0 },
};

static const struct command end_words[] = {
	{ .word = "END",
	  .kind = COMMAND_NAME,
	  .help = "+2h after START, or as START",
	  .next = begin_scope },
	{ 0 },
};

static const struct command start_words[] = {
	{ .word = "START",
	  .kind = COMMAND_NAME,
	  .help = "now, +2h, 22:00, 2026-12-01T22:00",
	  .next = end_words },
	{ 0 },
};

static const struct command begin_words[] = {
	{ .word = "NAME", .kind = COMMAND_NAME, .help = "which window", .next = start_words },
	{ 0 },
};

static const struct command end_peer[] = {
	{ .word = "PEER",
	  .kind = COMMAND_NAME,
	  .help = "a peer of the configuration",
	  .run = maintenance_end },
	{ 0 },
};

static const struct command end_to[] = {
	{ .word = "to", .help = "not here: send it", .next = end_peer },
	{ 0 },
};

static const struct command window_words[] = {
	{ .word = "NAME",
	  .kind = COMMAND_NAME,
	  .help = "the window to end or cancel",
	  .next = end_to,
	  .run = maintenance_end },
	{ 0 },
};

const struct command maintenance_words[] = {
	{ .word = "begin", .help = "plan a window, or change one", .next = begin_words },
	{ .word = "end", .help = "end or cancel a window", .next = window_words },
	{ 0 },
};
