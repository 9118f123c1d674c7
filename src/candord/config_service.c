/* SPDX-License-Identifier: Apache-2.0 */
/* Requests about the configuration: what runs, what ran, and commits; config_editor.c has candidates,
 * config_operation.c single operations, config_commit.c what a commit does. */
#include "candord/config_service.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/config_state.h"
#include "config/text_diff.h"
#include "object/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONFIRM_MAX_MIN 1440

struct config_service *config_service_new(const struct config_edges *edges, int state_dir)
{
	struct config_service *s = xcalloc(1, sizeof(*s));
	struct diag d = { 0 };

	s->edges = *edges;
	if (archive_load(&s->archive, state_dir, &d) < 0)
		log_err("config", "%s: beginning a new one", d.text);
	return s;
}

void config_service_free(struct config_service *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < ARRAY_LEN(s->editors); i++)
		config_editor_close(&s->editors[i]);
	candidate_text_free(s->running.text, s->running.len);
	candidate_text_free(s->confirmed.text, s->confirmed.len);
	free(s);
}

/* --- errors and texts ---------------------------------------------------------------------------- */

/* Errors of a text, and -EILSEQ. */
int config_service_refused_fill(struct config_errors *errors, struct arena *a, struct doc *to,
                                struct diag *d)
{
	struct doc *list = doc_add_list(a, to, "errors");
	uint32_t count = errors->count + errors->omitted;

	for (uint32_t i = 0; i < errors->count; i++) {
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_int(a, row, "line", errors->errors[i].line);
		doc_add_int(a, row, "column", errors->errors[i].column);
		doc_add_text(a, row, "text", errors->errors[i].text);
	}
	(void)diag_set(d, -EILSEQ, "the configuration does not hold together: %u error%s", count,
	               count == 1 ? "" : "s");
	config_errors_fini(errors);
	return -EILSEQ;
}

int config_refuse(const struct config_ask *k, struct config_errors *errors)
{
	return config_service_refused_fill(errors, k->a, k->to, k->d);
}

void config_add_hidden(const struct config_ask *k, const char *text, size_t len)
{
	size_t hidden_len = 0;
	CLEANUP(freep) char *hidden = text_hide_keys(text, len, &hidden_len);

	object_add_piece(k->a, k->to, hidden, hidden_len, object_body_offset(k->q));
}

/* --- commit -------------------------------------------------------------------------------------- */

int config_take_confirm_minutes(const struct config_ask *k, uint32_t *ret)
{
	const struct doc *given = doc_get(k->q->body, "confirm_minutes");
	int64_t minutes = doc_int(k->q->body, "confirm_minutes", 0);

	if (given && given->kind != DOC_NULL && (minutes < 1 || minutes > CONFIRM_MAX_MIN))
		return diag_set(k->d, -EINVAL, "expected `confirm_minutes` from 1 to %d",
		                CONFIRM_MAX_MIN);
	*ret = (uint32_t)minutes;
	return 0;
}

static bool is_running(const struct config_service *s, const char *text, size_t len)
{
	return s->running.len == len && memcmp(s->running.text, text, len) == 0;
}

/* Check ``c`` and make it run; nothing is written when it is what runs already. */
int config_commit_candidate(const struct config_ask *k, const struct candidate *c,
                            struct commit *how)
{
	struct config_errors errors;
	struct config *config = NULL;
	char *text = NULL;
	size_t len = 0;
	uint64_t generation = k->s->running.generation;
	int rc = candidate_check(c, &config, &text, &len, &errors);

	if (rc == -EINVAL)
		return config_refuse(k, &errors);
	if (rc < 0)
		return diag_set(k->d, rc, "cannot print the configuration: %s", strerror(-rc));
	if (len > CONFIG_FILE_MAX) {
		config_free(config);
		candidate_text_free(text, len);
		return diag_set(k->d, -EMSGSIZE, "a configuration of more than %u octets",
		                CONFIG_FILE_MAX);
	}
	if (is_running(k->s, text, len)) {
		config_free(config);
		candidate_text_free(text, len);
		if (config_is_pending(k->s) && !how->confirm_minutes)
			rc = config_confirm(k->s, how->caller, k->d);
		else if (config_is_pending(k->s))
			config_extend(k->s, how->confirm_minutes);
	} else {
		rc = config_commit(k->s, how, config, text, len, &generation, k->d);
	}
	if (rc == 0)
		doc_add_int(k->a, k->to, "generation", (int64_t)generation);
	return rc;
}

/* --- what runs, and what ran --------------------------------------------------------------------- */

static int get_running(const struct config_ask *k)
{
	const struct config_service *s = k->s;
	struct archive_entry *e = archive_find(&k->s->archive, s->running.generation);

	if (!s->running.text)
		return diag_set(k->d, -ENOENT, "no configuration is loaded");
	config_add_hidden(k, s->running.text, s->running.len);
	doc_add_int(k->a, k->to, "generation", (int64_t)s->running.generation);
	if (e) {
		doc_add_int(k->a, k->to, "at_ns", e->at.ns);
		doc_add_text(k->a, k->to, "who", e->who);
		doc_add_text(k->a, k->to, "from", e->from);
		doc_add_text(k->a, k->to, "comment", e->comment);
	}
	if (config_is_pending(s))
		doc_add_int(k->a, k->to, "confirm_until_ns", s->until.ns);
	else
		doc_add_null(k->a, k->to, "confirm_until_ns");
	return 0;
}

static int run_confirm(const struct config_ask *k)
{
	int rc = config_confirm(k->s, &k->q->caller, k->d);

	if (rc == 0)
		doc_add_int(k->a, k->to, "generation", (int64_t)k->s->running.generation);
	return rc;
}

/* Row ``number`` of the archive and its text, which holds keys. */
static int archived(const struct config_ask *k, uint64_t number, const struct archive_entry **ret,
                    char **ret_text, size_t *ret_len)
{
	const struct archive_entry *e =
	        number <= UINT32_MAX ? archive_number(&k->s->archive, (uint32_t)number) : NULL;

	if (!e) {
		(void)diag_set(k->d, -ENOENT,
		               "there is no configuration %" PRIu64 " in the archive", number);
		return -ENOENT;
	}
	int rc = archive_text(&k->s->archive, e->generation, ret_text, ret_len);

	if (rc < 0) {
		(void)diag_set(k->d, rc, "cannot read configuration %" PRIu64 " of the archive: %s",
		               number, strerror(-rc));
		return rc;
	}
	*ret = e;
	return 0;
}

static int run_rollback(const struct config_ask *k)
{
	int64_t number = doc_int(k->q->body, "number", -1);
	struct commit how = { .caller = &k->q->caller, .change = "rollback" };
	const struct archive_entry *e;
	struct config_errors errors;
	struct candidate *c = NULL;
	char *text = NULL, comment[64];
	size_t len = 0;
	int rc = config_commit_allowed(k->s, how.caller, k->d);

	if (rc == 0 && (number < 1 || number > (int64_t)ARCHIVE_KEPT))
		rc = diag_set(k->d, -EINVAL, "expected `number` from 1 to %u", ARCHIVE_KEPT);
	if (rc == 0)
		rc = config_take_confirm_minutes(k, &how.confirm_minutes);
	if (rc == 0)
		rc = archived(k, (uint64_t)number, &e, &text, &len);
	if (rc != 0)
		return rc;
	(void)snprintf(comment, sizeof(comment), "as generation %" PRIu64, e->generation);
	how.comment = comment;
	rc = candidate_new(text, len, &c, &errors);
	candidate_text_free(text, len);
	if (rc < 0)
		return config_refuse(k, &errors);
	rc = config_commit_candidate(k, c, &how);
	candidate_free(c);
	return rc;
}

static int run_reload(const struct config_ask *k)
{
	if (config_is_pending(k->s))
		return diag_set(k->d, -ESTALE, "a commit of %s waits for its confirmation",
		                k->s->pending_who);
	int rc = k->s->edges.reload(k->s->edges.ctx, k->q->ticket, k->d);

	if (rc == 0)
		config_service_reloaded_fill(k->s, k->a, k->to);
	return rc;
}

void config_service_reloaded_fill(const struct config_service *s, struct arena *a, struct doc *to)
{
	doc_add_int(a, to, "generation", (int64_t)s->running.generation);
}

static int list_archive(const struct config_ask *k)
{
	struct object_page page = object_page_begin(k->q, k->a, k->to);
	uint64_t number = object_body_after(k->q);
	const struct archive_entry *e;

	for (; number <= ARRAY_LEN(k->s->archive.entries) &&
	       (e = archive_number(&k->s->archive, (uint32_t)number));
	     number++) {
		struct doc *row = doc_new_map(k->a);

		doc_add_int(k->a, row, "number", (int64_t)number);
		doc_add_int(k->a, row, "generation", (int64_t)e->generation);
		doc_add_int(k->a, row, "at_ns", e->at.ns);
		doc_add_text(k->a, row, "who", e->who);
		doc_add_text(k->a, row, "from", e->from);
		doc_add_text(k->a, row, "comment", e->comment);
		doc_add_text(k->a, row, "state",
		             number > 0 && e->state == ARCHIVE_RUNNING
		                     ? "archived"
		                     : archive_state_name(e->state));
		if (!object_page_add(&page, row))
			break;
	}
	object_page_end(&page, archive_number(&k->s->archive, (uint32_t)number) != NULL, number);
	return 0;
}

static int get_archived(const struct config_ask *k)
{
	const struct archive_entry *e;
	char *text = NULL, *stop;
	size_t len = 0;
	uint64_t number = strtoull(k->q->path + strlen("config/archive/"), &stop, 10);
	int rc = archived(k, number, &e, &text, &len);

	if (rc < 0)
		return rc;
	config_add_hidden(k, text, len);
	candidate_text_free(text, len);
	doc_add_int(k->a, k->to, "generation", (int64_t)e->generation);
	return 0;
}

/* --- dispatch ------------------------------------------------------------------------------------ */

static const struct config_handler handlers[] = {
	{ "config/running", OBJECT_GET, NULL, get_running },
	{ "config/running", OBJECT_RUN, "confirm", run_confirm },
	{ "config/running", OBJECT_RUN, "rollback", run_rollback },
	{ "config/running", OBJECT_RUN, "reload", run_reload },
	{ "config/running", OBJECT_RUN, "reset-sla", config_run_reset },
	{ "config/archive", OBJECT_LIST, NULL, list_archive },
	{ 0 },
};

/* Who answers; NULL: nobody, with *ret_has_path when the path takes the verb. */
static const struct config_handler *find_handler(const struct config_handler *h,
                                                 const struct object_request *request,
                                                 bool *ret_has_path)
{
	const char *action = doc_text(request->body, "action", "");

	for (; h->path; h++) {
		if (strcmp(h->path, request->path) != 0 || h->verb != request->verb)
			continue;
		*ret_has_path = true;
		if (!h->action || strcmp(h->action, action) == 0)
			return h;
	}
	return NULL;
}

int config_service_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d)
{
	struct config_ask k = { .s = ctx, .q = request, .a = a, .to = doc_new_map(a), .d = d };
	bool has_path = false;

	*ret = k.to;
	if (request->verb != OBJECT_GET && !k.s->running.text)
		return diag_set(d, -EBUSY, "no configuration is loaded yet");
	if (strncmp(request->path, "config/archive/", 15) == 0 && request->verb == OBJECT_GET)
		return get_archived(&k);
	const struct config_handler *h = find_handler(handlers, request, &has_path);

	if (!h)
		h = find_handler(config_editor_handlers, request, &has_path);
	if (!h && has_path)
		return diag_set(d, -EINVAL, "\"%s\" has no action '%.40s'", request->path,
		                doc_text(request->body, "action", ""));
	if (!h)
		return diag_set(d, -EOPNOTSUPP, "\"%.80s\" does not take this", request->path);
	int rc = h->handle(&k);

	if (rc < 0 && !d->text[0])
		(void)diag_set(d, rc, "%s", strerror(-rc));
	return rc;
}
