/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a node, by path. */
#include "object/tree.h"

#include "object/node_object.h"
#include "object/page.h"
#include "object/paths.h"
#include "object/result_object.h"
#include "object/stats_object.h"

#include <errno.h>
#include <string.h>

/* One request on its way: what the pattern matched, and the document being filled. */
struct visit {
	const struct node_view *node;
	const struct object_request *request;
	const struct op_entry *entry; /* patterns with an operation's number */
	struct arena *arena;
	struct doc *to;
	struct diag *diag;
};

/* How a path of object/paths.h is answered. */
struct answer {
	const char *pattern;
	enum object_verb verb;
	const char *object; /* name in the document */
	int (*fill)(struct visit *v);
};

/* --- operations ----------------------------------------------------------------------------- */

/* The first operation with a number above ``number``. */
static uint32_t op_above(const struct node_view *node, uint64_t number)
{
	uint32_t low = 0, high = node->op_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (node->ops[mid]->id.number > number)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int list_operations(struct visit *v)
{
	struct object_page page = object_page_begin(v->request, v->arena, v->to);
	uint64_t last = object_body_after(v->request);
	uint32_t at = op_above(v->node, last);

	for (; at < v->node->op_count; at++) {
		struct doc *row = doc_new_map(v->arena);

		operation_summary_fill(v->node->ops[at], v->arena, row);
		if (!object_page_add(&page, row))
			break;
		last = v->node->ops[at]->id.number;
	}
	object_page_end(&page, at < v->node->op_count, last);
	doc_add_int(v->arena, v->to, "now_ns", v->node->now.ns);
	return 0;
}

static int get_operation(struct visit *v)
{
	operation_fill(v->node, v->entry, v->arena, v->to);
	return 0;
}

static int get_statistics(struct visit *v)
{
	statistics_fill(v->node, v->entry, v->arena, v->to);
	return 0;
}

static int get_latest(struct visit *v)
{
	struct sla_result last;

	if (!op_entry_latest(v->entry, &last))
		return diag_set(v->diag, -ENOENT, "operation %u has not run yet",
		                v->entry->id.number);
	object_fill(result_rows, &last, v->arena, v->to);
	return 0;
}

static int list_aggregated(struct visit *v)
{
	aggregated_fill(v->node, v->entry, v->request, v->arena, v->to);
	return 0;
}

static int list_history(struct visit *v)
{
	history_fill(v->node, v->entry, v->request, v->arena, v->to);
	return 0;
}

static int list_enhanced(struct visit *v)
{
	enhanced_fill(v->node, v->entry, v->request, v->arena, v->to);
	return 0;
}

static int list_groups(struct visit *v)
{
	const struct config *config = v->node->config;
	struct object_page page = object_page_begin(v->request, v->arena, v->to);
	uint64_t last = object_body_after(v->request);
	uint32_t at = 0, count = config ? config->group_count : 0;

	while (at < count && config->groups[at].number <= last)
		at++;
	for (; at < count; at++) {
		struct doc *row = doc_new_map(v->arena);

		group_fill(v->node, &config->groups[at], v->arena, row);
		if (!object_page_add(&page, row))
			break;
		last = config->groups[at].number;
	}
	object_page_end(&page, at < count, last);
	return 0;
}

static int get_application(struct visit *v)
{
	application_fill(v->node, v->arena, v->to);
	return 0;
}

/* --- the rest ------------------------------------------------------------------------------- */

static int get_responder(struct visit *v)
{
	responder_fill(v->node, v->arena, v->to);
	return 0;
}

static int list_sessions(struct visit *v)
{
	struct object_page page = object_page_begin(v->request, v->arena, v->to);
	uint64_t at = object_body_after(v->request);

	for (; at < v->node->session_count; at++) {
		struct doc *row = doc_new_map(v->arena);

		session_fill(&v->node->sessions[at], v->arena, row);
		if (!object_page_add(&page, row))
			break;
	}
	object_page_end(&page, at < v->node->session_count, at);
	return 0;
}

static int get_software(struct visit *v)
{
	software_fill(v->node, v->arena, v->to);
	return 0;
}

static int get_clock(struct visit *v)
{
	clock_fill(v->node, v->arena, v->to);
	return 0;
}

static int get_counters(struct visit *v)
{
	counters_fill(v->node, v->arena, v->to);
	return 0;
}

static const struct answer answers[] = {
	{ "sla/operation", OBJECT_LIST, "sla/operation", list_operations },
	{ "sla/operation/#", OBJECT_GET, "sla/operation", get_operation },
	{ "sla/statistics", OBJECT_LIST, "sla/statistics", list_operations },
	{ "sla/statistics/#", OBJECT_GET, "sla/statistics", get_statistics },
	{ "sla/result", OBJECT_LIST, "sla/result", list_operations },
	{ "sla/result/#/latest", OBJECT_GET, "sla/result", get_latest },
	{ "sla/result/#/aggregated", OBJECT_LIST, "sla/aggregated", list_aggregated },
	{ "sla/history/#", OBJECT_LIST, "sla/history", list_history },
	{ "sla/enhanced/#", OBJECT_LIST, "sla/enhanced", list_enhanced },
	{ "sla/group", OBJECT_LIST, "sla/group", list_groups },
	{ "sla/application", OBJECT_GET, "sla/application", get_application },
	{ "responder", OBJECT_GET, "responder", get_responder },
	{ "responder/session", OBJECT_LIST, "responder/session", list_sessions },
	{ "software", OBJECT_GET, "software", get_software },
	{ "clock", OBJECT_GET, "clock", get_clock },
	{ "counters", OBJECT_GET, "counters", get_counters },
};

/* --- requests ------------------------------------------------------------------------------- */

static const struct answer *find_answer(const struct object_request *request)
{
	const struct object_path *path = object_path_find(request->path);

	for (size_t i = 0; path && i < ARRAY_LEN(answers); i++) {
		if (answers[i].verb == request->verb &&
		    strcmp(answers[i].pattern, path->pattern) == 0)
			return &answers[i];
	}
	return NULL;
}

/* The operation that the path names, when it names one. */
static int find_entry(struct visit *v)
{
	uint64_t number;

	if (!object_path_number(v->request->path, &number))
		return 0;
	uint32_t at = number > 0 ? op_above(v->node, number - 1) : v->node->op_count;

	if (at == v->node->op_count || v->node->ops[at]->id.number != number)
		return diag_set(v->diag, -ENOENT, "there is no operation %llu",
		                (unsigned long long)number);
	v->entry = v->node->ops[at];
	return 0;
}

int node_request(const struct node_view *node, const struct object_request *request,
                 struct arena *a, struct doc **ret, struct diag *d)
{
	const struct answer *answer = find_answer(request);

	if (!answer)
		return diag_set(d, -ENOENT, "this node has no object \"%.80s\"", request->path);
	struct visit v = {
		.node = node,
		.request = request,
		.arena = a,
		.to = object_new(a, answer->object),
		.diag = d,
	};
	int error = find_entry(&v);

	if (error == 0)
		error = answer->fill(&v);
	if (error < 0)
		return error;
	*ret = v.to;
	return 0;
}
