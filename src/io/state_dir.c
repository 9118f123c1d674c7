/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are replaced whole.  Why a crash cannot mix old and new: NAME only ever changes by
 * rename(2), which is atomic, and only to a file whose contents and size were made durable before
 * (fsync), so that not even a file system that orders metadata before data shows a short one.  The
 * fsync of the folder afterwards makes the new name itself durable before success is reported. */
#include "io/state_dir.h"

#include "base/xalloc.h"
#include "io/fd_octets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NEW_SUFFIX ".new"

/* --- the folder ---------------------------------------------------------------------------------- */

/* Make every folder above the last one of ``path``. */
static int make_above(const char *path)
{
	char above[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(above))
		return len ? -ENAMETOOLONG : -ENOENT;
	memcpy(above, path, len + 1);
	for (char *p = above + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(above, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

static int is_empty(int dir, bool *ret)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	unsigned entries = 0;

	if (!list) {
		int rc = -errno;

		fd_closep(&copy);
		return rc;
	}
	while (entries <= 2 && readdir(list))
		entries++; /* two are always there: itself, and the one above */
	(void)closedir(list);
	*ret = entries <= 2;
	return 0;
}

/* Files of somebody else are not taken over: a wrong path must not give away, say, /etc. */
static int give_to(int dir, const char *path, uid_t owner, gid_t group, struct diag *d)
{
	bool empty = false;
	int rc = is_empty(dir, &empty);

	if (rc < 0)
		return diag_set(d, rc, "cannot read the folder '%s': %s", path, strerror(-rc));
	if (!empty)
		return diag_set(d, -EPERM,
		                "the state folder '%s' belongs to another user than %u: choose "
		                "another, or \"chown -R\" it",
		                path, owner);
	if (fchown(dir, owner, group) < 0)
		return diag_set(d, -errno, "cannot give the folder '%s' to user %u: %s", path,
		                owner, strerror(errno));
	return 0;
}

int state_dir_open(const char *path, uid_t owner, gid_t group, struct diag *d)
{
	struct stat st;
	int rc = make_above(path);

	if (rc == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
		rc = -errno;
	if (rc < 0)
		return diag_set(d, rc, "cannot make the state folder '%s': %s", path,
		                strerror(-rc));
	CLEANUP(fd_closep) int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || fstat(dir, &st) < 0)
		return diag_set(d, -errno, "cannot open the state folder '%s': %s", path,
		                strerror(errno));
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return diag_set(d, -EPERM,
		                "others may change the state folder '%s': \"chmod 0700\" it", path);
	if (owner != (uid_t)-1 && st.st_uid != owner) {
		rc = give_to(dir, path, owner, group, d);
		if (rc < 0)
			return rc;
	}
	return fd_steal(&dir);
}

/* --- files --------------------------------------------------------------------------------------- */

static int check_name(const char *name)
{
	size_t len = strlen(name);

	return len == 0 || len > NAME_MAX - strlen(NEW_SUFFIX) || name[0] == '.' ||
	                       strchr(name, '/')
	               ? -EINVAL
	               : 0;
}

int state_read(int dir, const char *name, size_t max, char **ret, size_t *ret_len)
{
	struct stat st;
	size_t len = 0;
	int rc = check_name(name);

	if (rc < 0)
		return rc;
	CLEANUP(fd_closep)
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return -EFBIG;
	size_t cap = (size_t)st.st_size + 1; /* the last: to see that it has grown, then the NUL */
	CLEANUP(freep) char *text = xcalloc(1, cap);

	rc = fd_read(fd, text, cap, &len);
	if (rc < 0)
		return rc;
	if (len == cap)
		return -EBUSY; /* somebody writes to it, which nobody of ours does */
	text[len] = '\0';
	*ret = text;
	*ret_len = len;
	text = NULL;
	return 0;
}

/* Who may not give the file away keeps it; then the group's rights would be another group's. */
static int set_rights(int fd, const struct state_file_rights *r)
{
	mode_t mode = r->mode;

	if (r->group != (gid_t)-1 && fchown(fd, (uid_t)-1, r->group) < 0)
		mode &= ~(mode_t)S_IRWXG;
	if (fchmod(fd, mode) < 0)
		return -errno;
	if (r->owner != (uid_t)-1)
		(void)!fchown(fd, r->owner, (gid_t)-1); /* permitted to few */
	return 0;
}

static int write_new(int dir, const char *new_name, const void *data, size_t len,
                     const struct state_file_rights *rights)
{
	/* One that a crash left is of no use to anybody. */
	if (unlinkat(dir, new_name, 0) < 0 && errno != ENOENT)
		return -errno;
	CLEANUP(fd_closep)
	int fd = openat(dir, new_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	int rc = fd_write(fd, data, len);

	if (rc == 0)
		rc = set_rights(fd, rights);
	if (rc == 0 && fsync(fd) < 0) /* fdatasync might leave out the rights */
		rc = -errno;
	/* A delayed error of the device may come as late as here. */
	if (close(fd_steal(&fd)) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* rename(2) would replace what is there; link(2) does not. */
static int put_in_place(int dir, const char *new_name, const char *name, bool replace)
{
	if (replace)
		return renameat(dir, new_name, dir, name) < 0 ? -errno : 0;
	if (linkat(dir, new_name, dir, name, 0) < 0)
		return -errno;
	return unlinkat(dir, new_name, 0) < 0 ? -errno : 0;
}

static int write_whole(int dir, const char *name, const void *data, size_t len,
                       const struct state_file_rights *rights, bool replace)
{
	char new_name[NAME_MAX + 1];
	int rc = check_name(name);

	if (rc < 0)
		return rc;
	(void)snprintf(new_name, sizeof(new_name), "%s" NEW_SUFFIX, name);
	rc = write_new(dir, new_name, data, len, rights);
	if (rc == 0)
		rc = put_in_place(dir, new_name, name, replace);
	if (rc < 0) {
		(void)unlinkat(dir, new_name, 0); /* only in the way of nobody */
		return rc;
	}
	return fsync(dir) < 0 ? -errno : 0;
}

int state_replace_as(int dir, const char *name, const void *data, size_t len,
                     const struct state_file_rights *rights)
{
	return write_whole(dir, name, data, len, rights, true);
}

int state_create_as(int dir, const char *name, const void *data, size_t len,
                    const struct state_file_rights *rights)
{
	return write_whole(dir, name, data, len, rights, false);
}

int state_replace(int dir, const char *name, const void *data, size_t len)
{
	static const struct state_file_rights own = { 0600, (uid_t)-1, (gid_t)-1 };

	return state_replace_as(dir, name, data, len, &own);
}

int state_remove(int dir, const char *name)
{
	int rc = check_name(name);

	if (rc < 0)
		return rc;
	if (unlinkat(dir, name, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	return fsync(dir) < 0 ? -errno : 0;
}
