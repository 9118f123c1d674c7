/* SPDX-License-Identifier: Apache-2.0 */
/* Families of the node, mostly rows of counters. */
#include "export/metric_node.h"

#include "base/cleanup.h"
#include "object/names.h"

#include <stddef.h>

/* A member of a structure that is a sample by itself. */
struct row {
	struct metric_family family;
	size_t offset;
};

#define COUNTER_ROW(structure, member, suffix, text)                 \
	{                                                            \
		{ "candor_" suffix "_total", METRIC_COUNTER, text }, \
		        .offset = offsetof(struct structure, member) \
	}

static const struct row node_rows[] = {
	COUNTER_ROW(node_counters, results_received, "results_received",
	            "Results that control got from the engine."),
	COUNTER_ROW(node_counters, results_lost, "results_lost",
	            "Results that found no room on their way from the engine to control."),
	COUNTER_ROW(node_counters, reloads, "reloads", "Configurations taken after the first."),
	COUNTER_ROW(node_counters, reloads_refused, "reloads_refused",
	            "Configurations refused because of errors."),
	COUNTER_ROW(node_counters, requests, "requests", "Requests of administration."),
	COUNTER_ROW(node_counters, requests_refused, "requests_refused",
	            "Requests of administration that were refused."),
};

static const struct row runner_rows[] = {
	COUNTER_ROW(runner_counters, runs_started, "runs_started", "Runs begun by the engine."),
	COUNTER_ROW(runner_counters, runs_finished, "runs_finished", "Runs ended in the engine."),
	COUNTER_ROW(runner_counters, packets_sent, "packets_sent", "Packets of operations sent."),
	COUNTER_ROW(runner_counters, packets_received, "packets_received",
	            "Packets of operations received."),
	COUNTER_ROW(runner_counters, send_errors, "send_errors",
	            "Packets of operations that the kernel did not take."),
	COUNTER_ROW(runner_counters, stamps_missing, "stamps_missing",
	            "Packets sent without a transmit time stamp of the kernel."),
	COUNTER_ROW(runner_counters, open_errors, "open_errors",
	            "Sockets of operations that could not be opened."),
};

static const struct row responder_rows[] = {
	COUNTER_ROW(responder_counters, control_requests, "responder_control_requests",
	            "Control requests that reached validation."),
	COUNTER_ROW(responder_counters, probes_answered, "responder_probes_answered",
	            "Probes answered."),
	COUNTER_ROW(responder_counters, bytes_in, "responder_in_bytes", "Octets of probes taken."),
	COUNTER_ROW(responder_counters, bytes_out, "responder_out_bytes",
	            "Octets of answers to probes."),
	COUNTER_ROW(responder_counters, tcp_accepted, "responder_tcp_accepted",
	            "TCP connections accepted for tcp-connect."),
	COUNTER_ROW(responder_counters, sessions_opened, "responder_sessions_opened",
	            "Sessions opened."),
	COUNTER_ROW(responder_counters, sessions_expired, "responder_sessions_expired",
	            "Sessions whose time was over."),
	COUNTER_ROW(responder_counters, sessions_evicted, "responder_sessions_evicted",
	            "Sessions that made room for others."),
	COUNTER_ROW(responder_counters, refused_table_full, "responder_refused_table_full",
	            "Sessions refused because the table is full."),
	COUNTER_ROW(responder_counters, refused_source_limit, "responder_refused_source_limit",
	            "Sessions refused because their source has too many."),
	COUNTER_ROW(responder_counters, refused_port, "responder_refused_port",
	            "Sessions refused because of their port."),
	COUNTER_ROW(responder_counters, refused_replay, "responder_refused_replay",
	            "Control requests refused as replays."),
};

static void add_rows(struct metric_text *t, const struct row *rows, size_t count,
                     const void *object)
{
	for (const struct row *r = rows; r < rows + count; r++) {
		const uint64_t *value =
		        (const void *)((const char *)object + r->offset); /* all are uint64_t */

		metric_head(t, &r->family);
		metric_add(t, &r->family,
		           &(struct metric_sample) { .number = metric_count(*value) });
	}
}

static void add_gauge(struct metric_text *t, const char *name, const char *help, int64_t number,
                      unsigned places)
{
	const struct metric_family f = { name, METRIC_GAUGE, help };

	metric_head(t, &f);
	metric_add(t, &f, &(struct metric_sample) { .number = number, .places = places });
}

static void add_software(const struct node_view *node, struct metric_text *t)
{
	static const struct metric_family build = { "candor_build_info", METRIC_GAUGE,
		                                    "Constant 1: the software." };
	static const struct metric_family agent = {
		"candor_agent_info", METRIC_GAUGE,
		"Constant 1: the node and how it confines itself."
	};
	struct metric_text labels = { 0 };

	metric_head(t, &build);
	metric_label(&labels, "version", CANDOR_VERSION);
	metric_add(t, &build, &(struct metric_sample) { .labels = &labels, .number = 1 });
	metric_text_clear(&labels);
	metric_head(t, &agent);
	metric_label(&labels, "agent", node->hostname);
	metric_label(&labels, "confinement", node->confinement);
	metric_add(t, &agent, &(struct metric_sample) { .labels = &labels, .number = 1 });
	metric_text_fini(&labels);
	add_gauge(t, "candor_start_timestamp_seconds", "When candord started.", node->started_at.ns,
	          METRIC_NS_TO_S);
	add_gauge(t, "candor_config_change_timestamp_seconds",
	          "When the configuration last changed.", node->config_changed_at.ns,
	          METRIC_NS_TO_S);
	add_gauge(t, "candor_operations", "Operations configured.", node->op_count, METRIC_WHOLE);
	add_gauge(t, "candor_operations_limit", "The most operations that this node takes.",
	          node->op_max, METRIC_WHOLE);
}

/* The error of a clock that nobody sets is not known: it has no sample. */
static void add_clock(const struct node_view *node, struct metric_text *t)
{
	static const struct metric_family f = { "candor_clock_synchronised", METRIC_GAUGE,
		                                "1 when the clock is known to be right." };
	bool is_good = node->clock.source != CLOCK_SOURCE_NONE;

	metric_head(t, &f);
	metric_add(t, &f,
	           &(struct metric_sample) { .name = "source",
	                                     .value = name_of_clock_source(node->clock.source),
	                                     .number = is_good });
	if (is_good)
		add_gauge(t, "candor_clock_error_seconds", "Bound of the clock's offset from UTC.",
		          node->clock.err_ns, METRIC_NS_TO_S);
}

static void add_responder(const struct responder_status *r, struct metric_text *t)
{
	static const struct metric_family drops = {
		"candor_responder_drops_total", METRIC_COUNTER,
		"Datagrams and connections without a good answer, by reason."
	};

	add_gauge(t, "candor_responder_enabled", "1 when the responder is on.", r->enabled,
	          METRIC_WHOLE);
	add_gauge(t, "candor_responder_sessions", "Sessions open.", r->sessions, METRIC_WHOLE);
	add_gauge(t, "candor_responder_sessions_limit", "The most sessions.", r->sessions_max,
	          METRIC_WHOLE);
	add_gauge(t, "candor_responder_ports", "Ports open.", r->ports_open, METRIC_WHOLE);
	add_rows(t, responder_rows, ARRAY_LEN(responder_rows), &r->counters);
	metric_head(t, &drops);
	for (unsigned i = 0; i < DROP_COUNT; i++) {
		const char *reason = responder_drop_name((enum responder_drop)i);

		metric_add(
		        t, &drops,
		        &(struct metric_sample) { .name = "reason",
		                                  .value = reason,
		                                  .number = metric_count(r->counters.drops[i]) });
	}
}

void metric_node_write(const struct node_view *node, struct metric_text *t)
{
	add_software(node, t);
	add_clock(node, t);
	add_rows(t, node_rows, ARRAY_LEN(node_rows), &node->counters);
	if (node->runner)
		add_rows(t, runner_rows, ARRAY_LEN(runner_rows), node->runner);
	if (node->responder)
		add_responder(node->responder, t);
}
