/* SPDX-License-Identifier: Apache-2.0 */
/* Granting sessions. */
#include "responder/session_grant.h"

#include "responder/control_service.h"
#include "responder/port_policy.h"

#include <errno.h>
#include <string.h>

#define PORT_TRIES 32u /* ports tried when we choose one */

uint16_t grant_status(enum grant grant)
{
	switch (grant) {
	case GRANT_OK:
		return IPSLA_STATUS_OK;
	case GRANT_FORMAT:
		return IPSLA_STATUS_FORMAT;
	case GRANT_BUSY:
		return IPSLA_STATUS_PORT_IN_USE;
	case GRANT_FAIL:
	case GRANT_SILENCE:
		break;
	}
	return IPSLA_STATUS_FAIL;
}

static bool is_loopback(const struct inet_addr *a)
{
	static const uint8_t loopback_v6[16] = { [15] = 1 };

	return a->family == INET_V4 ? a->bytes[0] == 127
	                            : memcmp(a->bytes, loopback_v6, sizeof(loopback_v6)) == 0;
}

/* Of many hosts: a group, or a broadcast address. */
static bool is_of_many(const struct inet_addr *a)
{
	return a->family == INET_V4 ? a->bytes[0] >= 224 : a->bytes[0] == 0xff;
}

/* A sender to a group asks each of its members to listen to it (IPv4, version 1). */
static bool is_group_jitter(const struct session_request *q)
{
	return q->target.family == INET_V4 && inet_addr_is_group(&q->target) &&
	       q->kind == IPSLA_KIND_UDP_JITTER && q->version == IPSLA_V1;
}

/* The address of ours that probes will come to; false: none that we could serve.  Whether any
 * other address is ours the kernel says when the port is opened on it. */
static bool local_address(const struct responder_core *c, const struct session_request *q,
                          struct inet_addr *ret)
{
	bool arrived =
	        inet_addr_is_unspecified(&q->target) || inet_addr_same_host(&q->target, &q->to);

	for (uint32_t i = 0; i < c->cfg.nat_count && !arrived; i++)
		arrived = inet_addr_same_host(&q->target, &c->cfg.nat[i]);
	/* A stranger must not open ports of our loopback. */
	if (!arrived &&
	    is_loopback(&q->target) != is_loopback(q->to.family == INET_NONE ? &q->source : &q->to))
		return false;
	*ret = arrived ? q->to : q->target;
	if (is_group_jitter(q))
		return q->to.family == INET_V4;
	return ret->family != INET_NONE && !inet_addr_is_unspecified(ret) && !is_of_many(ret);
}

static enum session_proto proto_of(enum ipsla_kind kind)
{
	return kind == IPSLA_KIND_TCP_CONNECT ? SESSION_TCP : SESSION_UDP;
}

/* Version 1 says nothing about the source port of the probes, so operations of one router are told
 * apart by the source port of their control messages; an echo that was answered and a TCP port
 * (where every connection stands for itself) serve the next request as well. */
static bool is_same_sender(const struct session *s, const struct session_request *q)
{
	if (q->stated_port || s->stated_port)
		return s->stated_port == q->stated_port;
	if (s->control_port == q->control_port || s->key.proto == SESSION_TCP)
		return true;
	return s->kind == IPSLA_KIND_UDP_ECHO && s->received > 0;
}

struct session *session_same(const struct responder_core *c, const struct session_source *source,
                             const struct session_request *q, boot_t now)
{
	struct inet_addr local;

	if (!local_address(c, q, &local))
		return NULL;
	for (struct session *s = session_of_source(source, now); s;
	     s = session_of_source_next(s, now)) {
		if (s->version == q->version && s->command == q->command &&
		    s->wanted_port == q->port && s->is_protected == q->is_protected &&
		    inet_addr_equal(&s->key.source, &q->source) &&
		    inet_addr_equal(&s->key.local, &local) && is_same_sender(s, q))
			return s;
	}
	return NULL;
}

static enum grant open_port(struct responder_core *c, enum session_proto proto,
                            const struct inet_addr *local, uint16_t port)
{
	if (!port_is_allowed(&c->cfg, port))
		return GRANT_FAIL;
	if (port_is_control(&c->cfg, port))
		return GRANT_BUSY;
	switch (-c->host->open(c->host, proto, local, port)) {
	case 0:
		return GRANT_OK;
	case EADDRINUSE:
		return GRANT_BUSY;
	default:
		return GRANT_FAIL;
	}
}

/* A port of our choice. */
static enum grant open_any_port(struct responder_core *c, enum session_proto proto,
                                const struct inet_addr *local, uint16_t *ret_port)
{
	uint32_t first = c->cfg.ports.first;
	uint32_t count = (uint32_t)c->cfg.ports.last - first + 1;
	enum grant grant = GRANT_FAIL;

	for (uint32_t i = 0; i < PORT_TRIES && grant != GRANT_OK; i++) {
		uint16_t port = (uint16_t)(first + responder_core_random(c, count));

		if (c->serves[port])
			continue;
		grant = open_port(c, proto, local, port);
		*ret_port = port;
	}
	return grant == GRANT_OK ? GRANT_OK : GRANT_FAIL;
}

static enum grant open_wanted(struct responder_core *c, const struct session_request *q,
                              const struct inet_addr *local, uint16_t *ret_port)
{
	enum session_proto proto = proto_of(q->kind);

	if (q->port == 0)
		return c->cfg.allocate_port && q->version == IPSLA_V2
		               ? open_any_port(c, proto, local, ret_port)
		               : GRANT_FORMAT;
	c->host->via = q->to;
	c->host->source = q->source;
	enum grant grant = open_port(c, proto, local, q->port);

	if (grant == GRANT_BUSY && c->cfg.substitute_port && q->version == IPSLA_V2 &&
	    open_any_port(c, proto, local, ret_port) == GRANT_OK)
		return GRANT_OK;
	*ret_port = q->port;
	return grant;
}

static enum grant open_session(struct responder_core *c, struct session_source *source,
                               const struct session_request *q, boot_t now, struct session **ret)
{
	struct session_key key = { .source = q->source, .proto = (uint8_t)proto_of(q->kind) };

	if (!local_address(c, q, &key.local))
		return GRANT_FAIL;
	int room = session_room(c->sessions, source, q->is_protected);

	if (room < 0) {
		c->counters.refused_source_limit += room == -EDQUOT;
		c->counters.refused_table_full += room == -ENOSPC;
		return GRANT_FAIL;
	}
	enum grant grant = open_wanted(c, q, &key.local, &key.port);

	if (grant != GRANT_OK) {
		c->counters.refused_port++;
		return grant;
	}
	struct session *s = session_open(c->sessions, source, &key, q->is_protected, now,
	                                 (int64_t)q->duration_ms * NS_PER_MS);

	s->control_port = q->control_port;
	s->stated_port = q->stated_port;
	s->source_port = q->stated_port;
	s->wanted_port = q->port;
	s->command = q->command;
	s->version = q->version;
	s->kind = (uint8_t)q->kind;
	s->sequence = q->sequence;
	s->session_id = q->session_id;
	if (key.proto == SESSION_UDP)
		c->serves[key.port]++;
	c->counters.sessions_opened++;
	*ret = s;
	return GRANT_OK;
}

static void rearm(struct responder_core *c, struct session *s, const struct session_request *q,
                  boot_t now)
{
	session_rearm(c->sessions, s, now, (int64_t)q->duration_ms * NS_PER_MS);
	s->control_port = q->control_port;
	s->sequence = q->sequence;
	s->session_id = q->session_id;
	c->counters.sessions_rearmed++;
}

enum grant session_grant(struct responder_core *c, struct session_source *source,
                         const struct session_request *q, boot_t now, struct session **ret)
{
	if (q->duration_ms > (uint64_t)c->cfg.max_duration_s * 1000)
		return GRANT_FAIL;
	struct session *s = session_same(c, source, q, now);

	if (!s)
		return open_session(c, source, q, now, ret);
	/* Without a stated port the control port is part of who asks: numbers of 8 bits coincide. */
	bool is_repeat = s->sequence == q->sequence &&
	                 (s->stated_port || s->control_port == q->control_port);

	if (!is_repeat)
		rearm(c, s, q, now);
	else if (s->repeats++ >= CONTROL_REPEATS_MAX)
		return GRANT_SILENCE;
	*ret = s;
	return GRANT_OK;
}
