/* SPDX-License-Identifier: Apache-2.0 */
/* From results to conditions, and from conditions to what follows. */
#include "candord/control_reactions.h"

#include "base/xalloc.h"
#include "candord/control_state.h"
#include "namp/message_service.h"
#include "object/page.h"
#include "object/paths.h"
#include "object/result_object.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- finding ---------------------------------------------------------------------------------------- */

/* The first row of an operation with this number or a higher one. */
static uint32_t first_row(const struct reactions *r, uint32_t number)
{
	uint32_t low = 0, high = r->row_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->rows[middle].conf.operation < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t first_trigger(const struct reactions *r, uint32_t number)
{
	uint32_t low = 0, high = r->trigger_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->triggers[middle].conf.operation < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- triggers ---------------------------------------------------------------------------------------- */

static bool has_trigger_action(const struct reaction_conf *conf)
{
	return conf->action == REACT_ACTION_TRIGGER || conf->action == REACT_ACTION_BOTH;
}

/* Another operation still holds the target. */
static bool is_held(const struct reactions *r, uint32_t target)
{
	for (uint32_t i = 0; i < r->trigger_count; i++) {
		if (r->triggers[i].is_active && r->triggers[i].conf.target == target)
			return true;
	}
	return false;
}

static void act_on_target(struct control *c, uint32_t target, enum runner_action action)
{
	struct op_slot *s = op_table_find(&c->ops, target);

	if (s && s->entry.conf->schedule.scheduled)
		(void)op_table_act(&c->ops, s, action); /* the state comes by itself */
}

static void set_trigger(struct control *c, struct trigger_row *t, bool is_active)
{
	bool was_held = is_held(&c->reactions, t->conf.target);

	if (t->is_active == is_active)
		return;
	/* A target that is not there is not started, and may be triggered later. */
	if (is_active && !op_table_find(&c->ops, t->conf.target))
		return;
	t->is_active = is_active;
	t->changed_at = control_wall();
	t->fired += is_active;
	if (is_active && !was_held)
		act_on_target(c, t->conf.target, RUNNER_TRIGGER);
	else if (!is_active && !is_held(&c->reactions, t->conf.target))
		act_on_target(c, t->conf.target, RUNNER_RELEASE);
}

/* The targets of an operation run while one of its conditions with such an action stands. */
static void look_at_triggers(struct control *c, uint32_t number)
{
	struct reactions *r = &c->reactions;
	bool is_wanted = false;

	for (uint32_t i = first_row(r, number);
	     i < r->row_count && r->rows[i].conf.operation == number; i++)
		is_wanted |= r->rows[i].state.occurred && has_trigger_action(&r->rows[i].conf);
	for (uint32_t i = first_trigger(r, number);
	     i < r->trigger_count && r->triggers[i].conf.operation == number; i++)
		set_trigger(c, &r->triggers[i], is_wanted);
}

/* --- results ------------------------------------------------------------------------------------------ */

static void set_untold(struct reactions *r, struct reaction_row *row, bool is_untold)
{
	r->untold += (uint32_t)is_untold - (uint32_t)row->is_untold;
	row->is_untold = is_untold;
}

static bool tells(const struct reaction_row *row)
{
	return row->conf.action == REACT_ACTION_TRAP || row->conf.action == REACT_ACTION_BOTH;
}

static void note_suppressed(struct control *c, const struct reaction_row *row, bool has_occurred)
{
	char text[DIAG_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	               "operation %" PRIu32 ": condition of %s %s, nobody is told: maintenance",
	               row->conf.operation, reaction_elements[row->conf.element].name,
	               has_occurred ? "occurred" : "is over");
	(void)messages_log_node(c->messages,
	                        &(struct messages_note) { .type = "measurement",
	                                                  .text = text,
	                                                  .operation = row->conf.operation });
}

static void tell(struct control *c, struct reaction_row *row,
                 const struct reaction_event_view *view)
{
	row->is_told = view->outcome.event == REACT_RAISED;
	row->has_alarm = control_tell_reaction(c, view) && row->is_told;
}

static void on_edge(struct control *c, struct reaction_row *row, const struct op_entry *e,
                    struct reaction_outcome outcome)
{
	const struct reaction_event_view view = { row, e, outcome, control_wall(),
		                                  ++c->event_serial };
	bool is_raised = outcome.event == REACT_RAISED;

	row->changed_at = view.at;
	row->raised += is_raised;
	row->cleared += !is_raised;
	if (!tells(row))
		return;
	if (messages_in_maintenance(c->messages, NULL, row->conf.operation, view.at)) {
		row->suppressed++;
		note_suppressed(c, row, is_raised);
		set_untold(&c->reactions, row, row->state.occurred != row->is_told);
		return;
	}
	bool was_untold = row->is_untold;

	set_untold(&c->reactions, row, false);
	/* The tick behind the window has not come yet, and now things are as they were told. */
	if (was_untold && row->state.occurred == row->is_told)
		return;
	tell(c, row, &view);
}

void control_reactions_take(struct control *c, const struct op_slot *s)
{
	const struct op_entry *e = &s->entry;
	struct reactions *r = &c->reactions;
	bool has_changed = false;
	struct sla_result last;

	if (first_row(r, e->id.number) == first_row(r, e->id.number + 1) ||
	    !op_entry_latest(e, &last))
		return;
	for (uint32_t i = first_row(r, e->id.number);
	     i < r->row_count && r->rows[i].conf.operation == e->id.number; i++) {
		struct reaction_row *row = &r->rows[i];

		if (row->conf.threshold_type == REACT_NEVER || row->generation != e->id.generation)
			continue;
		struct reaction_sample sample =
		        reaction_extract((enum reaction_element)row->conf.element, &last);
		struct reaction_outcome outcome = reaction_step(
		        &row->state, &row->conf, (enum reaction_mos)c->config->notify.mos, sample);

		if (outcome.event == REACT_NOTHING)
			continue;
		has_changed = true;
		on_edge(c, row, e, outcome);
	}
	if (has_changed)
		look_at_triggers(c, e->id.number);
}

/* --- forgetting ----------------------------------------------------------------------------------------- */

static void forget_row(struct control *c, struct reaction_row *row)
{
	if (row->has_alarm)
		control_end_alarm(c, &row->conf);
	reaction_reset(&row->state);
	row->has_alarm = row->is_told = false;
	set_untold(&c->reactions, row, false);
}

void control_reactions_forget(struct control *c, uint32_t number)
{
	struct reactions *r = &c->reactions;
	uint32_t last = 0;

	for (uint32_t i = number ? first_row(r, number) : 0;
	     i < r->row_count && (number == 0 || r->rows[i].conf.operation == number); i++) {
		forget_row(c, &r->rows[i]);
		if (r->rows[i].conf.operation != last)
			look_at_triggers(c, r->rows[i].conf.operation);
		last = r->rows[i].conf.operation;
	}
}

void control_reactions_tick(struct control *c)
{
	struct reactions *r = &c->reactions;
	wall_t now = control_wall();

	for (uint32_t i = 0; r->untold > 0 && i < r->row_count; i++) {
		struct reaction_row *row = &r->rows[i];
		const struct op_slot *s = op_table_find(&c->ops, row->conf.operation);

		if (!row->is_untold || !s ||
		    messages_in_maintenance(c->messages, NULL, row->conf.operation, now))
			continue;
		const struct reaction_event_view view = {
			.row = row,
			.entry = &s->entry,
			.outcome = { .event = row->state.occurred ? REACT_RAISED : REACT_CLEARED,
			             .is_below = row->state.edge == REACT_EDGE_BELOW },
			.at = now,
			.serial = ++c->event_serial,
		};

		set_untold(r, row, false);
		tell(c, row, &view);
	}
}

/* --- another configuration -------------------------------------------------------------------------------- */

static uint64_t generation_of(const struct control *c, uint32_t number)
{
	const struct op_slot *s = op_table_find(&c->ops, number);

	return s ? s->entry.id.generation : 0;
}

static struct reaction_row *find_row(const struct reactions *r, const struct reaction_conf *conf)
{
	for (uint32_t i = first_row(r, conf->operation);
	     i < r->row_count && r->rows[i].conf.operation == conf->operation; i++) {
		if (r->rows[i].conf.element == conf->element)
			return &r->rows[i];
	}
	return NULL;
}

static struct reaction_row take_row(struct control *c, const struct reactions *old,
                                    const struct reaction_conf *conf)
{
	const struct reaction_row *before = find_row(old, conf);
	uint64_t generation = generation_of(c, conf->operation);
	struct reaction_row row = { .generation = generation };

	if (before && before->generation == generation) {
		row = *before;
		reaction_reconfigure(&row.state, &before->conf, conf);
	}
	/* Forgotten, and not over: nothing is left of it. */
	if (before && before->state.occurred && !row.state.occurred)
		row.has_alarm = row.is_told = false;
	row.conf = *conf;
	row.is_untold = row.is_untold && row.state.occurred != row.is_told && tells(&row);
	return row;
}

static struct trigger_row take_trigger(const struct reactions *old,
                                       const struct reaction_trigger *conf)
{
	for (uint32_t i = first_trigger(old, conf->operation);
	     i < old->trigger_count && old->triggers[i].conf.operation == conf->operation; i++) {
		if (old->triggers[i].conf.target == conf->target)
			return old->triggers[i];
	}
	return (struct trigger_row) { .conf = *conf };
}

/* Alarms of rows that went, or whose condition was forgotten. */
static void end_alarms(struct control *c, const struct reactions *old)
{
	for (uint32_t i = 0; i < old->row_count; i++) {
		const struct reaction_row *now = find_row(&c->reactions, &old->rows[i].conf);

		if (old->rows[i].has_alarm && (!now || !now->has_alarm))
			control_end_alarm(c, &old->rows[i].conf);
	}
}

/* Targets of triggers that went are not held any more. */
static void release_gone(struct control *c, const struct reactions *old)
{
	for (uint32_t i = 0; i < old->trigger_count; i++) {
		uint32_t target = old->triggers[i].conf.target;

		if (old->triggers[i].is_active && !is_held(&c->reactions, target))
			act_on_target(c, target, RUNNER_RELEASE);
	}
}

void control_reactions_apply(struct control *c)
{
	const struct config *config = c->config;
	struct reactions old = c->reactions, *r = &c->reactions;

	*r = (struct reactions) {
		.rows = xcalloc(config->reaction_count + 1, sizeof(*r->rows)),
		.triggers = xcalloc(config->trigger_count + 1, sizeof(*r->triggers)),
	};
	for (uint32_t i = 0; i < config->reaction_count; i++) {
		r->rows[r->row_count] = take_row(c, &old, &config->reactions[i]);
		r->untold += r->rows[r->row_count++].is_untold;
	}
	for (uint32_t i = 0; i < config->trigger_count; i++)
		r->triggers[r->trigger_count++] = take_trigger(&old, &config->triggers[i]);
	for (uint32_t i = 0; i < r->trigger_count; i++)
		look_at_triggers(c, r->triggers[i].conf.operation);
	release_gone(c, &old);
	end_alarms(c, &old);
	free(old.rows);
	free(old.triggers);
}

void control_reactions_stop(struct control *c)
{
	free(c->reactions.rows);
	free(c->reactions.triggers);
	c->reactions = (struct reactions) { 0 };
}

/* --- objects ------------------------------------------------------------------------------------------------ */

static void fill(const struct reactions *r, uint32_t number, struct arena *a, struct doc *to)
{
	uint32_t row = first_row(r, number), trigger = first_trigger(r, number);

	reactions_fill(number, &r->rows[row], first_row(r, number + 1) - row, &r->triggers[trigger],
	               first_trigger(r, number + 1) - trigger, a, to);
}

/* The operation with the lowest number above ``number`` that has any; 0: there is none. */
static uint32_t next_operation(const struct reactions *r, uint32_t number)
{
	uint32_t row = first_row(r, number + 1), trigger = first_trigger(r, number + 1);
	uint32_t a = row < r->row_count ? r->rows[row].conf.operation : UINT32_MAX;
	uint32_t b = trigger < r->trigger_count ? r->triggers[trigger].conf.operation : UINT32_MAX;
	uint32_t next = a < b ? a : b;

	return next == UINT32_MAX ? 0 : next;
}

static void list(const struct reactions *r, const struct object_request *q, struct arena *a,
                 struct doc *to)
{
	struct object_page page = object_page_begin(q, a, to);
	uint64_t after = object_body_after(q);
	uint32_t last = after > INT32_MAX ? INT32_MAX : (uint32_t)after;
	uint32_t number;

	while ((number = next_operation(r, last)) != 0) {
		struct doc *row = doc_new_map(a);

		fill(r, number, a, row);
		if (!object_page_add(&page, row))
			break;
		last = number;
	}
	object_page_end(&page, number != 0, last);
}

int control_reactions_handle(void *ctx, const struct object_request *request, struct arena *a,
                             struct doc **ret, struct diag *d)
{
	const struct control *c = ctx;
	struct doc *to = object_new(a, "sla/reaction");
	uint64_t number = 0;

	if (request->verb == OBJECT_LIST) {
		list(&c->reactions, request, a, to);
	} else {
		if (!object_path_number(request->path, &number) || number > INT32_MAX ||
		    !config_find_op(c->config, (uint32_t)number))
			return diag_set(d, -ENOENT, "there is no operation %" PRIu64, number);
		fill(&c->reactions, (uint32_t)number, a, to);
	}
	*ret = to;
	return 0;
}
