/* SPDX-License-Identifier: Apache-2.0 */
/* Octets both ways over a connected, non-blocking stream socket, with TLS or without. */
#ifndef CANDOR_IO_STREAM_H
#define CANDOR_IO_STREAM_H

#include "base/cleanup.h"
#include "io/tls.h"
#include <stdint.h>
#include <sys/types.h>

struct stream {
	int fd;          /* -1: none */
	struct tls *tls; /* NULL: the socket's own octets */
};

/* Octets moved; reading 0: the peer has ended; -EAGAIN; else -errno and the stream is broken. */
NODISCARD ssize_t stream_read(const struct stream *s, uint8_t *buf, size_t cap);
NODISCARD ssize_t stream_write(const struct stream *s, const uint8_t *buf, size_t len);

/* Whether reading waits for room to write (TLS answers something of its own). */
bool stream_read_wants_write(const struct stream *s);

void stream_end(const struct stream *s); /* nothing more will be written; reading goes on */
void stream_close(struct stream *s);

#endif
