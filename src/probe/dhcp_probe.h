/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type dhcp. */
#ifndef CANDOR_PROBE_DHCP_PROBE_H
#define CANDOR_PROBE_DHCP_PROBE_H

#include "probe/probe.h"

extern const struct probe_type dhcp_type;

#endif
