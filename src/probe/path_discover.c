/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the hops of a path, one hop limit at a time. */
#include "base/cursor.h"
#include "probe/path_internal.h"
#include "probe/result_text.h"
#include "wire/icmp_echo.h"

#include <errno.h>
#include <string.h>

/* A router that says anything says it at once; longer than this is silence. */
#define HOP_WAIT_MAX_NS NS_PER_S

/* What our datagrams carry and errors quote: the run and the hop limit. */
#define TRACE_OCTETS        8u

#define V4_UNREACHABLE      3u /* RFC 792 */
#define V4_TIME_EXCEEDED    11u
#define V4_CODE_PROTOCOL    2u
#define V4_CODE_PORT        3u
#define V6_UNREACHABLE      1u /* RFC 4443 */
#define V6_TIME_EXCEEDED    3u
#define V6_CODE_PORT        4u
#define V6_PARAMETER        4u
#define V6_CODE_NEXT_HEADER 1u

static struct path_hop *hop_at(struct path_state *st, uint8_t ttl)
{
	return &st->path.hops[ttl - 1];
}

static void discovery_ends(struct op *op, struct probe_io *io, enum path_outcome outcome,
                           mono_t now)
{
	struct path_state *st = op->state;

	st->path.outcome = (uint8_t)outcome;
	io->ops->disarm(io, op, PATH_WAIT_TIMER);
	if (st->trace)
		io->ops->close(io, st->trace);
	st->trace = NULL;
	if (st->echo)
		io->ops->close(io, st->echo);
	st->echo = NULL;
	path_measure_begin(op, io, now);
}

static int send_datagram(struct path_state *st, struct probe_io *io)
{
	uint8_t payload[TRACE_OCTETS];
	struct wr w = wr_init(payload, sizeof(payload));
	struct stamp user;
	int rc = io->ops->set_ttl(io, st->trace, st->ttl);

	wr_be32(&w, st->cookie);
	wr_be32(&w, st->ttl);
	return rc < 0 ? rc : io->ops->send(io, st->trace, payload, sizeof(payload), 0, &user);
}

static int send_echo(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;
	struct stamp user;
	int rc = io->ops->set_ttl(io, st->echo, st->ttl);

	if (rc == 0)
		rc = path_send_echo(op, io, 0, now, &user);
	st->asked = st->sequence;
	return rc;
}

/* A hop behind a silent one is asked in both ways at once: the target may be one that answers echoes alone. */
static void ask(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;
	const struct op_params *p = &op->params;
	int64_t wait_ns = (int64_t)p->timeout_ms * NS_PER_MS;
	char detail[SLA_DETAIL_MAX];
	int rc = st->trace ? send_datagram(st, io) : 0;

	if (rc == 0 && (!st->trace || st->is_second || st->was_silent))
		rc = send_echo(op, io, now);
	if (rc < 0) {
		result_text(detail, "cannot send: %s", strerror(-rc));
		path_fail(op, io, rc == -ENOBUFS || rc == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR,
		          detail);
		return;
	}
	if (wait_ns > HOP_WAIT_MAX_NS)
		wait_ns = HOP_WAIT_MAX_NS;
	io->ops->arm(io, op, PATH_WAIT_TIMER, mono_add_ns(now, wait_ns));
}

void path_discover_begin(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	st->phase = PATH_DISCOVERING;
	st->cookie = io->ops->random(io);
	st->ttl = 1;
	st->path.hop_count = 1;
	ask(op, io, now);
}

static void next_hop(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	if (st->ttl >= path_hops_max(&op->params)) {
		discovery_ends(op, io, PATH_TOO_LONG, now);
		return;
	}
	st->was_silent = hop_at(st, st->ttl)->addr.family == INET_NONE;
	st->is_second = false;
	st->ttl++;
	st->path.hop_count = st->ttl;
	ask(op, io, now);
}

void path_discover_silence(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	if (!st->is_second && !st->was_silent) {
		st->is_second = true;
		ask(op, io, now);
		return;
	}
	next_hop(op, io, now);
}

/* The same address twice in a row is a router that counts hops in its own way; with another in between, or a
 * third time, it is a loop. */
static bool is_loop(struct path_state *st, const struct inet_addr *from)
{
	for (uint8_t ttl = 1; ttl + 1 < st->ttl; ttl++) {
		if (inet_addr_equal(&hop_at(st, ttl)->addr, from))
			return true;
	}
	return false;
}

static void hop_answered(struct op *op, struct probe_io *io, const struct inet_addr *from,
                         mono_t now)
{
	struct path_state *st = op->state;
	bool loops = is_loop(st, from);

	hop_at(st, st->ttl)->addr = *from;
	if (loops)
		discovery_ends(op, io, PATH_LOOP, now);
	else
		next_hop(op, io, now);
}

static void target_answered(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;

	/* It may answer from another of its addresses; the echoes go to the one that was asked for. */
	hop_at(st, st->ttl)->addr = op->params.target;
	discovery_ends(op, io, PATH_REACHED, now);
}

/* Mostly the router before says it, to which the next one is out of reach: that is no hop of its own. */
static void take_refusal(struct path_state *st, const struct inet_addr *from)
{
	if (st->ttl > 1 && inet_addr_equal(&hop_at(st, (uint8_t)(st->ttl - 1))->addr, from))
		st->path.hop_count = (uint8_t)(st->ttl - 1);
	else
		hop_at(st, st->ttl)->addr = *from;
}

enum verdict {
	IS_NOTHING,
	IS_HOP,
	IS_TARGET,
	IS_REFUSAL,
};

static enum verdict judge(const struct op_params *p, const struct probe_icmp *icmp)
{
	bool is_v4 = p->target.family == INET_V4,
	     from_target = inet_addr_equal(&icmp->from, &p->target);

	if (icmp->type == (is_v4 ? V4_TIME_EXCEEDED : V6_TIME_EXCEEDED))
		return icmp->code == 0 ? IS_HOP : IS_NOTHING; /* 1: reassembly */
	if (!is_v4 && icmp->type == V6_PARAMETER)
		return icmp->code == V6_CODE_NEXT_HEADER ? IS_TARGET : IS_NOTHING;
	if (icmp->type != (is_v4 ? V4_UNREACHABLE : V6_UNREACHABLE))
		return IS_NOTHING;
	if (icmp->code == (is_v4 ? V4_CODE_PORT : V6_CODE_PORT) || from_target ||
	    (is_v4 && icmp->code == V4_CODE_PROTOCOL))
		return IS_TARGET;
	return IS_REFUSAL;
}

/* Which hop limit an error is about; 0: it is none of ours, or of long ago. */
static uint8_t ttl_of(const struct path_state *st, const struct probe_icmp *icmp)
{
	struct rd r = rd_init(icmp->data, icmp->len);

	if (icmp->len < TRACE_OCTETS)
		return st->ttl; /* it quotes the UDP header alone */
	uint32_t cookie = rd_be32(&r);
	uint32_t ttl = rd_be32(&r);

	return cookie == st->cookie && ttl >= 1 && ttl <= st->ttl ? (uint8_t)ttl : 0;
}

static void take_error(struct op *op, struct probe_io *io, const struct probe_icmp *icmp,
                       mono_t now)
{
	struct path_state *st = op->state;

	switch (judge(&op->params, icmp)) {
	case IS_NOTHING:
		break;
	case IS_HOP:
		hop_answered(op, io, &icmp->from, now);
		break;
	case IS_TARGET:
		target_answered(op, io, now);
		break;
	case IS_REFUSAL:
		take_refusal(st, &icmp->from);
		st->path.icmp_type = icmp->type;
		st->path.code = icmp->code;
		discovery_ends(op, io, PATH_UNREACHABLE, now);
		break;
	}
}

void path_discover_icmp(struct op *op, struct probe_io *io, struct probe_flow *flow,
                        const struct probe_icmp *icmp, mono_t now)
{
	struct path_state *st = op->state;
	struct icmp_echo e;

	if (flow == st->trace) {
		uint8_t ttl = ttl_of(st, icmp);

		if (ttl == st->ttl)
			take_error(op, io, icmp, now);
		else if (ttl > 0 && judge(&op->params, icmp) == IS_HOP &&
		         hop_at(st, ttl)->addr.family == INET_NONE)
			hop_at(st, ttl)->addr = icmp->from; /* slower than we waited */
		return;
	}
	/* Beside datagrams echo requests look for the target alone: others may go another way. */
	if (flow != st->echo || st->trace ||
	    icmp_echo_decode_quote(icmp->data, icmp->len,
	                           (enum inet_family)op->params.target.family, &e) < 0 ||
	    e.id != st->echo_id || e.sequence != st->asked)
		return;
	take_error(op, io, icmp, now);
}

void path_discover_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet,
                         mono_t now)
{
	struct path_state *st = op->state;
	struct icmp_echo e;

	if (icmp_echo_decode(packet->data, packet->len, (enum inet_family)op->params.target.family,
	                     &e) < 0 ||
	    !e.is_reply || e.id != st->echo_id || e.sequence != st->asked)
		return;
	target_answered(op, io, now);
}
