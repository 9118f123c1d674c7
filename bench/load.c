/* SPDX-License-Identifier: Apache-2.0 */
/* Load for reflectors: sends datagrams on many flows, each from a loopback address of its own, and
 * counts what comes back.  Either a few flows at a time keep a window of datagrams in flight, as fast
 * as the reflector answers, or (--rate) single datagrams go out at fixed times.
 *
 * usage: load [options] ADDRESS PORT SECONDS
 *   --probe KIND   plain (default), echo, jitter, jitter3 or v2; all but plain open a session a flow
 *   --flows N      flows in all (4)
 *   --budget N     datagrams of one flow, after which the next takes its place (no end)
 *   --window N     datagrams in flight on each of the active flows (32)
 *   --rate N       datagrams a second, in turn over the flows, instead of windows
 *   --size N       octets (64)
 *
 * Says "open" when its sessions are, waits for a line on stdin, and in the end prints
 * "sent received seconds". */
#include "base/clocktypes.h"
#include "load_session.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOWS_MAX  1000u
#define ACTIVE     4u
#define WINDOW_MAX 256u
#define OCTETS_MAX 1500u
#define STALL_NS   (20 * NS_PER_MS) /* no answer for so long: the window was lost, send it again */

struct plan {
	struct sockaddr_in target;
	enum load_probe probe;
	unsigned flows, window, budget, octets, rate_per_s;
	int64_t duration_ns;
};

struct flow {
	int fd;
	unsigned in_flight;
	unsigned left; /* of the budget */
	uint16_t sequence;
	int64_t last_answer_ns;
};

struct load {
	const struct plan *plan;
	struct flow flows[FLOWS_MAX];
	uint64_t sent, received;
	/* one batch */
	uint8_t octets[WINDOW_MAX][OCTETS_MAX];
	struct iovec data[WINDOW_MAX];
	struct mmsghdr messages[WINDOW_MAX];
};

static int64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail for this clock */
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(4);
}

/* An address of its own for each: 127.1.0.1 and so on. */
static void open_flow(struct flow *f, const struct plan *p, unsigned index)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(UINT32_C(0x7F010001) + index),
	};
	int room = 4 << 20;

	f->left = p->budget;
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		die("socket");
	(void)setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)); /* best effort */
	if (p->probe != LOAD_PLAIN && !load_session_open(f->fd, p->probe, &p->target)) {
		(void)fputs("load: the responder opens no session\n", stderr);
		exit(2);
	}
	if (connect(f->fd, (const struct sockaddr *)&p->target, sizeof(p->target)) < 0)
		die("connect");
}

static void send_some(struct load *l, struct flow *f, unsigned n)
{
	const struct plan *p = l->plan;

	for (unsigned i = 0; i < n; i++) {
		if (load_probe_encode(p->probe, ++f->sequence, l->octets[i], p->octets) < 0) {
			(void)fputs("load: the size is too small for this probe\n", stderr);
			exit(3);
		}
		l->data[i] = (struct iovec) { l->octets[i], p->octets };
		l->messages[i].msg_hdr =
		        (struct msghdr) { .msg_iov = &l->data[i], .msg_iovlen = 1 };
	}
	int sent = n ? sendmmsg(f->fd, l->messages, n, 0) : 0;

	if (sent > 0) {
		f->in_flight += (unsigned)sent;
		f->left -= (unsigned)sent;
		l->sent += (uint64_t)sent;
	}
}

static void fill_window(struct load *l, struct flow *f)
{
	unsigned room = l->plan->window - f->in_flight;

	send_some(l, f, room < f->left ? room : f->left);
}

static void drain(struct load *l, struct flow *f, int64_t now)
{
	for (unsigned i = 0; i < WINDOW_MAX; i++) {
		l->data[i] = (struct iovec) { l->octets[i], OCTETS_MAX };
		l->messages[i].msg_hdr =
		        (struct msghdr) { .msg_iov = &l->data[i], .msg_iovlen = 1 };
	}
	int n = recvmmsg(f->fd, l->messages, WINDOW_MAX, MSG_DONTWAIT, NULL);

	if (n > 0) {
		l->received += (uint64_t)n;
		f->in_flight -= (unsigned)n < f->in_flight ? (unsigned)n : f->in_flight;
		f->last_answer_ns = now;
	} else if (f->in_flight && now - f->last_answer_ns > STALL_NS) {
		f->in_flight = 0;
		f->last_answer_ns = now;
	}
}

/* As fast as answers come, until time is over or every flow has had its budget. */
static void run_windows(struct load *l, int64_t end)
{
	const struct plan *p = l->plan;
	struct flow *active[ACTIVE];
	struct pollfd pfds[ACTIVE];
	unsigned count = p->flows < ACTIVE ? p->flows : ACTIVE;
	unsigned next = count;
	int64_t now = now_ns();

	for (unsigned i = 0; i < count; i++) {
		active[i] = &l->flows[i];
		active[i]->last_answer_ns = now;
	}
	while (now < end && count > 0) {
		for (unsigned i = 0; i < count; i++) {
			fill_window(l, active[i]);
			pfds[i] = (struct pollfd) { .fd = active[i]->fd, .events = POLLIN };
		}
		(void)poll(pfds, count, 1); /* woken or not, every flow is drained */
		now = now_ns();
		for (unsigned i = 0; i < count;) {
			drain(l, active[i], now);
			if (active[i]->left > 0 || active[i]->in_flight > 0) {
				i++;
			} else if (next < p->flows) {
				active[i] = &l->flows[next++];
				active[i]->last_answer_ns = now;
			} else {
				active[i] = active[--count];
			}
		}
	}
}

/* At fixed times, one by one: each finds the reflector asleep. */
static void run_paced(struct load *l, int64_t end)
{
	const struct plan *p = l->plan;
	int64_t due = now_ns();

	(void)prctl(PR_SET_TIMERSLACK, 1UL); /* best effort: the rate is met on average anyway */
	for (unsigned at = 0; due < end; at = (at + 1) % p->flows) {
		struct timespec ts = { due / NS_PER_S, due % NS_PER_S };

		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		drain(l, &l->flows[at], due);
		send_some(l, &l->flows[at], 1);
		due += NS_PER_S / p->rate_per_s;
	}
	(void)poll(NULL, 0, 10); /* the last answers */
	for (unsigned i = 0; i < p->flows; i++)
		drain(l, &l->flows[i], due);
}

static void run(const struct plan *p)
{
	static struct load l; /* large, and there is one */

	l.plan = p;
	for (unsigned i = 0; i < p->flows; i++)
		open_flow(&l.flows[i], p, i);
	(void)puts("open");
	(void)fflush(stdout);
	(void)getchar();
	int64_t begin = now_ns();

	if (p->rate_per_s)
		run_paced(&l, begin + p->duration_ns);
	else
		run_windows(&l, begin + p->duration_ns);
	(void)printf("%llu %llu %.6f\n", (unsigned long long)l.sent, (unsigned long long)l.received,
	             (double)(now_ns() - begin) / 1e9);
	for (unsigned i = 0; i < p->flows; i++)
		(void)close(l.flows[i].fd);
}

static unsigned number(const char *text, unsigned min, unsigned max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*end || v < min || v > max) {
		(void)fprintf(stderr, "load: '%s' is not a number from %u to %u\n", text, min, max);
		exit(3);
	}
	return (unsigned)v;
}

static void read_option(struct plan *p, int option)
{
	switch (option) {
	case 'p':
		p->probe = load_probe_named(optarg);
		if (p->probe != LOAD_PROBES)
			return;
		(void)fprintf(stderr, "load: there is no probe '%s'\n", optarg);
		exit(3);
	case 'f':
		p->flows = number(optarg, 1, FLOWS_MAX);
		return;
	case 'b':
		p->budget = number(optarg, 1, UINT32_MAX);
		return;
	case 'w':
		p->window = number(optarg, 1, WINDOW_MAX);
		return;
	case 'r':
		p->rate_per_s = number(optarg, 1, 1000000);
		return;
	case 's':
		p->octets = number(optarg, 16, OCTETS_MAX);
		return;
	default:
		exit(3);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "probe", required_argument, NULL, 'p' },
		{ "flows", required_argument, NULL, 'f' },
		{ "budget", required_argument, NULL, 'b' },
		{ "window", required_argument, NULL, 'w' },
		{ "rate", required_argument, NULL, 'r' },
		{ "size", required_argument, NULL, 's' },
		{ 0 },
	};
	static struct plan p = { .flows = 4, .window = 32, .budget = UINT32_MAX, .octets = 64 };

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
		read_option(&p, c);
	if (argc - optind != 3 || inet_pton(AF_INET, argv[optind], &p.target.sin_addr) != 1) {
		(void)fputs("usage: load [options] ADDRESS PORT SECONDS\n", stderr);
		return 3;
	}
	p.target.sin_family = AF_INET;
	p.target.sin_port = htons((uint16_t)number(argv[optind + 1], 1, 65535));
	p.duration_ns = number(argv[optind + 2], 1, 60) * NS_PER_S;
	run(&p);
	return 0;
}
