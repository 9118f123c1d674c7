/* SPDX-License-Identifier: Apache-2.0 */
/* ftp get: a file, from the connection to the reply that says it is whole.
 *
 * Passive mode asks by EPSV, then by PASV where the server does not know that; of its answer only the port is
 * used: the data come from the host that the control connection goes to.  In active mode this host listens at the
 * address that the control connection has, for that server alone.  Round-trip time = connection + login +
 * transfer; the name's address is asked for before, and its time stands beside it.
 *
 * UNVERIFIED: which code a router gives.  A server that says no, or something that is no FTP, is
 * "application specific"; a connection that ends early "disconnected"; silence in whatever step "timeout". */
#include "probe/ftp_probe.h"

#include "probe/name_lookup.h"
#include "probe/probe_rows.h"
#include "probe/result_text.h"
#include "probe/tcp_outcome.h"
#include "wire/ftp.h"
#include "wire/url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define END_TIMER   0u
#define FILE_MAX    (UINT64_C(1) << 30) /* octets */
#define COMMAND_MAX 2304u

enum ftp_phase {
	PHASE_IDLE,
	PHASE_LOOKUP,
	PHASE_CONNECT,
	/* what is answered next */
	PHASE_GREETING,
	PHASE_USER,
	PHASE_PASS,
	PHASE_TYPE,
	PHASE_EPSV,
	PHASE_PASV,
	PHASE_PORT,
	PHASE_DATA, /* the data connection, in passive mode */
	PHASE_RETR,
};

struct ftp_state {
	uint8_t phase;                     /* enum ftp_phase */
	bool has_data;                     /* all of the file has come */
	bool is_told;                      /* 226: the server says so, too */
	struct probe_flow *control, *data; /* NULL: none */
	struct inet_addr peer;
	mono_t started, step; /* the run, the present part of it */
	int64_t err_ns;
	struct name_lookup lookup;
	struct ftp_reader reader;
	struct ftp_result times;
};

static size_t state_size(const struct op_params *p)
{
	(void)p;
	return sizeof(struct ftp_state);
}

/* The URL was good when the operation was set. */
static struct url url_of(const struct op *op)
{
	struct url url = { 0 };
	const char *text = op->params.text.at[OP_TEXT_URL];

	if (text)
		(void)!url_parse(text, &url);
	return url;
}

/* "USER " and a part of the URL; ``to`` holds COMMAND_MAX.  0 or -EINVAL. */
static int write_command(const char *word, const struct url_part *part, const char *fallback,
                         char *to)
{
	char text[COMMAND_MAX - 16];

	if (part->at && url_unescape(part, text, sizeof(text)) < 0)
		return -EINVAL;
	(void)snprintf(to, COMMAND_MAX, "%s %s\r\n", word, part->at ? text : fallback);
	return 0;
}

/* RFC 1738 section 3.2.2: the path is relative to where the login leads. */
static struct url_part file_of(const struct url *url)
{
	struct url_part path = url->path;

	if (path.len > 0 && path.at[0] == '/') {
		path.at++;
		path.len--;
	}
	return path;
}

/* The URL is never quoted: it may hold a password. */
static int check(const struct op_params *p, struct diag *d)
{
	struct url url;
	char command[COMMAND_MAX];
	const char *text = p->text.at[OP_TEXT_URL];

	if (!text || url_parse(text, &url) < 0 || url.scheme != URL_FTP)
		return diag_set(d, -EINVAL, "expected ftp://[USER[:PASSWORD]@]HOST[:PORT]/PATH");
	struct url_part file = file_of(&url);

	if (file.len == 0 || write_command("RETR", &file, "", command) < 0)
		return diag_set(d, -EINVAL, "the URL names no file");
	if (write_command("USER", &url.user, "", command) < 0 ||
	    write_command("PASS", &url.password, "", command) < 0)
		return diag_set(d, -EINVAL, "user or password hold a line end or a bad %%-escape");
	if (url.user.at && url.user.len == 0)
		return diag_set(d, -EINVAL, "the URL has an empty user name");
	return 0;
}

/* --- the end of a run -------------------------------------------------------------------------- */

static void close_flow(struct probe_io *io, struct probe_flow **flow)
{
	if (*flow)
		io->ops->close(io, *flow);
	*flow = NULL;
}

static void release(struct op *op, struct probe_io *io)
{
	struct ftp_state *st = op->state;

	io->ops->disarm(io, op, END_TIMER);
	name_lookup_stop(&st->lookup, io);
	close_flow(io, &st->data);
	close_flow(io, &st->control);
	st->phase = PHASE_IDLE;
}

static void begin_result(struct op *op, struct probe_io *io, struct sla_result *res)
{
	const struct ftp_state *st = op->state;

	result_begin(res, op, io);
	res->instrument.turnaround = TURNAROUND_NONE;
	res->instrument.foreign_packets = st->lookup.sample.foreign;
	res->target = st->peer;
	res->target_port = url_of(op).port;
	res->ftp = st->times;
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

static mono_t reading(struct op *op, struct probe_io *io)
{
	struct ftp_state *st = op->state;
	struct stamp at = io->ops->read_clock(io);

	st->err_ns += at.err_ns;
	return at.read_at;
}

static void succeed(struct op *op, struct probe_io *io, mono_t now)
{
	static const char quit[] = "QUIT\r\n";
	struct ftp_state *st = op->state;
	struct sla_result res;

	st->times.transfer_ns = since(st->step, now);
	st->times.total_ns = since(st->started, now);
	begin_result(op, io, &res);
	res.rtt_ns = st->times.connect_ns + st->times.login_ns + st->times.transfer_ns;
	res.instrument.tx_source = STAMP_USER;
	res.instrument.rx_source = STAMP_USER;
	res.instrument.rtt_err_ns = st->err_ns;
	res.sense = (uint8_t)result_sense_of_rtt(&op->params, res.rtt_ns);
	(void)!io->ops->write(io, st->control, (const uint8_t *)quit, sizeof(quit) - 1);
	release(op, io);
	io->ops->finish(io, op, &res, NULL);
}

/* --- commands ------------------------------------------------------------------------------------ */

/* Send a line; the next reply is to it. */
static void command(struct op *op, struct probe_io *io, enum ftp_phase phase, const char *line)
{
	struct ftp_state *st = op->state;
	char detail[SLA_DETAIL_MAX];
	int rc = io->ops->write(io, st->control, (const uint8_t *)line, strlen(line));

	st->phase = (uint8_t)phase;
	if (rc == 0)
		return;
	result_text(detail, "cannot send a command: %s", strerror(-rc));
	fail(op, io, SENSE_ERROR, detail);
}

/* A command with a part of the URL, which the operation's check has found good. */
static void command_with(struct op *op, struct probe_io *io, enum ftp_phase phase, const char *word,
                         const struct url_part *part, const char *fallback)
{
	char line[COMMAND_MAX];

	if (write_command(word, part, fallback, line) < 0)
		fail(op, io, SENSE_ERROR, "the URL holds a bad escape");
	else
		command(op, io, phase, line);
	explicit_bzero(line, sizeof(line)); /* it may hold the password */
}

static void send_user(struct op *op, struct probe_io *io)
{
	struct url url = url_of(op);

	command_with(op, io, PHASE_USER, "USER", &url.user, "anonymous");
}

static void send_pass(struct op *op, struct probe_io *io)
{
	struct url url = url_of(op);

	command_with(op, io, PHASE_PASS, "PASS", &url.password, url.user.at ? "" : "candor@");
}

static void retrieve(struct op *op, struct probe_io *io)
{
	struct url url = url_of(op);
	struct url_part file = file_of(&url);

	command_with(op, io, PHASE_RETR, "RETR", &file, "");
}

static void logged_in(struct op *op, struct probe_io *io, mono_t now)
{
	struct ftp_state *st = op->state;

	st->times.login_ns = since(st->step, now);
	st->step = reading(op, io);
	command(op, io, PHASE_TYPE, "TYPE I\r\n");
}

/* --- the data connection -------------------------------------------------------------------------- */

/* False: the run is over. */
static bool open_data(struct op *op, struct probe_io *io, const struct flow_spec *spec)
{
	struct ftp_state *st = op->state;
	char detail[SLA_DETAIL_MAX];
	int rc = io->ops->open(io, op, spec, &st->data);

	if (rc == 0)
		return true;
	st->data = NULL;
	enum sla_sense sense = result_open_failed(io, rc, detail);

	fail(op, io, sense, detail);
	return false;
}

static void dial(struct op *op, struct probe_io *io, uint16_t port)
{
	struct ftp_state *st = op->state;
	const struct flow_spec spec = {
		.kind = FLOW_STREAM,
		.local = { io->ops->local(io, st->control).addr, 0 },
		.peer = { st->peer, port },
		.tos = op->params.tos,
		.obeys_egress = true,
	};

	st->phase = PHASE_DATA;
	(void)open_data(op, io, &spec);
}

static void listen_for_data(struct op *op, struct probe_io *io)
{
	struct ftp_state *st = op->state;
	const struct flow_spec spec = {
		.kind = FLOW_LISTEN,
		.local = { io->ops->local(io, st->control).addr, 0 },
		.peer = { st->peer, 0 },
		.tos = op->params.tos,
	};
	char line[FTP_PORT_MAX];

	if (!open_data(op, io, &spec))
		return;
	const struct inet_endpoint at = io->ops->local(io, st->data);

	command(op, io, PHASE_PORT, ftp_port_command(&at, line));
}

/* --- replies --------------------------------------------------------------------------------------- */

static void refused(struct op *op, struct probe_io *io, const char *what)
{
	struct ftp_state *st = op->state;
	char detail[SLA_DETAIL_MAX];

	result_text(detail, "%s: the server says %u %s", what, st->reader.code, st->reader.text);
	fail(op, io, SENSE_APPLICATION_SPECIFIC, detail);
}

/* The port in a reply, as ``find`` reads it. */
static void take_port(struct op *op, struct probe_io *io,
                      int (*find)(const char *text, uint16_t *ret))
{
	const struct ftp_state *st = op->state;
	uint16_t port;

	if (find(st->reader.text, &port) < 0)
		refused(op, io, "no port is in the answer to EPSV or PASV");
	else
		dial(op, io, port);
}

static void end_if_whole(struct op *op, struct probe_io *io, mono_t now)
{
	const struct ftp_state *st = op->state;

	if (st->has_data && st->is_told)
		succeed(op, io, now);
}

static void after_login(struct op *op, struct probe_io *io)
{
	if (op->params.ftp_active)
		listen_for_data(op, io);
	else
		command(op, io, PHASE_EPSV, "EPSV\r\n");
}

/* One final reply (not 1xx) in the phase that waits for it. */
static void take_reply(struct op *op, struct probe_io *io, mono_t now)
{
	struct ftp_state *st = op->state;
	uint16_t code = st->reader.code;
	bool is_good = code >= 200 && code < 300;

	switch ((enum ftp_phase)st->phase) {
	case PHASE_GREETING:
		is_good ? send_user(op, io) : refused(op, io, "no service");
		break;
	case PHASE_USER:
		if (code == 331)
			send_pass(op, io);
		else if (is_good)
			logged_in(op, io, now);
		else
			refused(op, io, "no login");
		break;
	case PHASE_PASS:
		is_good ? logged_in(op, io, now) : refused(op, io, "no login");
		break;
	case PHASE_TYPE:
		is_good ? after_login(op, io) : refused(op, io, "no binary transfer");
		break;
	case PHASE_EPSV:
		if (code == 229)
			take_port(op, io, ftp_epsv_port);
		else if (st->peer.family == INET_V4)
			command(op, io, PHASE_PASV, "PASV\r\n");
		else
			refused(op, io, "no passive mode");
		break;
	case PHASE_PASV:
		if (code == 227)
			take_port(op, io, ftp_pasv_port);
		else
			refused(op, io, "no passive mode");
		break;
	case PHASE_PORT:
		is_good ? retrieve(op, io) : refused(op, io, "no active mode");
		break;
	case PHASE_RETR:
		st->is_told = code == 226 || code == 250;
		st->is_told ? end_if_whole(op, io, now) : refused(op, io, "no file");
		break;
	case PHASE_DATA:
		refused(op, io, "no data connection");
		break;
	case PHASE_IDLE:
	case PHASE_LOOKUP:
	case PHASE_CONNECT:
		break;
	}
}

static void take_control(struct op *op, struct probe_io *io, const uint8_t *data, size_t len,
                         mono_t now)
{
	struct ftp_state *st = op->state;
	struct probe_flow *control = st->control;

	while (len > 0 && st->control == control) {
		size_t used;
		enum ftp_progress p = ftp_reader_feed(&st->reader, data, len, &used);

		if (p == FTP_BAD)
			fail(op, io, SENSE_APPLICATION_SPECIFIC,
			     "what the server sends is no FTP reply");
		else if (p == FTP_REPLY && st->reader.code >= 200)
			take_reply(op, io, now);
		data += used;
		len -= used;
	}
}

/* --- events of connections ------------------------------------------------------------------------ */

static void connect_failed(struct op *op, struct probe_io *io, const struct inet_endpoint *peer,
                           int error)
{
	char detail[SLA_DETAIL_MAX];

	tcp_failure_text(peer, error, detail);
	fail(op, io, error == -ETIMEDOUT ? SENSE_TIMEOUT : SENSE_ERROR, detail);
}

static void on_connect(struct op *op, struct probe_io *io, struct probe_flow *flow,
                       const struct probe_connect *connect, mono_t now)
{
	struct ftp_state *st = op->state;
	struct inet_endpoint peer = { st->peer, url_of(op).port };

	(void)now;
	if (st->control && flow == st->control) {
		if (connect->error != 0) {
			connect_failed(op, io, &peer, connect->error);
			return;
		}
		st->times.connect_ns = connect->rtt_ns;
		st->err_ns += connect->err_ns;
		st->step = reading(op, io);
		st->phase = PHASE_GREETING;
	} else if (st->data && flow == st->data) {
		if (connect->error != 0)
			fail(op, io, connect->error == -ETIMEDOUT ? SENSE_TIMEOUT : SENSE_ERROR,
			     "the data connection failed");
		else if (st->phase == PHASE_DATA)
			retrieve(op, io);
	}
}

static void take_data(struct op *op, struct probe_io *io, const struct probe_stream *stream,
                      mono_t now)
{
	struct ftp_state *st = op->state;

	switch (stream->event) {
	case STREAM_DATA:
		st->times.octets += stream->len;
		if (st->times.octets > FILE_MAX)
			fail(op, io, SENSE_APPLICATION_SPECIFIC,
			     "the file is longer than 1 GiB, which is what is read");
		break;
	case STREAM_END:
		st->has_data = true;
		close_flow(io, &st->data);
		end_if_whole(op, io, now);
		break;
	case STREAM_FAILED:
		fail(op, io, SENSE_DISCONNECTED, "the data connection broke");
		break;
	case STREAM_SECURED:
		break;
	}
}

static void on_stream(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_stream *stream, mono_t now)
{
	struct ftp_state *st = op->state;
	char detail[SLA_DETAIL_MAX];

	if (st->data && flow == st->data) {
		take_data(op, io, stream, now);
		return;
	}
	if (!st->control || flow != st->control)
		return;
	if (stream->event == STREAM_DATA) {
		take_control(op, io, stream->data, stream->len, now);
		return;
	}
	result_text(detail, "the server %s the control connection",
	            stream->event == STREAM_END ? "closed" : "broke");
	fail(op, io, SENSE_DISCONNECTED, detail);
}

/* --- name and connection -------------------------------------------------------------------------- */

static void connect_now(struct op *op, struct probe_io *io)
{
	struct ftp_state *st = op->state;
	const struct op_params *p = &op->params;
	const struct flow_spec spec = {
		.kind = FLOW_STREAM,
		.local = { p->source, 0 },
		.peer = { st->peer, url_of(op).port },
		.tos = p->tos,
		.obeys_egress = true,
	};
	char detail[SLA_DETAIL_MAX];

	if (p->source.family != INET_NONE && p->source.family != st->peer.family) {
		fail(op, io, SENSE_ERROR, "source-ip and the server's address are of two families");
		return;
	}
	st->phase = PHASE_CONNECT;
	int rc = io->ops->open(io, op, &spec, &st->control);

	if (rc < 0) {
		st->control = NULL;
		enum sla_sense sense = result_open_failed(io, rc, detail);

		fail(op, io, sense, detail);
	}
}

static void after_lookup(struct op *op, struct probe_io *io, enum lookup_step step)
{
	struct ftp_state *st = op->state;

	if (step == LOOKUP_FOUND) {
		st->peer = st->lookup.addr;
		st->times.dns_ns = st->lookup.rtt_ns;
		connect_now(op, io);
	} else if (step == LOOKUP_FAILED) {
		fail(op, io, (enum sla_sense)st->lookup.sense, st->lookup.detail);
	}
}

static void start(struct op *op, struct probe_io *io, mono_t now)
{
	struct ftp_state *st = op->state;
	struct url url = url_of(op);

	*st = (struct ftp_state) {
		.phase = PHASE_LOOKUP,
		.started = now,
		.peer = url.addr.family != INET_NONE ? url.addr : op->params.target,
		.times = FTP_RESULT_NOTHING,
	};
	ftp_reader_init(&st->reader);
	io->ops->arm(io, op, END_TIMER,
	             mono_add_ns(now, (int64_t)op->params.timeout_ms * NS_PER_MS));
	if (st->peer.family != INET_NONE)
		connect_now(op, io);
	else
		after_lookup(
		        op, io,
		        name_lookup_start(&st->lookup, op, io, url.host.at, url.host.len, now));
}

static void on_packet(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_packet *packet, mono_t now)
{
	struct ftp_state *st = op->state;
	struct url url = url_of(op);

	if (st->lookup.flow && flow == st->lookup.flow)
		after_lookup(op, io,
		             name_lookup_on_packet(&st->lookup, op, io, url.host.at, url.host.len,
		                                   packet, now));
}

static void on_sent(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at)
{
	struct ftp_state *st = op->state;

	(void)io;
	name_lookup_on_sent(&st->lookup, token, at);
}

static void on_error(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
                     mono_t now)
{
	struct ftp_state *st = op->state;

	(void)now;
	if (st->lookup.flow && flow == st->lookup.flow)
		after_lookup(op, io, name_lookup_on_error(&st->lookup, op, io, error));
}

static const char *missing(const struct ftp_state *st)
{
	switch ((enum ftp_phase)st->phase) {
	case PHASE_GREETING:
		return "no greeting";
	case PHASE_USER:
	case PHASE_PASS:
		return "no answer to the login";
	case PHASE_DATA:
		return "no data connection";
	case PHASE_RETR:
		return st->is_told        ? "no end of the data"
		       : st->has_data     ? "no word that the file is whole"
		       : st->times.octets ? "no end of the file"
		                          : "no file";
	case PHASE_IDLE:
	case PHASE_LOOKUP:
	case PHASE_CONNECT:
	case PHASE_TYPE:
	case PHASE_EPSV:
	case PHASE_PASV:
	case PHASE_PORT:
		break;
	}
	return "no answer";
}

static void on_timer(struct op *op, struct probe_io *io, unsigned timer, mono_t now)
{
	struct ftp_state *st = op->state;
	struct inet_endpoint peer = { st->peer, url_of(op).port };
	char detail[SLA_DETAIL_MAX], text[INET_ENDPOINT_TEXT_MAX];

	(void)timer, (void)now;
	if (st->phase == PHASE_IDLE)
		return;
	if (st->phase == PHASE_LOOKUP) {
		after_lookup(op, io, name_lookup_timed_out(&st->lookup, op, io));
		return;
	}
	if (st->phase == PHASE_CONNECT) {
		connect_failed(op, io, &peer, -ETIMEDOUT);
		return;
	}
	result_text(detail, "%s from %s in time", missing(st), inet_endpoint_format(&peer, text));
	fail(op, io, SENSE_TIMEOUT, detail);
}

static void stop(struct op *op, struct probe_io *io)
{
	release(op, io);
}

static const char *const methods[] = { "get", NULL };
const char *const probe_ftp_mode_names[] = { "passive", "active", NULL };

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,
	{ .keyword = "mode",
	  .kind = CK_ENUM,
	  .where = CW_INLINE,
	  .offset = PARAM(ftp_active),
	  .initial = 0,
	  .names = probe_ftp_mode_names,
	  .help = "Who opens the data connection: passive, we do; active, the server does",
	  .source = "IOS; rttMonEchoAdminMode" },
	ROW_NAME_SERVER,
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

const struct probe_type ftp_type = {
	.name = "ftp",
	.usage = "ftp get URL [options]",
	.id = SLA_FTP,
	.target = TARGET_URL,
	.methods = methods,
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
