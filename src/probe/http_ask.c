/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of http operations, as routers make them: GET, HEAD or a text given verbatim; the connection is closed
 * after each. */
#include "probe/http_ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const http_methods[] = { "get", "raw", "secure get", "secure head", NULL };

static int take_url(const char *text, const char *what, struct url *ret, struct diag *d)
{
	int rc = text ? url_parse(text, ret) : -EINVAL;

	if (rc < 0 || ret->scheme == URL_FTP)
		return diag_set(d, -EINVAL,
		                "%s: expected http://HOST[:PORT]/PATH%s, found \"%.120s\"", what,
		                strcmp(what, "URL") == 0 ? " or https://…" : "", text ? text : "");
	if (ret->user.at)
		return diag_set(d, -EINVAL, "%s: a user name in it is not supported", what);
	return 0;
}

int http_route_of(const struct op_params *p, struct http_route *ret, struct diag *d)
{
	struct http_route r = { 0 };
	bool is_secure_method = p->method == HTTP_SECURE_GET || p->method == HTTP_SECURE_HEAD;
	int rc = take_url(p->text.at[OP_TEXT_URL], "URL", &r.url, d);

	if (rc < 0)
		return rc;
	/* Routers take `http secure get http://…`, which is then https all the same. */
	if (is_secure_method && r.url.scheme == URL_HTTP) {
		r.url.scheme = URL_HTTPS;
		if (!r.url.has_port)
			r.url.port = 443;
	}
	r.is_secure = r.url.scheme == URL_HTTPS;
	if (p->text.at[OP_TEXT_PROXY]) {
		rc = take_url(p->text.at[OP_TEXT_PROXY], "proxy", &r.proxy, d);
		if (rc == 0 && r.proxy.scheme != URL_HTTP)
			rc = diag_set(d, -EINVAL, "proxy: https to the proxy is not supported");
		r.has_tunnel = r.is_secure;
	}
	if (rc == 0)
		*ret = r;
	return rc;
}

const struct url *http_route_peer(const struct http_route *r)
{
	return r->proxy.host.at ? &r->proxy : &r->url;
}

bool http_ask_is_head(const struct op_params *p)
{
	const char *raw = p->text.at[OP_TEXT_RAW_REQUEST];

	return p->method == HTTP_SECURE_HEAD ||
	       (p->method == HTTP_RAW && raw && strncmp(raw, "HEAD ", 5) == 0);
}

static int fits(int len)
{
	return len >= 0 && (unsigned)len < HTTP_ASK_MAX ? len : -EMSGSIZE;
}

int http_ask_request(const struct op_params *p, const struct http_route *r, char *to)
{
	const char *raw = p->text.at[OP_TEXT_RAW_REQUEST];
	char host[URL_HOST_MAX + 16];
	bool is_absolute = r->proxy.host.at && !r->has_tunnel;
	bool has_slash = r->url.path.len > 0 && r->url.path.at[0] == '/';

	if (p->method == HTTP_RAW)
		return fits(snprintf(to, HTTP_ASK_MAX, "%s", raw ? raw : ""));
	(void)url_host_header(&r->url, host, sizeof(host));
	return fits(snprintf(to, HTTP_ASK_MAX,
	                     "%s %s%s%s%.*s HTTP/1.%u\r\n"
	                     "Host: %s\r\n"
	                     "User-Agent: candor\r\n"
	                     "Accept: */*\r\n"
	                     "%s"
	                     "Connection: close\r\n"
	                     "\r\n",
	                     http_ask_is_head(p) ? "HEAD" : "GET", is_absolute ? "http://" : "",
	                     is_absolute ? host : "", has_slash ? "" : "/", (int)r->url.path.len,
	                     r->url.path.at, p->http_version, host,
	                     p->no_cache ? "Cache-Control: no-cache\r\nPragma: no-cache\r\n" : ""));
}

int http_ask_tunnel(const struct http_route *r, char *to)
{
	char host[URL_HOST_MAX + 16];
	bool is_v6 = r->url.addr.family == INET_V6;

	(void)snprintf(host, sizeof(host), "%s%.*s%s:%u", is_v6 ? "[" : "", (int)r->url.host.len,
	               r->url.host.at, is_v6 ? "]" : "", r->url.port);
	return fits(snprintf(to, HTTP_ASK_MAX,
	                     "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: candor\r\n\r\n", host,
	                     host));
}
