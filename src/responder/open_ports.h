/* SPDX-License-Identifier: Apache-2.0 */
/* The ports that sessions and the configuration keep open: one socket each, counted.  A session's
 * port is bound to the local address that its request named, so several local addresses and both
 * families live side by side; a permanent port without address is bound to the wildcard of each
 * family and then serves the sessions of that port as well. */
#ifndef CANDOR_RESPONDER_OPEN_PORTS_H
#define CANDOR_RESPONDER_OPEN_PORTS_H

#include "base/diag.h"
#include "io/loop.h"
#include "responder/responder_core.h"

struct clock;
struct dgram_batch;
struct open_ports;
struct sock_opener;

struct open_port {
	struct loop_fd watch;
	struct open_ports *set;
	struct inet_endpoint local; /* address unspecified: wildcard of its family */
	uint16_t vrf;               /* as in struct permanent_port */
	uint8_t proto;              /* enum session_proto */
	bool is_permanent;
	bool is_paused;         /* TCP: no descriptor to accept with */
	uint32_t users;         /* sessions, and 1 for the configuration */
	struct open_port *next; /* in its hash chain, or of the free ones */
};

struct open_ports {
	struct port_host host;
	struct loop *loop;
	struct clock *clock;
	struct sock_opener *opener;
	struct responder_core *core;
	struct dgram_batch *batch; /* of the thread; not owned */
	uint32_t count;
	/* private */
	struct tmr resume;
	uint32_t places_used;
	struct open_port *free_places;
	struct open_port **hash;
	struct open_port *places;
};

void open_ports_init(struct open_ports *set, struct loop *loop, struct clock *clock,
                     struct sock_opener *opener, struct responder_core *core,
                     struct dgram_batch *batch);
void open_ports_fini(struct open_ports *set); /* closes what is still open */

/* Open and close what the core's configuration says about permanent ports.  The first error, with
 * ``d``; the other ports are open. */
NODISCARD int open_ports_apply(struct open_ports *set, struct diag *d);

/* No descriptor was left to accept with: look again in a while, do not spin. */
void open_port_pause(struct open_port *port);

#endif
