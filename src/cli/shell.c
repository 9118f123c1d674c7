/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of the shell, and commands of the exec modes. */
#include "cli/shell.h"

#include "cli/hosts.h"
#include "cli/shell_pager.h"
#include "cli/shell_pipe.h"
#include "cli/shell_state.h"
#include "cli/target.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

/* --- prompts and errors ---------------------------------------------------------------------- */

const char *shell_prompt(void *ctx)
{
	struct shell *sh = ctx;
	int64_t left_s = shell_pending_left_s(sh);
	char pending[40] = "";

	if (left_s > 0)
		(void)snprintf(pending, sizeof(pending), "[confirm %" PRId64 ":%02" PRId64 "]",
		               left_s / 60, left_s % 60); /* fits */
	if (sh->candidate.is_open)
		(void)snprintf(sh->prompt, sizeof(sh->prompt), "%s%s(%s)#", sh->node, pending,
		               sh->candidate.mode);
	else
		(void)snprintf(sh->prompt, sizeof(sh->prompt), "%s%s%c", sh->node, pending,
		               sh->is_privileged ? '#' : '>');
	return sh->prompt;
}

void shell_say(struct shell *sh, const char *text)
{
	const char *line = "% ";
	size_t width = sh->editor ? pager_columns(fileno(sh->cli->out)) : SIZE_MAX;

	for (size_t used; *text; line = "  ") {
		size_t len = strcspn(text, " ");

		used = strlen(line) + shell_columns(text, len);
		(void)fprintf(sh->cli->err, "%s%.*s", line, (int)len, text);
		for (text += len; *text; text += len) {
			len = 1 + strcspn(text + 1, " "); /* a word with its blank */
			used += shell_columns(text, len);
			if (used > width)
				break;
			(void)fprintf(sh->cli->err, "%.*s", (int)len, text);
		}
		text += strspn(text, " ");
		(void)fputc('\n', sh->cli->err);
	}
}

unsigned shell_place(const struct shell *sh)
{
	return COMMAND_SHELL | (sh->is_privileged ? COMMAND_PRIVILEGED : 0u);
}

int shell_invalid(struct shell *sh, const char *text, size_t at)
{
	FILE *to = sh->cli->err;
	size_t lead = sh->lead;

	if (!sh->editor) {
		int n = fprintf(to, "line %" PRIu32 ": %s\n", sh->line_number, text);

		lead = n > 0 ? (size_t)n - strlen(text) - 1 : 0;
	}
	(void)fprintf(to, "%*s^\n%% Invalid input detected at '^' marker.\n\n",
	              (int)(lead + shell_columns(text, at)), "");
	return CLI_USAGE;
}

int shell_incomplete(struct shell *sh)
{
	(void)fputs("% Incomplete command.\n\n", sh->cli->err);
	return CLI_USAGE;
}

int shell_ambiguous(struct shell *sh, const char *text)
{
	(void)fprintf(sh->cli->err, "%% Ambiguous command:  \"%s\"\n", text);
	return CLI_USAGE;
}

static int mistake(struct shell *sh, const struct shell_line *line, const struct command_match *m,
                   size_t from)
{
	switch (m->outcome) {
	case COMMAND_INCOMPLETE:
		return shell_incomplete(sh);
	case COMMAND_AMBIGUOUS:
		return shell_ambiguous(sh, line->text);
	case COMMAND_UNKNOWN:
	case COMMAND_TOO_MUCH:
		return shell_invalid(sh, line->text, shell_line_column(line, (int)from + m->at));
	case COMMAND_TOO_LONG:
		return cli_usage_error(sh->cli, "a text of more than %u octets", CLI_TEXT_MAX - 1);
	case COMMAND_COMPLETE:
		break;
	}
	return CLI_GOOD;
}

static int pipe_mistake(struct shell *sh, const char *text, enum pipe_error error, size_t at)
{
	switch (error) {
	case PIPE_INCOMPLETE:
		return shell_incomplete(sh);
	case PIPE_AMBIGUOUS:
		return shell_ambiguous(sh, text);
	case PIPE_BAD_REGEX:
		(void)fputs("% Failed to compile regular expression.\n", sh->cli->err);
		return CLI_USAGE;
	case PIPE_TOO_MANY:
		return cli_usage_error(sh->cli, "more than %u filters", PIPE_STAGES_MAX);
	case PIPE_UNKNOWN:
		return shell_invalid(sh, text, at);
	case PIPE_OK:
		break;
	}
	return CLI_GOOD;
}

/* --- running --------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t link_fd = -1;

/* The second Ctrl-C ends the wait for an answer: whoever reads finds the connection closed. */
static void on_interrupt(int sig)
{
	static const char said[] = "\n% Waiting for the node: Ctrl-C again closes the connection\n";

	(void)sig;
	if (link_fd >= 0 && ++interrupts == 1)
		(void)!write(STDERR_FILENO, said, sizeof(said) - 1);
	else if (link_fd >= 0)
		(void)shutdown(link_fd, SHUT_RDWR);
}

void shell_print(struct shell *sh, const char *text, size_t len)
{
	FILE *out = sh->cli->out;

	if (sh->editor)
		pager_print(sh->cli->in, out, text, len,
		            sh->has_length ? sh->length : pager_rows(fileno(out)),
		            sh->has_width ? sh->width : pager_columns(fileno(out)));
	else
		(void)fwrite(text, 1, len, out); /* the stream keeps errors */
	(void)fflush(out);
}

/* Run it with its output kept, then show what the filters let through. */
static int run_kept(struct shell *sh, const struct command *c, struct pipe_chain *chain)
{
	struct cli *cli = sh->cli;
	FILE *to = cli->out;
	char *text = NULL;
	size_t len = 0;

	assert(c); /* of a line that is complete */
	if ((c->place & COMMAND_SCREEN) && chain->count == 0 && sh->editor)
		return cli_execute(cli, c, chain);
	cli->out = open_memstream(&text, &len);
	if (!cli->out) {
		cli->out = to;
		return cli_error(cli, CLI_SYSTEM, "out of memory");
	}
	interrupts = 0;
	link_fd = cli->client ? namp_client_fd(cli->client) : -1;
	int code = cli_execute(cli, c, chain);

	link_fd = -1;
	if (fclose(cli->out) != 0 && code == CLI_GOOD)
		code = cli_error(cli, CLI_SYSTEM, "out of memory");
	cli->out = to;
	if (text && len > 0)
		shell_print(sh, text, len);
	free(text);
	shell_check_link(sh);
	return code;
}

/* Cut the command from what filters it, and find it.  *ret_pipe is the place of the first '|', or
 * NULL. */
static int find_command(struct shell *sh, const struct command *table, const char *text,
                        size_t from, struct shell_line *line, struct command_match *m,
                        const char **ret_pipe)
{
	const char *bar = pipe_find(text);

	for (;;) {
		if (shell_line_split(text, bar ? (size_t)(bar - text) : strlen(text), line) < 0)
			return cli_usage_error(sh->cli, "the line is too long");
		struct command_words words = shell_line_words(line, (int)from, line->count);

		command_match(sh->cli, table, shell_place(sh), &words, m);
		if (!bar || !m->command || m->command->kind != COMMAND_TEXT)
			break;
		bar = NULL; /* it belongs to the text */
	}
	*ret_pipe = bar;
	return CLI_GOOD;
}

int shell_run_command(struct shell *sh, const struct command *table, const char *text, size_t from)
{
	static struct shell_line line;
	struct command_match m = { 0 };
	struct pipe_chain chain = { 0 };
	const char *bar = NULL;
	size_t at = 0;
	int code = find_command(sh, table, text, from, &line, &m, &bar);

	if (code != CLI_GOOD)
		return code;
	if (m.outcome != COMMAND_COMPLETE)
		return mistake(sh, &line, &m, from);
	if (bar) {
		enum pipe_error error = pipe_parse(bar, &chain, &at);

		if (error != PIPE_OK)
			return pipe_mistake(sh, text, error, (size_t)(bar - text) + at);
	}
	code = run_kept(sh, m.command, &chain);
	pipe_free(&chain);
	return code;
}

int shell_run_exec(struct shell *sh, const char *text, size_t from)
{
	return shell_run_command(sh, candor_commands, text, from);
}

static int run_line(struct shell *sh, const char *text)
{
	const char *first = text + strspn(text, " \t");

	sh->lead = sh->editor ? shell_columns(sh->prompt, strlen(sh->prompt)) : 0;
	if (!*first || *first == '!')
		return CLI_GOOD;
	if (sh->candidate.is_open)
		return shell_config_line(sh, text);
	return shell_run_exec(sh, text, 0);
}

/* --- the loop -------------------------------------------------------------------------------- */

const char *shell_ask(struct shell *sh, const char *question, char *to, size_t cap)
{
	to[0] = '\0';
	if (sh->editor)
		editor_ask(sh->editor, question, to, cap);
	return to;
}

const char *shell_waiting(struct shell *sh)
{
	return sh->editor ? editor_waiting(sh->editor) : script_waiting(sh->script);
}

void shell_take_waiting(struct shell *sh)
{
	if (!sh->editor) {
		sh->line_number++;
		script_take(sh->script);
		return;
	}
	editor_take(sh->editor);
}

static int run_terminal(struct shell *sh)
{
	while (!sh->wants_exit) {
		const char *line;

		shell_announce(sh);
		(void)shell_prompt(sh);
		enum editor_event event = editor_read(sh->editor, &line);

		switch (event) {
		case EDITOR_LINE:
			(void)run_line(sh, line);
			break;
		case EDITOR_LEAVE:
			(void)run_line(sh, line);
			if (sh->candidate.is_open)
				(void)shell_config_leave(sh);
			break;
		case EDITOR_INTERRUPT:
			break;
		case EDITOR_END:
			if (!sh->candidate.is_open || editor_is_gone(sh->editor))
				sh->wants_exit = true;
			else
				(void)shell_config_leave(sh);
			break;
		}
	}
	return sh->exit_code;
}

/* The first error ends a script, with the line that it came from. */
static int run_script(struct shell *sh)
{
	static char text[SHELL_LINE_MAX];
	int code = CLI_GOOD;

	while (code == CLI_GOOD && !sh->wants_exit) {
		const char *line;
		int error = script_read(sh->script, &line);

		if (error == -ENODATA)
			break;
		sh->line_number++;
		if (error < 0) {
			code = cli_usage_error(sh->cli, "%s",
			                       error == -E2BIG ? "the line is too long"
			                                       : "this is no text");
		} else {
			(void)snprintf(text, sizeof(text), "%s", line); /* same size */
			code = run_line(sh, text);
		}
		if (code != CLI_GOOD)
			(void)fprintf(sh->cli->err,
			              "candor: stopped at line %" PRIu32 " of the input\n",
			              sh->line_number);
	}
	if (code == CLI_GOOD && sh->candidate.is_open && !shell_config_leave(sh))
		code = CLI_USAGE;
	return code == CLI_GOOD ? sh->exit_code : code;
}

/* The terminal's signals belong to libedit while a line is typed, and to us otherwise. */
static void take_signals(void)
{
	struct sigaction act = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigemptyset(&act.sa_mask);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGTSTP, &ignore, NULL);
}

int shell_main(struct cli *cli)
{
	struct shell sh = { .cli = cli };
	const struct editor_hooks hooks = { shell_prompt, shell_help, shell_tab, &sh };

	cli->shell = &sh;
	if (isatty(fileno(cli->in)) && isatty(fileno(cli->out))) {
		(void)setlocale(LC_CTYPE, "");
		history_open(&sh.history, history_default_path());
		sh.editor = editor_new(cli->in, cli->out, &hooks, &sh.history);
		take_signals();
	} else {
		sh.is_privileged = true; /* the role decides; a script has nobody to protect */
	}
	static struct script script; /* large */

	script = (struct script) { .fd = fileno(cli->in) };
	sh.script = &script;
	int code = shell_connect(&sh);

	if (code == CLI_GOOD)
		code = sh.editor ? run_terminal(&sh) : run_script(&sh);
	editor_free(sh.editor);
	shell_disconnect(&sh);
	history_close(&sh.history);
	cli->shell = NULL;
	return code;
}

/* --- commands of its own --------------------------------------------------------------------- */

int shell_exit(struct cli *cli)
{
	cli->shell->wants_exit = true;
	return CLI_GOOD;
}

int shell_enable(struct cli *cli)
{
	struct shell *sh = cli->shell;
	int code = shell_connect(sh);

	if (code != CLI_GOOD)
		return code;
	if (strcmp(sh->role, "viewer") == 0 || strcmp(sh->role, "none") == 0)
		return cli_error(
		        cli, CLI_SYSTEM,
		        "%s has the role %s here, which changes nothing (see \"user\" in the "
		        "namp block)",
		        sh->identity, sh->role);
	(void)fprintf(cli->out, "%s is %s on %s\n", sh->identity, sh->role, sh->node);
	sh->is_privileged = true;
	return CLI_GOOD;
}

int shell_disable(struct cli *cli)
{
	cli->shell->is_privileged = false;
	return CLI_GOOD;
}

int shell_terminal_length(struct cli *cli)
{
	cli->shell->length = cli_arg_number(cli, "LINES", 24);
	cli->shell->has_length = true;
	return CLI_GOOD;
}

int shell_terminal_width(struct cli *cli)
{
	cli->shell->width = cli_arg_number(cli, "COLUMNS", 80);
	cli->shell->has_width = cli->shell->width > 0;
	return CLI_GOOD;
}

int shell_show_terminal(struct cli *cli)
{
	struct shell *sh = cli->shell;
	int fd = STDOUT_FILENO;

	(void)fprintf(cli->out, "Length: %zu lines, Width: %zu columns\n",
	              sh->has_length ? (size_t)sh->length : pager_rows(fd),
	              sh->has_width ? (size_t)sh->width : pager_columns(fd));
	(void)fprintf(cli->out, "Session %" PRIu64 " on %s: %s, %s\n", sh->session, sh->node,
	              sh->identity, sh->role);
	if (sh->editor)
		(void)fprintf(cli->out, "History: %" PRIu32 " lines, %s\n", sh->history.count,
		              sh->history.path ? sh->history.path : "of this session only");
	return CLI_GOOD;
}

int shell_show_history(struct cli *cli)
{
	const struct history_file *h = &cli->shell->history;

	for (uint32_t i = h->count - h->of_session; i < h->count; i++)
		(void)fprintf(cli->out, "  %s\n", h->lines[i]); /* the stream keeps errors */
	return CLI_GOOD;
}

int shell_already_saved(struct cli *cli)
{
	(void)fputs("A commit has already saved the configuration: there is nothing to write.\n",
	            cli->out);
	return CLI_GOOD;
}
