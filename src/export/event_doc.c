/* SPDX-License-Identifier: Apache-2.0 */
/* Events as documents and as environments. */
#include "export/event_doc.h"

#include "object/names.h"
#include "object/result_object.h"
#include "object/rows.h"

#include <inttypes.h>
#include <string.h>

#define VARIABLES_MAX 28

const char *reaction_event_state(const struct reaction_conf *conf, struct reaction_outcome outcome)
{
	if (reaction_elements[conf->element].unit == REACT_UNIT_FLAG)
		return outcome.event == REACT_RAISED ? "occurred" : "cleared";
	return outcome.is_below ? "below" : "exceeded";
}

static struct doc *begin(const struct event_head *head, const char *kind, struct arena *a)
{
	struct doc *d = object_new(a, "event");

	object_add_u64(a, d, "event", head->serial);
	doc_add_int(a, d, "at_ns", head->at.ns);
	doc_add_text(a, d, "node", head->node);
	doc_add_text(a, d, "kind", kind);
	return d;
}

struct doc *event_doc_reaction(const struct event_head *head, const struct reaction_row *row,
                               const struct op_entry *e, struct reaction_outcome outcome,
                               struct arena *a)
{
	const struct reaction_element_info *info = &reaction_elements[row->conf.element];
	bool is_flag = info->unit == REACT_UNIT_FLAG;
	struct doc *d = begin(head, "reaction", a);

	doc_add_int(a, d, "operation", e->id.number);
	doc_add_text(a, d, "type", name_of_type(e->conf->params.type));
	doc_add_text(a, d, "target", e->conf->target);
	doc_add_text(a, d, "tag", e->conf->tag);
	doc_add_text(a, d, "owner", e->conf->owner);
	doc_add_text(a, d, "element", info->name);
	doc_add_text(a, d, "unit", reaction_unit_name((enum reaction_unit)info->unit));
	doc_add_text(a, d, "state", reaction_event_state(&row->conf, outcome));
	doc_add_bool(a, d, "occurred", outcome.event == REACT_RAISED);
	object_add_of_some(a, d, "value", row->state.has_value && !is_flag, row->state.value);
	object_add_of_some(a, d, "rising", !is_flag, row->conf.rising);
	object_add_of_some(a, d, "falling", !is_flag, row->conf.falling);
	doc_add_text(a, d, "threshold_type", reaction_threshold_names[row->conf.threshold_type]);
	doc_add_int(a, d, "count", row->conf.x);
	doc_add_int(a, d, "count2", row->conf.y);
	doc_add_text(a, d, "sense", e->has_result ? name_of_sense(e->last_sense) : "unknown");
	return d;
}

struct doc *event_doc_track(const struct event_head *head, uint32_t number, bool is_up,
                            const char *what, const char *text, struct arena *a)
{
	struct doc *d = begin(head, "track", a);

	doc_add_int(a, d, "track", number);
	doc_add_text(a, d, "what", what);
	doc_add_text(a, d, "state", is_up ? "up" : "down");
	doc_add_text(a, d, "text", text);
	return d;
}

/* --- environments ------------------------------------------------------------------------------------------ */

struct environment {
	struct arena *a;
	unsigned count;
	const char **at;
};

static void add(struct environment *e, const char *text)
{
	if (e->count < VARIABLES_MAX)
		e->at[e->count++] = text;
}

static struct environment begin_environment(const struct event_head *head, const char *type,
                                            struct arena *a)
{
	struct environment e = { .a = a };
	int64_t ms = head->at.ns / NS_PER_MS;

	e.at = arena_alloc(a, (VARIABLES_MAX + 1) * sizeof(*e.at));
	memset(e.at, 0, (VARIABLES_MAX + 1) * sizeof(*e.at));
	add(&e, arena_printf(a, "_event_id=%" PRIu64, head->serial));
	add(&e, arena_printf(a, "_event_type_string=%s", type));
	add(&e, arena_printf(a, "_event_pub_time=%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000));
	add(&e, arena_printf(a, "_event_pub_sec=%" PRId64, ms / 1000));
	add(&e, arena_printf(a, "_event_pub_msec=%" PRId64, ms % 1000));
	return e;
}

const char *const *event_environment_reaction(const struct event_head *head,
                                              const struct reaction_row *row,
                                              const struct op_entry *entry,
                                              struct reaction_outcome outcome, struct arena *a)
{
	struct environment e = begin_environment(head, "ipsla", a);
	char address[INET_TEXT_MAX];
	struct inet_addr to = entry->conf->params.target;
	struct sla_result last;

	if (op_entry_latest(entry, &last))
		to = last.target; /* as it was measured: a name may have another one by now */

	add(&e, arena_printf(a, "_ipsla_oper_id=%" PRIu32, entry->id.number));
	add(&e, arena_printf(a, "_ipsla_condition=%s", reaction_event_state(&row->conf, outcome)));
	add(&e, arena_printf(a, "_ipsla_react_type=%s", reaction_elements[row->conf.element].name));
	add(&e, arena_printf(a, "_ipsla_dest_ip_addr=%s", inet_addr_format(&to, address)));
	add(&e, arena_printf(a, "_ipsla_threshold_rising=%u", row->conf.rising));
	add(&e, arena_printf(a, "_ipsla_threshold_falling=%u", row->conf.falling));
	add(&e, arena_printf(a, "_ipsla_measured_threshold_value=%" PRId64, row->state.value));
	add(&e, arena_printf(a, "_ipsla_threshold_count1=%u", row->conf.x));
	add(&e, arena_printf(a, "_ipsla_threshold_count2=%u", row->conf.y));
	add(&e, arena_printf(a, "CANDOR_TYPE=%s", name_of_type(entry->conf->params.type)));
	add(&e, arena_printf(a, "CANDOR_TARGET=%s", entry->conf->target));
	add(&e, arena_printf(a, "CANDOR_TAG=%s", entry->conf->tag));
	add(&e, arena_printf(a, "CANDOR_OWNER=%s", entry->conf->owner));
	add(&e, arena_printf(a, "CANDOR_OCCURRED=%s",
	                     outcome.event == REACT_RAISED ? "true" : "false"));
	return e.at;
}

const char *const *event_environment_track(const struct event_head *head, uint32_t number,
                                           bool is_up, const char *what, const char *text,
                                           struct arena *a)
{
	struct environment e = begin_environment(head, "track", a);

	add(&e, arena_printf(a, "_track_number=%" PRIu32, number));
	add(&e, arena_printf(a, "_track_state=%s", is_up ? "up" : "down"));
	add(&e, arena_printf(a, "CANDOR_TRACK=%s", what));
	add(&e, arena_printf(a, "CANDOR_TEXT=%s", text));
	return e.at;
}
