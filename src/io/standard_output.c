/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to standard output without waiting. */
#include "io/standard_output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int standard_output_unblock(void)
{
	/* Opened anew, the flag is ours alone. */
	CLEANUP(fd_closep)
	int fd = open("/proc/self/fd/1", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		return dup2(fd, STDOUT_FILENO) < 0 ? -errno : 0;
	if (errno == ENXIO)
		return 0; /* a socket cannot be: there each call says it */
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	return flags < 0 || fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

int standard_output_open(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	return fd < 0 ? -errno : fd;
}

ssize_t standard_output_write(int fd, const void *data, size_t len)
{
	ssize_t n;

	do {
		n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, data, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
