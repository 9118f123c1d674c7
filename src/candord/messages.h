/* SPDX-License-Identifier: Apache-2.0 */
/* What control and engine say to each other: the table of contents of candord.  Records travel
 * through the rings of io/channel.h as plain values of one build of one binary; the reader checks
 * type and length of each, and that its content makes sense (candord/record_check.h). */
#ifndef CANDOR_CANDORD_MESSAGES_H
#define CANDOR_CANDORD_MESSAGES_H

#include "base/sketch.h"
#include "io/clock.h"
#include "probe/runner.h"
#include "responder/responder.h"
#include "sla/egress.h"
#include "sla/operation.h"
#include "sla/result.h"
#include <assert.h>
#include <stdint.h>

/* Control to engine. */
enum engine_message {
	ENGINE_OP_SET = 1,    /* struct engine_op_set */
	ENGINE_OP_REMOVE,     /* uint32_t number of the operation */
	ENGINE_RESPONDER_SET, /* struct responder_cfg */
	ENGINE_CLOCK_SET,     /* struct engine_clock_set */
	ENGINE_SNAPSHOT,      /* uint64_t token: answer with the state of everything */
	ENGINE_OP_ACT,        /* struct engine_op_act: answered by the operation's state */
	ENGINE_EGRESS_SET,    /* struct egress_policy */
	ENGINE_OP_PROBE,      /* struct engine_op_probe: one run now, answered with CONTROL_PROBE */
};

/* Engine to control. */
enum control_message {
	CONTROL_READY = 1, /* uint32_t 0: the engine's loop runs */
	CONTROL_RESULT,    /* sla_result_size() octets, then its distribution: sketch_pair[0 .. ] */
	CONTROL_OP_STATE,  /* struct runner_state_event */
	CONTROL_RESPONDER_ERROR,  /* char[]: why a part of the responder could not start */
	CONTROL_RESPONDER_STATUS, /* struct responder_status: first record of a snapshot */
	CONTROL_SESSIONS,         /* struct responder_session_view[1 .. SNAPSHOT_SESSIONS_CHUNK] */
	CONTROL_SNAPSHOT_END,     /* struct control_snapshot_end: last record of a snapshot */
	CONTROL_PROBE,            /* struct control_probe */
	CONTROL_MISSED,           /* struct runner_missed */
};

struct engine_op_set {
	struct op_id id;
	struct op_params params; /* its texts follow the record */
	struct op_schedule schedule;
};

/* As it is received: the texts as op_texts_pack() gives them, cut off where they end. */
struct engine_op_record {
	struct engine_op_set set;
	char texts[OP_TEXTS_MAX];
};

struct engine_op_act {
	struct op_id id; /* of another generation: nothing happens */
	uint64_t serial; /* in every state of the operation from then on */
	uint32_t action; /* enum runner_action */
};

struct engine_op_probe {
	struct op_id id;
	uint64_t token;
};

struct engine_clock_set {
	struct clock_policy policy;
	enum clock_source daemon; /* clock_system_detect(), which the engine must not call */
};

/* The pairs of a result's distribution begin where the result ends. */
static_assert(_Alignof(struct sla_result) % _Alignof(struct sketch_pair) == 0,
              "no gap between them");

/* Sessions a record, and a snapshot: more are counted, not listed. */
#define SNAPSHOT_SESSIONS_CHUNK 64u
#define SNAPSHOT_SESSIONS_MAX   4096u

/* What became of an ENGINE_OP_PROBE; the result comes by itself, and may have come before. */
struct control_probe {
	struct op_id id;
	uint64_t token, run; /* run: number of the run that was begun */
	int32_t error;       /* 0; -EBUSY: a run is on; -ENOENT: there is no such operation */
};

struct control_snapshot_end {
	uint64_t token; /* of the request */
	struct runner_counters runner;
	struct clock_grade clock;
	uint64_t results_lost; /* the ring to control was full */
	bool is_realtime;      /* the engine's thread runs under SCHED_FIFO */
};

#endif
