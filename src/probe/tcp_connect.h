/* SPDX-License-Identifier: Apache-2.0 */
/* The operation type tcp-connect, for the table of types. */
#ifndef CANDOR_PROBE_TCP_CONNECT_H
#define CANDOR_PROBE_TCP_CONNECT_H

#include "probe/probe.h"

extern const struct probe_type tcp_connect_type;

#endif
