/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates: sessions edit, look at and commit their own. */
#include "candord/config_state.h"

#include "base/utf8.h"
#include "config/text_diff.h"
#include "object/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void config_editor_close(struct editor *e)
{
	candidate_free(e->candidate);
	*e = (struct editor) { 0 };
}

void config_service_session_ended(struct config_service *s, uint64_t session)
{
	for (size_t i = 0; i < ARRAY_LEN(s->editors); i++) {
		if (s->editors[i].candidate && s->editors[i].session == session)
			config_editor_close(&s->editors[i]);
	}
}

static struct editor *editor_find(struct config_service *s, uint64_t session)
{
	for (size_t i = 0; i < ARRAY_LEN(s->editors); i++) {
		if (s->editors[i].candidate && s->editors[i].session == session)
			return &s->editors[i];
	}
	return NULL;
}

/* The caller's candidate; -ENOENT: there is none. */
static int editor_of(const struct config_ask *k, struct editor **ret)
{
	*ret = editor_find(k->s, k->q->caller.session);
	if (!*ret)
		return diag_set(
		        k->d, -ENOENT,
		        "this session edits nothing: begin with `edit` (configure terminal)");
	return 0;
}

struct candidate *config_candidate_on_running(const struct config_service *s, struct diag *d)
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

static int editor_open(const struct config_ask *k, struct candidate *c, struct editor **ret)
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
static int editor_get(const struct config_ask *k, struct editor **ret)
{
	*ret = editor_find(k->s, k->q->caller.session);
	if (*ret)
		return 0;
	struct candidate *c = config_candidate_on_running(k->s, k->d);

	if (!c)
		return -EIO;
	int rc = editor_open(k, c, ret);

	if (rc < 0)
		candidate_free(c);
	return rc;
}

static void add_editors(const struct config_ask *k)
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
static void add_error(const struct config_ask *k, const struct diag *d, uint32_t index)
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

static int run_edit(const struct config_ask *k)
{
	const struct doc *lines = doc_get(k->q->body, "lines");
	struct diag refused = { 0 };
	struct editor *e;
	uint32_t taken;

	if (lines && (lines->kind != DOC_LIST || lines->count > CONFIG_LINES_PER_REQUEST))
		return diag_set(k->d, -EINVAL, "expected `lines`, a list of at most %u texts",
		                CONFIG_LINES_PER_REQUEST);
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

static int run_complete(const struct config_ask *k)
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

/* --- commit, rebase ------------------------------------------------------------------------------ */

static int run_commit(const struct config_ask *k)
{
	struct commit how = {
		.caller = &k->q->caller,
		.comment = doc_text(k->q->body, "comment", NULL),
		.change = "commit",
	};
	struct editor *e;
	int rc = editor_of(k, &e);

	if (rc == 0)
		rc = config_take_confirm_minutes(k, &how.confirm_minutes);
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
	rc = config_commit_candidate(k, e->candidate, &how);
	if (rc == 0)
		config_editor_close(e);
	return rc;
}

static int run_rebase(const struct config_ask *k)
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
	struct candidate *c = config_candidate_on_running(k->s, k->d);
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

static int get_candidate(const struct config_ask *k)
{
	struct editor *e;
	char *text = NULL;
	size_t len = 0;
	int rc = editor_of(k, &e);

	if (rc == 0)
		rc = candidate_text(e->candidate, &text, &len);
	if (rc < 0)
		return rc;
	config_add_hidden(k, text, len);
	candidate_text_free(text, len);
	doc_add_int(k->a, k->to, "base", (int64_t)e->base);
	doc_add_int(k->a, k->to, "generation", (int64_t)k->s->running.generation);
	doc_add_text(k->a, k->to, "mode", candidate_mode(e->candidate));
	doc_add_int(k->a, k->to, "lines", candidate_line_count(e->candidate));
	return 0;
}

static int set_candidate(const struct config_ask *k)
{
	const char *text = doc_text(k->q->body, "text", NULL);
	struct editor *e = editor_find(k->s, k->q->caller.session);
	struct config_errors errors;
	struct candidate *c;

	if (!text)
		return diag_set(k->d, -EINVAL, "expected `text`, a whole configuration");
	if (candidate_new(text, strlen(text), &c, &errors) < 0)
		return config_refuse(k, &errors);
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

static int delete_candidate(const struct config_ask *k)
{
	struct editor *e;
	int rc = editor_of(k, &e);

	if (rc == 0)
		config_editor_close(e);
	return rc;
}

static int get_diff(const struct config_ask *k)
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

/* --- all of it ----------------------------------------------------------------------------------- */

const struct config_handler config_editor_handlers[] = {
	{ "config/candidate", OBJECT_GET, NULL, get_candidate },
	{ "config/candidate", OBJECT_SET, NULL, set_candidate },
	{ "config/candidate", OBJECT_DELETE, NULL, delete_candidate },
	{ "config/candidate", OBJECT_RUN, "edit", run_edit },
	{ "config/candidate", OBJECT_RUN, "complete", run_complete },
	{ "config/candidate", OBJECT_RUN, "commit", run_commit },
	{ "config/candidate", OBJECT_RUN, "rebase", run_rebase },
	{ "config/diff", OBJECT_GET, NULL, get_diff },
	{ 0 },
};
