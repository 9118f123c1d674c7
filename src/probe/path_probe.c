/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a path operation's run. */
#include "probe/path_probe.h"

#include "base/sketch.h"
#include "probe/path_internal.h"
#include "probe/result_text.h"
#include "wire/icmp_echo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <string.h>

/* Where traceroutes begin: nothing is to be expected there. */
#define TRACE_PORT   33434u
#define FILL_PATTERN 0xABCDABCDu

const char *const path_discovery_names[] = { "udp", "icmp", NULL };

#define ALIGN_UP(n) (((n) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

uint32_t path_packets(const struct op_params *p)
{
	return p->type == SLA_PATH_JITTER ? p->num_packets : 1;
}

uint8_t path_hops_max(const struct op_params *p)
{
	return p->hops_max > 0 && p->hops_max <= PATH_HOPS_MAX ? p->hops_max : PATH_HOPS_MAX;
}

static size_t message_room(const struct op_params *p)
{
	return ICMP_ECHO_HEADER_OCTETS + ICMP_ECHO_STAMP_OCTETS + (size_t)p->request_size;
}

size_t path_state_size(const struct op_params *p)
{
	return ALIGN_UP(sizeof(struct path_state)) +
	       ALIGN_UP(path_packets(p) * sizeof(struct path_packet)) + message_room(p);
}

int path_check(const struct op_params *p, struct diag *d)
{
	if (p->request_size > ICMP_ECHO_DATA_MAX)
		return diag_set(d, -EINVAL, "request-data-size: at most %u octets, not %" PRIu32,
		                ICMP_ECHO_DATA_MAX, p->request_size);
	if (p->type == SLA_PATH_JITTER && (p->num_packets < 1 || p->num_packets > UINT16_MAX))
		return diag_set(d, -EINVAL, "num-packets: 1 to %d, not %" PRIu32, UINT16_MAX,
		                p->num_packets);
	return 0;
}

/* --- echo requests ------------------------------------------------------------------------------- */

int path_open_echo(struct op *op, struct probe_io *io, const struct inet_addr *to)
{
	struct path_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_ICMP,
		.local = { p->source, 0 },
		.peer = { *to, 0 },
		.tos = p->tos,
		.want_icmp = st->phase == PATH_IDLE,
	};
	int rc = io->ops->open(io, op, &spec, &st->echo);

	if (rc < 0)
		st->echo = NULL;
	else
		st->echo_id = io->ops->local(io, st->echo).port;
	return rc;
}

int path_send_echo(struct op *op, struct probe_io *io, uint32_t token, mono_t now,
                   struct stamp *ret_user)
{
	struct path_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct icmp_echo e = {
		.family = (enum inet_family)p->target.family,
		.id = st->echo_id,
		.sequence = ++st->sequence,
		.uptime_ms = (uint32_t)(now.ns / NS_PER_MS),
		.payload_len = ICMP_ECHO_STAMP_OCTETS + p->request_size,
	};
	ssize_t len = icmp_echo_encode(&e, FILL_PATTERN, st->message, message_room(p));

	if (len < 0)
		return (int)len;
	st->message_len = (size_t)len;
	return io->ops->send(io, st->echo, st->message, st->message_len, token, ret_user);
}

/* --- the end ------------------------------------------------------------------------------------- */

static void release(struct op *op, struct probe_io *io)
{
	struct path_state *st = op->state;

	io->ops->disarm(io, op, PATH_WAIT_TIMER);
	io->ops->disarm(io, op, PATH_SEND_TIMER);
	if (st->trace)
		io->ops->close(io, st->trace);
	if (st->echo)
		io->ops->close(io, st->echo);
	st->trace = st->echo = NULL;
	st->phase = PATH_IDLE;
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct path_state *st = op->state;

	result_begin(res, op, io);
	memset(&res->jitter, 0, sizeof(res->jitter)); /* where ``path`` begins, too */
	res->control = SLA_CONTROL_DISABLE;
	res->clock.stepped |= st->worst.clock.stepped;
	res->instrument = st->worst.instrument;
	res->path = st->path;
}

void path_fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct path_state *st = op->state;
	struct sla_result res;

	st->path.outcome = PATH_NOT_TRIED;
	st->path.hop_count = 0;
	begin_result(op, io, &res);
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

/* RFC 792, RFC 1812 section 5.2.7.1; RFC 4443 section 3.1. */
static const char *refusal_text(const struct op_params *p, uint8_t code)
{
	static const char *const v4[] = { "network unreachable",
		                          "host unreachable",
		                          "",
		                          "",
		                          "fragmentation needed",
		                          "source route failed",
		                          "network unknown",
		                          "host unknown",
		                          "host isolated",
		                          "network administratively prohibited",
		                          "host administratively prohibited",
		                          "",
		                          "",
		                          "administratively prohibited" };
	static const char *const v6[] = { "no route",
		                          "administratively prohibited",
		                          "beyond the scope of the source",
		                          "address unreachable",
		                          "",
		                          "source address refused",
		                          "route refused" };
	const char *text = "";

	if (p->target.family == INET_V4 && code < ARRAY_LEN(v4))
		text = v4[code] ? v4[code] : "";
	else if (p->target.family == INET_V6 && code < ARRAY_LEN(v6))
		text = v6[code];
	return text[0] ? text : "unreachable";
}

/* Return code and sentence; the last hop that answered is the last one of the path. */
static enum sla_sense judge(const struct op *op, struct sla_result *res)
{
	const struct path_state *st = op->state;
	const struct path_result *path = &st->path;
	const struct path_hop *last = &path->hops[path->hop_count - 1];
	char at[INET_TEXT_MAX], target[INET_TEXT_MAX];

	inet_addr_format(&last->addr, at);
	inet_addr_format(&op->params.target, target);
	switch ((enum path_outcome)path->outcome) {
	case PATH_REACHED:
		if (last->rtt.n == 0)
			result_text(res->detail, "no echo reply from %s, %u hops away%s%s", target,
			            path->hop_count, st->flow_error ? ": " : "",
			            st->flow_error ? strerror(-st->flow_error) : "");
		return (enum sla_sense)last->sense;
	case PATH_TOO_LONG:
		result_text(res->detail, "%s was not reached within %u hops", target,
		            path->hop_count);
		return SENSE_TIMEOUT;
	case PATH_UNREACHABLE:
		result_text(res->detail, "hop %u, %s, says of %s: %s", path->hop_count, at, target,
		            refusal_text(&op->params, path->code));
		return SENSE_NOT_CONNECTED;
	case PATH_LOOP:
		result_text(res->detail, "a loop: hop %u, %s, was there before", path->hop_count,
		            at);
		return SENSE_NOT_CONNECTED;
	case PATH_NOT_TRIED:
		break;
	}
	return SENSE_ERROR;
}

/* Round trips to the target; its packets are those measured last. */
static void distribution(const struct path_state *st, const struct path_hop *target,
                         struct sketch *to)
{
	for (uint32_t i = 0; target && target->rtt.n > 0 && i < st->next; i++) {
		if (st->packets[i].rtt_ns < 0 || sketch_add(to, st->packets[i].rtt_ns) == 0)
			continue;
		sketch_clear(to);
		return;
	}
}

void path_finish(struct op *op, struct probe_io *io)
{
	const struct path_state *st = op->state;
	const struct path_hop *target = path_target(&st->path);
	struct sla_result res;
	struct sketch rtt;

	begin_result(op, io, &res);
	res.rtt_ns = target ? sum_stats_avg_ns(&target->rtt) : 0;
	res.sense = (uint8_t)judge(op, &res);
	sketch_init(&rtt, 0);
	distribution(st, target, &rtt);
	release(op, io);
	io->ops->finish(io, op, &res, op->params.type == SLA_PATH_JITTER ? &rtt : NULL);
	sketch_fini(&rtt);
}

/* --- the beginning ------------------------------------------------------------------------------- */

static int open_trace(struct op *op, struct probe_io *io)
{
	struct path_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_UDP,
		.local = { p->source, 0 },
		.peer = { p->target, TRACE_PORT },
		.tos = p->tos,
		.want_icmp = true,
	};
	int rc = io->ops->open(io, op, &spec, &st->trace);

	if (rc < 0)
		st->trace = NULL;
	return rc;
}

void path_start(struct op *op, struct probe_io *io, mono_t now)
{
	struct path_state *st = op->state;
	const struct op_params *p = &op->params;
	char detail[SLA_DETAIL_MAX];
	uint16_t sequence = st->sequence; /* goes on: stragglers of the last run are told by it */

	*st = (struct path_state) { .sequence = sequence };
	st->packets = (struct path_packet *)(void *)((uint8_t *)st + ALIGN_UP(sizeof(*st)));
	st->message =
	        (uint8_t *)st->packets + ALIGN_UP(path_packets(p) * sizeof(struct path_packet));
	if (p->target.family == INET_NONE) {
		path_fail(op, io, SENSE_ERROR, "the name of the target did not resolve");
		return;
	}
	int rc = p->discovery == SLA_DISCOVERY_UDP ? open_trace(op, io) : 0;

	if (rc == 0)
		rc = path_open_echo(op, io, &p->target);
	if (rc < 0) {
		enum sla_sense sense = result_open_failed(io, rc, detail);

		path_fail(op, io, sense, detail);
		return;
	}
	path_discover_begin(op, io, now);
}

/* --- what comes in ------------------------------------------------------------------------------- */

void path_on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct path_state *st = op->state;

	(void)io;
	if ((st->phase == PATH_SENDING || st->phase == PATH_WAITING) && token < st->next)
		echo_sample_stamp(&st->packets[token].sample, at);
	else if (st->phase == PATH_SENDING && token == st->next &&
	         token < path_packets(&op->params))
		echo_sample_stamp(&st->packets[token].sample, at); /* during the send itself */
}

void path_on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                    const struct probe_packet *packet, mono_t now)
{
	struct path_state *st = op->state;

	if (st->phase == PATH_IDLE || flow != st->echo)
		return;
	if (st->phase == PATH_DISCOVERING)
		path_discover_reply(op, io, packet, now);
	else
		path_measure_reply(op, io, packet, now);
}

void path_on_icmp(struct op *op, struct probe_io *io, struct probe_flow *flow,
                  const struct probe_icmp *icmp, mono_t now)
{
	const struct path_state *st = op->state;

	if (st->phase == PATH_DISCOVERING)
		path_discover_icmp(op, io, flow, icmp, now);
}

void path_on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                   mono_t now)
{
	struct path_state *st = op->state;

	(void)io, (void)now;
	if (st->phase > PATH_DISCOVERING && flow == st->echo)
		st->flow_error = error;
}

void path_on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	const struct path_state *st = op->state;

	if (timer == PATH_SEND_TIMER && st->phase == PATH_SENDING)
		path_measure_due(op, io, now);
	else if (timer == PATH_WAIT_TIMER && st->phase == PATH_WAITING)
		path_measure_silence(op, io, now);
	else if (timer == PATH_WAIT_TIMER && st->phase == PATH_DISCOVERING)
		path_discover_silence(op, io, now);
}

void path_stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}
