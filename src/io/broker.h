/* SPDX-License-Identifier: Apache-2.0 */
/* The broker is the only process with capabilities.  The engine asks it, over a SOCK_SEQPACKET
 * socketpair, for the few things that it may not do itself; requests have a fixed size and hold
 * only numbers, each of which is checked anew here: the engine, which reads what strangers send,
 * is not trusted.  There are no paths and no names in a request.
 *
 * What may be asked: an ICMP echo or timestamp socket; a UDP, TCP or SCTP socket on a local port below
 * 1024, with a mark, in a VRF or on an interface that control has named (io/net_names.h); a socket for
 * Ethernet frames of connectivity fault management on such an interface;
 * real-time priority for a thread of the engine; the process that speaks SCTP where the kernel does
 * not.  What the engine can do without the broker is
 * refused, so that the broker's code is reached by no more than it must be. */
#ifndef CANDOR_IO_BROKER_H
#define CANDOR_IO_BROKER_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "io/udp_socket.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BROKER_RECEIVE_BUFFER_MAX (64u << 20)

struct broker_counters {
	uint64_t opened;    /* sockets handed out */
	uint64_t failed;    /* valid requests that the kernel refused */
	uint64_t scheduled; /* threads given real-time priority */
	uint64_t started;   /* SCTP processes */
	uint64_t refused;   /* requests that were not valid */
};

/* The broker's side of one engine. */
struct broker {
	int fd;           /* of lockstep_pair() */
	pid_t engine_pid; /* whose threads may be given priority */
	struct broker_counters counters;
	/* Start the SCTP process for these ports: the engine's end of its channel, or -errno with ``d``.
	 * NULL: there is none to start. */
	int (*start_sctp)(struct broker *b, uint16_t encaps_port, uint16_t port, struct diag *d);
};

/* Answer the requests that wait (``fd`` is readable), at most 64 of them.  0: come again when it is
 * readable; -EPIPE: the engine is gone; other -errno: the connection is broken. */
NODISCARD int broker_serve(struct broker *b);

/* Whether this socket needs the broker: the one place where that is decided. */
bool broker_is_needed(const struct sock_spec *spec);

/* The engine's side: an opener that does itself what it can and asks the broker for the rest, in
 * lock step, a second at most.  One thread. */
struct broker_client {
	struct sock_opener opener;
	int fd;
	uint32_t serial;
};

void broker_client_init(struct broker_client *c, int fd); /* ``fd`` stays the caller's */

/* Real-time priority for this thread, and for the broker, whose answers it waits for.  0 or -errno
 * with ``d``. */
NODISCARD int broker_client_rt_sched(struct broker_client *c, struct diag *d);

/* Have the SCTP process started: the engine's end of its channel (non-blocking, the caller's), or -errno
 * with ``d``.  Both ports 1024 .. 65535. */
NODISCARD int broker_client_start_sctp(struct broker_client *c, uint16_t encaps_port, uint16_t port,
                                       struct diag *d);

#endif
