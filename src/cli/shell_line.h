/* SPDX-License-Identifier: Apache-2.0 */
/* A line as typed in the shell, cut into words that know where they stand.  Pure. */
#ifndef CANDOR_CLI_SHELL_LINE_H
#define CANDOR_CLI_SHELL_LINE_H

#include "base/cleanup.h"
#include "cli/command.h"
#include <stdbool.h>
#include <stddef.h>

#define SHELL_LINE_MAX  2048 /* octets, with the NUL */
#define SHELL_WORDS_MAX 200

struct shell_line {
	char text[SHELL_LINE_MAX];       /* as typed, without blanks at the end */
	char words_text[SHELL_LINE_MAX]; /* the words, each with its NUL */
	char *words[SHELL_WORDS_MAX];
	char *rests[SHELL_WORDS_MAX]; /* into ``text``: from this word on */
	int count;
	bool is_word_complete; /* a blank follows the last word, or there is none */
};

/* Cut ``len`` octets of ``text`` at blanks and tabs.  0, or -E2BIG: too long, too many words. */
NODISCARD int shell_line_split(const char *text, size_t len, struct shell_line *ret);

/* Octets before word ``at``; behind the last word when there are fewer. */
size_t shell_line_column(const struct shell_line *line, int at);

/* The words from ``from`` up to ``to`` (not included), for the tree. */
struct command_words shell_line_words(struct shell_line *line, int from, int to);

/* Columns that ``len`` octets of UTF-8 take on a terminal, one a character. */
size_t shell_columns(const char *text, size_t len);

#endif
