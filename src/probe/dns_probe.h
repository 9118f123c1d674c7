/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type dns. */
#ifndef CANDOR_PROBE_DNS_PROBE_H
#define CANDOR_PROBE_DNS_PROBE_H

#include "probe/probe.h"

extern const struct probe_type dns_type;

#endif
