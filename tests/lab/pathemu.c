/* SPDX-License-Identifier: Apache-2.0 */
/* pathemu: joins two network namespaces and forwards frames between an interface of each, with the
 * delay, jitter, loss, duplication, reordering, corruption and rate that it is told, and logs what
 * it really did.  Ends on SIGTERM, "quit", or when its standard input ends; SIGUSR1 writes out the
 * log. */
#include "pathemu_relay.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define LOG_BUFFER_BYTES (1 << 20)
#define FRAMES_PER_TURN  64
#define SPIN_MAX_US      1000
#define FIFO_PRIORITY    10

struct emulator {
	struct relay relay;
	int timer_fd, signal_fd;
	int64_t spin_ns;
	bool is_ending;
	char line[4096]; /* of standard input, so far */
	size_t line_len;
	char log_buffer[LOG_BUFFER_BYTES];
};

static mono_t now_mono(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with a valid clock and pointer */
	return (mono_t) { (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec };
}

static int64_t wall_less_mono_ns(void)
{
	struct timespec wall;
	mono_t before = now_mono(), after;

	(void)clock_gettime(CLOCK_REALTIME, &wall); /* cannot fail with a valid clock and pointer */
	after = now_mono();
	return (int64_t)wall.tv_sec * NS_PER_S + wall.tv_nsec - (before.ns + after.ns) / 2;
}

static void run_line(struct emulator *e, const char *line)
{
	struct diag d = { 0 };
	int rc = 0;

	if (strcmp(line, "quit") == 0) {
		e->is_ending = true;
	} else if (strcmp(line, "stats") == 0) {
		relay_write_counters(&e->relay, stdout);
		fflush(stdout);
		return;
	} else if (strcmp(line, "flush") != 0) {
		rc = path_settings_apply(&e->relay.settings, line, &d);
	}
	if (e->relay.log)
		fflush(e->relay.log);
	if (rc < 0)
		printf("error: %s\n", d.text);
	else
		puts("ok");
	fflush(stdout);
}

static void read_lines(struct emulator *e)
{
	ssize_t n = read(STDIN_FILENO, e->line + e->line_len, sizeof(e->line) - 1 - e->line_len);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		e->is_ending = true;
		return;
	}
	e->line_len += (size_t)n;
	e->line[e->line_len] = '\0';
	while ((end = strchr(e->line, '\n'))) {
		*end++ = '\0';
		run_line(e, e->line);
		e->line_len -= (size_t)(end - e->line);
		memmove(e->line, end, e->line_len + 1);
	}
	if (e->line_len == sizeof(e->line) - 1)
		e->line_len = 0; /* an endless line: forgotten */
}

static void read_signals(struct emulator *e)
{
	struct signalfd_siginfo info;

	while (read(e->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGUSR1)
			e->is_ending = true;
		else if (e->relay.log)
			fflush(e->relay.log);
	}
}

/* Sleep until the next frame is due, less the spin; or for ever. */
static void arm_timer(struct emulator *e)
{
	struct itimerspec at = { 0 };
	mono_t due;

	if (tmr_next(&e->relay.heap, &due)) {
		due.ns = due.ns > e->spin_ns ? due.ns - e->spin_ns : 1;
		at.it_value.tv_sec = due.ns / NS_PER_S;
		at.it_value.tv_nsec = due.ns % NS_PER_S;
	}
	(void)timerfd_settime(e->timer_fd, TFD_TIMER_ABSTIME, &at, NULL); /* valid arguments */
}

/* Wait busily when the next frame is due within the spin; then send what is due. */
static void run_due(struct emulator *e)
{
	mono_t now = now_mono(), due;

	if (tmr_next(&e->relay.heap, &due) && mono_diff_ns(due, now) <= e->spin_ns) {
		while (mono_diff_ns(due, now) > 0)
			now = now_mono();
	}
	relay_run(&e->relay, now);
}

static int loop(struct emulator *e)
{
	struct pollfd fds[] = {
		{ .fd = e->relay.port[0].rx_fd, .events = POLLIN },
		{ .fd = e->relay.port[1].rx_fd, .events = POLLIN },
		{ .fd = e->timer_fd, .events = POLLIN },
		{ .fd = e->signal_fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	while (!e->is_ending) {
		uint64_t expirations;
		int64_t offset_ns;

		arm_timer(e);
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[2].revents)
			(void)!read(e->timer_fd, &expirations, sizeof(expirations));
		offset_ns = wall_less_mono_ns();
		for (uint32_t d = 0; d < DIRECTIONS; d++) {
			int rc = fds[d].revents
			                 ? relay_take(&e->relay, d, offset_ns, FRAMES_PER_TURN)
			                 : 0;

			if (rc < 0)
				return rc;
		}
		run_due(e);
		if (fds[3].revents)
			read_signals(e);
		if (fds[4].revents)
			read_lines(e);
	}
	return 0;
}

static int open_events(struct emulator *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	e->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	e->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return e->signal_fd < 0 || e->timer_fd < 0 ? -errno : 0;
}

/* Better timing where it is allowed; the log tells the truth either way. */
static void be_prompt(void)
{
	struct sched_param p = { .sched_priority = FIFO_PRIORITY };

	(void)sched_setscheduler(0, SCHED_FIFO, &p);
	(void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

static int usage(void)
{
	fputs("usage: pathemu --a [NAMESPACE:]INTERFACE --b [NAMESPACE:]INTERFACE [--log FILE]\n"
	      "               [--seed N] [--spin-us N] [RULE]…\n"
	      "A RULE is one line such as 'ab delay 10ms'; more may follow on standard input:\n"
	      "  ab|ba|both delay|jitter|order|loss|dup|reorder|corrupt|rate|match|cut|mend|clear\n"
	      "  seed N, reset, flush, stats, quit\n",
	      stderr);
	return 3;
}

struct options {
	const char *spec[DIRECTIONS];
	const char *log;
	uint64_t seed;
};

static int read_options(int argc, char **argv, struct options *o, struct emulator *e)
{
	static const struct option known[] = {
		{ "a", required_argument, NULL, 'a' },
		{ "b", required_argument, NULL, 'b' },
		{ "log", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 's' },
		{ "spin-us", required_argument, NULL, 'u' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'a' || c == 'b')
			o->spec[c - 'a'] = optarg;
		else if (c == 'l')
			o->log = optarg;
		else if (c == 's')
			o->seed = strtoull(optarg, NULL, 0);
		else if (c == 'u')
			e->spin_ns = NS_PER_US * (int64_t)strtoul(optarg, NULL, 10);
		else
			return -EINVAL;
	}
	if (!o->spec[0] || !o->spec[1] || e->spin_ns > SPIN_MAX_US * NS_PER_US)
		return -EINVAL;
	return 0;
}

/* Everything that can fail before the first frame. */
static int start(struct emulator *e, const struct options *o, char **rules, struct diag *d)
{
	int rc;

	path_settings_init(&e->relay.settings, o->seed);
	for (; *rules; rules++) {
		rc = path_settings_apply(&e->relay.settings, *rules, d);
		if (rc < 0)
			return rc;
	}
	for (unsigned i = 0; i < DIRECTIONS; i++) {
		rc = port_open(o->spec[i], &e->relay.port[i], d);
		if (rc < 0)
			return rc;
	}
	if (o->log) {
		e->relay.log = fopen(o->log, "we");
		if (!e->relay.log)
			return diag_set(d, -errno, "cannot write '%s': %s", o->log,
			                strerror(errno));
		(void)setvbuf(e->relay.log, e->log_buffer, _IOFBF, sizeof(e->log_buffer));
	}
	rc = relay_init(&e->relay);
	if (rc == 0)
		rc = open_events(e);
	return rc < 0 ? diag_set(d, rc, "cannot start: %s", strerror(-rc)) : 0;
}

int main(int argc, char **argv)
{
	static struct emulator e = {
		.timer_fd = -1,
		.signal_fd = -1,
		.spin_ns = 80 * NS_PER_US,
		.relay.port = { { .rx_fd = -1, .tx_fd = -1 }, { .rx_fd = -1, .tx_fd = -1 } },
	};
	struct options o = { .seed = 1 };
	struct diag d = { 0 };
	int rc;

	if (read_options(argc, argv, &o, &e) < 0)
		return usage();
	rc = start(&e, &o, argv + optind, &d);
	if (rc == 0) {
		be_prompt();
		puts("ready");
		fflush(stdout);
		rc = loop(&e);
		if (rc < 0)
			(void)diag_set(&d, rc, "stopped: %s", strerror(-rc));
	}
	relay_fini(&e.relay);
	for (unsigned i = 0; i < DIRECTIONS; i++)
		port_close(&e.relay.port[i]);
	if (e.relay.log && fclose(e.relay.log) != 0 && rc == 0)
		rc = diag_set(&d, -errno, "cannot finish the log: %s", strerror(errno));
	if (rc < 0)
		fprintf(stderr, "pathemu: %s\n", d.text);
	return rc < 0 ? 4 : 0;
}
