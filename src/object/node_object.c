/* SPDX-License-Identifier: Apache-2.0 */
/* The node itself as objects: software, clock, counters. */
#include "object/node_object.h"

#include "object/result_object.h"

static const struct object_row software_rows[] = {
	OBJECT_ROW(OT_TEXT, OU_NONE, "hostname", struct node_view, hostname),
	OBJECT_ROW(OT_TEXT, OU_NONE, "confinement", struct node_view, confinement),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "started_at_ns", struct node_view, started_at),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "now_ns", struct node_view, now),
	{ 0 },
};

static const struct object_row clock_rows[] = {
	OBJECT_PART_ROW("grade", struct node_view, clock, clock_grade_rows),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "now_ns", struct node_view, now),
	{ 0 },
};

#define NODE_COUNTER(key, member) OBJECT_ROW(OT_U64, OU_COUNT, key, struct node_counters, member)

static const struct object_row node_counter_rows[] = {
	NODE_COUNTER("results_received", results_received),
	NODE_COUNTER("results_lost", results_lost),
	NODE_COUNTER("reloads", reloads),
	NODE_COUNTER("reloads_refused", reloads_refused),
	NODE_COUNTER("requests", requests),
	NODE_COUNTER("requests_refused", requests_refused),
	{ 0 },
};

#define RUNNER_COUNTER(key, member) \
	OBJECT_ROW(OT_U64, OU_COUNT, key, struct runner_counters, member)

static const struct object_row runner_rows[] = {
	RUNNER_COUNTER("runs_started", runs_started),
	RUNNER_COUNTER("runs_finished", runs_finished),
	RUNNER_COUNTER("runs_missed_busy", runs_missed_busy),
	RUNNER_COUNTER("runs_missed_late", runs_missed_late),
	RUNNER_COUNTER("packets_sent", packets_sent),
	RUNNER_COUNTER("packets_received", packets_received),
	RUNNER_COUNTER("send_errors", send_errors),
	RUNNER_COUNTER("stamps_missing", stamps_missing),
	RUNNER_COUNTER("open_errors", open_errors),
	RUNNER_COUNTER("linger_refused", linger_refused),
	RUNNER_COUNTER("egress_refused", egress_refused),
	{ 0 },
};

void software_fill(const struct node_view *node, struct arena *a, struct doc *to)
{
	doc_add_text(a, to, "name", "candor");
	doc_add_text(a, to, "version", CANDOR_VERSION);
	object_fill(software_rows, node, a, to);
}

void clock_fill(const struct node_view *node, struct arena *a, struct doc *to)
{
	object_fill(clock_rows, node, a, to);
}

void counters_fill(const struct node_view *node, struct arena *a, struct doc *to)
{
	object_fill(node_counter_rows, &node->counters, a, doc_add_map(a, to, "node"));
	if (node->runner)
		object_fill(runner_rows, node->runner, a, doc_add_map(a, to, "runner"));
	else
		doc_add_null(a, to, "runner");
}
