/* SPDX-License-Identifier: Apache-2.0 */
/* hostile: sends generated bad datagrams to a responder from many source addresses, and counts what comes
 * back.  Prints one JSON object.  For tests in namespaces of their own only. */
#include "hostile_gen.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOURCES_MAX 256
#define BATCH       32
#define SINGLES     256 /* sockets of single datagrams that are still listened to */
/* Their ports in turn: one is not used again so soon that a late answer to an earlier datagram could be
 * taken for one to a later. */
#define SINGLE_PORT_FIRST 20000
#define SINGLE_PORT_LAST  60000

struct source {
	struct inet_addr addr;
	int fd;
};

/* A datagram sent from a socket of its own, so that what comes back is known to answer it. */
struct single {
	struct source from;
	size_t len;
};

struct run {
	struct hostile_gen gen;
	struct source sources[SOURCES_MAX];
	unsigned source_count;
	uint64_t count, rate_per_s;
	bool is_single; /* every datagram from a socket of its own */
	struct single singles[SINGLES];
	uint16_t single_port; /* last one used */
	uint64_t sent, sent_bytes, valid, send_errors;
	uint64_t replies, reply_bytes, larger; /* larger: more octets back than sent (singles) */
};

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with a valid clock and pointer */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static socklen_t to_sockaddr(const struct inet_addr *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (a->family == INET_V4) {
		memcpy(&v4.sin_addr, a->bytes, 4);
		memcpy(ret, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, a->bytes, 16);
	memcpy(ret, &v6, sizeof(v6));
	return sizeof(v6);
}

/* A socket at s->addr; port 0: the kernel chooses. */
static int open_source(struct source *s, uint16_t port)
{
	struct sockaddr_storage at;
	int size = 4 << 20;
	socklen_t len;

	s->fd = socket(s->addr.family == INET_V4 ? AF_INET : AF_INET6,
	               SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	(void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)); /* best effort */
	len = to_sockaddr(&s->addr, port, &at);
	return bind(s->fd, (struct sockaddr *)&at, len) < 0 ? -errno : 0;
}

static int add_source(struct run *r, const char *text)
{
	struct source *s = &r->sources[r->source_count];

	if (r->source_count == SOURCES_MAX)
		return -E2BIG;
	if (inet_addr_parse(text, &s->addr) < 0)
		return -EINVAL;
	r->source_count++;
	return open_source(s, 0);
}

/* Count what has come back to one source; its octets. */
static size_t collect(struct run *r, struct source *s)
{
	uint8_t buf[65536];
	size_t octets = 0;
	ssize_t n;

	while ((n = recv(s->fd, buf, sizeof(buf), 0)) >= 0) {
		r->replies++;
		octets += (size_t)n;
	}
	r->reply_bytes += octets;
	return octets;
}

static void end_single(struct run *r, struct single *one)
{
	if (one->from.fd < 0)
		return;
	r->larger += collect(r, &one->from) > one->len;
	(void)close(one->from.fd);
	one->from.fd = -1;
}

static void send_one(struct run *r, struct source *s, size_t *ret_len)
{
	struct sockaddr_storage to;
	uint8_t buf[HOSTILE_MAX];
	uint16_t port;
	bool is_valid;
	size_t len = hostile_next(&r->gen, &s->addr, buf, &port, &is_valid);
	socklen_t to_len = to_sockaddr(&r->gen.target, port, &to);

	*ret_len = len;
	if (sendto(s->fd, buf, len, 0, (struct sockaddr *)&to, to_len) < 0) {
		r->send_errors++;
		return;
	}
	r->sent++;
	r->sent_bytes += len;
	r->valid += is_valid;
}

/* Open the next port of its address; one that is in use already is passed over. */
static int open_single(struct run *r, struct single *one)
{
	int rc;

	do {
		fd_closep(&one->from.fd);
		if (r->single_port < SINGLE_PORT_FIRST || r->single_port == SINGLE_PORT_LAST)
			r->single_port = SINGLE_PORT_FIRST;
		rc = open_source(&one->from, ++r->single_port);
	} while (rc == -EADDRINUSE);
	return rc;
}

static void send_single(struct run *r, struct single *one, const struct source *from)
{
	end_single(r, one);
	one->from.addr = from->addr;
	if (open_single(r, one) < 0)
		r->send_errors++;
	else
		send_one(r, &one->from, &one->len);
}

/* Wait until the ``i``-th datagram may go. */
static void keep_rate(const struct run *r, uint64_t i, int64_t start)
{
	int64_t due = start + (int64_t)((double)i * 1e9 / (double)r->rate_per_s);
	struct timespec at = { due / 1000000000, due % 1000000000 };

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* What is still on its way. */
static void finish(struct run *r)
{
	for (int64_t end = now_ns() + 300000000; now_ns() < end;) {
		struct timespec pause = { 0, 10000000 };

		for (unsigned i = 0; i < r->source_count; i++)
			(void)collect(r, &r->sources[i]);
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	for (unsigned i = 0; i < SINGLES; i++)
		end_single(r, &r->singles[i]);
}

static void run_all(struct run *r)
{
	int64_t start = now_ns();

	for (unsigned i = 0; i < SINGLES; i++)
		r->singles[i].from.fd = -1;
	for (uint64_t i = 0; i < r->count; i++) {
		struct source *s = &r->sources[i / BATCH % r->source_count];
		size_t len;

		if (r->is_single)
			send_single(r, &r->singles[i % SINGLES], s);
		else
			send_one(r, s, &len);
		if (i % BATCH != BATCH - 1)
			continue;
		(void)collect(r, s);
		if (r->rate_per_s)
			keep_rate(r, i + 1, start);
	}
	finish(r);
}

static int usage(void)
{
	fputs("usage: hostile --to ADDRESS --from ADDRESS [--from …] [--count N] [--seed N] "
	      "[--rate N]\n"
	      "               [--v1-port N] [--v2-port N] [--session-port N] [--single]\n",
	      stderr);
	return 3;
}

static int read_option(struct run *r, int c)
{
	uint64_t number = strtoull(optarg ? optarg : "0", NULL, 0);

	switch (c) {
	case 't':
		return inet_addr_parse(optarg, &r->gen.target);
	case 'f':
		return add_source(r, optarg);
	case 'n':
		r->count = number;
		return 0;
	case 's':
		r->gen.random = number ? number : 1;
		return 0;
	case 'r':
		r->rate_per_s = number;
		return 0;
	case '1':
		r->gen.v1_port = (uint16_t)number;
		return 0;
	case '2':
		r->gen.v2_port = (uint16_t)number;
		return 0;
	case 'p':
		r->gen.session_port = (uint16_t)number;
		return 0;
	case 'l':
		r->is_single = true;
		return 0;
	default:
		return -EINVAL;
	}
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "to", required_argument, NULL, 't' },
		{ "from", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "rate", required_argument, NULL, 'r' },
		{ "v1-port", required_argument, NULL, '1' },
		{ "v2-port", required_argument, NULL, '2' },
		{ "session-port", required_argument, NULL, 'p' },
		{ "single", no_argument, NULL, 'l' },
		{ 0 },
	};
	static struct run r = {
		.gen = { .random = 1, .v1_port = 1967, .v2_port = 1167, .session_port = 20000 },
		.count = 100000,
	};
	int c, rc;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		rc = read_option(&r, c);
		if (rc == -EINVAL)
			return usage();
		if (rc < 0) {
			fprintf(stderr, "hostile: %s: %s\n", optarg ? optarg : "", strerror(-rc));
			return 4;
		}
	}
	if (r.source_count == 0 || r.gen.target.family == INET_NONE)
		return usage();
	run_all(&r);
	printf("{\"sent\":%" PRIu64 ",\"sent_bytes\":%" PRIu64 ",\"valid\":%" PRIu64
	       ",\"send_errors\":%" PRIu64 ",\"replies\":%" PRIu64 ",\"reply_bytes\":%" PRIu64
	       ",\"larger\":%" PRIu64 "}\n",
	       r.sent, r.sent_bytes, r.valid, r.send_errors, r.replies, r.reply_bytes, r.larger);
	return 0;
}
