/* SPDX-License-Identifier: Apache-2.0 */
/* `| include REGEX` and its like behind a command: filters of text, line by line.  Several may
 * follow each other.  Expressions are those of regcomp(3), extended. */
#ifndef CANDOR_CLI_SHELL_PIPE_H
#define CANDOR_CLI_SHELL_PIPE_H

#include "base/cleanup.h"
#include "cli/command.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PIPE_STAGES_MAX 8u

struct pipe_stage;

struct pipe_chain {
	uint32_t count;
	struct pipe_stage *stages;
};

enum pipe_error {
	PIPE_OK,
	PIPE_INCOMPLETE, /* no word behind '|', or no expression */
	PIPE_UNKNOWN,    /* no such word */
	PIPE_AMBIGUOUS,
	PIPE_BAD_REGEX,
	PIPE_TOO_MANY, /* of them */
};

/* Where the part behind the command begins: the place of the first '|' that stands at the start of
 * a word, or NULL. */
const char *pipe_find(const char *line);

/* Read "| include x | count".  PIPE_OK and a chain for pipe_free(); else *ret_at is the octet of
 * ``text`` that is wrong. */
enum pipe_error pipe_parse(const char *text, struct pipe_chain *ret, size_t *ret_at);
void pipe_free(struct pipe_chain *chain); /* an empty one is fine */

/* The same from the command line of the program.  CLI_GOOD, or CLI_USAGE and a line on cli->err. */
int pipe_read_words(struct cli *cli, int count, char **words, struct pipe_chain *ret);

/* Write what the chain lets through of ``text``.  Once for each chain.  Errors stay in the stream. */
void pipe_run(struct pipe_chain *chain, const char *text, size_t len, FILE *to);

/* The words behind '|', for help. */
extern const struct command pipe_words[];

#endif
