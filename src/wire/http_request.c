/* SPDX-License-Identifier: Apache-2.0 */
/* Request line and fields of an HTTP request. */
#include "wire/http_request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct line {
	const char *at;
	size_t len; /* without its end */
};

/* RFC 9110 section 5.6.2. */
static bool is_token(const char *text, size_t len)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_letter && !(c >= '0' && c <= '9') && (c == '\0' || !strchr(others, c)))
			return false;
	}
	return len > 0;
}

/* Octets that may stand in a line: no control character but the tab. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* The line at ``*at``, which ends in CR LF or LF alone (RFC 9112 section 2.2).  0, -EAGAIN, -EBADMSG. */
static int next_line(const char *text, size_t len, size_t *at, struct line *ret)
{
	const char *start = text + *at;
	const char *end = memchr(start, '\n', len - *at);
	size_t length = end ? (size_t)(end - start) : len - *at;

	if (length > 0 && start[length - 1] == '\r')
		length--;
	if (!is_plain(start, length))
		return -EBADMSG;
	if (!end)
		return -EAGAIN;
	*ret = (struct line) { start, length };
	*at += (size_t)(end - start) + 1;
	return 0;
}

/* METHOD SP target SP HTTP/1.x; the target in origin form (RFC 9112 section 3). */
static int take_request_line(const struct line *l, struct http_request *r)
{
	static const char version[] = " HTTP/1.";
	const size_t version_len = sizeof(version) - 1;
	const char *space = memchr(l->at, ' ', l->len);

	if (!space || l->len < version_len + 1 + (size_t)(space - l->at) + 2)
		return -EBADMSG;
	r->method = l->at;
	r->method_len = (size_t)(space - l->at);
	const char *target = space + 1, *end = l->at + l->len - version_len - 1;
	size_t target_len = (size_t)(end - target);
	char minor = l->at[l->len - 1];

	if (!is_token(r->method, r->method_len) || memcmp(end, version, version_len) != 0 ||
	    (minor != '0' && minor != '1') || *target != '/' || memchr(target, ' ', target_len) ||
	    memchr(target, '\t', target_len))
		return -EBADMSG;
	const char *mark = memchr(target, '?', target_len);

	r->minor = (uint8_t)(minor - '0');
	r->keep_alive = r->minor > 0;
	r->path = target;
	r->path_len = mark ? (size_t)(mark - target) : target_len;
	if (mark) {
		r->query = mark + 1;
		r->query_len = target_len - r->path_len - 1;
	}
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool same(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

/* ``word`` among the members of a list with commas. */
static bool lists(const char *value, size_t len, const char *word)
{
	while (len > 0) {
		const char *comma = memchr(value, ',', len);
		size_t member = comma ? (size_t)(comma - value) : len;
		const char *from = value;
		size_t n = member;

		for (; n > 0 && is_blank(*from); n--)
			from++;
		while (n > 0 && is_blank(from[n - 1]))
			n--;
		if (same(from, n, word))
			return true;
		member += comma != NULL;
		value += member;
		len -= member;
	}
	return false;
}

static int take_field(const struct line *l, struct http_request *r, unsigned *hosts)
{
	const char *colon = memchr(l->at, ':', l->len);

	if (!colon || !is_token(l->at, (size_t)(colon - l->at)))
		return -EBADMSG;
	size_t name_len = (size_t)(colon - l->at);
	const char *value = colon + 1;
	size_t len = l->len - name_len - 1;

	if (same(l->at, name_len, "host"))
		(*hosts)++;
	else if (same(l->at, name_len, "transfer-encoding"))
		r->has_body = true;
	else if (same(l->at, name_len, "content-length"))
		r->has_body |= !lists(value, len, "0");
	else if (same(l->at, name_len, "connection"))
		r->keep_alive = !lists(value, len, "close") &&
		                (r->minor > 0 || lists(value, len, "keep-alive"));
	return 0;
}

int http_request_decode(const uint8_t *buf, size_t len, struct http_request *ret)
{
	const char *text = (const char *)buf;
	struct http_request r = { 0 };
	unsigned hosts = 0;
	struct line l;
	size_t at = 0;
	int rc = next_line(text, len, &at, &l);

	if (rc == 0)
		rc = take_request_line(&l, &r);
	while (rc == 0) {
		rc = next_line(text, len, &at, &l);
		if (rc == 0 && l.len == 0)
			break;
		if (rc == 0)
			rc = take_field(&l, &r, &hosts);
	}
	/* RFC 9112 section 3.2: exactly one Host in 1.1. */
	if (rc == 0 && (hosts > 1 || (r.minor > 0 && hosts == 0)))
		rc = -EBADMSG;
	if (rc < 0)
		return rc;
	r.head_len = at;
	*ret = r;
	return 0;
}

bool http_request_is(const struct http_request *r, const char *method)
{
	return r->method_len == strlen(method) && memcmp(r->method, method, r->method_len) == 0;
}

bool http_request_path_is(const struct http_request *r, const char *path)
{
	return r->path_len == strlen(path) && memcmp(r->path, path, r->path_len) == 0;
}
