/* SPDX-License-Identifier: Apache-2.0 */
/* icmp-jitter: a burst of ICMP timestamp requests, which need no responder: the target's own stamps give its
 * turnaround, one-way times and jitter in milliseconds.
 *
 * Packet s has identifier and sequence s, as from routers; its originate time tells its reply from a straggler
 * of an earlier run and from another operation's.  The arithmetic is that of the jitter operations
 * (sla/jitter_run.h) with a responder that does not count, so that a loss has no direction.  A set high bit
 * in a reply says that the target's clock is no standard time: no one-way values then.  A clear one is taken
 * for the truth, as routers take it. */
#include "probe/icmp_jitter.h"

#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "sla/icmp_order.h"
#include "wire/icmp_timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <string.h>

#define SEND_TIMER      0u
#define END_TIMER       1u
#define PACKETS_MAX     60000u
#define INTERVAL_MAX_MS 60000u
#define LINGER_MAX_NS   (20 * NS_PER_MS)
#define CUT_WAIT_MAX_NS NS_PER_S

enum phase {
	PHASE_IDLE,
	PHASE_SENDING,
	PHASE_WAITING,
	PHASE_LINGERING, /* all answered: for duplicates */
};

struct icmp_jitter_state {
	struct probe_flow *flow;
	struct jitter_run run;
	enum phase phase;
	uint32_t next;                  /* packet to send */
	uint32_t nonstandard, standard; /* replies by the high bit of their times */
	bool is_synchronised;           /* our own clock, at the start */
	mono_t give_up_at;
	int send_error, flow_error;
	uint32_t *originate; /* [1 .. packets]; at the end scratch */
	void *block;         /* of ``run`` */
};

#define ALIGN_UP(n) (((n) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

static size_t originate_size(const struct op_params *p)
{
	return ALIGN_UP(((size_t)p->num_packets + 1) * sizeof(uint32_t));
}

static size_t state_size(const struct op_params *p)
{
	return ALIGN_UP(sizeof(struct icmp_jitter_state)) + originate_size(p) +
	       jitter_run_size(p->num_packets, p->percentile);
}

static int check(const struct op_params *p, struct diag *d)
{
	if (p->num_packets < 1 || p->num_packets > PACKETS_MAX)
		return diag_set(d, -EINVAL, "num-packets: 1 to %u, not %" PRIu32, PACKETS_MAX,
		                p->num_packets);
	if (p->interval_ms < 1 || p->interval_ms > INTERVAL_MAX_MS)
		return diag_set(d, -EINVAL, "interval: 1 to %u milliseconds, not %" PRIu32,
		                INTERVAL_MAX_MS, p->interval_ms);
	if (p->target.family == INET_V6)
		return diag_set(d, -EINVAL,
		                "ICMPv6 has no timestamps: icmp-jitter needs an IPv4 target");
	return 0;
}

/* --- the end of a run ---------------------------------------------------------------------------- */

static void release(struct op *op, struct probe_io *io)
{
	struct icmp_jitter_state *st = op->state;

	io->ops->disarm(io, op, SEND_TIMER);
	io->ops->disarm(io, op, END_TIMER);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
	st->phase = PHASE_IDLE;
}

static enum sla_sense judge(const struct op *op, struct sla_result *res)
{
	const struct icmp_jitter_state *st = op->state;
	const struct jitter_result *j = &res->jitter;
	char text[INET_TEXT_MAX];

	inet_addr_format(&op->params.target, text);
	if (j->sent == 0) {
		result_text(res->detail, "no packet could be sent to %s: %s", text,
		            strerror(-st->send_error));
		return SENSE_DROPPED;
	}
	if (j->received == 0) {
		result_text(res->detail, "%s %s%s%s",
		            j->late > 0 ? "every reply came after the timeout from"
		                        : "no timestamp reply from",
		            text, st->flow_error ? ": " : "",
		            st->flow_error ? strerror(-st->flow_error) : "");
		return SENSE_TIMEOUT;
	}
	if (j->rtt.n == 0)
		result_text(res->detail, "%" PRIu32 " replies, but no usable time", j->received);
	else if (res->instrument.turnaround == TURNAROUND_INCLUDED)
		result_text(res->detail, "the target's times are none: round trips only");
	else if (st->run.cfg.packets < op->params.num_packets)
		result_text(res->detail, "ended after %" PRIu32 " of %" PRIu32 " packets",
		            st->run.cfg.packets, op->params.num_packets);
	else if (j->skipped > 0)
		result_text(res->detail, "%" PRIu32 " packets skipped: this host was too slow",
		            j->skipped);
	return result_sense_of_rtt(&op->params, res->rtt_ns);
}

static void finish(struct op *op, struct probe_io *io)
{
	struct icmp_jitter_state *st = op->state;
	struct sla_result res;
	struct sketch rtt;
	uint32_t drops = io->ops->drops(io, st->flow);

	result_begin(&res, op, io);
	struct clock_grade grade = res.clock;

	res.control = SLA_CONTROL_DISABLE;
	st->run.cfg.peer_clock_assumed = st->nonstandard == 0 && st->standard > 0;
	jitter_run_finish(&st->run, &grade, &res);
	if (res.jitter.oneway_reason == ONEWAY_PEER_CLOCK_UNKNOWN && st->nonstandard > 0)
		res.jitter.oneway_reason = ONEWAY_PEER_CLOCK_UNSYNCHRONISED;
	icmp_jitter_finish(&st->run, st->originate, &res);
	res.instrument.rx_queue_drops = drops;
	res.sense = (uint8_t)judge(op, &res);
	release(op, io);
	sketch_init(&rtt, 0);
	jitter_run_distribution(&st->run, &rtt);
	io->ops->finish(io, op, &res, &rtt);
	sketch_fini(&rtt);
}

/* --- sending ------------------------------------------------------------------------------------- */

static void send_one(struct op *op, struct probe_io *io, uint32_t seq)
{
	struct icmp_jitter_state *st = op->state;
	uint8_t message[ICMP_TIMESTAMP_OCTETS];
	uint32_t now_ms = wall_to_ms_of_day(io->ops->read_clock(io).at);
	const struct icmp_timestamp t = {
		.id = (uint16_t)seq,
		.sequence = (uint16_t)seq,
		.originate = now_ms | (st->is_synchronised ? 0 : ICMP_TIMESTAMP_NONSTANDARD),
	};
	struct stamp user;
	ssize_t len = icmp_timestamp_encode(&t, message, sizeof(message));
	int rc = len < 0 ? (int)len : io->ops->send(io, st->flow, message, (size_t)len, seq, &user);

	st->originate[seq] = t.originate;
	if (rc == 0) {
		jitter_run_sent(&st->run, seq, &user);
		return;
	}
	st->send_error = rc;
	jitter_run_skip(&st->run, seq);
}

static void linger(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_jitter_state *st = op->state;
	int64_t pause_ns =
	        st->run.cfg.interval_ns < LINGER_MAX_NS ? st->run.cfg.interval_ns : LINGER_MAX_NS;
	mono_t at = mono_add_ns(now, pause_ns);

	st->phase = PHASE_LINGERING;
	io->ops->arm(io, op, END_TIMER, at.ns < st->give_up_at.ns ? at : st->give_up_at);
}

static void all_sent(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_jitter_state *st = op->state;

	if (st->run.sent == 0) {
		finish(op, io);
		return;
	}
	st->phase = PHASE_WAITING;
	st->give_up_at = mono_add_ns(now, st->run.cfg.timeout_ns);
	if (jitter_run_is_complete(&st->run))
		linger(op, io, now);
	else
		io->ops->arm(io, op, END_TIMER, st->give_up_at);
}

static void send_due(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_jitter_state *st = op->state;

	for (; st->next <= st->run.cfg.packets; st->next++) {
		mono_t due = jitter_run_due(&st->run, st->next);

		if (due.ns > now.ns) {
			io->ops->arm(io, op, SEND_TIMER, due);
			return;
		}
		if (mono_diff_ns(now, due) > st->run.cfg.interval_ns)
			jitter_run_skip(&st->run, st->next);
		else
			send_one(op, io, st->next);
	}
	all_sent(op, io, now);
}

static void begin(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_jitter_state *st = op->state;
	const struct op_params *p = &op->params;
	struct jitter_config cfg = {
		.wire = JITTER_WIRE_MS,
		.packets = p->num_packets,
		.first_at = now,
		.interval_ns = (int64_t)p->interval_ms * NS_PER_MS,
		.timeout_ns = (int64_t)p->timeout_ms * NS_PER_MS,
		.threshold_ns = (int64_t)p->threshold_ms * NS_PER_MS,
	};

	st->is_synchronised = io->ops->grade(io).source != CLOCK_SOURCE_NONE;
	memcpy(cfg.percentile, p->percentile, sizeof(cfg.percentile));
	jitter_run_init(&st->run, &cfg, st->block);
	st->next = 1;
	st->phase = PHASE_SENDING;
	send_due(op, io, now);
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_jitter_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_ICMP_TIMESTAMP,
		.local = { p->source, 0 },
		.peer = { p->target, 0 },
		.tos = p->tos,
	};
	char detail[SLA_DETAIL_MAX];

	*st = (struct icmp_jitter_state) { 0 };
	st->originate = (uint32_t *)(void *)((uint8_t *)st + ALIGN_UP(sizeof(*st)));
	st->block = (uint8_t *)st->originate + originate_size(p);
	if (!result_has_target(op, io))
		return;
	if (p->target.family == INET_V6) {
		result_finish_failed(op, io, SENSE_ERROR, "ICMPv6 has no timestamps");
		return;
	}
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		result_finish_failed(op, io, sense, detail);
		return;
	}
	begin(op, io, now);
}

/* --- what comes in ------------------------------------------------------------------------------- */

/* Times of the day that a reply may have; all else is a peer that fills in something of its own. */
static bool are_times(const struct icmp_timestamp *t)
{
	uint32_t receive = t->receive & ~ICMP_TIMESTAMP_NONSTANDARD;
	uint32_t transmit = t->transmit & ~ICMP_TIMESTAMP_NONSTANDARD;
	int32_t turnaround_ms = ms_of_day_diff(transmit, receive);

	return receive < ICMP_TIMESTAMP_DAY_MS && transmit < ICMP_TIMESTAMP_DAY_MS &&
	       turnaround_ms >= 0 && turnaround_ms <= UINT16_MAX;
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct icmp_jitter_state *st = op->state;
	struct icmp_timestamp t;

	if (st->phase == PHASE_IDLE || flow != st->flow)
		return;
	/* Replies to other operations and programs come here as well: only ours can be told. */
	if (icmp_timestamp_decode(packet->data, packet->len, &t) < 0 || !t.is_reply ||
	    t.id != t.sequence || t.id < 1 || t.id > st->run.cfg.packets || t.id >= st->next ||
	    t.originate != st->originate[t.id]) {
		st->run.foreign++;
		return;
	}
	bool is_standard = !((t.receive | t.transmit) & ICMP_TIMESTAMP_NONSTANDARD);
	struct jitter_reply reply = {
		.at = packet->at,
		.peer_err_ns = -1,
		.unstamped = !are_times(&t),
	};

	if (!reply.unstamped) {
		reply.t2_ms = t.receive & ~ICMP_TIMESTAMP_NONSTANDARD;
		reply.delta_ms = (uint16_t)ms_of_day_diff(t.transmit & ~ICMP_TIMESTAMP_NONSTANDARD,
		                                          reply.t2_ms);
	}
	st->standard += is_standard;
	st->nonstandard += !is_standard;
	if (jitter_run_reply(&st->run, t.sequence, &reply) && st->phase == PHASE_WAITING &&
	    jitter_run_is_complete(&st->run))
		linger(op, io, now);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct icmp_jitter_state *st = op->state;

	(void)io;
	if (st->phase != PHASE_IDLE)
		jitter_run_stamp(&st->run, token, at);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct icmp_jitter_state *st = op->state;

	(void)io, (void)now;
	if (st->phase != PHASE_IDLE && flow == st->flow)
		st->flow_error = error;
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct icmp_jitter_state *st = op->state;

	if (timer == SEND_TIMER && st->phase == PHASE_SENDING)
		send_due(op, io, now);
	else if (timer == END_TIMER && st->phase > PHASE_SENDING)
		finish(op, io);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static bool cut(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_jitter_state *st = op->state;
	mono_t at = mono_add_ns(now, CUT_WAIT_MAX_NS);

	if (st->phase == PHASE_IDLE)
		return false;
	if (st->phase == PHASE_SENDING) {
		io->ops->disarm(io, op, SEND_TIMER);
		jitter_run_cut(&st->run, st->next - 1);
		all_sent(op, io, now);
	}
	if (st->phase == PHASE_WAITING && at.ns < st->give_up_at.ns) {
		st->give_up_at = at;
		io->ops->arm(io, op, END_TIMER, at);
	}
	return true;
}

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,
	{ .keyword = "num-packets",
	  .kind = CK_U32,
	  .unit = U_PKTS,
	  .where = CW_INLINE,
	  .offset = PARAM(num_packets),
	  .min = 1,
	  .max = PACKETS_MAX,
	  .initial = 10,
	  .help = "Packets in one run",
	  .source = "IOS; rttMonEchoAdminNumPackets" },
	{ .keyword = "interval",
	  .kind = CK_U32,
	  .unit = U_MS,
	  .where = CW_INLINE,
	  .offset = PARAM(interval_ms),
	  .min = 4,
	  .max = INTERVAL_MAX_MS,
	  .initial = 20,
	  .help = "From one packet to the next",
	  .source = "IOS; rttMonEchoAdminInterval" },
	ROW_FREQUENCY,
	ROWS_PERCENTILE,
	ROW_THRESHOLD,
	ROW_TIMEOUT,
	ROW_TOS,
	ROW_TRAFFIC_CLASS,
	ROW_SOURCE_INTERFACE,
	ROW_VRF,
	ROW_MARK,
	ROWS_END,
};

const struct probe_type icmp_jitter_type = {
	.name = "icmp-jitter",
	.usage = "icmp-jitter TARGET [options]",
	.id = SLA_ICMP_JITTER,
	.target = TARGET_HOST,
	.rows = rows,
	.stats = STATS_HOURS | STATS_ENHANCED,
	.state_size = state_size,
	.check = check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = probe_no_connect,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
	.cut = cut,
};
