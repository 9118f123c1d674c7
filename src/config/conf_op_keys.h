/* SPDX-License-Identifier: Apache-2.0 */
/* Which keywords each operation type takes on its type line and below it: the rows of the type
 * (probe/), the rows that every operation has, and IOS's frozen list. */
#ifndef CANDOR_CONFIG_CONF_OP_KEYS_H
#define CANDOR_CONFIG_CONF_OP_KEYS_H

#include "config/conf_rows.h"

#define OP_KEYS_MAX 96

struct op_key_list {
	uint32_t count;
	struct conf_row_key keys[OP_KEYS_MAX];
};

/* The keywords of a type (enum sla_type) in one place. */
void conf_op_keys_build(struct op_key_list *list, uint8_t type, enum conf_where where);

/* The same, built once a parser. */
const struct op_key_list *conf_op_key_list(struct conf_parser *p, uint8_t type,
                                           enum conf_where where);

/* Rows over struct op_conf: tag, owner, key-chain. */
extern const struct conf_row conf_op_common_rows[];

#endif
