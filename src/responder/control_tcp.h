/* SPDX-License-Identifier: Apache-2.0 */
/* Control messages over TCP, or over the kernel's SCTP where there is one: the same messages one
 * after the other, framed by the length in their header.  Bounded in connections (in all and of one source), in time (an idle connection, a
 * message that does not end, an answer that nobody takes) and in memory (one message in, one out).
 * A peer that closes its side still gets the answers to what it sent. */
#ifndef CANDOR_RESPONDER_CONTROL_TCP_H
#define CANDOR_RESPONDER_CONTROL_TCP_H

#include "responder/control_service.h"
#include "responder/control_udp.h"

#define CONTROL_TCP_CONNECTIONS 64
#define CONTROL_TCP_PER_SOURCE  4
#define CONTROL_TCP_IDLE_NS     (30 * NS_PER_S) /* nothing under way */
#define CONTROL_TCP_STALL_NS    (10 * NS_PER_S) /* a message or an answer that does not end */

struct control_tcp;

/* ``transport``: CONTROL_TCP, or CONTROL_SCTP for one-to-one sockets of the kernel's SCTP.  NULL: no
 * memory for its timers. */
struct control_tcp *control_tcp_new(const struct control_carrier *carrier,
                                    enum control_transport transport);
void control_tcp_free(struct control_tcp *t);

/* Listen on ``port`` (0: no more, and the connections end).  0, or the first -errno with ``d``
 * (-EPROTONOSUPPORT: this kernel has no SCTP). */
NODISCARD int control_tcp_apply(struct control_tcp *t, uint16_t port, struct diag *d);

#endif
