/* SPDX-License-Identifier: Apache-2.0 */
/* A NAMP server in this process, and peers made of nothing but frames, so that a test says each octet
 * that is sent and sees each message that comes back. */
#ifndef CANDOR_TESTS_STREAM_PEER_H
#define CANDOR_TESTS_STREAM_PEER_H

#include "t.h"

#include "io/clock.h"
#include "io/stream.h"
#include "io/unix_socket.h"
#include "namp/codes.h"
#include "namp/frame.h"
#include "namp/server.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <sys/socket.h>

#define WAIT_MS 10000

/* What the test's application does; each is called by the server. */
struct stage {
	struct event_base *base;
	struct namp_server *server;
	struct namp_server_cfg cfg;
	char dir[32], path[64];
	enum admin_role role;   /* of everybody … */
	const char *other_name; /* … but this one, */
	enum admin_role other_role;
	uint64_t ticket; /* of "later" */
	bool closes_own;
	unsigned began, ended, last_end_code;
	int initial; /* events when a watch begins */
};

struct peer {
	struct stream stream;
	struct frame_buffer in;
	struct arena memory;
	bool has_ended;
	/* the message received last */
	struct namp_message m;
	struct doc *body;
	char subject[NAMP_SUBJECT_MAX + 1];
};

static inline int64_t t_now_ms(void)
{
	return clock_system()->mono(clock_system()).ns / NS_PER_MS;
}

static inline void stage_pump(struct stage *st)
{
	(void)event_base_loop(st->base, EVLOOP_NONBLOCK);
}

/* Let the server run until ``condition``; fails the test after WAIT_MS. */
#define PUMP_UNTIL(st, condition)                                             \
	do {                                                                  \
		int64_t end_ms_ = t_now_ms() + WAIT_MS;                       \
		while (!(condition)) {                                        \
			if (t_now_ms() > end_ms_) {                           \
				print_error("not reached: %s\n", #condition); \
				_fail(__FILE__, __LINE__);                    \
			}                                                     \
			stage_pump(st);                                       \
			(void)poll(NULL, 0, 1);                               \
		}                                                             \
	} while (0)

static inline enum admin_role stage_role(void *ctx, const char *name, bool is_local, uint32_t uid)
{
	const struct stage *st = ctx;

	(void)is_local, (void)uid;
	return st->other_name && strcmp(st->other_name, name) == 0 ? st->other_role : st->role;
}

/* "none": 404; "big": 200,000 octets; "huge": more than a message; "later": by ticket; "own": closes the
 * session that asks; "errors": 422 with a document; else path and body come back. */
static inline int stage_handle(void *ctx, const struct object_request *q, struct arena *a,
                               struct doc **ret, struct diag *d)
{
	struct stage *st = ctx;
	struct doc *doc = doc_new_map(a);
	size_t len = strcmp(q->path, "big") == 0    ? 200000
	             : strcmp(q->path, "huge") == 0 ? NAMP_MESSAGE_MAX
	                                            : 0;

	*ret = doc;
	if (strcmp(q->path, "none") == 0)
		return diag_set(d, -ENOENT, "there is no object \"none\"");
	if (strcmp(q->path, "later") == 0) {
		st->ticket = q->ticket;
		return -EINPROGRESS;
	}
	if (strcmp(q->path, "at-once") == 0) {
		assert_true(namp_server_finish(st->server, q->ticket, 0, doc, NULL));
		return -EINPROGRESS;
	}
	if (strcmp(q->path, "own") == 0)
		assert_int_equal(namp_server_close_session(st->server, q->caller.session), 0);
	if (strcmp(q->path, "errors") == 0) {
		struct doc *list = doc_add_list(a, doc, "errors");

		doc_add_int(a, doc_add_map(a, list, NULL), "line", 3);
		d->line = 3;
		return diag_set(d, -EILSEQ, "it does not hold together");
	}
	if (len > 0) {
		char *text = arena_alloc(a, len + 1);

		memset(text, 'x', len);
		doc_add_text(a, doc, "text", text);
	}
	doc_add_int(a, doc, "verb", q->verb);
	doc_add_text(a, doc, "path", q->path);
	doc_add_text(a, doc, "who", q->caller.name);
	doc_add_int(a, doc, "role", q->caller.role);
	if (q->body)
		doc_add_doc(a, doc, "body", q->body);
	return 0;
}

static inline int stage_watch(void *ctx, const struct object_caller *caller, const char *path,
                              uint64_t id, bool initial, struct diag *d)
{
	struct stage *st = ctx;
	struct arena a = { 0 };

	if (strcmp(path, "none") == 0)
		return diag_set(d, -ENOENT, "there is no object \"none\"");
	for (int i = 0; initial && i < st->initial; i++) {
		struct doc *row = doc_new_map(&a);

		doc_add_int(&a, row, "row", i);
		namp_server_publish_to(st->server, caller->session, id, "sla/statistics/1",
		                       (wall_t) { 1000 + i }, row);
	}
	arena_free(&a);
	return 0;
}

static inline void stage_began(void *ctx, const struct object_caller *caller)
{
	struct stage *st = ctx;

	st->began++;
	if (st->closes_own)
		assert_int_equal(namp_server_close_session(st->server, caller->session), 0);
}

static inline void stage_ended(void *ctx, const struct object_caller *caller, unsigned code)
{
	struct stage *st = ctx;

	assert_true(caller->session > 0);
	st->ended++;
	st->last_end_code = code;
}

static inline void stage_begin(struct stage *st, const struct namp_limits *limits)
{
	struct diag d = { 0 };

	*st = (struct stage) { .role = ROLE_ADMINISTRATOR, .base = namp_server_base_new() };
	assert_non_null(st->base);
	st->cfg = (struct namp_server_cfg) {
		.software = "candor test",
		.node_name = "node1",
		.handle = stage_handle,
		.role_of = stage_role,
		.watch = stage_watch,
		.session_began = stage_began,
		.session_ended = stage_ended,
		.writing_timeout_s = 1,
		.ctx = st,
	};
	if (limits)
		st->cfg.limits = *limits;
	st->server = namp_server_new(st->base, &st->cfg);
	assert_non_null(st->server);
	(void)snprintf(st->dir, sizeof(st->dir), "/tmp/candor-XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	(void)snprintf(st->path, sizeof(st->path), "%s/sock", st->dir);
	int fd = unix_listen(st->path, 0600, &d);

	if (fd < 0)
		fail_msg("%s", d.text);
	assert_int_equal(namp_server_listen_local(st->server, fd), 0);
}

static inline void stage_end(struct stage *st)
{
	namp_server_free(st->server);
	event_base_free(st->base);
	(void)unlink(st->path);
	(void)rmdir(st->dir);
}

static inline const struct namp_server_counters *counters(const struct stage *st)
{
	return namp_server_counters(st->server);
}

/* --- a peer -------------------------------------------------------------------------------------- */

static inline void peer_connect(struct stage *st, struct peer *p)
{
	struct diag d = { 0 };

	*p = (struct peer) { 0 };
	p->stream.fd = unix_connect(st->path, &d);
	if (p->stream.fd < 0)
		fail_msg("%s", d.text);
	uint64_t accepted = counters(st)->accepted;

	PUMP_UNTIL(st, counters(st)->accepted > accepted);
}

static inline void peer_close(struct peer *p)
{
	stream_close(&p->stream);
	frame_fini(&p->in);
	arena_free(&p->memory);
}

/* All of it; the server runs meanwhile.  False: the server has closed. */
static inline bool peer_send_octets(struct stage *st, struct peer *p, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t n = stream_write(&p->stream, at, len);

		if (n == -EAGAIN) {
			stage_pump(st);
			continue;
		}
		if (n < 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static inline void peer_send(struct stage *st, struct peer *p, const struct namp_message *m)
{
	struct frame_buffer out = { 0 };

	assert_int_equal(frame_put(&out, m), 0);
	assert_true(peer_send_octets(st, p, out.data, out.len));
	frame_fini(&out);
}

/* Octets of a message in hexadecimal, behind their length. */
static inline bool peer_send_hex(struct stage *st, struct peer *p, const char *hex)
{
	uint8_t octets[1024];
	size_t len = t_hex(hex, octets + 4, sizeof(octets) - 4);

	octets[0] = octets[1] = 0;
	octets[2] = (uint8_t)(len >> 8);
	octets[3] = (uint8_t)len;
	return peer_send_octets(st, p, octets, len + 4);
}

/* The next message into ``p``; false: the server has closed instead. */
static inline bool peer_receive(struct stage *st, struct peer *p)
{
	int64_t end_ms = t_now_ms() + WAIT_MS;
	struct namp_slice octets;
	uint8_t chunk[16384];
	int error;

	arena_free(&p->memory);
	p->body = NULL;
	while ((error = frame_next(&p->in, NAMP_MESSAGE_MAX, &octets)) == -EAGAIN) {
		ssize_t n = p->has_ended ? 0 : stream_read(&p->stream, chunk, sizeof(chunk));

		if (n == -EAGAIN) {
			assert_true(t_now_ms() < end_ms);
			stage_pump(st);
			(void)poll(NULL, 0, 1);
			continue;
		}
		if (n <= 0) {
			p->has_ended = true;
			return false;
		}
		assert_int_equal(frame_feed(&p->in, chunk, (size_t)n), 0);
	}
	assert_int_equal(error, 0);
	assert_int_equal(namp_decode(octets.data, octets.len, &p->m), 0);
	if (p->m.body.data)
		assert_int_equal(
		        doc_parse_cbor(&p->memory, p->m.body.data, p->m.body.len, &p->body, NULL),
		        0);
	(void)snprintf(p->subject, sizeof(p->subject), "%.*s", (int)p->m.subject.len,
	               p->m.subject.data ? (const char *)p->m.subject.data : "");
	return true;
}

static inline void peer_request(struct stage *st, struct peer *p, uint16_t verb, uint64_t id,
                                const char *path)
{
	struct namp_message m = { .kind = NAMP_REQUEST, .id = id, .code = verb };

	m.subject = (struct namp_slice) { (const uint8_t *)path, strlen(path) };
	peer_send(st, p, &m);
}

/* The next message is this one. */
#define EXPECT(st, p, of_kind, of_code)                         \
	do {                                                    \
		assert_true(peer_receive(st, p));               \
		assert_int_equal((p)->m.kind, of_kind);         \
		if (of_code)                                    \
			assert_int_equal((p)->m.code, of_code); \
	} while (0)
#define EXPECT_END(st, p) assert_false(peer_receive(st, p))

#define HELLO_HEX         "a2 00 00 04 a1 67 76657273696f6e 82 01 00" /* {0: 0, 4: {"version": [1, 0]}} */

static inline void peer_greet(struct stage *st, struct peer *p)
{
	assert_true(peer_send_hex(st, p, HELLO_HEX));
	EXPECT(st, p, NAMP_HELLO, 0);
}

static inline void peer_open(struct stage *st, struct peer *p)
{
	peer_connect(st, p);
	peer_greet(st, p);
}

#endif
