/* SPDX-License-Identifier: Apache-2.0 */
/* icmp-jitter. */
#ifndef CANDOR_PROBE_ICMP_JITTER_H
#define CANDOR_PROBE_ICMP_JITTER_H

#include "probe/probe.h"

extern const struct probe_type icmp_jitter_type;

#endif
