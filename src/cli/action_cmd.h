/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that make a node do something: start and stop operations, measure now, clear. */
#ifndef CANDOR_CLI_ACTION_CMD_H
#define CANDOR_CLI_ACTION_CMD_H

#include "cli/cli.h"

int sla_start(struct cli *cli); /* N; the same for the next three */
int sla_stop(struct cli *cli);
int sla_restart(struct cli *cli);
int sla_reset(struct cli *cli);
int sla_reset_explain(struct cli *cli);
int sla_probe(struct cli *cli);
int clear_statistics(struct cli *cli);   /* [N] */
int clear_namp_session(struct cli *cli); /* N */

#endif
