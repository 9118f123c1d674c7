/* SPDX-License-Identifier: Apache-2.0 */
/* The two-way channel between engine and control: two rings (base/ring.h) in one memfd, one for
 * each direction, and an eventfd for each side's sleep.  Neither side trusts the other: what does
 * not fit together ends the channel (-EBADMSG), never the reader.
 *
 * The broker creates it and passes its three descriptors on; each side maps it once.  Each side is
 * one thread.
 *
 * Waking: watch channel_wait_fd() for reading; it is readable while there may be records.  Then
 * call channel_receive() until it returns 0, or fewer times (the descriptor stays readable).  It is
 * readable at first, so that nothing sent before the watch began is missed. */
#ifndef CANDOR_IO_CHANNEL_H
#define CANDOR_IO_CHANNEL_H

#include "base/cleanup.h"
#include "base/ring.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Octets of each ring.  Results and events flow to control, settings to the engine; the longest
 * record is a quarter of it (ring_record_max). */
#define CHANNEL_TO_ENGINE_BYTES  (1u << 20)
#define CHANNEL_TO_CONTROL_BYTES (4u << 20)

enum channel_side {
	CHANNEL_ENGINE,
	CHANNEL_CONTROL,
};

/* What is passed from process to process. */
struct channel_fds {
	int memory, wake_engine, wake_control;
};

struct channel {
	struct ring in, out;
	int wait_fd, wake_fd; /* ours to wait on, theirs to wake by */
	void *map;
};

/* Make the memory (its size sealed) with both rings empty, and the eventfds; 0 or -errno.  The
 * caller owns the descriptors (close-on-exec). */
NODISCARD int channel_create(struct channel_fds *ret);
void channel_fds_close(struct channel_fds *fds);

/* Map it as one side; 0, or -EBADMSG (not a channel), or -errno.  Takes the descriptors over on
 * success (the memory's is closed, the map stays). */
NODISCARD int channel_attach(struct channel *c, struct channel_fds *fds, enum channel_side side);
void channel_close(struct channel *c);

/* Append one record and wake the other side if it sleeps.  0; -ENOSPC: full (the caller counts it
 * or tries later); -EMSGSIZE; -EBADMSG: broken for good. */
NODISCARD int channel_send(struct channel *c, uint16_t type, const void *data, size_t len);
NODISCARD int channel_sendv(struct channel *c, uint16_t type, const struct ring_part *parts,
                            size_t count);

int channel_wait_fd(const struct channel *c);

/* The next record: its length and type; 0: none, and the wait descriptor was reset; -EBADMSG. */
NODISCARD ssize_t channel_receive(struct channel *c, void *buf, size_t cap, uint16_t *ret_type);

#endif
