/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the `namp` block (conf_namp*.c) share, and what other files of this room need of it. */
#ifndef CANDOR_CONFIG_CONF_NAMP_H
#define CANDOR_CONFIG_CONF_NAMP_H

#include "config/conf_parser.h"
#include "config/conf_rows.h"

extern const struct conf_command conf_commands_namp[];
extern const struct conf_row conf_namp_limit_rows[]; /* over struct namp_limits */
extern const char *const conf_namp_role_words[];     /* enum admin_role, then NULL */

/* Arguments from word ``at`` on.  False: reported. */
bool conf_namp_take_keyword(struct conf_parser *p, uint32_t at, const char *keyword);
bool conf_namp_take_role(struct conf_parser *p, uint32_t at, uint8_t *ret); /* and the line's end */
bool conf_namp_take_host(struct conf_parser *p, uint32_t at, struct inet_addr *ret);

/* conf_namp_names.c: lines of the block, and the check of one key beside all others */
void conf_namp_user(struct conf_parser *p, const struct conf_match *m);
void conf_namp_psk(struct conf_parser *p, const struct conf_match *m);
void conf_namp_peer(struct conf_parser *p, const struct conf_match *m);
void conf_namp_check_psk(struct conf_parser *p, uint32_t index);

#endif
