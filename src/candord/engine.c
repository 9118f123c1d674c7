/* SPDX-License-Identifier: Apache-2.0 */
/* The engine process.  It holds no privilege and opens no file: orders come through the ring from
 * control, results leave through the ring to control, privileged sockets come from the broker. */
#include "candord/engine.h"

#include "base/log.h"
#include "candord/messages.h"
#include "candord/record_check.h"
#include "io/broker.h"
#include "io/channel.h"
#include "io/clock_lab.h"
#include "io/loop.h"
#include "io/process.h"
#include "io/sandbox.h"
#include "io/signals.h"
#include "responder/sctp_process.h"
#include "wire/ipsla_v2_auth.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

/* Orders taken in one turn of the loop, so that a reload of many operations does not keep packets
 * waiting. */
#define ORDERS_PER_TURN 64

#define STATES_AGAIN_NS (100 * NS_PER_MS)

/* An order as it comes out of the ring: copied, aligned, and out of control's reach. */
union order {
	struct engine_op_record op;
	struct engine_op_act op_act;
	struct engine_op_probe op_probe;
	struct engine_clock_set clock_set;
	struct responder_cfg responder;
	struct egress_policy egress;
	uint32_t number;
	uint64_t token;
};

struct engine {
	struct clock *clock;
	struct clock_lab lab;
	struct loop *loop;
	struct signals signals;
	struct channel channel;
	struct loop_fd orders, parent;
	struct broker_client broker;
	struct runner *runner;
	struct responder *responder;
	struct egress_policy egress; /* where operations may connect to */
	union order order;
	struct sketch_pair pairs[SKETCH_BUCKETS]; /* of a distribution on its way */
	uint64_t results_lost;
	struct tmr states_again;              /* armed while a state could not be told */
	uint16_t sctp_encaps_port, sctp_port; /* of the SCTP process that serves; 0: none */
	bool kernel_has_sctp;
	bool is_realtime, is_broken;
};

/* What became of a record. */
static void sent(struct engine *e, int rc)
{
	if (rc == -ENOSPC) {
		e->results_lost++;
	} else if (rc < 0) {
		log_err("engine", "the channel to control is broken: %s", strerror(-rc));
		e->is_broken = true;
		loop_stop(e->loop);
	}
}

static void tell(struct engine *e, enum control_message type, const void *data, size_t len)
{
	sent(e, channel_send(&e->channel, (uint16_t)type, data, len));
}

/* The extremes of the distribution are those of the result. */
static void on_result(void *ctx, const struct sla_result *result, const struct sketch *rtt)
{
	struct engine *e = ctx;
	int pairs = rtt ? sketch_encode(rtt, e->pairs, SKETCH_BUCKETS) : 0;
	const struct ring_part parts[] = {
		{ result, sla_result_size(result) },
		{ e->pairs, (size_t)(pairs > 0 ? pairs : 0) * sizeof(e->pairs[0]) },
	};

	sent(e, channel_sendv(&e->channel, CONTROL_RESULT, parts, ARRAY_LEN(parts)));
}

static void on_missed(void *ctx, const struct runner_missed *missed)
{
	tell(ctx, CONTROL_MISSED, missed, sizeof(*missed));
}

/* A result that is lost is counted, a state is told again: control acts on it. */
static void on_state(void *ctx, const struct runner_state_event *event)
{
	struct engine *e = ctx;
	int rc = channel_send(&e->channel, CONTROL_OP_STATE, event, sizeof(*event));

	if (rc != -ENOSPC)
		sent(e, rc);
	else if (!tmr_is_armed(&e->states_again))
		loop_arm(e->loop, &e->states_again,
		         mono_add_ns(loop_now(e->loop), STATES_AGAIN_NS));
}

static void tell_states(struct tmr *t, mono_t now)
{
	(void)now;
	runner_tell_states(container_of(t, struct engine, states_again)->runner);
}

static void send_sessions(struct engine *e)
{
	struct responder_session_view views[SNAPSHOT_SESSIONS_CHUNK];

	for (uint32_t first = 0; first < SNAPSHOT_SESSIONS_MAX;) {
		uint32_t n =
		        responder_sessions(e->responder, first, SNAPSHOT_SESSIONS_CHUNK, views);

		if (n == 0)
			return;
		tell(e, CONTROL_SESSIONS, views, n * sizeof(views[0]));
		first += n;
	}
}

static void send_snapshot(struct engine *e, uint64_t token)
{
	struct responder_status status;
	struct control_snapshot_end end = {
		.token = token,
		.runner = *runner_counters(e->runner),
		.clock = e->clock->grade(e->clock),
		.results_lost = e->results_lost,
		.is_realtime = e->is_realtime,
	};

	responder_status(e->responder, &status);
	tell(e, CONTROL_RESPONDER_STATUS, &status, sizeof(status));
	send_sessions(e);
	tell(e, CONTROL_SNAPSHOT_END, &end, sizeof(end));
}

/* Where the kernel has no SCTP, a process of its own speaks it; the broker starts it. */
static void serve_sctp(struct engine *e, const struct responder_cfg *cfg)
{
	bool is_wanted = cfg->enabled && cfg->control_sctp && !e->kernel_has_sctp;
	uint16_t encaps_port = is_wanted ? cfg->sctp_encaps_port : 0;
	uint16_t port = is_wanted ? cfg->v2_port : 0;
	struct diag d = { 0 };

	if (encaps_port == e->sctp_encaps_port && port == e->sctp_port)
		return;
	(void)!responder_take_sctp(e->responder, -1); /* the old one ends with its channel */
	e->sctp_encaps_port = e->sctp_port = 0;
	if (!is_wanted)
		return;
	int rc = broker_client_start_sctp(&e->broker, encaps_port, port, &d);

	if (rc >= 0) {
		rc = responder_take_sctp(e->responder, rc);
		if (rc < 0)
			(void)diag_set(&d, rc, "cannot watch the SCTP process: %s", strerror(-rc));
	}
	if (rc < 0) {
		tell(e, CONTROL_RESPONDER_ERROR, d.text, strlen(d.text) + 1);
		return;
	}
	e->sctp_encaps_port = encaps_port;
	e->sctp_port = port;
}

static void set_responder(struct engine *e, const struct responder_cfg *cfg)
{
	struct diag d = { 0 };

	serve_sctp(e, cfg);
	if (responder_apply(e->responder, cfg, &d) < 0)
		tell(e, CONTROL_RESPONDER_ERROR, d.text, strlen(d.text) + 1);
}

static void set_op(struct engine *e, struct engine_op_set *set)
{
	int rc = runner_set(e->runner, &set->id, &set->params, &set->schedule);

	if (rc < 0)
		log_err("engine", "operation %u cannot run: %s", set->id.number, strerror(-rc));
	explicit_bzero(set, sizeof(*set)); /* it may hold a secret */
}

/* An operation that is gone, or another by now, is not acted on: who asked learns it from control. */
static void act_on_op(struct engine *e, const struct engine_op_act *act)
{
	int rc = runner_act(e->runner, &act->id, (enum runner_action)act->action, act->serial);

	if (rc < 0)
		log_warn("engine", "operation %u takes no order: %s", act->id.number,
		         strerror(-rc));
}

static void probe_now(struct engine *e, const struct engine_op_probe *probe)
{
	struct control_probe answer = { .id = probe->id, .token = probe->token };

	answer.error = runner_run_once(e->runner, &probe->id, &answer.run);
	tell(e, CONTROL_PROBE, &answer, sizeof(answer));
}

/* One order; false: type and length do not fit together, or the content makes no sense. */
static bool take_order(struct engine *e, uint16_t type, size_t len)
{
	union order *o = &e->order;

	switch ((enum engine_message)type) {
	case ENGINE_OP_SET:
		if (len < sizeof(o->op.set) || !record_op_set_is_sane(&o->op.set) ||
		    op_texts_unpack(o->op.texts, len - sizeof(o->op.set), &o->op.set.params.text) <
		            0)
			return false;
		set_op(e, &o->op.set);
		return true;
	case ENGINE_OP_REMOVE:
		if (len != sizeof(o->number))
			return false;
		/* One that could not run was never there. */
		(void)!runner_remove(e->runner, o->number);
		return true;
	case ENGINE_RESPONDER_SET:
		if (len != sizeof(o->responder) || !record_responder_cfg_is_sane(&o->responder))
			return false;
		set_responder(e, &o->responder);
		return true;
	case ENGINE_CLOCK_SET:
		if (len != sizeof(o->clock_set) || !record_clock_set_is_sane(&o->clock_set))
			return false;
		clock_system_set_policy(&o->clock_set.policy);
		clock_system_set_daemon(o->clock_set.daemon);
		return true;
	case ENGINE_EGRESS_SET:
		if (len != sizeof(o->egress) || !record_egress_is_sane(&o->egress))
			return false;
		e->egress = o->egress;
		return true;
	case ENGINE_SNAPSHOT:
		if (len != sizeof(o->token))
			return false;
		send_snapshot(e, o->token);
		return true;
	case ENGINE_OP_ACT:
		if (len != sizeof(o->op_act) || !record_op_act_is_sane(&o->op_act))
			return false;
		act_on_op(e, &o->op_act);
		return true;
	case ENGINE_OP_PROBE:
		if (len != sizeof(o->op_probe))
			return false;
		probe_now(e, &o->op_probe);
		return true;
	}
	return false;
}

static void on_orders(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct engine *e = container_of(lf, struct engine, orders);

	(void)events, (void)now;
	for (int i = 0; i < ORDERS_PER_TURN; i++) {
		uint16_t type;
		ssize_t len = channel_receive(&e->channel, &e->order, sizeof(e->order), &type);

		if (len == 0)
			return;
		if (len < 0 || !take_order(e, type, (size_t)len)) {
			log_err("engine", "an order of control makes no sense (type %u)", type);
			e->is_broken = true;
			loop_stop(e->loop);
			return;
		}
	}
}

/* Its end is the order to stop; answers to our requests are read where they are asked for. */
static void on_parent(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct engine *e = container_of(lf, struct engine, parent);

	(void)now;
	if (events & (EPOLLHUP | EPOLLRDHUP))
		loop_stop(e->loop);
}

static void on_signal(struct signals *s, int signo, mono_t now)
{
	(void)signo, (void)now;
	loop_stop(s->loop);
}

static int start_clock(struct engine *e, const char *spec)
{
	struct clock_lab_spec lab;
	struct diag d = { 0 };

	e->clock = clock_system();
	if (!spec)
		return 0;
	if (clock_lab_parse(spec, &lab, &d) < 0) {
		log_err("engine", "%s", d.text);
		return -EINVAL;
	}
	clock_lab_init(&e->lab, &lab, clock_system());
	e->clock = &e->lab.clock;
	return 0;
}

/* Everything in order of need; -errno and a line in the log. */
static int start(struct engine *e, const struct candord_options *options)
{
	static const int stop_signals[] = { SIGTERM, SIGINT, 0 };
	struct channel_fds fds = { PROCESS_FD_FIRST + ENGINE_FD_MEMORY,
		                   PROCESS_FD_FIRST + ENGINE_FD_WAKE_ENGINE,
		                   PROCESS_FD_FIRST + ENGINE_FD_WAKE_CONTROL };
	struct runner_sink sink = { on_result, on_state, on_missed, e };
	struct diag d = { 0 };
	int rc = start_clock(e, options->clock_spec);

	if (rc < 0)
		return rc;
	e->loop = loop_new(e->clock);
	if (!e->loop)
		return -errno;
	e->states_again.fire = tell_states;
	rc = channel_attach(&e->channel, &fds, CHANNEL_ENGINE);
	if (rc < 0)
		return rc;
	rc = signals_init(&e->signals, e->loop, stop_signals, on_signal);
	if (rc < 0)
		return rc;
	broker_client_init(&e->broker, PROCESS_FD_FIRST + ENGINE_FD_BROKER);
	rc = broker_client_rt_sched(&e->broker, &d);
	e->is_realtime = rc == 0;
	if (rc < 0)
		log_info("engine", "ordinary scheduling: %s", d.text);
	e->runner = runner_new(e->loop, e->clock, &e->broker.opener, &sink);
	e->responder = responder_new(e->loop, e->clock, &e->broker.opener);
	if (!e->runner || !e->responder)
		return -ENOMEM;
	runner_set_egress(e->runner, &e->egress);
	e->kernel_has_sctp = sctp_kernel_has_it();
	e->orders = (struct loop_fd) { channel_wait_fd(&e->channel), on_orders };
	e->parent = (struct loop_fd) { PROCESS_FD_FIRST + ENGINE_FD_BROKER, on_parent };
	rc = loop_add(e->loop, &e->orders, EPOLLIN);
	if (rc == 0)
		rc = loop_add(e->loop, &e->parent, EPOLLRDHUP);
	if (rc < 0)
		return rc;
	/* Everything is open: from here on strangers' packets are read, and nothing else is needed.  What
	 * libraries read from files at first use is read now. */
	tzset();
	rc = runner_prepare_tls(e->runner, &d);
	if (rc < 0) {
		log_err("engine", "%s", d.text);
		return rc;
	}
	if (*d.text == '\0')
		log_warn("engine",
		         "no trust anchors on this host (ca-certificates): no https server "
		         "will be trusted");
	rc = ipsla_v2_auth_prepare();
	if (rc == 0)
		rc = sandbox_engine(&d);
	if (rc < 0)
		log_err("engine", "cannot confine itself: %s", d.text);
	return rc;
}

int engine_main(const struct candord_options *options)
{
	static struct engine e; /* zeroed; large, and there is one */
	uint32_t ready = 0;
	int rc = process_enter("engine", ENGINE_FD_COUNT);

	if (rc == 0)
		rc = start(&e, options);
	if (rc == 0) {
		tell(&e, CONTROL_READY, &ready, sizeof(ready));
		rc = loop_run(e.loop);
	}
	if (rc < 0)
		log_err("engine", "cannot go on: %s", strerror(-rc));
	responder_free(e.responder);
	runner_free(e.runner);
	return rc < 0 || e.is_broken ? CANDORD_EXIT_SYSTEM : CANDORD_EXIT_OK;
}
