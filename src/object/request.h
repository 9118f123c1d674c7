/* SPDX-License-Identifier: Apache-2.0 */
/* A request on the object tree, whoever carries it, and who answers for which part of the tree.
 * docs/namp.md section 6 has every path with its verbs and roles. */
#ifndef CANDOR_OBJECT_REQUEST_H
#define CANDOR_OBJECT_REQUEST_H

#include "config/namp_conf.h"
#include "object/doc.h"

#define OBJECT_LIST_DEFAULT 100u /* rows in a page */
#define OBJECT_LIST_MAX     1000u

enum object_verb { /* numbers as on the wire */
	           OBJECT_GET = 1,
	           OBJECT_LIST,
	           OBJECT_SET,
	           OBJECT_DELETE,
	           OBJECT_RUN,
	           OBJECT_WATCH,
};

/* Who asks. */
struct object_caller {
	enum admin_role role;
	const char *name;   /* "alice", "local:root" */
	const char *origin; /* "192.0.2.7:41234", "pid 4711" */
	uint64_t session;   /* 0: the node itself */
};

struct object_request {
	enum object_verb verb;
	const char *path;       /* without a leading slash */
	const struct doc *body; /* a map, or NULL */
	struct object_caller caller;
	uint64_t ticket; /* names this request to whoever answers it later */
};

/* Members that many bodies have; absent, or of another type: the default. */
uint64_t object_body_after(const struct object_request *q);  /* "after": 0 */
uint32_t object_body_limit(const struct object_request *q);  /* "limit": 1 … OBJECT_LIST_MAX */
uint64_t object_body_offset(const struct object_request *q); /* "offset": 0 */

/* Answer one request; the document lives in ``a``.  0, or one of these with a sentence in ``d``:
 *   -EINVAL 400   -EACCES 403   -ENOENT 404   -EOPNOTSUPP 405   -ESTALE 409   -EMSGSIZE 413
 *   -EILSEQ 422 (*ret may be a document with "errors")   -EDQUOT 429   -EBUSY 503   -ETIMEDOUT 504
 *   -ENOSPC 507   everything else 500
 * -EINPROGRESS: the answer comes later, by namp_server_finish() with request->ticket. */
typedef int (*object_handle)(void *ctx, const struct object_request *request, struct arena *a,
                             struct doc **ret, struct diag *d);

/* Who answers for a part of the tree: paths that are ``prefix`` or begin with it and a slash.  Roles
 * and verbs have been checked by object_dispatch() against the table of paths. */
struct object_provider {
	const char *prefix;
	object_handle handle;
	void *ctx;
};

/* Look the path up in the table and check verb and role: 0, -EACCES, -ENOENT or -EOPNOTSUPP with a
 * sentence that says what is possible.  A caller without a role learns nothing else. */
NODISCARD int object_check(const struct object_request *request, struct diag *d);

/* Check the request and have the provider with the longest matching prefix answer; the root lists the
 * table itself.  A document without "schema" and "object" gets them.  As object_handle. */
NODISCARD int object_dispatch(const struct object_provider *providers, unsigned count,
                              const struct object_request *request, struct arena *a,
                              struct doc **ret, struct diag *d);

/* Whether the request changes something (set, delete, run), so that it is to be audited. */
bool object_is_change(const struct object_request *request);

/* Text in pieces of at most 256 KiB that end with a line where possible: adds "text" and "next" (null
 * at the end) from ``offset`` on. */
void object_add_piece(struct arena *a, struct doc *to, const char *text, size_t len,
                      uint64_t offset);

const char *role_name(uint8_t role); /* enum admin_role: "viewer" */

#endif
