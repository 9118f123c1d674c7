/* SPDX-License-Identifier: Apache-2.0 */
/* One command on several nodes at once: a child process for each, at most HOSTS_AT_ONCE at a time, so
 * that none waits for another; what they say comes in the order in which they were named. */
#ifndef CANDOR_CLI_HOSTS_H
#define CANDOR_CLI_HOSTS_H

#include "cli/command.h"
#include "cli/shell_pipe.h"

#define HOSTS_AT_ONCE    32u
#define HOSTS_OUTPUT_MAX (64u << 20) /* octets that one may say */

/* Run it on every one of cli->targets.  The worst of their exit codes. */
int hosts_run(struct cli *cli, const struct command *c, struct pipe_chain *chain);

/* Run it on cli->target, and what it prints through the chain. */
int cli_execute(struct cli *cli, const struct command *c, struct pipe_chain *chain);

#endif
