/* SPDX-License-Identifier: Apache-2.0 */
/* Operations, their schedules and their runs.
 *
 * Each operation has one timer for its schedule (sla/schedule.h decides what is due) and
 * PROBE_TIMERS for its type.  A raster point at which the previous run is still on is a missed run
 * ("busy"), as is one that passed while the process was held up ("late"); neither is made up for.
 * New settings of an operation wait for the end of the run that is on, so that nothing measured is
 * lost.
 * The network half of probe_io is net_flow.c. */
#include "probe/runner.h"

#include "base/xalloc.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "probe/net_flow.h"
#include "probe/probe.h"
#include "probe/run_groups.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define TIMERS_PER_OP (PROBE_TIMERS + 2)

struct op_timer {
	struct tmr tmr;
	struct runner_op *owner;
	unsigned index;
};

/* Settings of an operation, which own their texts. */
struct op_settings {
	struct op_params params;
	struct op_schedule schedule;
	char *texts; /* of ``params``, packed */
};

/* Of one generation: new settings do not begin it anew. */
struct op_history {
	uint64_t runs;
	uint64_t missed_busy, missed_late; /* raster points without a run */
	uint64_t act_serial;
	bool has_order; /* as long as the schedule stays: */
	enum runner_action order;
};

struct runner_op {
	struct op op;
	struct runner *runner;
	struct schedule schedule;
	struct tmr schedule_timer;
	struct tmr take_over_timer;
	char *texts;                 /* of op.params, packed */
	struct op_settings *pending; /* that wait for the end of a run; NULL: none */
	struct op_timer timers[PROBE_TIMERS];
	bool is_running;
	uint32_t group; /* that it has joined; 0: none */
	struct op_history history;
	wall_t started_at;
	mono_t started_mono;
};

struct runner {
	struct net_flows net; /* first: probe_io leads back here */
	struct loop *loop;
	struct clock *clock;
	struct runner_sink sink;
	struct runner_counters counters;
	struct run_groups groups;
	uint32_t op_count, op_room;
	struct runner_op **ops; /* by number, rising */
};

static struct runner_op *runner_op_of(struct op *op)
{
	return container_of(op, struct runner_op, op);
}

/* --- probe_io: timers and results --- */

static void io_arm(struct probe_io *io, struct op *op, unsigned timer, mono_t due)
{
	struct runner_op *ro = runner_op_of(op);

	(void)io;
	loop_arm(ro->runner->loop, &ro->timers[timer].tmr, due);
}

static void io_disarm(struct probe_io *io, struct op *op, unsigned timer)
{
	struct runner_op *ro = runner_op_of(op);

	(void)io;
	loop_disarm(ro->runner->loop, &ro->timers[timer].tmr);
}

static void io_finish(struct probe_io *io, struct op *op, const struct sla_result *result,
                      const struct sketch *rtt)
{
	struct runner_op *ro = runner_op_of(op);
	struct runner *r = ro->runner;
	struct sla_result res = *result;

	(void)io;
	ro->is_running = false;
	r->counters.runs_finished++;
	res.id = op->id;
	res.run = ro->history.runs;
	res.started_at = ro->started_at;
	res.duration_ns = mono_diff_ns(r->clock->mono(r->clock), ro->started_mono);
	r->sink.result(r->sink.ctx, &res, rtt);
	if (ro->pending) /* not here: the type's callback is still on */
		loop_arm(r->loop, &ro->take_over_timer, loop_now(r->loop));
}

static const struct probe_io_ops io_ops = {
	.open = net_open,
	.why = net_why,
	.close = net_close,
	.linger = net_linger,
	.local = net_local,
	.send = net_send,
	.set_ttl = net_set_ttl,
	.mac = net_mac,
	.write = net_write,
	.secure = net_secure,
	.read_clock = net_read_clock,
	.grade = net_grade,
	.arm = io_arm,
	.disarm = io_disarm,
	.random = net_random,
	.drops = net_drops,
	.finish = io_finish,
};

static void op_timer_fired(struct tmr *t, mono_t now)
{
	struct op_timer *ot = container_of(t, struct op_timer, tmr);
	struct runner_op *ro = ot->owner;

	ro->op.type->on_timer(&ro->op, &ro->runner->net.io, ot->index, now);
}

/* --- runs --- */

static void start_run(struct runner_op *ro, mono_t now)
{
	struct runner *r = ro->runner;

	ro->is_running = true;
	ro->history.runs++;
	ro->started_at = r->clock->wall(r->clock);
	ro->started_mono = now;
	r->counters.runs_started++;
	ro->op.type->start(&ro->op, &r->net.io, now);
}

static void stop_run(struct runner_op *ro)
{
	if (ro->is_running)
		ro->op.type->stop(&ro->op, &ro->runner->net.io);
	ro->is_running = false;
}

/* --- schedule --- */

static void tell_state(const struct runner_op *ro, mono_t now)
{
	struct runner *r = ro->runner;
	const struct schedule *s = &ro->schedule;
	struct runner_state_event event = {
		.id = ro->op.id,
		.state = s->state,
		.removed = s->removed,
		.life_left_s = schedule_life_left_s(s, now),
		.missed_busy = ro->history.missed_busy,
		.missed_late = ro->history.missed_late,
		.act_serial = ro->history.act_serial,
	};

	if (s->state != SLA_STATE_ACTIVE && s->has_start && !s->removed)
		event.next_start =
		        wall_add_ns(r->clock->wall(r->clock), mono_diff_ns(s->start_at, now));
	r->sink.state(r->sink.ctx, &event);
}

static void tell_missed(struct runner_op *ro, enum missed_cause cause, uint32_t count, mono_t first,
                        mono_t now)
{
	struct runner *r = ro->runner;
	const struct runner_missed missed = {
		.id = ro->op.id,
		.cause = (uint8_t)cause,
		.count = count,
		.first_at = wall_add_ns(r->clock->wall(r->clock), mono_diff_ns(first, now)),
		.run = ro->history.runs,
	};

	if (count > 0 && r->sink.missed)
		r->sink.missed(r->sink.ctx, &missed);
}

static void count_missed(struct runner_op *ro, uint32_t busy, uint32_t late, mono_t now)
{
	tell_missed(ro, MISSED_LATE, late, ro->schedule.missed_from, now);
	tell_missed(ro, MISSED_BUSY, busy, now, now);
	ro->history.missed_busy += busy;
	ro->history.missed_late += late;
	ro->runner->counters.runs_missed_busy += busy;
	ro->runner->counters.runs_missed_late += late;
}

static void arm_schedule(struct runner_op *ro)
{
	mono_t at;

	if (schedule_next(&ro->schedule, &at))
		loop_arm(ro->runner->loop, &ro->schedule_timer, at);
	else
		loop_disarm(ro->runner->loop, &ro->schedule_timer);
}

/* The next start of an operation with random gaps: behind its first start, at ``from``, or behind a run. */
static void draw_start(struct runner_op *ro, mono_t from, uint32_t min_s, uint32_t max_s)
{
	struct runner *r = ro->runner;
	struct run_group *group = run_groups_find(&r->groups, ro->group);

	if (group)
		schedule_set_next(&ro->schedule,
		                  group_starts_next(&group->starts, ro->op.id.number, from, min_s,
		                                    max_s, net_random(&r->net.io)));
}

/* What a random scheduler adds to an event of the schedule. */
static void take_random_event(struct runner_op *ro, enum schedule_event event, mono_t now)
{
	const struct op_schedule *cfg = &ro->schedule.cfg;
	struct run_group *group = run_groups_find(&ro->runner->groups, ro->group);

	if (cfg->frequency_max_s == 0 || !group)
		return;
	if (event == SCHEDULE_RUN)
		draw_start(ro, now, cfg->frequency_s, cfg->frequency_max_s);
	else if (event == SCHEDULE_ACTIVATED)
		draw_start(ro, ro->schedule.next_run, 0, 0);
	else if (event == SCHEDULE_ENDED || event == SCHEDULE_AGED_OUT)
		group_starts_remove(&group->starts, ro->op.id.number);
}

static void take_event(struct runner_op *ro, enum schedule_event event, uint32_t missed, mono_t now)
{
	bool is_busy = event == SCHEDULE_RUN && ro->is_running;

	take_random_event(ro, event, now);
	count_missed(ro, is_busy, missed, now);
	if (event != SCHEDULE_RUN || missed > 0 || is_busy)
		tell_state(ro, now);
	if (event == SCHEDULE_RUN && !is_busy)
		start_run(ro, now);
	if (event == SCHEDULE_AGED_OUT)
		stop_run(ro);
}

static void schedule_fired(struct tmr *t, mono_t now)
{
	struct runner_op *ro = container_of(t, struct runner_op, schedule_timer);
	struct clock *clock = ro->runner->clock;
	enum schedule_event event;

	do {
		uint32_t missed;

		event = schedule_poll(&ro->schedule, now, clock->wall(clock), &missed);
		if (event != SCHEDULE_WAIT)
			take_event(ro, event, missed, now);
	} while (event != SCHEDULE_WAIT);
	arm_schedule(ro);
}

/* Seconds that local time is ahead of UTC now, for starts at a time of the day. */
static int32_t utc_offset_s(wall_t now)
{
	time_t s = (time_t)(now.ns / NS_PER_S);
	struct tm local;

	return localtime_r(&s, &local) ? (int32_t)local.tm_gmtoff : 0;
}

static uint32_t place_of(const struct runner *r, uint32_t number);

static void obey(struct schedule *s, enum runner_action order, mono_t now)
{
	switch (order) {
	case RUNNER_START:
		schedule_start(s, now);
		break;
	case RUNNER_STOP:
	case RUNNER_ORDERLY_STOP:
		schedule_stop(s, now);
		break;
	case RUNNER_RESTART:
		schedule_stop(s, now);
		schedule_start(s, now);
		break;
	case RUNNER_TRIGGER:
		schedule_trigger(s, now);
		break;
	case RUNNER_RELEASE:
		schedule_release(s, now);
		s->has_start = false; /* of settings that have just begun */
		break;
	case RUNNER_ACTIONS:
		break;
	}
}

/* What was ordered before the settings changed holds on. */
static void obey_again(struct runner_op *ro, mono_t now)
{
	if (ro->history.has_order)
		obey(&ro->schedule, ro->history.order, now);
}

static void leave_group(struct runner_op *ro)
{
	if (ro->group)
		run_groups_leave(&ro->runner->groups, ro->group, ro->op.id.number);
	ro->group = 0;
}

static void join_group(struct runner_op *ro, mono_t now)
{
	struct schedule *s = &ro->schedule;
	const struct run_group *group;

	ro->group = s->cfg.group;
	group = run_groups_join(&ro->runner->groups, ro->group, s->has_start ? s->start_at : now);
	s->has_origin = s->has_start; /* what waits for a trigger runs when it comes */
	s->origin = group->origin;
}

static void begin_schedule(struct runner_op *ro, const struct op_schedule *cfg)
{
	struct runner *r = ro->runner;
	mono_t now = loop_now(r->loop);
	wall_t wall = r->clock->wall(r->clock);
	uint32_t frequency_s = cfg->frequency_s ? cfg->frequency_s : ro->op.params.frequency_s;

	leave_group(ro);
	schedule_init(&ro->schedule, cfg, frequency_s, now, wall, utc_offset_s(wall),
	              net_random(&r->net.io));
	if (cfg->group)
		join_group(ro, now);
	else
		ro->schedule.phase_ns =
		        schedule_phase_ns(place_of(r, ro->op.id.number), frequency_s);
	obey_again(ro, now);
	tell_state(ro, now);
	arm_schedule(ro);
}

/* --- operations --- */

static void take_over_fired(struct tmr *t, mono_t now);

/* Where the operation is, or where it would go. */
static uint32_t place_of(const struct runner *r, uint32_t number)
{
	uint32_t low = 0, high = r->op_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (r->ops[mid]->op.id.number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct runner_op *find(const struct runner *r, uint32_t number)
{
	uint32_t at = place_of(r, number);

	return at < r->op_count && r->ops[at]->op.id.number == number ? r->ops[at] : NULL;
}

/* Of this generation. */
static struct runner_op *find_same(const struct runner *r, const struct op_id *id)
{
	struct runner_op *ro = find(r, id->number);

	return ro && ro->op.id.generation == id->generation ? ro : NULL;
}

/* A copy of ``params`` with texts of its own.  0 or -EMSGSIZE. */
static int settings_init(struct op_settings *s, const struct op_params *params,
                         const struct op_schedule *schedule)
{
	char packed[OP_TEXTS_MAX];
	int len = op_texts_pack(&params->text, packed);

	if (len < 0)
		return len;
	*s = (struct op_settings) { *params, *schedule, xcalloc(1, (size_t)len) };
	memcpy(s->texts, packed, (size_t)len);
	return op_texts_unpack(s->texts, (size_t)len, &s->params.text);
}

static void settings_fini(struct op_settings *s)
{
	free(s->texts);
	explicit_bzero(s, sizeof(*s)); /* it may hold a key */
}

static void drop_pending(struct runner_op *ro)
{
	if (ro->pending)
		settings_fini(ro->pending);
	free(ro->pending);
	ro->pending = NULL;
}

static void op_free(struct runner_op *ro)
{
	stop_run(ro);
	if (ro->op.type->forget)
		ro->op.type->forget(&ro->op, &ro->runner->net.io);
	leave_group(ro);
	loop_disarm(ro->runner->loop, &ro->schedule_timer);
	loop_disarm(ro->runner->loop, &ro->take_over_timer);
	drop_pending(ro);
	free(ro->op.state);
	free(ro->texts);
	explicit_bzero(&ro->op.params, sizeof(ro->op.params)); /* it may hold a key */
	free(ro);
}

/* Takes over the texts of ``settings``. */
static struct runner_op *op_new(struct runner *r, const struct op_id *id,
                                struct op_settings *settings)
{
	const struct op_params *params = &settings->params;
	const struct probe_type *type = probe_types[params->type];
	struct runner_op *ro = xcalloc(1, sizeof(*ro));

	ro->runner = r;
	ro->op = (struct op) { .id = *id, .params = *params, .type = type };
	ro->texts = settings->texts;
	settings->texts = NULL;
	ro->schedule_timer.fire = schedule_fired;
	ro->take_over_timer.fire = take_over_fired;
	for (unsigned i = 0; i < PROBE_TIMERS; i++)
		ro->timers[i] = (struct op_timer) { { .fire = op_timer_fired }, ro, i };
	ro->op.state = xcalloc(1, type->state_size(params));
	return ro;
}

static void insert(struct runner *r, struct runner_op *ro)
{
	uint32_t at = place_of(r, ro->op.id.number);

	if (at < r->op_count && r->ops[at]->op.id.number == ro->op.id.number) {
		op_free(r->ops[at]);
		r->ops[at] = ro;
		return;
	}
	if (r->op_count == r->op_room) {
		r->op_room = r->op_room ? r->op_room * 2 : 16;
		r->ops = xrealloc(r->ops, r->op_room, sizeof(struct runner_op *));
	}
	memmove(&r->ops[at + 1], &r->ops[at], (r->op_count - at) * sizeof(struct runner_op *));
	r->ops[at] = ro;
	r->op_count++;
}

/* A key that rolled over, or a name that has got another address, is no reason to begin anything anew. */
static bool is_same_but_key_and_address(const struct op_params *a, const struct op_params *b)
{
	return op_settings_equal(a, b) && a->type == b->type && a->target_port == b->target_port;
}

static void replace(struct runner *r, const struct op_id *id, struct op_settings *settings,
                    const struct op_history *history)
{
	struct runner_op *ro = op_new(r, id, settings);

	ro->history = *history;
	insert(r, ro);
	begin_schedule(ro, &settings->schedule);
}

static bool is_start(enum runner_action action)
{
	return action == RUNNER_START || action == RUNNER_RESTART || action == RUNNER_TRIGGER;
}

/* New settings for an operation that is between two runs; ``ro`` may be gone afterwards. */
static void take_over(struct runner_op *ro, struct op_settings *settings)
{
	const struct op_id id = ro->op.id;
	bool is_same_schedule = op_schedule_equal(&ro->schedule.cfg, &settings->schedule);

	ro->history.has_order &= is_same_schedule && (!is_start(ro->history.order) ||
	                                              ro->schedule.state == SLA_STATE_ACTIVE);
	const struct op_history history = ro->history;

	if (!is_same_but_key_and_address(&ro->op.params, &settings->params)) {
		replace(ro->runner, &id, settings, &history);
		return;
	}
	const struct op_texts same = ro->op.params.text;

	ro->op.params = settings->params;
	ro->op.params.text = same;
	if (!is_same_schedule)
		begin_schedule(ro, &settings->schedule);
}

/* The settings that wait, of an operation that is between two runs. */
static void take_pending(struct runner_op *ro)
{
	struct op_settings settings = *ro->pending;

	ro->pending->texts = NULL;
	drop_pending(ro);
	take_over(ro, &settings);
	settings_fini(&settings);
}

static void take_over_fired(struct tmr *t, mono_t now)
{
	struct runner_op *ro = container_of(t, struct runner_op, take_over_timer);

	(void)now;
	if (ro->pending && !ro->is_running)
		take_pending(ro);
	/* else: taken back, or the next run began first, whose end comes here again */
}

static bool has_settings(const struct runner_op *ro, const struct op_settings *settings)
{
	return op_params_equal(&ro->op.params, &settings->params) &&
	       op_schedule_equal(&ro->schedule.cfg, &settings->schedule);
}

/* As runner_set(), with settings whose texts may be taken over. */
static void set(struct runner *r, const struct op_id *id, struct op_settings *settings)
{
	struct runner_op *ro = find(r, id->number);

	if (!ro || ro->op.id.generation != id->generation) {
		replace(r, id, settings, &(struct op_history) { 0 });
		return;
	}
	drop_pending(ro);
	if (has_settings(ro, settings))
		return;
	if (!ro->is_running) {
		take_over(ro, settings);
		return;
	}
	ro->pending = xcalloc(1, sizeof(*ro->pending));
	*ro->pending = *settings;
	settings->texts = NULL;
}

int runner_set(struct runner *r, const struct op_id *id, const struct op_params *params,
               const struct op_schedule *schedule)
{
	struct op_settings settings;

	if (params->type >= SLA_TYPE_COUNT || params->frequency_s == 0 ||
	    probe_types[params->type]->check(params, NULL) < 0)
		return -EINVAL;
	if (loop_reserve_timers(r->loop, (r->op_count + 2) * TIMERS_PER_OP) < 0)
		return -ENOMEM;
	if (settings_init(&settings, params, schedule) < 0)
		return -EINVAL;
	set(r, id, &settings);
	settings_fini(&settings);
	return 0;
}

int runner_remove(struct runner *r, uint32_t number)
{
	uint32_t at = place_of(r, number);

	if (at >= r->op_count || r->ops[at]->op.id.number != number)
		return -ENOENT;
	op_free(r->ops[at]);
	r->op_count--;
	memmove(&r->ops[at], &r->ops[at + 1], (r->op_count - at) * sizeof(struct runner_op *));
	return 0;
}

/* Abandon the run that is on, and take over what waits for its end; ``ro`` may be gone afterwards. */
static void abandon_run(struct runner_op *ro)
{
	stop_run(ro);
	if (ro->pending)
		take_pending(ro);
}

/* Whether the operation is in a state that the order has an effect on. */
static bool concerns(const struct runner_op *ro, enum runner_action action)
{
	if (action == RUNNER_TRIGGER)
		return ro->schedule.state == SLA_STATE_PENDING;
	return action != RUNNER_RELEASE || ro->schedule.state == SLA_STATE_ACTIVE;
}

/* No start of a group is kept free for what does not run. */
static void forget_start(struct runner_op *ro)
{
	struct run_group *group = run_groups_find(&ro->runner->groups, ro->group);

	if (group)
		group_starts_remove(&group->starts, ro->op.id.number);
}

static bool abandons(enum runner_action action)
{
	return action == RUNNER_STOP || action == RUNNER_RESTART || action == RUNNER_RELEASE;
}

int runner_act(struct runner *r, const struct op_id *id, enum runner_action action, uint64_t serial)
{
	mono_t now = loop_now(r->loop);
	struct runner_op *ro = find_same(r, id);

	if (!ro)
		return -ENOENT;
	bool is_concerned = concerns(ro, action);

	if (is_concerned && abandons(action))
		abandon_run(ro);
	ro = find(r, id->number);
	if (!ro->schedule.cfg.scheduled)
		return -EINVAL;
	ro->history.act_serial = serial;
	if (is_concerned) {
		ro->history.has_order = true;
		ro->history.order = action;
		obey(&ro->schedule, action, now);
	}
	if (ro->schedule.state != SLA_STATE_ACTIVE)
		forget_start(ro);
	schedule_fired(&ro->schedule_timer, now); /* what is due now, and when to come again */
	tell_state(ro, now);
	return 0;
}

int runner_run_once(struct runner *r, const struct op_id *id, uint64_t *ret_run)
{
	struct runner_op *ro = find_same(r, id);

	if (!ro)
		return -ENOENT;
	if (ro->is_running)
		return -EBUSY;
	if (ret_run)
		*ret_run = ro->history.runs + 1;
	start_run(ro, loop_now(r->loop));
	return 0;
}

bool runner_cut(struct runner *r, uint32_t number)
{
	struct runner_op *ro = find(r, number);

	return ro && ro->is_running && ro->op.type->cut &&
	       ro->op.type->cut(&ro->op, &r->net.io, loop_now(r->loop));
}

void runner_tell_states(struct runner *r)
{
	mono_t now = loop_now(r->loop);

	for (uint32_t i = 0; i < r->op_count; i++)
		tell_state(r->ops[i], now);
}

const struct runner_counters *runner_counters(const struct runner *r)
{
	return &r->counters;
}

struct runner *runner_new(struct loop *loop, struct clock *clock, struct sock_opener *opener,
                          const struct runner_sink *sink)
{
	struct runner *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->clock = clock;
	r->sink = *sink;
	net_flows_init(&r->net, &io_ops, loop, clock, opener, &r->counters);
	return r;
}

void runner_set_egress(struct runner *r, const struct egress_policy *policy)
{
	r->net.egress = policy;
}

int runner_prepare_tls(struct runner *r, struct diag *d)
{
	return net_flows_prepare_tls(&r->net, d);
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->op_count; i++)
		op_free(r->ops[i]);
	free(r->ops);
	run_groups_fini(&r->groups);
	net_flows_fini(&r->net);
	free(r);
}
