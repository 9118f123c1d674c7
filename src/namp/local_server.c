/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket, serving side: a bufferevent a client, bounded in every direction. */
#include "namp/local_server.h"

#include "base/xalloc.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define CLIENTS_DEFAULT 32u
#define IDLE_DEFAULT_S  60u

struct client {
	struct local_server *server;
	struct bufferevent *stream;
	struct client *next, **slot; /* in the server's list */
	bool has_ended;              /* half-closed: it sends no more, but may still read */
	bool closing;                /* once everything is written */
};

struct local_server {
	struct local_server_cfg cfg;
	struct evconnlistener *listener;
	struct client *clients;
	uint32_t client_count;
	struct local_server_counters counters;
};

static void client_close(struct client *c)
{
	*c->slot = c->next;
	if (c->next)
		c->next->slot = c->slot;
	c->server->client_count--;
	bufferevent_free(c->stream); /* closes the descriptor */
	free(c);
}

static unsigned http_code(int error)
{
	switch (error) {
	case -ENOENT:
		return 404;
	case -EINVAL:
	case -EBADMSG:
		return 400;
	case -EOPNOTSUPP:
		return 405;
	case -EACCES:
	case -EPERM:
		return 403;
	case -EMSGSIZE:
		return 413;
	case -EBUSY:
		return 503;
	default:
		return 500;
	}
}

static struct doc *error_doc(struct arena *a, int error, const char *text)
{
	struct doc *d = doc_new_map(a);
	struct doc *inner = doc_add_map(a, d, "error");

	doc_add_int(a, inner, "code", http_code(error));
	doc_add_text(a, inner, "text", text);
	return d;
}

/* One document as one line into ``to``.  0, or -errno and nothing was added. */
static int write_line(struct evbuffer *to, const struct doc *d)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	int error = doc_write_json(d, f, 0);

	(void)putc('\n', f); /* an error stays in the stream for fclose */
	if (fclose(f) != 0 || error < 0)
		return -ENOMEM;
	if (len > LOCAL_ANSWER_MAX)
		return -EMSGSIZE;
	return evbuffer_add(to, text, len) == 0 ? 0 : -ENOMEM;
}

static void refuse(struct client *c, int error, const char *text)
{
	struct arena a = { 0 };

	c->server->counters.requests_refused++;
	if (write_line(bufferevent_get_output(c->stream), error_doc(&a, error, text)) < 0)
		c->closing = true; /* no memory even for this: the connection says it by ending */
	arena_free(&a);
}

/* The two verbs of this socket; 0: another word. */
static enum object_verb verb_of(const char *word)
{
	if (strcmp(word, "get") == 0)
		return OBJECT_GET;
	return strcmp(word, "list") == 0 ? OBJECT_LIST : 0;
}

/* The request in one line of JSON.  Texts live in ``a``. */
static int parse_request(const char *line, size_t len, struct arena *a, struct object_request *ret,
                         struct diag *d)
{
	struct doc *json;
	int error = doc_parse_json(a, line, len, &json, d);

	if (error < 0)
		return error;
	struct object_request request = {
		.verb = verb_of(doc_text(json, "verb", "")),
		.path = doc_text(json, "path", NULL),
		.body = json, /* "after" and "limit" stand beside the verb */
		.caller = { ROLE_ADMINISTRATOR, "local", "local socket", 0 },
	};

	if (!request.verb || !request.path)
		return diag_set(d, -EINVAL,
		                "a request is {\"verb\": \"get\"|\"list\", \"path\": TEXT}");
	*ret = request;
	return 0;
}

static void answer(struct client *c, const char *line, size_t len)
{
	struct local_server *s = c->server;
	struct arena a = { 0 };
	struct diag d = { 0 };
	struct object_request request;
	struct doc *doc = NULL;

	s->counters.requests++;
	int error = parse_request(line, len, &a, &request, &d);

	if (error == 0)
		error = s->cfg.handle(s->cfg.ctx, &request, &a, &doc, &d);
	if (error == 0) {
		error = write_line(bufferevent_get_output(c->stream), doc);
		(void)diag_set(&d, error, "the answer is too long: ask for fewer rows");
	}
	if (error < 0)
		refuse(c, error, d.text[0] ? d.text : strerror(-error));
	arena_free(&a);
}

static size_t unread(const struct client *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->stream));
}

/* Answer whole lines while the client reads its answers; then wait for it (on_written). */
static void serve(struct client *c)
{
	struct evbuffer *in = bufferevent_get_input(c->stream);

	while (!c->closing && unread(c) < LOCAL_UNREAD_MAX) {
		size_t len;
		char *line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);

		if (!line && evbuffer_get_length(in) < LOCAL_REQUEST_MAX) {
			c->closing = c->has_ended; /* nobody will send the rest of it */
			break;
		}
		if (!line)
			len = LOCAL_REQUEST_MAX + 1;
		if (len > LOCAL_REQUEST_MAX) {
			c->server->counters.closed_oversize++;
			refuse(c, -EMSGSIZE, "the request is too long");
			c->closing = true;
		} else {
			answer(c, line, len);
		}
		free(line);
	}
	if (c->closing)
		(void)bufferevent_disable(c->stream, EV_READ); /* only flushing is left */
	if (c->closing && unread(c) == 0)
		client_close(c);
}

static void on_readable(struct bufferevent *stream, void *ctx)
{
	(void)stream;
	serve(ctx);
}

static void on_written(struct bufferevent *stream, void *ctx)
{
	(void)stream;
	serve(ctx);
}

static void on_event(struct bufferevent *stream, short what, void *ctx)
{
	struct client *c = ctx;

	(void)stream;
	if (what & BEV_EVENT_TIMEOUT)
		c->server->counters.closed_idle++;
	if (!(what & BEV_EVENT_EOF)) {
		client_close(c);
		return;
	}
	c->has_ended = true;
	(void)bufferevent_disable(c->stream, EV_READ); /* nothing more will come */
	serve(c);
}

static void reject(struct local_server *s, evutil_socket_t fd)
{
	static const char full[] =
	        "{\"error\": {\"code\": 503, \"text\": \"too many clients: try again\"}}\n";

	s->counters.clients_refused++;
	(void)send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL | MSG_DONTWAIT); /* a courtesy */
	(void)evutil_closesocket(fd);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int from_len, void *ctx)
{
	struct local_server *s = ctx;
	struct timeval idle = { .tv_sec = s->cfg.idle_timeout_s };

	(void)from;
	(void)from_len;
	if (s->client_count >= s->cfg.clients_max) {
		reject(s, fd);
		return;
	}
	struct bufferevent *stream = bufferevent_socket_new(evconnlistener_get_base(listener), fd,
	                                                    BEV_OPT_CLOSE_ON_FREE);

	if (!stream) {
		reject(s, fd);
		return;
	}
	struct client *c = xcalloc(1, sizeof(*c));

	c->server = s;
	c->stream = stream;
	c->next = s->clients;
	c->slot = &s->clients;
	if (c->next)
		c->next->slot = &c->next;
	s->clients = c;
	s->client_count++;
	s->counters.clients++;
	bufferevent_setcb(stream, on_readable, on_written, on_event, c);
	/* What is read but not yet answered is bounded too; the line's end is within it. */
	bufferevent_setwatermark(stream, EV_READ, 0, (size_t)2 * LOCAL_REQUEST_MAX);
	bufferevent_setwatermark(stream, EV_WRITE, LOCAL_UNREAD_MAX / 2, 0);
	(void)bufferevent_set_timeouts(stream, &idle, &idle); /* cannot fail on a socket */
	if (bufferevent_enable(stream, EV_READ | EV_WRITE) < 0)
		client_close(c);
}

struct local_server *local_server_new(struct event_base *base, int listen_fd,
                                      const struct local_server_cfg *cfg)
{
	struct local_server *s = xcalloc(1, sizeof(*s));
	static const struct sigaction ignore = { .sa_handler = SIG_IGN };

	/* libevent writes without MSG_NOSIGNAL: a client that has gone must be an error of a write,
	 * not the end of the process */
	(void)sigaction(SIGPIPE, &ignore, NULL); /* valid arguments */
	s->cfg = *cfg;
	if (s->cfg.clients_max == 0)
		s->cfg.clients_max = CLIENTS_DEFAULT;
	if (s->cfg.idle_timeout_s == 0)
		s->cfg.idle_timeout_s = IDLE_DEFAULT_S;
	s->listener = evconnlistener_new(
	        base, on_client, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, listen_fd);
	if (s->listener)
		return s;
	fd_closep(&listen_fd);
	free(s);
	return NULL;
}

void local_server_free(struct local_server *s)
{
	if (!s)
		return;
	while (s->clients)                /* each close unlinks its client */
		client_close(s->clients); /* NOLINT(clang-analyzer-unix.Malloc) */
	evconnlistener_free(s->listener);
	free(s);
}

const struct local_server_counters *local_server_counters(const struct local_server *s)
{
	return &s->counters;
}
