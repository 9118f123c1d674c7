/* SPDX-License-Identifier: Apache-2.0 */
/* What path-echo and path-jitter have in common: find the hops towards the target, then measure to each.
 *
 * Discovery, anew in each run: datagrams of one flow (the same addresses and ports throughout, so that routers
 * with several equal paths send them all the same way) with rising hop limit; ICMP errors name the hops, and the
 * target's own answer ends it.  A hop is asked one at a time; what comes back is told apart by the payload that it
 * quotes, and where a router quotes none it is taken for the answer to what was asked last.  With
 * `discovery udp` a hop that stays silent is asked a second time, together with an echo request of the same hop
 * limit: targets that drop datagrams are still found by their echo reply.
 *
 * Measurement: echo requests to each hop in turn, the target last. */
#ifndef CANDOR_PROBE_PATH_PROBE_H
#define CANDOR_PROBE_PATH_PROBE_H

#include "probe/probe.h"

size_t path_state_size(const struct op_params *p);
int path_check(const struct op_params *p, struct diag *d);
void path_start(struct op *op, struct probe_io *io, mono_t now);
void path_on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at);
void path_on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                    const struct probe_packet *packet, mono_t now);
void path_on_icmp(struct op *op, struct probe_io *io, struct probe_flow *flow,
                  const struct probe_icmp *icmp, mono_t now);
void path_on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                   mono_t now);
void path_on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now);
void path_stop(struct op *op, struct probe_io *io);

extern const char *const path_discovery_names[]; /* by enum sla_discovery */

#define ROW_DISCOVERY                                                                    \
	{                                                                                \
		.keyword = "discovery", .kind = CK_ENUM, .where = CW_SUB,                \
		.offset = PARAM(discovery), .initial = SLA_DISCOVERY_UDP,                \
		.names = path_discovery_names,                                           \
		.help = "What the hops are looked for with: datagrams or echo requests", \
		.source = "Candor"                                                       \
	}

#endif
