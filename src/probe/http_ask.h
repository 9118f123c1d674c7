/* SPDX-License-Identifier: Apache-2.0 */
/* What an http operation sends: settings to octets.  Pure. */
#ifndef CANDOR_PROBE_HTTP_ASK_H
#define CANDOR_PROBE_HTTP_ASK_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "sla/operation.h"
#include "wire/url.h"
#include <stdbool.h>
#include <stddef.h>

#define HTTP_ASK_MAX 8192u

/* op_params.method of http: words of http_methods[]. */
enum http_method {
	HTTP_GET,
	HTTP_RAW,
	HTTP_SECURE_GET,
	HTTP_SECURE_HEAD,
};

extern const char *const http_methods[];

/* Where a request goes. */
struct http_route {
	struct url url;   /* of the resource */
	struct url proxy; /* host.at NULL: there is none */
	bool is_secure;   /* https, or `http secure` */
	bool has_tunnel;  /* through the proxy, by CONNECT */
};

/* The settings' URLs.  0; -EINVAL with ``d``. */
NODISCARD int http_route_of(const struct op_params *p, struct http_route *ret, struct diag *d);

/* The URL whose host is connected to. */
const struct url *http_route_peer(const struct http_route *r);

/* The request; the CONNECT that opens a tunnel.  The length, or -EMSGSIZE: more than HTTP_ASK_MAX. */
NODISCARD int http_ask_request(const struct op_params *p, const struct http_route *r, char *to);
NODISCARD int http_ask_tunnel(const struct http_route *r, char *to);

/* The response has no body because of the method. */
bool http_ask_is_head(const struct op_params *p);

#endif
