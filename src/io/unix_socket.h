/* SPDX-License-Identifier: Apache-2.0 */
/* Stream sockets between processes of one host, by a path in the file system. */
#ifndef CANDOR_IO_UNIX_SOCKET_H
#define CANDOR_IO_UNIX_SOCKET_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Listen at ``path`` with file mode ``mode``.  A socket file that nobody listens on any more is
 * replaced; one that somebody serves gives -EADDRINUSE.  A non-blocking close-on-exec descriptor,
 * or -errno with ``d``.  Changes the umask for a moment: call it before there are threads. */
NODISCARD int unix_listen(const char *path, mode_t mode, struct diag *d);

/* Connect to ``path``.  A non-blocking close-on-exec descriptor, or -errno with ``d``. */
NODISCARD int unix_connect(const char *path, struct diag *d);

/* Who connects, on the kernel's word. */
struct unix_peer {
	uint32_t uid;
	int32_t pid;
	char user[48]; /* as /etc/passwd has it, else the number */
};

/* Where unix_accept() finds the users from now on: ``open_users`` gives a descriptor, which is closed, or -errno.
 * For a process that may open no file itself.  Once, before the first connection. */
void unix_users_from(int (*open_users)(void));

/* The user who made the other end of a socket pair, or who connected or listened.  0 or -errno. */
NODISCARD int unix_peer_uid(int fd, uint32_t *ret);

/* Accept one connection.  A non-blocking close-on-exec descriptor, or -errno (-EAGAIN: none waits). */
NODISCARD int unix_accept(int fd, struct unix_peer *ret);

#endif
