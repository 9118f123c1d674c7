/* SPDX-License-Identifier: Apache-2.0 */
/* ethernet jitter: a burst of two-way delay measurements (ITU-T Y.1731 section 8.2.2).  The reply brings back our time
 * of sending, by which it is told from others, and the peer's times of receipt and reply, so that its turnaround
 * is taken off the round trip.
 *
 * The arithmetic is that of the jitter operations (sla/jitter_run.h) with a responder that does not count, so
 * that a loss has no direction.  Nothing in the frames says how good the peer's clock is: one-way values are
 * given with `peer-clock assumed` alone.  A peer that leaves its times at 0 gives round trips only. */
#include "probe/ethernet.h"
#include "probe/result_text.h"
#include "sla/jitter_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <string.h>

#define SEND_TIMER        0u
#define END_TIMER         1u
#define PACKETS_MAX       60000u
#define INTERVAL_MAX_MS   60000u
#define TURNAROUND_MAX_NS (10 * NS_PER_S) /* longer is no turnaround */
#define LINGER_MAX_NS     (20 * NS_PER_MS)
#define CUT_WAIT_MAX_NS   NS_PER_S

enum phase {
	PHASE_IDLE,
	PHASE_SENDING,
	PHASE_WAITING,
	PHASE_LINGERING, /* all answered: for duplicates */
};

struct jitter_state {
	struct ethernet_peer peer;
	struct jitter_run run;
	enum phase phase;
	uint32_t next; /* packet to send */
	mono_t give_up_at;
	int send_error, flow_error;
	struct cfm_time *sent_at; /* [1 .. packets]: our time in the frame */
	void *block;              /* of ``run`` */
};

#define ALIGN_UP(n) (((n) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

static size_t times_size(const struct op_params *p)
{
	return ALIGN_UP(((size_t)p->num_packets + 1) * sizeof(struct cfm_time));
}

static size_t state_size(const struct op_params *p)
{
	return ALIGN_UP(sizeof(struct jitter_state)) + times_size(p) +
	       jitter_run_size(p->num_packets, NULL);
}

static int check(const struct op_params *p, struct diag *d)
{
	if (p->num_packets < 1 || p->num_packets > PACKETS_MAX)
		return diag_set(d, -EINVAL, "num-packets: 1 to %u, not %" PRIu32, PACKETS_MAX,
		                p->num_packets);
	if (p->interval_ms < 1 || p->interval_ms > INTERVAL_MAX_MS)
		return diag_set(d, -EINVAL, "interval: 1 to %u milliseconds, not %" PRIu32,
		                INTERVAL_MAX_MS, p->interval_ms);
	return ethernet_check(p, d);
}

/* --- the end of a run ---------------------------------------------------------------------------- */

static void release(struct op *op, struct probe_io *io)
{
	struct jitter_state *st = op->state;

	io->ops->disarm(io, op, SEND_TIMER);
	io->ops->disarm(io, op, END_TIMER);
	ethernet_close(&st->peer, io);
	st->phase = PHASE_IDLE;
}

static enum sla_sense judge(const struct op *op, struct sla_result *res)
{
	const struct jitter_state *st = op->state;
	const struct jitter_result *j = &res->jitter;
	char name[ETHERNET_NAME_MAX];

	ethernet_name(&op->params, name);
	if (j->sent == 0) {
		result_text(res->detail, "no packet could be sent to %s: %s", name,
		            strerror(-st->send_error));
		return SENSE_DROPPED;
	}
	if (j->received == 0) {
		result_text(res->detail, "%s %s%s%s",
		            j->late > 0 ? "every reply came after the timeout from"
		                        : "no delay reply from",
		            name, st->flow_error ? ": " : "",
		            st->flow_error ? strerror(-st->flow_error) : "");
		return SENSE_TIMEOUT;
	}
	if (j->rtt.n == 0)
		result_text(res->detail, "%" PRIu32 " replies, but no usable time", j->received);
	else if (res->instrument.turnaround == TURNAROUND_INCLUDED)
		result_text(res->detail, "the peer's times are none: round trips only");
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
	struct jitter_state *st = op->state;
	struct sla_result res;
	struct sketch rtt;
	uint32_t drops = io->ops->drops(io, st->peer.flow);

	result_begin(&res, op, io);
	struct clock_grade grade = res.clock;

	res.control = SLA_CONTROL_DISABLE;
	jitter_run_finish(&st->run, &grade, &res);
	if (res.jitter.oneway_reason == ONEWAY_PEER_CLOCK_UNSYNCHRONISED)
		res.jitter.oneway_reason = ONEWAY_PEER_CLOCK_UNKNOWN;
	res.instrument.rx_queue_drops = drops;
	res.sense = (uint8_t)judge(op, &res);
	release(op, io);
	sketch_init(&rtt, 0);
	jitter_run_distribution(&st->run, &rtt);
	io->ops->finish(io, op, &res, &rtt);
	sketch_fini(&rtt);
}

/* --- sending ------------------------------------------------------------------------------------- */

/* The time in frames must tell them apart: where the clock is too coarse, it is one nanosecond later. */
static struct cfm_time time_of_frame(const struct jitter_state *st, uint32_t seq, wall_t now)
{
	const struct cfm_time *last = &st->sent_at[seq - 1];
	struct cfm_time t = { (uint32_t)(now.ns / NS_PER_S), (uint32_t)(now.ns % NS_PER_S) };

	if (seq > 1 && t.s == last->s && t.ns == last->ns)
		t.ns = t.ns + 1 < NS_PER_S ? t.ns + 1 : 0;
	return t;
}

static void send_one(struct op *op, struct probe_io *io, uint32_t seq)
{
	struct jitter_state *st = op->state;
	uint8_t buf[CFM_FRAME_MAX];
	struct cfm_frame f = ethernet_frame(&st->peer, &op->params, CFM_DMM);
	struct stamp user;

	st->sent_at[seq] = time_of_frame(st, seq, io->ops->read_clock(io).at);
	f.t1 = st->sent_at[seq];
	ssize_t len = cfm_encode(&f, buf, sizeof(buf));
	int rc =
	        len < 0 ? (int)len : io->ops->send(io, st->peer.flow, buf, (size_t)len, seq, &user);

	if (rc == 0) {
		jitter_run_sent(&st->run, seq, &user);
		return;
	}
	st->send_error = rc;
	jitter_run_skip(&st->run, seq);
}

static void linger(struct op *op, struct probe_io *io, mono_t now)
{
	struct jitter_state *st = op->state;
	int64_t pause_ns =
	        st->run.cfg.interval_ns < LINGER_MAX_NS ? st->run.cfg.interval_ns : LINGER_MAX_NS;
	mono_t at = mono_add_ns(now, pause_ns);

	st->phase = PHASE_LINGERING;
	io->ops->arm(io, op, END_TIMER, at.ns < st->give_up_at.ns ? at : st->give_up_at);
}

static void all_sent(struct op *op, struct probe_io *io, mono_t now)
{
	struct jitter_state *st = op->state;

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
	struct jitter_state *st = op->state;

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
	struct jitter_state *st = op->state;
	const struct op_params *p = &op->params;
	struct jitter_config cfg = {
		.wire = JITTER_WIRE_US,
		.packets = p->num_packets,
		.first_at = now,
		.interval_ns = (int64_t)p->interval_ms * NS_PER_MS,
		.timeout_ns = (int64_t)p->timeout_ms * NS_PER_MS,
		.threshold_ns = (int64_t)p->threshold_ms * NS_PER_MS,
	};

	jitter_run_init(&st->run, &cfg, st->block);
	st->next = 1;
	st->phase = PHASE_SENDING;
	send_due(op, io, now);
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct jitter_state *st = op->state;
	const struct op_params *p = &op->params;

	*st = (struct jitter_state) { 0 };
	st->sent_at = (struct cfm_time *)(void *)((uint8_t *)st + ALIGN_UP(sizeof(*st)));
	st->block = (uint8_t *)st->sent_at + times_size(p);
	if (ethernet_open(&st->peer, op, io))
		begin(op, io, now);
}

/* --- what comes in ------------------------------------------------------------------------------- */

static wall_t wall_of(struct cfm_time t)
{
	return (wall_t) { (int64_t)t.s * NS_PER_S + t.ns };
}

/* The packet that went out with this time; 0: none of ours.  Most replies are to one of the latest. */
static uint32_t find_sent(const struct jitter_state *st, struct cfm_time t)
{
	uint32_t seq = st->next - 1;

	while (seq > 0 && (st->sent_at[seq].s != t.s || st->sent_at[seq].ns != t.ns))
		seq--;
	return seq;
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct jitter_state *st = op->state;
	struct cfm_frame f;

	if (st->phase == PHASE_IDLE || flow != st->peer.flow)
		return;
	bool is_ours = ethernet_is_from_peer(&st->peer, &op->params, packet, CFM_DMR, &f);
	uint32_t seq = is_ours ? find_sent(st, f.t1) : 0;

	if (seq == 0) {
		st->run.foreign++;
		return;
	}
	struct jitter_reply reply = {
		.at = packet->at,
		.t2 = wall_of(f.t2),
		.t3 = wall_of(f.t3),
		.peer_err_ns = op->params.peer_clock == SLA_PEER_CLOCK_ASSUMED ? 0 : -1,
	};
	int64_t turnaround_ns = wall_diff_ns(reply.t3, reply.t2);

	reply.unstamped =
	        reply.t2.ns == 0 || turnaround_ns < 0 || turnaround_ns > TURNAROUND_MAX_NS;
	if (jitter_run_reply(&st->run, seq, &reply) && st->phase == PHASE_WAITING &&
	    jitter_run_is_complete(&st->run))
		linger(op, io, now);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct jitter_state *st = op->state;

	(void)io;
	if (st->phase != PHASE_IDLE)
		jitter_run_stamp(&st->run, token, at);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct jitter_state *st = op->state;

	(void)io, (void)now;
	if (st->phase != PHASE_IDLE && flow == st->peer.flow)
		st->flow_error = error;
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct jitter_state *st = op->state;

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
	struct jitter_state *st = op->state;
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
	ETHERNET_ROWS,
	ROW_INTERVAL,
	{ .keyword = "num-frames",
	  .kind = CK_U32,
	  .unit = U_PKTS,
	  .where = CW_INLINE,
	  .offset = PARAM(num_packets),
	  .min = 1,
	  .max = PACKETS_MAX,
	  .initial = 10,
	  .help = "Frames in one run",
	  .source = "IOS; rttMonEchoAdminNumPackets" },
	ROW_PEER_CLOCK,
	ROWS_END,
};

const struct probe_type ethernet_jitter_type = {
	.name = "ethernet-jitter",
	.words = "ethernet jitter",
	.usage = "ethernet-jitter --interface NAME --remote-mac MAC [options]",
	.id = SLA_ETHERNET_JITTER,
	.target = TARGET_NONE,
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
