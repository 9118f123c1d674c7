/* SPDX-License-Identifier: Apache-2.0 */
/* The node itself as metrics: software, clock, what it sent and received, its responder. */
#ifndef CANDOR_EXPORT_METRIC_NODE_H
#define CANDOR_EXPORT_METRIC_NODE_H

#include "export/metric_text.h"
#include "object/node.h"

/* All of it; a few kilobytes. */
void metric_node_write(const struct node_view *node, struct metric_text *t);

#endif
