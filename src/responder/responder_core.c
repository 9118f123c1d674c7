/* SPDX-License-Identifier: Apache-2.0 */
/* State of the responder without its sockets. */
#include "responder/responder_core.h"

#include "base/xalloc.h"
#include "responder/port_policy.h"
#include "responder/reflect.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PORTS 65536u

static void session_ended(void *ctx, const struct session *s, enum session_end why)
{
	struct responder_core *c = ctx;

	if (s->key.proto == SESSION_UDP)
		c->serves[s->key.port]--;
	c->counters.sessions_expired += why == SESSION_END_EXPIRED;
	c->counters.sessions_evicted += why == SESSION_END_EVICTED;
	c->host->close(c->host, (enum session_proto)s->key.proto, &s->key.local, s->key.port);
}

void responder_core_init(struct responder_core *c, struct port_host *host,
                         const struct siphash_key *seed)
{
	memset(c, 0, sizeof(*c));
	responder_cfg_init(&c->cfg);
	c->clock_err_ns = -1;
	c->host = host;
	c->seed = *seed;
	c->sessions = session_table_new(seed, session_ended, c);
	c->replay = replay_cache_new(seed);
	c->serves = xcalloc(PORTS, sizeof(*c->serves));
	c->echo_loops = xcalloc(ECHO_LOOPS, sizeof(*c->echo_loops));
}

static void close_all(struct responder_core *c)
{
	struct session *s;

	while ((s = session_oldest(c->sessions)))
		session_close(c->sessions, s, SESSION_END_CLOSED);
}

void responder_core_fini(struct responder_core *c)
{
	close_all(c);
	session_table_free(c->sessions);
	replay_cache_free(c->replay);
	free(c->serves);
	free(c->echo_loops);
}

static void serve_permanent(struct responder_core *c, bool begin)
{
	for (uint32_t i = 0; i < c->cfg.permanent_count; i++) {
		const struct permanent_port *p = &c->cfg.permanent[i];

		if (p->kind == PERMANENT_UDP_ECHO)
			c->serves[p->port] += begin ? 1u : UINT32_MAX;
	}
}

static bool still_granted(const struct responder_core *c, const struct session *s)
{
	return c->cfg.enabled && port_is_allowed(&c->cfg, s->key.port) &&
	       !port_is_control(&c->cfg, s->key.port) && responder_core_permits(c, &s->key.source);
}

void responder_core_apply(struct responder_core *c, const struct responder_cfg *cfg, boot_t now)
{
	serve_permanent(c, false);
	c->cfg = *cfg;
	serve_permanent(c, true);
	replay_cache_keep(c->replay, cfg->has_keychain ? &cfg->keychain : NULL);

	const struct session_limits limits = {
		.max = cfg->max_sessions,
		.max_per_source = cfg->max_sessions_per_source,
		/* Nobody can be protected without one of the two: nothing to keep free then. */
		.reserve_half = cfg->has_access_list || cfg->has_keychain,
	};
	const boot_t latest = boot_add_ns(now, (int64_t)cfg->max_duration_s * NS_PER_S);
	struct session *next;

	for (struct session *s = session_oldest(c->sessions); s; s = next) {
		next = session_younger(c->sessions, s);
		if (!still_granted(c, s))
			session_close(c->sessions, s, SESSION_END_CLOSED);
		else if (s->expires_at.ns > latest.ns)
			s->expires_at = latest;
	}
	session_table_limit(c->sessions, &limits);
}

uint32_t responder_core_random(struct responder_core *c, uint32_t below)
{
	assert(below >= 1);
	uint64_t draw = ++c->draws;

	/* 2^64 is so much more than ``below`` that the bias does not matter. */
	return (uint32_t)(siphash(&c->seed, &draw, sizeof(draw)) % below);
}

bool responder_core_permits(const struct responder_core *c, const struct inet_addr *source)
{
	const struct access_list list = { .name = "",
		                          .count = c->cfg.rule_count,
		                          .rules = c->cfg.rules };

	return !c->cfg.has_access_list || access_list_permits(&list, source);
}

bool responder_core_serves(const struct responder_core *c, uint16_t port)
{
	return c->serves[port] > 0 || port_is_control(&c->cfg, port);
}

bool inet_addr_same_host(const struct inet_addr *a, const struct inet_addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0 &&
	       (a->scope_id == b->scope_id || !a->scope_id || !b->scope_id);
}

void responder_recent_add(struct responder_recent list[RESPONDER_RECENT],
                          const struct inet_addr *addr, wall_t at, uint8_t status)
{
	unsigned i = 0;

	while (i < RESPONDER_RECENT - 1 && !inet_addr_equal(&list[i].addr, addr))
		i++;
	memmove(&list[1], &list[0], i * sizeof(list[0]));
	list[0] = (struct responder_recent) { .addr = *addr, .at = at, .status = status };
}

const char *responder_drop_name(enum responder_drop drop)
{
	switch (drop) {
	case DROP_CONTROL_VERSION:
		return "control_version";
	case DROP_CONTROL_SHORT:
		return "control_short";
	case DROP_CONTROL_LOOP:
		return "control_loop";
	case DROP_CONTROL_ACCESS:
		return "control_access";
	case DROP_CONTROL_RATE:
		return "control_rate";
	case DROP_PROBE_NO_SESSION:
		return "probe_no_session";
	case DROP_PROBE_SOURCE_PORT:
		return "probe_source_port";
	case DROP_PROBE_SHORT:
		return "probe_short";
	case DROP_PROBE_TYPE:
		return "probe_type";
	case DROP_PROBE_LOOP:
		return "probe_loop";
	case DROP_PROBE_RATE_SESSION:
		return "probe_rate_session";
	case DROP_PROBE_RATE_SOURCE:
		return "probe_rate_source";
	case DROP_PROBE_TRUNCATED:
		return "probe_truncated";
	case DROP_PROBE_ACCESS:
		return "probe_access";
	case DROP_SEND_FAILED:
		return "send_failed";
	case DROP_STREAM_LIMIT:
		return "stream_limit";
	case DROP_STREAM_FORMAT:
		return "stream_format";
	case DROP_COUNT:
		break;
	}
	return "unknown";
}
