/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the state folder is the old one or the new one, whole, wherever its writer is killed. */
#include "io/state_dir.h"

#include "t.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define CONTENT_MAX 20000

static char folder[64];

static int setup(void **state)
{
	static int dir;
	struct diag d = { 0 };

	(void)snprintf(folder, sizeof(folder), "/tmp/candor-state-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	dir = state_dir_open(folder, (uid_t)-1, (gid_t)-1, &d);
	*state = &dir;
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char command[128];

	fd_closep(*state);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static mode_t mode_of(int dir, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void test_round_trip(void **state)
{
	int dir = *(int *)*state;
	char *text = NULL;
	size_t len = 99;

	assert_int_equal(state_read(dir, "a", 100, &text, &len), -ENOENT);
	assert_null(text);
	assert_int_equal(len, 99);
	assert_int_equal(state_replace(dir, "a", "old\0x", 5), 0);
	assert_int_equal(state_read(dir, "a", 5, &text, &len), 0);
	assert_int_equal(len, 5);
	assert_memory_equal(text, "old\0x", 6);
	free(text);
	assert_int_equal(state_read(dir, "a", 4, &text, &len), -EFBIG);
	assert_int_equal(state_replace(dir, "a", "", 0), 0);
	assert_int_equal(state_read(dir, "a", 0, &text, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(mode_of(dir, "a"), 0600);
	assert_int_equal(faccessat(dir, "a.new", F_OK, 0), -1);
	assert_int_equal(state_remove(dir, "a"), 0);
	assert_int_equal(state_remove(dir, "a"), 0);
	assert_int_equal(state_read(dir, "a", 100, &text, &len), -ENOENT);
}

/* What a crash left on the way is no obstacle, whatever it is, and is never followed. */
static void test_leftovers(void **state)
{
	int dir = *(int *)*state;
	char *text;
	size_t len;

	assert_int_equal(symlinkat("victim", dir, "a.new"), 0);
	assert_int_equal(state_replace(dir, "victim", "kept", 4), 0);
	assert_int_equal(state_replace(dir, "a", "new", 3), 0);
	assert_int_equal(state_read(dir, "victim", 100, &text, &len), 0);
	assert_string_equal(text, "kept");
	free(text);
	assert_int_equal(symlinkat("victim", dir, "link"), 0);
	assert_int_equal(state_read(dir, "link", 100, &text, &len), -ELOOP);
	assert_int_equal(mkdirat(dir, "folder", 0700), 0);
	assert_int_equal(state_read(dir, "folder", 100, &text, &len), -EINVAL);
	assert_int_equal(mkfifoat(dir, "pipe", 0600), 0);
	assert_int_equal(state_read(dir, "pipe", 100, &text, &len), -EINVAL);
	/* a failure leaves nothing behind and the old one in place */
	assert_int_equal(state_replace(dir, "folder", "x", 1), -EISDIR);
	assert_int_equal(faccessat(dir, "folder.new", F_OK, 0), -1);
}

static void test_names(void **state)
{
	int dir = *(int *)*state;
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "../x", "/etc/passwd" };
	char long_name[256];
	char *text;
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(state_replace(dir, bad[i], "x", 1), -EINVAL);
		assert_int_equal(state_read(dir, bad[i], 10, &text, &len), -EINVAL);
		assert_int_equal(state_remove(dir, bad[i]), -EINVAL);
	}
	memset(long_name, 'n', sizeof(long_name));
	long_name[252] = '\0';
	assert_int_equal(state_replace(dir, long_name, "x", 1), -EINVAL);
	long_name[251] = '\0';
	assert_int_equal(state_replace(dir, long_name, "x", 1), 0);
}

static void test_rights(void **state)
{
	int dir = *(int *)*state;
	struct state_file_rights r = { 0640, (uid_t)-1, getgid() };
	struct stat st;

	assert_int_equal(state_replace_as(dir, "c", "x", 1, &r), 0);
	assert_int_equal(mode_of(dir, "c"), 0640);
	if (getuid() != 0)
		return;
	r.owner = 12;
	r.group = 34;
	assert_int_equal(state_replace_as(dir, "c", "x", 1, &r), 0);
	assert_int_equal(fstatat(dir, "c", &st, 0), 0);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(st.st_gid, 34);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void test_folder(void **state)
{
	int dir = *(int *)*state;
	char path[128];
	struct diag d = { 0 };
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/x/y/z", folder);
	int made = state_dir_open(path, (uid_t)-1, (gid_t)-1, &d);

	assert_true(made >= 0);
	assert_true(fcntl(made, F_GETFD) & FD_CLOEXEC);
	(void)close(made);
	assert_int_equal(mode_of(dir, "x/y"), 0755);
	assert_int_equal(mode_of(dir, "x/y/z"), 0700);
	assert_int_equal(fchmodat(dir, "x/y/z", 0770, 0), 0);
	assert_int_equal(state_dir_open(path, (uid_t)-1, (gid_t)-1, &d), -EPERM);
	assert_non_null(strstr(d.text, "others may change"));
	assert_int_equal(state_replace(dir, "file", "x", 1), 0);
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	assert_int_equal(state_dir_open(path, (uid_t)-1, (gid_t)-1, &d), -ENOTDIR);
	assert_int_equal(state_dir_open("", (uid_t)-1, (gid_t)-1, &d), -ENOENT);
	if (getuid() != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/given", folder);
	made = state_dir_open(path, 12, 34, &d);
	assert_true(made >= 0);
	assert_int_equal(fstat(made, &st), 0);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(st.st_gid, 34);
	assert_int_equal(state_replace(made, "f", "x", 1), 0);
	(void)close(made);
	made = state_dir_open(path, 12, 34, &d);
	assert_true(made >= 0);
	(void)close(made);
	/* with something in it, it is nobody else's */
	assert_int_equal(state_dir_open(path, 13, 34, &d), -EPERM);
	assert_non_null(strstr(d.text, "belongs to another user"));
}

/* --- crashes ------------------------------------------------------------------------------------- */

/* A content that shows whether it is whole: its number, its length, and a filler of both. */
static size_t make_content(uint32_t number, char *to)
{
	size_t len = 16 + number * 7919 % (CONTENT_MAX - 16);

	(void)snprintf(to, 17, "%08x%08x", number, (unsigned)len);
	memset(to + 16, (int)('a' + number % 26), len - 16);
	return len;
}

static uint32_t check_whole(int dir)
{
	char *text, want[CONTENT_MAX + 1], digits[9] = "";
	size_t len;

	assert_int_equal(state_read(dir, "f", CONTENT_MAX, &text, &len), 0);
	assert_true(len >= 16);
	memcpy(digits, text, 8);
	uint32_t number = (uint32_t)strtoul(digits, NULL, 16);

	assert_int_equal(len, make_content(number, want));
	assert_memory_equal(text, want, len);
	free(text);
	return number;
}

static void write_number(int dir, uint32_t number)
{
	char content[CONTENT_MAX + 1];
	size_t len = make_content(number, content);

	if (state_replace(dir, "f", content, len) < 0)
		_exit(1);
}

/* One writer is killed at a random time, hundreds of times; what it had said to be done must be there. */
static void test_killed_at_random(void **state)
{
	int dir = *(int *)*state;
	uint64_t seed = t_seed(47);
	uint32_t done = 0;

	write_number(dir, 0);
	for (unsigned round = 0; round < 200; round++) {
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid_t pid = fork();

		if (pid == 0) {
			for (uint32_t n = done + 1;; n++) {
				write_number(dir, n);
				if (write(ends[1], &n, sizeof(n)) < 0)
					_exit(1);
			}
		}
		const struct timespec wait = { .tv_nsec = (long)(t_random(&seed) % 3000000) };

		(void)close(ends[1]);
		(void)nanosleep(&wait, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		for (uint32_t n; read(ends[0], &n, sizeof(n)) == (ssize_t)sizeof(n);)
			done = n;
		(void)close(ends[0]);
		uint32_t found = check_whole(dir);

		assert_true(found == done || found == done + 1);
		done = found;
	}
	print_message("%u replacements, 200 kills\n", done);
	assert_true(done > 0);
}

/* Run the child to its ``stops``-th stop at a system call (entry or exit) and kill it there.  False: it had
 * ended before.  ``calls`` (may be NULL) takes the numbers of the calls entered. */
static bool kill_at_stop(int dir, unsigned stops, long *calls, unsigned *call_count)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(77);
		(void)raise(SIGSTOP);
		write_number(dir, 2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("tracing is not permitted here\n");
		skip();
	}
	/* or the kernel would not say which stop is one of a system call */
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD), 0);
	for (unsigned i = 0; i < stops; i++) {
		struct __ptrace_syscall_info info;

		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return false;
		}
		assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) > 0);
		if (calls && info.op == PTRACE_SYSCALL_INFO_ENTRY && *call_count < 64)
			calls[(*call_count)++] = (long)info.entry.nr;
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return true;
}

/* Every point between two system calls: there are no others at which the kernel sees a difference. */
static void test_killed_at_each_call(void **state)
{
	int dir = *(int *)*state;
	bool saw_old = false, saw_new = false;
	unsigned stops = 1;

	for (;; stops++) {
		write_number(dir, 1);
		bool was_killed = kill_at_stop(dir, stops, NULL, NULL);
		uint32_t found = check_whole(dir);

		assert_true(found == 1 || found == 2);
		assert_false(found == 1 && saw_new); /* from the rename on it is the new one */
		saw_old |= found == 1;
		saw_new |= found == 2;
		if (!was_killed)
			break;
	}
	print_message("%u points\n", stops);
	assert_true(saw_old && saw_new && stops > 10);
}

static unsigned position(const long *calls, unsigned count, long call, unsigned from)
{
	for (unsigned i = from; i < count; i++) {
		if (calls[i] == call)
			return i;
	}
	fail_msg("system call %ld is missing", call);
	return 0;
}

/* What no kill can show: that the order also holds against a loss of power. */
static void test_order_of_durability(void **state)
{
	int dir = *(int *)*state;
	long calls[64];
	unsigned count = 0;

	write_number(dir, 1);
	assert_false(kill_at_stop(dir, 1000, calls, &count));
	unsigned content = position(calls, count, SYS_fsync, 0);
#ifdef SYS_renameat
	unsigned rename = position(calls, count, SYS_renameat, 0);
#else
	unsigned rename = position(calls, count, SYS_renameat2, 0);
#endif
	assert_true(position(calls, count, SYS_write, 0) < content);
	assert_true(content < rename);
	assert_true(position(calls, count, SYS_fsync, rename) > rename);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_at_random, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed_at_each_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order_of_durability, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
