/* SPDX-License-Identifier: Apache-2.0 */
/* Commands as static trees of words.  Running, abbreviation to what is unique, errors that list what
 * is expected, `?`, Tab, `--help` and the completion of the login shell all walk the same tables.
 *
 * To add a command:
 *  1. write its handler, ``int handler(struct cli *cli)``, which returns an enum cli_exit and takes
 *     its arguments by cli_arg(cli, "NAME") (cli.h);
 *  2. add rows to the tables in commands.c: every word has a help of its own (lower case, no full
 *     stop, at most 38 columns), the last ones have the handler in ``run``;
 *  3. describe it in man/candor.1 with one `.It Ic` line as `candor --help` prints it.  Tests compare
 *     them.  The completion asks the program and needs nothing.
 *
 * An alarm, as an example:
 *
 *	static const struct command text_words[] = {
 *		{ .word = "TEXT", .kind = COMMAND_TEXT, .help = "what happened", .run = alarm_raise },
 *		{ 0 },
 *	};
 *	static const struct command severity_words[] = { // a choice: cli_arg(cli, "severity")
 *		{ .word = "critical", .arg = "severity", .help = "service is down", .next = text_words },
 *		{ .word = "minor", .arg = "severity", .help = "may wait", .next = text_words },
 *		{ 0 },
 *	};
 *	static const struct command raise_words[] = {
 *		{ .word = "NAME", .kind = COMMAND_NAME, .help = "which alarm", .next = severity_words },
 *		{ 0 },
 *	};
 *
 * Tables must not lead back to themselves. */
#ifndef CANDOR_CLI_COMMAND_H
#define CANDOR_CLI_COMMAND_H

#include "cli/cli.h"

enum command_kind {
	COMMAND_WORD,   /* a keyword */
	COMMAND_NUMBER, /* a number from min to max; both 0: an operation's, 1-2147483647 */
	COMMAND_NAME,   /* any one word */
	COMMAND_TEXT,   /* the rest of the line, at least one word; nothing can follow */
	COMMAND_REST, /* a keyword; everything after it belongs to the handler (cli->argc, argv) */
};

/* Where a row is, and where somebody is. */
enum command_place {
	COMMAND_ANYWHERE = 0,
	COMMAND_LINE = 1,       /* as arguments of the program, only there */
	COMMAND_SHELL = 2,      /* in the interactive shell, only there */
	COMMAND_PRIVILEGED = 4, /* in the shell only after `enable`; the node checks roles anyhow */
	COMMAND_IN_FULL = 64,   /* no abbreviation: it must not make those of another ambiguous */
	/* How the command has to do with nodes, for the whole of it. */
	COMMAND_HERE = 8,       /* not at all: -H is refused */
	COMMAND_ALL_HOSTS = 16, /* sees to all of cli->targets itself; else it runs once for each */
	COMMAND_SCREEN = 32,    /* draws on the terminal itself, unless a filter follows */
};

struct command {
	const char *word; /* keyword, or the name of the argument; NULL ends a table */
	enum command_kind kind;
	const char *help;
	const struct command *next;  /* what may follow; NULL: nothing */
	int (*run)(struct cli *cli); /* the command is complete here; NULL: more words needed */
	const char *arg;             /* a keyword that is an argument of this name itself */
	uint32_t min, max;           /* COMMAND_NUMBER */
	unsigned place;              /* enum command_place, of this row and all behind it */
};

/* The words of a line. */
struct command_words {
	int count;
	char **words;
	char **rests; /* the line from each word on, for COMMAND_TEXT; NULL: the words with blanks */
};

enum command_outcome {
	COMMAND_COMPLETE,
	COMMAND_INCOMPLETE,
	COMMAND_UNKNOWN,   /* no row takes this word */
	COMMAND_AMBIGUOUS, /* several do */
	COMMAND_TOO_MUCH,  /* nothing can follow */
	COMMAND_TOO_LONG,  /* a COMMAND_TEXT beyond CLI_TEXT_MAX */
};

struct command_match {
	enum command_outcome outcome;
	int at;                        /* the word that is wrong; count: the line is too short */
	const struct command *command; /* the last row understood; NULL: none */
	const struct command *table;   /* what was expected at ``at``; NULL: nothing */
	unsigned place;                /* of all rows understood */
	char said[120];                /* the words understood, in full */
};

/* Find the command of a line that is typed at ``place``; its arguments go to ``cli``. */
void command_match(struct cli *cli, const struct command *table, unsigned place,
                   const struct command_words *line, struct command_match *ret);

/* The same for the command line of the program.  CLI_GOOD when there is something to run, or
 * CLI_USAGE and a line on cli->err. */
int command_match_line(struct cli *cli, const struct command *table,
                       const struct command_words *line, struct command_match *ret);

/* Call ``each`` with every row that may follow the words of ``line`` and takes a word that begins
 * with ``partial`` ("" for all).  ret_end: whether the line may end behind its words.  False: the
 * words make no sense. */
bool command_follow(const struct command *table, unsigned place, const struct command_words *line,
                    const char *partial, void (*each)(void *ctx, const struct command *c),
                    void *ctx, bool *ret_end);

/* Every complete command of ``place``, one line each with its help. */
void command_print_help(const struct command *table, unsigned place, FILE *to);

/* Call ``each`` with every complete command of ``place`` ("show ip sla statistics N details"); a
 * choice is one line with the name of its argument in capitals. */
void command_walk(const struct command *table, unsigned place,
                  void (*each)(void *ctx, const char *line, const struct command *c), void *ctx);

/* The tree of candor. */
extern const struct command candor_commands[];

#endif
