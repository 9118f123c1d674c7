/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of Landlock by its system calls; what is newer than the headers of the system that builds is defined
 * here, and used where the running kernel has it. */
#include "io/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FS_REFER        (UINT64_C(1) << 13) /* version 2 */
#define FS_TRUNCATE     (UINT64_C(1) << 14) /* 3 */
#define FS_IOCTL_DEV    (UINT64_C(1) << 15) /* 5 */
#define NET_BIND_TCP    (UINT64_C(1) << 0)  /* 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT  (UINT64_C(1) << 0) /* 6 */
#define SCOPE_SIGNAL    (UINT64_C(1) << 1)
#define RULE_NET_PORT   2

#define FS_VERSION_1                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |     \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |     \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

#define FS_WRITABLE                                                     \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | \
	 LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |    \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | FS_TRUNCATE)

#define FS_READING \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* As the kernel has it; an older one takes the first members. */
struct ruleset {
	uint64_t fs, net, scoped;
};

struct port_rule {
	uint64_t access, port;
};

/* What this version can restrict: a right that is not handled here cannot be taken away. */
static struct ruleset handled(const struct landlock_rules *r, int version)
{
	struct ruleset s = { .fs = r->reads_freely ? FS_VERSION_1 & ~FS_READING : FS_VERSION_1 };

	if (version >= 2)
		s.fs |= FS_REFER;
	if (version >= 3)
		s.fs |= FS_TRUNCATE;
	if (version >= 5)
		s.fs |= FS_IOCTL_DEV;
	if (version >= 4 && r->confine_tcp)
		s.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= 6)
		s.scoped = (r->confine_signals ? SCOPE_SIGNAL : 0) |
		           (r->confine_abstract ? SCOPE_ABSTRACT : 0);
	return s;
}

static int add_rule(int ruleset, int type, const void *rule)
{
	return syscall(SYS_landlock_add_rule, ruleset, type, rule, 0) < 0 ? -errno : 0;
}

static int allow_beneath(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };

	return add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
}

/* A file takes no rights of a folder. */
static int allow_path(int ruleset, const char *path, uint64_t access)
{
	const uint64_t of_files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
	struct stat st;
	CLEANUP(fd_closep) int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0; /* what is not there, or may not be reached anyhow */
	return allow_beneath(ruleset, fd, S_ISDIR(st.st_mode) ? access : access & of_files);
}

static int add_rules(int ruleset, const struct landlock_rules *r, const struct ruleset *s)
{
	int rc = 0;

	if (r->writable_folder >= 0)
		rc = allow_beneath(ruleset, r->writable_folder, FS_WRITABLE & s->fs);
	for (const char *const *path = r->writable; path && *path && rc == 0; path++)
		rc = allow_path(ruleset, *path, FS_WRITABLE & s->fs);
	for (const char *const *path = r->readable; path && *path && rc == 0; path++)
		rc = allow_path(ruleset, *path,
		                LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
	for (const uint16_t *port = r->tcp_ports; port && *port && s->net && rc == 0; port++) {
		const struct port_rule rule = { NET_CONNECT_TCP, *port };

		rc = add_rule(ruleset, RULE_NET_PORT, &rule);
	}
	return rc;
}

int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	                       LANDLOCK_CREATE_RULESET_VERSION);

	if (version >= 0)
		return (int)version;
	return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
}

int landlock_confine(const struct landlock_rules *r, struct diag *d)
{
	int version = landlock_version();

	if (version == 0)
		return 0;
	if (version < 0)
		return diag_set(d, version, "cannot use Landlock: %s", strerror(-version));
	struct ruleset s = handled(r, version);
	size_t size = version >= 6 ? sizeof(s) : version >= 4 ? 2 * sizeof(s.fs) : sizeof(s.fs);
	CLEANUP(fd_closep) int ruleset = (int)syscall(SYS_landlock_create_ruleset, &s, size, 0);
	int rc = ruleset < 0 ? -errno : add_rules(ruleset, r, &s);

	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = -errno;
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		rc = -errno;
	return rc < 0 ? diag_set(d, rc, "cannot confine by Landlock: %s", strerror(-rc)) : 0;
}
