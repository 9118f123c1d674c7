/* SPDX-License-Identifier: Apache-2.0 */
/* A message and, with it, an open descriptor, from one process to another over a SOCK_SEQPACKET
 * socketpair (SCM_RIGHTS, unix(7)). */
#ifndef CANDOR_IO_FD_PASS_H
#define CANDOR_IO_FD_PASS_H

#include "base/cleanup.h"
#include <stddef.h>
#include <sys/types.h>

/* Send ``len`` octets, and ``passed`` when it is not negative (it stays the caller's).  0 or -errno; never
 * blocks (-EAGAIN: the other side does not read). */
NODISCARD int fd_pass_send(int fd, const void *data, size_t len, int passed);

/* Receive one message: its length, 0 when the other side has closed, -EAGAIN when there is none,
 * -EMSGSIZE when it is longer than ``cap`` or brings more than one descriptor, or -errno.  *ret_passed is the descriptor that came with it
 * (close-on-exec, now the caller's) or -1. */
NODISCARD ssize_t fd_pass_receive(int fd, void *data, size_t cap, int *ret_passed);

#endif
