/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of what is measured or told: http, https, ftp (RFC 3986 section 3, the parts that a client needs).
 * Pure: the parts point into the text. */
#ifndef CANDOR_WIRE_URL_H
#define CANDOR_WIRE_URL_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URL_HOST_MAX 253u /* octets of a host name (RFC 1035 section 2.3.4, as text) */

enum url_scheme {
	URL_HTTP,
	URL_HTTPS,
	URL_FTP,
};

struct url_part {
	const char *at; /* not terminated; NULL: the URL has no such part */
	size_t len;
};

struct url {
	enum url_scheme scheme;
	struct url_part user, password; /* as written: percent-encoded */
	struct url_part host;           /* without brackets */
	struct url_part path;           /* with the query, from '/' or '?' on; may be empty */
	uint16_t port;                  /* as given, or the scheme's */
	bool has_port;
	struct inet_addr addr; /* of a numeric host; else family none */
};

/* A scheme, "://", a host name or address ("[…]" around IPv6), and what else there is; a fragment is left
 * out.  0; -EPROTONOSUPPORT: another scheme; -EINVAL: not a URL, or one with octets beyond printable ASCII. */
NODISCARD int url_parse(const char *text, struct url *ret);

/* A part with its %XX decoded, terminated.  Octets written without the NUL; -EINVAL: bad escapes, or ones for
 * NUL, CR or LF; -ENOSPC. */
NODISCARD int url_unescape(const struct url_part *part, char *to, size_t cap);

/* The host as it stands in a Host header: with brackets, and the port where it is not the scheme's.  Returns
 * the length as snprintf(3). */
int url_host_header(const struct url *u, char *to, size_t cap);

#endif
