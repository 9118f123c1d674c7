/* SPDX-License-Identifier: Apache-2.0 */
/* Commit, rollback, archive. */
#include "cli/config_cmd.h"

#include "cli/format.h"
#include "cli/shell_state.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

/* --- words ----------------------------------------------------------------------------------- */

static const struct command comment_text[] = {
	{ .word = "TEXT",
	  .kind = COMMAND_TEXT,
	  .help = "why, for the archive",
	  .run = config_commit },
	{ 0 },
};

static const struct command after_minutes[] = {
	{ .word = "comment", .help = "kept with the configuration", .next = comment_text },
	{ 0 },
};

static const struct command commit_minutes[] = {
	{ .word = "MINUTES",
	  .kind = COMMAND_NUMBER,
	  .min = 1,
	  .max = 1440,
	  .help = "until it is rolled back",
	  .next = after_minutes,
	  .run = config_commit },
	{ 0 },
};

const struct command config_commit_words[] = {
	{ .word = "comment", .help = "kept with the configuration", .next = comment_text },
	{ .word = "confirmed",
	  .help = "roll back unless confirmed in time",
	  .next = commit_minutes },
	{ 0 },
};

static const struct command rollback_minutes[] = {
	{ .word = "MINUTES",
	  .kind = COMMAND_NUMBER,
	  .min = 1,
	  .max = 1440,
	  .help = "until it is undone",
	  .run = config_rollback },
	{ 0 },
};

static const struct command rollback_more[] = {
	{ .word = "confirmed", .help = "undo unless confirmed in time", .next = rollback_minutes },
	{ 0 },
};

const struct command config_rollback_words[] = {
	{ .word = "NUMBER",
	  .kind = COMMAND_NUMBER,
	  .min = 1,
	  .max = 50,
	  .help = "in the archive; 1: the one before",
	  .next = rollback_more,
	  .run = config_rollback },
	{ 0 },
};

/* --- changes --------------------------------------------------------------------------------- */

static void fill_commit(const struct cli *cli, struct arena *a, struct doc *body)
{
	const char *comment = cli_arg(cli, "TEXT");
	uint32_t minutes = cli_arg_number(cli, "MINUTES", 0),
	         number = cli_arg_number(cli, "NUMBER", 0);

	if (comment)
		doc_add_text(a, body, "comment", comment);
	if (minutes)
		doc_add_int(a, body, "confirm_minutes", minutes);
	if (number)
		doc_add_int(a, body, "number", number);
}

static void render_generation(const struct doc *answer, FILE *to)
{
	(void)fprintf(to, "Running configuration is now generation %" PRId64 "\n",
	              doc_int(answer, "generation", 0)); /* the stream keeps errors */
}

/* In the shell the prompt counts the time down. */
static void note_pending(struct cli *cli)
{
	uint32_t minutes = cli_arg_number(cli, "MINUTES", 0);

	if (minutes && !cli->json)
		(void)fprintf(cli->out,
		              "It is rolled back in %" PRIu32 " minute%s unless confirmed\n",
		              minutes, minutes == 1 ? "" : "s");
	if (cli->shell && cli->client)
		shell_learn_running(cli->shell);
}

int config_confirm(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "confirm",
		.render = render_generation,
	};
	int code = show_act(cli, "config/running", &action);

	if (code == CLI_GOOD && cli->client)
		shell_learn_running(cli->shell);
	return code;
}

int config_rollback(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "rollback",
		.fill = fill_commit,
		.render = render_generation,
	};
	int code = show_act(cli, "config/running", &action);

	if (code == CLI_GOOD)
		note_pending(cli);
	return code;
}

int config_reload(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "reload",
		.render = render_generation,
	};

	return show_act(cli, "config/running", &action);
}

int config_commit(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "commit",
		.fill = fill_commit,
		.render = render_generation,
	};
	struct shell *sh = cli->shell;

	if (!sh->candidate.is_changed && shell_pending_left_s(sh) > 0)
		return config_confirm(cli);
	if (!sh->candidate.is_changed) {
		(void)fputs("% No configuration changes to commit.\n", cli->err);
		return CLI_GOOD;
	}
	int code = show_act(cli, "config/candidate", &action);

	if (code != CLI_GOOD)
		return code;
	note_pending(cli);
	sh->candidate = (struct shell_candidate) { .is_open = true, .mode = "config" };
	return CLI_GOOD;
}

static int drop(struct cli *cli)
{
	static const struct show_action action = { .verb = OBJECT_DELETE };

	if (!cli->client || !cli->shell->candidate.is_begun)
		return CLI_GOOD;
	return show_act(cli, "config/candidate", &action);
}

int config_discard(struct cli *cli)
{
	int code = drop(cli);

	if (code == CLI_GOOD)
		cli->shell->candidate =
		        (struct shell_candidate) { .is_open = true, .mode = "config" };
	return code;
}

int config_abort(struct cli *cli)
{
	int code = drop(cli);

	cli->shell->candidate = (struct shell_candidate) { 0 };
	return code;
}

int config_rebase_silently(struct cli *cli)
{
	static const struct show_action action = { .verb = OBJECT_RUN, .action = "rebase" };

	if (!cli->shell->candidate.is_begun)
		return CLI_GOOD;
	return show_act(cli, "config/candidate", &action);
}

int config_rebase(struct cli *cli)
{
	struct show s;
	struct doc *answer;
	int code = shell_candidate_need(cli->shell);

	if (code != CLI_GOOD)
		return code;
	code = show_open(&s, cli);
	if (code == CLI_GOOD) {
		struct doc *body = doc_new_map(&s.arena);

		doc_add_text(&s.arena, body, "action", "rebase");
		code = show_ask(&s, OBJECT_RUN, "config/candidate", body, &answer);
	}
	if (code == CLI_GOOD) {
		const struct doc *error = doc_get(answer, "error");

		if (error && error->kind == DOC_MAP)
			code = cli_error(cli, CLI_SYSTEM, "line %" PRId64 " of yours: %s",
			                 doc_int(error, "index", 0) + 1,
			                 doc_text(error, "text", "refused"));
		else
			(void)fprintf(cli->out, "The changes stand on generation %" PRId64 "\n",
			              doc_int(answer, "base", 0));
	}
	show_close(&s);
	return code;
}

/* --- looking --------------------------------------------------------------------------------- */

static void render_text(const struct doc *d, FILE *to)
{
	(void)fputs(doc_text(d, "text", ""), to); /* the stream keeps errors */
}

static int show_of_candidate(struct cli *cli, const char *path)
{
	if (!cli->shell->candidate.is_open)
		return cli_usage_error(cli, "there is no candidate: see \"configure terminal\"");
	int code = shell_candidate_need(cli->shell);

	return code == CLI_GOOD ? show_object(cli, path, render_text) : code;
}

int config_show_candidate(struct cli *cli)
{
	return show_of_candidate(cli, "config/candidate");
}

int config_show_diff(struct cli *cli)
{
	return show_of_candidate(cli, "config/diff");
}

void render_archive(const struct doc *list, FILE *to)
{
	(void)fputs("No. Gen.   When                          Who                  State\n"
	            "--------------------------------------------------------------------------"
	            "----\n",
	            to);
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next) {
		const struct doc *row = &m->value;
		const char *from = doc_text(row, "from", ""),
		           *comment = doc_text(row, "comment", "");
		char at[FORMAT_TIME_MAX];

		(void)fprintf(to, "%-3" PRId64 " %-6" PRId64 " %-28s  %-20s %s\n",
		              doc_int(row, "number", 0), doc_int(row, "generation", 0),
		              format_time(doc_int(row, "at_ns", 0), true, false, at),
		              doc_text(row, "who", "-"), doc_text(row, "state", "-"));
		if (*from)
			(void)fprintf(to, "           from %s\n", from);
		if (*comment)
			(void)fprintf(to, "           %s\n", comment);
	}
}

int config_show_archive(struct cli *cli)
{
	char path[32];

	if (!cli_arg(cli, "NUMBER"))
		return show_rows(cli, "config/archive", render_archive);
	(void)snprintf(path, sizeof(path), "config/archive/%" PRIu32,
	               cli_arg_number(cli, "NUMBER", 0)); /* fits */
	return show_object(cli, path, render_text);
}
