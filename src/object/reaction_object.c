/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of reactions and triggers. */
#include "object/reaction_object.h"

#include "object/rows.h"

const char *reaction_unit_name(enum reaction_unit unit)
{
	static const char *const names[] = {
		[REACT_UNIT_FLAG] = "flag",       [REACT_UNIT_TIME] = "time",
		[REACT_UNIT_PACKETS] = "packets", [REACT_UNIT_CENTI] = "hundredths",
		[REACT_UNIT_INTEGER] = "integer", [REACT_UNIT_PERCENT] = "percent",
	};

	return names[unit];
}

static const char *action_name(uint8_t action)
{
	static const char *const names[REACT_ACTION_COUNT] = { "none", "trap", "trigger",
		                                               "trap_and_trigger" };

	return names[action];
}

static void add_time(struct arena *a, struct doc *to, const char *key, wall_t at)
{
	object_add_of_some(a, to, key, at.ns != 0, at.ns);
}

static void fill_row(const struct reaction_row *r, struct arena *a, struct doc *to)
{
	const struct reaction_element_info *info = &reaction_elements[r->conf.element];
	bool is_flag = info->unit == REACT_UNIT_FLAG;

	doc_add_text(a, to, "element", info->name);
	doc_add_int(a, to, "element_code", info->code);
	doc_add_text(a, to, "unit", reaction_unit_name((enum reaction_unit)info->unit));
	doc_add_text(a, to, "threshold_type", reaction_threshold_names[r->conf.threshold_type]);
	doc_add_int(a, to, "count", r->conf.x);
	doc_add_int(a, to, "count2", r->conf.y);
	object_add_of_some(a, to, "rising", !is_flag, r->conf.rising);
	object_add_of_some(a, to, "falling", !is_flag, r->conf.falling);
	doc_add_text(a, to, "action", action_name(r->conf.action));
	doc_add_bool(a, to, "occurred", r->state.occurred);
	object_add_of_some(a, to, "value", r->state.has_value && !is_flag, r->state.value);
	add_time(a, to, "changed_at_ns", r->changed_at);
	object_add_u64(a, to, "raised", r->raised);
	object_add_u64(a, to, "cleared", r->cleared);
	object_add_u64(a, to, "suppressed", r->suppressed);
}

static void fill_trigger(const struct trigger_row *t, struct arena *a, struct doc *to)
{
	doc_add_int(a, to, "target", t->conf.target);
	doc_add_text(a, to, "state", t->is_active ? "active" : "pending");
	add_time(a, to, "changed_at_ns", t->changed_at);
	object_add_u64(a, to, "fired", t->fired);
}

void reactions_fill(uint32_t operation, const struct reaction_row *rows, uint32_t row_count,
                    const struct trigger_row *triggers, uint32_t trigger_count, struct arena *a,
                    struct doc *to)
{
	doc_add_int(a, to, "operation", operation);
	struct doc *list = doc_add_list(a, to, "reactions");

	for (uint32_t i = 0; i < row_count; i++)
		fill_row(&rows[i], a, doc_add_map(a, list, NULL));
	list = doc_add_list(a, to, "triggers");
	for (uint32_t i = 0; i < trigger_count; i++)
		fill_trigger(&triggers[i], a, doc_add_map(a, list, NULL));
}
