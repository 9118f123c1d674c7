/* SPDX-License-Identifier: Apache-2.0 */
/* The page and the log, as a document and as metrics. */
#include "export/export_object.h"

#define METRICS_ROW(kind, unit, key, member) \
	OBJECT_ROW(kind, unit, key, struct metrics_view, member)
#define PAGE_COUNTER(key, member) \
	OBJECT_ROW(OT_U64, OU_COUNT, key, struct metrics_server_counters, member)
#define LOG_COUNTER(key, member) \
	OBJECT_ROW(OT_U64, OU_COUNT, key, struct result_log_counters, member)

static const struct object_row page_counter_rows[] = {
	PAGE_COUNTER("accepted", accepted),
	PAGE_COUNTER("refused_address", refused_address),
	PAGE_COUNTER("refused_full", refused_full),
	PAGE_COUNTER("pages", pages),
	PAGE_COUNTER("bad_requests", bad_requests),
	PAGE_COUNTER("timeouts", timeouts),
	PAGE_COUNTER("aborted", aborted),
	{ 0 },
};

static const struct object_row metrics_rows[] = {
	METRICS_ROW(OT_BOOL, OU_NONE, "enabled", enabled),
	METRICS_ROW(OT_BOOL, OU_NONE, "open", is_open),
	METRICS_ROW(OT_CHARS, OU_NONE, "error", error),
	METRICS_ROW(OT_ADDR, OU_NONE, "address", address),
	METRICS_ROW(OT_U16, OU_NONE, "port", port),
	METRICS_ROW(OT_U32, OU_COUNT, "connections", connections),
	METRICS_ROW(OT_U32, OU_COUNT, "operations_max", operations_max),
	METRICS_ROW(OT_U32, OU_COUNT, "operations_omitted", operations_omitted),
	OBJECT_PART_ROW("counters", struct metrics_view, counters, page_counter_rows),
	{ 0 },
};

static const struct object_row log_counter_rows[] = {
	LOG_COUNTER("lines", lines),
	OBJECT_ROW(OT_U64, OU_BYTES, "written_bytes", struct result_log_counters, bytes),
	LOG_COUNTER("lost", lost),
	LOG_COUNTER("turned", turned),
	LOG_COUNTER("torn", torn),
	LOG_COUNTER("errors", errors),
	{ 0 },
};

static const struct object_row log_rows[] = {
	OBJECT_ROW(OT_BOOL, OU_NONE, "open", struct result_log_view, is_open),
	OBJECT_ROW(OT_CHARS, OU_NONE, "error", struct result_log_view, error),
	OBJECT_ROW(OT_U64, OU_BYTES, "file_bytes", struct result_log_view, file_bytes),
	OBJECT_ROW(OT_U64, OU_BYTES, "pending_bytes", struct result_log_view, pending_bytes),
	OBJECT_PART_ROW("counters", struct result_log_view, counters, log_counter_rows),
	{ 0 },
};

static const char *const log_keys[RESULT_LOG_TARGETS] = {
	[RESULT_LOG_FILE] = "file",
	[RESULT_LOG_STREAM] = "standard_output",
};

void export_fill(const struct export_view *v, struct arena *a, struct doc *to)
{
	object_fill(metrics_rows, &v->metrics, a, doc_add_map(a, to, "metrics"));
	struct doc *log = doc_add_map(a, to, "result_log");

	for (unsigned i = 0; i < RESULT_LOG_TARGETS; i++) {
		if (v->log_wanted[i])
			object_fill(log_rows, &v->log[i], a, doc_add_map(a, log, log_keys[i]));
		else
			doc_add_null(a, log, log_keys[i]);
	}
}

/* --- on the page ------------------------------------------------------------------------------- */

static void add_counter(struct metric_text *t, const char *name, const char *help, uint64_t value)
{
	const struct metric_family f = { name, METRIC_COUNTER, help };

	metric_head(t, &f);
	metric_add(t, &f, &(struct metric_sample) { .number = metric_count(value) });
}

static void add_log_counter(struct metric_text *t, const struct export_view *v, const char *name,
                            const char *help, size_t offset)
{
	const struct metric_family f = { name, METRIC_COUNTER, help };

	metric_head(t, &f);
	for (unsigned i = 0; i < RESULT_LOG_TARGETS; i++) {
		const uint64_t *value = (const void *)((const char *)&v->log[i].counters + offset);

		if (v->log_wanted[i])
			metric_add(t, &f,
			           &(struct metric_sample) { .name = "target",
			                                     .value = log_keys[i],
			                                     .number = metric_count(*value) });
	}
}

void metric_export_write(const struct export_view *v, struct metric_text *t)
{
	static const struct metric_family omitted = {
		"candor_metrics_operations_omitted", METRIC_GAUGE,
		"Operations that are not on this page because it has too many."
	};
	const struct metrics_server_counters *page = &v->metrics.counters;

	metric_head(t, &omitted);
	metric_add(t, &omitted,
	           &(struct metric_sample) { .number = v->metrics.operations_omitted });
	add_counter(t, "candor_metrics_pages_total", "Pages of metrics begun.", page->pages);
	add_counter(t, "candor_metrics_aborted_total", "Pages that were not taken whole.",
	            page->aborted);
	add_counter(t, "candor_metrics_refused_total",
	            "Connections refused: address not permitted, or too many.",
	            page->refused_address + page->refused_full);
	add_counter(t, "candor_metrics_bad_requests_total", "Requests answered with an error.",
	            page->bad_requests);
	add_log_counter(t, v, "candor_result_log_lines_total", "Lines written.",
	                offsetof(struct result_log_counters, lines));
	add_log_counter(t, v, "candor_result_log_lost_total", "Lines that found no room.",
	                offsetof(struct result_log_counters, lost));
	add_log_counter(t, v, "candor_result_log_errors_total", "Writes that failed.",
	                offsetof(struct result_log_counters, errors));
}
