/* SPDX-License-Identifier: Apache-2.0 */
/* tcp-connect: accept, then close first, right after the handshake, as routers do.  Whoever has no
 * session is reset. */
#ifndef CANDOR_RESPONDER_TCP_REFLECTOR_H
#define CANDOR_RESPONDER_TCP_REFLECTOR_H

#include "base/clocktypes.h"
#include <stdint.h>

struct loop_fd;

/* The ready function of the TCP sockets of struct open_port. */
void tcp_reflector_ready(struct loop_fd *watch, uint32_t events, mono_t now);

#endif
