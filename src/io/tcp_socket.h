/* SPDX-License-Identifier: Apache-2.0 */
/* TCP for tcp-connect and its responder: the time of the handshake comes from the kernel. */
#ifndef CANDOR_IO_TCP_SOCKET_H
#define CANDOR_IO_TCP_SOCKET_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Start connecting a socket of SOCK_KIND_TCP_CONNECT; wait for EPOLLOUT, then ask
 * tcp_connect_result().  ``flow_label`` as in its
 * struct sock_spec.  0: under way or done; -errno: refused at once (ENETUNREACH, …). */
NODISCARD int tcp_connect_start(int fd, const struct inet_endpoint *peer, uint32_t flow_label);

/* After EPOLLOUT, EPOLLERR or EPOLLHUP: 0 connected, -EINPROGRESS not yet, else why it failed. */
NODISCARD int tcp_connect_result(int fd);

/* The kernel's round-trip time of a connection that was just established, ns: the time from SYN to
 * SYN/ACK, because nothing else has been measured yet (TCP_INFO tcpi_rtt, which the kernel keeps in
 * us, hence TCP_RTT_ERR_NS).  -ENODATA when the kernel has none: the SYN was sent more than once,
 * so that the answer cannot be told apart (RFC 6298 section 3, Karn's algorithm). */
NODISCARD int tcp_connect_rtt(int fd, int64_t *ret_rtt_ns);

#define TCP_RTT_ERR_NS 1000

/* Accept one connection of a listening socket: non-blocking close-on-exec descriptor, or -errno
 * (-EAGAIN: none waits; a connection that died in the queue is skipped). */
NODISCARD int tcp_accept(int fd, struct inet_endpoint *ret_peer, struct inet_endpoint *ret_local);

/* Read or write what is possible now.  Octets moved (reading 0: the peer has closed its side), or
 * -errno (-EAGAIN: nothing now).  Writing to a closed peer is -EPIPE, never a signal. */
NODISCARD ssize_t tcp_read(int fd, uint8_t *buf, size_t cap);
NODISCARD ssize_t tcp_write(int fd, const uint8_t *buf, size_t len);

/* For sessions of small messages that may be silent for hours: nothing waits to be joined with what
 * comes later, and a peer that has vanished is noticed within two minutes.  Best effort. */
void tcp_tune_session(int fd);

/* Close with a reset instead of FIN and TIME_WAIT. */
void tcp_abort(int fd);

#endif
