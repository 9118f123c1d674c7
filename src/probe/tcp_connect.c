/* SPDX-License-Identifier: Apache-2.0 */
/* tcp-connect: the time from SYN to SYN/ACK.
 *
 * With control (version 1, command 3) an IP SLA responder is asked to listen first; with `control
 * disable` any TCP server will do.  The connection leaves from a fresh port (or `source-port`) and
 * is dropped as soon as it stands.  The figure is the kernel's own (TCP_INFO) where it has one: what
 * this process adds by waking up late is then no part of it.  A refused connection (RST) is a
 * socket error with an RTT of 0, silence a timeout, as routers report it.  Version 2 control
 * (RFC 6812) has no TCP measurement. */
#include "probe/tcp_connect.h"

#include "probe/control_client.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "probe/tcp_outcome.h"

#include <errno.h>
#include <string.h>

#define END_TIMER 0u

struct connect_state {
	struct control_client control;
	struct probe_flow *flow; /* NULL: no connection attempt is under way */
};

static size_t state_size(const struct op_params *p)
{
	(void)p;
	return sizeof(struct connect_state);
}

static int check(const struct op_params *p, struct diag *d)
{
	return control_check_v1_only(p, "tcp-connect", d);
}

static void release(struct op *op, struct probe_io *io)
{
	struct connect_state *st = op->state;

	io->ops->disarm(io, op, END_TIMER);
	control_stop(&st->control, op, io);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct connect_state *st = op->state;

	result_begin(res, op, io);
	res->instrument.turnaround = TURNAROUND_NONE;
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

static void failed_with(struct op *op, struct probe_io *io, int error)
{
	struct inet_endpoint peer = { op->params.target, op->params.target_port };
	char detail[SLA_DETAIL_MAX];

	tcp_failure_text(&peer, error, detail);
	fail(op, io, error == -ETIMEDOUT ? SENSE_TIMEOUT : SENSE_ERROR, detail);
}

static void connect_now(struct op *op, struct probe_io *io, mono_t now)
{
	struct connect_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_TCP,
		.local = { p->source, p->source_port },
		.peer = { p->target, p->target_port },
		.tos = p->tos,
	};
	char detail[SLA_DETAIL_MAX];
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		fail(op, io, sense, detail);
		return;
	}
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
}

static void after_control(struct op *op, struct probe_io *io, enum control_step step, mono_t now)
{
	struct connect_state *st = op->state;

	if (step == CONTROL_GRANTED)
		connect_now(op, io, now);
	else if (step == CONTROL_FAILED)
		fail(op, io, st->control.sense, st->control.detail);
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct connect_state *st = op->state;

	if (!result_has_target(op, io))
		return;
	if (op->params.control == SLA_CONTROL_DISABLE) {
		connect_now(op, io, now);
		return;
	}
	const struct control_ask ask = { .kind = IPSLA_KIND_TCP_CONNECT,
		                         .duration_ms = op->params.timeout_ms };

	after_control(op, io, control_start(&st->control, op, io, &ask, now), now);
}

static void on_connect(struct op *op, struct probe_io *io, struct probe_flow *flow,
                       const struct probe_connect *connect, mono_t now)
{
	struct connect_state *st = op->state;
	struct sla_result res;

	(void)now;
	if (!st->flow || flow != st->flow)
		return;
	if (connect->error != 0) {
		failed_with(op, io, connect->error);
		return;
	}
	begin_result(op, io, &res);
	res.rtt_ns = connect->rtt_ns;
	res.instrument.tx_source = (uint8_t)connect->source;
	res.instrument.rx_source = (uint8_t)connect->source;
	res.instrument.rtt_err_ns = connect->err_ns;
	res.sense = (uint8_t)result_sense_of_rtt(&op->params, res.rtt_ns);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct connect_state *st = op->state;

	if (st->control.flow && flow == st->control.flow)
		after_control(op, io, control_on_packet(&st->control, op, io, packet, now), now);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	(void)op, (void)io, (void)token, (void)at; /* it sends no stamped datagram */
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct connect_state *st = op->state;

	if (st->control.flow && flow == st->control.flow)
		after_control(op, io, control_on_error(&st->control, op, io, error, now), now);
	else if (st->flow && flow == st->flow)
		failed_with(op, io, error);
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct connect_state *st = op->state;

	if (timer == CONTROL_TIMER && st->control.flow)
		after_control(op, io, control_on_timer(&st->control, op, io, now), now);
	else if (timer == END_TIMER && st->flow)
		failed_with(op, io, -ETIMEDOUT);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,    ROW_SOURCE_PORT,   ROW_CONTROL,
	ROW_CONTROL_PORT, ROW_CONTROL_RETRY, ROW_CONTROL_TIMEOUT,
	ROW_FREQUENCY,    ROW_THRESHOLD,     ROW_TIMEOUT,
	ROW_TOS,          ROW_TRAFFIC_CLASS, ROW_SOURCE_INTERFACE,
	ROW_VRF,          ROW_MARK,          ROW_FLOW_LABEL,
	ROWS_END,
};

const struct probe_type tcp_connect_type = {
	.name = "tcp-connect",
	.usage = "tcp-connect TARGET PORT [options]",
	.id = SLA_TCP_CONNECT,
	.target = TARGET_HOST_PORT,
	.rows = rows,
	.stats = STATS_HOURS | STATS_HISTORY | STATS_ENHANCED,
	.state_size = state_size,
	.check = check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = on_connect,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
};
