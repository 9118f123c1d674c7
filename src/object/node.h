/* SPDX-License-Identifier: Apache-2.0 */
/* What a node knows of itself, as plain C state that the control process owns and keeps current:
 * the object tree (object/tree.h) only reads it.  One thread. */
#ifndef CANDOR_OBJECT_NODE_H
#define CANDOR_OBJECT_NODE_H

#include "base/clocktypes.h"
#include "base/sketch.h"
#include "config/config.h"
#include "probe/runner.h"
#include "responder/responder.h"
#include "sla/op_stats.h"
#include "sla/operation.h"
#include "sla/result.h"

#define NODE_SENSES 32 /* more than the highest enum sla_sense */

/* One configured operation and what became of it.  Until its first result it owns no memory beside
 * this. */
struct op_entry {
	const struct op_conf *conf; /* of the running configuration: the owner moves it on reload */
	struct op_id id;
	enum sla_state state;
	uint32_t life_left_s; /* at state_at; SLA_LIFE_FOREVER: does not count down */
	mono_t state_at;
	wall_t next_start;  /* ns 0: none known */
	uint64_t runs;      /* results received of this generation, and runs that did not begin */
	uint64_t good_runs; /* return code OK; of the others: */
	uint64_t *by_sense; /* op_entry_by_sense(); as many as ``senses``; NULL: all were good */
	uint32_t missed_busy, missed_late;               /* raster points without a run, by cause */
	uint32_t missed_busy_before, missed_late_before; /* of these, before the last reset */
	uint64_t act_serial;                             /* of the last order that it confirmed */
	void *packed;                                    /* all of its result: op_entry_latest() */
	uint16_t packed_octets;
	uint8_t last_sense;
	uint8_t senses;
	bool over_threshold_occurred; /* in the latest result */
	bool has_result;
	uint32_t rtt_unfitted;  /* values that ``rtt`` could not take */
	wall_t first_run_at;    /* ns 0: never ran */
	wall_t last_reset_at;   /* ns 0: never */
	struct sketch *rtt;     /* RTT of every packet of every completed run; NULL: none yet */
	int64_t rtt_sum_ns;     /* of the values in ``rtt`` */
	struct op_stats *stats; /* NULL: nothing kept */
	struct stats_life life;
};

/* A fresh operation, pending.  ``conf`` must outlive the entry or be replaced (e->conf = …). */
void op_entry_init(struct op_entry *e, const struct op_conf *conf, struct op_id id, mono_t now);
void op_entry_fini(struct op_entry *e);

/* Statistics start over (clear, restart); state and configuration stay, and the number of the life, but when
 * pending: then lives are counted from 1 again (rttMonCtrlOperState reset). */
void op_entry_reset(struct op_entry *e, wall_t now);

/* Take over what the runner says; ``rtt`` as struct runner_sink gives it, or empty.  Results and events of another generation are ignored: false. */
bool op_entry_take_result(struct op_entry *e, const struct sla_result *r, const struct sketch *rtt,
                          mono_t now);
/* An entry of its own among the results (missed, missed_cause), of sense busy, or dropped where it is the
 * host's fault. */
bool op_entry_take_missed(struct op_entry *e, const struct runner_missed *m, mono_t now);
bool op_entry_take_state(struct op_entry *e, const struct runner_state_event *ev, mono_t now);

/* A life begins at ``now``: it became active, or was restarted. */
void op_entry_begin_life(struct op_entry *e, mono_t now);

/* The latest result; false: there is none. */
bool op_entry_latest(const struct op_entry *e, struct sla_result *ret);
uint64_t op_entry_last_run(const struct op_entry *e); /* its number; 0: there is none */
uint64_t op_entry_by_sense(const struct op_entry *e, uint8_t sense); /* runs that ended so */

uint64_t op_entry_successes(const struct op_entry *e); /* return code OK */
uint64_t op_entry_failures(const struct op_entry *e);  /* any other, over threshold included */
uint32_t op_entry_life_left_s(const struct op_entry *e, mono_t now);

/* Counters of the node itself; all rise from 0 at start. */
struct node_counters {
	uint64_t results_received;           /* by the control process, from the engine */
	uint64_t results_lost;               /* the ring between them was full */
	uint64_t reloads, reloads_refused;   /* of the configuration */
	uint64_t requests, requests_refused; /* of administration */
};

/* Everything that the tree shows.  Pointers may be NULL where it says so. */
struct node_view {
	const char *hostname;
	const char *confinement; /* sandbox_describe() */
	wall_t now, started_at;
	mono_t now_mono;
	wall_t config_changed_at;
	struct clock_grade clock;
	const struct config *config;       /* NULL: none loaded */
	uint32_t op_count, op_max;         /* configured, and the most that this node takes */
	const struct op_entry *const *ops; /* by number, rising */
	uint32_t ops_held;                 /* that wait for memory (`ip sla low-memory`) */
	uint64_t memory_available_bytes;   /* of the host; 0: not known */
	const struct responder_status *responder; /* NULL: no responder runs */
	uint32_t session_count;
	const struct responder_session_view *sessions;
	const struct runner_counters *runner; /* NULL: not known yet */
	struct node_counters counters;
};

#endif
