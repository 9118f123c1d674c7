/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of a configuration as objects of their own: one block each, with its texts, that never
 * changes and is shared by the generations of the configuration that have the same one.  Control
 * process only: the references are counted without locks. */
#ifndef CANDOR_CONFIG_OP_CONF_H
#define CANDOR_CONFIG_OP_CONF_H

#include "config/config.h"

/* A copy of ``draft`` with all its texts, held once. */
const struct op_conf *op_conf_new(const struct op_conf *draft);

const struct op_conf *op_conf_hold(const struct op_conf *c); /* once more */
void op_conf_release(const struct op_conf *c);               /* the last one frees it */

/* Equal in everything but the line where it stands. */
bool op_conf_equal(const struct op_conf *a, const struct op_conf *b);

#endif
