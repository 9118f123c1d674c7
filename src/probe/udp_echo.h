/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type udp-echo, for the table of types. */
#ifndef CANDOR_PROBE_UDP_ECHO_H
#define CANDOR_PROBE_UDP_ECHO_H

#include "probe/probe.h"

extern const struct probe_type udp_echo_type;

#endif
