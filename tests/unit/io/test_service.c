/* SPDX-License-Identifier: Apache-2.0 */
/* What a daemon shares with its host: signals, the notify socket, real-time priority. */
#include "io/notify.h"
#include "io/rt_sched.h"
#include "io/signals.h"

#include "io/clock.h"
#include "t.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

static int caught[8], caught_count;

static void on_signal(struct signals *s, int signo, mono_t now)
{
	assert_true(now.ns > 0);
	caught[caught_count++] = signo;
	if (signo == SIGTERM) {
		loop_stop(s->loop);
		signals_fini(s);
	}
}

static void test_signals_are_events(void **state)
{
	static const int signos[] = { SIGHUP, SIGTERM, 0 };
	struct loop *loop = loop_new(clock_system());
	struct signals s;

	(void)state;
	assert_int_equal(signals_init(&s, loop, signos, on_signal), 0);
	assert_int_equal(raise(SIGHUP), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(caught_count, 2);
	assert_int_equal(caught[0], SIGHUP); /* the lower number first */
	assert_int_equal(caught[1], SIGTERM);
	assert_int_equal(s.lf.fd, -1);
	signals_fini(&s); /* twice does no harm */
	loop_free(loop);
}

static int listen_at(const char *name, socklen_t len)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, name, len);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa,
	                      (socklen_t)offsetof(struct sockaddr_un, sun_path) + len),
	                 0);
	return fd;
}

static void test_notify(void **state)
{
	char name[64], heard[128];
	ssize_t n;

	(void)state;
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_int_equal(notify_ready(), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	assert_int_equal(notify_ready(), -EINVAL);
	(void)snprintf(name, sizeof(name), "@candor-test-%d", getpid());
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	assert_int_equal(notify_ready(), -ECONNREFUSED); /* nobody listens */
	size_t len = strlen(name);

	name[0] = '\0';
	int fd = listen_at(name, (socklen_t)len);

	assert_int_equal(notify_ready(), 1);
	n = recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT);
	assert_int_equal(n, 7);
	assert_memory_equal(heard, "READY=1", 7);
	assert_int_equal(notify_reloading(), 1);
	n = recv(fd, heard, sizeof(heard) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	heard[n] = '\0';
	assert_memory_equal(heard, "RELOADING=1\nMONOTONIC_USEC=", 27);
	assert_true(strtoll(heard + 27, NULL, 10) > 0);
	(void)close(fd);
}

static void test_real_time_priority(void **state)
{
	const struct sched_param plain = { 0 };
	struct sched_param got;
	struct diag d = { 0 };

	(void)state;
	int rc = rt_sched_set(0, &d);

	if (rc < 0) {
		assert_int_equal(rc, -EPERM);
		assert_non_null(strstr(d.text, "CAP_SYS_NICE"));
		return;
	}
	assert_int_equal(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	assert_int_equal(sched_getparam(0, &got), 0);
	assert_int_equal(got.sched_priority, RT_SCHED_PRIORITY);
	assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &plain), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals_are_events),
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_real_time_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
