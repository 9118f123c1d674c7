/* SPDX-License-Identifier: Apache-2.0 */
/* The http operation. */
#ifndef CANDOR_PROBE_HTTP_PROBE_H
#define CANDOR_PROBE_HTTP_PROBE_H

#include "probe/probe.h"

extern const struct probe_type http_type;

#endif
