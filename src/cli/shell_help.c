/* SPDX-License-Identifier: Apache-2.0 */
/* `?` and Tab, from the tree of commands and from the node. */
#include "cli/shell_pager.h"
#include "cli/shell_pipe.h"
#include "cli/shell_state.h"

#include <inttypes.h>
#include <string.h>

#define OFFERS_MAX 600u

/* One thing that may follow. */
struct offer {
	const char *word, *help;
	bool is_argument; /* to be replaced by a value */
};

struct offers {
	struct arena arena;
	uint32_t count;
	struct offer all[OFFERS_MAX];
	bool may_end;
	bool is_ambiguous; /* a word before is */
	bool makes_sense;
};

static void offer(struct offers *o, const char *word, const char *help, bool is_argument)
{
	for (uint32_t i = 0; i < o->count; i++) {
		if (strcmp(o->all[i].word, word) == 0)
			return;
	}
	if (o->count < OFFERS_MAX)
		o->all[o->count++] = (struct offer) { word, help, is_argument };
}

static void offer_row(void *ctx, const struct command *c)
{
	struct offers *o = ctx;

	switch (c->kind) {
	case COMMAND_WORD:
	case COMMAND_REST:
		offer(o, c->word, c->help, false);
		break;
	case COMMAND_NUMBER:
		offer(o,
		      arena_printf(&o->arena, "<%" PRIu32 "-%" PRIu32 ">", c->max ? c->min : 1,
		                   c->max ? c->max : INT32_MAX),
		      c->help, true);
		break;
	case COMMAND_NAME:
		offer(o, "WORD", c->help, true);
		break;
	case COMMAND_TEXT:
		offer(o, "LINE", c->help, true);
		break;
	}
}

static int by_word(const void *a, const void *b)
{
	const struct offer *x = a, *y = b;

	return strcmp(x->word, y->word);
}

/* --- gathering ------------------------------------------------------------------------------- */

/* What may follow word ``from`` and those behind it in a tree; ``typed`` is the last word when no
 * blank follows it. */
static void gather_tree(struct offers *o, const struct command *tree, unsigned place,
                        struct shell_line *line, int from)
{
	bool is_partial = !line->is_word_complete && line->count > from;
	struct command_words words =
	        shell_line_words(line, from, line->count - (is_partial ? 1 : 0));

	o->makes_sense =
	        command_follow(tree, place, &words, is_partial ? line->words[line->count - 1] : "",
	                       offer_row, o, &o->may_end);
}

/* Behind '|'. */
static void gather_pipe(struct offers *o, const char *bar, size_t len)
{
	static struct shell_line line;

	if (shell_line_split(bar + 1, len - 1, &line) == 0)
		gather_tree(o, pipe_words, COMMAND_SHELL, &line, 0);
	o->may_end = false; /* nothing may follow but more of the expression */
}

static void gather_node(struct shell *sh, struct offers *o, const char *text, size_t len)
{
	const struct doc *answer = shell_config_complete(sh, text, len, &o->arena);

	for (const struct doc_member *m = doc_first(doc_get(answer, "words")); m; m = m->next) {
		const char *word = doc_text(&m->value, "word", "");

		offer(o, word, doc_text(&m->value, "help", ""),
		      doc_bool(&m->value, "argument", false));
	}
	o->may_end |= doc_bool(answer, "line_end", false);
	o->makes_sense |= o->count > 0 || o->may_end;
}

static void gather_config(struct shell *sh, struct offers *o, struct shell_line *line,
                          const char *text, size_t len)
{
	bool is_first = line->count == 0 || (line->count == 1 && !line->is_word_complete);

	if (is_first) {
		gather_tree(o, shell_config_commands, shell_place(sh), line, 0);
		o->may_end = false;
		gather_node(sh, o, text, len);
		return;
	}
	if (!shell_config_is_own(sh, line->words[0], &o->is_ambiguous)) {
		if (!o->is_ambiguous)
			gather_node(sh, o, text, len);
		return;
	}
	unsigned place = shell_place(sh) | COMMAND_PRIVILEGED;

	if (strncmp("do", line->words[0], strlen(line->words[0])) == 0)
		gather_tree(o, candor_commands, place, line, 1);
	else if (strncmp("show", line->words[0], strlen(line->words[0])) == 0)
		gather_tree(o, candor_commands, place, line, 0);
	else
		gather_tree(o, shell_config_commands, place, line, 0);
}

/* Everything that may stand behind the first ``len`` octets of ``text``; the word that is typed there
 * begins at *ret_word. */
static void gather(struct shell *sh, const char *text, size_t len, struct offers *o,
                   size_t *ret_word)
{
	static struct shell_line line;
	char head[SHELL_LINE_MAX];

	(void)snprintf(head, sizeof(head), "%.*s", (int)len, text);
	const char *bar = NULL;

	for (const char *at = pipe_find(head); at; at = pipe_find(at + 1))
		bar = at;
	if (shell_line_split(head, strlen(head), &line) < 0)
		return;
	*ret_word = line.is_word_complete ? len : shell_line_column(&line, line.count - 1);
	if (bar)
		gather_pipe(o, bar, strlen(bar));
	else if (sh->candidate.is_open)
		gather_config(sh, o, &line, head, strlen(head));
	else
		gather_tree(o, candor_commands, shell_place(sh), &line, 0);
	if (!bar && o->may_end && line.is_word_complete && line.count > 0 && !sh->candidate.is_open)
		offer(o, "|", "filter what is printed", true);
	qsort(o->all, o->count, sizeof(o->all[0]), by_word);
}

/* --- showing --------------------------------------------------------------------------------- */

static void print_words(const struct offers *o, size_t columns, FILE *to)
{
	size_t widest = 0, used = 0;

	for (uint32_t i = 0; i < o->count; i++) {
		size_t len = strlen(o->all[i].word);

		widest = len > widest ? len : widest;
	}
	for (uint32_t i = 0; i < o->count; i++) {
		if (used > 0 && used + widest + 2 > columns) {
			(void)fputc('\n', to);
			used = 0;
		}
		(void)fprintf(to, "%-*s  ", (int)widest, o->all[i].word);
		used += widest + 2;
	}
	(void)fputc('\n', to);
}

/* "  word  Help", the help folded below itself. */
static void print_row(const char *word, size_t widest, const char *help, size_t columns, FILE *to)
{
	const size_t indent = 2 + widest + 2;
	size_t used = 0;

	(void)fprintf(to, "  %-*s  ", (int)widest, word);
	if (*help >= 'a' && *help <= 'z') {
		(void)fputc(*help++ - 32, to);
		used = 1;
	}
	while (*help) {
		size_t len = 1 + strcspn(help + 1, " "), wide = shell_columns(help, len);

		if (used > 0 && indent + used + wide > columns) {
			(void)fprintf(to, "\n%*s", (int)indent, "");
			used = 0;
			len -= *help == ' ';
			help += *help == ' ';
		}
		(void)fprintf(to, "%.*s", (int)len, help);
		used += wide;
		help += len;
	}
	(void)fputc('\n', to);
}

static void print_table(const struct offers *o, size_t columns, FILE *to)
{
	size_t widest = o->may_end ? strlen("<cr>") : 0;

	for (uint32_t i = 0; i < o->count; i++) {
		size_t len = strlen(o->all[i].word);

		widest = len > widest && len <= 24 ? len : widest;
	}
	for (uint32_t i = 0; i < o->count; i++)
		print_row(o->all[i].word, widest, o->all[i].help, columns, to);
	if (o->may_end)
		(void)fputs("  <cr>\n", to);
}

/* The word that is typed has something in common with what is offered. */
static bool has_keyword(const struct offers *o)
{
	for (uint32_t i = 0; i < o->count; i++) {
		if (!o->all[i].is_argument)
			return true;
	}
	return false;
}

static void print_offers(struct shell *sh, const struct offers *o, const char *line,
                         bool is_partial)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return;
	if (o->is_ambiguous)
		(void)fprintf(to, "%% Ambiguous command:  \"%s\"\n", line);
	else if (!o->makes_sense || (o->count == 0 && !o->may_end))
		(void)fputs("% Unrecognized command\n", to);
	else if (is_partial && has_keyword(o))
		print_words(o, pager_columns(STDOUT_FILENO), to);
	else
		print_table(o, pager_columns(STDOUT_FILENO), to);
	if (fclose(to) == 0)
		shell_print(sh, text, len);
	free(text);
}

void shell_help(void *ctx, const char *line, size_t cursor)
{
	struct shell *sh = ctx;
	static struct offers o;
	size_t word = 0;

	o = (struct offers) { 0 };
	if (shell_connect(sh) == CLI_GOOD) {
		gather(sh, line, cursor, &o, &word);
		print_offers(sh, &o, line, word < cursor);
	}
	(void)fputc('\n', sh->cli->out);
	arena_free(&o.arena);
}

/* Octets that all keywords have in common, from ``len`` on; *ret_hits is how many there are. */
static size_t common_length(const struct offers *o, const char **ret_word, uint32_t *ret_hits)
{
	size_t common = 0;

	*ret_hits = 0;
	for (uint32_t i = 0; i < o->count; i++) {
		const char *word = o->all[i].word;

		if (o->all[i].is_argument)
			continue;
		if ((*ret_hits)++ == 0) {
			*ret_word = word;
			common = strlen(word);
		}
		for (size_t k = 0; k < common; k++) {
			if (word[k] != (*ret_word)[k])
				common = k;
		}
	}
	return common;
}

bool shell_tab(void *ctx, const char *line, size_t cursor, char *insert, size_t cap)
{
	struct shell *sh = ctx;
	static struct offers o;
	size_t at = cursor, common;
	const char *word = "";
	uint32_t hits = 0;
	bool inserts = false;

	o = (struct offers) { 0 };
	if (shell_connect(sh) == CLI_GOOD)
		gather(sh, line, cursor, &o, &at);
	common = common_length(&o, &word, &hits);
	if (hits > 0 && (common > cursor - at || (hits == 1 && at < cursor))) {
		(void)snprintf(insert, cap, "%.*s%s", (int)(common - (cursor - at)),
		               word + (cursor - at), hits == 1 ? " " : "");
		inserts = true;
	} else if (hits > 1) {
		print_words(&o, pager_columns(STDOUT_FILENO), sh->cli->out);
	}
	arena_free(&o.arena);
	return inserts;
}
