/* SPDX-License-Identifier: Apache-2.0 */
/* A name to an address, now: for one-shot commands that have nothing else to do meanwhile. */
#ifndef CANDOR_CLI_RESOLVE_NAME_H
#define CANDOR_CLI_RESOLVE_NAME_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/inet.h"

/* ``family`` narrows the answer (INET_NONE: either).  0; -ENOENT and a sentence in ``d``. */
NODISCARD int resolve_name(const char *name, enum inet_family family, struct inet_addr *ret,
                           struct diag *d);

#endif
