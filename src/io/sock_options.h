/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a socket that is being opened; inside io/ only. */
#ifndef CANDOR_IO_SOCK_OPTIONS_H
#define CANDOR_IO_SOCK_OPTIONS_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "io/udp_socket.h"

/* All that ``s`` asks for, before bind and connect; ``ifindex``: bind it to this interface, 0: to none.  0, or
 * -errno with ``d`` naming the option. */
NODISCARD int sock_set_options(int fd, const struct sock_spec *s, uint32_t ifindex, struct diag *d);

#endif
