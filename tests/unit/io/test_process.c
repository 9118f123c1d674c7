/* SPDX-License-Identifier: Apache-2.0 */
/* Children executed anew: what they hold, what they lost, and how they end.  This program is its
 * own child: with --role=NAME it reports about itself over the first passed descriptor. */
#include "io/process.h"

#include "netns.h"
#include "t.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define NOBODY 65534

/* What the child tells of itself. */
struct report {
	uid_t uid;
	gid_t gid;
	int groups;
	int no_new_privs, dumpable, death_signal;
	unsigned highest_fd;
	bool cloexec, has_caps, has_bounding;
	bool term_is_default, term_is_blocked;
	char name[16], argument[16];
};

static bool has_capabilities(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	bool any = false;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "CapInh", 6) == 0 || strncmp(line, "CapPrm", 6) == 0 ||
		    strncmp(line, "CapEff", 6) == 0 || strncmp(line, "CapAmb", 6) == 0)
			any |= strtoull(line + 7, NULL, 16) != 0;
	}
	if (f)
		(void)fclose(f);
	return any || !f;
}

static struct report look_at_self(int argc, char *const *argv)
{
	struct report r = {
		.uid = getuid(),
		.gid = getgid(),
		.groups = getgroups(0, NULL),
		.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
		.dumpable = prctl(PR_GET_DUMPABLE),
		.cloexec = fcntl(PROCESS_FD_FIRST, F_GETFD) & FD_CLOEXEC,
	};
	struct sigaction term;
	sigset_t blocked;

	(void)prctl(PR_GET_PDEATHSIG, &r.death_signal);
	(void)prctl(PR_GET_NAME, r.name);
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			r.highest_fd = (unsigned)fd;
	}
	r.has_caps = has_capabilities();
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		r.has_bounding |= prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1;
	(void)sigaction(SIGTERM, NULL, &term);
	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	r.term_is_default = term.sa_handler == SIG_DFL;
	r.term_is_blocked = sigismember(&blocked, SIGTERM);
	if (argc > 2)
		(void)snprintf(r.argument, sizeof(r.argument), "%s", argv[2]);
	return r;
}

static int child(const char *role, int argc, char **argv)
{
	char byte;

	if (process_enter(role, 2) < 0 || process_enter(role, 3) != -EBADF)
		return 1;
	struct report r = look_at_self(argc, argv);

	if (write(PROCESS_FD_FIRST, &r, sizeof(r)) != (ssize_t)sizeof(r))
		return 1;
	/* Live on until the parent says otherwise. */
	return read(PROCESS_FD_FIRST, &byte, 1) == 1 ? 42 : 1;
}

static void spawn(const struct process_ids *ids, int pair[2], pid_t *ret_pid)
{
	char argument[] = "-f", *arguments[] = { argument, NULL };
	struct diag d = { 0 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0); /* not close-on-exec */
	int fds[2] = { pair[1], pair[1] };
	struct process_spec spec = {
		.role = "engine", .arguments = arguments, .fds = fds, .fd_count = 2, .ids = *ids
	};
	int rc = process_spawn(&spec, &d, ret_pid);

	if (rc < 0)
		fail_msg("%s", d.text);
	(void)close(pair[1]);
}

static bool read_report(int fd, struct report *r)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 5000) == 1 && read(fd, r, sizeof(*r)) == (ssize_t)sizeof(*r);
}

static void test_child_has_only_what_it_was_given(void **state)
{
	struct process_ids ids = { .change = netns_is_whole(), .uid = NOBODY, .gid = NOBODY };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	int pair[2], status, leaked = dup2(0, 200);
	sigset_t term;
	struct report r = { 0 };
	pid_t pid;

	(void)state;
	assert_int_equal(leaked, 200);
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	(void)sigaction(SIGTERM, &ignore, &old);
	spawn(&ids, pair, &pid);
	(void)sigaction(SIGTERM, &old, NULL);
	(void)sigprocmask(SIG_UNBLOCK, &term, NULL);
	assert_true(read_report(pair[0], &r));
	if (ids.change) {
		assert_int_equal(r.uid, NOBODY);
		assert_int_equal(r.gid, NOBODY);
		assert_int_equal(r.groups, 0);
		assert_false(r.has_bounding);
	}
	assert_false(r.has_caps);
	assert_int_equal(r.no_new_privs, 1);
	assert_int_equal(r.dumpable, 0);
	assert_int_equal(r.death_signal, SIGKILL);
	assert_int_equal(r.highest_fd, PROCESS_FD_FIRST + 1);
	assert_true(r.cloexec);
	assert_true(r.term_is_default);
	assert_false(r.term_is_blocked);
	assert_string_equal(r.name, "engine");
	assert_string_equal(r.argument, "-f");
	assert_int_equal(write(pair[0], "x", 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	(void)close(pair[0]);
	(void)close(leaked);
}

/* A parent that is killed takes its children with it. */
static void test_child_ends_with_its_parent(void **state)
{
	struct process_ids keep = { 0 };
	struct report r = { 0 };
	int pair[2], outer[2];
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, outer), 0);
	pid_t middle = fork();

	if (middle == 0) {
		spawn(&keep, pair, &pid);
		if (!read_report(pair[0], &r) || write(outer[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		(void)pause(); /* holds pair[0], so that only the signal can end the child */
		_exit(0);
	}
	(void)close(outer[1]);
	assert_true(middle > 0);
	struct pollfd p = { .fd = outer[0], .events = POLLIN };

	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(read(outer[0], &pid, sizeof(pid)), sizeof(pid));
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(middle, SIGKILL), 0);
	assert_int_equal(waitpid(middle, NULL, 0), middle);
	/* The grandchild is nobody's here: watch it go by its existence, with a deadline. */
	int left_ms = 5000;

	while (left_ms-- > 0 && kill(pid, 0) == 0) {
		FILE *f;
		char path[64], line[256] = "";

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		f = fopen(path, "re");
		if (!f || !fgets(line, sizeof(line), f) || strstr(line, ") Z"))
			left_ms = -1; /* a zombie is dead enough */
		if (f)
			(void)fclose(f);
		(void)poll(NULL, 0, 1);
	}
	assert_true(left_ms < 0 || kill(pid, 0) < 0);
	(void)close(outer[0]);
}

static void test_failures_name_the_step(void **state)
{
	int bad_fd = 999;
	struct process_spec spec = { .role = "engine", .fds = &bad_fd, .fd_count = 1 };
	struct process_ids ids;
	struct diag d = { 0 };
	pid_t pid = -7;

	(void)state;
	assert_int_equal(process_spawn(&spec, &d, &pid), -EBADF);
	assert_non_null(strstr(d.text, "cannot start the engine process: place descriptors"));
	assert_int_equal(pid, -7);
	spec.fd_count = PROCESS_FDS_MAX + 1;
	assert_int_equal(process_spawn(&spec, &d, &pid), -E2BIG);
	assert_int_equal(process_ids_find("no-such-user-here", &ids, &d), -ENOENT);
	assert_non_null(strstr(d.text, "there is no user 'no-such-user-here'"));
	assert_int_equal(process_ids_find("root", &ids, &d), 0);
	assert_int_equal(ids.uid, 0);
}

static void test_role_is_found(void **state)
{
	char program[] = "candord", role[] = "--role=control", other[] = "-f";
	char *with[] = { program, role, NULL }, *without[] = { program, other, NULL };

	(void)state;
	assert_string_equal(process_role(2, with), "control");
	assert_null(process_role(2, without));
	assert_null(process_role(1, with));
}

/* In a child of our own, because it cannot be undone. */
static void test_broker_keeps_what_it_names(void **state)
{
	static const int wanted[] = { CAP_NET_RAW, CAP_NET_BIND_SERVICE, -1 };
	int status;

	(void)state;
	if (!netns_is_whole()) {
		print_message("skipped: not root proper\n");
		skip();
	}
	pid_t pid = fork();

	if (pid == 0) {
		const struct process_ids nobody = { true, NOBODY, NOBODY };
		bool kept = false;

		if (process_keep(wanted, &nobody, NULL, &kept) < 0 || !kept)
			_exit(1);
		if (getuid() != NOBODY || socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0)
			_exit(2);
		if (setuid(0) == 0 || prctl(PR_GET_DUMPABLE) != 0)
			_exit(3);
		_exit(42);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 42);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child_has_only_what_it_was_given),
		cmocka_unit_test(test_child_ends_with_its_parent),
		cmocka_unit_test(test_failures_name_the_step),
		cmocka_unit_test(test_role_is_found),
		cmocka_unit_test(test_broker_keeps_what_it_names),
	};
	const char *role = process_role(argc, argv);

	if (role)
		return child(role, argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
