/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a daemon: each is the same program executed anew (a fresh address space) with a
 * role flag, known descriptors at known numbers, and no more rights than it needs.
 *
 * The parent calls process_spawn(); the child's main() finds its role with process_role() and calls
 * process_enter() before anything else. */
#ifndef CANDOR_IO_PROCESS_H
#define CANDOR_IO_PROCESS_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <sys/types.h>

#define PROCESS_FD_FIRST 3 /* the first passed descriptor has this number, the next follow */
#define PROCESS_FDS_MAX  8

struct process_ids {
	bool change; /* false: keep the parent's user and groups */
	uid_t uid;
	gid_t gid;
};

struct process_spec {
	const char *role; /* "engine": passed as --role=engine and shown as the process name */
	char *const
	        *arguments; /* argv[1] … of the child after the role, NULL-terminated; or NULL */
	const int *fds;     /* become PROCESS_FD_FIRST … in the child; still the caller's here */
	unsigned fd_count;  /* 0 .. PROCESS_FDS_MAX */
	struct process_ids ids;
	/* With ``is_reserve`` the child has given up its rights and waits to become the program until one
	 * octet comes on ``gate`` (one end of a pair of sockets; its copy of it is closed then).  The end of
	 * that ends it, with exit code 0. */
	bool is_reserve;
	int gate;
};

/* User and primary group by name.  0, or -ENOENT with ``d`` saying which user to create. */
NODISCARD int process_ids_find(const char *user, struct process_ids *ret, struct diag *d);

/* Whether this process may become another user at all (CAP_SETUID and CAP_SETGID). */
bool process_may_change_ids(void);

/* Whether this user namespace has such a user and group; one made by an ordinary user has root
 * alone. */
bool process_ids_exist(const struct process_ids *ids);

/* Start the child: all other descriptors closed, signals unblocked, all capabilities and the
 * supplementary groups given up, the bounding set emptied where that is permitted, NO_NEW_PRIVS
 * set, and killed when the parent ends (only where the parent may signal it: a child of another
 * user should end when its connection to the parent does).  0; or -errno with ``d`` naming the step
 * that failed (then there is no child).  The caller must still be single-threaded. */
NODISCARD int process_spawn(const struct process_spec *spec, struct diag *d, pid_t *ret_pid);

/* Let a reserved child become its program; ``gate`` is the other end of what it waits on, and is closed. */
void process_release(int *gate);

/* The role in argv[1], or NULL when there is none (started by a person or the service manager). */
const char *process_role(int argc, char *const *argv);

/* In the child: check that the descriptors are there, make them close-on-exec, take the role as
 * process name, forbid core dumps and tracing.  0, or -EBADF: not started by process_spawn(). */
NODISCARD int process_enter(const char *role, unsigned fd_count);

/* Let this process open as many descriptors as its hard limit allows: each port of the responder is
 * one.  Returns how many that are. */
unsigned process_raise_descriptors(void);

/* In the parent: keep only these capabilities (CAP_…, ended by -1) of those there are, in the bounding
 * set too where that is permitted, become ``ids``, forbid core dumps and tracing.  0 or -errno with ``d``.  *ret_kept (may be NULL) says
 * whether all of them were there to be kept. */
NODISCARD int process_keep(const int *capabilities, const struct process_ids *ids, struct diag *d,
                           bool *ret_kept);

#endif
