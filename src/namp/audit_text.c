/* SPDX-License-Identifier: Apache-2.0 */
/* A change in a few words.  Configuration lines may hold keys, and a member that a later version knows
 * may hold anything: only what is listed here is shown. */
#include "namp/audit_text.h"

#include "base/clocktypes.h"
#include "namp/message_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define VALUE_MAX 100 /* octets of one text */

static const struct {
	const char *path; /* of the request, or what it begins with; NULL: any */
	const char *key;
} shown[] = {
	{ NULL, "number" },        { NULL, "comment" },           { NULL, "confirm_minutes" },
	{ "alarm", "name" },       { "alarm", "severity" },       { "alarm", "text" },
	{ "alarm", "scope" },      { "alarm", "from" },           { "alarm", "to" },
	{ "maintenance", "name" }, { "maintenance", "start_ns" }, { "maintenance", "end_ns" },
	{ "maintenance", "text" }, { "maintenance", "scope" },    { "maintenance", "from" },
	{ "maintenance", "to" },   { "message", "text" },         { "message", "scope" },
	{ "message", "to" },
};

static bool is_shown(const char *path, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		if (strcmp(shown[i].key, key) == 0 &&
		    (!shown[i].path || strcmp(shown[i].path, path) == 0))
			return true;
	}
	return false;
}

/* A list of texts, or how many there are of anything else. */
static void write_list(FILE *to, const struct doc *list, bool is_open)
{
	if (!is_open) {
		(void)fprintf(to, "(%" PRIu32 ")", list->count);
		return;
	}
	for (const struct doc_member *m = doc_first(list); m; m = m->next)
		(void)fprintf(to, "%s%s", m == doc_first(list) ? "" : ",",
		              m->value.kind == DOC_TEXT ? m->value.text : "?");
}

static void write_value(FILE *to, const struct doc *v, bool is_open)
{
	switch (v->kind) {
	case DOC_NULL:
		(void)fputs("null", to);
		break;
	case DOC_BOOL:
		(void)fputs(v->boolean ? "true" : "false", to);
		break;
	case DOC_INT:
		if (is_open)
			(void)fprintf(to, "%" PRId64, v->integer);
		else
			(void)fputs("(number)", to);
		break;
	case DOC_REAL:
		(void)fputs("(number)", to);
		break;
	case DOC_TEXT:
		if (is_open)
			(void)fprintf(to, "\"%.*s\"", VALUE_MAX, v->text);
		else
			(void)fprintf(to, "(%zu octets)", strlen(v->text));
		break;
	case DOC_LIST:
	case DOC_MAP:
		write_list(to, v, is_open && v->kind == DOC_LIST);
		break;
	}
}

/* "start_ns": the instant as people read it. */
static bool write_instant(FILE *to, const char *key, const struct doc *v)
{
	size_t len = strlen(key);
	time_t seconds = v->integer / NS_PER_S;
	char text[32];
	struct tm tm;

	if (v->kind != DOC_INT || v->integer < 0 || len < 4 || strcmp(key + len - 3, "_ns") != 0 ||
	    !gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%FT%TZ", &tm) == 0)
		return false;
	(void)fprintf(to, " %.*s %s", (int)len - 3, key, text);
	return true;
}

/* A name that a body gives to one of its members. */
static bool is_word(const char *key)
{
	size_t len = strlen(key);

	return len > 0 && len <= 32 && strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

const char *audit_text(struct arena *a, const struct object_request *request)
{
	const char *action = doc_text(request->body, "action", "");
	char text[4096] = "";
	FILE *to = fmemopen(text, sizeof(text) - 1, "w");

	if (!to)
		return ""; /* out of memory: who, what and where are entered all the same */
	(void)fputs(is_word(action) ? action : "", to);
	bool is_map = request->body && request->body->kind == DOC_MAP;

	for (const struct doc_member *m = is_map ? request->body->first : NULL; m; m = m->next) {
		if (strcmp(m->key, "action") == 0)
			continue;
		bool is_open = is_shown(request->path, m->key);

		if (is_open && write_instant(to, m->key, &m->value))
			continue;
		(void)fprintf(to, " %s ", is_word(m->key) ? m->key : "?");
		write_value(to, &m->value, is_open);
	}
	(void)fclose(to); /* what does not fit is left out */
	const char *plain = message_plain_text(a, text[0] == ' ' ? text + 1 : text);

	return arena_strndup(a, plain, strnlen(plain, AUDIT_TEXT_MAX));
}
