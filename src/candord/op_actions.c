/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait for the engine. */
#include "candord/op_actions.h"

#include "io/channel.h"

#include <errno.h>
#include <string.h>

/* The last one takes the place of one that is answered: walk downwards when answering several. */
static void finish(struct op_actions *a, uint32_t at, int error, const struct diag *d)
{
	const struct op_wait wait = a->waits[at];

	a->waits[at] = a->waits[--a->count];
	a->finish(a->ctx, &wait, error, d);
}

static bool is_of(const struct op_wait *w, const struct op_slot *s)
{
	return w->id.number == s->entry.id.number && w->id.generation == s->entry.id.generation;
}

/* A run that is under way ends without a result when the operation is stopped. */
static void end_probes(struct op_actions *a, const struct op_slot *s)
{
	struct diag d = { 0 };

	for (uint32_t i = a->count; i-- > 0;) {
		if (a->waits[i].kind == OP_WAIT_RUN && is_of(&a->waits[i], s))
			finish(a, i,
			       diag_set(&d, -ESTALE,
			                "operation %u was stopped before the run ended",
			                s->entry.id.number),
			       &d);
	}
}

static bool find_action(const char *word, enum runner_action *ret)
{
	static const char *const words[] = {
		[RUNNER_START] = "start",
		[RUNNER_STOP] = "stop",
		[RUNNER_RESTART] = "restart",
		[RUNNER_RELEASE] = "reset",
		[RUNNER_ORDERLY_STOP] = "orderly-stop",
	};

	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i] && strcmp(word, words[i]) == 0) {
			*ret = (enum runner_action)i;
			return true;
		}
	}
	return false;
}

int op_actions_begin(struct op_actions *a, struct op_slot *s, const struct object_request *request,
                     mono_t now, struct diag *d)
{
	const char *word = doc_text(request->body, "action", "");
	struct op_wait wait = { .ticket = request->ticket, .id = s->entry.id };

	wait.kind = find_action(word, &wait.action) ? OP_WAIT_STATE : OP_WAIT_RUN;
	if (wait.kind == OP_WAIT_RUN && strcmp(word, "probe") != 0)
		return diag_set(d, -EINVAL,
		                "an operation takes the actions start, stop, orderly-stop, "
		                "restart, reset and probe");
	if (wait.kind == OP_WAIT_STATE && !s->entry.conf->schedule.scheduled)
		return diag_set(d, -ESTALE,
		                "operation %u has no schedule (ip sla schedule %u …): it can only "
		                "be probed",
		                wait.id.number, wait.id.number);
	if (wait.action == RUNNER_RELEASE && wait.kind == OP_WAIT_STATE &&
	    s->entry.state == SLA_STATE_INACTIVE)
		return diag_set(d, -ESTALE,
		                "operation %u is inactive, which only a start or a restart ends",
		                wait.id.number);
	if (a->count == OP_WAITS_MAX)
		return diag_set(d, -EDQUOT, "too many actions are under way: try again");
	if (wait.kind == OP_WAIT_RUN) {
		wait.serial = ++a->last_token;
		wait.deadline = mono_add_ns(now, OP_PROBE_WAIT_NS);
	} else {
		if (wait.action != RUNNER_START && wait.action != RUNNER_ORDERLY_STOP)
			end_probes(a, s);
		wait.serial = op_table_act(a->table, s, wait.action);
		wait.deadline = mono_add_ns(now, OP_ACT_WAIT_NS);
	}
	a->waits[a->count++] = wait;
	return -EINPROGRESS;
}

/* An operation that the engine does not have yet cannot run. */
static bool can_tell(const struct op_actions *a, const struct op_wait *w)
{
	const struct op_slot *s = op_table_find(a->table, w->id.number);

	return w->kind == OP_WAIT_RUN && !w->is_told && s && !s->is_dirty;
}

int op_actions_sync(struct op_actions *a, struct channel *channel)
{
	for (uint32_t i = 0; i < a->count; i++) {
		struct op_wait *w = &a->waits[i];
		const struct engine_op_probe probe = { w->id, w->serial };

		if (!can_tell(a, w))
			continue;
		int rc = channel_send(channel, ENGINE_OP_PROBE, &probe, sizeof(probe));

		if (rc < 0)
			return rc;
		w->is_told = true;
	}
	return 0;
}

void op_actions_take_state(struct op_actions *a, const struct op_slot *s)
{
	for (uint32_t i = a->count; i-- > 0;) {
		const struct op_wait *w = &a->waits[i];

		if (w->kind == OP_WAIT_STATE && is_of(w, s) && w->serial <= s->entry.act_serial)
			finish(a, i, 0, NULL);
	}
}

/* Whether the run that ``w`` waits for has ended; a later one shows that its result was lost. */
static void look_at_run(struct op_actions *a, uint32_t at, const struct op_slot *s)
{
	const struct op_wait *w = &a->waits[at];
	struct diag d = { 0 };

	if (w->run == 0 || !s->entry.has_result || op_entry_last_run(&s->entry) < w->run)
		return;
	if (op_entry_last_run(&s->entry) == w->run)
		finish(a, at, 0, NULL);
	else
		finish(a, at, diag_set(&d, -EIO, "the result of the run was lost"), &d);
}

void op_actions_take_result(struct op_actions *a, const struct op_slot *s)
{
	for (uint32_t i = a->count; i-- > 0;) {
		if (a->waits[i].kind == OP_WAIT_RUN && is_of(&a->waits[i], s))
			look_at_run(a, i, s);
	}
}

static void begun(struct op_actions *a, uint32_t at, const struct control_probe *answer)
{
	const struct op_slot *s = op_table_find(a->table, answer->id.number);
	struct diag d = { 0 };

	if (answer->error == -EBUSY) {
		finish(a, at,
		       diag_set(&d, -ESTALE,
		                "a run of operation %u is on: its result comes by itself",
		                answer->id.number),
		       &d);
	} else if (answer->error < 0) {
		finish(a, at,
		       diag_set(&d, -ESTALE, "operation %u has changed meanwhile",
		                answer->id.number),
		       &d);
	} else {
		a->waits[at].run = answer->run;
		if (s && is_of(&a->waits[at], s))
			look_at_run(a, at, s); /* the result may have come first */
	}
}

void op_actions_take_probe(struct op_actions *a, const struct control_probe *answer)
{
	for (uint32_t i = 0; i < a->count; i++) {
		if (a->waits[i].kind == OP_WAIT_RUN && a->waits[i].serial == answer->token) {
			begun(a, i, answer);
			return;
		}
	}
}

/* Why there will be no answer any more; 0: it may come. */
static int verdict(const struct op_actions *a, const struct op_wait *w, mono_t now, struct diag *d)
{
	const struct op_slot *s = op_table_find(a->table, w->id.number);

	if (!s)
		return diag_set(d, -ESTALE, "operation %u was removed meanwhile", w->id.number);
	if (!is_of(w, s))
		return diag_set(d, -ESTALE, "operation %u is another one by now", w->id.number);
	if (w->kind == OP_WAIT_STATE && s->act_serial < w->serial)
		return diag_set(d, -ESTALE, "another schedule of operation %u took effect",
		                w->id.number);
	if (mono_diff_ns(now, w->deadline) < 0)
		return 0;
	if (w->kind == OP_WAIT_RUN)
		return diag_set(d, -ETIMEDOUT, "the run of operation %u did not end in time",
		                w->id.number);
	return diag_set(d, -ETIMEDOUT, "operation %u did not change in time", w->id.number);
}

void op_actions_check(struct op_actions *a, mono_t now)
{
	for (uint32_t i = a->count; i-- > 0;) {
		struct diag d = { 0 };
		int rc = verdict(a, &a->waits[i], now, &d);

		if (rc < 0)
			finish(a, i, rc, &d);
	}
}
