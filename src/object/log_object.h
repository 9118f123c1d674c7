/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the log of results (export/result_log.h): documents of their own, each complete. */
#ifndef CANDOR_OBJECT_LOG_OBJECT_H
#define CANDOR_OBJECT_LOG_OBJECT_H

#include "object/node.h"
#include "object/rows.h"

/* "log/result": the latest entry of ``e``: a run, or runs that did not begin. */
struct doc *log_result_doc(const char *agent, const struct op_entry *e, struct arena *a);

/* "log/state": the operation has another state now. */
struct doc *log_state_doc(const char *agent, const struct op_entry *e, enum sla_state before,
                          wall_t at, struct arena *a);

/* "log/lost": ``count`` lines before this one found no room. */
struct doc *log_lost_doc(const char *agent, uint64_t count, wall_t at, struct arena *a);

#endif
