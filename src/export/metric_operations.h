/* SPDX-License-Identifier: Apache-2.0 */
/* Operations as metrics: for each the latest values, counters and the distribution of its round-trip
 * times.  What was not measured has no sample; it is never 0.  docs/metrics.md has the table of them. */
#ifndef CANDOR_EXPORT_METRIC_OPERATIONS_H
#define CANDOR_EXPORT_METRIC_OPERATIONS_H

#include "export/metric_text.h"
#include "object/node.h"
#include <stdbool.h>

/* Append what comes next of the first ``max`` operations, about METRIC_CHUNK octets.  ``*at`` is where the last
 * call stopped, 0 at first; operations may come and go between two calls.  True: there is more. */
bool metric_operations_write(const struct node_view *node, uint32_t max, uint64_t *at,
                             struct metric_text *t);

/* The families, in order; NULL behind the last. */
const struct metric_family *metric_operations_family(unsigned index);

#endif
