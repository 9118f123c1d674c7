/* SPDX-License-Identifier: Apache-2.0 */
/* The object tree: paths over what runs, answered with documents.  Whatever carries requests (the
 * local socket today) calls object_request(); nothing else leaves the node.
 *
 *   get   sla/operation/N         configuration and state of one operation
 *   get   sla/result/N/latest     its latest run in full
 *   get   sla/statistics/N        state, counters, distribution and latest run
 *   get   sla/application         what this node can do and how much of it is used
 *   get   responder               state, counters, recent sources, permanent ports
 *   get   config/running          the configuration as text, without secrets
 *   get   software | clock | counters
 *   list  sla/operation | sla/statistics | sla/result | responder/session     rows, in pages
 *   list  "" (the root)           every path above with its verbs */
#ifndef CANDOR_OBJECT_TREE_H
#define CANDOR_OBJECT_TREE_H

#include "object/doc.h"
#include "object/node.h"

#define OBJECT_LIST_DEFAULT 100u /* rows in a page */
#define OBJECT_LIST_MAX     1000u

struct object_request {
	const char *verb; /* "get", "list" */
	const char *path; /* as above, without a leading slash */
	uint64_t after;   /* list: begin after this number (sessions: position); 0: at the start */
	uint32_t limit;   /* list: rows wanted; 0: OBJECT_LIST_DEFAULT */
};

/* Answer one request from ``node``; the document lives in ``a``.  0; -ENOENT: no such object or
 * path; -EOPNOTSUPP: the path exists but not with this verb; -EINVAL: the request makes no sense;
 * each with a sentence in ``d``. */
NODISCARD int object_request(const struct node_view *node, const struct object_request *request,
                             struct arena *a, struct doc **ret, struct diag *d);

#endif
