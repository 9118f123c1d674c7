/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to other systems, as an object: the metrics page and the log of results. */
#ifndef CANDOR_EXPORT_EXPORT_OBJECT_H
#define CANDOR_EXPORT_EXPORT_OBJECT_H

#include "export/metrics_server.h"
#include "export/result_log.h"
#include "object/rows.h"

struct metrics_view {
	bool enabled, is_open;
	struct inet_addr address;
	uint16_t port;
	char error[DIAG_TEXT_MAX]; /* why it is not open; "" when it is */
	uint32_t connections;
	uint32_t operations_max;     /* on the page */
	uint32_t operations_omitted; /* beyond them */
	struct metrics_server_counters counters;
};

struct export_view {
	struct metrics_view metrics;
	struct result_log_view log[RESULT_LOG_TARGETS];
	bool log_wanted[RESULT_LOG_TARGETS];
};

void export_fill(const struct export_view *v, struct arena *a, struct doc *to);

/* The same counters on the page itself. */
void metric_export_write(const struct export_view *v, struct metric_text *t);

#endif
