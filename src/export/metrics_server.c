/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of the metrics page: accept, read a request, write a page in pieces. */
#include "export/metrics_server.h"

#include "base/xalloc.h"
#include "io/tcp_socket.h"
#include "wire/http_request.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define ACCEPTS_PER_TURN 8u
#define LOW_PRIORITY     1 /* behind the administrators' sessions (namp_server_base_new()) */
#define CONTENT_TYPE     "text/plain; version=0.0.4; charset=utf-8"

struct connection {
	struct connection *next, *previous;
	struct metrics_server *server;
	struct bufferevent *stream;
	struct inet_addr from;
	unsigned section; /* that is written now */
	uint64_t at;      /* where in it */
	bool is_writing;  /* a page is not complete */
	bool is_chunked, keeps_alive;
	bool is_closing; /* once everything is written */
};

struct metrics_server {
	struct event_base *base;
	struct metrics_server_cfg cfg;
	struct metric_section sections[METRICS_SECTIONS_MAX];
	struct event *listener, *retry;
	int fd; /* -1: none */
	struct connection *first;
	unsigned count;
	struct metric_text piece; /* scratch of write_piece() */
	struct metrics_server_counters counters;
};

static void connection_free(struct connection *c)
{
	struct metrics_server *s = c->server;

	s->counters.aborted += c->is_writing;
	if (c->previous)
		c->previous->next = c->next;
	else
		s->first = c->next;
	if (c->next)
		c->next->previous = c->previous;
	s->count--;
	bufferevent_free(c->stream); /* and its descriptor */
	free(c);
}

/* --- answers ----------------------------------------------------------------------------------- */

/* What does not fit into memory any more ends the connection: the answer would be cut. */
static void put(struct connection *c, const void *data, size_t len)
{
	if (bufferevent_write(c->stream, data, len) < 0)
		c->is_closing = true;
}

static void wait_for(struct connection *c, int read_s)
{
	const struct timeval read = { .tv_sec = read_s }, write = { .tv_sec = METRICS_WRITE_S };

	(void)bufferevent_set_timeouts(c->stream, &read, &write); /* fails for no such stream */
}

static void answer(struct connection *c, const char *status, const char *type, const char *body,
                   bool with_body)
{
	char head[256];
	int n = snprintf(head, sizeof(head),
	                 "HTTP/1.1 %s\r\n"
	                 "Content-Type: %s\r\n"
	                 "Content-Length: %zu\r\n"
	                 "X-Content-Type-Options: nosniff\r\n"
	                 "Connection: %s\r\n"
	                 "\r\n",
	                 status, type, strlen(body), c->keeps_alive ? "keep-alive" : "close");

	put(c, head, (size_t)n);
	if (with_body)
		put(c, body, strlen(body));
}

static void refuse(struct connection *c, const char *status)
{
	char body[64];

	c->server->counters.bad_requests++;
	(void)snprintf(body, sizeof(body), "%s\n", status);
	c->keeps_alive = false;
	c->is_closing = true;
	answer(c, status, "text/plain", body, true);
}

static void begin_page(struct connection *c, bool is_head, uint8_t minor)
{
	char head[256];

	c->is_chunked = minor > 0;
	c->keeps_alive &= c->is_chunked; /* else the end of the page is that of the connection */
	int n = snprintf(head, sizeof(head),
	                 "HTTP/1.1 200 OK\r\n"
	                 "Content-Type: " CONTENT_TYPE "\r\n"
	                 "Cache-Control: no-store\r\n"
	                 "%s"
	                 "Connection: %s\r\n"
	                 "\r\n",
	                 c->is_chunked ? "Transfer-Encoding: chunked\r\n" : "",
	                 c->keeps_alive ? "keep-alive" : "close");

	put(c, head, (size_t)n);
	if (is_head)
		return;
	c->server->counters.pages++;
	c->section = 0;
	c->at = 0;
	c->is_writing = true;
}

/* The next piece of the page. */
static void write_piece(struct connection *c)
{
	struct metrics_server *s = c->server;
	struct metric_text *t = &s->piece;
	char size[24];

	metric_text_clear(t);
	while (c->section < s->cfg.section_count && t->len < METRIC_CHUNK) {
		const struct metric_section *section = &s->sections[c->section];

		if (!section->write(section->ctx, &c->at, t)) {
			c->section++;
			c->at = 0;
		}
	}
	if (c->is_chunked && t->len > 0)
		put(c, size, (size_t)snprintf(size, sizeof(size), "%zx\r\n", t->len));
	put(c, t->text, t->len);
	if (c->is_chunked && t->len > 0)
		put(c, "\r\n", 2);
	if (c->section < s->cfg.section_count)
		return;
	if (c->is_chunked)
		put(c, "0\r\n\r\n", 5);
	c->is_writing = false;
}

static void take_request(struct connection *c, const struct http_request *r)
{
	bool is_head = http_request_is(r, "HEAD");

	c->keeps_alive = r->keep_alive;
	if (r->has_body)
		refuse(c, "413 Content Too Large");
	else if (!is_head && !http_request_is(r, "GET"))
		refuse(c, "405 Method Not Allowed");
	else if (http_request_path_is(r, "/metrics"))
		begin_page(c, is_head, r->minor);
	else if (http_request_path_is(r, "/"))
		answer(c, "200 OK", "text/plain", "Candor node: see /metrics\n", !is_head);
	else
		refuse(c, "404 Not Found");
	c->is_closing |= !c->keeps_alive;
}

/* Requests that have come, one answer after the other. */
static void take_input(struct connection *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);

	while (!c->is_writing && !c->is_closing && evbuffer_get_length(input) > 0) {
		size_t len = evbuffer_get_length(input);
		struct http_request r;
		const uint8_t *octets = evbuffer_pullup(input, -1);
		int rc = octets ? http_request_decode(octets, len, &r) : -EBADMSG;

		if (rc == -EAGAIN && len < METRICS_HEAD_MAX) {
			wait_for(c, METRICS_REQUEST_S);
			return;
		}
		if (rc < 0) {
			refuse(c, rc == -EAGAIN ? "431 Request Header Fields Too Large"
			                        : "400 Bad Request");
			return;
		}
		take_request(c, &r);
		(void)evbuffer_drain(input, r.head_len); /* fails only when it is frozen */
	}
	if (!c->is_closing)
		wait_for(c, METRICS_IDLE_S);
}

/* --- events ------------------------------------------------------------------------------------ */

static void on_readable(struct bufferevent *stream, void *arg)
{
	struct connection *c = arg;

	(void)stream;
	take_input(c);
}

/* The client has taken nearly everything: more, or the next request, or the end. */
static void on_written(struct bufferevent *stream, void *arg)
{
	struct connection *c = arg;

	if (c->is_writing)
		write_piece(c);
	if (c->is_writing || evbuffer_get_length(bufferevent_get_output(stream)) > 0)
		return;
	if (c->is_closing)
		connection_free(c);
	else
		take_input(c);
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
	struct connection *c = arg;
	bool is_idle = evbuffer_get_length(bufferevent_get_input(stream)) == 0 &&
	               evbuffer_get_length(bufferevent_get_output(stream)) == 0;

	/* Nothing was asked for: that is how a client that keeps its connection ends. */
	c->server->counters.timeouts += (what & BEV_EVENT_TIMEOUT) && !is_idle;
	connection_free(c);
}

static void begin(struct metrics_server *s, int fd, const struct inet_addr *from)
{
	struct connection *c = try_calloc(1, sizeof(*c));
	struct bufferevent *stream =
	        c ? bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE) : NULL;

	if (!stream) {
		free(c);
		fd_closep(&fd);
		return;
	}
	*c = (struct connection) { .next = s->first, .server = s, .stream = stream, .from = *from };
	if (s->first)
		s->first->previous = c;
	s->first = c;
	s->count++;
	(void)bufferevent_priority_set(stream, LOW_PRIORITY); /* fails only while it is active */
	bufferevent_setcb(stream, on_readable, on_written, on_end, c);
	bufferevent_setwatermark(stream, EV_READ, 0, METRICS_HEAD_MAX);
	bufferevent_setwatermark(stream, EV_WRITE, METRIC_CHUNK / 2, 0);
	wait_for(c, METRICS_REQUEST_S);
	if (bufferevent_enable(stream, EV_READ | EV_WRITE) < 0)
		connection_free(c);
}

/* 0, or -errno of accept. */
static int accept_one(struct metrics_server *s)
{
	struct inet_endpoint from, to;
	CLEANUP(fd_closep) int fd = tcp_accept(s->fd, &from, &to);

	if (fd < 0)
		return fd;
	if (s->cfg.permits && !s->cfg.permits(s->cfg.ctx, &from.addr)) {
		s->counters.refused_address++;
	} else if (s->count >= METRICS_CONNECTIONS_MAX) {
		s->counters.refused_full++;
	} else {
		s->counters.accepted++;
		begin(s, fd_steal(&fd), &from.addr);
	}
	return 0;
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval soon = { .tv_usec = 100000 };
	struct metrics_server *s = arg;
	int error = 0;

	(void)fd, (void)what;
	for (unsigned i = 0; i < ACCEPTS_PER_TURN && error == 0; i++)
		error = accept_one(s);
	/* No descriptor: it waits in the queue, and looking again at once would be a busy loop. */
	if (error < 0 && error != -EAGAIN && event_add(s->retry, &soon) == 0)
		(void)event_del(s->listener); /* of an event that is there */
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct metrics_server *s = arg;

	(void)fd, (void)what;
	if (s->listener)
		(void)event_add(s->listener, NULL); /* needs no memory: it was added before */
}

/* --- life -------------------------------------------------------------------------------------- */

struct metrics_server *metrics_server_new(struct event_base *base,
                                          const struct metrics_server_cfg *cfg)
{
	struct metrics_server *s = xcalloc(1, sizeof(*s));

	assert(cfg->section_count <= METRICS_SECTIONS_MAX);
	*s = (struct metrics_server) { .base = base, .cfg = *cfg, .fd = -1 };
	memcpy(s->sections, cfg->sections, cfg->section_count * sizeof(*cfg->sections));
	s->retry = evtimer_new(base, on_retry, s);
	if (!s->retry)
		abort(); /* out of memory in the control plane */
	return s;
}

static void stop_listening(struct metrics_server *s)
{
	if (s->listener)
		event_free(s->listener);
	s->listener = NULL;
	fd_closep(&s->fd);
}

void metrics_server_free(struct metrics_server *s)
{
	if (!s)
		return;
	for (struct connection *c = s->first, *next; c; c = next) {
		next = c->next;
		connection_free(c);
	}
	stop_listening(s);
	event_free(s->retry);
	metric_text_fini(&s->piece);
	free(s);
}

int metrics_server_listen(struct metrics_server *s, int fd)
{
	stop_listening(s);
	if (fd < 0)
		return 0;
	s->fd = fd;
	s->listener = event_new(s->base, fd, EV_READ | EV_PERSIST, on_connection, s);
	if (!s->listener || event_priority_set(s->listener, LOW_PRIORITY) < 0 ||
	    event_add(s->listener, NULL) < 0) {
		stop_listening(s);
		return -ENOMEM;
	}
	return 0;
}

void metrics_server_recheck(struct metrics_server *s)
{
	struct connection *next;

	for (struct connection *c = s->first; c; c = next) {
		next = c->next;
		if (s->cfg.permits && !s->cfg.permits(s->cfg.ctx, &c->from))
			connection_free(c);
	}
}

unsigned metrics_server_connections(const struct metrics_server *s)
{
	return s->count;
}

const struct metrics_server_counters *metrics_server_counters(const struct metrics_server *s)
{
	return &s->counters;
}
