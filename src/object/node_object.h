/* SPDX-License-Identifier: Apache-2.0 */
/* Builders of the documents of a node, one a path; used by tree.c. */
#ifndef CANDOR_OBJECT_NODE_OBJECT_H
#define CANDOR_OBJECT_NODE_OBJECT_H

#include "object/node.h"
#include "object/rows.h"

/* operation_object.c */
void operation_fill(const struct node_view *node, const struct op_entry *e, struct arena *a,
                    struct doc *to);
void statistics_fill(const struct node_view *node, const struct op_entry *e, struct arena *a,
                     struct doc *to);
void operation_summary_fill(const struct op_entry *e, struct arena *a, struct doc *to);
/* What it measured last, for administration messages; it has run. */
void operation_measured_fill(const struct op_entry *e, struct arena *a, struct doc *to);
void operation_acted_fill(const struct op_entry *e, struct arena *a, struct doc *to); /* start … */
void statistics_cleared_fill(uint32_t count, struct arena *a, struct doc *to);
/* life, start and ageout of a schedule, which groups have too */
void schedule_when_fill(const struct op_schedule *s, struct arena *a, struct doc *to);
void application_fill(const struct node_view *node, struct arena *a, struct doc *to);

/* group_object.c */
void group_fill(const struct node_view *node, const struct group_conf *g, struct arena *a,
                struct doc *to);

/* responder_object.c */
void responder_fill(const struct node_view *node, struct arena *a, struct doc *to);
void session_fill(const struct responder_session_view *s, struct arena *a, struct doc *to);

/* node_object.c */
void software_fill(const struct node_view *node, struct arena *a, struct doc *to);
void clock_fill(const struct node_view *node, struct arena *a, struct doc *to);
void counters_fill(const struct node_view *node, struct arena *a, struct doc *to);

#endif
