/* SPDX-License-Identifier: Apache-2.0 */
/* icmp-echo: one echo request, one reply; needs no responder.
 *
 * The message is that of routers (wire/icmp_echo.h): 8 octets with the sender's uptime, then
 * request-data-size octets of the data pattern.  The identifier is the flow's (a ping socket's port,
 * or that of a raw socket), the sequence counts the runs of the operation, so that a reply that
 * comes a run too late is told from the right one.  `verify-data` compares length and fill.  RTT
 * includes the target's turnaround: ICMP carries none. */
#include "probe/icmp_echo_probe.h"

#include "probe/echo_sample.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "wire/icmp_echo.h"
#include "wire/ipsla_probe.h"

#include <errno.h>
#include <string.h>

#define END_TIMER  0u
#define LATE_TIMER 1u

struct icmp_state {
	struct probe_flow *flow; /* NULL when nothing is out */
	struct echo_sample sample;
	struct echo_late late;
	uint16_t id, sequence;
	int flow_error; /* last error that the network reported, -errno */
	size_t len;     /* of ``message`` */
	uint8_t message[];
};

static size_t message_room(const struct op_params *p)
{
	return ICMP_ECHO_HEADER_OCTETS + ICMP_ECHO_STAMP_OCTETS + (size_t)p->request_size;
}

static size_t state_size(const struct op_params *p)
{
	return sizeof(struct icmp_state) + message_room(p);
}

static int check(const struct op_params *p, struct diag *d)
{
	if (p->request_size > ICMP_ECHO_DATA_MAX)
		return diag_set(d, -EINVAL, "request-data-size: at most %u octets, not %u",
		                ICMP_ECHO_DATA_MAX, p->request_size);
	return 0;
}

static void release(struct op *op, struct probe_io *io)
{
	struct icmp_state *st = op->state;

	io->ops->disarm(io, op, END_TIMER);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct icmp_state *st = op->state;
	struct sla_result res;

	result_begin(&res, op, io);
	echo_sample_silence(&st->sample, &res);
	echo_late_tell(&st->late, &res);
	res.control = SLA_CONTROL_DISABLE;
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static ssize_t write_message(struct icmp_state *st, const struct op_params *p, mono_t now)
{
	const struct icmp_echo e = {
		.family = (enum inet_family)p->target.family,
		.id = st->id,
		.sequence = st->sequence,
		.uptime_ms = (uint32_t)(now.ns / NS_PER_MS),
		.payload_len = ICMP_ECHO_STAMP_OCTETS + p->request_size,
	};

	return icmp_echo_encode(&e, p->data_pattern, st->message, message_room(p));
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct icmp_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_ICMP,
		.local = { p->source, 0 },
		.peer = { p->target, 0 },
		.tos = p->tos,
	};
	char detail[SLA_DETAIL_MAX];
	struct stamp user;

	echo_late_end(&st->late, op, io, LATE_TIMER);
	memset(&st->sample, 0, sizeof(st->sample));
	st->flow_error = 0;
	if (!result_has_target(op, io))
		return;
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		fail(op, io, sense, detail);
		return;
	}
	st->id = io->ops->local(io, st->flow).port;
	st->sequence++;
	ssize_t len = write_message(st, p, now);

	st->len = len > 0 ? (size_t)len : 0;
	rc = len > 0 ? io->ops->send(io, st->flow, st->message, st->len, 1, &user) : (int)len;
	if (rc < 0) {
		result_text(detail, "cannot send: %s", strerror(-rc));
		fail(op, io, rc == -ENOBUFS || rc == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR, detail);
		return;
	}
	echo_sample_sent(&st->sample, now, &user);
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
}

/* Payload as sent: its first 8 octets are compared as they were, the rest is fill. */
static bool is_intact(const struct icmp_state *st, const struct probe_packet *packet)
{
	return packet->len == st->len &&
	       memcmp(packet->data + ICMP_ECHO_HEADER_OCTETS, st->message + ICMP_ECHO_HEADER_OCTETS,
	              st->len - ICMP_ECHO_HEADER_OCTETS) == 0;
}

/* To the request sent last. */
static bool is_reply(const struct op *op, const struct probe_packet *packet)
{
	const struct icmp_state *st = op->state;
	struct icmp_echo e;

	return icmp_echo_decode(packet->data, packet->len,
	                        (enum inet_family)op->params.target.family, &e) >= 0 &&
	       e.is_reply && e.id == st->id && e.sequence == st->sequence;
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct icmp_state *st = op->state;
	struct sla_result res;

	(void)now;
	if (st->late.flow && flow == st->late.flow) {
		if (is_reply(op, packet) && (!op->params.verify_data || is_intact(st, packet)))
			echo_late_reply(&st->late, op, io, LATE_TIMER);
		return;
	}
	if (!st->flow || flow != st->flow)
		return;
	if (!is_reply(op, packet)) {
		st->sample.foreign++;
		return;
	}
	if (op->params.verify_data && !is_intact(st, packet)) {
		fail(op, io, SENSE_VERIFY_ERROR, "the reply is not what was sent");
		return;
	}
	result_begin(&res, op, io);
	res.control = SLA_CONTROL_DISABLE;
	echo_sample_reply(&st->sample, &op->params, &packet->at, &res);
	echo_late_tell(&st->late, &res);
	res.instrument.rx_queue_drops = io->ops->drops(io, st->flow);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct icmp_state *st = op->state;

	(void)io;
	(void)token;
	echo_sample_stamp(&st->sample, at);
}

/* "Unreachable" may be a moment's truth: the timeout decides, the sentence tells. */
static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct icmp_state *st = op->state;

	(void)io, (void)now;
	if (st->flow && flow == st->flow)
		st->flow_error = error;
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct icmp_state *st = op->state;
	char text[INET_TEXT_MAX], detail[SLA_DETAIL_MAX];

	(void)now;
	if (timer == LATE_TIMER)
		echo_late_end(&st->late, op, io, LATE_TIMER);
	if (timer != END_TIMER || !st->flow)
		return;
	inet_addr_format(&op->params.target, text);
	result_text(detail, "no reply from %s%s%s", text, st->flow_error ? ": " : "",
	            st->flow_error ? strerror(-st->flow_error) : "");
	echo_late_wait(&st->late, op, io, st->flow, LATE_TIMER);
	st->flow = NULL;
	fail(op, io, SENSE_TIMEOUT, detail);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static void forget(struct op *op, struct probe_io *io)
{
	struct icmp_state *st = op->state;

	echo_late_end(&st->late, op, io, LATE_TIMER);
}

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,   ROW_DATA_PATTERN,     ROW_FREQUENCY, ROW_REQUEST_SIZE(0, 16384, 28),
	ROW_THRESHOLD,   ROW_TIMEOUT,          ROW_TOS,       ROW_TRAFFIC_CLASS,
	ROW_VERIFY_DATA, ROW_SOURCE_INTERFACE, ROW_VRF,       ROW_MARK,
	ROW_FLOW_LABEL,  ROW_NO_FRAGMENTS,     ROWS_END,
};

const struct probe_type icmp_echo_type = {
	.name = "icmp-echo",
	.usage = "icmp-echo TARGET [options]",
	.id = SLA_ICMP_ECHO,
	.target = TARGET_HOST,
	.rows = rows,
	.stats = STATS_HOURS | STATS_HISTORY | STATS_ENHANCED,
	.state_size = state_size,
	.check = check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = probe_no_connect,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
	.forget = forget,
};
