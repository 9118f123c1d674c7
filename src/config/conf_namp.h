/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the `namp` block that other files of this room need. */
#ifndef CANDOR_CONFIG_CONF_NAMP_H
#define CANDOR_CONFIG_CONF_NAMP_H

#include "config/conf_rows.h"

extern const struct conf_command conf_commands_namp[];
extern const struct conf_row conf_namp_limit_rows[]; /* over struct namp_limits */

#endif
