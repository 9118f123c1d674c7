/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to other systems: the metrics page and the log of results. */
#include "candord/control_state.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/parent_client.h"
#include "export/export_object.h"
#include "export/metric_documents.h"
#include "export/metric_node.h"
#include "export/metric_operations.h"
#include "io/standard_output.h"
#include "object/log_object.h"
#include "object/result_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct control_export {
	struct metrics_server *page;
	struct result_log *log;
	bool has_stream;
	bool is_open;              /* the page's port */
	char error[DIAG_TEXT_MAX]; /* why not */
	bool log_fails;            /* which was said */
};

static const struct export_conf *conf_of(const struct control *c)
{
	static const struct export_conf none;

	return c->config ? &c->config->exports : &none;
}

/* --- the page ------------------------------------------------------------------------------------- */

static bool permits(void *ctx, const struct inet_addr *from)
{
	const struct metrics_conf *m = &conf_of(ctx)->metrics;

	return !m->access_list || access_list_permits(&m->rules, from);
}

static void view_export(struct control *c, struct export_view *ret)
{
	const struct control_export *x = c->exports;
	const struct export_conf *conf = conf_of(c);
	uint32_t max = conf->metrics.max_operations;

	*ret = (struct export_view) {
		.metrics = {
			.enabled = conf->metrics.enabled,
			.is_open = x->is_open,
			.address = conf->metrics.address,
			.port = conf->metrics.port,
			.connections = metrics_server_connections(x->page),
			.operations_max = max,
			.operations_omitted = c->ops.count > max ? c->ops.count - max : 0,
			.counters = *metrics_server_counters(x->page),
		},
		.log_wanted = {
			[RESULT_LOG_FILE] = conf->result_log.enabled,
			[RESULT_LOG_STREAM] = x->has_stream,
		},
	};
	memcpy(ret->metrics.error, x->error, sizeof(x->error));
	for (unsigned i = 0; i < RESULT_LOG_TARGETS; i++)
		result_log_view(x->log, (enum result_log_target)i, &ret->log[i]);
}

static bool write_node(void *ctx, uint64_t *at, struct metric_text *t)
{
	struct export_view exports;
	struct node_view view;

	(void)at;
	if (control_look_at_engine(ctx) < 0)
		log_debug("metrics", "the engine is slow to answer, showing what it last said");
	control_node_view(ctx, &view);
	metric_node_write(&view, t);
	view_export(ctx, &exports);
	metric_export_write(&exports, t);
	return false;
}

static bool write_operations(void *ctx, uint64_t *at, struct metric_text *t)
{
	struct node_view view;

	control_node_view(ctx, &view);
	return metric_operations_write(&view, conf_of(ctx)->metrics.max_operations, at, t);
}

/* ``*at`` is the family in its upper half and in its lower one where the next page of its list begins. */
static bool write_documents(void *ctx, uint64_t *at, struct metric_text *t)
{
	unsigned family = (unsigned)(*at >> 32);
	int64_t after = (uint32_t)*at, next = 0;
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *page = NULL;
	const struct object_request request = {
		.verb = OBJECT_LIST,
		.path = metric_documents_path(family),
		.body = body,
		.caller = { ROLE_VIEWER, "metrics", "metrics", 0 },
	};
	struct diag d = { 0 };

	doc_add_int(&a, body, "after", after);
	doc_add_int(&a, body, "limit", OBJECT_LIST_MAX);
	if (control_dispatch(ctx, &request, &a, &page, &d) == 0) {
		metric_documents_add(family, control_node_name(ctx), page, after == 0, t);
		next = doc_int(page, "next", 0);
	}
	arena_free(&a);
	*at = next > after ? (uint64_t)family << 32 | (uint32_t)next : (uint64_t)(family + 1) << 32;
	return metric_documents_path((unsigned)(*at >> 32)) != NULL;
}

static void bind_page(struct control *c)
{
	const struct metrics_conf *m = &conf_of(c)->metrics;
	struct control_export *x = c->exports;
	struct diag d = { 0 };

	x->is_open = false;
	(void)!metrics_server_listen(x->page, -1); /* to let go needs no memory */
	if (!m->enabled) {
		x->error[0] = '\0';
		return;
	}
	int fd = parent_bind_namp(CONTROL_PARENT_REQUESTS, false, &m->address, m->port, &d);
	int rc = fd < 0 ? fd : metrics_server_listen(x->page, fd);

	if (fd >= 0 && rc < 0)
		(void)diag_set(&d, rc, "%s", strerror(-rc));
	if (rc < 0 && strcmp(x->error, d.text) != 0) /* said once, tried again and again */
		log_err("metrics", "TCP port %u is not served: %s", m->port, d.text);
	else if (rc == 0 && x->error[0] != '\0')
		log_info("metrics", "TCP port %u is served now", m->port);
	(void)snprintf(x->error, sizeof(x->error), "%s", rc < 0 ? d.text : "");
	x->is_open = rc == 0;
}

/* --- the log -------------------------------------------------------------------------------------- */

static void add_line(struct control *c, const struct doc *line, struct arena *a)
{
	result_log_add(c->exports->log, line);
	arena_free(a);
}

void control_export_result(struct control *c, const struct op_entry *e)
{
	struct arena a = { 0 };

	if (result_log_is_wanted(c->exports->log))
		add_line(c, log_result_doc(control_node_name(c), e, &a), &a);
}

void control_export_state(struct control *c, const struct op_entry *e, enum sla_state before)
{
	struct arena a = { 0 };

	if (e->state != before && result_log_is_wanted(c->exports->log))
		add_line(c, log_state_doc(control_node_name(c), e, before, control_wall(), &a), &a);
}

void control_export_flush(struct control *c)
{
	struct control_export *x = c->exports;

	if (result_log_is_wanted(x->log))
		control_say_once(&x->log_fails,
		                 result_log_flush(x->log, control_node_name(c), control_wall()),
		                 "log of results");
}

/* --- life ----------------------------------------------------------------------------------------- */

void control_export_apply(struct control *c, const struct config_diff *diff, bool is_first)
{
	struct control_export *x = c->exports;
	const struct result_log_conf *log = &conf_of(c)->result_log;

	if (diff->metrics || is_first) {
		bind_page(c);
		metrics_server_recheck(x->page);
	}
	if (diff->result_log || is_first)
		result_log_set_file(x->log, log->enabled, (uint64_t)log->max_mb << 20, log->files);
}

void control_export_retry(struct control *c)
{
	if (conf_of(c)->metrics.enabled && !c->exports->is_open)
		bind_page(c);
}

int control_export_start(struct control *c)
{
	const struct metric_section sections[] = { { write_node, c },
		                                   { write_documents, c },
		                                   { write_operations, c } };
	const struct metrics_server_cfg page = {
		.sections = sections,
		.section_count = ARRAY_LEN(sections),
		.permits = permits,
		.ctx = c,
	};
	struct control_export *x = xcalloc(1, sizeof(*x));

	c->exports = x;
	x->page = metrics_server_new(c->base, &page);
	x->log = result_log_new(CONTROL_STATE_DIR);
	x->has_stream = c->options->result_log_stdout;
	if (!x->has_stream)
		return 0;
	int fd = standard_output_open();

	if (fd < 0)
		return fd;
	result_log_set_stream(x->log, fd);
	return 0;
}

void control_export_stop(struct control *c)
{
	struct control_export *x = c->exports;

	if (!x)
		return;
	metrics_server_free(x->page);
	control_export_flush(c);
	result_log_free(x->log);
	free(x);
	c->exports = NULL;
}

int control_export_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d)
{
	struct export_view view;

	(void)request, (void)d; /* there is one path to get */
	view_export(ctx, &view);
	*ret = object_new(a, "export");
	export_fill(&view, a, *ret);
	return 0;
}
