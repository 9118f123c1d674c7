/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type icmp-echo, for the table of types. */
#ifndef CANDOR_PROBE_ICMP_ECHO_PROBE_H
#define CANDOR_PROBE_ICMP_ECHO_PROBE_H

#include "probe/probe.h"

extern const struct probe_type icmp_echo_type;

#endif
