/* SPDX-License-Identifier: Apache-2.0 */
/* One running shell: for the files shell*.c alone. */
#ifndef CANDOR_CLI_SHELL_STATE_H
#define CANDOR_CLI_SHELL_STATE_H

#include "base/arena.h"
#include "base/clocktypes.h"
#include "cli/command.h"
#include "cli/shell.h"
#include "cli/shell_editor.h"
#include "cli/shell_history.h"
#include "cli/shell_line.h"
#include "cli/shell_script.h"
#include "object/doc.h"

#define SHELL_NAME_MAX   64
#define SHELL_PROMPT_MAX 160

/* The candidate of this session, on the node. */
struct shell_candidate {
	bool is_open;    /* the shell is in a configuration mode */
	bool is_begun;   /* the node keeps one: it ends with each commit, and begins when needed */
	bool is_changed; /* lines were taken since the last commit */
	char mode[SHELL_NAME_MAX]; /* "config-ip-sla-echo" */
};

struct shell {
	struct cli *cli;       /* of the commands */
	struct editor *editor; /* NULL: a script */
	struct script *script;
	struct history_file history;
	bool is_privileged, wants_exit;
	int exit_code;
	uint32_t line_number;       /* script */
	uint32_t length, width;     /* of pages; see has_… */
	bool has_length, has_width; /* else as the terminal says */
	bool was_connected;
	char node[SHELL_NAME_MAX];                           /* its name, for the prompt */
	char identity[SHELL_NAME_MAX], role[SHELL_NAME_MAX]; /* whom it takes us for … */
	char origin[SHELL_NAME_MAX];                         /* … and from where */
	uint64_t session;
	struct shell_candidate candidate;
	int64_t confirm_until_ns; /* unix; 0: no confirmation is pending */
	char prompt[SHELL_PROMPT_MAX];
	size_t lead; /* columns in front of what was typed, for the marker */
};

/* --- shell.c ----------------------------------------------------------------------------------- */

/* Run a line of exec mode from word ``from`` on (`do` in configuration).  An enum cli_exit. */
int shell_run_exec(struct shell *sh, const char *text, size_t from);

/* Run a command of the tree on the words of ``line``; its output through pipes and pages. */
int shell_run_command(struct shell *sh, const struct command *table, const char *text, size_t from);

/* "% Invalid input detected at '^' marker." with the marker below octet ``at`` of ``text``. */
int shell_invalid(struct shell *sh, const char *text, size_t at);
int shell_incomplete(struct shell *sh);
int shell_ambiguous(struct shell *sh, const char *text);

/* Print text, page by page on a terminal. */
void shell_print(struct shell *sh, const char *text, size_t len);

const char *shell_prompt(void *ctx);

/* A question on the terminal: what was answered, or "" (also when there is no terminal). */
const char *shell_ask(struct shell *sh, const char *question, char *to, size_t cap);

/* The next line of the input if it need not be waited for, else NULL; and taking it. */
const char *shell_waiting(struct shell *sh);
void shell_take_waiting(struct shell *sh);

unsigned shell_place(const struct shell *sh); /* enum command_place */

/* --- shell_link.c ------------------------------------------------------------------------------ */

/* Be connected: a connection that was lost is made anew.  CLI_GOOD or CLI_SYSTEM. */
int shell_connect(struct shell *sh);
/* After a command: say what was lost with the connection, when it was. */
void shell_check_link(struct shell *sh);
void shell_disconnect(struct shell *sh);
/* Before a prompt: what others did meanwhile. */
void shell_announce(struct shell *sh);
void shell_learn_running(struct shell *sh);
/* Time left of a pending confirmation, in whole seconds; 0: none is pending. */
int64_t shell_pending_left_s(const struct shell *sh);

/* --- shell_config.c ---------------------------------------------------------------------------- */

extern const struct command shell_config_commands[];

/* Begin a candidate from what runs now.  An enum cli_exit. */
int shell_candidate_begin(struct shell *sh, bool says_editors);
/* The same unless there is one. */
int shell_candidate_need(struct shell *sh);

/* One line typed in configuration mode. */
int shell_config_line(struct shell *sh, const char *text);
/* Out of configuration mode; asks about changes that are not committed.  False: stay. */
bool shell_config_leave(struct shell *sh);
/* Whether the first word of the line is for the shell and not for the node; *ret_is_ambiguous: it
 * could be both. */
bool shell_config_is_own(struct shell *sh, const char *word, bool *ret_is_ambiguous);
/* What the node offers behind ``text``: a document with "words" in ``a``, or NULL. */
const struct doc *shell_config_complete(struct shell *sh, const char *text, size_t len,
                                        struct arena *a);

/* --- shell_help.c ------------------------------------------------------------------------------ */

void shell_help(void *ctx, const char *line, size_t cursor);
bool shell_tab(void *ctx, const char *line, size_t cursor, char *insert, size_t cap);

#endif
