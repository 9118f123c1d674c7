/* SPDX-License-Identifier: Apache-2.0 */
/* One operation set or deleted in one step: a candidate of the node's own, committed at once. */
#include "candord/config_state.h"

#include "base/xalloc.h"

#include <errno.h>
#include <string.h>

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
static int feed_one(const struct config_ask *k, struct candidate *c, const char *text,
                    uint32_t line)
{
	struct config_errors errors = { 0 };
	struct diag d = { 0 };

	if (candidate_line(c, text, &d) == 0)
		return 0;
	d.line = line;
	errors.count = 1;
	errors.errors = xcalloc(1, sizeof(d));
	errors.errors[0] = d;
	return config_refuse(k, &errors);
}

/* What the request says of operation ``number``, as lines of ``c``. */
static int edit_operation(const struct config_ask *k, struct candidate *c, uint32_t number)
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

bool config_service_aged_out(struct config_service *s, const uint32_t *numbers, uint32_t count)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	char *text = NULL;
	size_t len = 0;
	struct diag d = { 0 };

	if (config_is_pending(s))
		return false;
	struct candidate *c = config_candidate_on_running(s, &d);
	uint32_t gone = 0;

	for (uint32_t i = 0; c && i < count; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "no ip sla %u", numbers[i]);
		gone += has_operation(s, numbers[i]) && candidate_line(c, line, &d) == 0;
	}
	/* Something may still need one of them: then they stay, without a schedule that runs. */
	if (gone > 0 && candidate_check(c, &config, &text, &len, &errors) == 0)
		config_run_unsaved(s, gone == 1 ? "an operation aged out" : "operations aged out",
		                   config, text, len);
	config_errors_fini(&errors);
	candidate_free(c);
	return true;
}

/* A line of the text that begins IP SLA's own configuration: at the top, `ip sla …`. */
static bool begins_sla(const char *line)
{
	return strncmp(line, "ip sla ", 7) == 0;
}

static char *text_without_sla(const struct config_service *s, struct arena *a)
{
	char *kept = arena_alloc(a, s->running.len + 1), *to = kept;
	bool is_ours = false;

	for (const char *line = s->running.text; *line;) {
		size_t len = strcspn(line, "\n");

		len += line[len] == '\n';
		if (*line != ' ')
			is_ours = begins_sla(line);
		if (!is_ours) {
			memcpy(to, line, len);
			to += len;
		}
		line += len;
	}
	*to = '\0';
	return kept;
}

int config_run_reset(const struct config_ask *k)
{
	struct commit how = { .caller = &k->q->caller,
		              .change = "commit",
		              .comment = "ip sla reset" };
	int rc = config_commit_allowed(k->s, how.caller, k->d);
	struct config_errors errors;
	struct candidate *c = NULL;

	if (rc < 0)
		return rc;
	char *text = text_without_sla(k->s, k->a);

	rc = candidate_new(text, strlen(text), &c, &errors);
	explicit_bzero(text, strlen(text)); /* it may hold keys */
	if (rc < 0)
		return config_refuse(k, &errors);
	rc = config_commit_candidate(k, c, &how);
	candidate_free(c);
	return rc;
}

int config_service_operation(struct config_service *s, const struct object_request *request,
                             uint32_t number, struct arena *a, struct doc **ret, struct diag *d)
{
	struct config_ask k = { .s = s, .q = request, .a = a, .to = doc_new_map(a), .d = d };
	struct commit how = { .caller = &request->caller, .change = "commit" };
	const struct doc *lines = doc_get(request->body, "lines");
	int rc = config_commit_allowed(s, how.caller, d);

	*ret = k.to;
	if (rc < 0)
		return rc;
	if (request->verb == OBJECT_DELETE && !has_operation(s, number))
		return diag_set(d, -ENOENT, "there is no operation %u", number);
	if (request->verb != OBJECT_DELETE &&
	    ((lines && (lines->kind != DOC_LIST || lines->count > CONFIG_LINES_PER_REQUEST)) ||
	     (!lines && !doc_get(request->body, "schedule"))))
		return diag_set(d, -EINVAL,
		                "expected `lines`, a list of at most %u texts, `schedule`, or both",
		                CONFIG_LINES_PER_REQUEST);
	struct candidate *c = config_candidate_on_running(s, d);

	if (!c)
		return -EIO;
	how.comment = arena_printf(a, "%s of operation %u",
	                           request->verb == OBJECT_DELETE ? "delete" : "set", number);
	if (request->verb == OBJECT_DELETE)
		rc = feed_one(&k, c, arena_printf(a, "no ip sla %u", number), 0);
	else
		rc = edit_operation(&k, c, number);
	if (rc == 0)
		rc = config_commit_candidate(&k, c, &how);
	candidate_free(c);
	return rc;
}
