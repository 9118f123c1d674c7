/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: what their bodies say, whether they may be, and who answers. */
#include "object/request.h"

#include "object/paths.h"
#include "object/result_object.h"

#include <errno.h>
#include <string.h>

static uint64_t body_number(const struct object_request *q, const char *key)
{
	int64_t value = doc_int(q->body, key, 0);

	return value > 0 ? (uint64_t)value : 0;
}

uint64_t object_body_after(const struct object_request *q)
{
	return body_number(q, "after");
}

uint32_t object_body_limit(const struct object_request *q)
{
	uint64_t limit = body_number(q, "limit");

	if (limit == 0)
		return OBJECT_LIST_DEFAULT;
	return limit > OBJECT_LIST_MAX ? OBJECT_LIST_MAX : (uint32_t)limit;
}

uint64_t object_body_offset(const struct object_request *q)
{
	return body_number(q, "offset");
}

bool object_is_change(const struct object_request *request)
{
	return request->verb == OBJECT_SET || request->verb == OBJECT_DELETE ||
	       request->verb == OBJECT_RUN;
}

const char *role_name(uint8_t role)
{
	static const char *const names[] = {
		[ROLE_NONE] = "none",
		[ROLE_VIEWER] = "viewer",
		[ROLE_OPERATOR] = "operator",
		[ROLE_ADMINISTRATOR] = "administrator",
	};

	return role < ARRAY_LEN(names) ? names[role] : "unknown";
}

/* "get, list or watch": what the path takes. */
static void list_verbs(const struct object_path *path, char *ret, size_t cap)
{
	unsigned left = 0;
	size_t len = 0;

	for (unsigned verb = OBJECT_GET; verb < OBJECT_VERBS; verb++)
		left += path->role[verb] != ROLE_NONE;
	for (unsigned verb = OBJECT_GET; verb < OBJECT_VERBS; verb++) {
		if (path->role[verb] == ROLE_NONE)
			continue;
		left--;
		len += (size_t)snprintf(ret + len, cap - len, "%s%s", object_verb_name(verb),
		                        left > 1    ? ", "
		                        : left == 1 ? " or "
		                                    : "");
	}
}

int object_check(const struct object_request *request, struct diag *d)
{
	if (request->caller.role == ROLE_NONE)
		return diag_set(
		        d, -EACCES,
		        "%s has no role here: an administrator gives one (namp, user %s role …)",
		        request->caller.name, request->caller.name);
	const struct object_path *path = object_path_find(request->path);

	if (!path)
		return diag_set(d, -ENOENT, "there is no object \"%.80s\"", request->path);
	unsigned verb = request->verb < OBJECT_VERBS ? request->verb : 0;
	uint8_t least = path->role[verb];

	if (least == ROLE_NONE) {
		char verbs[64]; /* all names together fit */

		list_verbs(path, verbs, sizeof(verbs));
		return diag_set(d, -EOPNOTSUPP, "\"%.80s\" does not take %s: it takes %s",
		                request->path, object_verb_name(verb), verbs);
	}
	if (request->caller.role < least)
		return diag_set(d, -EACCES, "%s on \"%.80s\" needs the role %s; %s is %s",
		                object_verb_name(verb), request->path, role_name(least),
		                request->caller.name, role_name((uint8_t)request->caller.role));
	return 0;
}

static bool has_prefix(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(path, prefix, len) == 0 &&
	       (len == 0 || path[len] == '\0' || path[len] == '/');
}

static const struct object_provider *find_provider(const struct object_provider *providers,
                                                   unsigned count, const char *path)
{
	const struct object_provider *best = NULL;

	for (unsigned i = 0; i < count; i++) {
		if (has_prefix(path, providers[i].prefix) &&
		    (!best || strlen(providers[i].prefix) > strlen(best->prefix)))
			best = &providers[i];
	}
	return best;
}

/* What a document of ``path`` is called where its provider does not say. */
static const char *object_name(struct arena *a, const char *path)
{
	const char *pattern = object_path_find(path)->pattern, *mark = strstr(pattern, "/#");

	return mark ? arena_strndup(a, pattern, (size_t)(mark - pattern)) : pattern;
}

int object_dispatch(const struct object_provider *providers, unsigned count,
                    const struct object_request *request, struct arena *a, struct doc **ret,
                    struct diag *d)
{
	int rc = object_check(request, d);

	if (rc < 0)
		return rc;
	if (request->path[0] == '\0')
		return object_list_root(request, a, ret, d);
	const struct object_provider *p = find_provider(providers, count, request->path);

	if (!p)
		return diag_set(d, -ENOENT, "this node has no object \"%.80s\"", request->path);
	rc = p->handle(p->ctx, request, a, ret, d);
	if (rc == 0 && !doc_get(*ret, "schema"))
		object_add_head(a, *ret, object_name(a, request->path));
	return rc;
}
