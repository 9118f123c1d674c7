/* SPDX-License-Identifier: Apache-2.0 */
/* The control exchange as a small state machine.
 *
 * A request goes out and is repeated with the same sequence number until an answer with that number
 * comes, the network says that nobody listens, or the tries are used up.  A repeated v2 request has
 * a fresh random number and time stamp (RFC 6812 section 3.1.2), else a responder that guards
 * against replay would take it for one.
 *
 * `control version auto` asks in v2 first.  Silence or a refused port there means v1; what worked is
 * remembered and asked first next time, until it fails.  Echo and TCP exist in v1 only.  With a key there is no v1: going back to a
 * protocol without authentication is what an attacker would want.
 *
 * An answer to a signed request must verify.  The one exception is the refusal "authentication
 * failed" itself, which responders rightly never sign; anything else that does not verify is as if
 * it had not come, and is told of when the tries are over.
 *
 * Layouts: wire/ipsla_v1.h, wire/ipsla_v2.h.  Return codes: RttResponseSense. */
#include "probe/control_client.h"

#include "base/cursor.h"
#include "probe/result_text.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2_auth.h"

#include <errno.h>
#include <string.h>

/* `auto`, nothing known yet: silence on the v2 port is the rule with routers, so two tries do. */
#define AUTO_TRIES  2u

#define REQUEST_MAX IPSLA_V2_LONG_OCTETS

enum sla_sense control_status_sense(uint16_t status)
{
	switch (status) {
	case IPSLA_STATUS_OK:
		return SENSE_ENABLE_OK;
	case IPSLA_STATUS_AUTH:
		return SENSE_ENABLE_AUTH_FAIL;
	case IPSLA_STATUS_FORMAT:
		return SENSE_ENABLE_FORMAT_ERROR;
	case IPSLA_STATUS_PORT_IN_USE:
		return SENSE_ENABLE_PORT_IN_USE;
	default:
		return SENSE_ENABLE_FAIL;
	}
}

static const char *status_words(uint16_t status)
{
	switch (status) {
	case IPSLA_STATUS_AUTH:
		return "authentication failed";
	case IPSLA_STATUS_FORMAT:
		return "it does not understand the request";
	case IPSLA_STATUS_PORT_IN_USE:
		return "port in use";
	default:
		return "no reason given";
	}
}

static void release(struct control_client *c, struct op *op, struct probe_io *io)
{
	io->ops->disarm(io, op, CONTROL_TIMER);
	if (c->flow)
		io->ops->close(io, c->flow);
	c->flow = NULL;
}

static enum control_step fail(struct control_client *c, struct op *op, struct probe_io *io,
                              enum sla_sense sense)
{
	release(c, op, io);
	c->known = 0;
	c->sense = sense;
	return CONTROL_FAILED;
}

static ssize_t encode_v1(const struct control_client *c, const struct op *op, uint8_t *to)
{
	const struct ipsla_v1_request r = {
		.sequence = (uint8_t)c->sequence,
		.command = ipsla_v1_command_for(c->ask.kind, op->params.target.family),
		.target = op->params.target,
		.port = op->params.target_port,
		.duration_ms = c->ask.duration_ms,
		.has_auth = true,
	};

	return ipsla_v1_request_encode(&r, to, REQUEST_MAX);
}

static ssize_t encode_v2(struct control_client *c, const struct op *op, struct probe_io *io,
                         uint8_t *to)
{
	const struct op_params *p = &op->params;
	struct ipsla_v2_request r = {
		.sequence = c->sequence,
		.is_long = p->auth_mode != IPSLA_V2_MODE_NONE,
		.mode = p->auth_mode,
		.key_id = p->auth_key_id,
		.role = IPSLA_V2_ROLE_SENDER,
		.session_id = op->id.number,
		.control_source = c->local.addr,
		.control_target = p->target,
		.source = c->local.addr,
		.target = p->target,
		.control_source_port = c->local.port,
		.source_port = c->local.port,
		.target_port = p->target_port,
		.duration_ms = c->ask.duration_ms,
	};

	if (r.is_long) {
		r.timestamp = wall_to_ntp64(io->ops->read_clock(io).at);
		for (size_t i = 0; i < sizeof(c->random); i += sizeof(uint32_t))
			put_be32(c->random + i, io->ops->random(io));
		memcpy(r.random, c->random, sizeof(r.random));
	}
	ssize_t len = ipsla_v2_request_encode(&r, to, REQUEST_MAX);

	if (len < 0 || !r.is_long)
		return len;
	int rc = ipsla_v2_sign(to, (size_t)len, p->auth_secret, p->auth_secret_len);

	return rc < 0 ? rc : len;
}

static enum control_step begin(struct control_client *c, struct op *op, struct probe_io *io,
                               enum sla_control version, mono_t now);

/* Nobody answers on this version; another may be left. */
static enum control_step give_up(struct control_client *c, struct op *op, struct probe_io *io,
                                 mono_t now)
{
	const struct op_params *p = &op->params;

	if (p->control == SLA_CONTROL_AUTO && c->version == SLA_CONTROL_V2 && !c->saw_forged &&
	    p->auth_mode == IPSLA_V2_MODE_NONE)
		return begin(c, op, io, SLA_CONTROL_V1, now);
	if (c->saw_forged) {
		result_text(c->detail, "answers to the control request do not verify with key %u",
		            p->auth_key_id);
		return fail(c, op, io, SENSE_ENABLE_AUTH_FAIL);
	}
	char peer[INET_ENDPOINT_TEXT_MAX];

	inet_endpoint_format(&c->peer, peer);
	if (c->error == -ECONNREFUSED)
		result_text(c->detail, "no responder listens on %s (port unreachable)", peer);
	else
		result_text(c->detail, "no answer to the control request on %s after %u %s%s%s",
		            peer, c->tries, c->tries == 1 ? "try" : "tries", c->error ? ": " : "",
		            c->error ? strerror(-c->error) : "");
	return fail(c, op, io, SENSE_NOT_CONNECTED);
}

static enum control_step try_send(struct control_client *c, struct op *op, struct probe_io *io,
                                  mono_t now)
{
	uint8_t request[REQUEST_MAX];
	ssize_t len = c->version == SLA_CONTROL_V1 ? encode_v1(c, op, request)
	                                           : encode_v2(c, op, io, request);
	struct stamp user;

	if (len < 0) {
		result_text(c->detail, "cannot build the control request: %s", strerror((int)-len));
		return fail(c, op, io, SENSE_ENABLE_INTERNAL_ERROR);
	}
	c->tries++;
	c->sent_at = now;
	int rc = io->ops->send(io, c->flow, request, (size_t)len, c->tries, &user);

	if (rc == 0)
		c->sent_at = user.read_at;
	else
		c->error =
		        rc; /* a full queue or a route that is gone: the next try may do better */
	io->ops->arm(io, op, CONTROL_TIMER,
	             mono_add_ns(now, (int64_t)op->params.control_timeout_ms * NS_PER_MS));
	return CONTROL_WAITING;
}

/* Open the flow for ``version`` and send the first request.  A second version goes out from the
 * port of the first, which the probes will use. */
static enum control_step begin(struct control_client *c, struct op *op, struct probe_io *io,
                               enum sla_control version, mono_t now)
{
	const struct op_params *p = &op->params;
	uint16_t standard = version == SLA_CONTROL_V1 ? IPSLA_V1_PORT : IPSLA_V2_PORT;
	struct flow_spec spec = {
		.kind = FLOW_UDP,
		.local = { p->source, c->ask.source_port },
		.peer = { c->ask.responder.family != INET_NONE ? c->ask.responder : p->target,
		          p->control_port ? p->control_port : standard },
		.no_stamps = true,
	};

	release(c, op, io);
	c->version = (uint8_t)version;
	c->peer = spec.peer;
	c->tries = 0;
	c->tries_max = 1u + p->control_retry;
	c->error = 0;
	if (p->control == SLA_CONTROL_AUTO && version == SLA_CONTROL_V2 && c->known == 0 &&
	    p->auth_mode == IPSLA_V2_MODE_NONE && c->tries_max > AUTO_TRIES)
		c->tries_max = AUTO_TRIES;
	int rc = io->ops->open(io, op, &spec, &c->flow);

	if (rc < 0) {
		c->flow = NULL;
		return fail(c, op, io, result_open_failed(io, rc, c->detail));
	}
	c->local = io->ops->local(io, c->flow);
	return try_send(c, op, io, now);
}

enum control_step control_start(struct control_client *c, struct op *op, struct probe_io *io,
                                const struct control_ask *ask, mono_t now)
{
	enum sla_control version = SLA_CONTROL_V1;

	if (!c->has_sequence)
		c->sequence = io->ops->random(io);
	c->has_sequence = true;
	c->sequence++;
	c->ask = *ask;
	if (c->ask.duration_ms == 0)
		c->ask.duration_ms = 1; /* 0 is refused; `timeout 0` can have no reply anyway */
	c->saw_forged = false;
	c->detail[0] = '\0';
	c->rtt_ns = 0;
	c->target_port = op->params.target_port;
	if (op->params.control == SLA_CONTROL_V2)
		version = SLA_CONTROL_V2;
	else if (op->params.control == SLA_CONTROL_AUTO && ask->kind == IPSLA_KIND_UDP_JITTER)
		version = c->known ? (enum sla_control)c->known : SLA_CONTROL_V2;
	return begin(c, op, io, version, now);
}

static enum control_step settle(struct control_client *c, struct op *op, struct probe_io *io,
                                uint16_t status, const struct probe_packet *packet)
{
	c->rtt_ns = mono_diff_ns(packet->at.read_at, c->sent_at);
	if (status != IPSLA_STATUS_OK) {
		result_text(c->detail, "responder refused: %s (status %u)", status_words(status),
		            status);
		return fail(c, op, io, control_status_sense(status));
	}
	release(c, op, io);
	c->known = c->version;
	return CONTROL_GRANTED;
}

/* True when the answer may be believed. */
static bool is_authentic(struct control_client *c, const struct op *op,
                         const struct ipsla_v2_response *r, const struct probe_packet *packet)
{
	const struct op_params *p = &op->params;

	if (p->auth_mode == IPSLA_V2_MODE_NONE)
		return true;
	if (r->has_auth && r->is_long && r->mode == p->auth_mode && r->key_id == p->auth_key_id &&
	    memcmp(r->random, c->random, sizeof(c->random)) == 0 &&
	    ipsla_v2_verify(packet->data, packet->len, p->auth_secret, p->auth_secret_len) == 0)
		return true;
	if (ipsla_v2_response_status(r) == IPSLA_STATUS_AUTH)
		return true;
	c->saw_forged = true;
	return false;
}

enum control_step control_on_packet(struct control_client *c, struct op *op, struct probe_io *io,
                                    const struct probe_packet *packet, mono_t now)
{
	struct ipsla_v1_response v1;
	struct ipsla_v2_response v2;

	(void)now;
	if (c->version == SLA_CONTROL_V1) {
		if (ipsla_v1_response_decode(packet->data, packet->len, &v1) < 0 ||
		    v1.sequence != (uint8_t)c->sequence)
			return CONTROL_WAITING;
		return settle(c, op, io, v1.status, packet);
	}
	if (ipsla_v2_response_decode(packet->data, packet->len, &v2) < 0 ||
	    v2.sequence != c->sequence || !is_authentic(c, op, &v2, packet))
		return CONTROL_WAITING;
	uint16_t status = ipsla_v2_response_status(&v2);

	if (status == IPSLA_STATUS_OK && v2.has_udp && v2.target_port != 0)
		c->target_port = v2.target_port;
	return settle(c, op, io, status, packet);
}

enum control_step control_on_error(struct control_client *c, struct op *op, struct probe_io *io,
                                   int error, mono_t now)
{
	c->error = error;
	/* Only "nobody listens there" is final; an unreachable host or network may come back. */
	return error == -ECONNREFUSED ? give_up(c, op, io, now) : CONTROL_WAITING;
}

enum control_step control_on_timer(struct control_client *c, struct op *op, struct probe_io *io,
                                   mono_t now)
{
	return c->tries < c->tries_max ? try_send(c, op, io, now) : give_up(c, op, io, now);
}

void control_stop(struct control_client *c, struct op *op, struct probe_io *io)
{
	release(c, op, io);
}

int control_check_v1_only(const struct op_params *p, const char *type, struct diag *d)
{
	if (p->control != SLA_CONTROL_V2)
		return 0;
	return diag_set(d, -EINVAL, "control version 2 (RFC 6812) has no %s: use v1 or disable",
	                type);
}

void control_outcome(const struct control_client *c, const struct op_params *p,
                     struct sla_result *res)
{
	if (p->control == SLA_CONTROL_DISABLE)
		return;
	if (c->version)
		res->control = c->version;
	res->control_rtt_ns = c->rtt_ns;
}
