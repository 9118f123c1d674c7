/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an administration message. */
#include "namp/message_body.h"

#include "base/clocktypes.h"
#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* The member, or NULL when it is absent or null. */
static const struct doc *member(const struct doc *body, const char *key)
{
	const struct doc *v = doc_get(body, key);

	return v && v->kind != DOC_NULL ? v : NULL;
}

/* --- single members ------------------------------------------------------------------------------ */

static bool is_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/";
	size_t len = strlen(text);

	return len >= 1 && len <= MESSAGE_NAME_MAX && strspn(text, allowed) == len;
}

/* Words joined by slashes. */
static bool is_path(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= MESSAGE_PATH_MAX && utf8_is_plain(text, len) &&
	       !strchr(text, ' ') && text[0] != '/' && text[len - 1] != '/' && !strstr(text, "//");
}

/* A text of ``min`` to ``max`` octets for people. */
static int check_text(const struct doc *body, const char *key, size_t min, size_t max,
                      struct diag *d)
{
	const struct doc *v = doc_get(body, key);

	if (!v || v->kind != DOC_TEXT)
		return diag_set(d, -EINVAL, "a message needs \"%s\", a text", key);
	size_t len = strlen(v->text);

	if (len < min || len > max)
		return diag_set(d, -EILSEQ, "\"%s\" has %zu octets: %zu to %zu can be", key, len,
		                min, max);
	if (!utf8_is_plain(v->text, len))
		return diag_set(d, -EILSEQ, "\"%s\" has control characters", key);
	return 0;
}

static int check_name(const struct doc *body, const char *key, struct diag *d)
{
	const struct doc *v = doc_get(body, key);

	if (!v || v->kind != DOC_TEXT)
		return diag_set(d, -EINVAL, "a message of this type needs \"%s\", a text", key);
	if (!is_name(v->text))
		return diag_set(d, -EILSEQ,
		                "\"%s\" is 1 to %u letters, digits and any of - _ . : /", key,
		                MESSAGE_NAME_MAX);
	return 0;
}

static int check_instant(const struct doc *body, const char *key, int64_t *ret, struct diag *d)
{
	const struct doc *v = doc_get(body, key);

	if (!v || v->kind != DOC_INT)
		return diag_set(d, -EINVAL, "a message of this type needs \"%s\", an integer", key);
	if (v->integer <= 0)
		return diag_set(d, -EILSEQ, "\"%s\" lies before 1970", key);
	*ret = v->integer;
	return 0;
}

static int check_scope(const struct doc *body, struct diag *d)
{
	const struct doc *scope = member(body, "scope");

	if (!scope)
		return 0;
	if (scope->kind != DOC_LIST)
		return diag_set(d, -EINVAL, "\"scope\" is a list of paths");
	if (scope->count > MESSAGE_SCOPE_MAX)
		return diag_set(d, -EILSEQ, "\"scope\" has %u paths: at most %u can be",
		                scope->count, MESSAGE_SCOPE_MAX);
	for (const struct doc_member *m = doc_first(scope); m; m = m->next) {
		if (m->value.kind != DOC_TEXT)
			return diag_set(d, -EINVAL, "\"scope\" is a list of paths");
		if (!is_path(m->value.text))
			return diag_set(d, -EILSEQ,
			                "\"scope\" has something that is no path: words joined "
			                "by /, like sla/operation/10");
	}
	return 0;
}

static int check_measured(const struct doc *body, struct diag *d)
{
	const struct doc *measured = member(body, "measured");

	if (!measured)
		return 0;
	if (measured->kind != DOC_LIST)
		return diag_set(d, -EINVAL, "\"measured\" is a list of maps");
	if (measured->count > MESSAGE_SCOPE_MAX)
		return diag_set(d, -EILSEQ, "\"measured\" has %u entries: at most %u can be",
		                measured->count, MESSAGE_SCOPE_MAX);
	for (const struct doc_member *m = doc_first(measured); m; m = m->next) {
		if (m->value.kind != DOC_MAP)
			return diag_set(d, -EINVAL, "\"measured\" is a list of maps");
	}
	return 0;
}

/* --- by type ------------------------------------------------------------------------------------- */

static int check_severity(const struct doc *body, struct diag *d)
{
	static const char *const severities[] = { "critical", "major", "minor", "warning" };
	const char *severity = doc_text(body, "severity", NULL);

	for (size_t i = 0; severity && i < ARRAY_LEN(severities); i++) {
		if (strcmp(severity, severities[i]) == 0)
			return 0;
	}
	return diag_set(d, severity ? -EILSEQ : -EINVAL,
	                "\"severity\" is one of critical, major, minor and warning");
}

static int check_window(const struct doc *body, struct diag *d)
{
	int64_t start_ns = 0, end_ns = 0;
	int rc = check_instant(body, "start_ns", &start_ns, d);

	if (rc == 0)
		rc = check_instant(body, "end_ns", &end_ns, d);
	if (rc < 0)
		return rc;
	if (end_ns <= start_ns)
		return diag_set(d, -EILSEQ, "the window ends before it begins");
	if ((end_ns - start_ns) / NS_PER_S > (int64_t)MESSAGE_WINDOW_MAX_S)
		return diag_set(d, -EILSEQ, "the window is longer than %d days",
		                MESSAGE_WINDOW_MAX_S / 86400);
	return 0;
}

/* Each action of a type that changes a table; of an action not listed nothing is known. */
static const struct {
	const char *type, *action;
	enum message_effect effect;
	int (*check)(const struct doc *body, struct diag *d);
} effects[] = {
	{ "alarm", "raise", MESSAGE_ALARM_RAISE, check_severity },
	{ "alarm", "clear", MESSAGE_ALARM_CLEAR, NULL },
	{ "alarm", "acknowledge", MESSAGE_ALARM_ACKNOWLEDGE, NULL },
	{ "maintenance", "begin", MESSAGE_WINDOW_BEGIN, check_window },
	{ "maintenance", "end", MESSAGE_WINDOW_END, NULL },
};

static int check_type(const struct doc *body, enum message_effect *ret, struct diag *d)
{
	const char *type = doc_text(body, "type", "");
	bool has_name = strcmp(type, "alarm") == 0 || strcmp(type, "maintenance") == 0;
	int rc = 0;

	*ret = MESSAGE_NO_EFFECT;
	if (has_name || strcmp(type, "config") == 0)
		rc = check_name(body, "action", d);
	if (rc == 0 && has_name)
		rc = check_name(body, "name", d);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(effects); i++) {
		if (strcmp(effects[i].type, type) != 0 ||
		    strcmp(effects[i].action, doc_text(body, "action", "")) != 0)
			continue;
		*ret = effects[i].effect;
		return effects[i].check ? effects[i].check(body, d) : 0;
	}
	return rc;
}

int message_check(const struct doc *body, enum message_effect *ret, struct diag *d)
{
	enum message_effect effect = MESSAGE_NO_EFFECT;
	int64_t at_ns;

	if (!body || body->kind != DOC_MAP)
		return diag_set(d, -EINVAL, "the body of a message is a map");
	int rc = check_name(body, "type", d);

	if (rc == 0)
		rc = check_instant(body, "at_ns", &at_ns, d);
	if (rc == 0)
		rc = check_text(body, "origin", 1, MESSAGE_WHO_MAX, d);
	if (rc == 0)
		rc = check_text(body, "by", 1, MESSAGE_WHO_MAX, d);
	if (rc == 0)
		rc = check_text(body, "text", 0, MESSAGE_TEXT_MAX, d);
	if (rc == 0)
		rc = check_scope(body, d);
	if (rc == 0)
		rc = check_measured(body, d);
	if (rc == 0)
		rc = check_type(body, &effect, d);
	if (rc == 0)
		*ret = effect;
	return rc;
}

/* --- what it says -------------------------------------------------------------------------------- */

static bool is_listed(const char *const *list, const char *key)
{
	for (; *list; list++) {
		if (strcmp(*list, key) == 0)
			return true;
	}
	return false;
}

struct doc *message_copy(struct arena *a, const struct doc *from, const char *const *without)
{
	struct doc *to = doc_new_map(a);

	for (const struct doc_member *m = doc_first(from); m; m = m->next) {
		if (!is_listed(without, m->key))
			doc_add_doc(a, to, m->key, &m->value);
	}
	return to;
}

void message_complete(struct arena *a, struct doc *d, const char *const *keys)
{
	for (; *keys; keys++) {
		if (!doc_get(d, *keys))
			doc_add_null(a, d, *keys);
	}
}

uint32_t message_scope_operation(const char *path)
{
	static const char prefix[] = "sla/operation/";
	const char *p = path + sizeof(prefix) - 1;
	uint64_t number = 0;

	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0 || *p == '0')
		return 0;
	for (; *p >= '0' && *p <= '9' && number <= UINT32_MAX; p++)
		number = number * 10 + (uint64_t)(*p - '0');
	return (*p == '\0' || *p == '/') && number <= INT32_MAX ? (uint32_t)number : 0;
}

bool message_scope_has(const struct doc *body, uint32_t number)
{
	const struct doc *scope = doc_get(body, "scope");

	if (!scope || scope->count == 0)
		return true;
	for (const struct doc_member *m = doc_first(scope); m; m = m->next) {
		const char *path = m->value.kind == DOC_TEXT ? m->value.text : "";

		if (strcmp(path, "sla") == 0 || strcmp(path, "sla/operation") == 0 ||
		    message_scope_operation(path) == number)
			return true;
	}
	return false;
}

const char *message_plain_text(struct arena *a, const char *text)
{
	size_t cap = strnlen(text, MESSAGE_TEXT_MAX) + 1;
	char *copy = arena_alloc(a, cap);

	utf8_copy_plain(copy, cap, text);
	return copy;
}
