/* SPDX-License-Identifier: Apache-2.0 */
/* candor, the person's command: options, the words of a command, and how it ends. */
#ifndef CANDOR_CLI_CLI_H
#define CANDOR_CLI_CLI_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes of every command (man/candor.1). */
enum cli_exit {
	CLI_GOOD = 0,
	CLI_LOSS = 1,      /* loss or over threshold; show: there is no such object */
	CLI_NO_ANSWER = 2, /* nothing came back */
	CLI_USAGE = 3,     /* the command line is wrong */
	CLI_SYSTEM = 4,    /* the system refused: no candord, no permission, no name … */
};

#define CLI_ARGS_MAX 12u
#define CLI_TEXT_MAX 1024u /* octets of a text argument, with its NUL */

/* One argument as typed (a choice: in full), under the name of its row (command.h). */
struct cli_arg {
	const char *name, *value;
};

/* Options that say which nodes are meant and who we are there, as given; NULL: not given. */
struct target_options {
	const char *socket_path;
	const char *hosts; /* "node1,192.0.2.1:1670,[2001:db8::1]:1670" */
	const char *port, *identity_dir, *key_name, *key_file, *timeout_s;
};

struct cli_target;
struct cli_targets;
struct namp_client;
struct shell;

/* One command as typed. */
struct cli {
	FILE *in, *out, *err;
	bool json;
	bool completes;      /* says what may follow instead */
	struct shell *shell; /* NULL: a command line of the program */
	struct target_options options;
	const struct cli_targets *targets; /* every node of the command line (target.h) */
	const struct cli_target *target;   /* the one that this command goes to */
	const char *label;                 /* of the target in errors, when there are several */
	struct namp_client *client; /* the shell's connection; NULL: a command opens its own */
	bool is_client_lost;        /* it was of no more use */
	uint32_t arg_count;
	struct cli_arg args[CLI_ARGS_MAX];
	char text[CLI_TEXT_MAX]; /* where the words of a text are joined */
	int argc;                /* probe, respond: what follows the word, for their own options */
	char **argv;
};

/* The argument called ``name`` ("N", "TEXT", "severity"), or NULL when it was not given. */
const char *cli_arg(const struct cli *cli, const char *name);

/* The argument as a number; the tree has checked its range.  ``fallback``: not given. */
uint32_t cli_arg_number(const struct cli *cli, const char *name, uint32_t fallback);

/* Run the command line (argv[0] is the program); an enum cli_exit. */
int cli_main(int argc, char **argv);

/* The same with other streams, for tests. */
int cli_run(struct cli *cli, int argc, char **argv);

/* One line on cli->err, "candor: …" (in the shell "% …"), and ``code``. */
int cli_error(struct cli *cli, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same and CLI_USAGE. */
int cli_usage_error(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
