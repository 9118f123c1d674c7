/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp: a lease from a server, and back to it.
 *
 * We are client and relay in one, as routers are: DISCOVER and REQUEST go to the target with our own address as
 * the relay's (giaddr), and a server answers a relay at its port 67 (RFC 2131 section 4.1).  That port can be
 * held by one operation at a time; another that is due waits its turn, for as long as its timeout, and its time
 * begins when it sends.  The answers are told by transaction number and client.  The client is always the same
 * for an operation, so that a server's table does not fill up.
 *
 * A lease is given back at once.  Where a run ends between REQUEST and ACK the server may hold one for us, so
 * the address is given back as well, and once more when the ACK comes after all. */
#include "probe/dhcp_probe.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/hex.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "wire/dhcp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define END_TIMER       0u
#define TURN_TIMER      1u
#define TURN_NS         (20 * NS_PER_MS) /* between two tries at the port */
#define LINGER_NS       NS_PER_S         /* for an ACK after the timeout */
#define FREQUENCY_MIN_S 10u              /* IOS */
#define CLIENT_ID_HEAD  "\0candor"       /* type 0: no hardware address (RFC 2132 section 9.14) */

enum dhcp_step {
	STEP_IDLE,
	STEP_WAITING,    /* for the port */
	STEP_SELECTING,  /* DISCOVER is out */
	STEP_REQUESTING, /* REQUEST is out: from here on the server may hold a lease for us */
	STEP_LINGERING,  /* timed out, and given back */
};

struct dhcp_state {
	struct probe_flow *flow;
	uint8_t step; /* enum dhcp_step */
	struct inet_addr local;
	struct dhcp_ask ask; /* xid, client and relay of this run */
	struct inet_addr offered;
	struct stamp sent; /* the DISCOVER */
	int64_t late_ns;   /* of it, after its turn */
	uint32_t foreign;
	int flow_error;
	struct dhcp_result out;
};

static size_t state_size(const struct op_params *p)
{
	(void)p;
	return sizeof(struct dhcp_state);
}

static int read_octets(const char *text, struct dhcp_octets *to)
{
	int n = text ? hex_parse(text, strlen(text), to->at, sizeof(to->at)) : 0;

	if (n < 0)
		return n;
	to->len = (uint8_t)n;
	return 0;
}

static int check(const struct op_params *p, struct diag *d)
{
	if (p->target.family == INET_V6 || p->source.family == INET_V6)
		return diag_set(d, -EINVAL, "dhcp is IPv4 only");
	if (p->frequency_s < FREQUENCY_MIN_S)
		return diag_set(d, -EINVAL, "frequency: dhcp runs every %u seconds at most, not %u",
		                FREQUENCY_MIN_S, p->frequency_s);
	return 0;
}

/* --- ending ---------------------------------------------------------------------------------- */

static int say(struct op *op, struct probe_io *io, uint8_t type, struct stamp *ret_user)
{
	struct dhcp_state *st = op->state;
	struct dhcp_ask ask = st->ask;
	uint8_t buf[DHCP_MAX];

	ask.type = type;
	if (type == DHCP_REQUEST)
		ask.requested = st->offered;
	if (type == DHCP_RELEASE)
		ask.client = st->offered;
	if (type != DHCP_DISCOVER)
		ask.server = st->out.server;
	ssize_t len = dhcp_ask_encode(&ask, buf, sizeof(buf));

	return len < 0 ? (int)len : io->ops->send(io, st->flow, buf, (size_t)len, 0, ret_user);
}

static void give_back(struct op *op, struct probe_io *io)
{
	struct dhcp_state *st = op->state;
	struct stamp user;

	st->out.released = say(op, io, DHCP_RELEASE, &user) == 0;
}

static void release(struct op *op, struct probe_io *io)
{
	struct dhcp_state *st = op->state;

	if (st->step == STEP_REQUESTING)
		give_back(op, io);
	io->ops->disarm(io, op, END_TIMER);
	io->ops->disarm(io, op, TURN_TIMER);
	if (st->flow)
		io->ops->close(io, st->flow);
	st->flow = NULL;
	st->step = STEP_IDLE;
}

static void finish(struct op *op, struct probe_io *io, enum sla_sense sense, int64_t rtt_ns,
                   const char *detail)
{
	struct dhcp_state *st = op->state;
	struct sla_result res;

	result_begin(&res, op, io);
	res.control = SLA_CONTROL_DISABLE;
	res.sense = (uint8_t)sense;
	res.rtt_ns = rtt_ns;
	res.instrument.turnaround = TURNAROUND_INCLUDED;
	res.instrument.foreign_packets = st->foreign;
	res.instrument.tx_source = (uint8_t)st->sent.source;
	res.instrument.rx_source = (uint8_t)(rtt_ns > 0 ? STAMP_USER : STAMP_NONE);
	res.instrument.rtt_err_ns = 2 * st->sent.err_ns;
	res.instrument.send_lateness_max_ns = st->late_ns;
	res.instrument.send_lateness_sum_ns = st->late_ns;
	result_text(res.detail, "%s", detail);
	release(op, io);
	res.dhcp = st->out;
	io->ops->finish(io, op, &res, NULL);
}

static void finish_silent(struct op *op, struct probe_io *io)
{
	const struct dhcp_state *st = op->state;
	char text[INET_TEXT_MAX], detail[SLA_DETAIL_MAX];

	if (st->step == STEP_WAITING)
		result_text(detail, "port %u stayed in use: another operation or program holds it",
		            DHCP_SERVER_PORT);
	else
		result_text(detail, "no %s from %s%s%s",
		            st->step == STEP_SELECTING ? "offer" : "acknowledgement",
		            inet_addr_format(&op->params.target, text), st->flow_error ? ": " : "",
		            st->flow_error ? strerror(-st->flow_error) : "");
	finish(op, io, st->step == STEP_WAITING ? SENSE_BUSY : SENSE_TIMEOUT, 0, detail);
}

/* --- beginning ------------------------------------------------------------------------------- */

/* The port at which the server answers. */
static struct flow_spec spec_of(const struct op *op, const struct inet_addr *local, uint16_t port)
{
	return (struct flow_spec) {
		.kind = FLOW_UDP,
		.local = { *local, port },
		.peer = { op->params.target, DHCP_SERVER_PORT },
		.tos = op->params.tos,
		.no_stamps = true, /* stamps of the process do for milliseconds */
		.any_peer = port != 0,
		.broadcast = true,
	};
}

/* The address that packets to the target leave from; the server must be told. */
static int find_local(struct op *op, struct probe_io *io)
{
	struct dhcp_state *st = op->state;
	struct probe_flow *flow;
	const struct flow_spec spec = spec_of(op, &op->params.source, 0);
	int rc = io->ops->open(io, op, &spec, &flow);

	if (rc < 0)
		return rc;
	st->local = io->ops->local(io, flow).addr;
	io->ops->close(io, flow);
	return 0;
}

static void set_client(struct op *op, struct probe_io *io)
{
	struct dhcp_state *st = op->state;
	uint8_t *mac = st->ask.mac;
	struct wr id = wr_init(st->ask.client_id.at, sizeof(st->ask.client_id.at));

	st->ask.xid = io->ops->random(io);
	st->ask.relay = st->local;
	mac[0] = 0x02; /* administered locally */
	mac[1] = 0x5a;
	put_be32(mac + 2, op->id.number);
	for (unsigned i = 0; i < 4; i++)
		mac[2 + i] ^= st->local.bytes[i];
	wr_bytes(&id, CLIENT_ID_HEAD, sizeof(CLIENT_ID_HEAD) - 1);
	wr_bytes(&id, st->local.bytes, 4);
	wr_be32(&id, op->id.number);
	st->ask.client_id.len = (uint8_t)wr_len(&id);
}

static void open_failed(struct op *op, struct probe_io *io, int error)
{
	char detail[SLA_DETAIL_MAX];
	enum sla_sense sense = result_open_failed(io, error, detail);

	finish(op, io, sense, 0, detail);
}

static void send_failed(struct op *op, struct probe_io *io, int error)
{
	char detail[SLA_DETAIL_MAX];

	result_text(detail, "cannot send: %s", strerror(-error));
	finish(op, io, error == -ENOBUFS || error == -ENOMEM ? SENSE_DROPPED : SENSE_ERROR, 0,
	       detail);
}

static void discover(struct op *op, struct probe_io *io, mono_t now)
{
	struct dhcp_state *st = op->state;
	const struct flow_spec spec = spec_of(op, &st->local, DHCP_SERVER_PORT);
	int rc = io->ops->open(io, op, &spec, &st->flow);

	if (rc < 0) {
		st->flow = NULL;
		if (rc == -EADDRINUSE)
			io->ops->arm(io, op, TURN_TIMER, mono_add_ns(now, TURN_NS));
		else
			open_failed(op, io, rc);
		return;
	}
	rc = say(op, io, DHCP_DISCOVER, &st->sent);
	if (rc < 0) {
		send_failed(op, io, rc);
		return;
	}
	st->step = STEP_SELECTING;
	st->late_ns = mono_diff_ns(st->sent.read_at, now);
	io->ops->arm(io, op, END_TIMER,
	             mono_add_ns(now, (int64_t)op->params.timeout_ms * NS_PER_MS));
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct dhcp_state *st = op->state;
	const struct op_params *p = &op->params;

	memset(st, 0, sizeof(*st));
	if (!result_has_target(op, io))
		return;
	if (read_octets(p->text.at[OP_TEXT_CIRCUIT_ID], &st->ask.circuit_id) < 0 ||
	    read_octets(p->text.at[OP_TEXT_REMOTE_ID], &st->ask.remote_id) < 0) {
		finish(op, io, SENSE_ERROR, 0, "option-82 is not hexadecimal");
		return;
	}
	int rc = find_local(op, io);

	if (rc < 0) {
		open_failed(op, io, rc);
		return;
	}
	set_client(op, io);
	st->step = STEP_WAITING;
	io->ops->arm(io, op, END_TIMER, mono_add_ns(now, (int64_t)p->timeout_ms * NS_PER_MS));
	discover(op, io, now);
}

/* --- answers --------------------------------------------------------------------------------- */

static void take_offer(struct op *op, struct probe_io *io, const struct dhcp_reply *r, mono_t now)
{
	struct dhcp_state *st = op->state;
	struct stamp user;

	st->out.offers++;
	if (st->step != STEP_SELECTING)
		return; /* a second server: the first has been chosen */
	st->out.offer_ns = mono_diff_ns(now, st->sent.read_at);
	st->out.server = r->server;
	st->offered = r->yours;
	int rc = say(op, io, DHCP_REQUEST, &user);

	if (rc < 0)
		send_failed(op, io, rc);
	else
		st->step = STEP_REQUESTING;
}

static void take_ack(struct op *op, struct probe_io *io, const struct dhcp_reply *r, mono_t now)
{
	struct dhcp_state *st = op->state;
	int64_t rtt_ns = mono_diff_ns(now, st->sent.read_at);

	if (st->step == STEP_LINGERING) {
		give_back(op, io);
		finish(op, io, SENSE_TIMEOUT, 0, "the acknowledgement came after the timeout");
		return;
	}
	st->out.ack_ns = rtt_ns;
	st->out.address = r->yours;
	st->out.lease_s = r->lease_s;
	st->out.has_lease = true;
	finish(op, io, result_sense_of_rtt(&op->params, rtt_ns), rtt_ns, "");
}

/* UNVERIFIED: which code routers give to a refusal. */
static void take_nak(struct op *op, struct probe_io *io, const struct dhcp_reply *r)
{
	struct dhcp_state *st = op->state;
	char detail[SLA_DETAIL_MAX];

	st->step = STEP_IDLE; /* there is nothing to give back */
	result_text(detail, "the server refuses the address that it offered%s%s",
	            r->message[0] ? ": " : "", r->message);
	finish(op, io, SENSE_APPLICATION_SPECIFIC, 0, detail);
}

static bool is_ours(const struct dhcp_state *st, const struct dhcp_reply *r)
{
	return r->xid == st->ask.xid && memcmp(r->mac, st->ask.mac, DHCP_MAC) == 0 &&
	       r->server.family != INET_NONE;
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct dhcp_state *st = op->state;
	bool asked = st->step == STEP_REQUESTING || st->step == STEP_LINGERING;
	struct dhcp_reply r;

	(void)now; /* of the loop's turn: too coarse */
	if (!st->flow || flow != st->flow)
		return;
	if (dhcp_reply_decode(packet->data, packet->len, &r) < 0 || !is_ours(st, &r)) {
		st->foreign++;
		return;
	}
	bool is_chosen = asked && inet_addr_equal(&r.server, &st->out.server);

	if (r.type == DHCP_OFFER && r.yours.family != INET_NONE)
		take_offer(op, io, &r, packet->at.read_at);
	else if (r.type == DHCP_ACK && is_chosen && inet_addr_equal(&r.yours, &st->offered))
		take_ack(op, io, &r, packet->at.read_at);
	else if (r.type == DHCP_NAK && is_chosen)
		take_nak(op, io, &r);
	else
		st->foreign++;
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	(void)op, (void)io, (void)token, (void)at; /* it sends no stamped datagram */
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct dhcp_state *st = op->state;

	(void)io, (void)now;
	if (st->flow && flow == st->flow)
		st->flow_error = error;
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct dhcp_state *st = op->state;

	if (timer == TURN_TIMER && st->step == STEP_WAITING) {
		discover(op, io, now);
	} else if (timer == END_TIMER && st->step == STEP_REQUESTING) {
		give_back(op, io);
		st->step = STEP_LINGERING;
		io->ops->arm(io, op, END_TIMER, mono_add_ns(now, LINGER_NS));
	} else if (timer == END_TIMER && st->step != STEP_IDLE) {
		finish_silent(op, io);
	}
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

/* --- settings -------------------------------------------------------------------------------- */

/* `option-82 [circuit-id HEX] [remote-id HEX]`, in any order. */
static int parse_agent(void *object, const struct conf_row *row, const struct conf_args *args,
                       struct diag *d)
{
	static const char *const words[] = { "circuit-id", "remote-id" };
	static const enum op_text texts[] = { OP_TEXT_CIRCUIT_ID, OP_TEXT_REMOTE_ID };
	struct op_params *p = object;
	unsigned at = 0;

	while (at < args->count && at < 4) {
		unsigned which = strcasecmp(args->token[at], words[1]) == 0;
		struct dhcp_octets octets;

		if (strcasecmp(args->token[at], words[which]) != 0 ||
		    (at > 0 && p->text.at[texts[which]]))
			break;
		const char *hex = at + 1 < args->count ? args->token[at + 1] : "";

		d->column = at + 2;
		if (!*hex || read_octets(hex, &octets) < 0)
			return diag_set(d, -EINVAL,
			                "%s %s: expected up to %u octets in hexadecimal",
			                row->keyword, words[which], DHCP_AGENT_PART);
		p->text.at[texts[which]] = arena_strdup(args->arena, hex);
		at += 2;
	}
	if (at == 0) {
		d->column = 1;
		return diag_set(d, -EINVAL, "%s needs circuit-id or remote-id", row->keyword);
	}
	return (int)at;
}

static void print_agent(const void *object, const struct conf_row *row, char *to, size_t cap)
{
	const struct op_params *p = object;
	const char *circuit = p->text.at[OP_TEXT_CIRCUIT_ID],
	           *remote = p->text.at[OP_TEXT_REMOTE_ID];

	(void)row;
	(void)snprintf(to, cap, "%s%s%s%s%s", circuit ? "circuit-id " : "", circuit ? circuit : "",
	               circuit && remote ? " " : "", remote ? "remote-id " : "",
	               remote ? remote : "");
}

static const struct conf_row rows[] = {
	{ .keyword = "option-82",
	  .kind = CK_CUSTOM,
	  .where = CW_INLINE,
	  .offset = PARAM(text.at[OP_TEXT_CIRCUIT_ID]),
	  .help = "Relay agent information: circuit-id HEX, remote-id HEX or both",
	  .source = "IOS; RFC 3046",
	  .parse = parse_agent,
	  .print = print_agent },
	ROW_SOURCE_IP,
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

const struct probe_type dhcp_type = {
	.name = "dhcp",
	.usage = "dhcp TARGET [options]",
	.id = SLA_DHCP,
	.target = TARGET_HOST,
	.rows = rows,
	.stats = STATS_HOURS | STATS_HISTORY,
	.state_size = state_size,
	.check = check,
	.start = start,
	.on_sent = on_sent,
	.on_packet = on_packet,
	.on_connect = probe_no_connect,
	.on_error = on_error,
	.on_timer = on_timer,
	.stop = stop,
};
