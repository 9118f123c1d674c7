/* SPDX-License-Identifier: Apache-2.0 */
/* The broker's side. */
#include "io/broker.h"

#include "io/broker_message.h"
#include "io/net_names.h"
#include "io/rt_sched.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#define FIRST_FREE_PORT 1024
#define SERVE_MAX       64

bool broker_is_needed(const struct sock_spec *s)
{
	/* A namespace, an interface (privileged before Linux 5.7) and its names, a mark. */
	if (s->vrf || s->device || s->mark)
		return true;
	switch ((enum sock_kind)s->kind) {
	case SOCK_KIND_ICMP:
	case SOCK_KIND_PACKET:
		/* ping_group_range seldom covers a system user; raw sockets need CAP_NET_RAW. */
		return true;
	case SOCK_KIND_UDP:
	case SOCK_KIND_TCP_LISTEN:
	case SOCK_KIND_TCP_CONNECT:
	case SOCK_KIND_SCTP_LISTEN:
		/* The kernel's limit may be set lower (ip_unprivileged_port_start), which the
		 * engine cannot read: asking the broker is right in either case. */
		return s->local.port != 0 && s->local.port < FIRST_FREE_PORT;
	}
	return false;
}

static struct broker_endpoint endpoint_out(const struct inet_endpoint *e)
{
	struct broker_endpoint to = {
		.family = e->addr.family,
		.port = e->port,
		.scope_id = e->addr.scope_id,
	};

	memcpy(to.bytes, e->addr.bytes, sizeof(to.bytes));
	return to;
}

struct broker_request broker_request_from_spec(const struct sock_spec *s)
{
	return (struct broker_request) {
		.head.magic = BROKER_MAGIC,
		.verb = BROKER_OPEN,
		.kind = s->kind,
		.tos = s->tos,
		.ttl = s->ttl,
		.rx_stamps = s->rx_stamps,
		.tx_stamps = s->tx_stamps,
		.reuse_port = s->reuse_port,
		.packet_info = s->packet_info,
		.icmp_errors = s->icmp_errors,
		.unconnected = s->unconnected,
		.no_fragments = s->no_fragments,
		.broadcast = s->broadcast,
		.icmp = s->icmp,
		.priority = s->priority,
		.vrf = s->vrf,
		.device = s->device,
		.ethertype = s->ethertype,
		.mark = s->mark,
		.flow_label = s->flow_label,
		.receive_buffer_bytes = s->receive_buffer_bytes,
		.local = endpoint_out(&s->local),
		.peer = endpoint_out(&s->peer),
	};
}

/* An address of its family with nothing in the octets that the family does not use. */
static bool endpoint_in(const struct broker_endpoint *from, struct inet_endpoint *to)
{
	struct inet_endpoint e = { .port = from->port };

	e.addr.family = from->family;
	e.addr.scope_id = from->scope_id;
	memcpy(e.addr.bytes, from->bytes, sizeof(e.addr.bytes));

	if (from->zero || !inet_addr_is_clean(&e.addr) || (e.addr.family == INET_NONE && e.port))
		return false;
	*to = e;
	return true;
}

/* 0, or a number whose name control has told. */
static bool is_named(uint16_t number)
{
	return number == 0 || net_name(number);
}

/* Numbers within their range, flags 0 or 1. */
static bool are_numbers_sane(const struct broker_request *q)
{
	const uint8_t flags[] = { q->rx_stamps,   q->tx_stamps,   q->reuse_port,   q->packet_info,
		                  q->icmp_errors, q->unconnected, q->no_fragments, q->broadcast };

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (flags[i] > 1)
			return false;
	}
	return q->kind <= SOCK_KIND_PACKET && q->zero == 0 && q->tid == 0 &&
	       q->icmp <= SOCK_ICMP_TIMESTAMP && q->priority <= SOCK_PRIORITY_MAX &&
	       is_named(q->vrf) && is_named(q->device) && q->flow_label <= SOCK_FLOW_LABEL_MAX &&
	       q->receive_buffer_bytes <= BROKER_RECEIVE_BUFFER_MAX;
}

/* Frames of one protocol, on one interface; nothing of addresses. */
static bool is_packet_sane(const struct sock_spec *s)
{
	return s->ethertype == SOCK_ETHERTYPE_CFM && s->device != 0 &&
	       s->local.addr.family == INET_NONE && s->peer.addr.family == INET_NONE && !s->mark &&
	       !s->flow_label && !s->icmp;
}

static bool is_inet_sane(const struct sock_spec *s)
{
	uint8_t family = s->local.addr.family;

	if (family == INET_NONE || s->ethertype ||
	    (s->peer.addr.family != INET_NONE && s->peer.addr.family != family))
		return false;
	if (s->flow_label && family != INET_V6)
		return false;
	if (s->kind != SOCK_KIND_ICMP)
		return s->icmp == 0;
	/* A chosen echo identifier could take over another program's replies. */
	return s->local.port == 0 && (s->icmp == SOCK_ICMP_ECHO || family == INET_V4);
}

int broker_request_check(const struct broker_request *q, struct sock_spec *ret)
{
	struct sock_spec s = {
		.kind = q->kind,
		.tos = q->tos,
		.ttl = q->ttl,
		.rx_stamps = q->rx_stamps == 1,
		.tx_stamps = q->tx_stamps == 1,
		.reuse_port = q->reuse_port == 1,
		.packet_info = q->packet_info == 1,
		.icmp_errors = q->icmp_errors == 1,
		.unconnected = q->unconnected == 1,
		.no_fragments = q->no_fragments == 1,
		.broadcast = q->broadcast == 1,
		.icmp = q->icmp,
		.priority = q->priority,
		.vrf = q->vrf,
		.device = q->device,
		.ethertype = q->ethertype,
		.mark = q->mark,
		.flow_label = q->flow_label,
		.receive_buffer_bytes = q->receive_buffer_bytes,
	};

	if (!are_numbers_sane(q) || !endpoint_in(&q->local, &s.local) ||
	    !endpoint_in(&q->peer, &s.peer))
		return -EINVAL;
	if (s.kind == SOCK_KIND_PACKET ? !is_packet_sane(&s) : !is_inet_sane(&s))
		return -EINVAL;
	if (!broker_is_needed(&s))
		return -EPERM;
	*ret = s;
	return 0;
}

/* A thread of the engine?  Signal 0 to (process, thread) finds it without /proc: ESRCH says no,
 * while EPERM still says that it is there. */
static bool is_engine_thread(const struct broker *b, int32_t tid)
{
	if (tid <= 0 || b->engine_pid <= 0)
		return false;
	return syscall(SYS_tgkill, b->engine_pid, tid, 0) == 0 || errno == EPERM;
}

static int rt_sched_for(struct broker *b, const struct broker_request *q, struct diag *d)
{
	struct broker_request only = { .head = q->head, .verb = BROKER_RT_SCHED, .tid = q->tid };

	if (memcmp(&only, q, sizeof(only)) != 0 || !is_engine_thread(b, q->tid)) {
		b->counters.refused++;
		return diag_set(d, -EINVAL, "the broker refused the request: not a thread");
	}
	int rc = rt_sched_set(q->tid, d);

	if (rc < 0) {
		b->counters.failed++;
		return rc;
	}
	b->counters.scheduled++;
	/* The engine waits for our answers: behind ordinary processes it would wait for those, too. */
	return rt_sched_set(0, d);
}

static int open_for(struct broker *b, const struct broker_request *q, struct diag *d)
{
	struct sock_spec spec;
	int rc = broker_request_check(q, &spec);

	if (rc < 0) {
		b->counters.refused++;
		return diag_set(d, rc, "the broker refused the request: %s",
		                rc == -EPERM ? "it needs no privilege" : "not valid");
	}
	int fd = sock_open_here(&spec, d);

	if (fd < 0)
		b->counters.failed++;
	return fd;
}

static int sctp_for(struct broker *b, const struct broker_request *q, struct diag *d)
{
	struct broker_request only = {
		.head = q->head,
		.verb = BROKER_SCTP,
		.local.port = q->local.port,
		.peer.port = q->peer.port,
	};

	if (memcmp(&only, q, sizeof(only)) != 0 || q->local.port < FIRST_FREE_PORT ||
	    q->peer.port < FIRST_FREE_PORT || !b->start_sctp) {
		b->counters.refused++;
		return diag_set(d, -EINVAL, "the broker refused the request: not for SCTP");
	}
	int fd = b->start_sctp(b, q->local.port, q->peer.port, d);

	if (fd < 0)
		b->counters.failed++;
	else
		b->counters.started++;
	return fd;
}

static int answer(struct broker *b, const struct broker_request *q)
{
	struct diag d = { 0 };
	CLEANUP(fd_closep) int fd = -1;
	int error;

	switch (q->verb) {
	case BROKER_OPEN:
		fd = open_for(b, q, &d);
		error = fd < 0 ? fd : 0;
		b->counters.opened += fd >= 0;
		break;
	case BROKER_SCTP:
		fd = sctp_for(b, q, &d);
		error = fd < 0 ? fd : 0;
		break;
	case BROKER_RT_SCHED:
		error = rt_sched_for(b, q, &d);
		break;
	default:
		b->counters.refused++;
		error = diag_set(&d, -EINVAL, "the broker refused the request: unknown");
	}
	return lockstep_answer(b->fd, &q->head, error, &d, fd);
}

int broker_serve(struct broker *b)
{
	for (unsigned i = 0; i < SERVE_MAX; i++) {
		struct broker_request q;
		int rc = lockstep_receive(b->fd, BROKER_MAGIC, &q, sizeof(q), NULL);

		if (rc == -EBADMSG) {
			b->counters.refused++;
			continue;
		}
		if (rc <= 0)
			return rc;
		rc = answer(b, &q);
		if (rc < 0)
			return rc;
	}
	return 0;
}
