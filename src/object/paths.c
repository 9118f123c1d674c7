/* SPDX-License-Identifier: Apache-2.0 */
/* The table of paths. */
#include "object/paths.h"

#include "object/page.h"
#include "object/result_object.h"

#include <string.h>

#define V      ROLE_VIEWER
#define O      ROLE_OPERATOR
#define A      ROLE_ADMINISTRATOR

#define GET    .role[OBJECT_GET]
#define LIST   .role[OBJECT_LIST]
#define SET    .role[OBJECT_SET]
#define DELETE .role[OBJECT_DELETE]
#define RUN    .role[OBJECT_RUN]
#define WATCH  .role[OBJECT_WATCH]

/* tests/unit/object/test_paths.c compares it with the table of docs/namp.md. */
const struct object_path object_paths[] = {
	{ "", LIST = V },
	{ "software", GET = V },
	{ "clock", GET = V },
	{ "counters", GET = V },
	{ "sla/application", GET = V },
	{ "sla/group", LIST = V },
	{ "sla/operation", LIST = V, WATCH = V },
	{ "sla/operation/#", GET = V, SET = A, DELETE = A, RUN = O, WATCH = V },
	{ "sla/statistics", LIST = V, RUN = O, WATCH = V },
	{ "sla/statistics/#", GET = V, RUN = O, WATCH = V },
	{ "sla/result", LIST = V, WATCH = V },
	{ "sla/result/#/latest", GET = V, WATCH = V },
	{ "sla/result/#/aggregated", LIST = V },
	{ "sla/history/#", LIST = V },
	{ "sla/enhanced/#", LIST = V },
	{ "sla/reaction", LIST = V },
	{ "sla/reaction/#", GET = V },
	{ "notification", GET = V },
	{ "responder", GET = V },
	{ "responder/session", LIST = V },
	{ "track", LIST = V, WATCH = V },
	{ "track/#", GET = V, WATCH = V },
	{ "route", LIST = V },
	{ "message", LIST = V, RUN = O, WATCH = V },
	{ "message/#", GET = V },
	{ "alarm", LIST = V, RUN = O, WATCH = V },
	{ "maintenance", LIST = V, RUN = O, WATCH = V },
	{ "config/running", GET = V, RUN = A, WATCH = V },
	{ "config/candidate", GET = A, SET = A, DELETE = A, RUN = A },
	{ "config/diff", GET = A },
	{ "config/archive", LIST = A },
	{ "config/archive/#", GET = A },
	{ "audit", LIST = A },
	{ "export", GET = V },
	{ "namp", GET = V },
	{ "namp/session", LIST = V },
	{ "namp/session/#", DELETE = A },
	{ "namp/peer", LIST = V },
};

const unsigned object_path_count = ARRAY_LEN(object_paths);

static const char *const verb_names[OBJECT_VERBS] = {
	[OBJECT_GET] = "get",       [OBJECT_LIST] = "list", [OBJECT_SET] = "set",
	[OBJECT_DELETE] = "delete", [OBJECT_RUN] = "run",   [OBJECT_WATCH] = "watch",
};

const char *object_verb_name(unsigned verb)
{
	return verb < OBJECT_VERBS && verb_names[verb] ? verb_names[verb] : "unknown";
}

/* The number at ``text``, which ends with it or with a slash: where it ends, or NULL. */
static const char *take_number(const char *text, uint64_t *ret)
{
	uint64_t number = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (number > ((uint64_t)INT64_MAX - digit) / 10)
			return NULL;
		number = number * 10 + digit;
	}
	if (p == text || (*text == '0' && p > text + 1) || (*p != '\0' && *p != '/'))
		return NULL;
	*ret = number;
	return p;
}

static bool has_pattern(const char *path, const char *pattern)
{
	uint64_t number;

	for (; *pattern && path; pattern++) {
		if (*pattern == '#')
			path = take_number(path, &number);
		else if (*path++ != *pattern)
			return false;
	}
	return path && *path == '\0';
}

const struct object_path *object_path_find(const char *path)
{
	for (unsigned i = 0; i < object_path_count; i++) {
		if (has_pattern(path, object_paths[i].pattern))
			return &object_paths[i];
	}
	return NULL;
}

bool object_path_number(const char *path, uint64_t *ret)
{
	for (const char *word = path; word; word = strchr(word, '/')) {
		word += *word == '/';
		if (take_number(word, ret))
			return true;
	}
	return false;
}

int object_list_root(const struct object_request *q, struct arena *a, struct doc **ret,
                     struct diag *d)
{
	struct doc *to = object_new(a, "root");
	struct object_page page = object_page_begin(q, a, to);
	uint64_t at = object_body_after(q);

	(void)d;
	for (; at < object_path_count; at++) {
		const struct object_path *p = &object_paths[at];
		struct doc *row = doc_new_map(a);

		doc_add_text(a, row, "path", p->pattern);
		for (unsigned verb = OBJECT_GET; verb < OBJECT_VERBS; verb++) {
			if (p->role[verb] != ROLE_NONE)
				doc_add_text(a, row, verb_names[verb], role_name(p->role[verb]));
			else
				doc_add_null(a, row, verb_names[verb]);
		}
		if (!object_page_add(&page, row))
			break;
	}
	object_page_end(&page, at < object_path_count, at);
	*ret = to;
	return 0;
}
