/* SPDX-License-Identifier: Apache-2.0 */
/* Loops around read(2), write(2) and their kin with a place. */
#include "io/fd_octets.h"

#include <errno.h>
#include <stdint.h>

#define HERE (-1) /* where the descriptor stands */

static int write_all(int fd, const uint8_t *data, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = at == HERE ? write(fd, data, len) : pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
		at += at == HERE ? 0 : n;
	}
	return 0;
}

static int read_all(int fd, uint8_t *to, size_t cap, off_t at, size_t *ret_len)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = at == HERE ? read(fd, to + len, cap - len)
		                       : pread(fd, to + len, cap - len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		at += at == HERE ? 0 : n;
	}
	*ret_len = len;
	return 0;
}

int fd_write(int fd, const void *data, size_t len)
{
	return write_all(fd, data, len, HERE);
}

int fd_write_at(int fd, const void *data, size_t len, size_t at)
{
	return write_all(fd, data, len, (off_t)at);
}

int fd_read(int fd, void *to, size_t cap, size_t *ret_len)
{
	return read_all(fd, to, cap, HERE, ret_len);
}

int fd_read_from_start(int fd, void *to, size_t cap, size_t *ret_len)
{
	return read_all(fd, to, cap, 0, ret_len);
}
