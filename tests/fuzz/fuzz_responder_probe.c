/* SPDX-License-Identifier: Apache-2.0 */
/* Probes against a session of each kind and a permanent port.  Input: one octet (1: v1 echo, 2: v1
 * jitter, 3: v2, anything else: none; 0x80: the port is permanent), then the probe, sent twice.
 * What was answered is never answered again as it is, unless it is an echo. */
#include "responder/reflect.h"
#include "responder/responder_core.h"
#include "wire/ipsla.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROBE_MAX 2048u
#define WALL_NS   (INT64_C(1766361600) * NS_PER_S)

static struct responder_core core;
static boot_t now;

static int host_open(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
                     uint16_t port)
{
	(void)h;
	(void)proto;
	(void)local;
	(void)port;
	return 0;
}

static void host_close(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
                       uint16_t port)
{
	(void)h;
	(void)proto;
	(void)local;
	(void)port;
}

static struct port_host host = { host_open, host_close };
static const struct inet_addr source = { .family = INET_V4, .bytes = { 192, 0, 2, 10 } };
static const struct inet_addr local = { .family = INET_V4, .bytes = { 192, 0, 2, 77 } };

static struct session *open_session(uint8_t kind)
{
	static const enum ipsla_kind kinds[] = { IPSLA_KIND_UDP_ECHO, IPSLA_KIND_UDP_JITTER,
		                                 IPSLA_KIND_UDP_MEASUREMENT };
	const struct session_key key = { .source = source, .local = local, .port = 5000 };

	if (kind < 1 || kind > 3)
		return NULL;
	struct session *s = session_open(core.sessions, session_source(core.sessions, &source),
	                                 &key, false, now, NS_PER_S);

	s->kind = (uint8_t)kinds[kind - 1];
	core.serves[key.port]++;
	return s;
}

/* One probe; true: answered in place. */
static bool send_probe(uint8_t *octets, size_t len, bool is_permanent, struct reflect_plan *plan)
{
	const struct probe p = {
		.data = octets,
		.len = len,
		.is_permanent = is_permanent,
		.from = { source, 40000 },
		.local = { local, 5000 },
	};

	if (!reflect_admit(&core, &p, now, plan))
		return false;
	if (!reflect_write(&core, octets, len, plan, (wall_t) { WALL_NS },
	                   (wall_t) { WALL_NS + NS_PER_MS }))
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct siphash_key seed = { 1, 2 };
	static uint8_t octets[PROBE_MAX];
	struct reflect_plan plan;

	if (!core.host) {
		struct responder_cfg cfg;

		responder_core_init(&core, &host, &seed);
		responder_cfg_init(&cfg);
		cfg.enabled = true;
		responder_core_apply(&core, &cfg, now);
	}
	if (size < 1 || size - 1 > PROBE_MAX)
		return 0;
	now = boot_add_ns(now, 1000 * NS_PER_S);
	struct session *s = open_session(data[0] & 0x7f);
	size_t len = size - 1;

	memcpy(octets, data + 1, len);
	if (send_probe(octets, len, data[0] & 0x80, &plan) && plan.kind != IPSLA_KIND_UDP_ECHO &&
	    send_probe(octets, len, data[0] & 0x80, &plan))
		abort(); /* a reply was taken for a probe */
	if (s)
		session_close(core.sessions, s, SESSION_END_CLOSED);
	return 0;
}
