/* SPDX-License-Identifier: Apache-2.0 */
/* Requests about the configuration, and the candidates that they edit. */
#include "candord/config_service.h"

#include "base/log.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "candord/config_state.h"
#include "config/text_diff.h"
#include "object/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINES_PER_REQUEST 1000u
#define CONFIRM_MAX_MIN   1440

/* One request while it is answered. */
struct ask {
	struct config_service *s;
	const struct object_request *q;
	struct arena *a;
	struct doc *to;
	struct diag *d;
};

struct config_service *config_service_new(const struct config_edges *edges, int state_dir)
{
	struct config_service *s = xcalloc(1, sizeof(*s));
	struct diag d = { 0 };

	s->edges = *edges;
	if (archive_load(&s->archive, state_dir, &d) < 0)
		log_err("config", "%s: beginning a new one", d.text);
	return s;
}

static void editor_close(struct editor *e)
{
	candidate_free(e->candidate);
	*e = (struct editor) { 0 };
}

void config_service_free(struct config_service *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < ARRAY_LEN(s->editors); i++)
		editor_close(&s->editors[i]);
	candidate_text_free(s->running.text, s->running.len);
	candidate_text_free(s->confirmed.text, s->confirmed.len);
	free(s);
}

void config_service_session_ended(struct config_service *s, uint64_t session)
{
	for (size_t i = 0; i < ARRAY_LEN(s->editors); i++) {
		if (s->editors[i].candidate && s->editors[i].session == session)
			editor_close(&s->editors[i]);
	}
}

/* --- candidates ---------------------------------------------------------------------------------- */

static struct editor *editor_find(struct config_service *s, uint64_t session)
{
	for (size_t i = 0; i < ARRAY_LEN(s->editors); i++) {
		if (s->editors[i].candidate && s->editors[i].session == session)
			return &s->editors[i];
	}
	return NULL;
}

/* The caller's candidate; -ENOENT: there is none. */
static int editor_of(const struct ask *k, struct editor **ret)
{
	*ret = editor_find(k->s, k->q->caller.session);
	if (!*ret)
		return diag_set(
		        k->d, -ENOENT,
		        "this session edits nothing: begin with `edit` (configure terminal)");
	return 0;
}

static struct candidate *candidate_on_running(const struct config_service *s, struct diag *d)
{
	struct config_errors errors;
	struct candidate *c = NULL;

	if (candidate_new(s->running.text, s->running.len, &c, &errors) == 0)
		return c;
	(void)diag_set(d, -EIO, "the running configuration cannot be read again: %s",
	               errors.count ? errors.errors[0].text : "");
	config_errors_fini(&errors);
	return NULL;
}

static int editor_open(const struct ask *k, struct candidate *c, struct editor **ret)
{
	const struct object_caller *caller = &k->q->caller;
	char text[DIAG_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(k->s->editors); i++) {
		struct editor *e = &k->s->editors[i];

		if (e->candidate)
			continue;
		*e = (struct editor) {
			.session = caller->session,
			.since = k->s->edges.wall(k->s->edges.ctx),
			.candidate = c,
			.base = k->s->running.generation,
		};
		utf8_copy_plain(e->who, sizeof(e->who), caller->name);
		utf8_copy_plain(e->from, sizeof(e->from), caller->origin);
		(void)snprintf(text, sizeof(text), "%s begins to edit the configuration", e->who);
		config_tell(k->s, "edit", caller, text);
		*ret = e;
		return 0;
	}
	return diag_set(k->d, -EDQUOT, "%u sessions edit already: expected fewer",
	                CONFIG_CANDIDATES_MAX);
}

/* The caller's candidate; a new one on the running configuration when there is none. */
static int editor_get(const struct ask *k, struct editor **ret)
{
	*ret = editor_find(k->s, k->q->caller.session);
	if (*ret)
		return 0;
	struct candidate *c = candidate_on_running(k->s, k->d);

	if (!c)
		return -EIO;
	int rc = editor_open(k, c, ret);

	if (rc < 0)
		candidate_free(c);
	return rc;
}

static void add_editors(const struct ask *k)
{
	struct doc *list = doc_add_list(k->a, k->to, "editors");

	for (size_t i = 0; i < ARRAY_LEN(k->s->editors); i++) {
		const struct editor *e = &k->s->editors[i];

		if (!e->candidate || e->session == k->q->caller.session)
			continue;
		struct doc *row = doc_add_map(k->a, list, NULL);

		doc_add_text(k->a, row, "who", e->who);
		doc_add_text(k->a, row, "from", e->from);
		doc_add_int(k->a, row, "since_ns", e->since.ns);
		doc_add_int(k->a, row, "session", (int64_t)e->session);
	}
}

/* "error" of the line that was refused, or null. */
static void add_error(const struct ask *k, const struct diag *d, uint32_t index)
{
	if (!d) {
		doc_add_null(k->a, k->to, "error");
		return;
	}
	struct doc *error = doc_add_map(k->a, k->to, "error");

	doc_add_int(k->a, error, "index", index);
	doc_add_int(k->a, error, "column", d->column);
	doc_add_text(k->a, error, "text", d->text);
}

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

static int refuse(const struct ask *k, struct config_errors *errors)
{
	return config_service_refused_fill(errors, k->a, k->to, k->d);
}

/* --- edit, complete ------------------------------------------------------------------------------ */

/* Feed the texts of ``lines`` from the first on; *ret_taken, and the error when one was refused. */
static int feed(struct candidate *c, const struct doc *lines, uint32_t *ret_taken, struct diag *d)
{
	*ret_taken = 0;
	for (const struct doc_member *m = doc_first(lines); m; m = m->next) {
		int rc = m->value.kind == DOC_TEXT ? candidate_line(c, m->value.text, d)
		                                   : diag_set(d, -EINVAL, "expected a text");

		if (rc < 0)
			return rc;
		++*ret_taken;
	}
	return 0;
}

static int run_edit(const struct ask *k)
{
	const struct doc *lines = doc_get(k->q->body, "lines");
	struct diag refused = { 0 };
	struct editor *e;
	uint32_t taken;

	if (lines && (lines->kind != DOC_LIST || lines->count > LINES_PER_REQUEST))
		return diag_set(k->d, -EINVAL, "expected `lines`, a list of at most %u texts",
		                LINES_PER_REQUEST);
	int rc = editor_get(k, &e);

	if (rc < 0)
		return rc;
	rc = feed(e->candidate, lines, &taken, &refused);
	doc_add_text(k->a, k->to, "mode", candidate_mode(e->candidate));
	doc_add_int(k->a, k->to, "accepted", taken);
	add_error(k, rc < 0 ? &refused : NULL, taken);
	doc_add_int(k->a, k->to, "base", (int64_t)e->base);
	doc_add_int(k->a, k->to, "generation", (int64_t)k->s->running.generation);
	add_editors(k);
	return 0;
}

static int run_complete(const struct ask *k)
{
	const char *line = doc_text(k->q->body, "line", "");
	struct conf_words words;
	struct editor *e;
	int rc = editor_of(k, &e);

	if (rc < 0)
		return rc;
	candidate_complete(e->candidate, line, k->a, &words);
	struct doc *list = doc_add_list(k->a, k->to, "words");

	for (uint32_t i = 0; i < words.count; i++) {
		struct doc *row = doc_add_map(k->a, list, NULL);

		doc_add_text(k->a, row, "word", words.words[i].word);
		doc_add_text(k->a, row, "help", words.words[i].help);
		doc_add_bool(k->a, row, "own", words.words[i].own);
		doc_add_bool(k->a, row, "argument", words.words[i].is_argument);
	}
	doc_add_bool(k->a, k->to, "line_end", words.line_end);
	return 0;
}

/* --- commit -------------------------------------------------------------------------------------- */

static int take_confirm_minutes(const struct ask *k, uint32_t *ret)
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
static int commit_candidate(const struct ask *k, const struct candidate *c, struct commit *how)
{
	struct config_errors errors;
	struct config *config = NULL;
	char *text = NULL;
	size_t len = 0;
	uint64_t generation = k->s->running.generation;
	int rc = candidate_check(c, &config, &text, &len, &errors);

	if (rc == -EINVAL)
		return refuse(k, &errors);
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

static int run_commit(const struct ask *k)
{
	struct commit how = {
		.caller = &k->q->caller,
		.comment = doc_text(k->q->body, "comment", NULL),
		.change = "commit",
	};
	struct editor *e;
	int rc = editor_of(k, &e);

	if (rc == 0)
		rc = take_confirm_minutes(k, &how.confirm_minutes);
	if (rc == 0)
		rc = config_commit_allowed(k->s, how.caller, k->d);
	if (rc < 0)
		return rc;
	if (e->base != k->s->running.generation) {
		const struct archive_entry *now =
		        archive_find(&k->s->archive, k->s->running.generation);

		return diag_set(k->d, -ESTALE,
		                "%s changed the configuration meanwhile (generation %" PRIu64
		                "; this candidate began from %" PRIu64
		                "): `rebase` puts your lines on it",
		                now ? now->who : "somebody", k->s->running.generation, e->base);
	}
	rc = commit_candidate(k, e->candidate, &how);
	if (rc == 0)
		editor_close(e);
	return rc;
}

static int run_rebase(const struct ask *k)
{
	struct diag refused = { 0 };
	struct editor *e;
	uint32_t index = 0;
	int rc = editor_of(k, &e);

	if (rc < 0)
		return rc;
	if (e->is_whole && e->base != k->s->running.generation)
		return diag_set(k->d, -ESTALE,
		                "this candidate was set as a whole, which would take back what "
		                "others changed: discard it and begin from what runs now");
	struct candidate *c = candidate_on_running(k->s, k->d);
	char *line = arena_strdup(k->a, candidate_lines(e->candidate));

	if (!c)
		return -EIO;
	for (char *rest = line; rc == 0 && (line = strsep(&rest, "\n")) && *line;) {
		rc = candidate_line(c, line, &refused);
		index += rc == 0;
	}
	if (rc == 0) {
		candidate_free(e->candidate);
		e->candidate = c;
		e->base = k->s->running.generation;
	} else {
		candidate_free(c); /* the one that stands stays */
	}
	add_error(k, rc < 0 ? &refused : NULL, index);
	doc_add_int(k->a, k->to, "base", (int64_t)e->base);
	doc_add_text(k->a, k->to, "mode", candidate_mode(e->candidate));
	return 0;
}

/* --- the candidate as an object ------------------------------------------------------------------ */

static int add_hidden(const struct ask *k, const char *text, size_t len)
{
	size_t hidden_len = 0;
	CLEANUP(freep) char *hidden = text_hide_keys(text, len, &hidden_len);

	object_add_piece(k->a, k->to, hidden, hidden_len, object_body_offset(k->q));
	return 0;
}

static int get_candidate(const struct ask *k)
{
	struct editor *e;
	char *text = NULL;
	size_t len = 0;
	int rc = editor_of(k, &e);

	if (rc == 0)
		rc = candidate_text(e->candidate, &text, &len);
	if (rc < 0)
		return rc;
	(void)add_hidden(k, text, len);
	candidate_text_free(text, len);
	doc_add_int(k->a, k->to, "base", (int64_t)e->base);
	doc_add_int(k->a, k->to, "generation", (int64_t)k->s->running.generation);
	doc_add_text(k->a, k->to, "mode", candidate_mode(e->candidate));
	doc_add_int(k->a, k->to, "lines", candidate_line_count(e->candidate));
	return 0;
}

static int set_candidate(const struct ask *k)
{
	const char *text = doc_text(k->q->body, "text", NULL);
	struct editor *e = editor_find(k->s, k->q->caller.session);
	struct config_errors errors;
	struct candidate *c;

	if (!text)
		return diag_set(k->d, -EINVAL, "expected `text`, a whole configuration");
	if (candidate_new(text, strlen(text), &c, &errors) < 0)
		return refuse(k, &errors);
	int rc = e ? 0 : editor_open(k, c, &e);

	if (rc < 0) {
		candidate_free(c);
		return rc;
	}
	if (e->candidate != c)
		candidate_free(e->candidate);
	e->candidate = c;
	e->is_whole = true;
	doc_add_int(k->a, k->to, "base", (int64_t)e->base);
	doc_add_text(k->a, k->to, "mode", candidate_mode(c));
	add_editors(k);
	return 0;
}

static int delete_candidate(const struct ask *k)
{
	struct editor *e;
	int rc = editor_of(k, &e);

	if (rc == 0)
		editor_close(e);
	return rc;
}

static int get_diff(const struct ask *k)
{
	struct editor *e;
	char *text = NULL, *difference = NULL;
	size_t len = 0, difference_len = 0;
	int rc = editor_of(k, &e);

	if (rc == 0)
		rc = candidate_text(e->candidate, &text, &len);
	if (rc < 0)
		return rc;
	FILE *to = open_memstream(&difference, &difference_len);

	rc = to ? text_diff_write(k->s->running.text, k->s->running.len, text, len, to) : -ENOMEM;
	candidate_text_free(text, len);
	if (to && fclose(to) != 0)
		rc = -ENOMEM;
	if (rc == 0)
		object_add_piece(k->a, k->to, difference, difference_len, object_body_offset(k->q));
	free(difference);
	return rc;
}

/* --- what runs, and what ran --------------------------------------------------------------------- */

static int get_running(const struct ask *k)
{
	const struct config_service *s = k->s;
	struct archive_entry *e = archive_find(&k->s->archive, s->running.generation);

	if (!s->running.text)
		return diag_set(k->d, -ENOENT, "no configuration is loaded");
	(void)add_hidden(k, s->running.text, s->running.len);
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

static int run_confirm(const struct ask *k)
{
	int rc = config_confirm(k->s, &k->q->caller, k->d);

	if (rc == 0)
		doc_add_int(k->a, k->to, "generation", (int64_t)k->s->running.generation);
	return rc;
}

/* Row ``number`` of the archive and its text, which holds keys. */
static int archived(const struct ask *k, uint64_t number, const struct archive_entry **ret,
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

static int run_rollback(const struct ask *k)
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
		rc = take_confirm_minutes(k, &how.confirm_minutes);
	if (rc == 0)
		rc = archived(k, (uint64_t)number, &e, &text, &len);
	if (rc != 0)
		return rc;
	(void)snprintf(comment, sizeof(comment), "as generation %" PRIu64, e->generation);
	how.comment = comment;
	rc = candidate_new(text, len, &c, &errors);
	candidate_text_free(text, len);
	if (rc < 0)
		return refuse(k, &errors);
	rc = commit_candidate(k, c, &how);
	candidate_free(c);
	return rc;
}

static int run_reload(const struct ask *k)
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

static int list_archive(const struct ask *k)
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

static int get_archived(const struct ask *k)
{
	const struct archive_entry *e;
	char *text = NULL, *stop;
	size_t len = 0;
	uint64_t number = strtoull(k->q->path + strlen("config/archive/"), &stop, 10);
	int rc = archived(k, number, &e, &text, &len);

	if (rc < 0)
		return rc;
	(void)add_hidden(k, text, len);
	candidate_text_free(text, len);
	doc_add_int(k->a, k->to, "generation", (int64_t)e->generation);
	return 0;
}

/* --- one operation in one step ------------------------------------------------------------------- */

/* Its schedule line as it stands, or "". */
static const char *schedule_line(const struct config_service *s, uint32_t number, struct arena *a)
{
	char head[40];

	(void)snprintf(head, sizeof(head), "\nip sla schedule %u ", number);
	const char *at = strstr(s->running.text, head);

	return at ? arena_strndup(a, at + 1, strcspn(at + 1, "\n")) : "";
}

static bool has_operation(const struct config_service *s, uint32_t number)
{
	char head[32];

	(void)snprintf(head, sizeof(head), "\nip sla %u\n", number);
	return strstr(s->running.text, head) ||
	       strncmp(s->running.text, head + 1, strlen(head) - 1) == 0;
}

/* A line of the request's own; ``line`` counts those of the body from 1, 0: none of them. */
static int feed_one(const struct ask *k, struct candidate *c, const char *text, uint32_t line)
{
	struct config_errors errors = { 0 };
	struct diag d = { 0 };

	if (candidate_line(c, text, &d) == 0)
		return 0;
	d.line = line;
	errors.count = 1;
	errors.errors = xcalloc(1, sizeof(d));
	errors.errors[0] = d;
	return refuse(k, &errors);
}

/* What the request says of operation ``number``, as lines of ``c``. */
static int edit_operation(const struct ask *k, struct candidate *c, uint32_t number)
{
	const struct doc *lines = doc_get(k->q->body, "lines");
	const char *schedule = doc_text(k->q->body, "schedule", NULL);
	const struct doc_member *m = doc_first(lines);
	bool replaces = m && m->value.kind == DOC_TEXT && has_operation(k->s, number) &&
	                candidate_is_type_line(m->value.text);
	const char *head = arena_printf(k->a, "ip sla %u", number);
	const char *old = replaces && !schedule ? schedule_line(k->s, number, k->a) : "";
	uint32_t line = 0;
	int rc = replaces ? feed_one(k, c, arena_printf(k->a, "no %s", head), 0) : 0;

	if (rc == 0 && (m || !schedule))
		rc = feed_one(k, c, head, 0);
	for (; rc == 0 && m; m = m->next) {
		rc = m->value.kind == DOC_TEXT
		             ? feed_one(k, c, m->value.text, ++line)
		             : diag_set(k->d, -EINVAL, "expected `lines`, a list of texts");
		/* Only what stands below `ip sla N` is of this object. */
		if (rc == 0 && candidate_operation(c) != number)
			rc = diag_set(k->d, -EINVAL, "line %u does not belong below `ip sla %u`",
			              line, number);
	}
	if (rc == 0 && schedule)
		rc = feed_one(k, c, arena_printf(k->a, "ip sla schedule %u %s", number, schedule),
		              line + 1);
	else if (rc == 0 && *old)
		rc = feed_one(k, c, old, 0);
	return rc;
}

int config_service_operation(struct config_service *s, const struct object_request *request,
                             uint32_t number, struct arena *a, struct doc **ret, struct diag *d)
{
	struct ask k = { .s = s, .q = request, .a = a, .to = doc_new_map(a), .d = d };
	struct commit how = { .caller = &request->caller, .change = "commit" };
	const struct doc *lines = doc_get(request->body, "lines");
	int rc = config_commit_allowed(s, how.caller, d);

	*ret = k.to;
	if (rc < 0)
		return rc;
	if (request->verb == OBJECT_DELETE && !has_operation(s, number))
		return diag_set(d, -ENOENT, "there is no operation %u", number);
	if (request->verb != OBJECT_DELETE &&
	    ((lines && (lines->kind != DOC_LIST || lines->count > LINES_PER_REQUEST)) ||
	     (!lines && !doc_get(request->body, "schedule"))))
		return diag_set(d, -EINVAL,
		                "expected `lines`, a list of at most %u texts, `schedule`, or both",
		                LINES_PER_REQUEST);
	struct candidate *c = candidate_on_running(s, d);

	if (!c)
		return -EIO;
	how.comment = arena_printf(a, "%s of operation %u",
	                           request->verb == OBJECT_DELETE ? "delete" : "set", number);
	if (request->verb == OBJECT_DELETE)
		rc = feed_one(&k, c, arena_printf(a, "no ip sla %u", number), 0);
	else
		rc = edit_operation(&k, c, number);
	if (rc == 0)
		rc = commit_candidate(&k, c, &how);
	candidate_free(c);
	return rc;
}

/* --- dispatch ------------------------------------------------------------------------------------ */

struct handler {
	const char *path;
	enum object_verb verb;
	const char *action; /* of run */
	int (*handle)(const struct ask *k);
};

static const struct handler handlers[] = {
	{ "config/running", OBJECT_GET, NULL, get_running },
	{ "config/running", OBJECT_RUN, "confirm", run_confirm },
	{ "config/running", OBJECT_RUN, "rollback", run_rollback },
	{ "config/running", OBJECT_RUN, "reload", run_reload },
	{ "config/candidate", OBJECT_GET, NULL, get_candidate },
	{ "config/candidate", OBJECT_SET, NULL, set_candidate },
	{ "config/candidate", OBJECT_DELETE, NULL, delete_candidate },
	{ "config/candidate", OBJECT_RUN, "edit", run_edit },
	{ "config/candidate", OBJECT_RUN, "complete", run_complete },
	{ "config/candidate", OBJECT_RUN, "commit", run_commit },
	{ "config/candidate", OBJECT_RUN, "rebase", run_rebase },
	{ "config/diff", OBJECT_GET, NULL, get_diff },
	{ "config/archive", OBJECT_LIST, NULL, list_archive },
};

int config_service_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d)
{
	struct ask k = { .s = ctx, .q = request, .a = a, .to = doc_new_map(a), .d = d };
	const char *action = doc_text(request->body, "action", "");
	bool has_path = false;
	int rc;

	*ret = k.to;
	if (request->verb != OBJECT_GET && !k.s->running.text)
		return diag_set(d, -EBUSY, "no configuration is loaded yet");
	if (strncmp(request->path, "config/archive/", 15) == 0 && request->verb == OBJECT_GET)
		return get_archived(&k);
	for (size_t i = 0; i < ARRAY_LEN(handlers); i++) {
		const struct handler *h = &handlers[i];

		if (strcmp(h->path, request->path) != 0 || h->verb != request->verb)
			continue;
		has_path = true;
		if (h->action && strcmp(h->action, action) != 0)
			continue;
		rc = h->handle(&k);
		if (rc < 0 && !d->text[0])
			(void)diag_set(d, rc, "%s", strerror(-rc));
		return rc;
	}
	if (has_path)
		return diag_set(d, -EINVAL, "\"%s\" has no action '%.40s'", request->path, action);
	return diag_set(d, -EOPNOTSUPP, "\"%.80s\" does not take this", request->path);
}
