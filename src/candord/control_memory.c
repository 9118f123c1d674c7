/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla low-memory`: while the host has less, new operations are held back, and that is said where their
 * results would be. */
#include "candord/control_state.h"

#include "base/log.h"
#include "io/memory.h"

#include <string.h>

void control_memory_look(struct control *c)
{
	uint64_t limit = c->config ? c->config->low_memory_bytes : 0;
	int rc = memory_available(&c->memory_available_bytes);

	if (rc < 0) {
		c->memory_available_bytes = 0; /* not known */
		log_warn("control", "cannot read how much memory is available: %s", strerror(-rc));
	}
	c->ops.is_low_memory = limit > 0 && rc == 0 && c->memory_available_bytes < limit;
	if (!c->ops.is_low_memory && c->ops.held_count > 0) {
		log_info("control",
		         "memory is above `ip sla low-memory` again: %u operations go on",
		         c->ops.held_count);
		op_table_release(&c->ops);
	}
}

void control_memory_note_held(struct control *c)
{
	for (uint32_t i = 0; i < c->ops.count && c->ops.held_count > 0; i++) {
		struct op_slot *s = c->ops.slots[i];

		if (!s->is_held || s->is_held_noted)
			continue;
		s->is_held_noted = true;
		const struct runner_missed missed = { .id = s->entry.id,
			                              .cause = MISSED_LOW_MEMORY,
			                              .count = 1,
			                              .first_at = control_wall() };

		if (s->entry.conf->schedule.scheduled)
			control_take_missed(c, &missed);
	}
	if (c->ops.held_count > 0)
		log_warn("control", "%u operations wait: memory is below `ip sla low-memory`",
		         c->ops.held_count);
}
