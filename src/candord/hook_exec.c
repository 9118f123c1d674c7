/* SPDX-License-Identifier: Apache-2.0 */
/* fork, and what the child does until it is another program. */
#include "candord/hook_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMAND_FD 3 /* of the file, while it is executed */

/* Only root may have changed it. */
static int check_owner(const struct stat *st, const char *what, struct diag *d)
{
	if (st->st_uid != 0)
		return diag_set(d, -EPERM, "'%s' does not belong to root", what);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return diag_set(d, -EPERM, "others than root may change '%s'", what);
	return 0;
}

int hook_folder_open(const char *path, struct diag *d)
{
	struct stat st;
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(d, -errno, "cannot open the folder of hooks '%s': %s", path,
		                strerror(errno));
	int rc = check_owner(&st, path, d);

	return rc < 0 ? rc : fd_steal(&fd);
}

/* The file, open, and whether another program has to read it. */
static int open_command(int folder, const char *name, bool *ret_is_script, struct diag *d)
{
	struct stat st;
	char head[2] = { 0 };

	if (strchr(name, '/') || name[0] == '.' || name[0] == '\0')
		return diag_set(d, -EINVAL, "'%s' is not a bare name", name);
	CLEANUP(fd_closep)
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0)
		return diag_set(d, -errno, "cannot open the hook '%s': %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || !(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return diag_set(d, -EACCES, "'%s' is not an executable file", name);
	int rc = check_owner(&st, name, d);

	if (rc < 0)
		return rc;
	*ret_is_script = pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	                 head[0] == '#' && head[1] == '!';
	return fd_steal(&fd);
}

static int place(int command, bool is_script, int output)
{
	int null = open("/dev/null", O_RDONLY);

	/* Out of the way of the places that are filled. */
	command = fcntl(command, F_DUPFD, COMMAND_FD + 3);
	output = fcntl(output, F_DUPFD, COMMAND_FD + 3);
	if (null < 0 || command < 0 || output < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 ||
	    dup2(command, COMMAND_FD) < 0)
		return -1;
	/* The interpreter of a script opens it by its descriptor, which therefore stays. */
	if (!is_script && fcntl(COMMAND_FD, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return close_range(COMMAND_FD + 1, ~0U, 0);
}

static _Noreturn void become(int command, bool is_script, int output, char *const *argv,
                             char *const *envp)
{
	sigset_t none;

	(void)setpgid(0, 0); /* the parent does the same: whoever is first */
	for (int signo = 1; signo < NSIG; signo++) {
		const struct sigaction standard = { .sa_handler = SIG_DFL };

		(void)sigaction(signo, &standard, NULL); /* ignored ones would stay so */
	}
	(void)sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    chdir("/") == 0 && place(command, is_script, output) == 0)
		(void)fexecve(COMMAND_FD, argv, envp);
	_exit(126);
}

int hook_start(int folder, char *const *argv, char *const *envp, pid_t *ret_pid, int *ret_output,
               struct diag *d)
{
	bool is_script = false;
	int pipe_fds[2];
	CLEANUP(fd_closep) int command = open_command(folder, argv[0], &is_script, d);

	if (command < 0)
		return command;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return diag_set(d, -errno, "cannot make a pipe: %s", strerror(errno));
	CLEANUP(fd_closep) int output = pipe_fds[0];
	pid_t pid = fork();

	if (pid == 0)
		become(command, is_script, pipe_fds[1], argv, envp);
	int error = errno;

	(void)close(pipe_fds[1]);
	if (pid < 0)
		return diag_set(d, -error, "cannot start '%s': %s", argv[0], strerror(error));
	(void)setpgid(pid, pid);
	if (fcntl(output, F_SETFL, O_NONBLOCK) < 0)
		return diag_set(d, -errno, "cannot read from '%s'", argv[0]);
	*ret_pid = pid;
	*ret_output = fd_steal(&output);
	return 0;
}
