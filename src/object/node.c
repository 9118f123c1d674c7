/* SPDX-License-Identifier: Apache-2.0 */
/* State of the operations of a node. */
#include "object/node.h"

#include <stdio.h>
#include <string.h>

#define RTT_BUCKETS 512u /* of one operation: eight octaves of spread in about 8 kB */

void op_entry_init(struct op_entry *e, const struct op_conf *conf, struct op_id id, mono_t now)
{
	*e = (struct op_entry) { .conf = conf, .id = id, .state_at = now };
	sketch_init(&e->rtt, RTT_BUCKETS);
}

void op_entry_fini(struct op_entry *e)
{
	sketch_fini(&e->rtt);
}

void op_entry_reset(struct op_entry *e, wall_t now)
{
	struct op_entry old = *e;

	op_entry_init(e, old.conf, old.id, old.state_at);
	e->state = old.state;
	e->life_left_s = old.life_left_s;
	e->next_start = old.next_start;
	e->act_serial = old.act_serial;
	e->missed_busy_before = old.missed_busy_before + old.missed_busy;
	e->missed_late_before = old.missed_late_before + old.missed_late;
	e->last_reset_at = now;
	sketch_fini(&e->rtt);
	e->rtt = old.rtt;
	sketch_clear(&e->rtt);
}

static bool is_ours(const struct op_entry *e, const struct op_id *id)
{
	return e->id.number == id->number && e->id.generation == id->generation;
}

bool op_entry_take_result(struct op_entry *e, const struct sla_result *r, const struct sketch *rtt)
{
	if (!is_ours(e, &r->id))
		return false;
	if (!e->has_result)
		e->first_run_at = r->started_at;
	e->has_result = true;
	e->last = (struct sla_result) { 0 };
	memcpy(&e->last, r, sla_result_size(r));
	e->runs++;
	if (r->sense < NODE_SENSES)
		e->by_sense[r->sense]++;
	e->over_threshold_occurred = r->sense == SENSE_OVER_THRESHOLD;
	bool completed = r->sense == SENSE_OK || r->sense == SENSE_OVER_THRESHOLD;

	if (!sla_type_has_jitter(r->type))
		e->rtt_unfitted += completed && sketch_add(&e->rtt, r->rtt_ns) < 0;
	else if (rtt && sketch_merge(&e->rtt, rtt) < 0)
		e->rtt_unfitted += rtt->count;
	return true;
}

static const char *cause_text(uint8_t cause)
{
	switch ((enum missed_cause)cause) {
	case MISSED_BUSY:
		return "not started: the run before was still on";
	case MISSED_LATE:
		return "not started: this host was held up";
	case MISSED_LOW_MEMORY:
		return "not started: memory is below `ip sla low-memory`";
	case MISSED_NONE:
		break;
	}
	return "";
}

bool op_entry_take_missed(struct op_entry *e, const struct runner_missed *m)
{
	const struct op_params *params = &e->conf->params;
	uint8_t sense = m->cause == MISSED_BUSY ? SENSE_BUSY : SENSE_DROPPED;

	if (!is_ours(e, &m->id))
		return false;
	e->has_result = true;
	e->last = (struct sla_result) {
		.id = e->id,
		.type = params->type,
		.sense = sense,
		.precision = params->precision,
		.control = params->control,
		.missed_cause = m->cause,
		.missed = m->count,
		.run = m->run,
		.started_at = m->first_at,
		.target = params->target,
		.target_port = params->target_port,
	};
	(void)snprintf(e->last.detail, sizeof(e->last.detail), "%s", cause_text(m->cause));
	e->runs += m->count;
	e->by_sense[sense] += m->count;
	e->over_threshold_occurred = false;
	return true;
}

bool op_entry_take_state(struct op_entry *e, const struct runner_state_event *ev, mono_t now)
{
	if (!is_ours(e, &ev->id))
		return false;
	e->state = ev->state;
	e->life_left_s = ev->life_left_s;
	e->next_start = ev->next_start;
	e->missed_busy = ev->missed_busy - e->missed_busy_before;
	e->missed_late = ev->missed_late - e->missed_late_before;
	e->act_serial = ev->act_serial;
	e->state_at = now;
	return true;
}

uint64_t op_entry_successes(const struct op_entry *e)
{
	return e->by_sense[SENSE_OK];
}

uint64_t op_entry_failures(const struct op_entry *e)
{
	return e->runs - op_entry_successes(e);
}

uint32_t op_entry_life_left_s(const struct op_entry *e, mono_t now)
{
	if (e->life_left_s == SLA_LIFE_FOREVER || e->state != SLA_STATE_ACTIVE)
		return e->life_left_s;
	int64_t gone_s = mono_diff_ns(now, e->state_at) / NS_PER_S;

	return gone_s >= e->life_left_s ? 0 : e->life_left_s - (uint32_t)gone_s;
}
