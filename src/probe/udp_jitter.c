/* SPDX-License-Identifier: Apache-2.0 */
/* udp-jitter: N datagrams, one every interval, to a responder that stamps and numbers each.
 *
 * A run is: control exchange (unless disabled) from the port that the probes will leave from; probes
 * on an absolute schedule, packet s at start + (s - 1) * interval; then waiting, until everything
 * was answered or the timeout after the last send has passed.  A packet whose turn was missed by a
 * whole interval is skipped, never sent in a bunch with the next: two packets closer together than
 * the path was asked to bear would measure us, not the path.
 *
 * Three layouts (wire/ipsla_probe.h): type 2 with milliseconds of the day (version 1 control,
 * `precision milliseconds`), type 3 with a 16-bit tail (version 1, `precision microseconds`), type 3
 * with a 32-bit tail (version 2, RFC 6812 section 4).  T1 in the packet is our reading before the
 * send, only so that the reply can be told from one of an earlier run; what is measured is the
 * kernel's transmit stamp, which comes back by on_sent (token = sequence number).
 *
 * Nothing is judged while packets fly: sla/jitter_run.h keeps a record of each and does the sums.
 * Return code of a run: OK or over threshold (average RTT against the threshold: MIB
 * rttMonCtrlAdminThreshold) with at least one reply, else why there was none. */
#include "probe/udp_jitter.h"

#include "probe/control_client.h"
#include "probe/jitter_packet.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "sla/jitter_run.h"
#include "wire/ipsla_probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <string.h>

#define SEND_TIMER 0u
#define END_TIMER  1u

/* After the last answer: how long to listen for its duplicates, at most. */
#define LINGER_MAX_NS (50 * NS_PER_MS)

/* A run that is cut waits this long for what is under way, at most. */
#define CUT_WAIT_MAX_NS NS_PER_S

enum jitter_phase {
	PHASE_IDLE,
	PHASE_ASKING,    /* control exchange */
	PHASE_SENDING,   /* probes go out, replies come in */
	PHASE_WAITING,   /* all sent: for replies */
	PHASE_LINGERING, /* all answered: for duplicates */
};

struct jitter_state {
	struct control_client control;
	enum jitter_phase phase;
	struct probe_flow *flow; /* of the probes; NULL outside of SENDING .. LINGERING */
	struct jitter_run run;
	struct jitter_layout layout;
	uint16_t target_port;
	uint32_t next;     /* sequence number whose turn it is */
	mono_t give_up_at; /* WAITING: end of the timeout */
	int send_error;    /* of the last packet that could not be sent, -errno */
	int flow_error;    /* last error that the network reported, -errno */
	uint8_t *packet;   /* jitter_packet_room() octets */
	uint64_t *t1;      /* [1 .. packets]: T1 as it went out */
	void *block;       /* of ``run`` */
};

#define ALIGN_UP(n) (((n) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

static size_t state_size(const struct op_params *p)
{
	return ALIGN_UP(sizeof(struct jitter_state)) + ALIGN_UP(jitter_packet_room(p)) +
	       ALIGN_UP(((size_t)p->num_packets + 1) * sizeof(uint64_t)) +
	       jitter_run_size(p->num_packets, p->percentile);
}

static int check(const struct op_params *p, struct diag *d)
{
	if (p->num_packets < 1 || p->num_packets > 60000)
		return diag_set(d, -EINVAL, "num-packets: 1 to 60000, not %" PRIu32,
		                p->num_packets);
	if (p->request_size < IPSLA_PROBE_MS_OCTETS || p->request_size > IPSLA_PROBE_MAX)
		return diag_set(d, -EINVAL, "request-data-size: %u to %u octets, not %" PRIu32,
		                IPSLA_PROBE_MS_OCTETS, IPSLA_PROBE_MAX, p->request_size);
	if (p->interval_ms < 1 || p->interval_ms > ROW_INTERVAL_MAX_MS)
		return diag_set(d, -EINVAL, "interval: 1 to %u milliseconds, not %" PRIu32,
		                ROW_INTERVAL_MAX_MS, p->interval_ms);
	if (p->auth_mode != 0 && p->control == SLA_CONTROL_V2 && p->auth_secret_len == 0)
		return diag_set(d, -EINVAL, "the key chain has no key that is valid now");
	return 0;
}

static void settle_pointers(struct jitter_state *st, const struct op_params *p)
{
	uint8_t *at = (uint8_t *)st + ALIGN_UP(sizeof(*st));

	st->packet = at;
	at += ALIGN_UP(jitter_packet_room(p));
	st->t1 = (uint64_t *)(void *)at;
	at += ALIGN_UP(((size_t)p->num_packets + 1) * sizeof(uint64_t));
	st->block = at;
}

/* --- the end of a run --- */

static void release(struct op *op, struct probe_io *io)
{
	struct jitter_state *st = op->state;

	io->ops->disarm(io, op, SEND_TIMER);
	io->ops->disarm(io, op, END_TIMER);
	control_stop(&st->control, op, io);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
	st->phase = PHASE_IDLE;
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	const struct jitter_state *st = op->state;
	struct sla_result res;

	release(op, io);
	result_begin(&res, op, io);
	res.sense = (uint8_t)sense;
	res.jitter.codec = op->params.codec;
	control_outcome(&st->control, &op->params, &res);
	result_text(res.detail, "%s", detail);
	io->ops->finish(io, op, &res, NULL);
}

/* Why no reply counted. */
static enum sla_sense judge_silence(const struct op *op, struct sla_result *res)
{
	const struct jitter_state *st = op->state;
	const struct jitter_result *j = &res->jitter;
	struct inet_endpoint peer = { op->params.target, st->target_port };
	char text[INET_ENDPOINT_TEXT_MAX];

	inet_endpoint_format(&peer, text);
	if (j->sent == 0) {
		result_text(res->detail, "no packet could be sent to %s: %s", text,
		            strerror(-st->send_error));
		return SENSE_DROPPED;
	}
	if (j->corrupted > 0) {
		result_text(res->detail, "no reply from %s has what was sent", text);
		return SENSE_VERIFY_ERROR;
	}
	if (j->late > 0) {
		result_text(res->detail, "every reply from %s came after the timeout", text);
		return SENSE_TIMEOUT;
	}
	if (st->flow_error == -ECONNREFUSED) {
		result_text(res->detail, "nothing listens on %s (port unreachable)", text);
		return SENSE_NOT_CONNECTED;
	}
	result_text(res->detail, "no reply from %s%s%s", text, st->flow_error ? ": " : "",
	            st->flow_error ? strerror(-st->flow_error) : "");
	return SENSE_TIMEOUT;
}

static enum sla_sense judge(const struct op *op, struct sla_result *res)
{
	const struct jitter_state *st = op->state;
	const struct jitter_result *j = &res->jitter;

	if (j->received == 0)
		return judge_silence(op, res);
	if (j->rtt.n == 0)
		result_text(res->detail, "%" PRIu32 " replies, but no usable time: %s", j->received,
		            res->clock.stepped ? "the clock was stepped"
		                               : "the responder's stamps make no sense");
	else if (res->instrument.turnaround == TURNAROUND_INCLUDED)
		result_text(res->detail, "a plain echo answers, it stamps and counts nothing: "
		                         "round trips only");
	else if (j->copied_sequence)
		result_text(res->detail, "all loss looks like destination to source: a responder "
		                         "that copies our sequence numbers looks the same");
	else if (st->run.cfg.packets < op->params.num_packets)
		result_text(res->detail, "ended after %" PRIu32 " of %" PRIu32 " packets",
		            st->run.cfg.packets, op->params.num_packets);
	else if (j->skipped > 0)
		result_text(res->detail, "%" PRIu32 " packets skipped: this host was too slow%s%s",
		            j->skipped, st->send_error ? ", " : "",
		            st->send_error ? strerror(-st->send_error) : "");
	return result_sense_of_rtt(&op->params, res->rtt_ns);
}

static void finish(struct op *op, struct probe_io *io)
{
	struct jitter_state *st = op->state;
	struct sla_result res;
	struct sketch rtt;
	uint32_t drops = io->ops->drops(io, st->flow);

	result_begin(&res, op, io);
	struct clock_grade grade = res.clock;

	jitter_run_finish(&st->run, &grade, &res);
	res.instrument.rx_queue_drops = drops;
	control_outcome(&st->control, &op->params, &res);
	res.target_port = st->target_port;
	res.sense = (uint8_t)judge(op, &res);
	release(op, io);
	sketch_init(&rtt, 0);
	jitter_run_distribution(&st->run, &rtt);
	io->ops->finish(io, op, &res, &rtt);
	sketch_fini(&rtt);
}

/* --- sending --- */

static void send_one(struct op *op, struct probe_io *io, uint32_t seq)
{
	struct jitter_state *st = op->state;
	struct stamp user;
	int rc = -EINVAL;

	if (jitter_packet_write(&st->layout, st->packet, seq, io->ops->read_clock(io).at,
	                        &st->t1[seq]) > 0)
		rc = io->ops->send(io, st->flow, st->packet, st->layout.len, seq, &user);
	if (rc == 0) {
		jitter_run_sent(&st->run, seq, &user);
		return;
	}
	st->send_error = rc;
	jitter_run_skip(&st->run, seq);
}

/* Everything was answered: listen a moment for duplicates, but no longer than the timeout. */
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
	bool is_hopeless = st->flow_error == -ECONNREFUSED && st->run.answered == 0;

	if (st->run.sent == 0 || is_hopeless) {
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

/* --- the beginning --- */

static void begin_probes(struct op *op, struct probe_io *io, enum sla_control control,
                         const struct inet_endpoint *local, mono_t now)
{
	struct jitter_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_UDP,
		.local = *local,
		.peer = { p->target, st->target_port },
		.tos = p->tos,
	};
	struct jitter_config cfg = {
		.wire = control == SLA_CONTROL_V2 || p->precision == SLA_PRECISION_US
		                ? JITTER_WIRE_US
		                : JITTER_WIRE_MS,
		.packets = p->num_packets,
		.first_at = now,
		.interval_ns = (int64_t)p->interval_ms * NS_PER_MS,
		.timeout_ns = (int64_t)p->timeout_ms * NS_PER_MS,
		.threshold_ns = (int64_t)p->threshold_ms * NS_PER_MS,
		.codec = (enum sla_codec)p->codec,
		.advantage_factor = p->advantage_factor,
		.tolerance_percent = p->tolerance_percent,
		.tolerance_us = p->tolerance_us,
		.peer_clock_assumed = p->peer_clock == SLA_PEER_CLOCK_ASSUMED,
	};
	char detail[SLA_DETAIL_MAX];
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		fail(op, io, sense, detail);
		return;
	}
	struct clock_grade grade = io->ops->grade(io);

	st->layout = jitter_layout_choose(p, control, &grade);
	jitter_packet_fill(&st->layout, st->packet);
	memcpy(cfg.percentile, p->percentile, sizeof(cfg.percentile));
	jitter_run_init(&st->run, &cfg, st->block);
	st->next = 1;
	st->phase = PHASE_SENDING;
	send_due(op, io, now);
}

static void after_control(struct op *op, struct probe_io *io, enum control_step step, mono_t now)
{
	struct jitter_state *st = op->state;

	switch (step) {
	case CONTROL_WAITING:
		return;
	case CONTROL_FAILED:
		fail(op, io, st->control.sense, st->control.detail);
		return;
	case CONTROL_GRANTED:
		st->target_port = st->control.target_port;
		begin_probes(op, io, (enum sla_control)st->control.version, &st->control.local,
		             now);
		return;
	}
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct jitter_state *st = op->state;
	const struct op_params *p = &op->params;

	settle_pointers(st, p);
	st->send_error = 0;
	st->flow_error = 0;
	st->target_port = p->target_port;
	if (!result_has_target(op, io))
		return;
	if (p->control == SLA_CONTROL_DISABLE) {
		struct inet_endpoint local = { p->source, p->source_port };

		begin_probes(op, io, SLA_CONTROL_DISABLE, &local, now);
		return;
	}
	uint64_t duration_ms = p->timeout_ms + (uint64_t)p->num_packets * p->interval_ms;
	const struct control_ask ask = {
		.kind = IPSLA_KIND_UDP_JITTER,
		.source_port = p->source_port,
		.duration_ms = duration_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)duration_ms,
	};

	st->phase = PHASE_ASKING;
	after_control(op, io, control_start(&st->control, op, io, &ask, now), now);
}

/* --- what comes in --- */

static void take_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet,
                       mono_t now)
{
	struct jitter_state *st = op->state;
	struct jitter_reply reply;
	uint32_t seq;
	uint64_t t1;

	/* Another T1 is a straggler of an earlier run, or nothing of ours at all. */
	if (!jitter_packet_read(&st->layout, packet, &seq, &t1, &reply) || seq < 1 ||
	    seq > st->run.cfg.packets || t1 != st->t1[seq]) {
		st->run.foreign++;
		return;
	}
	reply.corrupted = op->params.verify_data && !jitter_packet_is_intact(&st->layout, packet);
	if (jitter_run_reply(&st->run, seq, &reply) && st->phase == PHASE_WAITING &&
	    jitter_run_is_complete(&st->run))
		linger(op, io, now);
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct jitter_state *st = op->state;

	if (st->phase == PHASE_ASKING && flow == st->control.flow)
		after_control(op, io, control_on_packet(&st->control, op, io, packet, now), now);
	else if (st->phase > PHASE_ASKING && flow == st->flow)
		take_reply(op, io, packet, now);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct jitter_state *st = op->state;

	(void)io;
	if (st->phase > PHASE_ASKING)
		jitter_run_stamp(&st->run, token, at);
}

/* ICMP errors do not end a run: the responder may be back before it is over. */
static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct jitter_state *st = op->state;

	if (st->phase == PHASE_ASKING && flow == st->control.flow) {
		after_control(op, io, control_on_error(&st->control, op, io, error, now), now);
		return;
	}
	if (st->phase <= PHASE_ASKING || flow != st->flow)
		return;
	st->flow_error = error;
	if (st->phase == PHASE_WAITING && error == -ECONNREFUSED && st->run.answered == 0)
		finish(op, io);
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct jitter_state *st = op->state;

	if (timer == CONTROL_TIMER && st->phase == PHASE_ASKING)
		after_control(op, io, control_on_timer(&st->control, op, io, now), now);
	else if (timer == SEND_TIMER && st->phase == PHASE_SENDING)
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

	if (st->phase <= PHASE_ASKING)
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
	ROW_SOURCE_PORT,
	ROW_CONTROL,
	ROW_NUM_PACKETS,
	ROW_INTERVAL,
	{ .keyword = "codec",
	  .kind = CK_ENUM,
	  .where = CW_INLINE,
	  .offset = PARAM(codec),
	  .initial = SLA_CODEC_NONE,
	  .names = probe_codec_names,
	  .help = "Packets like those of a voice call, and a voice score",
	  .source = "IOS; rttMonEchoAdminCodecType" },
	{ .keyword = "advantage-factor",
	  .kind = CK_U8,
	  .where = CW_INLINE,
	  .offset = PARAM(advantage_factor),
	  .min = 0,
	  .max = 20,
	  .help = "What users forgive for mobility: subtracted from the ICPIF",
	  .source = "IOS; rttMonEchoAdminICPIFAdvFactor" },
	ROW_CONTROL_VERSION,
	ROW_CONTROL_PORT,
	ROW_CONTROL_RETRY,
	ROW_CONTROL_TIMEOUT,
	ROW_FREQUENCY,
	ROW_PEER_CLOCK,
	ROWS_CLOCK_TOLERANCE,
	ROWS_PERCENTILE,
	ROW_PRECISION,
	ROW_REQUEST_SIZE(16, 17512, 32),
	ROW_THRESHOLD,
	ROW_TIMEOUT,
	ROW_TOS,
	ROW_TRAFFIC_CLASS,
	ROW_VERIFY_DATA,
	ROW_SOURCE_INTERFACE,
	ROW_VRF,
	ROW_MARK,
	ROW_FLOW_LABEL,
	ROW_NO_FRAGMENTS,
	ROW_PACKET_PRIORITY,
	ROWS_END,
};

const struct probe_type udp_jitter_type = {
	.name = "udp-jitter",
	.usage = "udp-jitter TARGET PORT [options]",
	.id = SLA_UDP_JITTER,
	.target = TARGET_HOST_PORT,
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
