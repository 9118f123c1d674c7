/* SPDX-License-Identifier: Apache-2.0 */
/* Times of day and dates as IOS writes them.  Local time is that of the process (TZ); the current
 * time is never read here. */
#ifndef CANDOR_CONFIG_CONF_TIME_H
#define CANDOR_CONFIG_CONF_TIME_H

#include "base/clocktypes.h"
#include "config/conf_parser.h"

/* hh:mm:ss, or hh:mm when ``may_lack_seconds``: seconds since midnight. */
NODISCARD bool conf_time_parse(const char *text, bool may_lack_seconds, uint32_t *ret_s);

/* `Mon D` or `D Mon` in the two words from ``at`` on; false without an error when it is neither. */
NODISCARD bool conf_day_parse(const struct conf_parser *p, uint32_t at, uint8_t *ret_month,
                              uint8_t *ret_day);

/* `hh:mm:ss Mon D YYYY` in the four words from ``at`` on; errors are reported. */
NODISCARD bool conf_take_instant(struct conf_parser *p, uint32_t at, wall_t *ret);

const char *conf_month_name(uint8_t month); /* 1-12: "Jan" … */

#define CONF_INSTANT_TEXT_MAX 40

/* The local text of a whole second; false when reading it back would give another instant (the hour
 * that daylight saving repeats). */
bool conf_instant_format(wall_t at, char *to);

#endif
