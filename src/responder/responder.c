/* SPDX-License-Identifier: Apache-2.0 */
/* The responder put together: core, ports, carriers of control messages, expiry. */
#include "responder/responder.h"

#include "base/xalloc.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/process.h"
#include "io/udp_socket.h"
#include "responder/control_tcp.h"
#include "responder/control_udp.h"
#include "responder/open_ports.h"
#include "responder/responder_core.h"
#include "responder/sctp_service.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define TIMERS       (2 * (CONTROL_TCP_CONNECTIONS + 2) + 2) /* of everything here */
#define SWEEP_MIN_NS (20 * NS_PER_MS) /* between two sweeps: expiry on lookup is exact anyway */

struct responder {
	struct responder_core core;
	struct open_ports ports;
	struct control_carrier carrier;
	struct control_udp udp;
	struct control_tcp *tcp;
	struct control_tcp *sctp;   /* where the kernel speaks it */
	struct sctp_service remote; /* where a process of ours does */
	struct dgram_batch *batch;
	struct tmr sweep;
};

static void sweep(struct tmr *t, mono_t now)
{
	struct responder *r = container_of(t, struct responder, sweep);
	const boot_t boot = r->carrier.clock->boot(r->carrier.clock);
	boot_t next;

	if (!session_sweep(r->core.sessions, boot, &next))
		return;
	int64_t wait_ns = boot_diff_ns(next, boot);

	loop_arm(r->carrier.loop, t,
	         mono_add_ns(now, wait_ns > SWEEP_MIN_NS ? wait_ns : SWEEP_MIN_NS));
}

/* Sessions changed: one of them may expire before the sweep that is planned. */
static void sessions_changed(void *ctx)
{
	struct responder *r = ctx;
	mono_t soon = mono_add_ns(loop_now(r->carrier.loop), SWEEP_MIN_NS);

	if (!tmr_is_armed(&r->sweep) || r->sweep.due.ns > soon.ns)
		loop_arm(r->carrier.loop, &r->sweep, soon);
}

struct responder *responder_new(struct loop *loop, struct clock *clock, struct sock_opener *opener)
{
	struct siphash_key seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return NULL;
	struct responder *r = xcalloc(1, sizeof(*r));

	(void)process_raise_descriptors(); /* too few: ports are refused, and counted */
	r->sweep.fire = sweep;
	r->batch = dgram_batch_new(DGRAM_MAX);
	r->carrier = (struct control_carrier) {
		.loop = loop,
		.clock = clock,
		.opener = opener,
		.core = &r->core,
		.changed = sessions_changed,
		.ctx = r,
	};
	open_ports_init(&r->ports, loop, clock, opener, &r->core, r->batch);
	responder_core_init(&r->core, &r->ports.host, &seed);
	control_udp_init(&r->udp, &r->carrier, r->batch);
	sctp_service_init(&r->remote, &r->carrier);
	r->tcp = control_tcp_new(&r->carrier, CONTROL_TCP);
	r->sctp = control_tcp_new(&r->carrier, CONTROL_SCTP);
	if (!r->tcp || !r->sctp || loop_reserve_timers(loop, TIMERS) < 0) {
		responder_free(r);
		return NULL;
	}
	return r;
}

void responder_free(struct responder *r)
{
	if (!r)
		return;
	loop_disarm(r->carrier.loop, &r->sweep);
	sctp_service_fini(&r->remote);
	control_tcp_free(r->sctp);
	control_tcp_free(r->tcp);
	control_udp_fini(&r->udp);
	responder_core_fini(&r->core);
	open_ports_fini(&r->ports);
	dgram_batch_free(r->batch);
	free(r);
}

/* The kernel's SCTP where there is one, else the process that was handed over. */
static int apply_sctp(struct responder *r, struct diag *d)
{
	const struct responder_cfg *cfg = &r->core.cfg;
	uint16_t port = cfg->enabled && cfg->control_sctp ? cfg->v2_port : 0;
	int rc = control_tcp_apply(r->sctp, port, d);

	if (port == 0)
		sctp_service_fini(&r->remote);
	if (rc != -EPROTONOSUPPORT && rc != -ESOCKTNOSUPPORT)
		return rc;
	if (sctp_service_is_attached(&r->remote))
		return 0;
	return diag_set(d, rc,
	                "this kernel has no SCTP: load it (\"modprobe sctp\"), or set "
	                "sctp-encapsulation-port before the start");
}

int responder_apply(struct responder *r, const struct responder_cfg *cfg, struct diag *d)
{
	uint16_t tcp_port = cfg->enabled && cfg->control_tcp ? cfg->v2_port : 0;
	struct diag diags[4] = { 0 };
	int rcs[4];

	responder_core_apply(&r->core, cfg, r->carrier.clock->boot(r->carrier.clock));
	rcs[0] = open_ports_apply(&r->ports, &diags[0]);
	rcs[1] = control_udp_apply(&r->udp, &diags[1]);
	rcs[2] = control_tcp_apply(r->tcp, tcp_port, &diags[2]);
	rcs[3] = apply_sctp(r, &diags[3]);
	sessions_changed(r);
	for (unsigned i = 0; i < ARRAY_LEN(rcs); i++) {
		if (rcs[i] < 0)
			return diag_set(d, rcs[i], "%s", diags[i].text);
	}
	return 0;
}

int responder_take_sctp(struct responder *r, int fd)
{
	return sctp_service_attach(&r->remote, fd);
}

void responder_status(const struct responder *r, struct responder_status *ret)
{
	const struct responder_core *c = &r->core;

	*ret = (struct responder_status) {
		.enabled = c->cfg.enabled,
		.counters = c->counters,
		.sessions = session_count(c->sessions),
		.sessions_max = c->cfg.max_sessions,
		.ports_open = r->ports.count,
	};
	memcpy(ret->recent, c->recent, sizeof(ret->recent));
	memcpy(ret->recent_errors, c->recent_errors, sizeof(ret->recent_errors));
}

static struct responder_session_view view_of(const struct session *s, boot_t now)
{
	return (struct responder_session_view) {
		.source = s->key.source,
		.local = s->key.local,
		.port = s->key.port,
		.source_port = s->source_port,
		.version = s->version,
		.command = (uint8_t)s->command,
		.protected_source = s->is_protected,
		.session_id = s->session_id,
		.probes = s->probes,
		.age_ns = boot_diff_ns(now, s->opened_at),
		.left_ns = boot_diff_ns(s->expires_at, now),
	};
}

uint32_t responder_sessions(const struct responder *r, uint32_t first, uint32_t cap,
                            struct responder_session_view *ret)
{
	const boot_t now = r->carrier.clock->boot(r->carrier.clock);
	uint32_t index = 0, count = 0;

	for (const struct session *s = session_oldest(r->core.sessions); s && count < cap;
	     s = session_younger(r->core.sessions, s)) {
		if (s->expires_at.ns > now.ns && index++ >= first)
			ret[count++] = view_of(s, now);
	}
	return count;
}
