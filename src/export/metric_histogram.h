/* SPDX-License-Identifier: Apache-2.0 */
/* A sketch as a Prometheus histogram with fixed bounds from 100 us to 10 s. */
#ifndef CANDOR_EXPORT_METRIC_HISTOGRAM_H
#define CANDOR_EXPORT_METRIC_HISTOGRAM_H

#include "base/sketch.h"
#include "export/metric_text.h"

/* _bucket, _sum and _count.  A value counts below a bound when its bucket of the sketch is not above that of
 * the bound, so a bound is right to 1/64 of itself; it is the same for the first value as for the
 * millionth, and no count ever falls. */
void metric_histogram_add(struct metric_text *t, const struct metric_family *f,
                          const struct metric_text *labels, const struct sketch *s, int64_t sum_ns);

#endif
