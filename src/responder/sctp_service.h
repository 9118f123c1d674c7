/* SPDX-License-Identifier: Apache-2.0 */
/* Control messages over SCTP, the engine's side of the process that speaks SCTP where the kernel
 * does not (sctp_process.h).  (Where it does, control_tcp.h serves its sockets.) */
#ifndef CANDOR_RESPONDER_SCTP_SERVICE_H
#define CANDOR_RESPONDER_SCTP_SERVICE_H

#include "responder/control_udp.h"

struct sctp_service {
	struct loop_fd watch; /* fd -1: no process */
	const struct control_carrier *carrier;
};

void sctp_service_init(struct sctp_service *s, const struct control_carrier *carrier);
void sctp_service_fini(struct sctp_service *s); /* the process ends with its channel */

/* Serve the process behind ``fd`` (taken in any case; -1: none any more) instead of the present one.
 * 0 or -errno. */
NODISCARD int sctp_service_attach(struct sctp_service *s, int fd);

static inline bool sctp_service_is_attached(const struct sctp_service *s)
{
	return s->watch.fd >= 0;
}

#endif
