/* SPDX-License-Identifier: Apache-2.0 */
/* Confinement of the process that reads what strangers send: from then on it may use descriptors,
 * sockets, timers and memory, and nothing else.  No file can be opened, no program started, no
 * process traced, no identity changed; such calls fail with EPERM (threads: ENOSYS). */
#ifndef CANDOR_IO_SANDBOX_H
#define CANDOR_IO_SANDBOX_H

#include "base/cleanup.h"
#include "base/diag.h"

/* Confine all threads of this process, for ever.  Before it: start every thread, and let libraries
 * read their files (tzset(3), one use of libcrypto).  0, or -errno with ``d`` (then nothing is
 * confined). */
NODISCARD int sandbox_engine(struct diag *d);

#endif
