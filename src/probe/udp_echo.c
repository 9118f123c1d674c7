/* SPDX-License-Identifier: Apache-2.0 */
/* udp-echo: one datagram that comes back octet for octet, from an IP SLA responder or (with control
 * disabled) any UDP echo service.
 *
 * The control request leaves from an ephemeral port of its own, the probe from another fresh one (or
 * `source-port`), as routers do.  The payload is a type 1 probe (wire/ipsla_probe.h): four octets,
 * then the data pattern; any datagram that the peer sends to our port is taken for the reply, and
 * `verify-data` compares it in full.  RTT includes the responder's turnaround: nothing in the packet
 * tells it.  Version 2 control (RFC 6812) has no echo, so only version 1 is spoken here. */
#include "probe/udp_echo.h"

#include "probe/control_client.h"
#include "probe/echo_sample.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "wire/ipsla_probe.h"

#include <errno.h>
#include <string.h>

#define END_TIMER  0u
#define LATE_TIMER 1u

struct echo_state {
	struct control_client control;
	struct probe_flow *flow; /* of the probe; NULL when none is out */
	struct echo_sample sample;
	struct echo_late late;
	int flow_error; /* last error that the network reported, -errno */
	uint8_t packet[];
};

static size_t state_size(const struct op_params *p)
{
	return sizeof(struct echo_state) + p->request_size;
}

static int check(const struct op_params *p, struct diag *d)
{
	int rc = control_check_v1_only(p, "udp-echo", d);

	if (rc < 0)
		return rc;
	if (p->request_size < IPSLA_PROBE_ECHO_OCTETS || p->request_size > 1500)
		return diag_set(d, -EINVAL, "request-data-size: 4 to 1500 octets, not %u",
		                p->request_size);
	return 0;
}

static void release(struct op *op, struct probe_io *io)
{
	struct echo_state *st = op->state;

	io->ops->disarm(io, op, END_TIMER);
	control_stop(&st->control, op, io);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct echo_state *st = op->state;

	result_begin(res, op, io);
	control_outcome(&st->control, &op->params, res);
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct echo_state *st = op->state;
	struct sla_result res;

	begin_result(op, io, &res);
	echo_sample_silence(&st->sample, &res);
	echo_late_tell(&st->late, &res);
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void send_probe(struct op *op, struct probe_io *io, mono_t now)
{
	struct echo_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_UDP,
		.local = { p->source, p->source_port },
		.peer = { p->target, p->target_port },
		.tos = p->tos,
	};
	char detail[SLA_DETAIL_MAX];
	struct stamp user;
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		fail(op, io, sense, detail);
		return;
	}
	ipsla_fill(st->packet + IPSLA_PROBE_ECHO_OCTETS, p->request_size - IPSLA_PROBE_ECHO_OCTETS,
	           p->data_pattern);
	if (ipsla_probe_echo_encode(st->packet, p->request_size) < 0)
		rc = -EINVAL;
	else
		rc = io->ops->send(io, st->flow, st->packet, p->request_size, 1, &user);
	if (rc < 0) {
		result_text(detail, "cannot send: %s", strerror(-rc));
		fail(op, io, rc == -ENOBUFS || rc == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR, detail);
		return;
	}
	echo_sample_sent(&st->sample, now, &user);
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
}

static void after_control(struct op *op, struct probe_io *io, enum control_step step, mono_t now)
{
	struct echo_state *st = op->state;

	if (step == CONTROL_GRANTED)
		send_probe(op, io, now);
	else if (step == CONTROL_FAILED)
		fail(op, io, st->control.sense, st->control.detail);
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct echo_state *st = op->state;

	echo_late_end(&st->late, op, io, LATE_TIMER);
	memset(&st->sample, 0, sizeof(st->sample));
	st->flow_error = 0;
	if (!result_has_target(op, io))
		return;
	if (op->params.control == SLA_CONTROL_DISABLE) {
		send_probe(op, io, now);
		return;
	}
	const struct control_ask ask = { .kind = IPSLA_KIND_UDP_ECHO,
		                         .duration_ms = op->params.timeout_ms };

	after_control(op, io, control_start(&st->control, op, io, &ask, now), now);
}

/* `verify-data` wants it back as it was. */
static bool is_acceptable(const struct op *op, const struct probe_packet *packet)
{
	const struct echo_state *st = op->state;
	const struct op_params *p = &op->params;

	return !p->verify_data || (packet->len == p->request_size &&
	                           memcmp(packet->data, st->packet, p->request_size) == 0);
}

static void take_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet)
{
	struct echo_state *st = op->state;
	const struct op_params *p = &op->params;
	struct sla_result res;

	if (!is_acceptable(op, packet)) {
		fail(op, io, SENSE_VERIFY_ERROR, "the reply is not what was sent");
		return;
	}
	begin_result(op, io, &res);
	echo_sample_reply(&st->sample, p, &packet->at, &res);
	echo_late_tell(&st->late, &res);
	res.instrument.rx_queue_drops = io->ops->drops(io, st->flow);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct echo_state *st = op->state;

	if (st->control.flow && flow == st->control.flow)
		after_control(op, io, control_on_packet(&st->control, op, io, packet, now), now);
	else if (st->flow && flow == st->flow)
		take_reply(op, io, packet);
	else if (st->late.flow && flow == st->late.flow && is_acceptable(op, packet))
		echo_late_reply(&st->late, op, io, LATE_TIMER);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct echo_state *st = op->state;

	(void)io;
	(void)token;
	echo_sample_stamp(&st->sample, at);
}

static void unanswered(struct op *op, struct probe_io *io)
{
	struct echo_state *st = op->state;
	struct inet_endpoint peer = { op->params.target, op->params.target_port };
	char text[INET_ENDPOINT_TEXT_MAX], detail[SLA_DETAIL_MAX];

	inet_endpoint_format(&peer, text);
	if (st->flow_error == -ECONNREFUSED) {
		result_text(detail, "nothing listens on %s (port unreachable)", text);
		fail(op, io, SENSE_NOT_CONNECTED, detail);
		return;
	}
	result_text(detail, "no reply from %s%s%s", text, st->flow_error ? ": " : "",
	            st->flow_error ? strerror(-st->flow_error) : "");
	/* A port of the configuration is not kept from other operations that use it. */
	if (op->params.source_port == 0) {
		echo_late_wait(&st->late, op, io, st->flow, LATE_TIMER);
		st->flow = NULL;
	}
	fail(op, io, SENSE_TIMEOUT, detail);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct echo_state *st = op->state;

	if (st->control.flow && flow == st->control.flow) {
		after_control(op, io, control_on_error(&st->control, op, io, error, now), now);
		return;
	}
	if (!st->flow || flow != st->flow)
		return;
	st->flow_error = error;
	if (error == -ECONNREFUSED)
		unanswered(op, io);
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct echo_state *st = op->state;

	if (timer == CONTROL_TIMER && st->control.flow)
		after_control(op, io, control_on_timer(&st->control, op, io, now), now);
	else if (timer == END_TIMER && st->flow)
		unanswered(op, io);
	else if (timer == LATE_TIMER)
		echo_late_end(&st->late, op, io, LATE_TIMER);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static void forget(struct op *op, struct probe_io *io)
{
	struct echo_state *st = op->state;

	echo_late_end(&st->late, op, io, LATE_TIMER);
}

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,     ROW_SOURCE_PORT,   ROW_CONTROL,
	ROW_CONTROL_PORT,  ROW_CONTROL_RETRY, ROW_CONTROL_TIMEOUT,
	ROW_DATA_PATTERN,  ROW_FREQUENCY,     ROW_REQUEST_SIZE(4, 1500, 16),
	ROW_THRESHOLD,     ROW_TIMEOUT,       ROW_TOS,
	ROW_TRAFFIC_CLASS, ROW_VERIFY_DATA,   ROW_SOURCE_INTERFACE,
	ROW_VRF,           ROW_MARK,          ROW_FLOW_LABEL,
	ROW_NO_FRAGMENTS,  ROWS_END,
};

const struct probe_type udp_echo_type = {
	.name = "udp-echo",
	.usage = "udp-echo TARGET PORT [options]",
	.id = SLA_UDP_ECHO,
	.target = TARGET_HOST_PORT,
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
