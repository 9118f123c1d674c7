/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of text. */
#include "cli/shell_pipe.h"

#include "base/xalloc.h"
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum stage_kind { STAGE_BEGIN, STAGE_COUNT, STAGE_EXCLUDE, STAGE_INCLUDE, STAGE_SECTION };

struct pipe_stage {
	enum stage_kind kind;
	bool has_regex;
	regex_t regex;
	bool is_open;   /* begin: a line has matched; section: within one */
	size_t indent;  /* section: of its first line */
	uint64_t count; /* count: lines so far */
};

/* Never run: they are matched and listed. */
static int unreachable(struct cli *cli)
{
	(void)cli;
	return CLI_GOOD;
}

static const struct command regex_words[] = {
	{ .word = "LINE", .kind = COMMAND_TEXT, .help = "regular expression", .run = unreachable },
	{ 0 },
};

/* In the order of enum stage_kind. */
const struct command pipe_words[] = {
	{ .word = "begin", .help = "from the first line that matches on", .next = regex_words },
	{ .word = "count",
	  .help = "number of lines (that match)",
	  .next = regex_words,
	  .run = unreachable },
	{ .word = "exclude", .help = "lines that do not match", .next = regex_words },
	{ .word = "include", .help = "lines that match", .next = regex_words },
	{ .word = "section", .help = "lines that match, and what is below", .next = regex_words },
	{ 0 },
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *pipe_find(const char *line)
{
	for (const char *at = strchr(line, '|'); at; at = strchr(at + 1, '|')) {
		if (at == line || is_blank(at[-1]))
			return at;
	}
	return NULL;
}

static enum pipe_error read_regex(const char *from, const char *to, struct pipe_stage *s)
{
	char *text = xcalloc(1, (size_t)(to - from) + 1);

	memcpy(text, from, (size_t)(to - from));
	s->has_regex = regcomp(&s->regex, text, REG_EXTENDED | REG_NOSUB) == 0;
	free(text);
	return s->has_regex ? PIPE_OK : PIPE_BAD_REGEX;
}

static enum pipe_error read_kind(const char *word, size_t len, struct pipe_stage *s)
{
	unsigned hits = 0;

	for (size_t i = 0; pipe_words[i].word; i++) {
		if (len > 0 && strncmp(pipe_words[i].word, word, len) == 0) {
			s->kind = (enum stage_kind)i;
			hits++;
		}
	}
	return len == 0    ? PIPE_INCOMPLETE
	       : hits == 0 ? PIPE_UNKNOWN
	       : hits == 1 ? PIPE_OK
	                   : PIPE_AMBIGUOUS;
}

/* One stage of ``text`` from behind its '|' on, up to ``end``; *ret_at is where it goes wrong. */
static enum pipe_error read_stage(const char *text, const char *end, struct pipe_stage *s,
                                  const char **ret_at)
{
	const char *word = text, *expression;
	size_t len = 0;

	while (word < end && is_blank(*word))
		word++;
	while (word + len < end && !is_blank(word[len]))
		len++;
	*ret_at = word;
	enum pipe_error error = read_kind(word, len, s);

	if (error != PIPE_OK)
		return error;
	for (expression = word + len; expression < end && is_blank(*expression);)
		expression++;
	while (end > expression && is_blank(end[-1]))
		end--;
	*ret_at = expression;
	if (expression == end)
		return s->kind == STAGE_COUNT ? PIPE_OK : PIPE_INCOMPLETE;
	return read_regex(expression, end, s);
}

enum pipe_error pipe_parse(const char *text, struct pipe_chain *ret, size_t *ret_at)
{
	struct pipe_chain chain = { .stages = xcalloc(PIPE_STAGES_MAX, sizeof(*chain.stages)) };
	enum pipe_error error = PIPE_OK;
	const char *at = text, *wrong = text;

	while (at && error == PIPE_OK) {
		const char *next = pipe_find(at + 1);

		wrong = at;
		if (chain.count == PIPE_STAGES_MAX) {
			error = PIPE_TOO_MANY;
			break;
		}
		error = read_stage(at + 1, next ? next : at + strlen(at),
		                   &chain.stages[chain.count++], &wrong);
		at = next;
	}
	if (error != PIPE_OK) {
		*ret_at = (size_t)(wrong - text);
		pipe_free(&chain);
		return error;
	}
	*ret = chain;
	return PIPE_OK;
}

void pipe_free(struct pipe_chain *chain)
{
	for (uint32_t i = 0; i < chain->count; i++) {
		if (chain->stages[i].has_regex)
			regfree(&chain->stages[i].regex);
	}
	free(chain->stages);
	*chain = (struct pipe_chain) { 0 };
}

int pipe_read_words(struct cli *cli, int count, char **words, struct pipe_chain *ret)
{
	static const char *const reasons[] = {
		[PIPE_INCOMPLETE] = "is incomplete",
		[PIPE_UNKNOWN] = "is unknown: expected include, exclude, begin, section or count",
		[PIPE_AMBIGUOUS] = "is ambiguous",
		[PIPE_BAD_REGEX] = "is no regular expression",
		[PIPE_TOO_MANY] = "is one filter too many",
	};
	size_t at = 0, len;
	char *text = NULL;
	FILE *f = open_memstream(&text, &len);
	int code = CLI_GOOD;

	if (!f)
		return cli_error(cli, CLI_SYSTEM, "out of memory");
	for (int i = 0; i < count; i++)
		(void)fprintf(f, "%s%s", i ? " " : "", words[i]);
	if (fclose(f) != 0) {
		free(text);
		return cli_error(cli, CLI_SYSTEM, "out of memory");
	}
	enum pipe_error error = pipe_parse(text, ret, &at);

	if (error != PIPE_OK)
		code = cli_usage_error(cli, "\"%s\" %s", text[at] ? text + at : text,
		                       reasons[error]);
	free(text);
	return code;
}

/* --- running --------------------------------------------------------------------------------- */

static bool matches(const struct pipe_stage *s, const char *line)
{
	return !s->has_regex || regexec(&s->regex, line, 0, NULL, 0) == 0;
}

static bool passes_section(struct pipe_stage *s, const char *line)
{
	size_t indent = strspn(line, " \t");

	if (s->is_open && indent > s->indent)
		return true;
	s->is_open = matches(s, line);
	s->indent = indent;
	return s->is_open;
}

static bool passes(struct pipe_stage *s, const char *line)
{
	switch (s->kind) {
	case STAGE_BEGIN:
		s->is_open = s->is_open || matches(s, line);
		return s->is_open;
	case STAGE_COUNT:
		s->count += matches(s, line);
		return false;
	case STAGE_EXCLUDE:
		return !matches(s, line);
	case STAGE_INCLUDE:
		return matches(s, line);
	case STAGE_SECTION:
		return passes_section(s, line);
	}
	return true;
}

static void feed(struct pipe_chain *chain, uint32_t from, const char *line, FILE *to)
{
	for (uint32_t i = from; i < chain->count; i++) {
		if (!passes(&chain->stages[i], line))
			return;
	}
	(void)fprintf(to, "%s\n", line); /* the stream keeps errors */
}

void pipe_run(struct pipe_chain *chain, const char *text, size_t len, FILE *to)
{
	char *copy = xcalloc(1, len + 1), *line = copy;

	if (len)
		memcpy(copy, text, len);
	while (line < copy + len) {
		char *end = memchr(line, '\n', (size_t)(copy + len - line));

		if (!end)
			end = copy + len;
		*end = '\0';
		feed(chain, 0, line, to);
		line = end + 1;
	}
	free(copy);
	for (uint32_t i = 0; i < chain->count; i++) {
		char said[80];

		if (chain->stages[i].kind != STAGE_COUNT)
			continue;
		(void)snprintf(said, sizeof(said), "Number of lines%s = %" PRIu64,
		               chain->stages[i].has_regex ? " which match regexp" : "",
		               chain->stages[i].count); /* fits */
		feed(chain, i + 1, said, to);
	}
}
