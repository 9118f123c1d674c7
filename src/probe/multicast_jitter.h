/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type multicast-jitter, which IOS writes as udp-jitter with an endpoint-list. */
#ifndef CANDOR_PROBE_MULTICAST_JITTER_H
#define CANDOR_PROBE_MULTICAST_JITTER_H

#include "probe/probe.h"

extern const struct probe_type multicast_jitter_type;

/* Addresses separated by commas, SLA_RECEIVERS_MAX at most, each once.  How many, or -EINVAL. */
NODISCARD int multicast_endpoints_parse(const char *text, struct inet_addr *to);

#endif
