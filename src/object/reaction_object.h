/* SPDX-License-Identifier: Apache-2.0 */
/* Reactions and triggers as they run, and as objects. */
#ifndef CANDOR_OBJECT_REACTION_OBJECT_H
#define CANDOR_OBJECT_REACTION_OBJECT_H

#include "base/clocktypes.h"
#include "object/doc.h"
#include "sla/reaction.h"

/* One configured row and what became of it. */
struct reaction_row {
	struct reaction_conf conf;
	struct reaction_state state;
	uint64_t generation; /* of the operation that the state is about */
	wall_t changed_at;   /* ns 0: never */
	uint64_t raised, cleared;
	uint64_t suppressed; /* edges of which nobody was told: maintenance */
	bool is_told;        /* what others were told last: it stands */
	bool has_alarm;      /* an alarm of the node says that it stands */
	bool is_untold;      /* maintenance: they believe something else than is so */
};

struct trigger_row {
	struct reaction_trigger conf;
	bool is_active; /* rttMonReactTriggerOperState: the target was started, and not released */
	wall_t changed_at; /* ns 0: never */
	uint64_t fired;
};

/* "operation", "reactions" and "triggers" of one operation, into the map ``to``. */
void reactions_fill(uint32_t operation, const struct reaction_row *rows, uint32_t row_count,
                    const struct trigger_row *triggers, uint32_t trigger_count, struct arena *a,
                    struct doc *to);

const char *reaction_unit_name(enum reaction_unit unit); /* "time", "packets", … for documents */

#endif
