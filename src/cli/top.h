/* SPDX-License-Identifier: Apache-2.0 */
/* `candor top`: the live view of one or many nodes. */
#ifndef CANDOR_CLI_TOP_H
#define CANDOR_CLI_TOP_H

#include "cli/cli.h"

/* On a terminal the live view; else one table of how things are now; with --json every change as a
 * line of JSON until interrupted.  An enum cli_exit. */
int top_command(struct cli *cli);

#endif
