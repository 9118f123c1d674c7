/* SPDX-License-Identifier: Apache-2.0 */
/* path-echo and path-jitter. */
#ifndef CANDOR_PROBE_PATH_TYPES_H
#define CANDOR_PROBE_PATH_TYPES_H

#include "probe/probe.h"

extern const struct probe_type path_echo_type, path_jitter_type;

#endif
