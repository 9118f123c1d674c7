/* SPDX-License-Identifier: Apache-2.0 */
/* The system's clocks, and what is known of the wall clock's quality.
 *
 * The kernel is the witness: STA_UNSYNC and maxerror of adjtimex(2), which ntpd and chronyd keep up
 * to date and which the kernel itself lets grow by 500 ppm when they fall silent.  Which daemon
 * disciplines the clock is found by looking for it (clock_system_detect), outside the hot path.
 * Daemons that tell the kernel no error estimate (esterror 0: systemd-timesyncd and phc2sys write
 * zeroes) leave maxerror meaning only "time since the last correction": the bound then gets a
 * floor. */
#include "io/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define GRADE_CACHE_NS (200 * NS_PER_MS)

/* An NTP client over the Internet that says nothing of its error (timesyncd) is typically within
 * a few ms, and cannot see an asymmetric path: 10 ms. */
#define UNSTATED_FLOOR_NS (10 * NS_PER_MS)
/* PTP with software stamps at its worst; phc2sys itself keeps the system clock within a few us. */
#define PTP_FLOOR_NS (100 * NS_PER_US)

#define PAIR_TRIES   3
#define PAIR_GOOD_NS 500 /* a bracket this narrow is not worth another try */

struct clock_source_state {
	struct clock_policy policy;
	_Atomic uint8_t daemon; /* enum clock_source found by clock_system_detect() */
	_Atomic uint32_t generation;
};

static struct clock_source_state state;

static int64_t read_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(id, &ts); /* cannot fail for these clocks (vDSO) */
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static mono_t system_mono(struct clock *c)
{
	(void)c;
	return (mono_t) { read_ns(CLOCK_MONOTONIC) };
}

static boot_t system_boot(struct clock *c)
{
	(void)c;
	return (boot_t) { read_ns(CLOCK_BOOTTIME) };
}

static wall_t system_wall(struct clock *c)
{
	(void)c;
	return (wall_t) { read_ns(CLOCK_REALTIME) };
}

static wall_t system_pair(struct clock *c, mono_t *ret_mono)
{
	int64_t best_ns = INT64_MAX;
	wall_t wall = { 0 };

	(void)c;
	/* An interrupt between the readings widens the bracket: keep the narrowest. */
	for (unsigned i = 0; i < PAIR_TRIES && best_ns > PAIR_GOOD_NS; i++) {
		int64_t before = read_ns(CLOCK_MONOTONIC);
		int64_t at = read_ns(CLOCK_REALTIME);
		int64_t after = read_ns(CLOCK_MONOTONIC);

		if (after - before >= best_ns)
			continue;
		best_ns = after - before;
		wall.ns = at;
		ret_mono->ns = before + (after - before) / 2;
	}
	return wall;
}

struct clock_grade clock_grade_judge(const struct clock_policy *p, enum clock_source daemon,
                                     const struct clock_kernel_state *k)
{
	struct clock_grade g = { .source = CLOCK_SOURCE_NONE, .limit_ns = p->grade_limit_ns };

	if (p->trust_operator || p->source == CLOCK_SOURCE_OPERATOR) {
		g.source = CLOCK_SOURCE_OPERATOR;
		g.err_ns = p->operator_err_ns;
		return g;
	}
	if (!k->synchronised)
		return g;
	/* `clock source chrony` believes chronyd only; `kernel` whoever keeps the kernel happy. */
	if ((p->source == CLOCK_SOURCE_CHRONY || p->source == CLOCK_SOURCE_PTP) &&
	    daemon != p->source)
		return g;
	g.source = p->source == CLOCK_SOURCE_KERNEL || daemon == CLOCK_SOURCE_NONE
	                   ? CLOCK_SOURCE_KERNEL
	                   : (uint8_t)daemon;
	g.err_ns = k->max_err_ns;
	if (k->est_err_ns == 0) {
		int64_t floor_ns = daemon == CLOCK_SOURCE_PTP ? PTP_FLOOR_NS : UNSTATED_FLOOR_NS;

		if (g.err_ns < floor_ns)
			g.err_ns = floor_ns;
	}
	return g;
}

static struct clock_kernel_state kernel_state(void)
{
	struct timex tx = { .modes = 0 };
	int rc = adjtimex(&tx);

	/* TIME_ERROR also covers STA_CLOCKERR and PPS trouble. */
	return (struct clock_kernel_state) {
		.synchronised = rc >= 0 && rc != TIME_ERROR && !(tx.status & STA_UNSYNC),
		.max_err_ns = (int64_t)tx.maxerror * NS_PER_US,
		.est_err_ns = (int64_t)tx.esterror * NS_PER_US,
	};
}

static struct clock_grade system_grade(struct clock *c)
{
	static _Thread_local struct clock_grade cached;
	static _Thread_local int64_t cached_until_ns;
	static _Thread_local uint32_t cached_generation;
	int64_t now_ns = read_ns(CLOCK_MONOTONIC);
	uint32_t generation = atomic_load_explicit(&state.generation, memory_order_acquire);

	(void)c;
	if (now_ns < cached_until_ns && generation == cached_generation)
		return cached;
	struct clock_kernel_state k = kernel_state();

	cached = clock_grade_judge(&state.policy, atomic_load(&state.daemon), &k);
	cached_until_ns = now_ns + GRADE_CACHE_NS;
	cached_generation = generation;
	return cached;
}

static int64_t system_stamp_offset_ns(struct clock *c)
{
	(void)c;
	return 0;
}

struct clock *clock_system(void)
{
	static struct clock system = {
		.mono = system_mono,
		.boot = system_boot,
		.wall = system_wall,
		.pair = system_pair,
		.grade = system_grade,
		.stamp_offset_ns = system_stamp_offset_ns,
	};

	return &system;
}

void clock_system_set_policy(const struct clock_policy *policy)
{
	state.policy = *policy;
	atomic_fetch_add_explicit(&state.generation, 1, memory_order_release);
}

/* The name of a process, as /proc/PID/comm gives it (at most 15 octets); false when it is gone. */
static bool process_name(int proc_fd, const char *pid, char to[static 32])
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%.20s/comm", pid);
	CLEANUP(fd_closep) int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	ssize_t n = read(fd, to, 31);

	if (n <= 0)
		return false;
	to[n] = '\0';
	to[strcspn(to, "\n")] = '\0';
	return true;
}

/* Which clock daemon runs: chronyd before phc2sys, which may feed it. */
static enum clock_source running_daemon(void)
{
	enum clock_source found = CLOCK_SOURCE_NONE;
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	char name[32];

	if (!proc)
		return found;
	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !process_name(dirfd(proc), entry->d_name, name))
			continue;
		if (strcmp(name, "chronyd") == 0) {
			found = CLOCK_SOURCE_CHRONY;
			break;
		}
		if (strcmp(name, "phc2sys") == 0)
			found = CLOCK_SOURCE_PTP;
	}
	(void)closedir(proc);
	return found;
}

/* Is chronyd's command port (UDP 323 on the loopback address) open?  Lines of /proc/net/udp have
 * the local address in hexadecimal as the host stores it: 7F000001 or 0100007F. */
static bool chrony_listens(void)
{
	FILE *f = fopen("/proc/net/udp", "re");
	char line[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, ": 0100007F:0143 ") || strstr(line, ": 7F000001:0143 ");
	if (f)
		(void)fclose(f);
	return found;
}

enum clock_source clock_system_detect(void)
{
	/* Socket and port show chronyd also where processes of others are hidden (ProtectProc=). */
	enum clock_source found = access("/run/chrony/chronyd.sock", F_OK) == 0 || chrony_listens()
	                                  ? CLOCK_SOURCE_CHRONY
	                                  : running_daemon();

	clock_system_set_daemon(found);
	return found;
}

void clock_system_set_daemon(enum clock_source daemon)
{
	atomic_store(&state.daemon, (uint8_t)daemon);
	atomic_fetch_add_explicit(&state.generation, 1, memory_order_release);
}
