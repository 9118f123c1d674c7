/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes a command goes to, and who we are there: options of the program become addresses of
 * namp/client.h. */
#ifndef CANDOR_CLI_TARGET_H
#define CANDOR_CLI_TARGET_H

#include "base/arena.h"
#include "cli/cli.h"
#include "namp/client.h"

#define TARGETS_MAX 1024u

struct cli_target {
	const char *name; /* as given, for people */
	struct namp_target node;
};

struct cli_targets {
	uint32_t count; /* 1: this host's candord, or the one of -H */
	struct cli_target *targets;
	uint32_t timeout_ms; /* for each step of a connection, and for each answer */
	bool is_remote;
	struct arena arena;
};

/* What the options mean.  CLI_GOOD, or CLI_USAGE and a line on cli->err. */
int targets_read(struct cli *cli, const struct target_options *o, struct cli_targets *ret);
void targets_free(struct cli_targets *t);

#endif
