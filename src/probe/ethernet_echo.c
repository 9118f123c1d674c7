/* SPDX-License-Identifier: Apache-2.0 */
/* ethernet echo: one CFM loopback message, one reply (IEEE 802.1Q section 20.2).  The transaction number is drawn for
 * each run; the reply brings back the data as they were.  The round trip includes the peer's turnaround, of which the
 * protocol says nothing. */
#include "probe/echo_sample.h"
#include "probe/ethernet.h"
#include "probe/result_text.h"

#include <errno.h>
#include <string.h>

#define END_TIMER 0u

struct echo_state {
	struct ethernet_peer peer;
	struct echo_sample sample;
	uint32_t transaction;
	int flow_error; /* last error that the network reported, -errno */
};

static size_t state_size(const struct op_params *p)
{
	(void)p;
	return sizeof(struct echo_state);
}

static void release(struct op *op, struct probe_io *io)
{
	struct echo_state *st = op->state;

	io->ops->disarm(io, op, END_TIMER);
	ethernet_close(&st->peer, io);
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct echo_state *st = op->state;
	struct sla_result res;

	result_begin(&res, op, io);
	echo_sample_silence(&st->sample, &res);
	res.control = SLA_CONTROL_DISABLE;
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct echo_state *st = op->state;
	const struct op_params *p = &op->params;
	uint8_t buf[CFM_FRAME_MAX];
	char detail[SLA_DETAIL_MAX];
	struct stamp user;

	*st = (struct echo_state) { 0 };
	if (!ethernet_open(&st->peer, op, io))
		return;
	struct cfm_frame f = ethernet_frame(&st->peer, p, CFM_LBM);

	st->transaction = io->ops->random(io);
	f.transaction = st->transaction;
	f.data_len = p->request_size;
	ssize_t len = cfm_encode(&f, buf, sizeof(buf));
	int rc = len < 0 ? (int)len : io->ops->send(io, st->peer.flow, buf, (size_t)len, 1, &user);

	if (rc < 0) {
		result_text(detail, "cannot send: %s", strerror(-rc));
		fail(op, io, rc == -ENOBUFS || rc == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR, detail);
		return;
	}
	echo_sample_sent(&st->sample, now, &user);
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
}

/* All zeroes, as sent. */
static bool is_intact(const struct cfm_frame *f, uint32_t len)
{
	if (f->data_len != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (f->data[i] != 0)
			return false;
	}
	return true;
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct echo_state *st = op->state;
	struct sla_result res;
	struct cfm_frame f;

	(void)now;
	if (!st->peer.flow || flow != st->peer.flow)
		return;
	if (!ethernet_is_from_peer(&st->peer, &op->params, packet, CFM_LBR, &f) ||
	    f.transaction != st->transaction) {
		st->sample.foreign++;
		return;
	}
	if (op->params.verify_data && !is_intact(&f, op->params.request_size)) {
		fail(op, io, SENSE_VERIFY_ERROR, "the reply is not what was sent");
		return;
	}
	result_begin(&res, op, io);
	res.control = SLA_CONTROL_DISABLE;
	echo_sample_reply(&st->sample, &op->params, &packet->at, &res);
	res.instrument.rx_queue_drops = io->ops->drops(io, st->peer.flow);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct echo_state *st = op->state;

	(void)io, (void)token;
	echo_sample_stamp(&st->sample, at);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct echo_state *st = op->state;

	(void)io, (void)now;
	if (st->peer.flow && flow == st->peer.flow)
		st->flow_error = error;
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct echo_state *st = op->state;
	char name[ETHERNET_NAME_MAX], detail[SLA_DETAIL_MAX];

	(void)now;
	if (timer != END_TIMER || !st->peer.flow)
		return;
	result_text(detail, "no loopback reply from %s%s%s", ethernet_name(&op->params, name),
	            st->flow_error ? ": " : "", st->flow_error ? strerror(-st->flow_error) : "");
	fail(op, io, SENSE_TIMEOUT, detail);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static const struct conf_row rows[] = {
	ETHERNET_ROWS,
	ROW_REQUEST_SIZE(0, CFM_DATA_MAX, 66),
	ROW_VERIFY_DATA,
	ROWS_END,
};

const struct probe_type ethernet_echo_type = {
	.name = "ethernet-echo",
	.words = "ethernet echo",
	.usage = "ethernet-echo --interface NAME --remote-mac MAC [options]",
	.id = SLA_ETHERNET_ECHO,
	.target = TARGET_NONE,
	.rows = rows,
	.stats = STATS_HOURS | STATS_HISTORY | STATS_ENHANCED,
	.state_size = state_size,
	.check = ethernet_check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = probe_no_connect,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
};
