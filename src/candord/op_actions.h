/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of people on operations (docs/namp.md section 6, run on sla/operation/#) from the request to the
 * answer: start, stop and restart are answered when the engine's state confirms them, a probe when the
 * result of its run is here.  Whoever waits is answered in any case: when the operation goes meanwhile, or
 * when time is up.  Control only. */
#ifndef CANDOR_CANDORD_OP_ACTIONS_H
#define CANDOR_CANDORD_OP_ACTIONS_H

#include "candord/messages.h"
#include "candord/op_table.h"
#include "object/request.h"

#define OP_WAITS_MAX     256u             /* requests that wait at once */
#define OP_ACT_WAIT_NS   (10 * NS_PER_S)  /* for the engine to confirm */
#define OP_PROBE_WAIT_NS (120 * NS_PER_S) /* for the result of a run */

enum op_wait_kind {
	OP_WAIT_STATE,
	OP_WAIT_RUN,
};

struct op_wait {
	uint64_t ticket; /* of the request */
	enum op_wait_kind kind;
	enum runner_action action; /* OP_WAIT_STATE */
	struct op_id id;
	uint64_t serial; /* of the order, or token of the probe */
	uint64_t run;    /* OP_WAIT_RUN: number of the run, once it has begun; 0: not yet */
	bool is_told;    /* OP_WAIT_RUN: the engine has the order */
	mono_t deadline;
};

struct op_actions {
	struct op_table *table;
	uint32_t count;
	struct op_wait waits[OP_WAITS_MAX];
	uint64_t last_token;
	/* Answer ``wait``: ``error`` 0, or as object_handle with ``d``. */
	void (*finish)(void *ctx, const struct op_wait *wait, int error, const struct diag *d);
	void *ctx;
};

/* Begin the action that the request's body names.  -EINPROGRESS: finish() comes; -EINVAL: no such
 * action; -ESTALE: the operation has no schedule to start or stop; -EDQUOT: too many wait. */
NODISCARD int op_actions_begin(struct op_actions *a, struct op_slot *s,
                               const struct object_request *request, mono_t now, struct diag *d);

/* Send what the engine has not been told.  0, or as op_table_sync(). */
NODISCARD int op_actions_sync(struct op_actions *a, struct channel *channel);

/* What the engine says, after the table has taken it. */
void op_actions_take_state(struct op_actions *a, const struct op_slot *s);
void op_actions_take_result(struct op_actions *a, const struct op_slot *s);
void op_actions_take_probe(struct op_actions *a, const struct control_probe *answer);

/* After every change of the table, and once a second: answer those whose operation or time has gone. */
void op_actions_check(struct op_actions *a, mono_t now);

#endif
