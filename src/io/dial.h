/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting and waiting for programs that have nothing else to do meanwhile: a person's command.
 * Never for a daemon: names are resolved while the caller waits. */
#ifndef CANDOR_IO_DIAL_H
#define CANDOR_IO_DIAL_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include <stdint.h>

mono_t dial_deadline(uint32_t wait_ms); /* so far from now */

/* Wait until ``fd`` is ready for ``events`` of poll(2).  0, -ETIMEDOUT or -errno. */
NODISCARD int dial_wait(int fd, short events, mono_t deadline);

/* Connect to the first address of ``host`` (name or address) that answers.  A non-blocking
 * close-on-exec descriptor tuned for sessions; -errno with a sentence that says what to look at. */
NODISCARD int dial_tcp(const char *host, uint16_t port, mono_t deadline, struct diag *d);

#endif
