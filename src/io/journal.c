/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's native protocol: fields by lines in one datagram (systemd, Native Journal Protocol). */
#include "io/log_sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int journal_open(const char *path, struct diag *d)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof(to.sun_path))
		return diag_set(d, -ENAMETOOLONG, "the path of the journal's socket is too long");
	memcpy(to.sun_path, path, len);
	CLEANUP(fd_closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return diag_set(d, -errno, "cannot reach the journal at '%s': %s", path,
		                strerror(errno));
	return fd_steal(&fd);
}

int journal_send(int fd, unsigned severity, unsigned facility, const char *body, size_t len)
{
	char head[128];
	int head_len = snprintf(head, sizeof(head),
	                        "PRIORITY=%u\nSYSLOG_FACILITY=%u\nSYSLOG_IDENTIFIER=candor\n"
	                        "MESSAGE=",
	                        severity, facility);
	struct iovec parts[] = {
		{ head, (size_t)head_len },
		{ (void *)(uintptr_t)body, len },
		{ (void *)(uintptr_t) "\n", 1 },
	};
	const struct msghdr m = { .msg_iov = parts, .msg_iovlen = ARRAY_LEN(parts) };

	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
