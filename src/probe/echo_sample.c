/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of one round trip. */
#include "probe/echo_sample.h"

#include "probe/result_text.h"
#include "sla/jitter_run.h"

void echo_late_wait(struct echo_late *l, struct op *op, struct probe_io *io,
                    struct probe_flow *flow, unsigned timer)
{
	if (io->ops->linger(io, flow) < 0) {
		io->ops->close(io, flow);
		return;
	}
	l->flow = flow;
	io->ops->arm(io, op, timer, mono_add_ns(io->ops->read_clock(io).read_at, ECHO_LINGER_NS));
}

void echo_late_end(struct echo_late *l, struct op *op, struct probe_io *io, unsigned timer)
{
	io->ops->disarm(io, op, timer);
	if (l->flow)
		io->ops->close(io, l->flow);
	l->flow = NULL;
}

void echo_late_reply(struct echo_late *l, struct op *op, struct probe_io *io, unsigned timer)
{
	l->replies++;
	echo_late_end(l, op, io, timer);
}

void echo_late_tell(struct echo_late *l, struct sla_result *res)
{
	res->instrument.late_replies = l->replies;
	l->replies = 0;
}

void echo_sample_sent(struct echo_sample *s, mono_t due, const struct stamp *user)
{
	s->due = due;
	s->user = *user;
	if (s->tx.source < user->source)
		s->tx = *user;
}

void echo_sample_stamp(struct echo_sample *s, const struct stamp *kernel)
{
	if (s->tx.source < kernel->source)
		s->tx = *kernel;
}

void echo_sample_silence(const struct echo_sample *s, struct sla_result *res)
{
	struct instrument *in = &res->instrument;
	int64_t late_ns = s->tx.at.ns - s->user.offset_ns - s->due.ns;

	in->turnaround = TURNAROUND_INCLUDED;
	in->foreign_packets = s->foreign;
	in->tx_source = (uint8_t)s->tx.source;
	if (s->tx.source == STAMP_NONE || late_ns < 0)
		return;
	in->send_lateness_max_ns = late_ns;
	in->send_lateness_sum_ns = late_ns;
	in->timer_misses = late_ns > ECHO_MISS_NS;
}

void echo_sample_reply(const struct echo_sample *s, const struct op_params *p,
                       const struct stamp *rx, struct sla_result *res)
{
	struct instrument *in = &res->instrument;
	int64_t moved_ns = rx->offset_ns - s->user.offset_ns;

	echo_sample_silence(s, res);
	in->rx_source = (uint8_t)rx->source;
	in->rtt_err_ns = s->tx.err_ns + rx->err_ns;
	res->rtt_ns = wall_diff_ns(rx->at, s->tx.at);
	if (moved_ns > JITTER_STEP_NS || moved_ns < -JITTER_STEP_NS || res->rtt_ns < 0) {
		res->rtt_ns = mono_diff_ns(rx->read_at, s->user.read_at);
		in->tx_source = STAMP_USER;
		in->rx_source = STAMP_USER;
		in->rtt_err_ns = res->rtt_ns;
		in->clock_step_samples = 1;
		res->clock.stepped = true;
		result_text(res->detail, "the clock was stepped: the time is an upper bound");
	}
	if (res->rtt_ns > (int64_t)p->timeout_ms * NS_PER_MS) {
		result_text(res->detail, "the reply came after the timeout");
		res->sense = SENSE_SEQUENCE_ERROR;
		return;
	}
	res->sense = (uint8_t)result_sense_of_rtt(p, res->rtt_ns);
}
