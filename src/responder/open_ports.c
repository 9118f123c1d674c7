/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of sessions and of permanent ports. */
#include "responder/open_ports.h"

#include "base/xalloc.h"
#include "io/sock_group.h"
#include "io/udp_socket.h"
#include "responder/control_udp.h"
#include "responder/reflector.h"
#include "responder/tcp_reflector.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define BUCKETS         4096u /* a power of two; ports spread by themselves */
#define PLACES          (SESSION_TABLE_MAX + 2 * RESPONDER_PERMANENT_MAX)
#define SSM_FIRST_OCTET 232 /* RFC 4607 section 1: 232.0.0.0/8 */
#define RESUME_NS       (100 * NS_PER_MS)

static struct open_port **chain(struct open_ports *set, enum session_proto proto, uint16_t port)
{
	return &set->hash[(port ^ ((uint32_t)proto << 11)) & (BUCKETS - 1)];
}

static struct open_port *find(struct open_ports *set, enum session_proto proto,
                              const struct inet_addr *addr, uint16_t port, uint16_t vrf)
{
	struct open_port *p = *chain(set, proto, port);

	while (p && !(p->proto == proto && p->local.port == port && p->vrf == vrf &&
	              inet_addr_equal(&p->local.addr, addr)))
		p = p->next;
	return p;
}

static struct inet_addr wildcard(uint8_t family)
{
	return (struct inet_addr) { .family = family };
}

/* The port that already serves this address, where we are: its own, or the wildcard of its family. */
static struct open_port *find_serving(struct open_ports *set, enum session_proto proto,
                                      const struct inet_addr *addr, uint16_t port)
{
	const struct inet_addr any = wildcard(addr->family);
	struct open_port *p = find(set, proto, addr, port, 0);

	return p ? p : find(set, proto, &any, port, 0);
}

static struct open_port *take_place(struct open_ports *set)
{
	struct open_port *p = set->free_places;

	if (p) {
		set->free_places = p->next;
		return p;
	}
	return set->places_used < PLACES ? &set->places[set->places_used++] : NULL;
}

static void return_place(struct open_ports *set, struct open_port *p)
{
	*p = (struct open_port) { .watch.fd = -1, .next = set->free_places };
	set->free_places = p;
}

static int open_socket(struct open_ports *set, enum session_proto proto,
                       const struct inet_endpoint *local, uint16_t vrf, struct diag *d)
{
	const struct sock_spec spec = {
		.kind = proto == SESSION_UDP ? SOCK_KIND_UDP : SOCK_KIND_TCP_LISTEN,
		.rx_stamps = proto == SESSION_UDP,
		.packet_info = proto == SESSION_UDP,
		.vrf = vrf,
		.local = *local,
	};

	return set->opener->open(set->opener, &spec, d);
}

static int add_port(struct open_ports *set, enum session_proto proto,
                    const struct inet_endpoint *local, uint16_t vrf, struct diag *d,
                    struct open_port **ret)
{
	CLEANUP(fd_closep) int fd = open_socket(set, proto, local, vrf, d);

	if (fd < 0)
		return fd;
	struct open_port *p = take_place(set);

	if (!p)
		return diag_set(d, -ENOSPC, "more than %u ports are open", PLACES);
	*p = (struct open_port) {
		.watch = { .fd = fd,
		           .ready = proto == SESSION_UDP ? reflector_ready : tcp_reflector_ready },
		.set = set,
		.local = *local,
		.vrf = vrf,
		.proto = (uint8_t)proto,
	};
	int rc = loop_add(set->loop, &p->watch, EPOLLIN);

	if (rc < 0) {
		return_place(set, p);
		return diag_set(d, rc, "cannot watch port %u", local->port);
	}
	struct open_port **head = chain(set, proto, local->port);

	(void)fd_steal(&fd); /* the place has it */
	p->next = *head;
	*head = p;
	set->count++;
	*ret = p;
	return 0;
}

static void remove_port(struct open_ports *set, struct open_port *p)
{
	struct open_port **at = chain(set, (enum session_proto)p->proto, p->local.port);

	loop_remove(set->loop, &p->watch);
	fd_closep(&p->watch.fd);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	return_place(set, p);
	set->count--;
}

static void release(struct open_ports *set, struct open_port *p)
{
	if (--p->users == 0)
		remove_port(set, p);
}

/* --- for sessions ----------------------------------------------------------------------------- */

static int host_open(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
                     uint16_t port)
{
	struct open_ports *set = container_of(h, struct open_ports, host);
	struct open_port *p = find_serving(set, proto, local, port);

	if (!p) {
		const struct inet_endpoint at = { *local, port };
		int rc = add_port(set, proto, &at, 0, NULL, &p);

		if (rc < 0)
			return rc;
		assert(p);
	}
	p->users++;
	if (!inet_addr_is_group(local))
		return 0;
	const struct inet_addr anybody = { .family = INET_NONE };
	int rc = sock_group_join(p->watch.fd, local, &h->via,
	                         local->bytes[0] == SSM_FIRST_OCTET ? &h->source : &anybody);

	if (rc < 0)
		release(set, p);
	return rc;
}

static void host_close(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
                       uint16_t port)
{
	struct open_ports *set = container_of(h, struct open_ports, host);
	struct open_port *p = find_serving(set, proto, local, port);

	assert(p);
	release(set, p);
}

/* --- for the configuration -------------------------------------------------------------------- */

static enum session_proto proto_of(const struct permanent_port *permanent)
{
	return permanent->kind == PERMANENT_UDP_ECHO ? SESSION_UDP : SESSION_TCP;
}

static bool is_configured(const struct responder_cfg *cfg, const struct open_port *p)
{
	for (uint32_t i = 0; i < cfg->permanent_count; i++) {
		const struct permanent_port *permanent = &cfg->permanent[i];
		bool any = permanent->addr.family == INET_NONE ||
		           inet_addr_is_unspecified(&permanent->addr);

		if (proto_of(permanent) == p->proto && permanent->port == p->local.port &&
		    permanent->vrf == p->vrf &&
		    (any ? inet_addr_is_unspecified(&p->local.addr)
		         : inet_addr_equal(&permanent->addr, &p->local.addr)))
			return true;
	}
	return false;
}

/* A wildcard and an address cannot be bound to the same port: sessions that hold the one end when
 * the configuration asks for the other, and their next request finds the new socket. */
static void end_sessions(struct open_ports *set, enum session_proto proto, uint16_t port)
{
	struct session_table *t = set->core->sessions;
	struct session *next;

	for (struct session *s = session_oldest(t); s; s = next) {
		next = session_younger(t, s);
		if (s->key.proto == proto && s->key.port == port)
			session_close(t, s, SESSION_END_CLOSED);
	}
}

static int open_permanent_at(struct open_ports *set, enum session_proto proto,
                             const struct inet_endpoint *local, uint16_t vrf, struct diag *d)
{
	struct open_port *p = find(set, proto, &local->addr, local->port, vrf);

	if (!p) {
		const struct inet_addr any = wildcard(local->addr.family);

		if (vrf == 0 && (inet_addr_is_unspecified(&local->addr) ||
		                 find(set, proto, &any, local->port, 0)))
			end_sessions(set, proto, local->port);
		int rc = add_port(set, proto, local, vrf, d, &p);

		if (rc < 0)
			return rc;
	}
	if (!p->is_permanent) {
		p->is_permanent = true;
		p->users++;
	}
	return 0;
}

static int open_permanent(struct open_ports *set, const struct permanent_port *permanent,
                          struct diag *d)
{
	enum session_proto proto = proto_of(permanent);
	struct inet_endpoint local = { permanent->addr, permanent->port };

	if (local.addr.family != INET_NONE && !inet_addr_is_unspecified(&local.addr))
		return open_permanent_at(set, proto, &local, permanent->vrf, d);
	struct diag v4_diag = { 0 }, v6_diag = { 0 };

	local.addr = wildcard(INET_V4);
	int v4 = open_permanent_at(set, proto, &local, permanent->vrf, &v4_diag);

	local.addr = wildcard(INET_V6);
	int v6 = open_permanent_at(set, proto, &local, permanent->vrf, &v6_diag);

	return control_both_families(v4, &v4_diag, v6, &v6_diag, d);
}

int open_ports_apply(struct open_ports *set, struct diag *d)
{
	const struct responder_cfg *cfg = &set->core->cfg;
	struct diag again;
	int first = 0;

	for (uint32_t i = 0; i < set->places_used; i++) {
		struct open_port *p = &set->places[i];

		if (p->is_permanent && !is_configured(cfg, p)) {
			p->is_permanent = false;
			release(set, p);
		}
	}
	for (uint32_t i = 0; i < cfg->permanent_count; i++) {
		int rc = open_permanent(set, &cfg->permanent[i], first ? &again : d);

		first = first ? first : rc;
	}
	return first;
}

/* --- life ------------------------------------------------------------------------------------- */

static void resume(struct tmr *t, mono_t now)
{
	struct open_ports *set = container_of(t, struct open_ports, resume);

	for (uint32_t i = 0; i < set->places_used; i++) {
		struct open_port *p = &set->places[i];

		if (!p->is_paused)
			continue;
		if (loop_modify(set->loop, &p->watch, EPOLLIN) == 0)
			p->is_paused = false;
		else
			loop_arm(set->loop, &set->resume, mono_add_ns(now, RESUME_NS));
	}
}

void open_port_pause(struct open_port *port)
{
	struct open_ports *set = port->set;

	port->is_paused = loop_modify(set->loop, &port->watch, 0) == 0;
	loop_arm(set->loop, &set->resume, mono_add_ns(loop_now(set->loop), RESUME_NS));
}

void open_ports_init(struct open_ports *set, struct loop *loop, struct clock *clock,
                     struct sock_opener *opener, struct responder_core *core,
                     struct dgram_batch *batch)
{
	*set = (struct open_ports) {
		.host = { .open = host_open, .close = host_close },
		.loop = loop,
		.clock = clock,
		.opener = opener,
		.core = core,
		.batch = batch,
		.resume = { .fire = resume },
		.hash = xcalloc(BUCKETS, sizeof(struct open_port *)),
		.places = xcalloc(PLACES, sizeof(struct open_port)),
	};
}

void open_ports_fini(struct open_ports *set)
{
	loop_disarm(set->loop, &set->resume);
	for (uint32_t i = 0; i < set->places_used; i++) {
		if (set->places[i].users)
			remove_port(set, &set->places[i]);
	}
	free(set->hash);
	free(set->places);
}
