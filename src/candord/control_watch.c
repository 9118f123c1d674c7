/* SPDX-License-Identifier: Apache-2.0 */
/* What watchers are told (docs/namp.md section 7).  No document is made that nobody watches. */
#include "candord/control_state.h"

#include "candord/config_service.h"
#include "object/node_object.h"
#include "object/paths.h"
#include "object/result_object.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WATCH_PATH_MAX 64

/* One watch to be told what is there now; NULL: everybody, of what has changed. */
struct audience {
	struct control *c;
	const struct object_caller *caller;
	uint64_t id;
};

static bool is_watched(const struct audience *to, const char *path)
{
	return to->caller || namp_server_is_watched(to->c->server, path);
}

static void tell(const struct audience *to, const char *path, const struct doc *object)
{
	wall_t now = control_wall();

	if (to->caller)
		namp_server_publish_to(to->c->server, to->caller->session, to->id, path, now,
		                       object);
	else
		namp_server_publish(to->c->server, path, now, object);
}

static const char *path_of(char to[static WATCH_PATH_MAX], const char *fmt, uint32_t number)
{
	(void)snprintf(to, WATCH_PATH_MAX, "%s/%" PRIu32, fmt, number); /* fits */
	return to;
}

/* The row of `list sla/statistics`. */
static void tell_statistics(const struct audience *to, const struct op_entry *e)
{
	char path[WATCH_PATH_MAX];
	struct arena a = { 0 };

	if (!is_watched(to, path_of(path, "sla/statistics", e->id.number)))
		return;
	struct doc *row = doc_new_map(&a);

	operation_summary_fill(e, &a, row);
	tell(to, path, row);
	arena_free(&a);
}

static void tell_latest(const struct audience *to, const struct op_entry *e)
{
	char path[WATCH_PATH_MAX];
	struct arena a = { 0 };
	struct sla_result last;

	(void)snprintf(path, sizeof(path), "sla/result/%" PRIu32 "/latest", e->id.number);
	if (!is_watched(to, path) || !op_entry_latest(e, &last))
		return;
	struct doc *doc = object_new(&a, "sla/result");

	object_fill(result_rows, &last, &a, doc);
	tell(to, path, doc);
	arena_free(&a);
}

static void tell_operation(const struct audience *to, const struct op_entry *e)
{
	char path[WATCH_PATH_MAX];
	struct arena a = { 0 };

	if (!is_watched(to, path_of(path, "sla/operation", e->id.number)))
		return;
	struct doc *doc = object_new(&a, "sla/operation");
	struct node_view view;

	control_node_view(to->c, &view);
	operation_fill(&view, e, &a, doc);
	tell(to, path, doc);
	arena_free(&a);
}

/* --- what has changed ----------------------------------------------------------------------------- */

void control_publish_result(struct control *c, const struct op_entry *e)
{
	const struct audience everybody = { .c = c };

	tell_statistics(&everybody, e);
	tell_latest(&everybody, e);
}

void control_publish_operation(struct control *c, const struct op_entry *e)
{
	const struct audience everybody = { .c = c };

	tell_operation(&everybody, e);
}

void control_publish_removed(struct control *c, uint32_t number)
{
	const struct audience everybody = { .c = c };
	char path[WATCH_PATH_MAX];

	tell(&everybody, path_of(path, "sla/operation", number), NULL);
}

static const struct doc *config_change_doc(const struct config_change *change, struct arena *a)
{
	struct doc *d = object_new(a, "config/running");

	doc_add_text(a, d, "change", change->change);
	object_add_u64(a, d, "generation", change->generation);
	doc_add_text(a, d, "who", change->who);
	doc_add_text(a, d, "from", change->from);
	doc_add_text(a, d, "text", change->text);
	return d;
}

void control_publish_change(struct control *c, const struct config_change *change)
{
	const struct audience everybody = { .c = c };
	struct arena a = { 0 };

	if (is_watched(&everybody, "config/running"))
		tell(&everybody, "config/running", config_change_doc(change, &a));
	arena_free(&a);
}

void control_publish_operations(struct control *c, const struct config_diff *diff)
{
	for (uint32_t i = 0; i < diff->op_count; i++) {
		const struct op_slot *s = op_table_find(&c->ops, diff->ops[i].number);

		if (s)
			control_publish_operation(c, &s->entry);
		else
			control_publish_removed(c, diff->ops[i].number);
	}
}

/* --- watches that begin --------------------------------------------------------------------------- */

typedef void (*tell_entry)(const struct audience *to, const struct op_entry *e);

/* Which events of operations are at or below ``path``. */
static tell_entry find_entry_teller(const char *path)
{
	if (strncmp(path, "sla/operation", 13) == 0)
		return tell_operation;
	if (strncmp(path, "sla/statistics", 14) == 0)
		return tell_statistics;
	return strncmp(path, "sla/result", 10) == 0 ? tell_latest : NULL;
}

/* The rows of a list, each under its number or, without one, under the path itself. */
static int tell_rows(const struct audience *to, const char *path, struct diag *d)
{
	struct object_request list = { .verb = OBJECT_LIST, .path = path, .caller = *to->caller };
	uint64_t after = 0;

	for (bool is_last = false; !is_last;) {
		struct arena a = { 0 };
		struct doc *body = doc_new_map(&a), *page = NULL;

		doc_add_int(&a, body, "after", (int64_t)after);
		doc_add_int(&a, body, "limit", OBJECT_LIST_MAX);
		list.body = body;
		int rc = control_dispatch(to->c, &list, &a, &page, d);
		const struct doc_member *row = rc == 0 ? doc_first(doc_get(page, "items")) : NULL;

		for (; row; row = row->next) {
			int64_t number = doc_int(&row->value, "number", 0);

			if (strcmp(path, "message") == 0)
				tell(to, arena_printf(&a, "%s/%" PRId64, path, number),
				     &row->value);
			else
				tell(to, path, &row->value);
		}
		int64_t next = rc == 0 ? doc_int(page, "next", 0) : 0;

		is_last = next <= 0 || (uint64_t)next <= after;
		after = next > 0 ? (uint64_t)next : after;
		arena_free(&a);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void tell_running(const struct audience *to)
{
	const struct config_change now = {
		.change = "none",
		.generation = config_service_generation(to->c->configs),
		.who = "",
		.from = "",
		.text = "",
		.at = control_wall(),
	};
	struct arena a = { 0 };

	tell(to, "config/running", config_change_doc(&now, &a));
	arena_free(&a);
}

/* What is there now, at ``path`` and below. */
static int tell_initial(const struct audience *to, const char *path, const struct op_slot *slot,
                        struct diag *d)
{
	tell_entry teller = find_entry_teller(path);

	if (teller && slot) {
		teller(to, &slot->entry);
		return 0;
	}
	for (uint32_t i = 0; teller && i < to->c->ops.count; i++)
		teller(to, to->c->ops.entries[i]);
	if (strcmp(path, "config/running") == 0)
		tell_running(to);
	return teller || strcmp(path, "config/running") == 0 ? 0 : tell_rows(to, path, d);
}

/* One tracked object, which must be there. */
static int watch_track(const struct audience *to, const char *path, bool initial, struct diag *d)
{
	const struct object_request get = { .verb = OBJECT_GET,
		                            .path = path,
		                            .caller = *to->caller };
	struct arena a = { 0 };
	struct doc *object = NULL;
	int rc = control_dispatch(to->c, &get, &a, &object, d);

	if (rc == 0 && initial)
		tell(to, path, object);
	arena_free(&a);
	return rc;
}

int control_watch(void *ctx, const struct object_caller *caller, const char *path, uint64_t id,
                  bool initial, struct diag *d)
{
	struct control *c = ctx;
	const struct audience to = { c, caller, id };
	const struct object_request request = { .verb = OBJECT_WATCH,
		                                .path = path,
		                                .caller = *caller };
	const struct op_slot *slot = NULL;
	uint64_t number;
	int rc = object_check(&request, d);

	if (rc == 0 && strncmp(path, "track/", 6) == 0)
		return watch_track(&to, path, initial, d);
	if (rc == 0 && object_path_number(path, &number)) {
		slot = number <= INT32_MAX ? op_table_find(&c->ops, (uint32_t)number) : NULL;
		if (!slot)
			rc = diag_set(d, -ENOENT, "there is no operation %" PRIu64, number);
	}
	return rc == 0 && initial ? tell_initial(&to, path, slot, d) : rc;
}
