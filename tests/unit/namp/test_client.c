/* SPDX-License-Identifier: Apache-2.0 */
/* The NAMP client over the Unix socket, with a server in a child process. */
#include "stream_peer.h"

#include "namp/client.h"

#include <signal.h>
#include <sys/wait.h>

struct fixture {
	char dir[32], path[64];
	pid_t server;
};

/* What the server of the child does besides: "publish" sends that many events. */
static int handle(void *ctx, const struct object_request *q, struct arena *a, struct doc **ret,
                  struct diag *d)
{
	struct stage *st = ctx;

	if (strcmp(q->path, "silent") == 0)
		return -EINPROGRESS;
	if (strcmp(q->path, "publish") == 0) {
		for (int64_t i = 0; i < doc_int(q->body, "count", 0); i++) {
			struct doc *row = doc_new_map(a);

			doc_add_int(a, row, "row", i);
			namp_server_publish(st->server, "sla/statistics/1", (wall_t) { i }, row);
		}
	}
	return stage_handle(ctx, q, a, ret, d);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static struct stage st;
	int ready[2];
	char octet;

	assert_non_null(f);
	assert_int_equal(pipe(ready), 0);
	(void)fflush(NULL);
	f->server = fork();
	assert_true(f->server >= 0);
	if (f->server == 0) {
		stage_begin(&st, NULL);
		st.cfg.handle = handle;
		namp_server_free(st.server);
		st.server = namp_server_new(st.base, &st.cfg);
		(void)unlink(st.path);
		int fd = unix_listen(st.path, 0600, NULL);

		if (namp_server_listen_local(st.server, fd) < 0 ||
		    write(ready[1], st.dir, sizeof(st.dir)) != sizeof(st.dir))
			_exit(1);
		_exit(event_base_dispatch(st.base) == 0 ? 0 : 1);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], f->dir, sizeof(f->dir)), sizeof(f->dir));
	assert_int_equal(read(ready[0], &octet, 0), 0);
	(void)close(ready[0]);
	(void)snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int status;

	assert_int_equal(kill(f->server, SIGKILL), 0);
	assert_int_equal(waitpid(f->server, &status, 0), f->server);
	assert_true(WIFSIGNALED(status));
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static struct namp_client *connect_to(const struct fixture *f)
{
	struct namp_target target = { .socket_path = f->path };
	struct namp_client *c = NULL;
	struct diag d = { 0 };

	if (namp_client_open(&target, WAIT_MS, &c, &d) < 0)
		fail_msg("%s", d.text);
	return c;
}

static int ask(struct namp_client *c, enum object_verb verb, const char *path,
               const struct doc *body, struct arena *a, struct doc **ret, struct diag *d)
{
	struct object_request q = { .verb = verb, .path = path, .body = body };

	*ret = NULL;
	return namp_client_request(c, &q, a, ret, d);
}

static void test_requests(void **state)
{
	struct namp_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *doc;
	struct diag d = { 0 };

	assert_string_equal(doc_text(namp_client_hello(c), "name", ""), "node1");
	assert_string_equal(doc_text(namp_client_hello(c), "role", ""), "administrator");
	doc_add_int(&a, body, "after", 7);
	assert_int_equal(ask(c, OBJECT_LIST, "sla/operation", body, &a, &doc, &d), 0);
	assert_i64_equal(doc_int(doc, "verb", 0), OBJECT_LIST);
	assert_i64_equal(doc_int(doc_get(doc, "body"), "after", 0), 7);
	assert_int_equal(ask(c, OBJECT_GET, "none", NULL, &a, &doc, &d), -ENOENT);
	assert_string_equal(d.text, "there is no object \"none\"");
	assert_int_equal(ask(c, OBJECT_SET, "errors", NULL, &a, &doc, &d), -EILSEQ);
	assert_int_equal(d.line, 3);
	assert_int_equal(doc_get(doc, "errors")->count, 1);
	assert_int_equal(ask(c, OBJECT_GET, "big", NULL, &a, &doc, &d), 0);
	assert_int_equal(strlen(doc_text(doc, "text", "")), 200000);
	assert_int_equal(ask(c, OBJECT_GET, "huge", NULL, &a, &doc, &d), -EMSGSIZE);
	assert_true(namp_client_is_open(c));
	arena_free(&a);
	namp_client_close(c);
}

/* A node that was broken into does not command the terminal of who asks it. */
static void test_no_commands(void **state)
{
	struct namp_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *doc;
	struct diag d = { 0 };

	doc_add_text(&a, body, "text",
	             "one\n\033]0;mine\007 \xc2\x9b"
	             "2J");
	doc_add_text(&a, doc_add_map(&a, body, "\033[31mkey"), "inner", "\r\033c");
	assert_int_equal(ask(c, OBJECT_GET, "x", body, &a, &doc, &d), 0);
	const struct doc *back = doc_get(doc, "body");

	assert_string_equal(doc_text(back, "text", ""), "one\n?]0;mine? ??2J");
	assert_string_equal(doc_text(doc_get(back, "?[31mkey"), "inner", ""), "??c");
	arena_free(&a);
	namp_client_close(c);
}

static void test_events(void **state)
{
	struct namp_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *doc;
	struct namp_event event;
	struct diag d = { 0 };
	uint64_t id = 0;

	assert_int_equal(namp_client_watch(c, "none", false, &id, &d), -ENOENT);
	assert_int_equal(namp_client_watch(c, "sla", false, &id, &d), 0);
	assert_int_equal(namp_client_next_event(c, 0, &a, &event, &d), -EAGAIN);
	doc_add_int(&a, body, "count", 3);
	assert_int_equal(ask(c, OBJECT_RUN, "publish", body, &a, &doc, &d), 0);
	for (int64_t i = 0; i < 3; i++) {
		assert_int_equal(namp_client_next_event(c, WAIT_MS, &a, &event, &d), 0);
		assert_i64_equal((int64_t)event.watch, (int64_t)id);
		assert_int_equal(event.code, 200);
		assert_string_equal(event.path, "sla/statistics/1");
		assert_i64_equal(doc_int(doc_get(event.body, "object"), "row", -1), i);
	}
	assert_false(namp_client_has_event(c));
	arena_free(&a);
	namp_client_close(c);
}

/* Nobody takes them: the oldest go, and how many is said. */
static void test_events_are_bounded(void **state)
{
	struct namp_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *doc;
	struct namp_event event;
	struct diag d = { 0 };
	uint64_t id = 0;
	int64_t next = 0;

	assert_int_equal(namp_client_watch(c, "", false, &id, &d), 0);
	doc_add_int(&a, body, "count", 500);
	assert_int_equal(ask(c, OBJECT_RUN, "publish", body, &a, &doc, &d), 0);
	assert_int_equal(ask(c, OBJECT_GET, "x", NULL, &a, &doc, &d), 0);
	assert_true(namp_client_has_event(c));
	assert_int_equal(namp_client_next_event(c, 0, &a, &event, &d), 0);
	assert_int_equal(event.code, 206);
	next = doc_int(event.body, "missed", 0);
	assert_i64_equal(next, 500 - 256);
	assert_i64_equal(doc_int(event.body, "to_ns", 0), next - 1);
	for (; next < 500; next++) {
		assert_int_equal(namp_client_next_event(c, 0, &a, &event, &d), 0);
		assert_i64_equal(doc_int(event.body, "at_ns", -1), next);
	}
	assert_int_equal(namp_client_next_event(c, 0, &a, &event, &d), -EAGAIN);
	arena_free(&a);
	namp_client_close(c);
}

static void test_time_out(void **state)
{
	struct namp_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *doc;
	struct diag d = { 0 };

	namp_client_set_timeout(c, 50);
	assert_int_equal(ask(c, OBJECT_GET, "silent", NULL, &a, &doc, &d), -ETIMEDOUT);
	assert_string_equal(d.text, "candord does not answer: is it stopped or overloaded?");
	assert_false(namp_client_is_open(c));
	assert_int_equal(ask(c, OBJECT_GET, "x", NULL, &a, &doc, &d), -EPIPE);
	arena_free(&a);
	namp_client_close(c);
}

static void test_node_ends(void **state)
{
	struct namp_client *c = connect_to(*state);
	struct arena a = { 0 };
	struct doc *doc;
	struct diag d = { 0 };

	assert_int_equal(ask(c, OBJECT_DELETE, "own", NULL, &a, &doc, &d), 0);
	assert_int_equal(ask(c, OBJECT_GET, "x", NULL, &a, &doc, &d), -EACCES);
	assert_string_equal(d.text, "candord ended the session: an administrator has closed the "
	                            "session (403)");
	assert_false(namp_client_is_open(c));
	arena_free(&a);
	namp_client_close(c);
}

static void test_sentences(void **state)
{
	struct namp_target target = { .socket_path = "/tmp/candor-no-such-socket" };
	struct namp_client *c = NULL;
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(namp_client_open(&target, WAIT_MS, &c, &d), -ENOENT);
	assert_string_equal(d.text, "candord is not running, or --socket is wrong: nobody serves "
	                            "/tmp/candor-no-such-socket");
	assert_null(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_time_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_node_ends, setup, teardown),
		cmocka_unit_test(test_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
