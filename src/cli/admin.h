/* SPDX-License-Identifier: Apache-2.0 */
/* Administration messages and the audit log on the command line: `show messages`, `alarm raise …`. */
#ifndef CANDOR_CLI_ADMIN_H
#define CANDOR_CLI_ADMIN_H

#include "cli/command.h"
#include "object/doc.h"

int show_messages(struct cli *cli);
int show_alarms(struct cli *cli);
int show_maintenance(struct cli *cli);
int show_audit(struct cli *cli);

/* Renderers of lists ("items"); colours only on a terminal. */
void render_messages(const struct doc *list, FILE *to);
void render_alarms(const struct doc *list, FILE *to);
void render_maintenance(const struct doc *list, FILE *to);
void render_audit(const struct doc *list, FILE *to);

/* What follows the words of the tree (commands.c). */
extern const struct command show_messages_words[], show_audit_words[];
extern const struct command notice_words[], alarm_words[], maintenance_words[];

#endif
