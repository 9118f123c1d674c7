/* SPDX-License-Identifier: Apache-2.0 */
/* The notify socket protocol: one datagram to the socket named in $NOTIFY_SOCKET. */
#include "io/notify.h"

#include "io/clock.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (!path || !*path)
		return 0;
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(to.sun_path))
		return -EINVAL;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@') /* abstract: the name begins with a NUL and has none at its end */
		to.sun_path[0] = '\0';
	CLEANUP(fd_closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	socklen_t to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);

	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, to_len) < 0)
		return -errno;
	return 1;
}

int notify_reloading(void)
{
	char state[64];
	struct clock *c = clock_system();

	/* The stamp tells the manager which reload a later READY=1 answers. */
	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	               (long long)(c->mono(c).ns / NS_PER_US));
	return notify_send(state);
}

int notify_ready(void)
{
	return notify_send("READY=1");
}
