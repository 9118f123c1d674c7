/* SPDX-License-Identifier: Apache-2.0 */
/* An empty state folder for each test of a group: setup and teardown of cmocka. */
#ifndef CANDOR_TESTS_STATE_FOLDER_H
#define CANDOR_TESTS_STATE_FOLDER_H

#include "netns.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[64];
	int fd;
	bool is_disk;
};

static inline int folder_remove_entry(const char *path, const struct stat *st, int type,
                                      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int folder_setup(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->path, sizeof(f->path), "/tmp/candor-state-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(f->fd >= 0);
	*state = f;
	return 0;
}

static inline int folder_teardown(void **state)
{
	struct folder *f = *state;

	(void)close(f->fd);
	if (f->is_disk)
		assert_int_equal(umount(f->path), 0);
	assert_int_equal(nftw(f->path, folder_remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(f);
	return 0;
}

/* The same on a disk of 1 MiB that can be filled; where such a disk may not be mounted the test is
 * skipped by folder_fill_disk(). */
static inline int folder_setup_disk(void **state)
{
	unsigned uid = geteuid(), gid = getegid();
	bool may_mount = unshare(CLONE_NEWNS) == 0 || (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	                                               netns_map_user(uid, gid) == 0);
	int rc = folder_setup(state);
	struct folder *f = *state;

	if (!may_mount || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("candor", f->path, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0700") < 0)
		return rc;
	f->is_disk = true;
	(void)close(f->fd);
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(f->fd >= 0);
	return rc;
}

static inline void folder_fill_disk(const struct folder *f)
{
	static const char octets[4096];

	if (!f->is_disk) {
		print_message("SKIPPED: no disk of our own may be mounted here\n");
		skip();
	}
	int fd = openat(f->fd, "filler", O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	while (write(fd, octets, sizeof(octets)) > 0) {
	}
	assert_int_equal(errno, ENOSPC);
	(void)close(fd);
}

static inline void folder_empty_disk(const struct folder *f)
{
	assert_int_equal(unlinkat(f->fd, "filler", 0), 0);
}

#endif
