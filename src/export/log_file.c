/* SPDX-License-Identifier: Apache-2.0 */
/* Files of lines: opening, mending, turning over. */
#include "export/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK       65536u
#define NAME_OCTETS 64

void log_file_init(struct log_file *f, int dir, const char *name)
{
	*f = (struct log_file) { .dir = dir, .name = name, .files = 1, .fd = -1 };
}

void log_file_close(struct log_file *f)
{
	fd_closep(&f->fd);
	f->size = 0;
}

/* Octets up to and with the last line end: the file was written when the process was killed. */
static int find_whole(int fd, uint64_t size, uint64_t *ret)
{
	static char block[BLOCK]; /* one thread */
	uint64_t end = size;

	while (end > 0) {
		size_t want = end < BLOCK ? (size_t)end : BLOCK;
		ssize_t n = pread(fd, block, want, (off_t)(end - want));

		if (n < 0)
			return -errno;
		if ((size_t)n < want)
			return -EIO;
		const char *last = memrchr(block, '\n', want);

		if (last) {
			*ret = end - want + (size_t)(last - block) + 1;
			return 0;
		}
		end -= want;
	}
	*ret = 0;
	return 0;
}

static int open_file(struct log_file *f)
{
	CLEANUP(fd_closep)
	int fd = openat(f->dir, f->name,
	                O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0640);
	struct stat st;
	uint64_t whole = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	int rc = find_whole(fd, (uint64_t)st.st_size, &whole);

	if (rc < 0)
		return rc;
	if (whole < (uint64_t)st.st_size) {
		if (ftruncate(fd, (off_t)whole) < 0)
			return -errno;
		f->torn++;
	}
	f->fd = fd_steal(&fd);
	f->size = whole;
	return 0;
}

static const char *name_of(const struct log_file *f, unsigned age, char to[NAME_OCTETS])
{
	if (age == 0)
		return f->name;
	(void)snprintf(to, NAME_OCTETS, "%s.%u", f->name, age);
	return to;
}

/* NAME becomes NAME.1, that NAME.2, and the oldest goes. */
static int turn(struct log_file *f)
{
	char from[NAME_OCTETS], to[NAME_OCTETS];

	log_file_close(f);
	if (f->files <= 1 && unlinkat(f->dir, f->name, 0) < 0 && errno != ENOENT)
		return -errno;
	for (unsigned age = f->files - 1; age > 0; age--) {
		if (renameat(f->dir, name_of(f, age - 1, from), f->dir, name_of(f, age, to)) < 0 &&
		    errno != ENOENT)
			return -errno;
	}
	/* One more than before was kept: those beyond go as the number shrinks. */
	if (unlinkat(f->dir, name_of(f, f->files, to), 0) < 0 && errno != ENOENT)
		return -errno;
	f->turned++;
	return open_file(f);
}

/* As many whole lines as fit into the file; the first fits always. */
static size_t fitting(const struct log_file *f, const char *lines, size_t len)
{
	uint64_t room = f->max_bytes > f->size ? f->max_bytes - f->size : 0;

	if (len <= room)
		return len;
	const char *last = room > 0 ? memrchr(lines, '\n', (size_t)room) : NULL;

	return last ? (size_t)(last - lines) + 1 : 0;
}

/* Write ``len`` octets of whole lines; what a full disk leaves of them is taken back. */
static int append(struct log_file *f, const char *lines, size_t len, size_t *done)
{
	size_t written = 0;
	int rc = 0;

	while (written < len && rc == 0) {
		ssize_t n = write(f->fd, lines + written, len - written);

		if (n > 0)
			written += (size_t)n;
		else if (n == 0 || errno != EINTR)
			rc = n == 0 ? -EIO : -errno;
	}
	if (rc < 0) {
		const char *last = written > 0 ? memrchr(lines, '\n', written) : NULL;
		size_t whole = last ? (size_t)(last - lines) + 1 : 0;

		/* What cannot be taken back is when the file is opened anew. */
		if (whole < written && ftruncate(f->fd, (off_t)(f->size + whole)) < 0)
			fd_closep(&f->fd);
		written = whole;
	}
	f->size += written;
	*done += written;
	return rc;
}

int log_file_write(struct log_file *f, const char *lines, size_t len, size_t *ret_len)
{
	size_t done = 0;
	int rc = f->fd < 0 ? open_file(f) : 0;

	while (rc == 0 && done < len) {
		size_t n = fitting(f, lines + done, len - done);

		if (n == 0 && f->size > 0) {
			rc = turn(f);
			continue;
		}
		if (n == 0) /* longer than a file */
			n = (size_t)((const char *)memchr(lines + done, '\n', len - done) -
			             (lines + done)) +
			    1;
		rc = append(f, lines + done, n, &done);
	}
	*ret_len = done;
	return rc;
}
