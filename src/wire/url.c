/* SPDX-License-Identifier: Apache-2.0 */
/* Taking URLs apart. */
#include "wire/url.h"

#include "base/hex.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	uint16_t port;
} schemes[] = {
	[URL_HTTP] = { "http", 80 },
	[URL_HTTPS] = { "https", 443 },
	[URL_FTP] = { "ftp", 21 },
};

static bool is_printable(const char *text)
{
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~')
			return false;
	}
	return true;
}

/* *at goes behind "://". */
static int take_scheme(const char **at, struct url *u)
{
	size_t len = strcspn(*at, ":/?#");

	if (strncmp(*at + len, "://", 3) != 0 || len == 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (strlen(schemes[i].name) != len || strncasecmp(*at, schemes[i].name, len) != 0)
			continue;
		u->scheme = (enum url_scheme)i;
		u->port = schemes[i].port;
		*at += len + 3;
		return 0;
	}
	return -EPROTONOSUPPORT;
}

static void take_user(struct url_part *authority, struct url *u)
{
	const char *at_sign = memrchr(authority->at, '@', authority->len);

	if (!at_sign)
		return;
	size_t len = (size_t)(at_sign - authority->at);
	const char *colon = memchr(authority->at, ':', len);

	u->user =
	        (struct url_part) { authority->at, colon ? (size_t)(colon - authority->at) : len };
	if (colon)
		u->password = (struct url_part) { colon + 1, (size_t)(at_sign - colon - 1) };
	authority->at += len + 1;
	authority->len -= len + 1;
}

static int take_port(const char *text, size_t len, struct url *u)
{
	uint32_t port = 0;

	if (len == 0) /* "host:" means the scheme's (RFC 3986 section 3.2.3) */
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || len > 5)
			return -EINVAL;
		port = port * 10 + (uint32_t)(text[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return -EINVAL;
	u->port = (uint16_t)port;
	u->has_port = true;
	return 0;
}

static int take_address(struct url *u, bool is_bracketed)
{
	char text[INET_TEXT_MAX];

	if (u->host.len >= sizeof(text))
		return is_bracketed ? -EINVAL : 0;
	memcpy(text, u->host.at, u->host.len);
	text[u->host.len] = '\0';
	int rc = inet_addr_parse(text, &u->addr);

	if (is_bracketed)
		return rc == 0 && u->addr.family == INET_V6 ? 0 : -EINVAL;
	if (rc < 0)
		u->addr = (struct inet_addr) { 0 };
	/* What looks like an address and is none is no name either. */
	return rc == 0 || strspn(text, "0123456789.") < u->host.len ? 0 : -EINVAL;
}

static bool is_host_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

static int take_host(const struct url_part *authority, struct url *u)
{
	bool is_bracketed = authority->len > 0 && authority->at[0] == '[';
	const char *end = authority->at + authority->len, *after;

	if (is_bracketed) {
		after = memchr(authority->at, ']', authority->len);
		if (!after)
			return -EINVAL;
		u->host = (struct url_part) { authority->at + 1,
			                      (size_t)(after - authority->at - 1) };
		after++;
	} else {
		for (after = authority->at; after < end && is_host_letter(*after);)
			after++;
		u->host = (struct url_part) { authority->at, (size_t)(after - authority->at) };
	}
	if (u->host.len == 0 || u->host.len > URL_HOST_MAX || (after < end && *after != ':'))
		return -EINVAL;
	int rc = take_address(u, is_bracketed);

	return rc < 0 || after == end ? rc : take_port(after + 1, (size_t)(end - after - 1), u);
}

int url_parse(const char *text, struct url *ret)
{
	struct url u = { 0 };
	int rc = is_printable(text) ? take_scheme(&text, &u) : -EINVAL;

	if (rc < 0)
		return rc;
	struct url_part authority = { text, strcspn(text, "/?#") };

	u.path.at = text + authority.len;
	u.path.len = strcspn(u.path.at, "#");
	take_user(&authority, &u);
	rc = take_host(&authority, &u);
	if (rc == 0)
		*ret = u;
	return rc;
}

int url_unescape(const struct url_part *part, char *to, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < part->len; i++) {
		char c = part->at[i];

		if (c == '%') {
			uint8_t octet;

			if (part->len - i < 3 || hex_parse(part->at + i + 1, 2, &octet, 1) < 0)
				return -EINVAL;
			c = (char)octet;
			i += 2;
		}
		if (c == '\0' || c == '\r' || c == '\n')
			return -EINVAL;
		if (n + 1 >= cap)
			return -ENOSPC;
		to[n++] = c;
	}
	if (cap == 0)
		return -ENOSPC;
	to[n] = '\0';
	return (int)n;
}

int url_host_header(const struct url *u, char *to, size_t cap)
{
	bool is_v6 = u->addr.family == INET_V6;
	char port[8] = "";

	if (u->port != schemes[u->scheme].port)
		(void)snprintf(port, sizeof(port), ":%u", u->port);
	return snprintf(to, cap, "%s%.*s%s%s", is_v6 ? "[" : "", (int)u->host.len, u->host.at,
	                is_v6 ? "]" : "", port);
}
