/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an HTTP request as a server needs it (RFC 9112): request line and header fields up to the
 * empty line.  Strict where others were tricked: no folded lines, no space before a colon, no control
 * characters. */
#ifndef CANDOR_WIRE_HTTP_REQUEST_H
#define CANDOR_WIRE_HTTP_REQUEST_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request {
	const char *method; /* "GET"; not terminated, points into the octets read */
	const char *path;   /* from the slash to the question mark or the end of the target */
	const char *query;  /* behind the question mark; NULL: there is none */
	size_t method_len, path_len, query_len;
	uint8_t minor;   /* HTTP/1.minor: 0 or 1 */
	bool keep_alive; /* the client wants to ask more on this connection */
	bool has_body;   /* octets of a body follow, or may */
	size_t head_len; /* octets up to and with the empty line */
};

/* 0; -EAGAIN: the empty line has not come yet; -EBADMSG: no request that we take, whatever may
 * follow. */
NODISCARD int http_request_decode(const uint8_t *buf, size_t len, struct http_request *ret);

bool http_request_is(const struct http_request *r, const char *method);
bool http_request_path_is(const struct http_request *r, const char *path);

#endif
