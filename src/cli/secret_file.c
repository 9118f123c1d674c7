/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and making private files. */
#include "cli/secret_file.h"

#include "io/fd_octets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int say(struct cli *cli, const char *doing, const char *path)
{
	return cli_error(cli, CLI_SYSTEM, "cannot %s %s: %s", doing, path, strerror(errno));
}

int secret_file_read(struct cli *cli, const char *path, const char *what, char *to, size_t cap,
                     size_t *ret_len)
{
	struct stat st;
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0)
		return say(cli, "read", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return cli_usage_error(cli, "others may read %s: chmod 600 it", path);
	ssize_t n = read(fd, to, cap);

	if (n < 0)
		return say(cli, "read", path);
	const char *end = memchr(to, '\n', (size_t)n);
	size_t len = end ? (size_t)(end - to) : (size_t)n;

	if (len == 0 || len >= cap || memchr(to, '\0', len)) {
		explicit_bzero(to, cap);
		return cli_usage_error(cli, "%s must hold %s of 1 to %zu octets", path, what,
		                       cap - 1);
	}
	explicit_bzero(to + len, cap - len);
	*ret_len = len;
	return CLI_GOOD;
}

int secret_file_write(struct cli *cli, const char *path, const char *text, bool force)
{
	size_t len = strlen(text);

	if (force && unlink(path) < 0 && errno != ENOENT)
		return say(cli, "replace", path);
	CLEANUP(fd_closep)
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno == EEXIST)
		return cli_error(cli, CLI_SYSTEM, "%s is there: --force replaces it", path);
	if (fd < 0)
		return say(cli, "make", path);
	int rc = fd_write(fd, text, len);

	if (rc < 0)
		errno = -rc;
	if (rc < 0 || fsync(fd) < 0) {
		int code = say(cli, "write", path);

		(void)unlink(path); /* half a key is worse than none */
		return code;
	}
	return CLI_GOOD;
}
