/* SPDX-License-Identifier: Apache-2.0 */
/* http: the name's address, a TCP connection, TLS where the URL says so, one request and its response, each with a
 * time of its own.
 *
 * The name is asked of a name server by this operation itself (probe/name_lookup.h): that is measured.  Each time
 * runs from the moment the step begins to the turn of the loop that sees its end; that of the connection is
 * the kernel's own where it has one.  Round-trip time = DNS + TCP + TLS + transaction, as routers add them;
 * `total` has the gaps between the steps as well.  A response is not followed to where it redirects: 301 and
 * 302 are good answers (rttMonLatestHTTPOperSense).
 *
 * UNVERIFIED: a connection that ends in the middle of the response is "disconnected", a response that is no HTTP
 * "HTTP error"; no source says which code a router gives. */
#include "probe/http_probe.h"

#include "probe/http_ask.h"
#include "probe/name_lookup.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "probe/tcp_outcome.h"
#include "wire/http_response.h"

#include <errno.h>
#include <string.h>

#define END_TIMER 0u
#define BODY_MAX  (UINT64_C(64) << 20) /* octets */

enum http_phase {
	PHASE_IDLE,
	PHASE_LOOKUP,
	PHASE_CONNECT,
	PHASE_TUNNEL, /* the proxy's answer to CONNECT */
	PHASE_TLS,
	PHASE_RESPONSE,
};

struct http_state {
	uint8_t phase; /* enum http_phase */
	bool has_first_octet;
	struct probe_flow *flow; /* the connection; NULL: none */
	struct inet_addr peer;
	uint16_t peer_port;
	mono_t started, connecting, step; /* the run, the connection, the present phase */
	int64_t err_ns;
	struct name_lookup lookup;
	struct http_reader reader;
	struct http_result times;
};

static size_t state_size(const struct op_params *p)
{
	(void)p;
	return sizeof(struct http_state);
}

static int check(const struct op_params *p, struct diag *d)
{
	struct http_route route;
	char request[HTTP_ASK_MAX];
	const char *raw = p->text.at[OP_TEXT_RAW_REQUEST];
	size_t len = raw ? strlen(raw) : 0;
	int rc = http_route_of(p, &route, d);

	if (rc < 0)
		return rc;
	if (p->method == HTTP_RAW && len == 0)
		return diag_set(d, -EINVAL, "http raw needs http-raw-request with the request");
	if (p->method != HTTP_RAW && len > 0)
		return diag_set(d, -EINVAL, "http-raw-request is of http raw alone");
	if (p->method == HTTP_RAW && (len < 4 || strcmp(raw + len - 4, "\r\n\r\n") != 0))
		return diag_set(d, -EINVAL,
		                "http-raw-request must end with an empty line (\\r\\n\\r\\n)");
	if (p->method == HTTP_RAW && route.proxy.host.at)
		return diag_set(d, -EINVAL, "http raw takes no proxy: write the request for it");
	if (http_ask_request(p, &route, request) < 0)
		return diag_set(d, -EINVAL, "the request is longer than %u octets", HTTP_ASK_MAX);
	return 0;
}

/* --- the end of a run -------------------------------------------------------------------------- */

static void release(struct op *op, struct probe_io *io)
{
	struct http_state *st = op->state;

	io->ops->disarm(io, op, END_TIMER);
	name_lookup_stop(&st->lookup, io);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
	st->phase = PHASE_IDLE;
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct http_state *st = op->state;

	result_begin(res, op, io);
	res->instrument.turnaround = TURNAROUND_NONE;
	res->instrument.foreign_packets = st->lookup.sample.foreign;
	res->target = st->peer;
	res->target_port = st->peer_port;
	res->http = st->times;
	res->http.status = st->reader.status;
	res->http.body_octets = st->reader.body_octets;
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct sla_result res;

	begin_result(op, io, &res);
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static int64_t since(mono_t from, mono_t now)
{
	int64_t ns = mono_diff_ns(now, from);

	return ns > 0 ? ns : 0;
}

/* The turn of the loop may be older than the step that began in it. */
static mono_t reading(struct op *op, struct probe_io *io)
{
	struct http_state *st = op->state;
	struct stamp at = io->ops->read_clock(io);

	st->err_ns += at.err_ns;
	return at.read_at;
}

static bool is_good_status(const struct op_params *p, uint16_t status)
{
	return p->ignore_status || status == 200 || status == 301 || status == 302;
}

static void succeed(struct op *op, struct probe_io *io, mono_t now)
{
	struct http_state *st = op->state;
	struct sla_result res;

	st->times.transaction_ns = since(st->step, now);
	st->times.total_ns = since(st->started, now);
	begin_result(op, io, &res);
	res.rtt_ns = (st->times.dns_ns > 0 ? st->times.dns_ns : 0) + st->times.tcp_ns +
	             (st->times.tls_ns > 0 ? st->times.tls_ns : 0) + st->times.transaction_ns;
	res.instrument.tx_source = STAMP_USER;
	res.instrument.rx_source = STAMP_USER;
	res.instrument.rtt_err_ns = st->err_ns;
	res.sense = (uint8_t)result_sense_of_rtt(&op->params, res.rtt_ns);
	if (!is_good_status(&op->params, st->reader.status)) {
		res.sense = SENSE_HTTP_ERROR;
		result_text(res.detail, "the server answered %u", st->reader.status);
	}
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

/* --- request and response ------------------------------------------------------------------------ */

/* False: the run is over. */
static bool write_all(struct op *op, struct probe_io *io, const char *text, int len)
{
	struct http_state *st = op->state;
	int rc = len < 0 ? len : io->ops->write(io, st->flow, (const uint8_t *)text, (size_t)len);
	char detail[SLA_DETAIL_MAX];

	if (rc == 0)
		return true;
	result_text(detail, "cannot send the request: %s", strerror(-rc));
	fail(op, io, SENSE_ERROR, detail);
	return false;
}

static void request(struct op *op, struct probe_io *io, const struct http_route *route)
{
	struct http_state *st = op->state;
	char text[HTTP_ASK_MAX];

	st->phase = PHASE_RESPONSE;
	http_reader_init(&st->reader, http_ask_is_head(&op->params), BODY_MAX);
	st->step = reading(op, io);
	(void)write_all(op, io, text, http_ask_request(&op->params, route, text));
}

static void secure(struct op *op, struct probe_io *io, const struct http_route *route)
{
	struct http_state *st = op->state;
	char name[URL_HOST_MAX + 1], detail[SLA_DETAIL_MAX];

	memcpy(name, route->url.host.at, route->url.host.len);
	name[route->url.host.len] = '\0';
	if (st->phase != PHASE_TUNNEL) /* a tunnel's time is part of TLS's */
		st->step = reading(op, io);
	st->phase = PHASE_TLS;
	int rc = io->ops->secure(io, st->flow, name, !op->params.tls_no_verify);

	if (rc == 0)
		return;
	result_text(detail, "cannot begin TLS: %s", strerror(-rc));
	fail(op, io, SENSE_DROPPED, detail);
}

static void begin_tunnel(struct op *op, struct probe_io *io, const struct http_route *route)
{
	struct http_state *st = op->state;
	char text[HTTP_ASK_MAX];

	st->phase = PHASE_TUNNEL;
	http_reader_init(&st->reader, true, 0);
	st->step = reading(op, io);
	(void)write_all(op, io, text, http_ask_tunnel(route, text));
}

/* The route was good when the operation was set. */
static struct http_route route_of(const struct op *op)
{
	struct http_route route = { 0 };

	(void)!http_route_of(&op->params, &route, NULL);
	return route;
}

static void on_connect(struct op *op, struct probe_io *io, struct probe_flow *flow,
                       const struct probe_connect *connect, mono_t now)
{
	struct http_state *st = op->state;
	struct http_route route = route_of(op);

	(void)now;
	if (!st->flow || flow != st->flow || st->phase != PHASE_CONNECT)
		return;
	if (connect->error != 0) {
		struct inet_endpoint peer = { st->peer, st->peer_port };
		char detail[SLA_DETAIL_MAX];

		tcp_failure_text(&peer, connect->error, detail);
		fail(op, io, connect->error == -ETIMEDOUT ? SENSE_TCP_CONNECT_TIMEOUT : SENSE_ERROR,
		     detail);
		return;
	}
	st->times.tcp_ns = connect->rtt_ns;
	st->err_ns += connect->err_ns;
	if (route.has_tunnel)
		begin_tunnel(op, io, &route);
	else if (route.is_secure)
		secure(op, io, &route);
	else
		request(op, io, &route);
}

static void take_tunnel(struct op *op, struct probe_io *io)
{
	struct http_state *st = op->state;
	struct http_route route = route_of(op);
	char detail[SLA_DETAIL_MAX];
	uint16_t status = st->reader.status;

	if (status >= 200 && status < 300) {
		memset(&st->reader, 0, sizeof(st->reader)); /* its status is not the server's */
		secure(op, io, &route);
		return;
	}
	result_text(detail, "the proxy answered %u", status);
	fail(op, io, SENSE_HTTP_ERROR, detail);
}

static void progress(struct op *op, struct probe_io *io, enum http_progress p, mono_t now)
{
	struct http_state *st = op->state;
	enum http_fault fault = (enum http_fault)st->reader.fault;

	if (p == HTTP_DONE && st->phase == PHASE_TUNNEL)
		take_tunnel(op, io);
	else if (p == HTTP_DONE)
		succeed(op, io, now);
	else if (p == HTTP_BAD)
		fail(op, io,
		     fault == HTTP_FAULT_CUT || fault == HTTP_FAULT_EMPTY ? SENSE_DISCONNECTED
		                                                          : SENSE_HTTP_ERROR,
		     http_fault_text(fault));
}

static void take_data(struct op *op, struct probe_io *io, const struct probe_stream *stream,
                      mono_t now)
{
	struct http_state *st = op->state;

	if (st->phase == PHASE_RESPONSE && !st->has_first_octet) {
		st->has_first_octet = true;
		st->times.first_byte_ns = since(st->connecting, now);
	}
	progress(op, io, http_reader_feed(&st->reader, stream->data, stream->len, NULL), now);
}

static void lost(struct op *op, struct probe_io *io, const struct probe_stream *stream)
{
	struct http_state *st = op->state;
	bool is_tls = stream->error == -EPROTO;
	char detail[SLA_DETAIL_MAX];

	if (is_tls)
		result_text(detail, "%s", stream->why);
	else
		result_text(detail, "the connection broke %s: %s",
		            st->phase == PHASE_TLS ? "in the TLS handshake" : "before the end",
		            stream->why);
	fail(op, io, is_tls ? SENSE_HTTP_ERROR : SENSE_DISCONNECTED, detail);
}

static void on_stream(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_stream *stream, mono_t now)
{
	struct http_state *st = op->state;
	struct http_route route;

	if (!st->flow || flow != st->flow)
		return;
	switch (stream->event) {
	case STREAM_SECURED:
		st->times.tls_ns = since(st->step, now);
		route = route_of(op);
		request(op, io, &route);
		break;
	case STREAM_DATA:
		if (st->phase == PHASE_RESPONSE || st->phase == PHASE_TUNNEL)
			take_data(op, io, stream, now);
		break;
	case STREAM_END:
		progress(op, io, http_reader_end(&st->reader), now);
		break;
	case STREAM_FAILED:
		lost(op, io, stream);
		break;
	}
}

/* --- name and connection -------------------------------------------------------------------------- */

static void connect_now(struct op *op, struct probe_io *io)
{
	struct http_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_STREAM,
		.local = { p->source.family == st->peer.family ? p->source
		                                               : (struct inet_addr) { 0 },
		           p->source_port },
		.peer = { st->peer, st->peer_port },
		.tos = p->tos,
		.may_secure = route_of(op).is_secure,
		.obeys_egress = true,
	};
	char detail[SLA_DETAIL_MAX];

	if (p->source.family != INET_NONE && p->source.family != st->peer.family) {
		fail(op, io, SENSE_ERROR, "source-ip and the server's address are of two families");
		return;
	}
	st->phase = PHASE_CONNECT;
	st->connecting = reading(op, io);
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		fail(op, io, sense, detail);
	}
}

static void after_lookup(struct op *op, struct probe_io *io, enum lookup_step step)
{
	struct http_state *st = op->state;

	if (step == LOOKUP_FOUND) {
		st->peer = st->lookup.addr;
		st->times.dns_ns = st->lookup.rtt_ns;
		st->err_ns += st->lookup.err_ns;
		connect_now(op, io);
	} else if (step == LOOKUP_FAILED) {
		fail(op, io, (enum sla_sense)st->lookup.sense, st->lookup.detail);
	}
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct http_state *st = op->state;
	struct http_route route = route_of(op);
	const struct url *peer = http_route_peer(&route);

	*st = (struct http_state) {
		.phase = PHASE_LOOKUP,
		.started = now,
		.peer = peer->addr.family != INET_NONE ? peer->addr : op->params.target,
		.peer_port = peer->port,
		.times = HTTP_RESULT_NOTHING,
	};
	io->ops->arm(io, op, END_TIMER,
	             mono_add_ns(now, (int64_t)op->params.timeout_ms * NS_PER_MS));
	if (st->peer.family != INET_NONE)
		connect_now(op, io);
	else
		after_lookup(
		        op, io,
		        name_lookup_start(&st->lookup, op, io, peer->host.at, peer->host.len, now));
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct http_state *st = op->state;
	struct http_route route = route_of(op);
	const struct url *peer = http_route_peer(&route);

	if (st->lookup.flow && flow == st->lookup.flow)
		after_lookup(op, io,
		             name_lookup_on_packet(&st->lookup, op, io, peer->host.at,
		                                   peer->host.len, packet, now));
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct http_state *st = op->state;

	(void)io;
	name_lookup_on_sent(&st->lookup, token, at);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct http_state *st = op->state;

	(void)now;
	if (st->lookup.flow && flow == st->lookup.flow)
		after_lookup(op, io, name_lookup_on_error(&st->lookup, op, io, error));
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct http_state *st = op->state;
	struct inet_endpoint peer = { st->peer, st->peer_port };
	char detail[SLA_DETAIL_MAX], text[INET_ENDPOINT_TEXT_MAX];

	(void)timer, (void)now;
	inet_endpoint_format(&peer, text);
	switch ((enum http_phase)st->phase) {
	case PHASE_IDLE:
		break;
	case PHASE_LOOKUP:
		after_lookup(op, io, name_lookup_timed_out(&st->lookup, op, io));
		break;
	case PHASE_CONNECT:
		tcp_failure_text(&peer, -ETIMEDOUT, detail);
		fail(op, io, SENSE_TCP_CONNECT_TIMEOUT, detail);
		break;
	case PHASE_TUNNEL:
	case PHASE_TLS:
	case PHASE_RESPONSE:
		result_text(detail, "%s from %s in time",
		            st->phase == PHASE_TLS      ? "no TLS handshake"
		            : st->phase == PHASE_TUNNEL ? "no answer to CONNECT"
		            : st->has_first_octet       ? "no end of the response"
		                                        : "no response",
		            text);
		fail(op, io, SENSE_HTTP_TRANSACTION_TIMEOUT, detail);
		break;
	}
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

const char *const probe_http_version_names[] = { "1.0", "1.1", NULL };
const char *const probe_enabled_names[] = { "enable", "disable", NULL };

static const struct conf_row rows[] = {
	ROW_NAME_SERVER,
	{ .keyword = "version",
	  .kind = CK_ENUM,
	  .where = CW_INLINE,
	  .offset = PARAM(http_version),
	  .initial = 0,
	  .names = probe_http_version_names,
	  .help = "Version of HTTP in the request",
	  .source = "IOS; rttMonEchoAdminHTTPVersion" },
	ROW_SOURCE_IP,
	ROW_SOURCE_PORT,
	{ .keyword = "cache",
	  .kind = CK_ENUM,
	  .where = CW_INLINE,
	  .offset = PARAM(no_cache),
	  .initial = 0,
	  .names = probe_enabled_names,
	  .help = "Whether the response may come from a cache on the way",
	  .source = "IOS; rttMonEchoAdminCache" },
	{ .keyword = "proxy",
	  .kind = CK_WORD,
	  .where = CW_INLINE,
	  .offset = PARAM(text.at[OP_TEXT_PROXY]),
	  .min = 1,
	  .max = 512,
	  .help = "URL of a proxy that the request goes to",
	  .source = "IOS; rttMonEchoAdminProxy" },
	ROW_FREQUENCY,
	ROW_THRESHOLD,
	ROW_TIMEOUT,
	ROW_TOS,
	ROW_SOURCE_INTERFACE,
	ROW_VRF,
	ROW_MARK,
	ROW_TRAFFIC_CLASS,
	{ .keyword = "http-raw-request",
	  .kind = CK_TEXT,
	  .where = CW_SUB,
	  .offset = PARAM(text.at[OP_TEXT_RAW_REQUEST]),
	  .min = 1,
	  .max = 4096,
	  .help = "The request of http raw: on this line, or in lines until `exit`; \\r and \\n "
	          "are read",
	  .source = "IOS" },
	{ .keyword = "http-status-code-ignore",
	  .kind = CK_FLAG,
	  .where = CW_SUB,
	  .offset = PARAM(ignore_status),
	  .help = "Any status is a good answer",
	  .source = "IOS" },
	{ .keyword = "tls-verify",
	  .kind = CK_ENUM,
	  .where = CW_SUB,
	  .offset = PARAM(tls_no_verify),
	  .initial = 0,
	  .names = probe_enabled_names,
	  .help = "Whether the server's certificate must be valid for its name",
	  .source = "Candor" },
	ROWS_END,
};

const struct probe_type http_type = {
	.name = "http",
	.usage = "http {get|raw|secure get|secure head} URL [options]",
	.id = SLA_HTTP,
	.target = TARGET_URL,
	.methods = http_methods,
	.rows = rows,
	.stats = STATS_HOURS,
	.state_size = state_size,
	.check = check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = on_connect,
	.on_stream = on_stream,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
};
