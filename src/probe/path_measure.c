/* SPDX-License-Identifier: Apache-2.0 */
/* Echo requests to each hop in turn. */
#include "probe/path_internal.h"
#include "probe/result_text.h"
#include "wire/icmp_echo.h"

#include <errno.h>
#include <string.h>

static struct path_hop *hop_of(struct path_state *st)
{
	return &st->path.hops[st->hop];
}

static int64_t interval_ns(const struct op_params *p)
{
	return (int64_t)p->interval_ms * NS_PER_MS;
}

/* What a packet says of the instrument, beside what the others said. */
static void take_instrument(struct path_state *st, const struct sla_result *one)
{
	struct instrument *to = &st->worst.instrument;
	const struct instrument *in = &one->instrument;

	if (to->tx_source == STAMP_NONE || in->tx_source < to->tx_source)
		to->tx_source = in->tx_source;
	if (in->rx_source != STAMP_NONE &&
	    (to->rx_source == STAMP_NONE || in->rx_source < to->rx_source))
		to->rx_source = in->rx_source;
	to->turnaround = in->turnaround;
	to->timer_misses += in->timer_misses;
	to->send_lateness_sum_ns += in->send_lateness_sum_ns;
	if (in->send_lateness_max_ns > to->send_lateness_max_ns)
		to->send_lateness_max_ns = in->send_lateness_max_ns;
	if (in->rtt_err_ns > to->rtt_err_ns)
		to->rtt_err_ns = in->rtt_err_ns;
	to->clock_step_samples += in->clock_step_samples;
	st->worst.clock.stepped |= one->clock.stepped;
}

/* --- the end of a hop ---------------------------------------------------------------------------- */

/* |RTT_i - RTT_(i-1)| of neighbours that were both answered; where they are equal there is no jitter to count. */
static void sum_up(struct op *op)
{
	struct path_state *st = op->state;
	struct path_hop *hop = hop_of(st);
	int64_t before_ns = -1;

	for (uint32_t i = 0; i < st->next; i++) {
		int64_t rtt_ns = st->packets[i].rtt_ns;

		if (rtt_ns >= 0)
			sum_stats_add(&hop->rtt, rtt_ns);
		if (rtt_ns >= 0 && before_ns >= 0 && rtt_ns != before_ns)
			sum_stats_add(&hop->jitter,
			              rtt_ns > before_ns ? rtt_ns - before_ns : before_ns - rtt_ns);
		before_ns = rtt_ns;
	}
	if (hop->rtt.n > 0)
		hop->sense = (uint8_t)result_sense_of_rtt(&op->params, sum_stats_avg_ns(&hop->rtt));
	else if (st->verify_failed)
		hop->sense = SENSE_VERIFY_ERROR;
	else if (hop->sent > 0)
		hop->sense = SENSE_TIMEOUT;
}

/* Once it is known that nothing more comes. */
static void note_silent(struct path_state *st)
{
	for (uint32_t i = 0; i < st->next; i++) {
		struct sla_result one = { 0 };

		if (!st->packets[i].is_sent || st->packets[i].is_answered)
			continue;
		echo_sample_silence(&st->packets[i].sample, &one);
		take_instrument(st, &one);
	}
}

static bool open_next(struct op *op, struct probe_io *io, mono_t now);

static void hop_ends(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	note_silent(st);
	sum_up(op);
	st->worst.instrument.rx_queue_drops += io->ops->drops(io, st->echo);
	io->ops->disarm(io, op, PATH_WAIT_TIMER);
	io->ops->disarm(io, op, PATH_SEND_TIMER);
	io->ops->close(io, st->echo);
	st->echo = NULL;
	st->hop++;
	if (!open_next(op, io, now))
		path_finish(op, io);
}

/* --- sending ------------------------------------------------------------------------------------- */

static void send_one(struct op *op, struct probe_io *io, mono_t due, mono_t now)
{
	struct path_state *st = op->state;
	struct path_packet *packet = &st->packets[st->next];
	struct stamp user;

	*packet = (struct path_packet) { .rtt_ns = -1 };
	int rc = path_send_echo(op, io, st->next, now, &user);

	st->next++;
	if (rc < 0) {
		st->flow_error = rc;
		hop_of(st)->sense = rc == -ENOBUFS || rc == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR;
		return;
	}
	packet->is_sent = true;
	echo_sample_sent(&packet->sample, due, &user);
	hop_of(st)->sent++;
}

static bool is_complete(struct path_state *st)
{
	return st->phase == PATH_WAITING && st->answered == hop_of(st)->sent;
}

void path_measure_due(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;
	const struct op_params *p = &op->params;

	while (st->next < path_packets(p)) {
		mono_t due = mono_add_ns(st->first_at, (int64_t)st->next * interval_ns(p));

		if (due.ns > now.ns) {
			io->ops->arm(io, op, PATH_SEND_TIMER, due);
			return;
		}
		send_one(op, io, due, now);
	}
	st->phase = PATH_WAITING;
	if (is_complete(st))
		hop_ends(op, io, now);
	else
		io->ops->arm(io, op, PATH_WAIT_TIMER,
		             mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
}

/* The next hop that can be measured: those that are silent or cannot be sent to are passed over.  False: there is
 * none any more. */
static bool open_next(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	for (; st->hop < st->path.hop_count; st->hop++) {
		struct path_hop *hop = hop_of(st);

		if (hop->addr.family == INET_NONE ||
		    (op->params.target_only && st->hop + 1u < st->path.hop_count))
			continue;
		if (path_open_echo(op, io, &hop->addr) < 0) {
			hop->sense = SENSE_ERROR;
			continue;
		}
		st->phase = PATH_SENDING;
		st->base = st->sequence;
		st->next = st->answered = st->highest = 0;
		st->verify_failed = false;
		st->first_at = now;
		/* By the timer: a callback of the flow before this one may still be on. */
		io->ops->arm(io, op, PATH_SEND_TIMER, now);
		return true;
	}
	return false;
}

void path_measure_begin(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	st->hop = 0;
	if (!open_next(op, io, now))
		path_finish(op, io);
}

void path_measure_silence(struct op *op, struct probe_io *io, mono_t now)
{
	hop_ends(op, io, now);
}

/* --- what comes in ------------------------------------------------------------------------------- */

static bool is_intact(const struct path_state *st, const struct probe_packet *packet)
{
	size_t from = ICMP_ECHO_HEADER_OCTETS + ICMP_ECHO_STAMP_OCTETS;

	return packet->len == st->message_len &&
	       memcmp(packet->data + from, st->message + from, st->message_len - from) == 0;
}

static void take_reply(struct op *op, uint32_t i, const struct probe_packet *packet)
{
	struct path_state *st = op->state;
	struct path_hop *hop = hop_of(st);
	struct path_packet *mine = &st->packets[i];
	struct sla_result one = { 0 };

	mine->is_answered = true;
	st->answered++;
	if (i + 1 < st->highest)
		hop->out_of_sequence++;
	else
		st->highest = i + 1;
	if (op->params.verify_data && !is_intact(st, packet)) {
		st->verify_failed = true;
		hop->discarded++;
		return;
	}
	echo_sample_reply(&mine->sample, &op->params, &packet->at, &one);
	take_instrument(st, &one);
	if (one.sense == SENSE_SEQUENCE_ERROR || one.instrument.clock_step_samples > 0)
		hop->discarded++;
	else
		mine->rtt_ns = one.rtt_ns;
}

void path_measure_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet,
                        mono_t now)
{
	struct path_state *st = op->state;
	struct icmp_echo e;

	if (icmp_echo_decode(packet->data, packet->len, (enum inet_family)op->params.target.family,
	                     &e) < 0 ||
	    !e.is_reply || e.id != st->echo_id) {
		st->worst.instrument.foreign_packets++;
		return;
	}
	uint16_t i = (uint16_t)(e.sequence - st->base - 1);

	if (i >= st->next || !st->packets[i].is_sent || st->packets[i].is_answered) {
		st->worst.instrument.foreign_packets++;
		return;
	}
	take_reply(op, i, packet);
	if (is_complete(st))
		hop_ends(op, io, now);
}
