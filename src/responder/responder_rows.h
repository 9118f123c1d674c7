/* SPDX-License-Identifier: Apache-2.0 */
/* The responder's own settings as rows over struct responder_cfg: the words after `ip sla
 * responder` that are ours, not IOS's. */
#ifndef CANDOR_RESPONDER_RESPONDER_ROWS_H
#define CANDOR_RESPONDER_RESPONDER_ROWS_H

#include "base/conf_row.h"

extern const struct conf_row responder_rows[];

#endif
