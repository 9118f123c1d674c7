/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration modes: lines go to the candidate that the node keeps for this session; a few words
 * belong to the shell. */
#include "cli/shell.h"
#include "cli/shell_state.h"

#include "base/xalloc.h"
#include "cli/config_cmd.h"
#include "cli/format.h"
#include "cli/show_fetch.h"
#include "cli/target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define EDIT_LINES_MAX  1000
#define EDIT_OCTETS_MAX (256u << 10)
#define EXPANSIONS_MAX  16 /* words of one line */

/* --- words of the shell ---------------------------------------------------------------------- */

static int leave(struct cli *cli)
{
	(void)shell_config_leave(cli->shell);
	return CLI_GOOD;
}

/* `do` and `show` go to the exec tree before this could run. */
static int unreachable(struct cli *cli)
{
	(void)cli;
	return CLI_GOOD;
}

const struct command shell_config_commands[] = {
	{ .word = "abort", .help = "drop the changes and leave", .run = config_abort },
	{ .word = "commit",
	  .help = "make the changes the running configuration",
	  .next = config_commit_words,
	  .run = config_commit },
	{ .word = "confirm", .help = "keep what was committed for a time", .run = config_confirm },
	{ .word = "discard", .help = "drop the changes", .run = config_discard },
	{ .word = "do",
	  .kind = COMMAND_REST,
	  .help = "a command of exec mode",
	  .run = unreachable },
	{ .word = "end", .help = "leave configuration", .run = leave },
	{ .word = "exit", .help = "back to the mode above", .run = leave },
	{ .word = "rebase", .help = "the changes on what runs now", .run = config_rebase },
	{ .word = "rollback",
	  .help = "to an earlier configuration",
	  .next = config_rollback_words },
	{ .word = "show", .kind = COMMAND_REST, .help = "what the node knows", .run = unreachable },
	{ 0 },
};

static const struct command *own_command(const char *word, unsigned *ret_hits)
{
	const struct command *found = NULL;

	*ret_hits = 0;
	for (const struct command *c = shell_config_commands; c->word; c++) {
		if (strcmp(c->word, word) == 0) {
			*ret_hits = 1;
			return c;
		}
		if (strncmp(c->word, word, strlen(word)) == 0) {
			found = c;
			(*ret_hits)++;
		}
	}
	return found;
}

/* Keywords of the node that begin with ``partial``; ret_only is the last of them. */
static unsigned count_keywords(const struct doc *words, const char *partial, const char **ret_only)
{
	unsigned hits = 0;

	for (const struct doc_member *m = doc_first(doc_get(words, "words")); m; m = m->next) {
		const char *word = doc_text(&m->value, "word", "");
		if (doc_bool(&m->value, "argument", false) ||
		    strncmp(word, partial, strlen(partial)) != 0)
			continue;
		*ret_only = word;
		if (strcmp(word, partial) == 0)
			return 1;
		hits++;
	}
	return hits;
}

bool shell_config_is_own(struct shell *sh, const char *word, bool *ret_is_ambiguous)
{
	const char *only;
	unsigned hits;
	const struct command *c = own_command(word, &hits);

	*ret_is_ambiguous = false;
	if (hits == 0)
		return false;
	if (strcmp(c->word, word) == 0) /* in a mode below, exit is a line like others */
		return strcmp(word, "exit") != 0 || strcmp(sh->candidate.mode, "config") == 0;
	struct arena a = { 0 };
	const struct doc *words = shell_config_complete(sh, word, strlen(word), &a);
	unsigned others = words ? count_keywords(words, word, &only) : 0;
	bool is_exact = others == 1 && strcmp(only, word) == 0;
	/* The node has "exit" and "end" too, and they mean the same. */
	bool is_same = others == 1 && hits == 1 && strcmp(only, c->word) == 0;

	arena_free(&a);
	if (is_exact)
		return false;
	if (is_same)
		return strcmp(c->word, "exit") != 0 || strcmp(sh->candidate.mode, "config") == 0;
	*ret_is_ambiguous = others + hits > 1;
	return others == 0;
}

/* --- the candidate --------------------------------------------------------------------------- */

const struct doc *shell_config_complete(struct shell *sh, const char *text, size_t len,
                                        struct arena *a)
{
	struct doc *body = doc_new_map(a), *answer;
	struct object_request request = {
		.verb = OBJECT_RUN,
		.path = "config/candidate",
		.body = body,
	};
	struct diag d;

	if (!sh->cli->client || shell_candidate_need(sh) != CLI_GOOD)
		return NULL;
	doc_add_text(a, body, "action", "complete");
	doc_add_text(a, body, "line", arena_strndup(a, text, len));
	return namp_client_request(sh->cli->client, &request, a, &answer, &d) == 0 ? answer : NULL;
}

static void say_editors(struct shell *sh, const struct doc *answer)
{
	for (const struct doc_member *m = doc_first(doc_get(answer, "editors")); m; m = m->next) {
		char at[FORMAT_TIME_MAX];

		(void)fprintf(sh->cli->err, "%% %s from %s is editing too, since %s\n",
		              doc_text(&m->value, "who", "somebody"),
		              doc_text(&m->value, "from", "?"),
		              format_time(doc_int(&m->value, "since_ns", 0), true, false, at));
	}
}

static void learn_mode(struct shell *sh, const struct doc *answer)
{
	(void)snprintf(sh->candidate.mode, sizeof(sh->candidate.mode), "%s",
	               doc_text(answer, "mode", "config")); /* the node bounds it */
	sh->candidate.is_open = true;
	sh->candidate.is_begun = true;
}

int shell_candidate_begin(struct shell *sh, bool says_editors)
{
	struct show s;
	struct doc *answer;
	int code = show_open(&s, sh->cli);

	if (code == CLI_GOOD) {
		struct doc *body = doc_new_map(&s.arena);

		doc_add_text(&s.arena, body, "action", "edit");
		(void)doc_add_list(&s.arena, body, "lines");
		code = show_ask(&s, OBJECT_RUN, "config/candidate", body, &answer);
		if (code == CLI_GOOD) {
			learn_mode(sh, answer);
			sh->candidate.is_changed = false;
			if (says_editors)
				say_editors(sh, answer);
		}
	}
	show_close(&s);
	return code;
}

int shell_candidate_need(struct shell *sh)
{
	return sh->candidate.is_begun ? CLI_GOOD : shell_candidate_begin(sh, false);
}

int shell_configure(struct cli *cli)
{
	int code = shell_candidate_begin(cli->shell, true);

	if (code == CLI_GOOD && cli->shell->editor)
		(void)fputs("Enter configuration commands, one per line.  End with CNTL/Z.\n",
		            cli->out);
	return code;
}

/* --- lines ----------------------------------------------------------------------------------- */

/* Lines that go to the node together. */
struct batch {
	struct arena arena;
	uint32_t count;
	const char *lines[EDIT_LINES_MAX];
	size_t octets;
};

static void batch_add(struct batch *b, const char *text)
{
	b->lines[b->count++] = arena_strdup(&b->arena, text);
	b->octets += strlen(text);
}

/* Whether a line that waits is one for the node, without asking it. */
static bool is_for_node(const char *text)
{
	const char *first = text + strspn(text, " \t");
	char word[SHELL_NAME_MAX];
	unsigned hits;

	if (!*first || *first == '!')
		return true; /* it takes them too */
	(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(first, " \t"), first);
	(void)own_command(word, &hits);
	return hits == 0;
}

/* What was pasted behind the line goes with it. */
static void batch_fill(struct shell *sh, struct batch *b)
{
	const char *line;

	while (b->count < EDIT_LINES_MAX && b->octets < EDIT_OCTETS_MAX &&
	       (line = shell_waiting(sh)) && is_for_node(line)) {
		batch_add(b, line);
		shell_take_waiting(sh);
	}
}

/* Send lines [from, count).  CLI_GOOD and the answer, with its error or without. */
static int send_lines(struct show *s, const struct batch *b, uint32_t from, struct doc **ret)
{
	struct doc *body = doc_new_map(&s->arena);

	doc_add_text(&s->arena, body, "action", "edit");
	struct doc *lines = doc_add_list(&s->arena, body, "lines");

	for (uint32_t i = from; i < b->count; i++)
		doc_add_text(&s->arena, lines, NULL, b->lines[i]);
	return show_ask(s, OBJECT_RUN, "config/candidate", body, ret);
}

/* Where the node says that a line goes wrong: the word, from octet *ret_at on. */
static size_t word_at(const char *line, const struct doc *error, size_t *ret_at)
{
	int64_t column = doc_int(error, "column", 1);
	size_t len = strlen(line), at = column > 0 ? (size_t)column - 1 : 0;

	*ret_at = at < len ? at : len;
	return strcspn(line + *ret_at, " \t");
}

/* A word of ours that was shortened: the line with it in full, or NULL. */
static const char *expand(struct shell *sh, struct arena *a, const char *line,
                          const struct doc *error)
{
	const char *only = NULL;
	size_t at, len = word_at(line, error, &at);

	if (len == 0)
		return NULL;
	const struct doc *words = shell_config_complete(sh, line, at + len, a);
	const char *partial = arena_strndup(a, line + at, len);

	if (!words || count_keywords(words, partial, &only) != 1 || strlen(only) <= len)
		return NULL;
	return arena_printf(a, "%.*s%s%s", (int)at, line, only, line + at + len);
}

static int say_refused(struct shell *sh, struct arena *a, const char *line, const struct doc *error)
{
	const char *text = doc_text(error, "text", ""), *only;
	size_t at, len = word_at(line, error, &at);
	const struct doc *words = len ? shell_config_complete(sh, line, at + len, a) : NULL;

	if (len == 0 && at >= strlen(line))
		(void)shell_incomplete(sh);
	else if (words && count_keywords(words, arena_strndup(a, line + at, len), &only) > 1)
		(void)shell_ambiguous(sh, line);
	else
		(void)shell_invalid(sh, line, at);
	if (*text)
		shell_say(sh, text);
	return CLI_USAGE;
}

/* Show what was pasted as if it had been typed: all but the first line was not. */
static void echo_lines(struct shell *sh, const struct batch *b, uint32_t from, uint32_t to)
{
	for (uint32_t i = from ? from : 1; sh->editor && i < to; i++)
		(void)fprintf(sh->cli->out, "%s%s\n", sh->prompt, b->lines[i]);
	(void)fflush(sh->cli->out);
}

/* Send all; what is refused is said, and the rest is sent all the same on a terminal. */
static int send_batch(struct shell *sh, struct show *s, struct batch *b)
{
	const uint32_t first_line = sh->line_number - (b->count - 1);
	uint32_t from = 0;
	unsigned expansions = 0;
	int worst = CLI_GOOD;

	while (from < b->count) {
		struct doc *answer;
		int code = send_lines(s, b, from, &answer);

		if (code != CLI_GOOD)
			return code;
		const struct doc *error = doc_get(answer, "error");
		uint32_t accepted = (uint32_t)doc_int(answer, "accepted", 0);
		uint32_t stop = from + accepted < b->count ? from + accepted : b->count;

		learn_mode(sh, answer);
		sh->candidate.is_changed |= accepted > 0;
		echo_lines(sh, b, from, stop);
		from = stop;
		if (!error || error->kind != DOC_MAP || from == b->count)
			break;
		const char *whole = expansions++ < EXPANSIONS_MAX
		                            ? expand(sh, &s->arena, b->lines[from], error)
		                            : NULL;

		if (whole) {
			b->lines[from] = whole;
			continue;
		}
		echo_lines(sh, b, from, from + 1);
		(void)shell_prompt(sh);
		sh->line_number = first_line + from;
		worst = say_refused(sh, &s->arena, b->lines[from++], error);
		expansions = 0;
		if (!sh->editor)
			return worst; /* a script ends here */
	}
	sh->line_number = first_line + b->count - 1;
	return worst;
}

static int edit(struct shell *sh, const char *text)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	struct show s;

	batch_add(b, text);
	batch_fill(sh, b);
	int code = show_open(&s, sh->cli);

	if (code == CLI_GOOD)
		code = send_batch(sh, &s, b);
	show_close(&s);
	arena_free(&b->arena);
	free(b);
	shell_check_link(sh);
	return code;
}

int shell_config_line(struct shell *sh, const char *text)
{
	static struct shell_line line;
	bool is_ambiguous;
	unsigned hits;

	if (shell_line_split(text, strlen(text), &line) < 0)
		return cli_usage_error(sh->cli, "the line is too long");
	bool is_own = shell_config_is_own(sh, line.words[0], &is_ambiguous);

	if (is_ambiguous)
		return shell_ambiguous(sh, line.text);
	if (!is_own)
		return edit(sh, text);
	const struct command *c = own_command(line.words[0], &hits);

	if (strcmp(c->word, "do") == 0)
		return line.count > 1 ? shell_run_exec(sh, text, 1) : shell_incomplete(sh);
	if (strcmp(c->word, "show") == 0)
		return shell_run_exec(sh, text, 0);
	return shell_run_command(sh, shell_config_commands, text, 0);
}

/* Whether the lines taken make a difference: walking through modes makes none. */
static bool has_changes(struct shell *sh)
{
	struct object_request request = { .verb = OBJECT_GET, .path = "config/diff" };
	struct arena a = { 0 };
	struct doc *diff;
	struct diag d;
	bool has = sh->candidate.is_changed && sh->cli->client;

	if (has && namp_client_request(sh->cli->client, &request, &a, &diff, &d) == 0)
		has = *doc_text(diff, "text", "") != '\0';
	arena_free(&a);
	return has;
}

bool shell_config_leave(struct shell *sh)
{
	char answer[16];
	size_t len;

	sh->candidate.is_changed = has_changes(sh);
	if (sh->candidate.is_changed && !sh->editor) {
		(void)cli_usage_error(sh->cli, "uncommitted changes: commit or discard them first");
		return false;
	}
	while (sh->candidate.is_changed) {
		(void)shell_ask(sh, "Uncommitted changes found, commit them? [yes/no/CANCEL] ",
		                answer, sizeof(answer));
		len = strlen(answer);
		if (len == 0 || strncasecmp(answer, "cancel", len) == 0)
			return false;
		if (strncasecmp(answer, "no", len) == 0)
			break;
		if (strncasecmp(answer, "yes", len) == 0) {
			sh->cli->arg_count = 0;
			if (config_commit(sh->cli) != CLI_GOOD)
				return false;
		}
	}
	(void)config_abort(sh->cli);
	return true;
}
