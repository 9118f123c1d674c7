/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about configurations as a whole: commit and its like in the shell, the archive and
 * rollback everywhere. */
#ifndef CANDOR_CLI_CONFIG_CMD_H
#define CANDOR_CLI_CONFIG_CMD_H

#include "cli/command.h"
#include "object/doc.h"

/* In configuration mode. */
int config_commit(struct cli *cli);
int config_discard(struct cli *cli); /* and go on from what runs */
int config_abort(struct cli *cli);   /* and leave */
int config_rebase(struct cli *cli);
int config_rebase_silently(struct cli *cli);
extern const struct command config_commit_words[];

/* Everywhere. */
int config_confirm(struct cli *cli);
int config_rollback(struct cli *cli);
int config_reload(struct cli *cli);
int config_show_candidate(struct cli *cli);
int config_show_diff(struct cli *cli);
int config_show_archive(struct cli *cli); /* [N] */
extern const struct command config_rollback_words[];

/* "list config/archive" as a table. */
void render_archive(const struct doc *list, FILE *to);

#endif
