/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla endpoint-list type ip NAME`: the members of a group that multicast-jitter asks. */
#ifndef CANDOR_CONFIG_CONF_ENDPOINTS_H
#define CANDOR_CONFIG_CONF_ENDPOINTS_H

#include "config/conf_parser.h"
#include <stdio.h>

extern const struct conf_command conf_commands_endpoints[]; /* behind `ip sla endpoint-list` */

/* Put the members of its list into every operation that names one; before the operations are checked. */
void conf_endpoints_finish(struct conf_parser *p);

void conf_endpoints_print(const struct config *c, FILE *to);

#endif
