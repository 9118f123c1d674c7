/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that work alone: no candord, no privilege but what the kernel asks for. */
#ifndef CANDOR_CLI_ONESHOT_H
#define CANDOR_CLI_ONESHOT_H

#include "cli/cli.h"
#include "cli/row_options.h"

struct clock;
struct keychain;

int probe_command(struct cli *cli);
int respond_command(struct cli *cli);

/* The only key chain of a configuration file that nobody else may read.  CLI_GOOD, or an exit code
 * with the reason on cli->err. */
int key_chain_file_read(struct cli *cli, const char *path, struct keychain *ret);

/* --clock and --trust-clock.  *ret_clock lives as long as the process. */
int oneshot_clock_read(struct cli *cli, const struct given_options *o, struct clock **ret_clock);

/* Their options beside the configuration rows, for help and for the test of the manual. */
extern const struct own_option probe_own_options[];
extern const struct own_option respond_own_options[];

#endif
