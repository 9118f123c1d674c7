/* SPDX-License-Identifier: Apache-2.0 */
/* The confined engine and control: all that their work needs still works, and nothing else does.  Each test runs
 * in a child, because confinement is for ever; the child's exit status names the line that failed. */
#include "io/sandbox.h"

#include "io/clock.h"
#include "io/landlock.h"
#include "io/loop.h"
#include "io/process.h"
#include "io/state_dir.h"
#include "io/tcp_socket.h"
#include "io/udp_socket.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static int landlock; /* its version; 0: none */

static void check(bool is_true, int line, const char *what)
{
	if (is_true)
		return;
	(void)dprintf(2, "line %d: %s (%s)\n", line, what, strerror(errno));
	_exit(1);
}

#define CHECK(condition) check((condition), __LINE__, #condition)
#define REFUSED(call)    check((intptr_t)(call) == -1 && errno == EPERM, __LINE__, #call)

static void confine(void)
{
	struct diag d = { 0 };

	if (sandbox_engine(&d) < 0) {
		(void)dprintf(2, "%s\n", d.text);
		_exit(2);
	}
}

static void run(void (*body)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		body();
		_exit(42);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

static struct sock_spec spec_at(enum sock_kind kind, const char *addr)
{
	struct sock_spec s = { .kind = (uint8_t)kind, .rx_stamps = true, .tx_stamps = true };

	CHECK(inet_addr_parse(addr, &s.local.addr) == 0);
	return s;
}

static void stop(struct loop_fd *lf, uint32_t events, mono_t now)
{
	(void)lf;
	(void)now;
	CHECK(events & EPOLLIN);
}

static struct loop *the_loop;

static void ring(struct tmr *t, mono_t now)
{
	(void)t;
	(void)now;
	loop_stop(the_loop);
}

/* One datagram to itself through loop, batch, stamps; the clock's grade; a failing connection. */
static void measure(void)
{
	struct dgram_batch *batch = dgram_batch_new(2048);
	struct clock *c = clock_system();
	struct tmr timer = { .fire = ring };
	struct sock_spec s;
	struct inet_endpoint own;
	struct tx_stamp sent;
	struct dgram *g;
	int error;

	confine();
	s = spec_at(SOCK_KIND_UDP, "127.0.0.1");
	int fd = sock_open_here(&s, NULL);

	CHECK(fd >= 0 && sock_local(fd, &own) == 0);
	the_loop = loop_new(c);
	CHECK(the_loop);
	struct loop_fd lf = { .fd = fd, .ready = stop };

	CHECK(dgram_send(fd, (const uint8_t *)"x", 1, &own, NULL, 184) == 0);
	CHECK(loop_add(the_loop, &lf, EPOLLIN) == 0);
	loop_arm(the_loop, &timer, mono_add_ns(loop_now(the_loop), NS_PER_MS));
	CHECK(loop_run(the_loop) == 0);
	CHECK(dgram_tx_stamps(fd, c, &sent, 1, &error) == 1);
	CHECK(dgram_receive(fd, batch, c, &g) == 1);
	CHECK(dgram_reply(fd, &g, 1) == 1);
	CHECK(sock_drops(fd) == 0);
	(void)c->grade(c);
	s = spec_at(SOCK_KIND_TCP_LISTEN, "::1");
	s.rx_stamps = s.tx_stamps = false;
	int listener = sock_open_here(&s, NULL);

	CHECK(listener >= 0 && sock_local(listener, &own) == 0);
	s.kind = SOCK_KIND_TCP_CONNECT;
	int client = sock_open_here(&s, NULL);

	CHECK(client >= 0 && tcp_connect_start(client, &own, 0) == 0);
	struct pollfd p = { .fd = client, .events = POLLOUT };
	int64_t rtt_ns;

	CHECK(poll(&p, 1, 1000) == 1 && tcp_connect_rtt(client, &rtt_ns) == 0);
	tcp_abort(client);
	CHECK(dprintf(2, "%s", "") == 0);
}

static void test_measuring_works(void **state)
{
	(void)state;
	run(measure);
}

static void *nothing(void *arg)
{
	return arg;
}

static void try_everything_else(void)
{
	char *const argv[] = { NULL };
	pthread_t thread;

	confine();
	REFUSED(prctl(PR_GET_SECCOMP)); /* as any other prctl */
	REFUSED(open("/etc/passwd", O_RDONLY));
	REFUSED(open("/tmp/candor-sandbox", O_WRONLY | O_CREAT, 0600));
	REFUSED(access("/", F_OK));
	REFUSED(unlink("/tmp/candor-sandbox"));
	REFUSED(execve("/bin/true", argv, argv));
	REFUSED(fork());
	CHECK(pthread_create(&thread, NULL, nothing, NULL) != 0);
	REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	REFUSED(kill(getppid(), 0));
	REFUSED(setuid(65534));
	REFUSED(unshare(CLONE_NEWNET));
	REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
	REFUSED(socket(AF_NETLINK, SOCK_RAW, 0));
	REFUSED(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	REFUSED(memfd_create("x", 0));
}

static void test_nothing_else_does(void **state)
{
	(void)state;
	run(try_everything_else);
}

/* --- control ------------------------------------------------------------------------------------- */

static char folder[64];

/* EACCES where the kernel has Landlock of this version; without it, nothing is claimed. */
static void check_landlock(bool failed, int version, int line, const char *what)
{
	check(landlock < version || (failed && errno == EACCES), line, what);
}

#define NO_ACCESS(call) check_landlock((intptr_t)(call) == -1, 1, __LINE__, #call)

static void confine_control(void)
{
	struct diag d = { 0 };
	int dir = state_dir_open(folder, (uid_t)-1, (gid_t)-1, &d);

	CHECK(dir == PROCESS_FD_FIRST || dup2(dir, PROCESS_FD_FIRST) >= 0);
	landlock = landlock_version();
	CHECK(landlock >= 0);
	if (sandbox_control(PROCESS_FD_FIRST, PROCESS_FD_FIRST, &d) < 0) {
		(void)dprintf(2, "%s\n", d.text);
		_exit(2);
	}
}

static int tcp_to(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static int bind_to(int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(5000) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	return bind(fd, (struct sockaddr *)&at, sizeof(at));
}

/* Its daily work: the state folder, name resolution's files, memory for the parent, sockets. */
static void work(void)
{
	const time_t noon = 1795262400;
	char *text;
	size_t len;
	struct tm tm;

	confine_control();
	CHECK(state_replace(PROCESS_FD_FIRST, "a", "old", 3) == 0);
	CHECK(state_replace(PROCESS_FD_FIRST, "a", "new", 3) == 0);
	CHECK(state_read(PROCESS_FD_FIRST, "a", 10, &text, &len) == 0 && strcmp(text, "new") == 0);
	CHECK(state_remove(PROCESS_FD_FIRST, "a") == 0);
	int dir = openat(PROCESS_FD_FIRST, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CHECK(dir >= 0);
	CHECK(open("/proc/net/udp", O_RDONLY) >= 0);
	CHECK(access("/etc/hosts", F_OK) == 0 || errno == ENOENT);
	CHECK(localtime_r(&noon, &tm));
	CHECK(memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING) >= 0);
	CHECK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0);
	CHECK(bind_to(SOCK_DGRAM) == 0);
	CHECK(tcp_to(53) < 0 && errno == ECONNREFUSED); /* long answers of a name server */
	CHECK(syscall(SYS_tgkill, getpid(), getpid(), 0) == 0);
}

static void try_everything_else_in_control(void)
{
	char *const argv[] = { NULL };

	confine_control();
	NO_ACCESS(open("/etc/group", O_RDONLY));
	NO_ACCESS(open("/etc/passwd", O_RDONLY));
	NO_ACCESS(open("/", O_RDONLY));
	NO_ACCESS(open("/proc/self/mem", O_RDWR));
	NO_ACCESS(open("/tmp/candor-sandbox", O_WRONLY | O_CREAT, 0600));
	NO_ACCESS(openat(PROCESS_FD_FIRST, "../candor-sandbox", O_WRONLY | O_CREAT, 0600));
	REFUSED(rmdir(folder));
	NO_ACCESS(mkdirat(AT_FDCWD, "/tmp/candor-sandbox", 0700));
	check_landlock(tcp_to(80) < 0, 4, __LINE__, "connect to port 80");
	check_landlock(bind_to(SOCK_STREAM) < 0, 4, __LINE__, "bind a TCP port");
	REFUSED(symlinkat("/etc", PROCESS_FD_FIRST, "link"));
	REFUSED(execve("/bin/true", argv, argv));
	REFUSED(fork());
	REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	REFUSED(kill(getppid(), 0));
	REFUSED(syscall(SYS_tgkill, getppid(), getppid(), 0));
	REFUSED(setuid(65534));
	REFUSED(unshare(CLONE_NEWNET));
	REFUSED(mount("none", folder, "tmpfs", 0, NULL));
	REFUSED(chroot(folder));
	REFUSED(socket(AF_NETLINK, SOCK_RAW, 0));
	REFUSED(socket(AF_PACKET, SOCK_RAW, 0));
	REFUSED(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	REFUSED(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	REFUSED(prctl(PR_SET_DUMPABLE, 1));
}

static void in_a_folder(void (*body)(void))
{
	(void)snprintf(folder, sizeof(folder), "/tmp/candor-sandbox-XXXXXX");
	assert_non_null(mkdtemp(folder));
	run(body);
	assert_int_equal(rmdir(folder), 0); /* and nothing is left there */
}

static void test_control_works(void **state)
{
	(void)state;
	in_a_folder(work);
}

static void test_control_does_nothing_else(void **state)
{
	(void)state;
	in_a_folder(try_everything_else_in_control);
}

/* Landlock alone, as a process that has yet to make threads. */
static void try_files(void)
{
	struct diag d = { 0 };
	int before = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	char byte;

	landlock = landlock_version();
	CHECK(sandbox_no_files(&d) == 0);
	CHECK(before >= 0 && read(before, &byte, 1) == 1);
	NO_ACCESS(open("/etc/passwd", O_RDONLY));
	NO_ACCESS(open("/", O_RDONLY | O_DIRECTORY));
	NO_ACCESS(open("/tmp/candor-sandbox", O_WRONLY | O_CREAT, 0600));
}

static void test_no_files(void **state)
{
	(void)state;
	run(try_files);
}

static void see_filter(void)
{
	/* Opened before, read after: the kernel's own word that a filter is loaded. */
	int fd = open("/proc/self/status", O_RDONLY);
	char text[8192];

	CHECK(fd >= 0);
	confine();
	ssize_t n = read(fd, text, sizeof(text) - 1);

	CHECK(n > 0);
	text[n] = '\0';
	CHECK(strstr(text, "Seccomp:\t2"));
	CHECK(strstr(text, "NoNewPrivs:\t1"));
}

static void test_the_filter_is_loaded(void **state)
{
	(void)state;
	run(see_filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measuring_works),
		cmocka_unit_test(test_nothing_else_does),
		cmocka_unit_test(test_control_works),
		cmocka_unit_test(test_control_does_nothing_else),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_the_filter_is_loaded),
	};

	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
