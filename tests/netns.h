/* SPDX-License-Identifier: Apache-2.0 */
/* A network namespace of the test's own: loopback is up with 127.0.0.0/8 and ::1, sysctls of the
 * network may be set.  Without root a user namespace is tried. */
#ifndef CANDOR_TESTS_NETNS_H
#define CANDOR_TESTS_NETNS_H

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Write ``text`` to a file; 0 or -errno. */
static inline int netns_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = write(fd, text, strlen(text)) < 0 ? -errno : 0;

	(void)close(fd);
	return rc;
}

static inline int netns_map_user(unsigned uid, unsigned gid)
{
	char map[64];

	(void)netns_write("/proc/self/setgroups", "deny"); /* absent on old kernels */
	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	int rc = netns_write("/proc/self/uid_map", map);

	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	return rc < 0 ? rc : netns_write("/proc/self/gid_map", map);
}

/* True for root proper: there are other users to change to (a user namespace of netns_enter() has
 * one). */
static inline bool netns_is_whole(void)
{
	unsigned inside, outside, count = 0;
	FILE *f = fopen("/proc/self/uid_map", "re");

	if (!f || fscanf(f, "%u %u %u", &inside, &outside, &count) != 3)
		count = 0;
	if (f)
		(void)fclose(f);
	return geteuid() == 0 && count > 65534;
}

/* Move this process into a fresh namespace; false, with the reason on stderr, when that is not
 * permitted here: the caller then skips, loudly. */
static inline bool netns_enter(void)
{
	unsigned uid = geteuid(), gid = getegid();
	struct ifreq lo = { .ifr_name = "lo" };
	int rc = 0;

	if (unshare(CLONE_NEWNET) < 0) {
		rc = unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 ? -errno : netns_map_user(uid, gid);
	}
	int fd = rc < 0 ? -1 : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	lo.ifr_flags = IFF_UP;
	if (rc == 0 && (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0))
		rc = -errno;
	if (fd >= 0)
		(void)close(fd);
	if (rc < 0)
		(void)fprintf(stderr, "SKIPPED: no network namespace of our own here: %s\n",
		              strerror(-rc));
	return rc == 0;
}

#endif
