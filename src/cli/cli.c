/* SPDX-License-Identifier: Apache-2.0 */
/* Options that every command takes, and the way in. */
#include "cli/cli.h"

#include "cli/command.h"
#include "cli/hosts.h"
#include "cli/shell.h"
#include "cli/shell_pipe.h"
#include "cli/target.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS_MAX 256
#define ERROR_MAX 1024 /* octets of a sentence */

static void PRINTF_LIKE(2, 0) print_error(struct cli *cli, const char *fmt, va_list args)
{
	char text[ERROR_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, args); /* a cut sentence still says something */
	if (cli->shell)
		shell_say(cli->shell, text);
	else if (cli->label)
		(void)fprintf(cli->err, "candor: %s: %s\n", cli->label, text);
	else
		(void)fprintf(cli->err, "candor: %s\n", text);
}

int cli_error(struct cli *cli, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_error(cli, fmt, args);
	va_end(args);
	return code;
}

int cli_usage_error(struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_error(cli, fmt, args);
	va_end(args);
	return CLI_USAGE;
}

const char *cli_arg(const struct cli *cli, const char *name)
{
	for (uint32_t i = 0; i < cli->arg_count; i++) {
		if (strcmp(cli->args[i].name, name) == 0)
			return cli->args[i].value;
	}
	return NULL;
}

uint32_t cli_arg_number(const struct cli *cli, const char *name, uint32_t fallback)
{
	const char *value = cli_arg(cli, name);

	return value ? (uint32_t)strtoul(value, NULL, 10) : fallback;
}

/* --- options --------------------------------------------------------------------------------- */

/* Options with a value, kept as they are given. */
static const struct {
	const char *name, *value, *help;
	size_t at; /* in struct cli */
} value_options[] = {
	{ "-H", "HOSTS", "a node elsewhere, or several: node1,192.0.2.1:1670,[::1]:1670",
	  offsetof(struct cli, options.hosts) },
	{ "--port", "N", "of the nodes (167)", offsetof(struct cli, options.port) },
	{ "--identity", "DIR", "our certificate: ca.pem, cert.pem, key.pem",
	  offsetof(struct cli, options.identity_dir) },
	{ "--psk", "NAME", "a pre-shared key instead of a certificate",
	  offsetof(struct cli, options.key_name) },
	{ "--psk-file", "FILE", "its secret, in a file that nobody else may read",
	  offsetof(struct cli, options.key_file) },
	{ "--timeout", "S", "seconds to wait for each answer (5)",
	  offsetof(struct cli, options.timeout_s) },
	{ "--socket", "PATH", "where the candord of this host listens",
	  offsetof(struct cli, options.socket_path) },
};

static void print_help(FILE *to)
{
	(void)fputs(
	        "usage: candor [OPTIONS] [COMMAND]\n"
	        "\n"
	        "Without a command: a shell, in which ? helps.  Words may be shortened as long\n"
	        "as they stay unique: candor sh ip sla stat 10.\n"
	        "\n"
	        "Commands:\n",
	        to);
	command_print_help(candor_commands, COMMAND_LINE, to);
	(void)fputs("\n"
	            "Behind a command: '|' include|exclude|begin|section|count REGEX\n"
	            "\n"
	            "Options:\n",
	            to);
	for (size_t i = 0; i < ARRAY_LEN(value_options); i++) {
		char left[40];

		(void)snprintf(left, sizeof(left), "%s %s", value_options[i].name,
		               value_options[i].value); /* fits */
		(void)fprintf(to, "  %-15s  %s\n", left, value_options[i].help);
	}
	(void)fputs("  --json           the document behind the view, as JSON (docs/json.md)\n"
	            "  --complete       print what may take the place of the last word\n"
	            "  --help           this text\n"
	            "  --version        the version of candor\n"
	            "\n"
	            "Exit codes: 0 good; 1 loss or over threshold, or there is no such object;\n"
	            "2 no answer; 3 usage; 4 the system refused.\n",
	            to);
}

/* Whether from this word on everything belongs to the command (probe, respond). */
static bool takes_rest(const char *word)
{
	size_t len = strlen(word);

	for (const struct command *c = candor_commands; c->word; c++) {
		if (c->kind == COMMAND_REST && len > 0 && strncmp(c->word, word, len) == 0)
			return true;
	}
	return false;
}

/* An option with a value, at argv[*at]: as take_option(). */
static int take_value(struct cli *cli, int argc, char **argv, int *at)
{
	for (size_t i = 0; i < ARRAY_LEN(value_options); i++) {
		const char *name = value_options[i].name, *word = argv[*at];
		const char **to = (const char **)(void *)((char *)cli + value_options[i].at);
		size_t len = strlen(name);

		if (strcmp(word, name) == 0) {
			if (*at + 1 >= argc)
				return -1 - cli_usage_error(cli, "%s needs a value: %s", name,
				                            value_options[i].value);
			*to = argv[++*at];
			return 1;
		}
		if (name[1] == '-' && strncmp(word, name, len) == 0 && word[len] == '=') {
			*to = word + len + 1;
			return 1;
		}
	}
	return 0;
}

/* One global option at argv[*at].  1: taken; 0: it is none; else -1 - exit code. */
static int take_option(struct cli *cli, int argc, char **argv, int *at)
{
	const char *word = argv[*at];

	if (word[0] != '-')
		return 0;
	if (strcmp(word, "--json") == 0) {
		cli->json = true;
		return 1;
	}
	if (strcmp(word, "--complete") == 0) {
		cli->completes = true;
		return 1;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_help(cli->out);
		return -1 - CLI_GOOD;
	}
	if (strcmp(word, "--version") == 0) {
		(void)fprintf(cli->out, "candor %s\n", CANDOR_VERSION);
		return -1 - CLI_GOOD;
	}
	int taken = take_value(cli, argc, argv, at);

	return taken ? taken : -1 - cli_usage_error(cli, "unknown option \"%s\": see --help", word);
}

/* --- completion ------------------------------------------------------------------------------ */

static void print_follower(void *ctx, const struct command *c)
{
	if (c->kind == COMMAND_WORD || c->kind == COMMAND_REST)
		(void)fprintf(ctx, "%s\n", c->word); /* the stream keeps errors */
}

/* What may stand in place of the last word, one a line: for the completion of login shells. */
static int complete(struct cli *cli, int count, char **words)
{
	struct command_words line = { .count = count > 0 ? count - 1 : 0, .words = words };
	bool may_end;

	(void)command_follow(candor_commands, COMMAND_LINE, &line,
	                     count > 0 ? words[count - 1] : "", print_follower, cli->out,
	                     &may_end); /* nothing follows nonsense */
	return CLI_GOOD;
}

/* --- running --------------------------------------------------------------------------------- */

int cli_execute(struct cli *cli, const struct command *c, struct pipe_chain *chain)
{
	FILE *to = cli->out;
	char *text = NULL;
	size_t len;

	if (chain->count == 0)
		return c->run(cli);
	cli->out = open_memstream(&text, &len);
	if (!cli->out) {
		cli->out = to;
		return cli_error(cli, CLI_SYSTEM, "out of memory");
	}
	int code = c->run(cli);

	if (fclose(cli->out) != 0 && code == CLI_GOOD)
		code = cli_error(cli, CLI_SYSTEM, "out of memory");
	cli->out = to;
	if (text)
		pipe_run(chain, text, len, to);
	free(text);
	return code;
}

static int run_words(struct cli *cli, int count, char **words)
{
	struct command_words line = { .words = words };
	struct pipe_chain chain = { 0 };
	struct command_match m;
	int code = CLI_GOOD;

	while (line.count < count && (words[line.count][0] != '|' || line.count == 0))
		line.count++;
	if (line.count < count && !takes_rest(words[0]))
		code = pipe_read_words(cli, count - line.count, words + line.count, &chain);
	else
		line.count = count;
	if (code != CLI_GOOD)
		return code;
	code = command_match_line(cli, candor_commands, &line, &m);
	if (code == CLI_GOOD && cli->targets->count > 1 && cli->json && chain.count)
		code = cli_usage_error(cli, "--json of several hosts takes no filters");
	if (code == CLI_GOOD && (m.place & COMMAND_HERE) && cli->targets->is_remote)
		code = cli_usage_error(cli, "\"%s\" works on this host: it takes no -H", m.said);
	else if (code == CLI_GOOD && cli->targets->count > 1 && !(m.place & COMMAND_ALL_HOSTS))
		code = hosts_run(cli, m.command, &chain);
	else if (code == CLI_GOOD)
		code = cli_execute(cli, m.command, &chain);
	pipe_free(&chain);
	return code;
}

static int run_on_targets(struct cli *cli, int count, char **words)
{
	struct cli_targets targets;
	int code = targets_read(cli, &cli->options, &targets);

	if (code != CLI_GOOD)
		return code;
	cli->targets = &targets;
	cli->target = targets.targets;
	if (count > 0)
		code = run_words(cli, count, words);
	else if (targets.count > 1)
		code = cli_usage_error(cli,
		                       "a shell is for one host: -H with several needs a command");
	else
		code = shell_main(cli);
	targets_free(&targets);
	cli->targets = NULL;
	cli->target = NULL;
	return code;
}

int cli_run(struct cli *cli, int argc, char **argv)
{
	char *words[WORDS_MAX];
	int count = 0;
	bool options = true;

	tzset();
	for (int i = 1; i < argc; i++) {
		bool is_partial = cli->completes && i + 1 == argc;
		bool is_end = options && !is_partial && strcmp(argv[i], "--") == 0;
		int taken = is_end                   ? 1
		            : options && !is_partial ? take_option(cli, argc, argv, &i)
		                                     : 0;

		if (taken < 0)
			return -1 - taken;
		options = options && !is_end;
		if (taken > 0)
			continue;
		if (count == WORDS_MAX)
			return cli_usage_error(cli, "more than %d words", WORDS_MAX);
		options = options && !(count == 0 && takes_rest(argv[i]));
		words[count++] = argv[i];
	}
	if (cli->completes)
		return complete(cli, count, words);
	return run_on_targets(cli, count, words);
}

int cli_main(int argc, char **argv)
{
	struct cli cli = { .in = stdin, .out = stdout, .err = stderr };

	return cli_run(&cli, argc, argv);
}
