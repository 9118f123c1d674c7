/* SPDX-License-Identifier: Apache-2.0 */
/* A small fleet for the tests of `candor top`: two nodes, operations of every kind and health. */
#ifndef CANDOR_TESTS_T_TOP_H
#define CANDOR_TESTS_T_TOP_H

#include "t.h"

#include "cli/top_model.h"

/* 09:12:48 UTC Fri Nov 21 2025 */
#define T_TOP_NOW (INT64_C(1763716368) * NS_PER_S)

static inline const struct doc *t_parse(struct arena *a, const char *json)
{
	struct doc *d;
	struct diag why;

	if (doc_parse_json(a, json, strlen(json), &d, &why) < 0)
		fail_msg("%s: %s", why.text, json);
	return d;
}

static inline struct top_figures t_figures(const char *json)
{
	struct arena a = { 0 };
	struct top_figures f;

	assert_int_equal(top_figures_read(t_parse(&a, json), &f), 0);
	arena_free(&a);
	return f;
}

/* One run more of an operation, ``age_s`` ago; ``rtt_ns`` TOP_NONE: none came back. */
static inline void t_run(struct top_model *m, uint32_t node, struct top_figures f, int64_t age_s,
                         int64_t rtt_ns)
{
	f.started_at_ns = T_TOP_NOW - age_s * NS_PER_S;
	f.rtt_ns = rtt_ns;
	top_model_take(m, node, &f);
}

#define T_ROW(number, type, target, more)                                                \
	"{\"number\": " #number ", \"type\": \"" type "\", \"target\": \"" target        \
	"\", \"state\": \"active\", \"generation\": 1, \"frequency_s\": 60, \"sense\": " \
	"\"ok\", \"started_at_ns\": 1763716363000000000, \"loss_ppm\": 0" more "}"

/* Everything that can be seen at once. */
static inline void t_fill(struct top_model *m)
{
	struct top_figures voice = t_figures(
	        T_ROW(10, "udp-jitter", "192.0.2.1",
	              ", \"tag\": \"voice\", \"jitter_sd_ns\": 1234567, \"jitter_ds_ns\": "
	              "812000, \"mos\": 4.06, \"rtt_ns\": 32110000"));
	struct top_figures echo = t_figures(T_ROW(20, "icmp-echo", "2001:db8::7", ""));

	for (int i = 59; i >= 0; i--)
		t_run(m, 0, voice, 5 + 60 * i, (30 + i * i % 13) * NS_PER_MS);
	for (int i = 9; i >= 0; i--)
		t_run(m, 0, echo, 3 + 60 * i, i == 4 ? TOP_NONE : 812000 + i * 1000);
	struct top_figures f = t_figures(T_ROW(30, "tcp-connect", "www.example.net", ""));

	memcpy(f.sense, "over_threshold", sizeof("over_threshold"));
	t_run(m, 0, f, 61, 512 * NS_PER_MS);
	f = t_figures(T_ROW(40, "udp-echo", "198.51.100.40", ", \"tag\": \"branch-7\""));
	memcpy(f.sense, "timeout", sizeof("timeout"));
	f.loss_ppm = 1000000;
	t_run(m, 0, f, 130, 9 * NS_PER_MS);
	t_run(m, 0, f, 70, TOP_NONE);
	t_run(m, 0, f, 10, TOP_NONE);
	f = t_figures(T_ROW(50, "udp-jitter", "branch-12.example.net", ", \"mos\": 3.5"));
	f.loss_ppm = 23000;
	t_run(m, 1, f, 42, 151234567);
	f = t_figures(T_ROW(60, "udp-echo", "203.0.113.4", ""));
	t_run(m, 1, f, 4000, 5 * NS_PER_MS);
	f = t_figures(T_ROW(2147483647, "icmp-echo", "203.0.113.5", ""));
	f.state = '~';
	f.started_at_ns = 0;
	f.rtt_ns = f.loss_ppm = TOP_NONE;
	top_model_take(m, 1, &f);
	top_model_set_link(m, 0, TOP_UP, (wall_t) { T_TOP_NOW - 3600 * NS_PER_S }, "");
	top_model_set_link(m, 1, TOP_UP, (wall_t) { T_TOP_NOW - 3600 * NS_PER_S }, "");
	top_model_arrange(m, (wall_t) { T_TOP_NOW });
}

static inline void t_fleet(struct top_model *m)
{
	static const char *const names[] = { "node-a", "node-b.example" };

	top_model_init(m, names, 2);
	t_fill(m);
}

#endif
