/* SPDX-License-Identifier: Apache-2.0 */
/* dns: one question to one name server, and its reply.
 *
 * The question leaves from a fresh port with an unpredictable number; only a message with that number and that
 * question from that server is its reply, all others are counted as foreign (RFC 5452 section 9).  It is sent
 * once: a resolver would ask again, a measurement shows the loss.  A reply over UDP that says that it is
 * truncated is asked for again over TCP, as RFC 7766 section 5 wants it, and the time runs on from the first
 * question.  Over TCP the handshake is part of the time.  A reply with an error code is one: its time stands in
 * the dns part, the operation has failed.  An address as the name is asked for its PTR record, as routers do. */
#include "probe/dns_probe.h"

#include "io/udp_socket.h"
#include "probe/echo_sample.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "wire/dns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define END_TIMER     0u
#define LENGTH_OCTETS 2u    /* before a message over TCP */
#define STREAM_OCTETS 2048u /* of a reply over TCP that are looked at */

struct dns_state {
	struct probe_flow *flow; /* NULL: nothing is under way */
	bool is_stream;
	bool was_truncated; /* this run's reply over UDP */
	struct echo_sample sample;
	struct dns_query query;
	int64_t connect_ns;
	int flow_error;  /* last error that the network reported, -errno */
	uint32_t wanted; /* octets of the reply over TCP, with its length; 0: not known yet */
	uint32_t got;
	uint8_t stream[LENGTH_OCTETS + STREAM_OCTETS];
};

const char *const probe_dns_type_names[] = { "a",   "aaaa", "ptr",   "mx",  "ns", "soa",
	                                     "txt", "srv",  "cname", "any", NULL };
static const uint16_t type_numbers[] = { DNS_A,   DNS_AAAA, DNS_PTR, DNS_MX,    DNS_NS,
	                                 DNS_SOA, DNS_TXT,  DNS_SRV, DNS_CNAME, DNS_ANY };
const char *const probe_dns_transport_names[] = { "udp", "tcp", NULL };

/* The question that the parameters ask for.  0, or -EINVAL: the name is none. */
static int read_question(const struct op_params *p, struct dns_query *q)
{
	const char *name = p->text.at[OP_TEXT_NAME];
	struct inet_addr addr;

	if (!name)
		return -EINVAL;
	q->type = type_numbers[p->dns_type];
	if (inet_addr_parse(name, &addr) < 0)
		return dns_name_parse(name, &q->name);
	q->type = DNS_PTR;
	return dns_name_reverse(&addr, &q->name);
}

static size_t state_size(const struct op_params *p)
{
	(void)p;
	return sizeof(struct dns_state);
}

static int check(const struct op_params *p, struct diag *d)
{
	struct dns_query q;

	if (p->target.family == INET_NONE)
		return diag_set(d, -EINVAL, "dns needs name-server ADDRESS");
	if (p->source.family != INET_NONE && p->source.family != p->target.family)
		return diag_set(d, -EINVAL, "name-server and source-ip are not of the same family");
	if (read_question(p, &q) < 0)
		return diag_set(d, -EINVAL, "'%s' is no name that the DNS could hold",
		                p->text.at[OP_TEXT_NAME] ? p->text.at[OP_TEXT_NAME] : "");
	return 0;
}

static void close_flow(struct op *op, struct probe_io *io)
{
	struct dns_state *st = op->state;

	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
}

static void release(struct op *op, struct probe_io *io)
{
	io->ops->disarm(io, op, END_TIMER);
	close_flow(op, io);
}

static const char *server_text(const struct op_params *p, char *to)
{
	const struct inet_endpoint server = { p->target, p->target_port };

	return inet_endpoint_format(&server, to);
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct dns_state *st = op->state;

	result_begin(res, op, io);
	res->control = SLA_CONTROL_DISABLE;
	memset(&res->dns, 0, sizeof(res->dns));
	res->dns.truncated = st->was_truncated;
	res->dns.connect_ns = st->connect_ns;
	res->dns.transport = st->is_stream ? SLA_DNS_TCP : SLA_DNS_UDP;
}

static void fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail)
{
	struct dns_state *st = op->state;
	struct sla_result res;

	begin_result(op, io, &res);
	echo_sample_silence(&st->sample, &res);
	res.sense = (uint8_t)sense;
	result_text(res.detail, "%s", detail);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

static void fail_silent(struct op *op, struct probe_io *io)
{
	const struct dns_state *st = op->state;
	char text[INET_ENDPOINT_TEXT_MAX], more[64] = "", detail[SLA_DETAIL_MAX];

	if (st->flow_error)
		(void)snprintf(more, sizeof(more), ": %s", strerror(-st->flow_error));
	else if (st->sample.foreign)
		(void)snprintf(more, sizeof(more), "; %u datagrams were no answer to the question",
		               st->sample.foreign);
	result_text(detail, "no reply from %s%s", server_text(&op->params, text), more);
	fail(op, io, SENSE_DNS_SERVER_TIMEOUT, detail);
}

/* --- replies --------------------------------------------------------------------------------- */

static void take_answer(const uint8_t *buf, size_t len, const struct dns_reply *r,
                        struct dns_result *to)
{
	struct dns_record rec;

	to->has_reply = true;
	to->authoritative = r->authoritative;
	to->recursion_available = r->recursion_available;
	to->rcode = r->rcode;
	to->answers = r->answers;
	if (!r->has_question || dns_reply_find(buf, len, r, &rec) < 0)
		return;
	to->ttl_s = rec.ttl_s;
	dns_record_text(buf, len, &rec, to->answer, sizeof(to->answer));
}

static void judge(const struct dns_reply *r, struct sla_result *res)
{
	const char *name = dns_rcode_name(r->rcode);

	if (r->rcode != DNS_NOERROR) {
		res->rtt_ns = 0;
		res->sense = SENSE_DNS_QUERY_ERROR;
		if (name)
			result_text(res->detail, "the server answers %s", name);
		else
			result_text(res->detail, "the server answers error %u", r->rcode);
	} else if (!res->dns.answer[0] && !res->detail[0]) {
		/* UNVERIFIED: whether routers take "no such record" for an error; its code is 0. */
		result_text(res->detail, "the server answers that there is no such record");
	}
}

/* ``at``: when the reply was complete. */
static void complete(struct op *op, struct probe_io *io, const uint8_t *buf, size_t len,
                     const struct dns_reply *r, const struct stamp *at)
{
	struct dns_state *st = op->state;
	struct sla_result res;

	begin_result(op, io, &res);
	echo_sample_reply(&st->sample, &op->params, at, &res);
	res.dns.query_rtt_ns = res.rtt_ns;
	take_answer(buf, len, r, &res.dns);
	if (res.sense != SENSE_SEQUENCE_ERROR)
		judge(r, &res);
	if (!st->is_stream)
		res.instrument.rx_queue_drops = io->ops->drops(io, st->flow);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

/* --- questions ------------------------------------------------------------------------------- */

/* False: the run is over. */
static bool open_flow(struct op *op, struct probe_io *io, enum flow_kind kind)
{
	struct dns_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = kind,
		.local = { p->source, p->source_port },
		.peer = { p->target, p->target_port },
		.tos = p->tos,
	};
	char detail[SLA_DETAIL_MAX];
	int rc = io->ops->open(io, op, &spec, &st->flow);

	st->is_stream = kind == FLOW_STREAM;
	if (rc == 0)
		return true;
	st->flow = NULL;
	enum sla_sense sense = result_open_failed(io, rc, detail);

	fail(op, io, sense, detail);
	return false;
}

static void send_failed(struct op *op, struct probe_io *io, int error)
{
	char detail[SLA_DETAIL_MAX];

	result_text(detail, "cannot send: %s", strerror(-error));
	fail(op, io, error == -ENOBUFS || error == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR, detail);
}

static bool ask_udp(struct op *op, struct probe_io *io, mono_t now)
{
	struct dns_state *st = op->state;
	uint8_t buf[DNS_QUERY_OCTETS];
	struct stamp user;

	if (!open_flow(op, io, FLOW_UDP))
		return false;
	ssize_t len = dns_query_encode(&st->query, buf, sizeof(buf));
	int rc = len < 0 ? (int)len : io->ops->send(io, st->flow, buf, (size_t)len, 1, &user);

	if (rc < 0) {
		send_failed(op, io, rc);
		return false;
	}
	echo_sample_sent(&st->sample, now, &user);
	return true;
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct dns_state *st = op->state;
	const struct op_params *p = &op->params;

	memset(st, 0, sizeof(*st));
	if (read_question(p, &st->query) < 0) {
		result_finish_failed(op, io, SENSE_ERROR, "the name cannot be asked for");
		return;
	}
	st->query.id = (uint16_t)io->ops->random(io);
	if (p->dns_transport == SLA_DNS_TCP) {
		struct stamp begin = io->ops->read_clock(io);

		if (!open_flow(op, io, FLOW_STREAM))
			return;
		echo_sample_sent(&st->sample, now, &begin);
	} else if (!ask_udp(op, io, now)) {
		return;
	}
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
}

/* --- UDP ------------------------------------------------------------------------------------- */

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct dns_state *st = op->state;
	struct dns_reply r;

	(void)now;
	if (!st->flow || flow != st->flow)
		return;
	if (dns_reply_decode(packet->data, packet->len, &r) < 0 ||
	    !dns_reply_matches(&r, &st->query)) {
		st->sample.foreign++;
		return;
	}
	if (!r.truncated) {
		complete(op, io, packet->data, packet->len, &r, &packet->at);
		return;
	}
	st->was_truncated = true;
	close_flow(op, io);
	(void)open_flow(op, io, FLOW_STREAM); /* a failure has ended the run */
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct dns_state *st = op->state;

	(void)io, (void)token;
	echo_sample_stamp(&st->sample, at);
}

static void refused(struct op *op, struct probe_io *io)
{
	char text[INET_ENDPOINT_TEXT_MAX], detail[SLA_DETAIL_MAX];
	const struct dns_state *st = op->state;

	result_text(detail,
	            st->is_stream ? "%s refused the connection: nothing listens there"
	                          : "nothing listens on %s (port unreachable)",
	            server_text(&op->params, text));
	fail(op, io, SENSE_NOT_CONNECTED, detail);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct dns_state *st = op->state;

	(void)now;
	if (!st->flow || flow != st->flow)
		return;
	st->flow_error = error;
	if (error == -ECONNREFUSED)
		refused(op, io);
}

/* --- TCP ------------------------------------------------------------------------------------- */

static void not_connected(struct op *op, struct probe_io *io, int error)
{
	const struct inet_endpoint server = { op->params.target, op->params.target_port };
	struct diag d = { .text = "" };

	if (error == -ECONNREFUSED)
		refused(op, io);
	else if (error == -ETIMEDOUT || sock_connect_sentence(&server, error, &d) == 0)
		fail_silent(op, io);
	else
		fail(op, io, SENSE_ERROR, d.text);
}

static void on_connect(struct op *op, struct probe_io *io, struct probe_flow *flow,
                       const struct probe_connect *connect, mono_t now)
{
	struct dns_state *st = op->state;
	uint8_t buf[LENGTH_OCTETS + DNS_QUERY_OCTETS];

	(void)now;
	if (!st->flow || flow != st->flow)
		return;
	if (connect->error != 0) {
		not_connected(op, io, connect->error);
		return;
	}
	st->connect_ns = connect->rtt_ns;
	ssize_t len = dns_query_encode(&st->query, buf + LENGTH_OCTETS, DNS_QUERY_OCTETS);
	int rc = (int)len;

	if (len > 0) {
		buf[0] = (uint8_t)(len >> 8);
		buf[1] = (uint8_t)len;
		rc = io->ops->write(io, flow, buf, LENGTH_OCTETS + (size_t)len);
	}
	if (rc < 0)
		send_failed(op, io, rc);
}

/* The whole reply has come, of which we hold the first STREAM_OCTETS. */
static void take_message(struct op *op, struct probe_io *io)
{
	struct dns_state *st = op->state;
	struct stamp at = io->ops->read_clock(io);
	const uint8_t *message = st->stream + LENGTH_OCTETS;
	uint32_t len = st->wanted - LENGTH_OCTETS;
	struct dns_reply r;
	int rc;

	if (len <= STREAM_OCTETS) {
		rc = dns_reply_decode(message, len, &r);
	} else {
		len = STREAM_OCTETS;
		rc = dns_reply_decode_part(message, len, &r);
	}
	if (rc < 0 || !dns_reply_matches(&r, &st->query)) {
		st->sample.foreign++;
		fail(op, io, SENSE_DNS_QUERY_ERROR, "the reply over TCP is not to the question");
		return;
	}
	complete(op, io, message, len, &r, &at);
}

static void take_octets(struct dns_state *st, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len && (st->wanted == 0 || st->got < st->wanted); i++) {
		if (st->got < sizeof(st->stream))
			st->stream[st->got] = data[i];
		st->got++;
		if (st->got == LENGTH_OCTETS)
			st->wanted = LENGTH_OCTETS + ((uint32_t)st->stream[0] << 8 | st->stream[1]);
	}
}

static void on_stream(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_stream *stream, mono_t now)
{
	struct dns_state *st = op->state;
	char detail[SLA_DETAIL_MAX];

	(void)now;
	if (!st->flow || flow != st->flow)
		return;
	switch (stream->event) {
	case STREAM_SECURED:
		return;
	case STREAM_DATA:
		take_octets(st, stream->data, stream->len);
		if (st->wanted > 0 && st->got == st->wanted)
			take_message(op, io);
		return;
	case STREAM_END:
		result_text(detail,
		            "the server closed the connection before its reply was complete");
		break;
	case STREAM_FAILED:
		result_text(detail, "the connection broke: %s", stream->why);
		break;
	}
	fail(op, io, SENSE_DISCONNECTED, detail);
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct dns_state *st = op->state;

	(void)now;
	if (timer == END_TIMER && st->flow)
		fail_silent(op, io);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static const struct conf_row rows[] = {
	{ .keyword = "name-server",
	  .kind = CK_ADDR,
	  .where = CW_INLINE,
	  .offset = PARAM(target),
	  .help = "The server that is asked",
	  .source = "IOS; rttMonEchoAdminNameServer" },
	{ .keyword = "name-server-port",
	  .kind = CK_PORT,
	  .where = CW_INLINE,
	  .offset = PARAM(target_port),
	  .min = 1,
	  .max = 65535,
	  .initial = DNS_PORT,
	  .help = "Port of the server",
	  .source = "Candor" },
	{ .keyword = "query-type",
	  .kind = CK_ENUM,
	  .where = CW_INLINE,
	  .offset = PARAM(dns_type),
	  .initial = SLA_DNS_A,
	  .names = probe_dns_type_names,
	  .help = "Record type that is asked for; of an address always its name",
	  .source = "Candor" },
	{ .keyword = "transport",
	  .kind = CK_ENUM,
	  .where = CW_INLINE,
	  .offset = PARAM(dns_transport),
	  .initial = SLA_DNS_UDP,
	  .names = probe_dns_transport_names,
	  .help = "How the question is sent; after a truncated reply over UDP again over TCP",
	  .source = "Candor" },
	ROW_SOURCE_IP,
	ROW_SOURCE_PORT,
	ROW_FREQUENCY,
	ROW_THRESHOLD,
	ROW_TIMEOUT,
	ROW_TOS,
	ROW_TRAFFIC_CLASS,
	ROW_SOURCE_INTERFACE,
	ROW_VRF,
	ROW_MARK,
	ROWS_END,
};

const struct probe_type dns_type = {
	.name = "dns",
	.usage = "dns NAME --name-server ADDRESS [options]",
	.id = SLA_DNS,
	.target = TARGET_NAME,
	.rows = rows,
	.stats = STATS_HOURS | STATS_HISTORY,
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
