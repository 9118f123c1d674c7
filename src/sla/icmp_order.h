/* SPDX-License-Identifier: Apache-2.0 */
/* What icmp-jitter says beside the figures of every jitter operation: loss has no direction, but the order of
 * packets has two. */
#ifndef CANDOR_SLA_ICMP_ORDER_H
#define CANDOR_SLA_ICMP_ORDER_H

#include "sla/jitter_run.h"
#include "sla/result.h"

/* After jitter_run_finish(): fill all of ``res->icmp`` but its jitter part.  ``scratch`` holds packets + 1
 * numbers.
 *
 * Out of sequence towards the target: it received an earlier packet of ours later (its receive times say so);
 * back to us: what it sent later came earlier; a packet may be both.
 * UNVERIFIED: whether routers judge the way back by their own order (then each packet that was overtaken on its
 * way there counts in both directions) is not documented. */
void icmp_jitter_finish(const struct jitter_run *run, uint32_t *scratch, struct sla_result *res);

#endif
