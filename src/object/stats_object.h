/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of what is kept of the past of one operation: lists in pages, of groups and samples. */
#ifndef CANDOR_OBJECT_STATS_OBJECT_H
#define CANDOR_OBJECT_STATS_OBJECT_H

#include "object/node.h"
#include "object/request.h"

/* Each fills ``to`` with what identifies the operation, "items" from where the request asks on, and
 * "next". */
void aggregated_fill(const struct node_view *node, const struct op_entry *e,
                     const struct object_request *q, struct arena *a, struct doc *to);
void enhanced_fill(const struct node_view *node, const struct op_entry *e,
                   const struct object_request *q, struct arena *a, struct doc *to);
void history_fill(const struct node_view *node, const struct op_entry *e,
                  const struct object_request *q, struct arena *a, struct doc *to);

#endif
