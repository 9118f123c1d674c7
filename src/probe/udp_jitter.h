/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type udp-jitter, for the table of types. */
#ifndef CANDOR_PROBE_UDP_JITTER_H
#define CANDOR_PROBE_UDP_JITTER_H

#include "probe/probe.h"

extern const struct probe_type udp_jitter_type;

#endif
