/* SPDX-License-Identifier: Apache-2.0 */
/* Within the grammar: messages, webhooks and hooks (conf_logging.c, conf_hook.c, conf_event.c). */
#ifndef CANDOR_CONFIG_CONF_NOTIFY_H
#define CANDOR_CONFIG_CONF_NOTIFY_H

#include "base/conf_row.h"
#include "config/conf_parser.h"

#define NOTIFY_LEVEL_DEFAULT    6  /* informational */
#define NOTIFY_FACILITY_DEFAULT 23 /* local7 */

enum notify_switch { /* ``value`` of the commands that are switches */
	             NOTIFY_JOURNAL,
	             NOTIFY_TRAPS,
	             NOTIFY_ALERTS,
};

extern const struct conf_row conf_webhook_rows[];
extern const struct conf_row conf_hook_rows[];
extern const struct conf_command conf_commands_webhook[];
extern const struct conf_command conf_commands_hook[];

void conf_logging_host(struct conf_parser *p, const struct conf_match *m);
void conf_logging_trap(struct conf_parser *p, const struct conf_match *m);
void conf_logging_facility(struct conf_parser *p, const struct conf_match *m);
void conf_notify_switch(struct conf_parser *p, const struct conf_match *m);
void conf_reaction_delivery(struct conf_parser *p, const struct conf_match *m);
void conf_reaction_mos(struct conf_parser *p, const struct conf_match *m);
void conf_webhook_enter(struct conf_parser *p, const struct conf_match *m);
void conf_hook_enter(struct conf_parser *p, const struct conf_match *m);

/* `event …` of the list ``l``, with the words behind its keyword. */
void conf_event_line(struct conf_parser *p, const struct conf_match *m, struct event_list *l);
void conf_events_print(const struct event_list *l, FILE *to);

#endif
