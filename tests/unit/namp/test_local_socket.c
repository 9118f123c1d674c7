/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket: a server in a child process, good and hostile clients in this one. */
#include "t.h"

#include "io/unix_socket.h"
#include "namp/local_client.h"
#include "namp/local_server.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define WAIT_MS     10000
#define CLIENTS_MAX 8

struct fixture {
	char dir[32], path[64];
	pid_t server;
};

static struct local_server *server;

/* "count": the server's counters; "big": an answer of 200 kB; "none": 404; else the path itself. */
static int handle(void *ctx, const struct object_request *request, struct arena *a,
                  struct doc **ret, struct diag *d)
{
	struct doc *doc = doc_new_map(a);

	(void)ctx;
	if (strcmp(request->path, "none") == 0)
		return diag_set(d, -ENOENT, "there is no object \"none\"");
	if (strcmp(request->path, "big") == 0) {
		char *text = arena_alloc(a, 200001);

		memset(text, 'x', 200000);
		doc_add_text(a, doc, "text", text);
	}
	const struct local_server_counters *c = local_server_counters(server);

	doc_add_text(a, doc, "verb", request->verb == OBJECT_LIST ? "list" : "get");
	doc_add_text(a, doc, "path", request->path);
	doc_add_int(a, doc, "after", (int64_t)object_body_after(request));
	doc_add_int(a, doc, "limit", object_body_limit(request));
	doc_add_int(a, doc, "oversize", (int64_t)c->closed_oversize);
	doc_add_int(a, doc, "refused", (int64_t)c->clients_refused);
	doc_add_int(a, doc, "idle", (int64_t)c->closed_idle);
	*ret = doc;
	return 0;
}

static void serve(int fd, uint32_t idle_timeout_s)
{
	struct event_base *base = event_base_new();
	struct local_server_cfg cfg = {
		.clients_max = CLIENTS_MAX,
		.idle_timeout_s = idle_timeout_s,
		.handle = handle,
	};

	server = base ? local_server_new(base, fd, &cfg) : NULL;
	_exit(server && event_base_dispatch(base) == 0 ? 0 : 1);
}

static int start(void **state, uint32_t idle_timeout_s)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct diag d = { 0 };

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/candor-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	int fd = unix_listen(f->path, 0660, &d);

	if (fd < 0)
		fail_msg("%s", d.text);
	f->server = fork();
	assert_true(f->server >= 0);
	if (f->server == 0)
		serve(fd, idle_timeout_s);
	(void)close(fd);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return start(state, 30);
}

static int setup_impatient(void **state)
{
	return start(state, 1);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int status;

	assert_int_equal(kill(f->server, SIGKILL), 0);
	assert_int_equal(waitpid(f->server, &status, 0), f->server);
	assert_int_equal(WTERMSIG(status), SIGKILL); /* it was still alive */
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static struct local_client *connect_to(const struct fixture *f)
{
	struct local_client *c = NULL;
	struct diag d = { 0 };

	if (local_client_open(f->path, WAIT_MS, &c, &d) < 0)
		fail_msg("%s", d.text);
	return c;
}

static int ask(struct local_client *c, const char *path, struct arena *a, struct doc **ret,
               struct diag *d)
{
	struct doc *body = doc_new_map(a);
	struct object_request request = { .verb = OBJECT_GET, .path = path, .body = body };

	doc_add_int(a, body, "after", 7);
	doc_add_int(a, body, "limit", 3);
	return local_client_request(c, &request, a, ret, d);
}

/* The counter ``key`` of the server, over a connection of its own. */
static int64_t counter(const struct fixture *f, const char *key)
{
	struct local_client *c = connect_to(f);
	struct arena a = { 0 };
	struct doc *d;
	struct diag why;

	assert_int_equal(ask(c, "count", &a, &d, &why), 0);
	int64_t value = doc_int(d, key, -1);

	arena_free(&a);
	local_client_close(c);
	return value;
}

/* Raw octets in, everything that comes back until the server closes (or ``enough`` octets). */
static size_t converse(const struct fixture *f, const char *send_text, size_t send_len, char *to,
                       size_t cap)
{
	struct diag d;
	int fd = unix_connect(f->path, &d);
	size_t sent = 0, got = 0;

	assert_true(fd >= 0);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (sent < send_len)
			p.events |= POLLOUT;
		assert_true(poll(&p, 1, WAIT_MS) > 0);
		if (p.revents & POLLOUT) {
			ssize_t n = send(fd, send_text + sent, send_len - sent, MSG_NOSIGNAL);

			sent = n < 0 ? send_len : sent + (size_t)n;
			if (sent == send_len)
				(void)shutdown(fd, SHUT_WR);
		}
		if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
			ssize_t n = recv(fd, to + got, cap - 1 - got, 0);

			if (n <= 0)
				break;
			got += (size_t)n;
		}
	}
	(void)close(fd);
	to[got] = '\0';
	return got;
}

static void test_get(void **state)
{
	struct local_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *d;
	struct diag why;

	assert_int_equal(ask(c, "sla/operation/10", &a, &d, &why), 0);
	assert_string_equal(doc_text(d, "path", ""), "sla/operation/10");
	assert_i64_equal(doc_int(d, "after", 0), 7);
	assert_i64_equal(doc_int(d, "limit", 0), 3);
	assert_int_equal(ask(c, "none", &a, &d, &why), -ENOENT);
	assert_string_equal(why.text, "there is no object \"none\"");
	assert_int_equal(ask(c, "big", &a, &d, &why), 0); /* the connection goes on */
	assert_int_equal(strlen(doc_text(d, "text", "")), 200000);
	arena_free(&a);
	local_client_close(c);
}

static void test_mode_and_second_server(void **state)
{
	const struct fixture *f = *state;
	struct stat st;
	struct diag d;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(unix_listen(f->path, 0660, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "in use"));
}

static void test_abandoned_socket_is_replaced(void **state)
{
	const struct fixture *f = *state;
	char path[80];
	struct diag d;

	(void)snprintf(path, sizeof(path), "%s/old", f->dir);
	int fd = unix_listen(path, 0600, &d);

	assert_true(fd >= 0);
	(void)close(fd);
	fd = unix_listen(path, 0600, &d);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	FILE *file = fopen(path, "w"); /* somebody's file is not ours to remove */

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(unix_listen(path, 0600, &d), -EADDRINUSE);
	assert_int_equal(unlink(path), 0);
}

static void test_errors_say_what_to_do(void **state)
{
	struct local_client *c = NULL;
	struct diag d;

	(void)state;
	assert_int_equal(local_client_open("/tmp/candor-no-such-socket", WAIT_MS, &c, &d), -ENOENT);
	assert_string_equal(d.text, "candord is not running, or --socket is wrong: nobody serves "
	                            "/tmp/candor-no-such-socket");
	assert_null(c);
}

static void test_bad_requests_are_answered(void **state)
{
	static const struct {
		const char *request, *code;
	} cases[] = {
		{ "\n", "\"code\": 400" },
		{ "{\n", "\"code\": 400" },
		{ "[]\n", "\"code\": 400" },
		{ "{\"verb\": \"get\"}\n", "\"code\": 400" },
		{ "{\"verb\": 1, \"path\": []}\n", "\"code\": 400" },
		{ "{\"verb\": \"get\", \"verb\": \"get\", \"path\": \"x\"}\n", "\"code\": 400" },
		{ "\xff\xfe\n", "\"code\": 400" },
		{ "{\"verb\": \"get\", \"path\": \"none\"}\n", "\"code\": 404" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char back[4096];

		(void)converse(*state, cases[i].request, strlen(cases[i].request), back,
		               sizeof(back));
		assert_non_null(strstr(back, cases[i].code));
		assert_int_equal(back[strlen(back) - 1], '\n');
	}
}

static void test_pipelined_requests(void **state)
{
	static char requests[64 * 40], back[64 * 200];
	size_t len = 0, lines = 0;

	for (unsigned i = 0; i < 50; i++)
		len += (size_t)snprintf(requests + len, sizeof(requests) - len,
		                        "{\"verb\": \"get\", \"path\": \"%u\"}\n", i);
	size_t got = converse(*state, requests, len, back, sizeof(back));

	for (const char *at = back; (at = memchr(at, '\n', (size_t)(back + got - at))); at++) {
		lines++;
	}
	assert_int_equal(lines, 50);
	assert_non_null(strstr(back, "\"path\": \"49\""));
}

/* More answers than may wait unread, to a client that has sent its end already: each is given. */
static void test_half_closed_client_gets_all(void **state)
{
	static char requests[8 * 40], back[2 << 20];
	size_t len = 0, lines = 0;

	for (unsigned i = 0; i < 8; i++)
		len += (size_t)snprintf(requests + len, sizeof(requests) - len,
		                        "{\"verb\": \"get\", \"path\": \"big\"}\n");
	size_t got = converse(*state, requests, len, back, sizeof(back));

	for (const char *at = back; (at = memchr(at, '\n', (size_t)(back + got - at))); at++)
		lines++;
	assert_int_equal(lines, 8);
}

static void test_oversize_request(void **state)
{
	static char flood[1 << 20];
	char back[4096];

	memset(flood, 'a', sizeof(flood));
	(void)converse(*state, flood, sizeof(flood), back, sizeof(back));
	/* The answer may be lost in the reset that unread octets cause; the count is not. */
	assert_i64_equal(counter(*state, "oversize"), 1);
}

/* Somebody asks for much and never reads: the server stops answering it, and serves others. */
static void test_slow_reader(void **state)
{
	const struct fixture *f = *state;
	struct diag d;
	int fd = unix_connect(f->path, &d);
	static const char request[] = "{\"verb\": \"get\", \"path\": \"big\"}\n";
	size_t accepted = 0;

	assert_true(fd >= 0);
	for (;;) { /* until the server has stopped reading for half a second */
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		if (poll(&p, 1, 500) == 0)
			break;
		ssize_t n = send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);

		assert_true(n > 0 || errno == EAGAIN);
		accepted += n > 0 ? (size_t)n : 0;
		assert_true(accepted < 8u << 20);
	}
	assert_true(counter(f, "idle") >= 0);
	(void)close(fd);
}

static void test_many_clients(void **state)
{
	const struct fixture *f = *state;
	struct local_client *all[CLIENTS_MAX + 1];
	struct arena a = { 0 };
	struct doc *d;
	struct diag why;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		all[i] = connect_to(f);
		assert_int_equal(ask(all[i], "x", &a, &d, &why), 0);
	}
	all[CLIENTS_MAX] = connect_to(f);
	int error = ask(all[CLIENTS_MAX], "x", &a, &d, &why);

	assert_true(error == -EBUSY || error == -EPIPE || error == -ECONNRESET);
	for (unsigned i = 0; i <= CLIENTS_MAX; i++)
		local_client_close(all[i]);
	/* Room again, as soon as the server has seen the others go. */
	for (int tries = 0; tries < 1000; tries++) {
		struct local_client *c = connect_to(f);

		error = ask(c, "count", &a, &d, &why);
		local_client_close(c);
		if (error == 0)
			break;
		(void)poll(NULL, 0, 10);
	}
	assert_int_equal(error, 0);
	assert_true(doc_int(d, "refused", 0) >= 1);
	arena_free(&a);
}

static void test_idle_client_is_closed(void **state)
{
	const struct fixture *f = *state;
	struct diag d;
	int fd = unix_connect(f->path, &d);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char octet;

	assert_true(fd >= 0);
	assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	assert_int_equal(recv(fd, &octet, 1, 0), 0);
	(void)close(fd);
	assert_i64_equal(counter(f, "idle"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_get, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mode_and_second_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abandoned_socket_is_replaced, setup, teardown),
		cmocka_unit_test(test_errors_say_what_to_do),
		cmocka_unit_test_setup_teardown(test_bad_requests_are_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pipelined_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_closed_client_gets_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oversize_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_reader, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_clients, setup, teardown),
		cmocka_unit_test_setup_teardown(test_idle_client_is_closed, setup_impatient,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
