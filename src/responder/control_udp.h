/* SPDX-License-Identifier: Apache-2.0 */
/* The control ports over UDP: both versions on both ports, both families, every local address. */
#ifndef CANDOR_RESPONDER_CONTROL_UDP_H
#define CANDOR_RESPONDER_CONTROL_UDP_H

#include "base/diag.h"
#include "io/loop.h"
#include "responder/responder_core.h"

struct clock;
struct dgram_batch;
struct sock_opener;

#define CONTROL_UDP_SOCKETS 4 /* two ports, two families */

/* Told after messages that may have changed the sessions. */
typedef void control_changed_fn(void *ctx);

/* What every carrier of control messages needs. */
struct control_carrier {
	struct loop *loop;
	struct clock *clock;
	struct sock_opener *opener;
	struct responder_core *core;
	control_changed_fn *changed;
	void *ctx;
};

struct control_udp;

struct control_udp_socket {
	struct loop_fd watch; /* fd -1: not open */
	struct control_udp *owner;
	uint16_t port;
};

struct control_udp {
	const struct control_carrier *carrier;
	struct dgram_batch *batch; /* of the thread; not owned */
	struct control_udp_socket sockets[CONTROL_UDP_SOCKETS];
};

void control_udp_init(struct control_udp *u, const struct control_carrier *carrier,
                      struct dgram_batch *batch);
void control_udp_fini(struct control_udp *u);

/* Open, keep or close sockets as the core's configuration says.  0, or the first -errno with ``d``;
 * the other sockets are open. */
NODISCARD int control_udp_apply(struct control_udp *u, struct diag *d);

/* A family that this host does not have is no error as long as the other one works: the one error
 * of two attempts, or 0. */
int control_both_families(int v4, const struct diag *v4_diag, int v6, const struct diag *v6_diag,
                          struct diag *d);

#endif
