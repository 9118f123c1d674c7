/* SPDX-License-Identifier: Apache-2.0 */
/* What a line of the log of results says. */
#include "object/log_object.h"

#include "object/names.h"
#include "object/result_object.h"

/* Who it is about; every line can be read without any other. */
static struct doc *new_line(const char *object, const char *agent, const struct op_entry *e,
                            struct arena *a)
{
	struct doc *d = object_new(a, object);

	doc_add_text(a, d, "agent", agent);
	doc_add_text(a, d, "target", e->conf->target);
	doc_add_text(a, d, "tag", e->conf->tag);
	doc_add_text(a, d, "owner", e->conf->owner);
	return d;
}

/* The same where no result says it. */
static struct doc *new_event(const char *object, const char *agent, const struct op_entry *e,
                             wall_t at, struct arena *a)
{
	struct doc *d = new_line(object, agent, e, a);

	doc_add_int(a, d, "number", e->id.number);
	object_add_u64(a, d, "generation", e->id.generation);
	doc_add_text(a, d, "type", name_of_type(e->conf->params.type));
	doc_add_int(a, d, "at_ns", at.ns);
	return d;
}

struct doc *log_result_doc(const char *agent, const struct op_entry *e, struct arena *a)
{
	struct doc *d = new_line("log/result", agent, e, a);
	struct sla_result r;

	if (op_entry_latest(e, &r))
		object_fill(result_rows, &r, a, d);
	return d;
}

struct doc *log_state_doc(const char *agent, const struct op_entry *e, enum sla_state before,
                          wall_t at, struct arena *a)
{
	struct doc *d = new_event("log/state", agent, e, at, a);

	doc_add_text(a, d, "state", name_of_state((uint8_t)e->state));
	doc_add_text(a, d, "was", name_of_state((uint8_t)before));
	return d;
}

struct doc *log_lost_doc(const char *agent, uint64_t count, wall_t at, struct arena *a)
{
	struct doc *d = object_new(a, "log/lost");

	doc_add_text(a, d, "agent", agent);
	doc_add_int(a, d, "at_ns", at.ns);
	object_add_u64(a, d, "count", count);
	return d;
}
