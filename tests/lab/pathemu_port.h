/* SPDX-License-Identifier: Apache-2.0 */
/* One end of the emulated path: an interface in some network namespace, read and written frame by
 * frame through packet sockets with kernel stamps.  Their checksums are complete. */
#ifndef CANDOR_LAB_PATHEMU_PORT_H
#define CANDOR_LAB_PATHEMU_PORT_H

#include "base/diag.h"
#include "pathemu_frame.h"

struct port {
	int rx_fd, tx_fd;
	uint32_t next_tx_id; /* the kernel's count of stamped sends on tx_fd */
	uint64_t too_long, segments, kernel_drops;
};

/* One frame as it came in. */
struct port_frame {
	uint8_t *octets; /* FRAME_MAX of room */
	size_t len;
	int64_t in_ns; /* CLOCK_REALTIME */
	bool is_kernel_stamp, csum_completed;
};

/* ``spec`` is NAMESPACE-FILE:INTERFACE, or INTERFACE in the namespace of the process.  Leaves the
 * process in the namespace it was in.  0 or -errno with a sentence. */
NODISCARD int port_open(const char *spec, struct port *ret, struct diag *d);
void port_close(struct port *p);

/* The next frame: 1; 0 when there is none now (or a frame was refused and counted: ask again while
 * ``*ret_more``); -errno. */
NODISCARD int port_receive(struct port *p, struct port_frame *f, bool *ret_more);

/* Send at once.  The stamp comes later from port_stamp under ``*ret_id``; after a failure the count
 * of identifiers starts again from 0. */
NODISCARD int port_send(struct port *p, const uint8_t *frame, size_t len, uint32_t *ret_id);

/* The next transmit stamp from the error queue: 1 with id and time; 0 none now; -errno. */
NODISCARD int port_stamp(struct port *p, uint32_t *ret_id, int64_t *ret_out_ns);

/* Add the kernel's receive drops since the last call to p->kernel_drops. */
void port_count_drops(struct port *p);

#endif
