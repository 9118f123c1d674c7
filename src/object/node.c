/* SPDX-License-Identifier: Apache-2.0 */
/* State of the operations of a node. */
#include "object/node.h"

#include "base/xalloc.h"
#include "probe/probe.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RTT_BUCKETS 512u /* of one operation: eight octaves of spread in about 8 kB */

void op_entry_init(struct op_entry *e, const struct op_conf *conf, struct op_id id, mono_t now)
{
	*e = (struct op_entry) { .conf = conf, .id = id, .state_at = now };
}

void op_entry_fini(struct op_entry *e)
{
	if (e->rtt)
		sketch_fini(e->rtt);
	free(e->rtt);
	free(e->by_sense);
	free(e->packed);
	op_stats_free(e->stats);
	e->rtt = NULL;
	e->by_sense = NULL;
	e->packed = NULL;
	e->stats = NULL;
}

void op_entry_reset(struct op_entry *e, wall_t now)
{
	struct op_entry old = *e;

	op_entry_fini(e);
	op_entry_init(e, old.conf, old.id, old.state_at);
	e->state = old.state;
	e->life_left_s = old.life_left_s;
	e->next_start = old.next_start;
	e->act_serial = old.act_serial;
	if (e->state != SLA_STATE_PENDING) /* then lives are counted from 1 again */
		e->life = old.life;
	e->missed_busy_before = old.missed_busy_before + old.missed_busy;
	e->missed_late_before = old.missed_late_before + old.missed_late;
	e->last_reset_at = now;
}

static bool is_ours(const struct op_entry *e, const struct op_id *id)
{
	return e->id.number == id->number && e->id.generation == id->generation;
}

static void count_sense(struct op_entry *e, uint8_t sense, uint32_t n)
{
	if (sense == SENSE_OK) {
		e->good_runs += n;
		return;
	}
	if (sense >= NODE_SENSES)
		return;
	if (sense >= e->senses) {
		e->by_sense = xrealloc(e->by_sense, sense + 1u, sizeof(*e->by_sense));
		memset(e->by_sense + e->senses, 0, (sense + 1u - e->senses) * sizeof(*e->by_sense));
		e->senses = (uint8_t)(sense + 1);
	}
	e->by_sense[sense] += n;
}

static_assert(SLA_RESULT_PACKED_MAX <= UINT16_MAX, "packed_octets has 16 bits");

static void keep(struct op_entry *e, const struct sla_result *r)
{
	uint8_t packed[SLA_RESULT_PACKED_MAX];
	size_t octets = sla_result_pack(r, packed);

	if (octets != e->packed_octets)
		e->packed = xrealloc(e->packed, octets, 1);
	memcpy(e->packed, packed, octets);
	e->packed_octets = (uint16_t)octets;
	e->has_result = true;
	e->last_sense = r->sense;
	e->over_threshold_occurred = r->sense == SENSE_OVER_THRESHOLD;
}

/* A run, or an entry for runs that did not begin. */
static void take(struct op_entry *e, const struct sla_result *r, mono_t now)
{
	uint32_t n = r->missed_cause == MISSED_NONE ? 1 : r->missed;

	keep(e, r);
	e->runs += n;
	count_sense(e, r->sense, n);
	op_stats_take(&e->stats, &e->conf->stats, probe_types[e->conf->params.type]->stats,
	              &e->life, r, now);
}

static struct sketch *rtt_of(struct op_entry *e)
{
	if (!e->rtt) {
		e->rtt = xcalloc(1, sizeof(*e->rtt));
		sketch_init(e->rtt, RTT_BUCKETS);
	}
	return e->rtt;
}

static void take_one(struct op_entry *e, int64_t rtt_ns)
{
	if (sketch_add(rtt_of(e), rtt_ns) == 0)
		e->rtt_sum_ns += rtt_ns;
	else
		e->rtt_unfitted++;
}

static void take_many(struct op_entry *e, const struct sla_result *r, const struct sketch *rtt)
{
	/* Where the result has no sum its average is a nanosecond off at most. */
	int64_t sum_ns = sla_type_has_jitter(r->type) ? r->jitter.rtt.sum_ns
	                                              : r->rtt_ns * (int64_t)rtt->count;

	if (sketch_merge(rtt_of(e), rtt) == 0)
		e->rtt_sum_ns += sum_ns;
	else
		e->rtt_unfitted += (uint32_t)rtt->count;
}

bool op_entry_take_result(struct op_entry *e, const struct sla_result *r, const struct sketch *rtt,
                          mono_t now)
{
	if (!is_ours(e, &r->id))
		return false;
	if (!e->has_result)
		e->first_run_at = r->started_at;
	take(e, r, now);
	if (rtt && rtt->count > 0)
		take_many(e, r, rtt);
	else if (!sla_result_rtts(r) && stats_sense_completes((enum sla_sense)r->sense))
		take_one(e, r->rtt_ns);
	return true;
}

void op_entry_begin_life(struct op_entry *e, mono_t now)
{
	e->life = (struct stats_life) { e->life.number + 1, now };
}

bool op_entry_latest(const struct op_entry *e, struct sla_result *ret)
{
	if (e->has_result)
		sla_result_unpack(e->packed, e->packed_octets, e->id, ret);
	return e->has_result;
}

uint64_t op_entry_last_run(const struct op_entry *e)
{
	struct sla_result latest;

	return op_entry_latest(e, &latest) ? latest.run : 0;
}

uint64_t op_entry_by_sense(const struct op_entry *e, uint8_t sense)
{
	if (sense == SENSE_OK)
		return e->good_runs;
	return sense < e->senses ? e->by_sense[sense] : 0;
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

bool op_entry_take_missed(struct op_entry *e, const struct runner_missed *m, mono_t now)
{
	const struct op_params *params = &e->conf->params;
	uint8_t sense = m->cause == MISSED_BUSY ? SENSE_BUSY : SENSE_DROPPED;

	if (!is_ours(e, &m->id))
		return false;
	struct sla_result r = {
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

	(void)snprintf(r.detail, sizeof(r.detail), "%s", cause_text(m->cause));
	take(e, &r, now);
	return true;
}

bool op_entry_take_state(struct op_entry *e, const struct runner_state_event *ev, mono_t now)
{
	if (!is_ours(e, &ev->id))
		return false;
	if (ev->state == SLA_STATE_ACTIVE && e->state != SLA_STATE_ACTIVE)
		op_entry_begin_life(e, now);
	e->state = ev->state;
	e->life_left_s = ev->life_left_s;
	e->next_start = ev->next_start;
	e->missed_busy = (uint32_t)ev->missed_busy - e->missed_busy_before;
	e->missed_late = (uint32_t)ev->missed_late - e->missed_late_before;
	e->act_serial = ev->act_serial;
	e->state_at = now;
	return true;
}

uint64_t op_entry_successes(const struct op_entry *e)
{
	return e->good_runs;
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
