/* SPDX-License-Identifier: Apache-2.0 */
/* Events as webhooks carry them and as commands find them in their environment (docs/json.md, candord(8)).  Pure. */
#ifndef CANDOR_EXPORT_EVENT_DOC_H
#define CANDOR_EXPORT_EVENT_DOC_H

#include "base/clocktypes.h"
#include "object/node.h"
#include "object/reaction_object.h"

struct event_head {
	const char *node;
	uint64_t serial; /* of the event, rising since the start of candord */
	wall_t at;
};

/* "occurred", "cleared" (flags); "exceeded", "below" (values). */
const char *reaction_event_state(const struct reaction_conf *conf, struct reaction_outcome outcome);

/* The object "event" of a reaction, new in ``a``. */
struct doc *event_doc_reaction(const struct event_head *head, const struct reaction_row *row,
                               const struct op_entry *e, struct reaction_outcome outcome,
                               struct arena *a);

/* The same as "NAME=value" texts in ``a``, ended by NULL: the names of EEM's event ipsla, and some of ours. */
const char *const *event_environment_reaction(const struct event_head *head,
                                              const struct reaction_row *row,
                                              const struct op_entry *e,
                                              struct reaction_outcome outcome, struct arena *a);

struct doc *event_doc_track(const struct event_head *head, uint32_t number, bool is_up,
                            const char *what, const char *text, struct arena *a);
const char *const *event_environment_track(const struct event_head *head, uint32_t number,
                                           bool is_up, const char *what, const char *text,
                                           struct arena *a);

#endif
