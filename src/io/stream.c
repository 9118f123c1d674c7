/* SPDX-License-Identifier: Apache-2.0 */
/* Octets over a stream socket, with TLS or without. */
#include "io/stream.h"

#include "io/tcp_socket.h"

#include <sys/socket.h>

ssize_t stream_read(const struct stream *s, uint8_t *buf, size_t cap)
{
	return s->tls ? tls_read(s->tls, buf, cap) : tcp_read(s->fd, buf, cap);
}

ssize_t stream_write(const struct stream *s, const uint8_t *buf, size_t len)
{
	return s->tls ? tls_write(s->tls, buf, len) : tcp_write(s->fd, buf, len);
}

bool stream_read_wants_write(const struct stream *s)
{
	return s->tls && tls_wants(s->tls) == TLS_WANT_WRITE;
}

void stream_end(const struct stream *s)
{
	if (s->tls)
		tls_close_notify(s->tls);
	(void)shutdown(s->fd, SHUT_WR); /* fails when the peer has gone already */
}

void stream_close(struct stream *s)
{
	tls_free(s->tls);
	s->tls = NULL;
	fd_closep(&s->fd);
}
