/* SPDX-License-Identifier: Apache-2.0 */
/* Requests on the object tree of this node: who answers for which part, and every change entered into
 * the audit log before it is answered. */
#include "candord/control_state.h"

#include "base/log.h"
#include "candord/config_service.h"
#include "io/sandbox.h"
#include "namp/audit.h"
#include "namp/message_service.h"
#include "object/node_object.h"
#include "object/paths.h"
#include "object/result_object.h"
#include "object/tree.h"

#include <errno.h>
#include <string.h>

/* --- what is measured and answered ---------------------------------------------------------------- */

static bool is_about_engine(const char *path)
{
	return strncmp(path, "sla/", 4) != 0 && strncmp(path, "config", 6) != 0;
}

void control_node_view(struct control *c, struct node_view *ret)
{
	const struct namp_server_counters *server = namp_server_counters(c->server);

	*ret = (struct node_view) {
		.hostname = control_node_name(c),
		.confinement = sandbox_describe(),
		.now = control_wall(),
		.started_at = c->started_at,
		.now_mono = control_mono(),
		.config_changed_at = c->config_changed_at,
		.clock = c->engine.end.clock,
		.config = c->config,
		.op_count = c->ops.count,
		.op_max = CONFIG_OPS_MAX,
		.ops_held = c->ops.held_count,
		.memory_available_bytes = c->memory_available_bytes,
		.ops = c->ops.entries,
		.responder = c->engine.has_snapshot ? &c->engine.responder : NULL,
		.session_count = c->engine.session_count,
		.sessions = c->engine.sessions,
		.runner = c->engine.has_snapshot ? &c->engine.end.runner : NULL,
		.counters = {
			.results_received = c->results_received,
			.results_lost = c->engine.end.results_lost,
			.reloads = c->reloads,
			.reloads_refused = c->reloads_refused,
			.requests = server->requests,
			.requests_refused = server->requests_refused,
		},
	};
}

static int on_node(void *ctx, const struct object_request *request, struct arena *a,
                   struct doc **ret, struct diag *d)
{
	struct control *c = ctx;
	struct node_view view;

	if (is_about_engine(request->path) && control_look_at_engine(c) < 0)
		log_warn("control", "the engine is slow to answer, showing what it last said");
	control_node_view(c, &view);
	return node_request(&view, request, a, ret, d);
}

/* --- operations, acted on ------------------------------------------------------------------------- */

static struct op_slot *find_slot(struct control *c, const struct object_request *request,
                                 struct diag *d)
{
	uint64_t number = 0;
	struct op_slot *s = NULL;

	if (object_path_number(request->path, &number) && number <= INT32_MAX)
		s = op_table_find(&c->ops, (uint32_t)number);
	if (!s)
		(void)diag_set(d, -ENOENT, "there is no operation %llu",
		               (unsigned long long)number);
	return s;
}

static int run_operation(struct control *c, const struct object_request *request, struct diag *d)
{
	struct op_slot *s = find_slot(c, request, d);

	if (!s)
		return -ENOENT;
	int rc = op_actions_begin(&c->actions, s, request, control_mono(), d);

	if (rc == -EINPROGRESS)
		control_sync_engine(c);
	return rc;
}

void control_finish_action(void *ctx, const struct op_wait *wait, int error, const struct diag *d)
{
	struct control *c = ctx;
	const bool is_state = wait->kind == OP_WAIT_STATE;
	struct op_slot *s = op_table_find(&c->ops, wait->id.number);
	struct arena a = { 0 };
	struct sla_result last;
	struct doc *doc = object_new(&a, is_state ? "sla/operation" : "sla/result");

	if (error == 0 && is_state) {
		if (wait->action == RUNNER_RESTART) {
			op_entry_reset(&s->entry, control_wall());
			op_entry_begin_life(&s->entry, control_mono());
		}
		operation_acted_fill(&s->entry, &a, doc);
	} else if (error == 0 && op_entry_latest(&s->entry, &last)) {
		object_fill(result_rows, &last, &a, doc);
	}
	control_finish(c, wait->ticket, error, error == 0 ? doc : NULL, d);
	arena_free(&a);
}

/* Statistics of one operation, or of all. */
static int clear_statistics(struct control *c, const struct object_request *request,
                            struct arena *a, struct doc **ret, struct diag *d)
{
	bool is_all = strcmp(request->path, "sla/statistics") == 0;
	struct op_slot *s = is_all ? NULL : find_slot(c, request, d);

	if (strcmp(doc_text(request->body, "action", ""), "clear") != 0)
		return diag_set(d, -EINVAL, "statistics take the action clear");
	if (!is_all && !s)
		return -ENOENT;
	for (uint32_t i = 0; i < c->ops.count; i++) {
		if (is_all || c->ops.slots[i] == s)
			op_entry_reset(&c->ops.slots[i]->entry, control_wall());
	}
	control_reactions_forget(c, is_all ? 0 : s->entry.id.number);
	*ret = object_new(a, "sla/statistics");
	statistics_cleared_fill(is_all ? c->ops.count : 1, a, *ret);
	return 0;
}

static int edit_operation(struct control *c, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d)
{
	uint64_t number = 0;

	if (!object_path_number(request->path, &number) || number == 0 || number > INT32_MAX)
		return diag_set(d, -ENOENT, "operations have numbers from 1 to %d", INT32_MAX);
	return config_service_operation(c->configs, request, (uint32_t)number, a, ret, d);
}

static int on_sla(void *ctx, const struct object_request *request, struct arena *a,
                  struct doc **ret, struct diag *d)
{
	struct control *c = ctx;

	if (!object_is_change(request))
		return on_node(ctx, request, a, ret, d);
	if (strncmp(request->path, "sla/statistics", 14) == 0)
		return clear_statistics(c, request, a, ret, d);
	if (request->verb == OBJECT_RUN)
		return run_operation(c, request, d);
	return edit_operation(c, request, a, ret, d);
}

/* --- who answers ---------------------------------------------------------------------------------- */

static unsigned list_providers(struct control *c, struct object_provider ret[CONTROL_PROVIDERS_MAX])
{
	const struct object_provider all[] = {
		{ "", on_node, c },
		{ "sla", on_sla, c },
		{ "sla/reaction", control_reactions_handle, c },
		{ "notification", control_outbound_handle, c },
		{ "track", control_tracks_handle, c },
		{ "route", control_tracks_handle, c },
		{ "config", config_service_handle, c->configs },
		{ "message", messages_handle, c->messages },
		{ "alarm", messages_handle, c->messages },
		{ "maintenance", messages_handle, c->messages },
		{ "audit", audit_handle, c->audit },
		{ "namp", control_namp_handle, c },
		{ "export", control_export_handle, c },
	};

	static_assert(ARRAY_LEN(all) <= CONTROL_PROVIDERS_MAX, "all fit");
	memcpy(ret, all, sizeof(all));
	return ARRAY_LEN(all);
}

int control_dispatch(struct control *c, const struct object_request *request, struct arena *a,
                     struct doc **ret, struct diag *d)
{
	struct object_provider providers[CONTROL_PROVIDERS_MAX];
	unsigned count = list_providers(c, providers);

	return object_dispatch(providers, count, request, a, ret, d);
}

/* A change is entered before it is answered, also one that was refused; what cannot be entered is not
 * carried out. */
int control_handle(void *ctx, const struct object_request *request, struct arena *a,
                   struct doc **ret, struct diag *d)
{
	struct control *c = ctx;
	bool is_audited = audit_concerns(request);
	int rc = is_audited ? audit_begin(c->audit, request, d) : 0;

	if (rc < 0)
		return rc;
	rc = control_dispatch(c, request, a, ret, d);
	if (!is_audited || rc == -EINPROGRESS)
		return rc;
	struct diag why = { 0 };
	int entered = audit_end(c->audit, request->ticket, rc, &why);

	if (entered == 0)
		return rc;
	return diag_set(d, entered, "%s", why.text);
}

void control_finish(struct control *c, uint64_t ticket, int error, const struct doc *doc,
                    const struct diag *d)
{
	struct diag why = { 0 };
	int entered = audit_end(c->audit, ticket, error, &why);

	if (entered < 0)
		(void)namp_server_finish(c->server, ticket, entered, NULL, &why);
	else /* its session may have gone */
		(void)namp_server_finish(c->server, ticket, error, doc, d);
}
