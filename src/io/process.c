/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the processes of a daemon and giving up rights. */
#include "io/process.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define ROLE_FLAG     "--role="
#define ROLE_MAX      32
#define ARGUMENTS_MAX 64

/* The last thing a failed child says, through a pipe that a successful execve closes. */
struct last_words {
	int error;
	char step[60];
};

int process_ids_find(const char *user, struct process_ids *ret, struct diag *d)
{
	errno = 0;
	const struct passwd *entry = getpwnam(user);

	if (!entry)
		return diag_set(d, -ENOENT,
		                "there is no user '%s': create it with systemd-sysusers, or with "
		                "\"useradd --system %s\"",
		                user, user);
	*ret = (struct process_ids) { .change = true, .uid = entry->pw_uid, .gid = entry->pw_gid };
	return 0;
}

bool process_may_change_ids(void)
{
	return capng_get_caps_process() == 0 &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID);
}

/* Lines of "first-here first-outside count" (user_namespaces(7)). */
static bool is_mapped(const char *map_path, uint32_t id)
{
	unsigned first, outside, count;
	bool found = false;
	FILE *f = fopen(map_path, "re");

	/* NOLINTNEXTLINE(cert-err34-c): the kernel wrote these numbers */
	while (f && !found && fscanf(f, "%u %u %u", &first, &outside, &count) == 3)
		found = id >= first && id - first < count;
	if (f)
		(void)fclose(f); /* nothing was written */
	return found;
}

bool process_ids_exist(const struct process_ids *ids)
{
	return is_mapped("/proc/self/uid_map", ids->uid) &&
	       is_mapped("/proc/self/gid_map", ids->gid);
}

static int change_ids(const struct process_ids *ids)
{
	if (!ids->change)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(ids->gid, ids->gid, ids->gid) < 0 ||
	    setresuid(ids->uid, ids->uid, ids->uid) < 0)
		return -errno;
	return 0;
}

static bool is_among(const int *capabilities, int cap)
{
	for (; *capabilities >= 0; capabilities++) {
		if (*capabilities == cap)
			return true;
	}
	return false;
}

/* Leave only these (ended by -1).  Needs CAP_SETPCAP; without it there is nothing in the set that NO_NEW_PRIVS would
 * let us gain. */
static void limit_bounding_set(const int *kept)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (!is_among(kept, cap))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
}

static int drop_everything(const struct process_ids *ids, const char **ret_step)
{
	static const int none[] = { -1 };

	limit_bounding_set(none);
	*ret_step = "change user";
	int rc = change_ids(ids);

	if (rc < 0)
		return rc;
	*ret_step = "drop capabilities";
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return -EPERM;
	*ret_step = "set NO_NEW_PRIVS";
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* What a child needs on its way, besides the descriptors that it is given. */
struct child_fds {
	int report; /* its last words */
	int gate;   /* of a reserved one, else -1 */
};

/* Bring the descriptors to their places and close all others.  Those of ``own`` become the ones after the last,
 * close-on-exec. */
static int place_fds(const struct process_spec *spec, struct child_fds *own)
{
	int high[PROCESS_FDS_MAX + 2];
	unsigned count = spec->fd_count + (own->gate >= 0 ? 2 : 1);

	/* Out of the way first: a source may sit where another one has to go. */
	for (unsigned i = 0; i < count; i++) {
		int from = i < spec->fd_count    ? spec->fds[i]
		           : i == spec->fd_count ? own->report
		                                 : own->gate;

		high[i] = fcntl(from, F_DUPFD, PROCESS_FD_FIRST + PROCESS_FDS_MAX + 2);
		if (high[i] < 0)
			return -errno;
	}
	for (unsigned i = 0; i < count; i++) {
		if (dup2(high[i], PROCESS_FD_FIRST + (int)i) < 0)
			return -errno;
	}
	own->report = PROCESS_FD_FIRST + (int)spec->fd_count;
	if (own->gate >= 0)
		own->gate = own->report + 1;
	if (fcntl(own->report, F_SETFD, FD_CLOEXEC) < 0 ||
	    close_range((unsigned)PROCESS_FD_FIRST + count, ~0U, 0) < 0)
		return -errno;
	return 0;
}

static int reset_signals(void)
{
	sigset_t none;

	/* Ignored signals would stay ignored across execve. */
	for (int signo = 1; signo < NSIG; signo++) {
		const struct sigaction standard = { .sa_handler = SIG_DFL };

		(void)sigaction(signo, &standard, NULL); /* EINVAL: KILL, STOP and libc's own */
	}
	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

/* After the change of user, which would forget it; the parent may be gone by then. */
static int die_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -EOWNERDEAD;
}

static int prepare(const struct process_spec *spec, pid_t parent, struct child_fds *own,
                   const char **ret_step)
{
	*ret_step = "place descriptors";
	int rc = place_fds(spec, own);

	if (rc < 0)
		return rc;
	*ret_step = "reset signals";
	rc = reset_signals();
	if (rc < 0)
		return rc;
	rc = drop_everything(&spec->ids, ret_step);
	if (rc < 0)
		return rc;
	*ret_step = "follow the parent";
	return die_with_parent(parent);
}

/* The parent goes on; this one becomes the program when it is told so. */
static void wait_at_gate(struct child_fds *own)
{
	char octet;
	ssize_t n;

	(void)close(own->report); /* nothing is left that the parent waits for */
	own->report = -1;
	do {
		n = read(own->gate, &octet, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(0);
	(void)close(own->gate);
}

void process_release(int *gate)
{
	const char go = 1;

	/* A child that has gone is heard of by itself. */
	if (*gate >= 0)
		(void)!send(*gate, &go, 1, MSG_NOSIGNAL);
	fd_closep(gate);
}

static _Noreturn void run_child(const struct process_spec *spec, pid_t parent, int report)
{
	struct child_fds own = { report, spec->is_reserve ? spec->gate : -1 };
	struct last_words words = { 0 };
	const char *step = "";
	char role[sizeof(ROLE_FLAG) + ROLE_MAX];
	char *argv[ARGUMENTS_MAX + 3] = { program_invocation_name, role };

	(void)snprintf(role, sizeof(role), ROLE_FLAG "%s", spec->role);
	for (unsigned i = 0; spec->arguments && spec->arguments[i]; i++)
		argv[i + 2] = spec->arguments[i];
	int rc = prepare(spec, parent, &own, &step);

	if (rc == 0 && spec->is_reserve)
		wait_at_gate(&own);
	if (rc == 0) {
		step = "execute the program again";
		(void)execv("/proc/self/exe", argv);
		rc = -errno;
	}
	words.error = rc;
	(void)snprintf(words.step, sizeof(words.step), "%s", step);
	if (own.report < 0 || write(own.report, &words, sizeof(words)) < 0)
		_exit(127); /* the parent sees the end of the child instead */
	_exit(126);
}

static int check_spec(const struct process_spec *spec, struct diag *d)
{
	unsigned arguments = 0;

	while (spec->arguments && spec->arguments[arguments])
		arguments++;
	if (spec->fd_count > PROCESS_FDS_MAX || arguments > ARGUMENTS_MAX ||
	    strlen(spec->role) >= ROLE_MAX)
		return diag_set(d, -E2BIG, "too many arguments or descriptors for a child process");
	return 0;
}

int process_spawn(const struct process_spec *spec, struct diag *d, pid_t *ret_pid)
{
	struct last_words words;
	int pipe_fds[2];
	pid_t parent = getpid();
	int rc = check_spec(spec, d);

	if (rc < 0)
		return rc;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return diag_set(d, -errno, "cannot make a pipe: %s", strerror(errno));
	pid_t pid = fork();

	if (pid == 0)
		run_child(spec, parent, pipe_fds[1]);
	int fork_error = errno;

	(void)close(pipe_fds[1]);
	CLEANUP(fd_closep) int report = pipe_fds[0];

	if (pid < 0)
		return diag_set(d, -fork_error, "cannot start the %s process: %s", spec->role,
		                strerror(fork_error));
	ssize_t n;

	do {
		n = read(report, &words, sizeof(words));
	} while (n < 0 && errno == EINTR);
	if (n == 0) { /* the pipe was closed by execve */
		*ret_pid = pid;
		return 0;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(words))
		return diag_set(d, -EIO, "the %s process ended at once", spec->role);
	return diag_set(d, words.error, "cannot start the %s process: %.60s: %s", spec->role,
	                words.step, strerror(-words.error));
}

const char *process_role(int argc, char *const *argv)
{
	size_t len = strlen(ROLE_FLAG);

	return argc > 1 && strncmp(argv[1], ROLE_FLAG, len) == 0 ? argv[1] + len : NULL;
}

int process_enter(const char *role, unsigned fd_count)
{
	for (unsigned i = 0; i < fd_count; i++) {
		if (fcntl(PROCESS_FD_FIRST + (int)i, F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	}
	(void)prctl(PR_SET_NAME, role); /* for ps(1): only shown */
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

unsigned process_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	/* Raising the soft limit to the hard one needs no privilege. */
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max > UINT_MAX ? UINT_MAX : (unsigned)limit.rlim_max;
}

int process_keep(const int *capabilities, const struct process_ids *ids, struct diag *d,
                 bool *ret_kept)
{
	bool all = true;

	if (capng_get_caps_process() < 0)
		return diag_set(d, -EPERM, "cannot read the capabilities of this process");
	unsigned keep = 0;

	for (unsigned i = 0; capabilities[i] >= 0; i++) {
		if (capng_have_capability(CAPNG_PERMITTED, (unsigned)capabilities[i]))
			keep |= 1u << i;
		else
			all = false;
	}
	limit_bounding_set(capabilities);
	if (prctl(PR_SET_KEEPCAPS, 1) < 0)
		return diag_set(d, -errno, "cannot keep capabilities: %s", strerror(errno));
	int rc = change_ids(ids);

	if (rc < 0)
		return diag_set(d, rc, "cannot become user %u: %s", ids->uid, strerror(-rc));
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned i = 0; capabilities[i] >= 0; i++) {
		if (keep & 1u << i)
			(void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			                   (unsigned)capabilities[i]);
	}
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return diag_set(d, -EPERM, "cannot drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return diag_set(d, -errno, "cannot forbid new privileges: %s", strerror(errno));
	if (ret_kept)
		*ret_kept = all;
	return 0;
}
