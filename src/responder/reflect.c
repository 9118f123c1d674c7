/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of sessions and of permanent ports. */
#include "responder/reflect.h"

#include "base/cursor.h"
#include "responder/port_policy.h"

#include <assert.h>

static bool drop(struct responder_core *c, enum responder_drop why)
{
	c->counters.drops[why]++;
	return false;
}

static enum responder_drop drop_of(enum ipsla_probe_verdict verdict)
{
	switch (verdict) {
	case IPSLA_PROBE_SHORT:
		return DROP_PROBE_SHORT;
	case IPSLA_PROBE_FILLED:
		return DROP_PROBE_LOOP;
	case IPSLA_PROBE_TYPE:
	case IPSLA_PROBE_OK:
		break;
	}
	return DROP_PROBE_TYPE;
}

/* Tokens of the source first: a session must not pay for what its source may not have. */
static bool source_has_rate(struct responder_core *c, const struct inet_addr *source, boot_t now)
{
	uint32_t per_s = c->cfg.packets_per_s;
	struct session_source *s = session_source(c->sessions, source);

	return token_bucket_take(&s->probes, now, per_s, per_s / 4 + 1) ||
	       drop(c, DROP_PROBE_RATE_SOURCE);
}

/* The session among those of this key that takes the probe: the one locked to its source port, else
 * the newest that is still free and understands it.  NULL: *ret_why. */
static struct session *find_session(struct responder_core *c, const struct session_key *key,
                                    const struct probe *p, boot_t now, enum responder_drop *ret_why)
{
	struct session *found = NULL;

	*ret_why = DROP_PROBE_NO_SESSION;
	for (struct session *s = session_first(c->sessions, key, now); s;
	     s = session_next(s, now)) {
		if (s->source_port && s->source_port != p->from.port) {
			if (*ret_why == DROP_PROBE_NO_SESSION)
				*ret_why = DROP_PROBE_SOURCE_PORT;
			continue;
		}
		enum ipsla_probe_verdict verdict =
		        ipsla_probe_judge(p->data, p->len, (enum ipsla_kind)s->kind);

		if (verdict != IPSLA_PROBE_OK)
			*ret_why = drop_of(verdict);
		else if (s->source_port)
			return s;
		else if (!found ||
		         (found->control_port != p->from.port && s->control_port == p->from.port))
			found = s;
	}
	return found;
}

static bool admit_session(struct responder_core *c, struct session *s, const struct probe *p,
                          boot_t now, struct reflect_plan *ret)
{
	uint32_t per_s = c->cfg.packets_per_s;

	if (!source_has_rate(c, &p->from.addr, now))
		return false;
	if (!token_bucket_take(&s->rate, now, per_s, per_s / 4 + 1))
		return drop(c, DROP_PROBE_RATE_SESSION);
	if (s->kind == IPSLA_KIND_UDP_ECHO &&
	    !token_bucket_take(&s->echo, now, ECHO_PER_S, ECHO_BURST))
		return drop(c, DROP_PROBE_LOOP);
	session_probed(c->sessions, s, p->from.port);
	*ret = (struct reflect_plan) { .kind = s->kind, .sequence = s->received };
	return true;
}

/* --- permanent ports -------------------------------------------------------------------------- */

static uint16_t be16_at(const struct probe *p, size_t at)
{
	return (uint16_t)((p->data[at] << 8) | p->data[at + 1]);
}

/* Type 3 without a session to tell its tail: a sequence number in the high 16 bits is version 1
 * (they count from 1), in the low 16 bits version 2. */
static bool has_long_tail(const struct probe *p)
{
	return p->len >= IPSLA_PROBE_NTP32_OCTETS && be16_at(p, 52) == 0 && be16_at(p, 54) != 0 &&
	       be16_at(p, 56) == 0 && be16_at(p, 58) == 0;
}

/* What a permanent port takes a probe for: types 2 and 3 are measured, all else is echoed. */
static enum ipsla_kind permanent_kind_of(const struct probe *p)
{
	switch (p->len >= 2 ? be16_at(p, 0) : 0) {
	case IPSLA_PROBE_MS:
		return IPSLA_KIND_UDP_JITTER;
	case IPSLA_PROBE_NTP:
		return has_long_tail(p) ? IPSLA_KIND_UDP_MEASUREMENT : IPSLA_KIND_UDP_JITTER;
	default:
		return IPSLA_KIND_UDP_ECHO;
	}
}

static bool echo_has_budget(struct responder_core *c, const struct probe *p, boot_t now)
{
	uint8_t octets[25];
	struct wr w = wr_init(octets, sizeof(octets));

	wr_u8(&w, p->from.addr.family);
	wr_bytes(&w, p->from.addr.bytes, sizeof(p->from.addr.bytes));
	wr_be32(&w, p->from.addr.scope_id);
	wr_be16(&w, p->from.port);
	wr_be16(&w, p->local.port);
	assert(!w.bad);
	uint64_t who = siphash(&c->seed, octets, wr_len(&w));
	struct echo_loop *loop = &c->echo_loops[who % ECHO_LOOPS];

	if (loop->who != who)
		*loop = (struct echo_loop) { .who = who };
	return token_bucket_take(&loop->budget, now, ECHO_PER_S, ECHO_BURST);
}

static bool admit_permanent(struct responder_core *c, const struct probe *p, boot_t now,
                            struct reflect_plan *ret)
{
	enum ipsla_kind kind = permanent_kind_of(p);
	enum ipsla_probe_verdict verdict = ipsla_probe_judge(p->data, p->len, kind);

	if (!responder_core_permits(c, &p->from.addr))
		return drop(c, DROP_PROBE_ACCESS);
	if (p->from.port < 1024 || responder_core_serves(c, p->from.port))
		return drop(c, DROP_PROBE_LOOP);
	if (verdict != IPSLA_PROBE_OK)
		return drop(c, drop_of(verdict));
	if (!source_has_rate(c, &p->from.addr, now))
		return false;
	if (kind == IPSLA_KIND_UDP_ECHO && !echo_has_budget(c, p, now))
		return drop(c, DROP_PROBE_LOOP);
	*ret = (struct reflect_plan) {
		.kind = (uint8_t)kind,
		.sequence = ipsla_probe_sequence(p->data, p->len, kind),
	};
	return true;
}

/* --- both ------------------------------------------------------------------------------------- */

bool reflect_admit(struct responder_core *c, const struct probe *p, boot_t now,
                   struct reflect_plan *ret)
{
	const struct session_key key = {
		.source = p->from.addr,
		.local = p->local.addr,
		.port = p->local.port,
		.proto = SESSION_UDP,
	};
	enum responder_drop why;

	c->counters.bytes_in += p->len;
	if (p->truncated)
		return drop(c, DROP_PROBE_TRUNCATED);
	if (p->from.port == 0 || port_is_control(&c->cfg, p->from.port))
		return drop(c, DROP_PROBE_LOOP);
	struct session *s = find_session(c, &key, p, now, &why);

	if (s)
		return admit_session(c, s, p, now, ret);
	if (p->is_permanent)
		return admit_permanent(c, p, now, ret);
	return drop(c, why);
}

bool reflect_admit_tcp(struct responder_core *c, const struct inet_endpoint *from,
                       const struct inet_endpoint *local, bool is_permanent, boot_t now)
{
	const struct session_key key = {
		.source = from->addr,
		.local = local->addr,
		.port = local->port,
		.proto = SESSION_TCP,
	};
	struct session *s = session_first(c->sessions, &key, now);

	if (!s && !is_permanent)
		return drop(c, DROP_PROBE_NO_SESSION);
	if (!s && !responder_core_permits(c, &from->addr))
		return drop(c, DROP_PROBE_ACCESS);
	if (!source_has_rate(c, &from->addr, now))
		return false;
	if (s)
		session_probed(c->sessions, s, 0); /* every connection has a port of its own */
	c->counters.tcp_accepted++;
	return true;
}

bool reflect_write(const struct responder_core *c, uint8_t *data, size_t len,
                   const struct reflect_plan *plan, wall_t t2, wall_t t3)
{
	int64_t err_ns = c->clock_err_ns;
	const struct ipsla_reflection r = {
		.t2 = t2,
		.t3 = t3,
		.clock_offset =
		        err_ns < 0 ? IPSLA_OFFSET_UNKNOWN : ipsla_offset_from_ns((uint64_t)err_ns),
		.sequence = plan->sequence,
	};

	return ipsla_probe_reflect(data, len, (enum ipsla_kind)plan->kind, &r) == 0;
}
