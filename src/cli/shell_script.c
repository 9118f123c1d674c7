/* SPDX-License-Identifier: Apache-2.0 */
/* Reading scripts. */
#include "cli/shell_script.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* More octets behind those that are there.  0 or -errno. */
static int fill(struct script *s)
{
	if (s->at > 0) {
		memmove(s->data, s->data + s->at, s->len - s->at);
		s->len -= s->at;
		s->at = 0;
	}
	if (s->len == sizeof(s->data))
		return -E2BIG;
	ssize_t n = read(s->fd, s->data + s->len, sizeof(s->data) - s->len);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	s->is_at_end = n == 0;
	s->len += (size_t)n;
	return 0;
}

/* Octets of the next line with its end; 0: it is not there yet. */
static size_t next_length(const struct script *s)
{
	const char *end = s->len > s->at ? memchr(s->data + s->at, '\n', s->len - s->at) : NULL;

	if (end)
		return (size_t)(end - (s->data + s->at)) + 1;
	return s->is_at_end ? s->len - s->at : 0;
}

static int copy_line(struct script *s, size_t len)
{
	if (len > 0 && s->data[s->at + len - 1] == '\n')
		len--;
	if (len > 0 && s->data[s->at + len - 1] == '\r')
		len--;
	if (len >= sizeof(s->line))
		return -E2BIG;
	memcpy(s->line, s->data + s->at, len);
	s->line[len] = '\0';
	return strlen(s->line) == len ? 0 : -EBADMSG;
}

int script_read(struct script *s, const char **ret)
{
	while (next_length(s) == 0) {
		if (s->is_at_end)
			return -ENODATA;
		int error = fill(s);

		if (error < 0)
			return error;
	}
	int error = copy_line(s, next_length(s));

	script_take(s);
	*ret = s->line;
	return error;
}

const char *script_waiting(struct script *s)
{
	while (next_length(s) == 0) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };

		if (s->is_at_end || poll(&p, 1, 0) <= 0 || fill(s) < 0)
			return NULL;
	}
	return copy_line(s, next_length(s)) == 0 ? s->line : NULL;
}

void script_take(struct script *s)
{
	s->at += next_length(s);
}
