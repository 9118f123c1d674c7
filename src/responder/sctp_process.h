/* SPDX-License-Identifier: Apache-2.0 */
/* SCTP where the kernel has none: a process of its own around a user-space SCTP, carried in UDP
 * (RFC 6951), so that it needs no privilege.  It hands each message (one SCTP user message, one
 * control message) to the engine and sends back the answer; it decides nothing.
 *
 * The parent of the engine starts it with sctp_process_spawn() and gives the engine's end of the
 * channel to the engine (responder_take_sctp()); the program's main() calls sctp_process_main() for
 * the role SCTP_PROCESS_ROLE.  It ends with its parent, and with the channel.
 *
 * Bounds: SCTP_ASSOCIATIONS associations, each closed after SCTP_IDLE_S seconds of silence;
 * messages of IPSLA_MESSAGE_MAX octets.  Packets that belong to nothing get no answer.  (SCTP's own
 * handshake answers an INIT with a longer INIT ACK; this is one reason why it is off by default.) */
#ifndef CANDOR_RESPONDER_SCTP_PROCESS_H
#define CANDOR_RESPONDER_SCTP_PROCESS_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "io/process.h"
#include <stdint.h>
#include <sys/types.h>

#define SCTP_PROCESS_ROLE "sctp"
#define SCTP_ASSOCIATIONS 64
#define SCTP_IDLE_S       30

/* Does this kernel speak SCTP itself?  Then no process is needed. */
bool sctp_kernel_has_it(void);

/* Start the process.  ``encaps_port``: local UDP port; ``port``: SCTP port.  0, the child's id and
 * the engine's end of the channel (non-blocking, close-on-exec); or -errno with ``d``.  The caller
 * must be single-threaded. */
NODISCARD int sctp_process_spawn(uint16_t encaps_port, uint16_t port, const struct process_ids *ids,
                                 struct diag *d, pid_t *ret_pid, int *ret_fd);

/* The role: arguments as sctp_process_spawn() passed them.  Returns the exit code. */
int sctp_process_main(int argc, char *const *argv);

/* The same without the role: serve until the channel ends.  0, or -errno with ``d``. */
NODISCARD int sctp_process_serve(int channel_fd, uint16_t encaps_port, uint16_t port,
                                 struct diag *d);

#endif
