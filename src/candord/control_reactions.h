/* SPDX-License-Identifier: Apache-2.0 */
/* The reactions of the running configuration: every result is held against them, and what follows is done.
 * Control process only. */
#ifndef CANDOR_CANDORD_CONTROL_REACTIONS_H
#define CANDOR_CANDORD_CONTROL_REACTIONS_H

#include "candord/op_table.h"
#include "object/reaction_object.h"
#include "object/request.h"

struct control;

struct reactions {
	uint32_t row_count, trigger_count;
	struct reaction_row *rows;    /* by operation and element, rising */
	struct trigger_row *triggers; /* by operation and target, rising */
	uint32_t untold;              /* rows of which others believe something else than is so */
};

/* What one edge of a reaction is told as. */
struct reaction_event_view {
	const struct reaction_row *row;
	const struct op_entry *entry;
	struct reaction_outcome outcome;
	wall_t at;
	uint64_t serial; /* of the event, rising */
};

/* Take over the running configuration, behind the table of operations: conditions of what did not change
 * stand. */
void control_reactions_apply(struct control *c);

/* A run has ended, and its result is the operation's last one. */
void control_reactions_take(struct control *c, const struct op_slot *s);

/* The operation is not active any more, or its statistics were cleared (number 0: of all): conditions are
 * forgotten, and nobody is told; alarms that stood for them are cleared. */
void control_reactions_forget(struct control *c, uint32_t number);

/* Once a second: what differs from what was told before a maintenance window is told behind it. */
void control_reactions_tick(struct control *c);

void control_reactions_stop(struct control *c);

/* The provider of "sla/reaction". */
int control_reactions_handle(void *ctx, const struct object_request *request, struct arena *a,
                             struct doc **ret, struct diag *d);

/* control_tell.c: syslog, alarm, webhooks and hooks, as configured.  Whether an alarm was among them. */
bool control_tell_reaction(struct control *c, const struct reaction_event_view *e);

/* The row's condition was forgotten: its alarm stands no longer. */
void control_end_alarm(struct control *c, const struct reaction_conf *conf);

#endif
