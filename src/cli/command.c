/* SPDX-License-Identifier: Apache-2.0 */
/* The matching of words. */
#include "cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_OCTETS 120

/* The words accepted in ``table``, "summary, statistics or N". */
static void list_words(const struct command *table, const char *prefix, char *to, size_t cap)
{
	size_t used = 0;
	unsigned count = 0, at = 0;

	to[0] = '\0';
	for (const struct command *c = table; c->word; c++)
		count += strncmp(c->word, prefix, strlen(prefix)) == 0;
	for (const struct command *c = table; c->word; c++) {
		if (strncmp(c->word, prefix, strlen(prefix)) != 0)
			continue;
		const char *between = at == 0 ? "" : at + 1 == count ? " or " : ", ";
		int n = snprintf(to + used, cap - used, "%s%s", between, c->word);

		if (n < 0 || (size_t)n >= cap - used)
			return; /* a cut list is still a hint */
		used += (size_t)n;
		at++;
	}
}

static bool parse_number(const char *text, uint32_t *ret)
{
	char *end;

	if (*text < '1' || *text > '9')
		return false;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);

	if (errno || *end || value > INT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* The row that ``word`` means: an exact keyword, the only one that it begins, or a number. */
static const struct command *find(const struct command *table, const char *word, unsigned *ret_hits)
{
	const struct command *found = NULL;
	uint32_t number;

	*ret_hits = 0;
	for (const struct command *c = table; c->word; c++) {
		if (c->kind == COMMAND_NUMBER) {
			if (parse_number(word, &number)) {
				*ret_hits = 1;
				return c;
			}
			continue;
		}
		if (strcmp(c->word, word) == 0) {
			*ret_hits = 1;
			return c;
		}
		if (*word && strncmp(c->word, word, strlen(word)) == 0) {
			found = c;
			(*ret_hits)++;
		}
	}
	return found;
}

static int unknown_word(struct cli *cli, const struct command *table, const char *said,
                        const char *word, unsigned hits)
{
	char words[400];

	if (hits > 1) {
		list_words(table, word, words, sizeof(words));
		return cli_usage_error(cli, "\"%s\" is ambiguous: it begins %s", word, words);
	}
	list_words(table, "", words, sizeof(words));
	if (!*said)
		return cli_usage_error(cli, "unknown command \"%s\": expected %s", word, words);
	return cli_usage_error(cli, "unknown word \"%s\" after \"%s\": expected %s", word, said,
	                       words);
}

static void append_word(char *said, size_t cap, const char *word)
{
	size_t used = strlen(said);

	(void)snprintf(said + used, cap - used, "%s%s", used ? " " : "", word); /* only a message */
}

int command_run(struct cli *cli, const struct command *table, int argc, char **argv)
{
	char said[LINE_MAX_OCTETS] = "", words[400];
	const struct command *at = NULL;

	for (int i = 0; i < argc; i++) {
		unsigned hits;

		if (!table)
			return cli_usage_error(cli, "unexpected \"%s\" after \"%s\"", argv[i],
			                       said);
		const struct command *c = find(table, argv[i], &hits);

		if (hits != 1)
			return unknown_word(cli, table, said, argv[i], hits);
		if (c->kind == COMMAND_NUMBER)
			(void)parse_number(argv[i], &cli->number); /* find() has tried it */
		cli->details |= c->sets_details;
		append_word(said, sizeof(said), c->kind == COMMAND_NUMBER ? argv[i] : c->word);
		at = c;
		table = c->next;
		if (c->kind == COMMAND_REST) {
			cli->argc = argc - i - 1;
			cli->argv = argv + i + 1;
			break;
		}
	}
	if (at && at->run)
		return at->run(cli);
	list_words(table, "", words, sizeof(words));
	if (!at)
		return cli_usage_error(cli, "no command: expected %s (or --help)", words);
	return cli_usage_error(cli, "\"%s\" is incomplete: expected %s", said, words);
}

/* The tables are constant and shallow: so is this. */
static void walk(const struct command *table, const char *said,
                 void (*each)(void *ctx, const char *line, const struct command *c), void *ctx)
{
	for (const struct command *c = table; c && c->word; c++) {
		char line[LINE_MAX_OCTETS];

		(void)snprintf(line, sizeof(line), "%s", said);
		append_word(line, sizeof(line), c->word);
		if (c->run)
			each(ctx, line, c);
		walk(c->next, line, each, ctx);
	}
}

void command_walk(const struct command *table,
                  void (*each)(void *ctx, const char *line, const struct command *c), void *ctx)
{
	walk(table, "", each, ctx);
}

static void print_one(void *ctx, const char *line, const struct command *c)
{
	(void)fprintf(ctx, "  %-38s %s\n", line, c->help); /* the stream keeps errors */
}

void command_print_help(const struct command *table, FILE *to)
{
	command_walk(table, print_one, to);
}
