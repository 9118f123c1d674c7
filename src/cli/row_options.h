/* SPDX-License-Identifier: Apache-2.0 */
/* Options of probe and respond: `--KEYWORD VALUE` for every configuration row, so that a new row is
 * a new option, and a table of further ones.  What rows take is not parsed here: it becomes
 * configuration text, which config/ reads with its own checks and sentences. */
#ifndef CANDOR_CLI_ROW_OPTIONS_H
#define CANDOR_CLI_ROW_OPTIONS_H

#include "base/arena.h"
#include "base/conf_row.h"
#include "cli/cli.h"

/* An option that is no row. */
struct own_option {
	const char *name;  /* without the dashes; NULL ends a table */
	const char *value; /* "N": what it takes; NULL: a flag */
	const char *help;
	const char *beside; /* only where there is a row of this keyword; NULL: everywhere */
};

/* One option as given. */
struct given_option {
	const char *name;           /* in full */
	const char *value;          /* NULL: a flag */
	const struct conf_row *row; /* NULL: of the own table */
	const struct own_option *own;
};

struct given_options {
	uint32_t count, words_count;
	struct given_option *options; /* in order */
	const char **words;           /* what is no option */
	struct arena arena;
};

/* Sort a command line; names may be shortened to what is unique.  "-4", "-6" and "-h" count as own
 * options of that name.  CLI_GOOD, or CLI_USAGE and a line on cli->err. */
int row_options_read(struct cli *cli, const struct conf_row *rows, const struct own_option *own,
                     struct given_options *ret);
void row_options_fini(struct given_options *o);

/* The value of an own option ("" for a flag), or NULL when it was not given. */
const char *row_options_own(const struct given_options *o, const char *name);

/* A whole number of an own option.  CLI_GOOD and *ret as it was when the option was not given;
 * CLI_USAGE and a line on cli->err when it is none in min .. max. */
int row_options_number(struct cli *cli, const struct given_options *o, const char *name,
                       uint64_t min, uint64_t max, uint64_t *ret);

/* "--num-packets N    Packets in one run (1-60000, default 10)": every option with its help. */
void row_options_help(const struct conf_row *rows, const struct own_option *own, FILE *to);

#endif
