/* SPDX-License-Identifier: Apache-2.0 */
/* The octets of one TCP connection: written from a bounded buffer, read a little each turn of the
 * loop, plain or as a TLS client.  What FLOW_STREAM does once it is connected (net_flow.c). */
#ifndef CANDOR_PROBE_NET_STREAM_H
#define CANDOR_PROBE_NET_STREAM_H

#include "base/cleanup.h"
#include "probe/probe.h"

struct loop;
struct net_stream;
struct tls_context;

#define NET_STREAM_WAITING_MAX 65536u /* octets that wait to be sent */

/* Told from the loop only, never from within a call of the functions below.  It may free the stream. */
typedef void net_stream_told(void *ctx, const struct probe_stream *event, mono_t now);

/* Take over the connected, non-blocking socket ``fd``.  0; or -errno, and ``fd`` stays the caller's. */
NODISCARD int net_stream_new(struct loop *loop, int fd, net_stream_told *told, void *ctx,
                             struct net_stream **ret);

/* Closes the socket, after "close notify" under TLS; ``abort``: with a reset, so that no TIME_WAIT keeps a
 * fixed port.  NULL is fine. */
void net_stream_free(struct net_stream *s, bool abort);

/* 0; -ENOBUFS: more than NET_STREAM_WAITING_MAX would wait; -EPIPE: the stream has failed. */
NODISCARD int net_stream_write(struct net_stream *s, const uint8_t *data, size_t len);

/* Begin TLS with the server ``name`` (tls_new()); STREAM_SECURED or STREAM_FAILED follows.  0; -EALREADY;
 * -EBUSY: octets wait to be sent without TLS; -ENOMEM. */
NODISCARD int net_stream_secure(struct net_stream *s, struct tls_context *context, const char *name,
                                bool verify);

#endif
