/* SPDX-License-Identifier: Apache-2.0 */
/* Load for reflectors: keeps a window of datagrams in flight on each of a few flows and counts what
 * comes back.  With --control it asks an IP SLA responder for the port first, so that sessions are
 * part of the work.
 *
 * usage: load [--control PORT] [--jitter] [--flows N] [--window N] [--size N] ADDRESS PORT SECONDS
 * prints: sent received seconds */
#include "wire/ipsla_probe.h"
#include "wire/ipsla_v1.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FLOWS_MAX       16u
#define WINDOW_MAX      256u
#define SIZE_MAX_OCTETS 1500u
#define STALL_NS        (20 * NS_PER_MS) /* no answer for so long: the window was lost, send it again */

struct plan {
	struct sockaddr_in target;
	uint16_t control_port; /* 0: no control exchange */
	bool is_jitter;        /* probes of type 2 instead of type 1 */
	unsigned flows, window, size;
	int64_t duration_ns;
};

struct flow {
	int fd;
	unsigned in_flight;
	uint16_t sequence;
	int64_t last_answer_ns;
};

struct totals {
	uint64_t sent, received;
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

/* Ask for the port; three tries of a second each. */
static void open_session(int fd, const struct plan *p)
{
	struct ipsla_v1_request request = {
		.sequence = (uint8_t)fd,
		.command = p->is_jitter ? IPSLA_V1_UDP_JITTER : IPSLA_V1_UDP_ECHO,
		.port = ntohs(p->target.sin_port),
		.duration_ms = 65535,
		.has_auth = true,
	};
	struct sockaddr_in control = p->target;
	struct ipsla_v1_response response;
	uint8_t out[IPSLA_V1_REQUEST_MAX], in[IPSLA_V1_RESPONSE_MAX];

	request.target.family = INET_V4;
	memcpy(request.target.bytes, &p->target.sin_addr, 4);
	control.sin_port = htons(p->control_port);
	ssize_t len = ipsla_v1_request_encode(&request, out, sizeof(out));

	for (int tries = 0; tries < 3 && len > 0; tries++) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		if (sendto(fd, out, (size_t)len, 0, (struct sockaddr *)&control, sizeof(control)) <
		    0)
			die("control request");
		if (poll(&pfd, 1, 1000) != 1)
			continue;
		ssize_t n = recv(fd, in, sizeof(in), 0);

		if (n > 0 && ipsla_v1_response_decode(in, (size_t)n, &response) == 0 &&
		    response.sequence == request.sequence && response.status == 0)
			return;
	}
	(void)fputs("load: the responder opens no session\n", stderr);
	exit(2);
}

static void open_flow(struct flow *f, const struct plan *p)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int room = 4 << 20;

	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		die("socket");
	(void)setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)); /* best effort */
	if (p->control_port)
		open_session(f->fd, p);
	if (connect(f->fd, (const struct sockaddr *)&p->target, sizeof(p->target)) < 0)
		die("connect");
}

static void build_probe(uint8_t *buf, const struct plan *p, uint16_t sequence)
{
	struct ipsla_probe_ms probe = { .sequence = sequence };
	ssize_t n = p->is_jitter ? ipsla_probe_ms_encode(&probe, buf, p->size)
	                         : ipsla_probe_echo_encode(buf, p->size);

	if (n < 0) {
		(void)fputs("load: the size is too small for this probe\n", stderr);
		exit(3);
	}
}

static void fill_window(struct flow *f, const struct plan *p, struct totals *t)
{
	static uint8_t bufs[WINDOW_MAX][SIZE_MAX_OCTETS];
	static struct iovec iov[WINDOW_MAX];
	static struct mmsghdr msgs[WINDOW_MAX];
	unsigned n = p->window - f->in_flight;

	for (unsigned i = 0; i < n; i++) {
		build_probe(bufs[i], p, ++f->sequence);
		iov[i] = (struct iovec) { bufs[i], p->size };
		msgs[i].msg_hdr = (struct msghdr) { .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	int sent = n ? sendmmsg(f->fd, msgs, n, 0) : 0;

	if (sent > 0) {
		f->in_flight += (unsigned)sent;
		t->sent += (uint64_t)sent;
	}
}

static void drain(struct flow *f, struct totals *t, int64_t now)
{
	static uint8_t bufs[WINDOW_MAX][SIZE_MAX_OCTETS];
	static struct iovec iov[WINDOW_MAX];
	static struct mmsghdr msgs[WINDOW_MAX];

	for (unsigned i = 0; i < WINDOW_MAX; i++) {
		iov[i] = (struct iovec) { bufs[i], SIZE_MAX_OCTETS };
		msgs[i].msg_hdr = (struct msghdr) { .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	int n = recvmmsg(f->fd, msgs, WINDOW_MAX, MSG_DONTWAIT, NULL);

	if (n > 0) {
		t->received += (uint64_t)n;
		f->in_flight -= (unsigned)n < f->in_flight ? (unsigned)n : f->in_flight;
		f->last_answer_ns = now;
	} else if (f->in_flight && now - f->last_answer_ns > STALL_NS) {
		f->in_flight = 0;
		f->last_answer_ns = now;
	}
}

static void run(const struct plan *p)
{
	struct flow flows[FLOWS_MAX] = { 0 };
	struct pollfd pfds[FLOWS_MAX];
	struct totals t = { 0 };

	for (unsigned i = 0; i < p->flows; i++) {
		open_flow(&flows[i], p);
		pfds[i] = (struct pollfd) { .fd = flows[i].fd, .events = POLLIN };
	}
	int64_t begin = now_ns();
	int64_t now = begin;

	for (unsigned i = 0; i < p->flows; i++)
		flows[i].last_answer_ns = begin;
	while (now - begin < p->duration_ns) {
		for (unsigned i = 0; i < p->flows; i++)
			fill_window(&flows[i], p, &t);
		(void)poll(pfds, p->flows, 1); /* woken or not, every flow is drained */
		now = now_ns();
		for (unsigned i = 0; i < p->flows; i++)
			drain(&flows[i], &t, now);
	}
	(void)printf("%llu %llu %.6f\n", (unsigned long long)t.sent, (unsigned long long)t.received,
	             (double)(now - begin) / 1e9);
	for (unsigned i = 0; i < p->flows; i++)
		(void)close(flows[i].fd);
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

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "control", required_argument, NULL, 'c' },
		{ "jitter", no_argument, NULL, 'j' },
		{ "flows", required_argument, NULL, 'f' },
		{ "window", required_argument, NULL, 'w' },
		{ "size", required_argument, NULL, 's' },
		{ 0 },
	};
	struct plan p = { .flows = 4, .window = 32, .size = 64 };

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'c':
			p.control_port = (uint16_t)number(optarg, 1, 65535);
			break;
		case 'j':
			p.is_jitter = true;
			break;
		case 'f':
			p.flows = number(optarg, 1, FLOWS_MAX);
			break;
		case 'w':
			p.window = number(optarg, 1, WINDOW_MAX);
			break;
		case 's':
			p.size = number(optarg, 16, SIZE_MAX_OCTETS);
			break;
		default:
			return 3;
		}
	}
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
