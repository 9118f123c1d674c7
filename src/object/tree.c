/* SPDX-License-Identifier: Apache-2.0 */
/* The object tree: a table of path patterns, each with its verbs. */
#include "object/tree.h"

#include "object/node_object.h"
#include "object/result_object.h"

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

struct object_path {
	const char *pattern; /* '#' stands for an operation's number */
	const char *object;  /* name in the document */
	int (*get)(struct visit *v);
	int (*list)(struct visit *v);
};

static uint32_t page_size(const struct visit *v)
{
	uint32_t limit = v->request->limit ? v->request->limit : OBJECT_LIST_DEFAULT;

	return limit > OBJECT_LIST_MAX ? OBJECT_LIST_MAX : limit;
}

/* Where the next page begins: null after the last one. */
static void add_next(struct visit *v, bool more, uint64_t next)
{
	if (more)
		object_add_u64(v->arena, v->to, "next", next);
	else
		doc_add_null(v->arena, v->to, "next");
}

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
	struct doc *items = doc_add_list(v->arena, v->to, "items");
	uint32_t at = op_above(v->node, v->request->after);
	uint32_t left = page_size(v);
	uint64_t last = v->request->after;

	for (; at < v->node->op_count && left > 0; at++, left--) {
		operation_summary_fill(v->node->ops[at], v->arena,
		                       doc_add_map(v->arena, items, NULL));
		last = v->node->ops[at]->id.number;
	}
	add_next(v, at < v->node->op_count, last);
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
	if (!v->entry->has_result)
		return diag_set(v->diag, -ENOENT, "operation %u has not run yet",
		                v->entry->id.number);
	object_fill(result_rows, &v->entry->last, v->arena, v->to);
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
	struct doc *items = doc_add_list(v->arena, v->to, "items");
	uint64_t at = v->request->after, end = v->node->session_count;

	if (end > at + page_size(v))
		end = at + page_size(v);
	for (; at < end; at++)
		session_fill(&v->node->sessions[at], v->arena, doc_add_map(v->arena, items, NULL));
	add_next(v, at < v->node->session_count, at);
	return 0;
}

static int get_running_config(struct visit *v)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;

	if (!v->node->config)
		return diag_set(v->diag, -ENOENT, "no configuration is loaded");
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return diag_set(v->diag, -ENOMEM, "out of memory");
	int error = config_print(v->node->config, to, false, false);

	if (fclose(to) != 0 || error < 0)
		return diag_set(v->diag, -EIO, "cannot print the configuration");
	doc_add_text(v->arena, v->to, "text", text);
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

static int list_root(struct visit *v);

static const struct object_path paths[] = {
	{ "", "root", NULL, list_root },
	{ "sla/operation", "sla/operation", NULL, list_operations },
	{ "sla/operation/#", "sla/operation", get_operation, NULL },
	{ "sla/statistics", "sla/statistics", NULL, list_operations },
	{ "sla/statistics/#", "sla/statistics", get_statistics, NULL },
	{ "sla/result", "sla/result", NULL, list_operations },
	{ "sla/result/#/latest", "sla/result", get_latest, NULL },
	{ "sla/application", "sla/application", get_application, NULL },
	{ "responder", "responder", get_responder, NULL },
	{ "responder/session", "responder/session", NULL, list_sessions },
	{ "config/running", "config/running", get_running_config, NULL },
	{ "software", "software", get_software, NULL },
	{ "clock", "clock", get_clock, NULL },
	{ "counters", "counters", get_counters, NULL },
};

static int list_root(struct visit *v)
{
	struct doc *items = doc_add_list(v->arena, v->to, "items");

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct doc *row = doc_add_map(v->arena, items, NULL);

		doc_add_text(v->arena, row, "path", paths[i].pattern);
		doc_add_bool(v->arena, row, "get", paths[i].get != NULL);
		doc_add_bool(v->arena, row, "list", paths[i].list != NULL);
	}
	return 0;
}

/* --- requests ------------------------------------------------------------------------------- */

/* Whether ``path`` has the shape of ``pattern``; *ret_number is what stood for '#' (0: nothing). */
static bool match(const char *pattern, const char *path, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (; *pattern; pattern++) {
		if (*pattern != '#') {
			if (*path++ != *pattern)
				return false;
			continue;
		}
		if (*path < '1' || *path > '9')
			return false;
		for (; *path >= '0' && *path <= '9'; path++) {
			number = number * 10 + (uint64_t)(*path - '0');
			if (number > INT32_MAX)
				return false;
		}
	}
	*ret_number = number;
	return *path == '\0';
}

static const struct object_path *find_path(const char *path, uint64_t *ret_number)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (match(paths[i].pattern, path, ret_number))
			return &paths[i];
	}
	return NULL;
}

static int find_entry(struct visit *v, uint64_t number)
{
	if (number == 0)
		return 0;
	uint32_t at = op_above(v->node, number - 1);

	if (at == v->node->op_count || v->node->ops[at]->id.number != number)
		return diag_set(v->diag, -ENOENT, "there is no operation %llu",
		                (unsigned long long)number);
	v->entry = v->node->ops[at];
	return 0;
}

int object_request(const struct node_view *node, const struct object_request *request,
                   struct arena *a, struct doc **ret, struct diag *d)
{
	uint64_t number;
	bool is_get = strcmp(request->verb, "get") == 0;

	if (!is_get && strcmp(request->verb, "list") != 0)
		return diag_set(d, -EINVAL, "unknown verb \"%.40s\": expected get or list",
		                request->verb);
	const struct object_path *path = find_path(request->path, &number);

	if (!path)
		return diag_set(d, -ENOENT, "there is no object \"%.80s\"", request->path);
	int (*answer)(struct visit *) = is_get ? path->get : path->list;

	if (!answer)
		return diag_set(d, -EOPNOTSUPP, "\"%.80s\" does not take %s", request->path,
		                request->verb);
	struct visit v = {
		.node = node,
		.request = request,
		.arena = a,
		.to = object_new(a, path->object),
		.diag = d,
	};
	int error = find_entry(&v, number);

	if (error == 0)
		error = answer(&v);
	if (error < 0)
		return error;
	*ret = v.to;
	return 0;
}
