/* SPDX-License-Identifier: Apache-2.0 */
/* Commands as static trees of words: abbreviation to a unique prefix, errors that list what is
 * expected, help and completion all walk the same tables. */
#ifndef CANDOR_CLI_COMMAND_H
#define CANDOR_CLI_COMMAND_H

#include "cli/cli.h"

enum command_kind {
	COMMAND_WORD,   /* a keyword */
	COMMAND_NUMBER, /* an operation's number, 1-2147483647; goes to cli->number */
	COMMAND_REST,   /* a keyword; everything after it belongs to the handler */
};

struct command {
	const char *word; /* keyword, or the name of the argument in help; NULL ends a table */
	enum command_kind kind;
	const char *help;
	const struct command *next;  /* what may follow; NULL: nothing */
	int (*run)(struct cli *cli); /* the command is complete here; NULL: more words needed */
	bool sets_details;
};

/* Find and run the command in argv[0 .. argc).  An enum cli_exit. */
int command_run(struct cli *cli, const struct command *table, int argc, char **argv);

/* Every complete command of the tree, one line each with its help. */
void command_print_help(const struct command *table, FILE *to);

/* Call ``each`` with every complete command ("show ip sla statistics N details"). */
void command_walk(const struct command *table,
                  void (*each)(void *ctx, const char *line, const struct command *c), void *ctx);

/* The tree of candor. */
extern const struct command candor_commands[];

#endif
