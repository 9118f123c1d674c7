/* SPDX-License-Identifier: Apache-2.0 */
/* multicast-jitter: N datagrams to a group, and what each of its members got of them.
 *
 * A run is: one control exchange (version 1, command 4) with each member after the other, whose target is the
 * group, so that a member joins it and listens on the port; `tree-init` packets without content, which build
 * the tree and are not measured; probes to the group, on an absolute schedule as in udp-jitter; then waiting.
 * A member answers each probe from its own address, with its stamps and its count: loss and delay of each
 * member are those of a udp-jitter run (sla/jitter_run.h), one for each.
 *
 * UNVERIFIED: routers fetch the figures of a member by messages that are not documented.  Ours are the unicast
 * replies alone; members are Candor's responders. */
#include "probe/multicast_jitter.h"

#include "base/arena.h"
#include "probe/control_client.h"
#include "probe/jitter_packet.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "sla/jitter_run.h"
#include "wire/ipsla_probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#define SEND_TIMER      0u
#define END_TIMER       1u
#define SSM_FIRST_OCTET 232 /* RFC 4607 section 1 */

enum multicast_phase {
	PHASE_IDLE,
	PHASE_ASKING,  /* control exchange with receiver ``asked`` */
	PHASE_SENDING, /* probes go out, replies come in */
	PHASE_WAITING, /* all sent: for replies */
};

struct receiver {
	struct inet_addr addr;
	uint8_t sense; /* enum sla_sense: why its responder was not to be had; OK: it is ready */
	struct jitter_run run;
};

struct multicast_state {
	struct control_client control;
	enum multicast_phase phase;
	struct probe_flow *flow;
	struct jitter_layout layout;
	unsigned count, asked;
	uint32_t next, sent, skipped, foreign;
	int send_error;
	char why[SLA_DETAIL_MAX]; /* of the last receiver that was not to be had */
	uint8_t *packet;          /* jitter_packet_room() octets */
	uint64_t *t1;             /* [1 .. packets] */
	struct receiver receivers[SLA_RECEIVERS_MAX];
	alignas(max_align_t) uint8_t blocks[];
};

#define ALIGN_UP(n) (((n) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

int multicast_endpoints_parse(const char *text, struct inet_addr *to)
{
	int count = 0;

	while (text && *text) {
		char one[INET_TEXT_MAX];
		size_t len = strcspn(text, ",");

		if (len >= sizeof(one) || (unsigned)count == SLA_RECEIVERS_MAX)
			return -EINVAL;
		memcpy(one, text, len);
		one[len] = '\0';
		if (inet_addr_parse(one, &to[count]) < 0 || to[count].family != INET_V4 ||
		    inet_addr_is_group(&to[count]))
			return -EINVAL;
		for (int i = 0; i < count; i++) {
			if (inet_addr_equal(&to[i], &to[count]))
				return -EINVAL;
		}
		count++;
		text += len + (text[len] == ',');
	}
	return count;
}

static size_t state_size(const struct op_params *p)
{
	struct inet_addr addrs[SLA_RECEIVERS_MAX];
	int count = multicast_endpoints_parse(p->text.at[OP_TEXT_ENDPOINTS], addrs);

	return sizeof(struct multicast_state) + ALIGN_UP(jitter_packet_room(p)) +
	       ALIGN_UP(((size_t)p->num_packets + 1) * sizeof(uint64_t)) +
	       (size_t)(count > 0 ? count : 0) * ALIGN_UP(jitter_run_size(p->num_packets, NULL));
}

static int check(const struct op_params *p, struct diag *d)
{
	struct inet_addr addrs[SLA_RECEIVERS_MAX];

	if (p->target.family != INET_V4 || !inet_addr_is_group(&p->target))
		return diag_set(d, -EINVAL, "endpoint-list goes with the address of an IPv4 group");
	if (p->ssm && p->target.bytes[0] != SSM_FIRST_OCTET)
		return diag_set(d, -EINVAL, "ssm goes with a group of 232.0.0.0/8 (RFC 4607)");
	if (multicast_endpoints_parse(p->text.at[OP_TEXT_ENDPOINTS], addrs) <= 0)
		return diag_set(d, -EINVAL,
		                "expected endpoint-list with 1 to %u different IPv4 addresses",
		                SLA_RECEIVERS_MAX);
	if (p->num_packets < 1 || p->num_packets > 60000 || p->interval_ms < 1 ||
	    p->request_size < IPSLA_PROBE_MS_OCTETS || p->request_size > IPSLA_PROBE_MAX)
		return diag_set(d, -EINVAL,
		                "num-packets, interval or request-data-size is out of range");
	if (p->control == SLA_CONTROL_AUTO)
		return diag_set(d, -EINVAL, "control: members of a group are asked in version 1");
	return control_check_v1_only(p, "multicast", d);
}

static void settle_pointers(struct multicast_state *st, const struct op_params *p)
{
	uint8_t *at = st->blocks;

	st->packet = at;
	at += ALIGN_UP(jitter_packet_room(p));
	st->t1 = (uint64_t *)(void *)at;
}

static void *block_of(struct multicast_state *st, const struct op_params *p, unsigned index)
{
	return (uint8_t *)st->t1 + ALIGN_UP(((size_t)p->num_packets + 1) * sizeof(uint64_t)) +
	       index * ALIGN_UP(jitter_run_size(p->num_packets, NULL));
}

/* --- the end of a run ------------------------------------------------------------------------ */

static void release(struct op *op, struct probe_io *io)
{
	struct multicast_state *st = op->state;

	io->ops->disarm(io, op, SEND_TIMER);
	io->ops->disarm(io, op, END_TIMER);
	control_stop(&st->control, op, io);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
	st->phase = PHASE_IDLE;
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct multicast_state *st = op->state;

	result_begin(res, op, io);
	memset(&res->multicast, 0, sizeof(res->multicast));
	res->multicast.sent = st->sent;
	res->multicast.skipped = st->skipped;
	res->multicast.count = (uint8_t)st->count;
	for (unsigned i = 0; i < st->count; i++) {
		res->multicast.receivers[i].addr = st->receivers[i].addr;
		res->multicast.receivers[i].sense = st->receivers[i].sense;
	}
	control_outcome(&st->control, &op->params, res);
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct sla_result res;

	begin_result(op, io, &res);
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

/* The figures of one receiver: a whole udp-jitter result, of which we keep its part. */
static void fill_receiver(struct op *op, struct probe_io *io, struct receiver *r,
                          struct multicast_receiver *to, struct instrument *ret)
{
	const struct clock_grade grade = io->ops->grade(io);
	struct sum_stats jitter;
	struct sla_result one;

	result_begin(&one, op, io);
	memset(&one.jitter, 0, sizeof(one.jitter));
	jitter_run_finish(&r->run, &grade, &one);
	const struct jitter_result *j = &one.jitter;

	jitter = j->sd.positive;
	sum_stats_merge(&jitter, &j->sd.negative);
	to->received = j->received;
	to->loss_sd = j->loss_sd;
	to->loss_ds = j->loss_ds;
	to->missing = j->missing;
	to->late = j->late;
	to->out_of_sequence = j->out_of_sequence;
	to->rtt_ns = one.rtt_ns;
	to->oneway_reason = j->oneway_reason;
	to->delay_min_ns = j->oneway_sd.min_ns;
	to->delay_avg_ns = sum_stats_avg_ns(&j->oneway_sd);
	to->delay_max_ns = j->oneway_sd.max_ns;
	to->jitter_avg_ns = sum_stats_avg_ns(&jitter);
	to->sense = (uint8_t)(j->received ? result_sense_of_rtt(&op->params, one.rtt_ns)
	                                  : SENSE_TIMEOUT);
	*ret = one.instrument;
}

/* UNVERIFIED: what routers return when some members answered and others did not: the run is good, and the
 * sentence says how many are missing. */
static void judge(const struct multicast_state *st, struct sla_result *res)
{
	const struct multicast_result *m = &res->multicast;

	if (m->answered == 0) {
		res->sense = m->sent ? SENSE_TIMEOUT : SENSE_DROPPED;
		result_text(res->detail,
		            m->sent ? "no reply from any of %u receivers"
		                    : "no packet could be sent to %u receivers",
		            m->count);
		return;
	}
	if (m->answered < m->count)
		result_text(res->detail, "%u of %u receivers did not answer%s%s",
		            (unsigned)(m->count - m->answered), m->count, st->why[0] ? ": " : "",
		            st->why);
}

static void finish(struct op *op, struct probe_io *io)
{
	struct multicast_state *st = op->state;
	struct sla_result res;
	struct sum_stats rtt = { 0 };
	uint32_t drops = io->ops->drops(io, st->flow);

	begin_result(op, io, &res);
	for (unsigned i = 0; i < st->count; i++) {
		struct multicast_receiver *to = &res.multicast.receivers[i];

		if (st->receivers[i].sense != SENSE_OK)
			continue;
		fill_receiver(op, io, &st->receivers[i], to, &res.instrument);
		if (to->received == 0)
			continue;
		res.multicast.answered++;
		if (to->rtt_ns > 0) /* else the clock was stepped, or stamps made no sense */
			sum_stats_add(&rtt, to->rtt_ns);
	}
	res.instrument.rx_queue_drops = drops;
	res.instrument.foreign_packets = st->foreign;
	res.rtt_ns = sum_stats_avg_ns(&rtt);
	res.sense = (uint8_t)result_sense_of_rtt(&op->params, res.rtt_ns);
	judge(st, &res);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

/* --- sending --------------------------------------------------------------------------------- */

static bool is_ready(const struct receiver *r)
{
	return r->sense == SENSE_OK;
}

/* The first one is where the schedule of all is. */
static const struct jitter_run *first_run(const struct multicast_state *st)
{
	unsigned i = 0;

	while (i + 1 < st->count && !is_ready(&st->receivers[i]))
		i++;
	return &st->receivers[i].run;
}

static void note_sent(struct multicast_state *st, uint32_t seq, const struct stamp *user)
{
	for (unsigned i = 0; i < st->count; i++) {
		if (!is_ready(&st->receivers[i]))
			continue;
		if (user)
			jitter_run_sent(&st->receivers[i].run, seq, user);
		else
			jitter_run_skip(&st->receivers[i].run, seq);
	}
	st->sent += user != NULL;
	st->skipped += user == NULL;
}

static void send_one(struct op *op, struct probe_io *io, uint32_t seq)
{
	struct multicast_state *st = op->state;
	struct stamp user;
	int rc = -EINVAL;

	if (jitter_packet_write(&st->layout, st->packet, seq, io->ops->read_clock(io).at,
	                        &st->t1[seq]) > 0)
		rc = io->ops->send(io, st->flow, st->packet, st->layout.len, seq, &user);
	if (rc < 0)
		st->send_error = rc;
	note_sent(st, seq, rc == 0 ? &user : NULL);
}

static void send_due(struct op *op, struct probe_io *io, mono_t now)
{
	struct multicast_state *st = op->state;
	const struct jitter_run *first = first_run(st);

	for (; st->next <= first->cfg.packets; st->next++) {
		mono_t due = jitter_run_due(first, st->next);

		if (due.ns > now.ns) {
			io->ops->arm(io, op, SEND_TIMER, due);
			return;
		}
		if (mono_diff_ns(now, due) > first->cfg.interval_ns)
			note_sent(st, st->next, NULL);
		else
			send_one(op, io, st->next);
	}
	if (st->sent == 0) {
		finish(op, io);
		return;
	}
	st->phase = PHASE_WAITING;
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, first->cfg.timeout_ns));
}

/* Packets that only build the tree: zeroes are no probe, receivers count and drop them. */
static void build_tree(struct op *op, struct probe_io *io)
{
	struct multicast_state *st = op->state;
	struct stamp user;

	memset(st->packet, 0, st->layout.len);
	for (unsigned i = 0; i < op->params.tree_init; i++)
		(void)io->ops->send(io, st->flow, st->packet, st->layout.len, 0, &user); /* a try */
	jitter_packet_fill(&st->layout, st->packet);
}

static void begin_probes(struct op *op, struct probe_io *io, mono_t now)
{
	struct multicast_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_UDP,
		.local = { p->source, p->source_port },
		.peer = { p->target, p->target_port },
		.tos = p->tos,
		.any_peer = true,
	};
	int64_t interval_ns = (int64_t)p->interval_ms * NS_PER_MS;
	const struct jitter_config cfg = {
		.wire = p->precision == SLA_PRECISION_US ? JITTER_WIRE_US : JITTER_WIRE_MS,
		.packets = p->num_packets,
		.first_at = p->tree_init ? mono_add_ns(now, interval_ns) : now,
		.interval_ns = interval_ns,
		.timeout_ns = (int64_t)p->timeout_ms * NS_PER_MS,
		.threshold_ns = (int64_t)p->threshold_ms * NS_PER_MS,
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
	const struct clock_grade grade = io->ops->grade(io);

	st->layout = jitter_layout_choose(p, SLA_CONTROL_V1, &grade);
	build_tree(op, io);
	for (unsigned i = 0; i < st->count; i++) {
		if (is_ready(&st->receivers[i]))
			jitter_run_init(&st->receivers[i].run, &cfg, block_of(st, p, i));
	}
	st->next = 1;
	st->phase = PHASE_SENDING;
	send_due(op, io, now);
}

/* --- asking ---------------------------------------------------------------------------------- */

static void after_control(struct op *op, struct probe_io *io, enum control_step step, mono_t now);

/* All receivers that are left may need their whole time before the first probe goes out. */
static uint64_t duration_ms(const struct multicast_state *st, const struct op_params *p)
{
	uint64_t tries = 1u + p->control_retry;

	return p->timeout_ms + ((uint64_t)p->num_packets + 1) * p->interval_ms +
	       (st->count - st->asked - 1) * tries * p->control_timeout_ms;
}

static void ask_next(struct op *op, struct probe_io *io, mono_t now)
{
	struct multicast_state *st = op->state;

	if (st->asked < st->count && op->params.control != SLA_CONTROL_DISABLE) {
		uint64_t ms = duration_ms(st, &op->params);
		const struct control_ask ask = {
			.kind = IPSLA_KIND_UDP_JITTER,
			.responder = st->receivers[st->asked].addr,
			.duration_ms = ms > UINT16_MAX ? UINT16_MAX : (uint32_t)ms,
		};

		after_control(op, io, control_start(&st->control, op, io, &ask, now), now);
		return;
	}
	for (unsigned i = 0; i < st->count; i++) {
		if (is_ready(&st->receivers[i])) {
			begin_probes(op, io, now);
			return;
		}
	}
	fail(op, io, (enum sla_sense)st->receivers[0].sense, st->why);
}

static void after_control(struct op *op, struct probe_io *io, enum control_step step, mono_t now)
{
	struct multicast_state *st = op->state;

	if (step == CONTROL_WAITING)
		return;
	if (step == CONTROL_FAILED) {
		st->receivers[st->asked].sense = (uint8_t)st->control.sense;
		result_text(st->why, "%s", st->control.detail);
	}
	st->asked++;
	ask_next(op, io, now);
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct multicast_state *st = op->state;
	struct inet_addr addrs[SLA_RECEIVERS_MAX];
	int count = multicast_endpoints_parse(op->params.text.at[OP_TEXT_ENDPOINTS], addrs);

	settle_pointers(st, &op->params);
	st->count = count > 0 ? (unsigned)count : 0;
	st->asked = 0;
	st->sent = st->skipped = st->foreign = 0;
	st->send_error = 0;
	st->why[0] = '\0';
	for (unsigned i = 0; i < st->count; i++)
		st->receivers[i] = (struct receiver) { .addr = addrs[i], .sense = SENSE_OK };
	if (!result_has_target(op, io))
		return;
	if (st->count == 0) {
		fail(op, io, SENSE_ERROR, "there are no receivers");
		return;
	}
	st->phase = PHASE_ASKING;
	ask_next(op, io, now);
}

/* --- what comes in --------------------------------------------------------------------------- */

static struct receiver *receiver_at(struct multicast_state *st, const struct inet_addr *addr)
{
	for (unsigned i = 0; i < st->count; i++) {
		if (is_ready(&st->receivers[i]) && inet_addr_equal(&st->receivers[i].addr, addr))
			return &st->receivers[i];
	}
	return NULL;
}

static bool is_complete(const struct multicast_state *st)
{
	for (unsigned i = 0; i < st->count; i++) {
		if (is_ready(&st->receivers[i]) && !jitter_run_is_complete(&st->receivers[i].run))
			return false;
	}
	return true;
}

static void take_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet)
{
	struct multicast_state *st = op->state;
	struct receiver *r = receiver_at(st, &packet->from.addr);
	struct jitter_reply reply;
	uint32_t seq;
	uint64_t t1;

	if (!r || packet->from.port != op->params.target_port ||
	    !jitter_packet_read(&st->layout, packet, &seq, &t1, &reply) || seq < 1 ||
	    seq > r->run.cfg.packets || t1 != st->t1[seq]) {
		st->foreign++;
		return;
	}
	if (jitter_run_reply(&r->run, seq, &reply) && st->phase == PHASE_WAITING && is_complete(st))
		finish(op, io);
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct multicast_state *st = op->state;

	if (st->phase == PHASE_ASKING && flow == st->control.flow)
		after_control(op, io, control_on_packet(&st->control, op, io, packet, now), now);
	else if (st->phase > PHASE_ASKING && flow == st->flow)
		take_reply(op, io, packet);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct multicast_state *st = op->state;

	(void)io;
	for (unsigned i = 0; st->phase > PHASE_ASKING && i < st->count; i++) {
		if (is_ready(&st->receivers[i]))
			jitter_run_stamp(&st->receivers[i].run, token, at);
	}
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct multicast_state *st = op->state;

	if (st->phase == PHASE_ASKING && flow == st->control.flow)
		after_control(op, io, control_on_error(&st->control, op, io, error, now), now);
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct multicast_state *st = op->state;

	if (timer == CONTROL_TIMER && st->phase == PHASE_ASKING)
		after_control(op, io, control_on_timer(&st->control, op, io, now), now);
	else if (timer == SEND_TIMER && st->phase == PHASE_SENDING)
		send_due(op, io, now);
	else if (timer == END_TIMER && st->phase == PHASE_WAITING)
		finish(op, io);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

/* --- settings -------------------------------------------------------------------------------- */

static int parse_endpoints(void *object, const struct conf_row *row, const struct conf_args *args,
                           struct diag *d)
{
	struct op_params *p = object;
	struct inet_addr addrs[SLA_RECEIVERS_MAX];

	if (args->count == 0 || multicast_endpoints_parse(args->token[0], addrs) <= 0)
		return diag_set(
		        d, -EINVAL,
		        "%s: expected 1 to %u different IPv4 addresses, separated by commas",
		        row->keyword, SLA_RECEIVERS_MAX);
	p->text.at[OP_TEXT_ENDPOINTS] = arena_strdup(args->arena, args->token[0]);
	return 1;
}

/* Those of a list stand there. */
static void print_endpoints(const void *object, const struct conf_row *row, char *to, size_t cap)
{
	const struct op_params *p = object;
	const char *text = p->text.at[OP_TEXT_NAME] ? NULL : p->text.at[OP_TEXT_ENDPOINTS];

	(void)row;
	(void)snprintf(to, cap, "%s", text ? text : "");
}

static const struct conf_row rows[] = {
	{ .keyword = "endpoint-list",
	  .kind = CK_WORD,
	  .where = CW_INLINE,
	  .offset = PARAM(text.at[OP_TEXT_NAME]),
	  .min = 1,
	  .max = 63,
	  .help = "Members of the group, by `ip sla endpoint-list`",
	  .source = "IOS" },
	{ .keyword = "endpoints",
	  .kind = CK_CUSTOM,
	  .where = CW_INLINE,
	  .offset = PARAM(text.at[OP_TEXT_ENDPOINTS]),
	  .help = "Members of the group by their addresses, separated by commas",
	  .source = "Candor",
	  .parse = parse_endpoints,
	  .print = print_endpoints },
	{ .keyword = "ssm",
	  .kind = CK_FLAG,
	  .where = CW_INLINE,
	  .offset = PARAM(ssm),
	  .help = "The group is a source-specific one",
	  .source = "IOS" },
	{ .keyword = "tree-init",
	  .kind = CK_U8,
	  .where = CW_INLINE,
	  .offset = PARAM(tree_init),
	  .max = 10,
	  .help = "Packets that build the tree before the first one is measured",
	  .source = "IOS" },
	ROW_SOURCE_IP,
	ROW_SOURCE_PORT,
	ROW_CONTROL,
	ROW_NUM_PACKETS,
	ROW_INTERVAL,
	ROW_CONTROL_PORT,
	ROW_CONTROL_RETRY,
	ROW_CONTROL_TIMEOUT,
	ROW_FREQUENCY,
	ROW_PEER_CLOCK,
	ROW_PRECISION,
	ROW_REQUEST_SIZE(16, 17512, 32),
	ROW_THRESHOLD,
	ROW_TIMEOUT,
	ROW_TOS,
	ROW_TRAFFIC_CLASS,
	ROW_SOURCE_INTERFACE,
	ROW_VRF,
	ROW_MARK,
	ROWS_END,
};

const struct probe_type multicast_jitter_type = {
	.name = "multicast-jitter",
	.usage = "multicast-jitter GROUP PORT --endpoints A,B [options]",
	.id = SLA_MULTICAST_JITTER,
	.target = TARGET_HOST_PORT,
	.rows = rows,
	.state_size = state_size,
	.check = check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = probe_no_connect,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
};
