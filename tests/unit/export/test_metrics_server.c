/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics page over loopback: requests good and bad, pages in pieces, limits. */
#include "export/metrics_server.h"
#include "namp/server.h"
#include "t.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#define PIECES   40u
#define TURNS    20000 /* of the loop, a millisecond each at most, until an answer must be there */
#define PAGE_MAX (8u << 20)

struct fixture {
	struct event_base *base;
	struct metrics_server *server;
	struct sockaddr_in addr;
	bool refuses;
	uint64_t pieces;
	char *got;
	size_t len;
};

static bool write_section(void *ctx, uint64_t *at, struct metric_text *t)
{
	static const struct metric_family f = { "x", METRIC_GAUGE, "y" };

	for (unsigned i = 0; i < 10000; i++)
		metric_add(t, &f, &(struct metric_sample) { .number = (int64_t)*at });
	return ++*at < ((const struct fixture *)ctx)->pieces;
}

static bool permits(void *ctx, const struct inet_addr *from)
{
	const struct fixture *f = ctx;

	assert_int_equal(from->family, INET_V4);
	return !f->refuses;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct metric_section section = { write_section, f };
	const struct metrics_server_cfg cfg = {
		.sections = &section, .section_count = 1, .permits = permits, .ctx = f
	};
	socklen_t len = sizeof(f->addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_non_null(f);
	f->pieces = PIECES;
	f->got = malloc(PAGE_MAX);
	assert_non_null(f->got);
	f->base = namp_server_base_new();
	assert_non_null(f->base);
	f->server = metrics_server_new(f->base, &cfg);
	f->addr.sin_family = AF_INET;
	f->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&f->addr, sizeof(f->addr)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&f->addr, &len), 0);
	assert_int_equal(metrics_server_listen(f->server, fd), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	metrics_server_free(f->server);
	event_base_free(f->base);
	free(f->got);
	free(f);
	return 0;
}

static void turn(struct fixture *f)
{
	assert_true(event_base_loop(f->base, EVLOOP_NONBLOCK) >= 0);
}

static int dial(struct fixture *f)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&f->addr, sizeof(f->addr)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Read until ``end`` stands at the end of what came, or the connection ends (``end`` NULL).  False: neither
 * did in time. */
static bool hear(struct fixture *f, int fd, const char *end)
{
	size_t end_len = end ? strlen(end) : 0;

	f->len = 0;
	for (unsigned i = 0; i < TURNS; i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		turn(f);
		if (poll(&p, 1, 1) <= 0)
			continue;
		ssize_t n = recv(fd, f->got + f->len, PAGE_MAX - 1 - f->len, MSG_DONTWAIT);

		if (n <= 0)
			return !end && (n == 0 || errno == ECONNRESET);
		f->len += (size_t)n;
		f->got[f->len] = '\0';
		if (end && f->len >= end_len &&
		    memcmp(f->got + f->len - end_len, end, end_len) == 0)
			return true;
	}
	return false;
}

static void assert_begins(const struct fixture *f, const char *want)
{
	if (strncmp(f->got, want, strlen(want)) != 0)
		fail_msg("got '%.80s', want '%s'", f->got, want);
}

/* The octets of a chunked body, put together in place; their number. */
static size_t join_chunks(char *body)
{
	char *to = body, *from = body;

	for (;;) {
		size_t len = strtoul(from, &from, 16);

		assert_memory_equal(from, "\r\n", 2);
		from += 2;
		if (len == 0)
			break;
		memmove(to, from, len);
		to += len;
		from += len;
		assert_memory_equal(from, "\r\n", 2);
		from += 2;
	}
	return (size_t)(to - body);
}

/* All pieces, in order, and the connection serves again. */
static void test_pages(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	for (unsigned round = 0; round < 2; round++) {
		say(fd, "GET /metrics?x=y HTTP/1.1\r\nHost: a\r\n\r\n");
		assert_true(hear(f, fd, "\r\n0\r\n\r\n"));
		assert_begins(f, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4;");
		char *body = strstr(f->got, "\r\n\r\n") + 4;
		size_t len = join_chunks(body), want = 0;

		for (unsigned i = 0; i < PIECES; i++)
			want += 10000 * (i < 10 ? 4u : 5u); /* "x 7\n" */
		assert_int_equal(len, want);
		assert_memory_equal(body + len - 5, "x 39\n", 5);
	}
	say(fd, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(hear(f, fd, "see /metrics\n"));
	assert_non_null(strstr(f->got, "chunked\r\nConnection: keep-alive\r\n\r\nHTTP/1.1 200"));
	assert_int_equal(metrics_server_counters(f->server)->pages, 2);
	assert_int_equal(metrics_server_connections(f->server), 1);
	assert_int_equal(close(fd), 0);
	while (metrics_server_connections(f->server) > 0)
		turn(f);
	assert_int_equal(metrics_server_counters(f->server)->aborted, 0);
}

static void test_old_client(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	say(fd, "GET /metrics HTTP/1.0\r\n\r\n");
	assert_true(hear(f, fd, NULL));
	assert_non_null(strstr(f->got, "Connection: close\r\n\r\nx 0\n"));
	assert_memory_equal(f->got + f->len - 5, "x 39\n", 5);
	assert_int_equal(close(fd), 0);
}

static void test_bad_requests(void **state)
{
	static const char *const rows[][2] = {
		{ "GET /other HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 " },
		{ "POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 " },
		{ "GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
		  "HTTP/1.1 413 " },
		{ "\x16\x03\x01\r\n\r\n", "HTTP/1.1 400 " },
		{ "GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 " },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = dial(f);

		say(fd, rows[i][0]);
		assert_true(hear(f, fd, NULL));
		assert_begins(f, rows[i][1]);
		assert_int_equal(metrics_server_counters(f->server)->bad_requests, i + 1);
		assert_int_equal(close(fd), 0);
	}
	/* A head without an end. */
	int fd = dial(f);
	char *long_head = malloc(METRICS_HEAD_MAX + 1);

	assert_non_null(long_head);
	memset(long_head, 'a', METRICS_HEAD_MAX);
	memcpy(long_head, "GET /metrics HTTP/1.1\r\nx: ", 26);
	long_head[METRICS_HEAD_MAX] = '\0';
	say(fd, long_head);
	free(long_head);
	assert_true(hear(f, fd, NULL));
	assert_begins(f, "HTTP/1.1 431 ");
	assert_int_equal(close(fd), 0);
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	int fds[METRICS_CONNECTIONS_MAX + 3];
	const struct metrics_server_counters *counters = metrics_server_counters(f->server);

	for (unsigned i = 0; i < METRICS_CONNECTIONS_MAX + 3; i++)
		fds[i] = dial(f);
	for (unsigned i = 0; i < TURNS && counters->refused_full < 3; i++)
		turn(f);
	assert_int_equal(counters->refused_full, 3);
	assert_int_equal(metrics_server_connections(f->server), METRICS_CONNECTIONS_MAX);
	f->refuses = true;
	metrics_server_recheck(f->server);
	assert_int_equal(metrics_server_connections(f->server), 0);
	for (unsigned i = 0; i < METRICS_CONNECTIONS_MAX + 3; i++)
		assert_int_equal(close(fds[i]), 0);
	fds[0] = dial(f);
	assert_true(hear(f, fds[0], NULL));
	assert_int_equal(f->len, 0);
	assert_int_equal(counters->refused_address, 1);
	assert_int_equal(close(fds[0]), 0);
}

/* A client that goes away amid a page. */
static void test_gone(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	f->pieces = 2000; /* more than the kernel keeps */
	say(fd, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
	while (metrics_server_counters(f->server)->pages == 0)
		turn(f);
	assert_int_equal(close(fd), 0);
	for (unsigned i = 0; i < TURNS && metrics_server_connections(f->server) > 0; i++)
		turn(f);
	assert_int_equal(metrics_server_connections(f->server), 0);
	assert_int_equal(metrics_server_counters(f->server)->aborted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_client, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
	};

	(void)sigaction(SIGPIPE, &(struct sigaction) { .sa_handler = SIG_IGN }, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
