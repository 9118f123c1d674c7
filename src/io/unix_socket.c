/* SPDX-License-Identifier: Apache-2.0 */
/* Unix stream sockets. */
#include "io/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BACKLOG 64 /* clients that come within one turn of the server's loop */

static int fill_path(const char *path, struct sockaddr_un *ret, struct diag *d)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(ret->sun_path))
		return diag_set(d, -ENAMETOOLONG,
		                "socket path \"%.40s…\" must have 1 to %zu octets", path,
		                sizeof(ret->sun_path) - 1);
	*ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
	memcpy(ret->sun_path, path, len);
	return 0;
}

static int open_stream(struct diag *d)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd >= 0 ? fd
	               : diag_set(d, -errno, "cannot open a local socket: %s", strerror(errno));
}

int unix_connect(const char *path, struct diag *d)
{
	struct sockaddr_un to;
	int error = fill_path(path, &to, d);

	if (error < 0)
		return error;
	CLEANUP(fd_closep) int fd = open_stream(d);

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return diag_set(d, -errno, "cannot connect to %s: %s", path, strerror(errno));
	return fd_steal(&fd);
}

static int bind_with_mode(int fd, const struct sockaddr_un *at, mode_t mode)
{
	mode_t old = umask(0777 & ~mode);
	int error = bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ? -errno : 0;

	(void)umask(old); /* cannot fail */
	return error;
}

/* Whether ``path`` is a socket that refuses connections: left behind by a process that died. */
static bool is_abandoned(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	CLEANUP(fd_closep) int fd = unix_connect(path, NULL);

	return fd == -ECONNREFUSED;
}

int unix_listen(const char *path, mode_t mode, struct diag *d)
{
	struct sockaddr_un at;
	int error = fill_path(path, &at, d);

	if (error < 0)
		return error;
	CLEANUP(fd_closep) int fd = open_stream(d);

	if (fd < 0)
		return fd;
	error = bind_with_mode(fd, &at, mode);
	if (error == -EADDRINUSE && is_abandoned(path) && unlink(path) == 0)
		error = bind_with_mode(fd, &at, mode);
	if (error == 0 && listen(fd, BACKLOG) < 0)
		error = -errno;
	if (error == -EADDRINUSE)
		return diag_set(d, error, "%s is in use: another candord serves it", path);
	if (error < 0)
		return diag_set(d, error, "cannot listen at %s: %s", path, strerror(-error));
	return fd_steal(&fd);
}

static int open_passwd(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int (*users)(void) = open_passwd;

void unix_users_from(int (*open_users)(void))
{
	users = open_users;
}

/* The file alone, not the name service: that may ask the network, and the caller serves others. */
static void name_user(struct unix_peer *peer)
{
	CLEANUP(fd_closep) int fd = users();
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	struct passwd entry, *found = NULL;
	char text[1024];

	(void)snprintf(peer->user, sizeof(peer->user), "%u", peer->uid);
	if (!f)
		return;
	(void)fd_steal(&fd); /* the stream's now */
	while (fgetpwent_r(f, &entry, text, sizeof(text), &found) == 0 && found) {
		size_t len = strlen(found->pw_name);

		if (found->pw_uid != peer->uid || len == 0 || len >= sizeof(peer->user))
			continue;
		memcpy(peer->user, found->pw_name, len + 1);
		break;
	}
	(void)fclose(f); /* only read */
}

int unix_peer_uid(int fd, uint32_t *ret)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -errno;
	*ret = cred.uid;
	return 0;
}

int unix_accept(int fd, struct unix_peer *ret)
{
	for (;;) {
		CLEANUP(fd_closep)
		int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		struct ucred cred;
		socklen_t len = sizeof(cred);

		if (accepted < 0) {
			if (errno == ECONNABORTED || errno == EINTR)
				continue;
			return -errno;
		}
		if (getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
			continue;
		*ret = (struct unix_peer) { .uid = cred.uid, .pid = cred.pid };
		name_user(ret);
		return fd_steal(&accepted);
	}
}
