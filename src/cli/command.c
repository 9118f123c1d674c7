/* SPDX-License-Identifier: Apache-2.0 */
/* The matching of words. */
#include "cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool begins(const char *word, const char *prefix)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

static bool is_keyword(const struct command *c)
{
	return c->kind == COMMAND_WORD || c->kind == COMMAND_REST;
}

static bool is_here(const struct command *c, unsigned place)
{
	unsigned only = c->place & (COMMAND_LINE | COMMAND_SHELL);

	if (only && !(only & place))
		return false;
	return !(c->place & COMMAND_PRIVILEGED) || !(place & COMMAND_SHELL) ||
	       (place & COMMAND_PRIVILEGED);
}

static bool takes_number(const struct command *c, const char *text)
{
	uint32_t min = c->max ? c->min : 1, max = c->max ? c->max : INT32_MAX;
	char *end;

	if (*text < '0' || *text > '9' || (*text == '0' && text[1]))
		return false;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);

	return !errno && !*end && value >= min && value <= max;
}

/* The row that ``word`` means: an exact keyword, the only one that it begins, or an argument. */
static const struct command *find(const struct command *table, unsigned place, const char *word,
                                  unsigned *ret_hits)
{
	const struct command *found = NULL, *argument = NULL;

	*ret_hits = 0;
	for (const struct command *c = table; c->word; c++) {
		if (!is_here(c, place))
			continue;
		if (!is_keyword(c)) {
			if (!argument && (c->kind != COMMAND_NUMBER || takes_number(c, word)))
				argument = c;
			continue;
		}
		if (strcmp(c->word, word) == 0) {
			*ret_hits = 1;
			return c;
		}
		if (*word && begins(c->word, word) && !(c->place & COMMAND_IN_FULL)) {
			found = c;
			(*ret_hits)++;
		}
	}
	if (*ret_hits == 0 && argument) {
		*ret_hits = 1;
		return argument;
	}
	return found;
}

static void append_word(char *said, size_t cap, const char *word)
{
	size_t used = strlen(said);

	(void)snprintf(said + used, cap - used, "%s%s", used ? " " : "", word); /* only a message */
}

static void add_arg(struct cli *cli, const char *name, const char *value)
{
	if (cli->arg_count < CLI_ARGS_MAX)
		cli->args[cli->arg_count++] = (struct cli_arg) { name, value };
}

/* The text from word ``at`` on into cli->text.  False: too long. */
static bool join_text(struct cli *cli, const struct command_words *line, int at)
{
	size_t used = 0;

	for (int i = at; i < line->count; i++) {
		const char *word = line->rests ? line->rests[i] : line->words[i];
		int n = snprintf(cli->text + used, sizeof(cli->text) - used, "%s%s",
		                 i > at ? " " : "", word);

		if (n < 0 || (size_t)n >= sizeof(cli->text) - used)
			return false;
		used += (size_t)n;
		if (line->rests)
			break;
	}
	return true;
}

void command_match(struct cli *cli, const struct command *table, unsigned place,
                   const struct command_words *line, struct command_match *ret)
{
	struct command_match *m = ret;

	*m = (struct command_match) { .table = table };
	cli->arg_count = 0;
	for (; m->at < line->count; m->at++) {
		char *word = line->words[m->at];
		unsigned hits = 0;
		const struct command *c = m->table ? find(m->table, place, word, &hits) : NULL;

		if (hits != 1) {
			m->outcome = !m->table ? COMMAND_TOO_MUCH
			             : hits    ? COMMAND_AMBIGUOUS
			                       : COMMAND_UNKNOWN;
			return;
		}
		m->command = c;
		m->place |= c->place;
		m->table = c->next;
		append_word(m->said, sizeof(m->said), is_keyword(c) ? c->word : word);
		if (c->kind == COMMAND_REST) {
			cli->argc = line->count - m->at - 1;
			cli->argv = line->words + m->at + 1;
			break;
		}
		if (c->kind == COMMAND_TEXT) {
			m->outcome =
			        join_text(cli, line, m->at) ? COMMAND_COMPLETE : COMMAND_TOO_LONG;
			add_arg(cli, c->word, cli->text);
			return;
		}
		if (!is_keyword(c))
			add_arg(cli, c->word, word);
		else if (c->arg)
			add_arg(cli, c->arg, c->word);
	}
	m->outcome = m->command && m->command->run ? COMMAND_COMPLETE : COMMAND_INCOMPLETE;
}

/* --- the command line of the program --------------------------------------------------------- */

/* The words accepted in ``table``, "summary, statistics or N". */
static void list_words(const struct command *table, const char *prefix, char *to, size_t cap)
{
	size_t used = 0;
	unsigned count = 0, at = 0;

	to[0] = '\0';
	for (const struct command *c = table; c->word; c++)
		count += is_here(c, COMMAND_LINE) && begins(c->word, prefix);
	for (const struct command *c = table; c->word; c++) {
		if (!is_here(c, COMMAND_LINE) || !begins(c->word, prefix))
			continue;
		const char *between = at == 0 ? "" : at + 1 == count ? " or " : ", ";
		int n = snprintf(to + used, cap - used, "%s%s", between, c->word);

		if (n < 0 || (size_t)n >= cap - used)
			return; /* a cut list is still a hint */
		used += (size_t)n;
		at++;
	}
}

static int usage(struct cli *cli, const struct command_match *m, const char *word)
{
	char words[600] = "";

	if (m->table)
		list_words(m->table, m->outcome == COMMAND_AMBIGUOUS ? word : "", words,
		           sizeof(words));
	switch (m->outcome) {
	case COMMAND_INCOMPLETE:
		if (!m->command)
			return cli_usage_error(cli, "no command: expected %s (or --help)", words);
		return cli_usage_error(cli, "\"%s\" is incomplete: expected %s", m->said, words);
	case COMMAND_UNKNOWN:
		if (!m->command)
			return cli_usage_error(cli, "unknown command \"%s\": expected %s", word,
			                       words);
		return cli_usage_error(cli, "unknown word \"%s\" after \"%s\": expected %s", word,
		                       m->said, words);
	case COMMAND_AMBIGUOUS:
		return cli_usage_error(cli, "\"%s\" is ambiguous: it begins %s", word, words);
	case COMMAND_TOO_MUCH:
		return cli_usage_error(cli, "unexpected \"%s\" after \"%s\"", word, m->said);
	case COMMAND_TOO_LONG:
		return cli_usage_error(cli, "a text of more than %u octets", CLI_TEXT_MAX - 1);
	case COMMAND_COMPLETE:
		break;
	}
	return CLI_GOOD;
}

int command_match_line(struct cli *cli, const struct command *table,
                       const struct command_words *line, struct command_match *ret)
{
	command_match(cli, table, COMMAND_LINE, line, ret);
	return usage(cli, ret, ret->at < line->count ? line->words[ret->at] : "");
}

/* --- what may follow, and everything --------------------------------------------------------- */

bool command_follow(const struct command *table, unsigned place, const struct command_words *line,
                    const char *partial, void (*each)(void *ctx, const struct command *c),
                    void *ctx, bool *ret_end)
{
	const struct command *at = NULL;

	for (int i = 0; i < line->count; i++) {
		unsigned hits = 0;

		at = table ? find(table, place, line->words[i], &hits) : NULL;
		if (hits != 1)
			return false;
		table = at->next;
		if (at->kind == COMMAND_REST || at->kind == COMMAND_TEXT)
			break;
	}
	*ret_end = at && at->run;
	for (const struct command *c = table; c && c->word; c++) {
		bool fits = is_keyword(c)               ? begins(c->word, partial)
		            : c->kind == COMMAND_NUMBER ? !*partial || takes_number(c, partial)
		                                        : true;

		if (fits && is_here(c, place))
			each(ctx, c);
	}
	return true;
}

/* Whether both are values of one choice: a line for all is enough. */
static bool is_same_choice(const struct command *c, const struct command *d)
{
	return c->arg && d->arg && strcmp(c->arg, d->arg) == 0 && c->next == d->next &&
	       c->run == d->run;
}

static void append_shown(char *line, size_t cap, const struct command *c)
{
	char name[24];
	size_t len = 0;

	if (!is_same_choice(c, c + 1)) {
		append_word(line, cap, c->word);
		return;
	}
	for (; c->arg[len] && len < sizeof(name) - 1; len++)
		name[len] = (char)(c->arg[len] >= 'a' && c->arg[len] <= 'z' ? c->arg[len] - 32
		                                                            : c->arg[len]);
	name[len] = '\0';
	append_word(line, cap, name);
}

/* The tables are constant and shallow: so is this. */
static void walk(const struct command *table, unsigned place, const char *said,
                 void (*each)(void *ctx, const char *line, const struct command *c), void *ctx)
{
	for (const struct command *c = table; c && c->word; c++) {
		char line[120];

		if (!is_here(c, place))
			continue;
		(void)snprintf(line, sizeof(line), "%s", said);
		append_shown(line, sizeof(line), c);
		while (is_same_choice(c, c + 1))
			c++;
		if (c->run)
			each(ctx, line, c);
		walk(c->next, place, line, each, ctx);
	}
}

void command_walk(const struct command *table, unsigned place,
                  void (*each)(void *ctx, const char *line, const struct command *c), void *ctx)
{
	walk(table, place, "", each, ctx);
}

static void print_one(void *ctx, const char *line, const struct command *c)
{
	if (strlen(line) <= 38)
		(void)fprintf(ctx, "  %-38s  %s\n", line, c->help); /* the stream keeps errors */
	else
		(void)fprintf(ctx, "  %s\n%42s%s\n", line, "", c->help);
}

void command_print_help(const struct command *table, unsigned place, FILE *to)
{
	command_walk(table, place, print_one, to);
}
