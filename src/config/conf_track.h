/* SPDX-License-Identifier: Apache-2.0 */
/* What tracked objects and their routes share in the grammar. */
#ifndef CANDOR_CONFIG_CONF_TRACK_H
#define CANDOR_CONFIG_CONF_TRACK_H

#include "config/conf_parser.h"

#define TRACK_FILE_UP         0 /* keepalived: nothing is added, no fault */
#define TRACK_FILE_DOWN       1 /* times the weight; without a weight: a fault */

#define TRACK_THRESHOLD_UNSET INT16_MIN /* while it is read */

extern const struct conf_command conf_commands_track[]; /* below `track N` */
extern const struct conf_mode conf_mode_track;

/* `track N dry-run`, `track N output …`: of object ``index``, in one line. */
void conf_track_own_option(struct conf_parser *p, uint32_t index, uint32_t at);

/* Word ``at`` is this keyword of IOS, perhaps shortened. */
bool conf_track_is_word(const struct conf_parser *p, uint32_t at, const char *keyword);

/* A name that an interface of Linux can have, copied into the arena. */
NODISCARD bool conf_take_interface(struct conf_parser *p, uint32_t at, const char **ret);

/* A prefix at word ``at``: "192.0.2.0 255.255.255.0" or "192.0.2.0/24", "2001:db8::/32".  How many words it
 * takes; 0: the error was reported. */
uint32_t conf_take_prefix4(struct conf_parser *p, uint32_t at, struct inet_prefix *ret);
uint32_t conf_take_prefix6(struct conf_parser *p, uint32_t at, struct inet_prefix *ret);

/* The prefix as the grammar writes it: IPv4 with its mask. */
void conf_prefix_print(const struct inet_prefix *prefix, FILE *to);

#endif
