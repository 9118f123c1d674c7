/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of the engine and of control, by theme, and the files that control may read. */
#include "io/sandbox.h"

#include "base/log.h"
#include "io/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

/* What both may. */
static const int common[] = {
	/* descriptors that are there already, or that the broker sends */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	SCMP_SYS(fstat),
	SCMP_SYS(dup),
	SCMP_SYS(lseek),
	/* waiting */
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	SCMP_SYS(eventfd2),
	SCMP_SYS(signalfd4),
	SCMP_SYS(restart_syscall),
	/* sockets (which families: see below) */
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(listen),
	SCMP_SYS(accept4),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg),
	/* time, and what the kernel says of it */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(adjtimex),
	SCMP_SYS(clock_adjtime),
	/* memory (executable: see below) */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(getrandom),
	/* itself: locks, signals, priority, the end */
	SCMP_SYS(futex),
	SCMP_SYS(rseq), /* a thread that was made before, and has yet to begin */
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Control has files: which of them is the business of Landlock. */
static const int of_control[] = {
	SCMP_SYS(openat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(preadv),
	SCMP_SYS(pwritev),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fallocate),
	SCMP_SYS(fchmod),
	SCMP_SYS(flock),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(linkat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdirat),
	SCMP_SYS(memfd_create), /* what the parent is to save */
	/* and a little more of itself and the machine */
	SCMP_SYS(socketpair),
	SCMP_SYS(dup3),
	SCMP_SYS(pipe2),
	SCMP_SYS(nanosleep),
	SCMP_SYS(uname),
	SCMP_SYS(umask),
	SCMP_SYS(sysinfo),
	SCMP_SYS(getrusage),
};

/* The courier reads the files of name resolution, and has sockets. */
static const int of_courier[] = {
	SCMP_SYS(openat),    SCMP_SYS(newfstatat), SCMP_SYS(statx),     SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),  SCMP_SYS(readlinkat),
	SCMP_SYS(pread64),   SCMP_SYS(socketpair), SCMP_SYS(pipe2),     SCMP_SYS(nanosleep),
	SCMP_SYS(uname),     SCMP_SYS(sysinfo),    SCMP_SYS(getrusage),
};

/* What a command has no business with, whoever wrote it. */
static const int not_of_hooks[] = {
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(clock_settime),
	SCMP_SYS(settimeofday),
	SCMP_SYS(acct),
	SCMP_SYS(quotactl),
	SCMP_SYS(personality),
};

/* Name resolution (c-ares), local time, and what the kernel shows to everybody. */
static const char *const control_reads[] = {
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/host.conf",
	"/etc/localtime",
	"/usr/share/zoneinfo",
	"/proc",
	NULL,
};

static const uint16_t dns_over_tcp[] = { 53, 0 };

struct socket_kind {
	int family, type;
};

static const struct socket_kind engine_sockets[] = { { AF_INET, 0 }, { AF_INET6, 0 } };
static const struct socket_kind control_sockets[] = {
	{ AF_UNIX, SOCK_STREAM }, { AF_UNIX, SOCK_DGRAM },   { AF_INET, SOCK_STREAM },
	{ AF_INET, SOCK_DGRAM },  { AF_INET6, SOCK_STREAM }, { AF_INET6, SOCK_DGRAM },
};

static const struct socket_kind courier_sockets[] = {
	{ AF_UNIX, SOCK_STREAM },  { AF_INET, SOCK_STREAM }, { AF_INET, SOCK_DGRAM },
	{ AF_INET6, SOCK_STREAM }, { AF_INET6, SOCK_DGRAM }, { AF_UNIX, SOCK_DGRAM },
};

/* Which descriptor of a device is asked what: a terminal's size and state, octets that wait. */
static const unsigned long control_ioctls[] = { FIONREAD, FIONBIO, TCGETS, TIOCGWINSZ };

struct profile {
	const int *calls;
	size_t call_count;
	const struct socket_kind *sockets; /* type 0: any */
	size_t socket_count;
	const unsigned long *ioctls;
	size_t ioctl_count;
};

static const struct profile engine_profile = { NULL, 0, engine_sockets, ARRAY_LEN(engine_sockets),
	                                       NULL, 0 };
static const struct profile control_profile = { of_control,      ARRAY_LEN(of_control),
	                                        control_sockets, ARRAY_LEN(control_sockets),
	                                        control_ioctls,  ARRAY_LEN(control_ioctls) };

static const struct profile courier_profile = { of_courier,      ARRAY_LEN(of_courier),
	                                        courier_sockets, ARRAY_LEN(courier_sockets),
	                                        control_ioctls,  ARRAY_LEN(control_ioctls) };

static int allow_calls(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return rc;
}

static int allow_sockets(scmp_filter_ctx filter, const struct profile *p)
{
	const scmp_datum_t type_bits = ~(scmp_datum_t)(SOCK_NONBLOCK | SOCK_CLOEXEC) & 0xffffffff;
	int rc = 0;

	for (size_t i = 0; i < p->socket_count && rc == 0; i++) {
		struct scmp_arg_cmp family =
		        SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)p->sockets[i].family);
		struct scmp_arg_cmp type =
		        SCMP_A1(SCMP_CMP_MASKED_EQ, type_bits, (scmp_datum_t)p->sockets[i].type);

		rc = p->sockets[i].type ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
		                                           2, family, type)
		                        : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
		                                           1, family);
	}
	return rc;
}

/* Memory that is never executable: no code can be brought in. */
static int allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Signals to itself alone (abort(3)), and its own scheduling. */
static int allow_itself(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	                          SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));

	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sched_setscheduler), 1,
		                      SCMP_A0(SCMP_CMP_EQ, 0));
	return rc;
}

static int fill(scmp_filter_ctx filter, const struct profile *p)
{
	int rc = allow_calls(filter, common, ARRAY_LEN(common));

	if (rc == 0)
		rc = allow_calls(filter, p->calls, p->call_count);
	if (rc == 0)
		rc = allow_sockets(filter, p);
	if (rc == 0)
		rc = allow_memory(filter);
	if (rc == 0)
		rc = allow_itself(filter);
	for (size_t i = 0; i < p->ioctl_count && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		                      SCMP_A1(SCMP_CMP_EQ, p->ioctls[i]));
	/* libc asks for the state of a descriptor by this one.  The filter cannot see whether the path
	 * is empty, so names of files can be asked for; nothing can be opened. */
	if (rc == 0 && p == &engine_profile)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
		                      SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	/* ENOSYS sends libc to clone(), which is refused. */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	return rc < 0 ? rc : seccomp_load(filter);
}

static int install(const struct profile *p, struct diag *d)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!filter)
		return diag_set(d, -ENOMEM, "cannot make a system call filter");
	int rc = fill(filter, p);

	seccomp_release(filter);
	return rc < 0 ? diag_set(d, rc, "cannot filter system calls (seccomp): %s", strerror(-rc))
	              : 0;
}

int sandbox_no_files(struct diag *d)
{
	/* Its TCP ports are configured: which they are cannot be known now. */
	static const struct landlock_rules rules = { .writable_folder = -1,
		                                     .confine_signals = true,
		                                     .confine_abstract = true };

	return landlock_confine(&rules, d);
}

int sandbox_engine(struct diag *d)
{
	int rc = sandbox_no_files(d);

	return rc < 0 ? rc : install(&engine_profile, d);
}

const char *sandbox_describe(void)
{
	static char text[48];
	int version = text[0] ? 0 : landlock_version(); /* once: a confined process may not ask */

	if (text[0])
		return text;
	if (version > 0)
		(void)snprintf(text, sizeof(text), "seccomp, landlock %d", version);
	else
		(void)snprintf(text, sizeof(text), "seccomp, no landlock in this kernel");
	return text;
}

/* What CAP_SYS_ADMIN allows beyond entering a network namespace, for which alone the broker keeps it. */
static const int of_no_broker[] = {
	SCMP_SYS(mount),          SCMP_SYS(umount2),       SCMP_SYS(pivot_root),
	SCMP_SYS(move_mount),     SCMP_SYS(open_tree),     SCMP_SYS(fsopen),
	SCMP_SYS(fsmount),        SCMP_SYS(mount_setattr), SCMP_SYS(unshare),
	SCMP_SYS(sethostname),    SCMP_SYS(setdomainname), SCMP_SYS(swapon),
	SCMP_SYS(swapoff),        SCMP_SYS(bpf),           SCMP_SYS(perf_event_open),
	SCMP_SYS(quotactl),       SCMP_SYS(syslog),        SCMP_SYS(fanotify_init),
	SCMP_SYS(lookup_dcookie), SCMP_SYS(acct),
};

static int fill_broker(scmp_filter_ctx filter)
{
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	int rc = seccomp_rule_add(filter, refuse, SCMP_SYS(setns), 1,
	                          SCMP_A1(SCMP_CMP_NE, CLONE_NEWNET));

	for (size_t i = 0; i < ARRAY_LEN(of_no_broker) && rc == 0; i++)
		rc = seccomp_rule_add(filter, refuse, of_no_broker[i], 0);
	return rc < 0 ? rc : seccomp_load(filter);
}

static int refuse_administration(struct diag *d)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter)
		return diag_set(d, -ENOMEM, "cannot make a system call filter");
	int rc = fill_broker(filter);

	seccomp_release(filter);
	return rc < 0 ? diag_set(d, rc, "cannot filter system calls (seccomp): %s", strerror(-rc))
	              : 0;
}

int sandbox_broker(const char *const *folders, struct diag *d)
{
	const struct landlock_rules rules = { .reads_freely = true,
		                              .writable = folders,
		                              .writable_folder = -1,
		                              .confine_signals = true };
	int rc = landlock_confine(&rules, d);

	return rc < 0 ? rc : refuse_administration(d);
}

/* An abstract socket of the service manager must stay in reach. */
static bool notifies_abstract(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && path[0] == '@';
}

int sandbox_control(int state_folder, int outputs_folder, struct diag *d)
{
	char outputs[32];
	const char *const writable[] = { outputs, NULL };
	const struct landlock_rules rules = {
		.writable_folder = state_folder,
		.writable = writable,
		.readable = control_reads,
		.confine_tcp = true,
		.tcp_ports = dns_over_tcp,
		.confine_signals = true,
		.confine_abstract = !notifies_abstract(),
	};

	(void)snprintf(outputs, sizeof(outputs), "/proc/self/fd/%d", outputs_folder);
	tzset();
	(void)sandbox_describe(); /* while it can be found out */
	if (landlock_version() == 0)
		log_warn("control", "this kernel has no Landlock: what control may read and write "
		                    "is limited by "
		                    "the rights of its user alone");
	if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) != 1)
		return diag_set(d, -EIO, "cannot read the configuration of OpenSSL");
	int rc = landlock_confine(&rules, d);

	return rc < 0 ? rc : install(&control_profile, d);
}

int sandbox_courier(struct diag *d)
{
	const struct landlock_rules rules = { .writable_folder = -1,
		                              .readable = control_reads,
		                              .confine_signals = true,
		                              .confine_abstract = true };
	int rc;

	tzset();
	if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) != 1)
		return diag_set(d, -EIO, "cannot read the configuration of OpenSSL");
	rc = landlock_confine(&rules, d);
	return rc < 0 ? rc : install(&courier_profile, d);
}

int sandbox_hooks(struct diag *d)
{
	static const char *const everywhere[] = { "/", NULL };
	const struct landlock_rules rules = { .reads_freely = true,
		                              .writable = everywhere,
		                              .writable_folder = -1,
		                              .confine_signals = true,
		                              .confine_abstract = true };
	int rc = landlock_confine(&rules, d);

	if (rc < 0)
		return rc;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter)
		return diag_set(d, -ENOMEM, "cannot make a system call filter");
	for (size_t i = 0; i < ARRAY_LEN(not_of_hooks) && rc == 0; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), not_of_hooks[i], 0);
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
		                      SCMP_A1(SCMP_CMP_EQ, TIOCSTI));
	rc = rc < 0 ? rc : seccomp_load(filter);
	seccomp_release(filter);
	return rc < 0 ? diag_set(d, rc, "cannot filter system calls (seccomp): %s", strerror(-rc))
	              : 0;
}
