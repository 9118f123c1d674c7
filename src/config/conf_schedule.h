/* SPDX-License-Identifier: Apache-2.0 */
/* What `ip sla schedule` and `ip sla group schedule` share. */
#ifndef CANDOR_CONFIG_CONF_SCHEDULE_H
#define CANDOR_CONFIG_CONF_SCHEDULE_H

#include "config/conf_parser.h"

#define CONF_LIFE_DEFAULT_S 3600
#define CONF_AGEOUT_MAX_S   2073600

/* The arguments of `start-time`, `life` and `ageout` from word ``at`` on.  Words used, or 0 when they were
 * refused. */
uint32_t conf_schedule_take_start(struct conf_parser *p, uint32_t at, struct op_schedule *s);
uint32_t conf_schedule_take_life(struct conf_parser *p, uint32_t at, struct op_schedule *s);
uint32_t conf_schedule_take_ageout(struct conf_parser *p, uint32_t at, struct op_schedule *s);

/* A daily schedule must end before it begins again; an error is reported at word ``at``. */
void conf_schedule_check_recurring(struct conf_parser *p, uint32_t at, const struct op_schedule *s);

/* What IOS refuses when an operation is scheduled with this frequency, in its words; false: refused, and
 * reported at ``place``. */
bool conf_schedule_check_times(struct conf_parser *p, struct place place,
                               const struct op_params *params, uint32_t frequency_s);

#endif
