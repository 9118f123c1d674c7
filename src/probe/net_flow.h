/* SPDX-License-Identifier: Apache-2.0 */
/* Flows over real sockets: the half of probe_io (probe/probe.h) that deals with the network.  The
 * runner adds timers and results.  One loop, one thread; flows are recycled, so that a run allocates
 * nothing once as many have been open at a time. */
#ifndef CANDOR_PROBE_NET_FLOW_H
#define CANDOR_PROBE_NET_FLOW_H

#include "base/diag.h"
#include "probe/probe.h"
#include "probe/runner.h"

struct dgram_batch;
struct egress_policy;
struct tls_context;

struct net_flows {
	struct probe_io io; /* whose ops point to the functions below */
	struct loop *loop;
	struct clock *clock;
	struct sock_opener *opener;
	struct runner_counters *counters;
	struct dgram_batch *batch;
	struct probe_flow *spare;           /* closed flows */
	struct tls_context *tls;            /* of streams; NULL: not needed yet */
	const struct egress_policy *egress; /* NULL: everything is permitted */
	uint64_t serials;                   /* flows opened so far */
	uint32_t lingering;                 /* flows that wait for a late reply */
	struct diag why;                    /* of the last open */
	uint32_t pool[64];                  /* random numbers, handed out from the end */
	unsigned pool_left;
};

void net_flows_init(struct net_flows *n, const struct probe_io_ops *ops, struct loop *loop,
                    struct clock *clock, struct sock_opener *opener,
                    struct runner_counters *counters);

/* Make ready what TLS needs, trust anchors of the host above all: files are read.  0, with the anchors' file in
 * ``d``, or -errno. */
NODISCARD int net_flows_prepare_tls(struct net_flows *n, struct diag *d);
void net_flows_fini(struct net_flows *n); /* every flow is closed by then */

/* probe_io_ops */
int net_open(struct probe_io *io, struct op *op, const struct flow_spec *spec,
             struct probe_flow **ret);
const char *net_why(struct probe_io *io);
void net_close(struct probe_io *io, struct probe_flow *flow);
int net_linger(struct probe_io *io, struct probe_flow *flow);
struct inet_endpoint net_local(struct probe_io *io, const struct probe_flow *flow);
int net_send(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len,
             uint32_t token, struct stamp *ret_user);
int net_set_ttl(struct probe_io *io, struct probe_flow *flow, uint8_t ttl);
int net_mac(struct probe_io *io, const struct probe_flow *flow, uint8_t *to);
int net_write(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len);
int net_secure(struct probe_io *io, struct probe_flow *flow, const char *name, bool verify);
struct stamp net_read_clock(struct probe_io *io);
struct clock_grade net_grade(struct probe_io *io);
uint32_t net_random(struct probe_io *io);
uint32_t net_drops(struct probe_io *io, const struct probe_flow *flow);

#endif
