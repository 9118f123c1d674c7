/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket, asking side. */
#include "namp/local_client.h"

#include "base/xalloc.h"
#include "io/clock.h"
#include "io/unix_socket.h"
#include "namp/local_server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct local_client {
	int fd;
	uint32_t timeout_ms;
	char *buffer; /* octets received and not yet used */
	size_t len, cap;
};

int local_client_open(const char *path, uint32_t timeout_ms, struct local_client **ret,
                      struct diag *d)
{
	struct diag why;
	int fd = unix_connect(path, &why);

	if (fd == -ENOENT || fd == -ECONNREFUSED)
		return diag_set(d, fd,
		                "candord is not running, or --socket is wrong: nobody serves %s",
		                path);
	if (fd == -EACCES)
		return diag_set(d, fd,
		                "no permission for %s: become a member of its group or use sudo",
		                path);
	if (fd == -EAGAIN)
		return diag_set(d, -EBUSY, "candord is busy with other clients: try again");
	if (fd < 0)
		return diag_set(d, fd, "%s", why.text);
	struct local_client *c = xcalloc(1, sizeof(*c));

	c->fd = fd;
	c->timeout_ms = timeout_ms;
	*ret = c;
	return 0;
}

void local_client_close(struct local_client *c)
{
	if (!c)
		return;
	fd_closep(&c->fd);
	free(c->buffer);
	free(c);
}

/* Wait until the socket is ready for ``events``.  0, -ETIMEDOUT or -errno. */
static int wait_ready(const struct local_client *c, short events, mono_t deadline)
{
	for (;;) {
		int64_t left_ns = mono_diff_ns(deadline, clock_system()->mono(clock_system()));
		struct pollfd p = { .fd = c->fd, .events = events };

		if (left_ns <= 0)
			return -ETIMEDOUT;
		int n = poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static int send_all(const struct local_client *c, const char *text, size_t len, mono_t deadline)
{
	while (len > 0) {
		ssize_t n = send(c->fd, text, len, MSG_NOSIGNAL);

		if (n >= 0) {
			text += n;
			len -= (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		int error = wait_ready(c, POLLOUT, deadline);

		if (error < 0)
			return error;
	}
	return 0;
}

/* Read until the buffer holds a line; *ret_len is its length without the newline. */
static int receive_line(struct local_client *c, mono_t deadline, size_t *ret_len)
{
	size_t searched = 0;

	for (;;) {
		const char *end = c->len > searched
		                          ? memchr(c->buffer + searched, '\n', c->len - searched)
		                          : NULL;

		if (end) {
			*ret_len = (size_t)(end - c->buffer);
			return 0;
		}
		searched = c->len;
		if (c->len > LOCAL_ANSWER_MAX)
			return -EMSGSIZE;
		if (c->len == c->cap) {
			c->cap = c->cap ? 2 * c->cap : 16384;
			c->buffer = xrealloc(c->buffer, c->cap, 1);
		}
		ssize_t n = recv(c->fd, c->buffer + c->len, c->cap - c->len, 0);

		if (n == 0)
			return -EPIPE;
		if (n > 0) {
			c->len += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		int error = wait_ready(c, POLLIN, deadline);

		if (error < 0)
			return error;
	}
}

static int errno_of(int64_t http_code)
{
	switch (http_code) {
	case 400:
		return -EINVAL;
	case 403:
		return -EACCES;
	case 404:
		return -ENOENT;
	case 405:
		return -EOPNOTSUPP;
	case 503:
		return -EBUSY;
	default:
		return -EIO;
	}
}

static char *request_line(struct arena *a, const struct object_request *request, size_t *ret_len)
{
	struct doc *d = doc_new_map(a);
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;

	doc_add_text(a, d, "verb", request->verb == OBJECT_LIST ? "list" : "get");
	doc_add_text(a, d, "path", request->path);
	for (const struct doc_member *m = doc_first(request->body); m; m = m->next)
		doc_add_doc(a, d, m->key, &m->value);
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	int error = doc_write_json(d, f, 0);

	(void)putc('\n', f); /* an error stays in the stream for fclose */
	if (fclose(f) != 0 || error < 0)
		return NULL;
	*ret_len = len;
	return arena_strndup(a, text, len);
}

static int broken(int error, struct diag *d)
{
	if (error == -ETIMEDOUT)
		return diag_set(d, error, "candord does not answer: is it stopped or overloaded?");
	if (error == -EPIPE)
		return diag_set(d, error, "candord closed the connection");
	return diag_set(d, error, "the connection to candord broke: %s", strerror(-error));
}

int local_client_request(struct local_client *c, const struct object_request *request,
                         struct arena *a, struct doc **ret, struct diag *d)
{
	mono_t deadline = mono_add_ns(clock_system()->mono(clock_system()),
	                              (int64_t)c->timeout_ms * NS_PER_MS);
	size_t len;
	const char *line = request_line(a, request, &len);

	if (!line)
		return diag_set(d, -ENOMEM, "out of memory");
	int error = send_all(c, line, len, deadline);

	if (error == 0)
		error = receive_line(c, deadline, &len);
	if (error < 0)
		return broken(error, d);
	struct doc *doc;

	error = doc_parse_json(a, c->buffer, len, &doc, d);
	c->len -= len + 1;
	memmove(c->buffer, c->buffer + len + 1, c->len);
	if (error < 0)
		return error;
	const struct doc *refused = doc_get(doc, "error");

	if (refused)
		return diag_set(d, errno_of(doc_int(refused, "code", 500)), "%s",
		                doc_text(refused, "text", "refused"));
	*ret = doc;
	return 0;
}
