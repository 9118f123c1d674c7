/* SPDX-License-Identifier: Apache-2.0 */
/* The runner holds the operations of one shard: it schedules their runs on an absolute raster,
 * gives each run real sockets with kernel stamps (the probe_io of probe/probe.h) and hands the
 * results on. One thread: everything is called from the loop that it was created on. */
#ifndef CANDOR_PROBE_RUNNER_H
#define CANDOR_PROBE_RUNNER_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "sla/operation.h"
#include "sla/result.h"
#include "sla/schedule.h"
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct clock;
struct sock_opener;
struct runner;
struct sketch;
struct egress_policy;

/* Where an operation's schedule stands, and why runs did not happen.  Told at every change; an event
 * says everything, so that a later one makes up for one that was lost. */
struct runner_state_event {
	struct op_id id;
	enum sla_state state;
	bool removed; /* aged out: remove it from the configuration */
	uint32_t life_left_s;
	wall_t next_start; /* pending with a start time; ns 0: none */
	/* Raster points of this generation that were skipped, because … */
	uint64_t missed_busy; /* the previous run was on */
	uint64_t missed_late; /* the process was held up */
	uint64_t act_serial;  /* of the last runner_act() of this generation; 0: none */
};

/* What a person may order, beside the schedule. */
enum runner_action {
	RUNNER_START,        /* the scheduled start is now; an active operation goes on */
	RUNNER_STOP,         /* inactive until RUNNER_START, RUNNER_RESTART or another schedule */
	RUNNER_RESTART,      /* a new life from now on, also of an active operation */
	RUNNER_TRIGGER,      /* a pending operation begins its life; no effect on others */
	RUNNER_RELEASE,      /* an active operation is pending again; no effect on others */
	RUNNER_ORDERLY_STOP, /* as RUNNER_STOP, but the run that is on ends by itself */
	RUNNER_ACTIONS,
};

/* Runs that were due and did not begin. */
struct runner_missed {
	struct op_id id;
	uint8_t cause;   /* enum missed_cause */
	uint32_t count;  /* at least 1 */
	wall_t first_at; /* when the first of them was due */
	uint64_t run;    /* number of the last run that began */
};

/* What the runner tells its owner; called from the loop's thread, must not call back into the
 * runner. */
struct runner_sink {
	/* ``rtt``: round-trip times of the packets of the run; NULL where result->rtt_ns is the only one. */
	void (*result)(void *ctx, const struct sla_result *result, const struct sketch *rtt);
	void (*state)(void *ctx, const struct runner_state_event *event);
	/* Each time that runs are skipped, before the state that counts them; NULL: nobody asks. */
	void (*missed)(void *ctx, const struct runner_missed *missed);
	void *ctx;
};

struct runner_counters {
	uint64_t runs_started, runs_finished, runs_missed_busy, runs_missed_late;
	uint64_t packets_sent, packets_received, send_errors;
	uint64_t stamps_missing; /* no kernel transmit stamp came: the user's reading was used */
	uint64_t open_errors;    /* those of the next line among them */
	uint64_t linger_refused; /* timeouts after which no late reply is seen: PROBE_LINGER_MAX */
	uint64_t egress_refused; /* connections that `ip sla egress` does not permit */
};

/* Everything given must outlive the runner.  Never NULL. */
struct runner *runner_new(struct loop *loop, struct clock *clock, struct sock_opener *opener,
                          const struct runner_sink *sink);

/* Where connections of operations that obey it may go; looked at when they do, and not copied.  NULL: everywhere. */
void runner_set_egress(struct runner *r, const struct egress_policy *policy);

/* Read now what TLS needs, the trust anchors of the host above all; later they are read when the first operation
 * wants them.  0, with the anchors' file in ``d`` ("": there are none), or -errno. */
NODISCARD int runner_prepare_tls(struct runner *r, struct diag *d);
void runner_free(struct runner *r); /* stops everything; no results come */

/* Create the operation, or change it.  Under the same generation only what differs is touched, and
 * not before the run that is on has ended and reported; of several changes meanwhile the last one
 * holds; a key, or the address behind a name, changes without a new schedule.  Another generation is another operation: the
 * old one ends at once.  0, -ENOMEM, -EINVAL. */
NODISCARD int runner_set(struct runner *r, const struct op_id *id, const struct op_params *params,
                         const struct op_schedule *schedule);
NODISCARD int runner_remove(struct runner *r, uint32_t number); /* 0 or -ENOENT */

/* Stop, restart and release abandon the run that is on: it leaves no result.  Settings that wait for its end are
 * taken over first; the same schedule set again, with whatever else, leaves a stopped operation stopped.
 * ``serial`` comes back with the operation's states from now on.  0, -ENOENT, -EINVAL: it has no
 * schedule. */
NODISCARD int runner_act(struct runner *r, const struct op_id *id, enum runner_action action,
                         uint64_t serial);

/* One run now, outside the raster and whatever the schedule's state (one-shot probes, "probe now").
 * *ret_run (may be NULL) is its number, which the result has, too; that may have come already.  0,
 * -ENOENT, -EBUSY. */
NODISCARD int runner_run_once(struct runner *r, const struct op_id *id, uint64_t *ret_run);

/* End the run that is on, but report what it has measured: true when a result came or will come. */
bool runner_cut(struct runner *r, uint32_t number);

/* Tell the sink the state of every operation again. */
void runner_tell_states(struct runner *r);

const struct runner_counters *runner_counters(const struct runner *r);

#endif
