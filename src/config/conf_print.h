/* SPDX-License-Identifier: Apache-2.0 */
/* How each area of the grammar writes itself; conf_print.c puts them together.  Errors of ``to``
 * are looked at once, at the end. */
#ifndef CANDOR_CONFIG_CONF_PRINT_H
#define CANDOR_CONFIG_CONF_PRINT_H

#include "config/config.h"

void conf_clock_init(struct clock_policy *c);
void conf_clock_print(const struct clock_policy *c, FILE *to, bool all);
/* What an empty text means; and no key stays in memory. */
void conf_namp_init(struct namp_conf *n);
void conf_namp_wipe(struct namp_conf *n);
void conf_namp_print(const struct namp_conf *n, FILE *to, bool all, bool secrets);
void conf_tracking_init(struct tracking_conf *t);
void conf_tracking_print(const struct tracking_conf *t, FILE *to, bool all);
void conf_export_init(struct export_conf *e);
void conf_export_print(const struct export_conf *e, FILE *to, bool all);
void conf_keychain_print(const struct keychain *c, FILE *to, bool all, bool secrets);
void conf_acl_print(const struct access_list_conf *l, FILE *to);
void conf_egress_print(const struct config *c, FILE *to, bool all);
void conf_notify_init(struct notify_conf *n);
void conf_logging_print(const struct notify_conf *n, FILE *to, bool all);
void conf_hooks_print(const struct notify_conf *n, FILE *to, bool all);
void conf_reaction_settings_print(const struct notify_conf *n, FILE *to, bool all);
void conf_reaction_print(const struct reaction_conf *r, FILE *to, bool all);
/* Reactions and triggers of one operation. */
void conf_reactions_print(const struct config *c, uint32_t number, FILE *to, bool all);
void conf_responder_print(const struct config *c, FILE *to, bool all);
/* life, start-time and ageout of a schedule line. */
void conf_schedule_print_when(const struct op_schedule *s, FILE *to, bool all);
void conf_misc_print(const struct config *c, FILE *to, bool all);
void conf_group_print(const struct group_conf *g, FILE *to, bool all);
void conf_op_print(const struct op_conf *op, FILE *to, bool all, bool secrets);
void conf_schedule_print(const struct op_conf *op, FILE *to, bool all);

#endif
