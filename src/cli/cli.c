/* SPDX-License-Identifier: Apache-2.0 */
/* Options that every command takes, and the way in. */
#include "cli/cli.h"

#include "cli/command.h"
#include "namp/server.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS_MAX 256

static void PRINTF_LIKE(2, 0) print_error(struct cli *cli, const char *fmt, va_list args)
{
	(void)fputs(cli->in_shell ? "% " : "candor: ", cli->err);
	(void)vfprintf(cli->err, fmt, args);
	(void)fputc('\n', cli->err);
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

static void print_help(FILE *to)
{
	(void)fputs(
	        "usage: candor [OPTIONS] COMMAND\n"
	        "\n"
	        "Words may be shortened as long as they stay unique: candor sh ip sla stat 10.\n"
	        "\n"
	        "Commands:\n",
	        to);
	command_print_help(candor_commands, COMMAND_LINE, to);
	(void)fputs("\n"
	            "Options:\n"
	            "  --json         the document behind the view, as JSON (docs/json.md)\n"
	            "  --socket PATH  where candord listens (" NAMP_SOCKET_PATH ")\n"
	            "  --complete     print what may take the place of the last word\n"
	            "  --help         this text\n"
	            "  --version      the version of candor\n"
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

/* One global option at argv[*at].  1: taken; 0: it is none; else -1 - exit code. */
static int take_option(struct cli *cli, int argc, char **argv, int *at)
{
	static const char socket_is[] = "--socket=";
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
	if (strcmp(word, "--socket") == 0) {
		if (*at + 1 >= argc)
			return -1 - cli_usage_error(cli, "--socket needs a path");
		cli->socket_path = argv[++*at];
		return 1;
	}
	if (strncmp(word, socket_is, sizeof(socket_is) - 1) == 0) {
		cli->socket_path = word + sizeof(socket_is) - 1;
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
	return -1 - cli_usage_error(cli,
	                            "unknown option \"%s\": expected --json, --socket PATH, "
	                            "--complete, --help or --version",
	                            word);
}

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

int cli_run(struct cli *cli, int argc, char **argv)
{
	char *words[WORDS_MAX];
	int count = 0;
	bool options = true;

	tzset();
	for (int i = 1; i < argc; i++) {
		bool is_partial = cli->completes && i + 1 == argc;
		int taken = options && !is_partial ? take_option(cli, argc, argv, &i) : 0;

		if (taken < 0)
			return -1 - taken;
		if (taken > 0)
			continue;
		if (count == WORDS_MAX)
			return cli_usage_error(cli, "more than %d words", WORDS_MAX);
		options = options && !(count == 0 && takes_rest(argv[i]));
		words[count++] = argv[i];
	}
	if (cli->completes)
		return complete(cli, count, words);
	return command_run(cli, candor_commands, count, words);
}

int cli_main(int argc, char **argv)
{
	struct cli cli = { .out = stdout, .err = stderr, .socket_path = NAMP_SOCKET_PATH };

	return cli_run(&cli, argc, argv);
}
