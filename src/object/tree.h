/* SPDX-License-Identifier: Apache-2.0 */
/* What a node measures and answers, as documents: the provider of the object tree for operations,
 * results, statistics, the responder, software, clock and counters.
 * docs/namp.md section 6 has the paths, object/paths.h the table of them. */
#ifndef CANDOR_OBJECT_TREE_H
#define CANDOR_OBJECT_TREE_H

#include "object/node.h"
#include "object/request.h"

/* Answer a get or list that object_dispatch() let through, from ``node``.  As object_handle. */
NODISCARD int node_request(const struct node_view *node, const struct object_request *request,
                           struct arena *a, struct doc **ret, struct diag *d);

#endif
