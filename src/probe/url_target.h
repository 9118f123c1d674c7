/* SPDX-License-Identifier: Apache-2.0 */
/* What the host knows of the server that a URL names, for whoever prepares an operation: the engine, which runs it, has no
 * files. */
#ifndef CANDOR_PROBE_URL_TARGET_H
#define CANDOR_PROBE_URL_TARGET_H

#include "sla/operation.h"

/* For types with a URL: ``target`` from the hosts file where the server (or the proxy) stands there, ``name_server`` where none is
 * set.  Reads files. */
void url_target_prepare(struct op_params *p);

#endif
