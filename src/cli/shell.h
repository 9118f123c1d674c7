/* SPDX-License-Identifier: Apache-2.0 */
/* The interactive shell: `candor` without a command.  Modes, prompts, help and messages are those that
 * an engineer knows from IOS; configuration is edited in a candidate on the node and committed, as on
 * IOS-XR.  Where the input is no terminal it is a script: no prompts, and the first error ends it. */
#ifndef CANDOR_CLI_SHELL_H
#define CANDOR_CLI_SHELL_H

#include "cli/cli.h"

/* Read lines from cli->in until the end.  An enum cli_exit. */
int shell_main(struct cli *cli);

/* A sentence behind "% " on cli->err, folded to the terminal. */
void shell_say(struct shell *sh, const char *text);

/* Commands that exist only there, and their like (rows in commands.c). */
int shell_enable(struct cli *cli);
int shell_disable(struct cli *cli);
int shell_exit(struct cli *cli);
int shell_configure(struct cli *cli);
int shell_terminal_length(struct cli *cli);
int shell_terminal_width(struct cli *cli);
int shell_show_history(struct cli *cli);
int shell_show_terminal(struct cli *cli);
int shell_already_saved(struct cli *cli);

#endif
