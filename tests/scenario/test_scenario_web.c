/* SPDX-License-Identifier: Apache-2.0 */
/* http and ftp: every step's time worked out by hand, and every way in which a server can go wrong. */
#include "model_peer.h"

#include <errno.h>

/* What the name server knows of www.example.com: an A record, an AAAA record alone, nothing. */
static enum { NAMES_A, NAMES_AAAA, NAMES_NX } names;

#define TYPE_AAAA 28

static void answer_names(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	static const uint8_t a[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 77 };
	static const uint8_t aaaa[] = { 0xc0, 12,   0, 28, 0, 1, 0, 0, 0, 60, 0, 16, 0x20, 0x01,
		                        0x0d, 0xb8, 0, 0,  0, 0, 0, 0, 0, 0,  0, 0,  0,    7 };
	bool wants_v6 = e->data[e->len - 3] == TYPE_AAAA; /* before the class */
	bool has_a = names == NAMES_A && !wants_v6, has_aaaa = names == NAMES_AAAA && wants_v6;
	struct model_event like = { .flow = f->number };
	uint8_t reply[512];
	size_t len = e->len;

	assert_int_equal(f->spec.peer.port, 53);
	memcpy(reply, e->data, len);
	reply[2] |= 0x80;
	reply[3] = names == NAMES_NX ? 3 : 0;
	reply[7] = has_a || has_aaaa;
	if (has_a)
		memcpy(reply + len, a, sizeof(a));
	if (has_aaaa)
		memcpy(reply + len, aaaa, sizeof(aaaa));
	len += has_a ? sizeof(a) : has_aaaa ? sizeof(aaaa) : 0;
	model_enter_path(m, DS, false, e->at_ns, like, reply, len);
}

static void init(struct model *m, enum sla_type type, const char *url)
{
	model_init(m, type);
	m->peer = answer_names;
	names = NAMES_A;
	m->op.params.target = (struct inet_addr) { 0 };
	m->op.params.target_port = 0;
	m->op.params.text.at[OP_TEXT_URL] = url;
	assert_int_equal(inet_addr_parse("192.0.2.53", &m->op.params.name_server), 0);
	assert_int_equal(m->op.type->check(&m->op.params, NULL), 0);
}

static const struct model_server_step page[] = {
	{ .does = SERVER_SENDS,
	  .after = "\r\n\r\n",
	  .delay_ns = MS(5),
	  .text = "HTTP/1.1 200 OK\r\n" },
	{ .does = SERVER_SENDS, .delay_ns = MS(3), .text = "Content-Length: 5\r\n\r\nhe" },
	{ .does = SERVER_SENDS, .delay_ns = MS(2), .text = "llo" },
	{ 0 },
};

/* --- http ------------------------------------------------------------------------------------ */

static void every_step_has_its_time(void **state)
{
	struct model m;

	(void)state;
	init(&m, SLA_HTTP, "http://www.example.com/a?b");
	m.tx_lag_ns = US(300);
	m.servers[0] = (struct model_server) { .port = 80, .script = page };
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_string_equal(r->detail, "");
	assert_i64_equal(r->http.dns_ns, MS(20)); /* without our own lag */
	assert_i64_equal(r->http.tcp_ns, MS(20));
	assert_i64_equal(r->http.tls_ns, -1);
	assert_i64_equal(r->http.first_byte_ns, MS(20) + MS(20) + MS(5));
	assert_i64_equal(r->http.transaction_ns, MS(20) + MS(10));
	assert_i64_equal(r->http.total_ns, US(300) + MS(70));
	assert_i64_equal(r->rtt_ns, MS(70));
	assert_int_equal(r->http.status, 200);
	assert_int_equal(r->http.body_octets, 5);
	assert_int_equal(r->target_port, 80);
	assert_int_equal(r->target.bytes[3], 77);
	assert_string_equal(m.servers[0].sent, "GET /a?b HTTP/1.0\r\n"
	                                       "Host: www.example.com\r\n"
	                                       "User-Agent: candor\r\n"
	                                       "Accept: */*\r\n"
	                                       "Connection: close\r\n"
	                                       "\r\n");
	model_fini(&m);
}

static void https_adds_the_handshake(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	init(&m, SLA_HTTP, "http://www.example.com");
	m.op.params.method = 3; /* secure head */
	m.op.params.http_version = 1;
	m.op.params.no_cache = 1;
	m.servers[0] = (struct model_server) { .port = 443, .tls_ns = MS(4), .script = page };
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->http.tls_ns, MS(24));
	assert_i64_equal(r->http.transaction_ns, MS(28)); /* no body is waited for */
	assert_i64_equal(r->rtt_ns, MS(20 + 20 + 24 + 28));
	assert_int_equal(r->http.body_octets, 0);
	assert_string_equal(m.servers[0].tls_name, "www.example.com");
	assert_true(m.servers[0].tls_verify);
	assert_non_null(strstr(m.servers[0].sent, "HEAD / HTTP/1.1\r\n"));
	assert_non_null(strstr(m.servers[0].sent, "Cache-Control: no-cache\r\n"));
	m.op.params.tls_no_verify = 1;
	m.servers[0].tls_error = "the certificate is not good";
	r = model_run(&m);
	assert_false(m.servers[0].tls_verify);
	assert_int_equal(r->sense, SENSE_HTTP_ERROR);
	assert_string_equal(r->detail, "the certificate is not good");
	assert_i64_equal(r->http.tls_ns, -1);
	assert_i64_equal(r->rtt_ns, 0);
	m.servers[0].is_silent_in_tls = true;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_HTTP_TRANSACTION_TIMEOUT);
	assert_string_equal(r->detail, "no TLS handshake from 192.0.2.77:443 in time");
	model_fini(&m);
}

static void a_proxy_is_asked_instead(void **state)
{
	static const struct model_server_step tunnel[] = {
		{ .does = SERVER_SENDS,
		  .after = "\r\n\r\n",
		  .text = "HTTP/1.1 200 Established\r\n\r\n" },
		{ .does = SERVER_SENDS, .after = "\r\n\r\n", .text = "HTTP/1.1 404 No\r\n\r\n" },
		{ .does = SERVER_CLOSES },
		{ 0 },
	};
	static const struct model_server_step refuses[] = {
		{ .does = SERVER_SENDS, .after = "\r\n\r\n", .text = "HTTP/1.1 407 Who?\r\n\r\n" },
		{ 0 },
	};
	struct model m;
	const struct sla_result *r;

	(void)state;
	init(&m, SLA_HTTP, "http://www.example.com:81/x");
	m.op.params.text.at[OP_TEXT_PROXY] = "http://192.0.2.80:3128";
	m.servers[0] = (struct model_server) { .port = 3128, .script = page };
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->http.dns_ns, -1); /* the proxy's host is an address */
	assert_int_equal(r->target.bytes[3], 80);
	assert_non_null(strstr(m.servers[0].sent, "GET http://www.example.com:81/x HTTP/1.0\r\n"
	                                          "Host: www.example.com:81\r\n"));
	m.op.params.text.at[OP_TEXT_URL] = "https://www.example.com/x";
	m.op.params.ignore_status = true;
	m.servers[0].script = tunnel;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->http.status, 404);
	assert_i64_equal(r->http.tls_ns, MS(40)); /* CONNECT and the handshake */
	assert_string_equal(m.servers[0].tls_name, "www.example.com");
	assert_int_equal(strncmp(m.servers[0].sent, "CONNECT www.example.com:443 HTTP/1.1\r\n", 38),
	                 0);
	assert_non_null(strstr(m.servers[0].sent, "GET /x HTTP/1.0\r\nHost: www.example.com\r\n"));
	m.servers[0].script = refuses;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_HTTP_ERROR);
	assert_string_equal(r->detail, "the proxy answered 407");
	assert_int_equal(r->http.status, 407);
	model_fini(&m);
}

static void a_raw_request_is_sent_as_it_is(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_HTTP);
	m.op.params.method = 1;
	m.op.params.text.at[OP_TEXT_URL] = "http://192.0.2.77:8080";
	m.op.params.text.at[OP_TEXT_RAW_REQUEST] = "HEAD /x HTTP/1.0\r\nX: y\r\n\r\n";
	assert_int_equal(m.op.type->check(&m.op.params, NULL), 0);
	m.servers[0] = (struct model_server) { .port = 8080, .script = page };
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->http.body_octets, 0);
	assert_string_equal(m.servers[0].sent, "HEAD /x HTTP/1.0\r\nX: y\r\n\r\n");
	model_fini(&m);
}

static void names_go_wrong(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	init(&m, SLA_HTTP, "http://www.example.com/");
	m.servers[0] = (struct model_server) { .port = 80, .script = page };
	names = NAMES_NX;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_QUERY_ERROR);
	assert_string_equal(r->detail, "www.example.com: the name server says NXDOMAIN");
	names = NAMES_AAAA; /* the second question is answered */
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->http.dns_ns, MS(40));
	assert_int_equal(r->target.family, INET_V6);
	assert_int_equal(inet_addr_parse("192.0.2.1", &m.op.params.source), 0);
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_QUERY_ERROR);
	assert_string_equal(r->detail, "www.example.com has no address of IPv4");
	m.op.params.source = (struct inet_addr) { 0 };
	names = NAMES_A;
	m.path[DS].probes = 0;
	m.path[DS].pattern = "x";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_SERVER_TIMEOUT);
	assert_string_equal(r->detail, "no answer from the name server 192.0.2.53");
	m.path[DS].probes = 0;
	m.path[DS].pattern = "c"; /* an answer to another question */
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK); /* the address is another one */
	m.op.params.name_server = (struct inet_addr) { 0 };
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_QUERY_ERROR);
	assert_i64_equal(r->http.dns_ns, -1);
	model_fini(&m);
}

struct bad_server {
	struct model_server_step script[3];
	enum sla_sense sense;
	const char *detail;
};

static void servers_go_wrong(void **state)
{
	static const struct bad_server cases[] = {
		{ { { 0 } },
		  SENSE_HTTP_TRANSACTION_TIMEOUT,
		  "no response from 192.0.2.77:80 in time" },
		{ { { .does = SERVER_CLOSES } },
		  SENSE_DISCONNECTED,
		  "the server closed without a response" },
		{ { { .does = SERVER_RESETS } },
		  SENSE_DISCONNECTED,
		  "the connection broke before the end: Connection reset by peer" },
		{ { { .does = SERVER_SENDS, .text = "SSH-2.0-x\r\n" } },
		  SENSE_HTTP_ERROR,
		  "the server sent no HTTP/1 status line" },
		{ { { .does = SERVER_SENDS,
		      .text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx" },
		    { .does = SERVER_CLOSES } },
		  SENSE_DISCONNECTED,
		  "the server closed in the middle of its response" },
		{ { { .does = SERVER_SENDS,
		      .text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx" } },
		  SENSE_HTTP_TRANSACTION_TIMEOUT,
		  "no end of the response from 192.0.2.77:80 in time" },
		{ { { .does = SERVER_SENDS,
		      .text = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n" } },
		  SENSE_HTTP_ERROR,
		  "the server answered 500" },
		{ { { .does = SERVER_SENDS,
		      .text = "HTTP/1.1 302 There\r\nContent-Length: 0\r\n\r\n" } },
		  SENSE_OK,
		  "" },
		{ { { .does = SERVER_SENDS,
		      .delay_ns = SEC(4),
		      .text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" } },
		  SENSE_OVER_THRESHOLD,
		  "" },
	};
	struct model m;

	(void)state;
	init(&m, SLA_HTTP, "http://192.0.2.77/");
	m.op.params.threshold_ms = 1000;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		m.servers[0] = (struct model_server) { .port = 80, .script = cases[i].script };
		const struct sla_result *r = model_run(&m);

		assert_int_equal(r->sense, cases[i].sense);
		assert_string_equal(r->detail, cases[i].detail);
	}
	m.servers[0] = (struct model_server) { .port = 80, .connect_error = -ECONNREFUSED };
	assert_int_equal(model_run(&m)->sense, SENSE_ERROR);
	m.servers[0].connect_error = 1;
	assert_int_equal(model_run(&m)->sense, SENSE_TCP_CONNECT_TIMEOUT);
	m.servers[0].connect_error = -ETIMEDOUT;
	assert_int_equal(model_run(&m)->sense, SENSE_TCP_CONNECT_TIMEOUT);
	m.open_error = -EACCES;
	assert_int_equal(model_run(&m)->sense, SENSE_ERROR);
	assert_string_equal(m.res.detail, "the model says no");
	m.servers[0] = (struct model_server) { .port = 80, .script = page };
	assert_int_equal(model_run(&m)->sense, SENSE_OK); /* and all is well again */
	model_fini(&m);
}

static void settings_of_http_are_checked(void **state)
{
	static const struct {
		const char *url, *proxy, *raw, *why;
		uint8_t method;
	} cases[] = {
		{ "www.example.com", NULL, NULL, "URL: expected http://", 0 },
		{ "ftp://a/b", NULL, NULL, "URL: expected http://", 0 },
		{ "http://me@a/", NULL, NULL, "a user name in it", 0 },
		{ "http://a/", "https://p", NULL, "https to the proxy", 0 },
		{ "http://a/", "p:1", NULL, "proxy: expected http://", 0 },
		{ "http://a/", NULL, NULL, "http raw needs http-raw-request", 1 },
		{ "http://a/", NULL, "GET / HTTP/1.0\r\n", "empty line", 1 },
		{ "http://a/", NULL, "GET / HTTP/1.0\r\n\r\n", "is of http raw alone", 0 },
		{ "http://a/", "http://p", "GET / HTTP/1.0\r\n\r\n", "takes no proxy", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct op_params p = { .type = SLA_HTTP, .method = cases[i].method };
		struct diag d = { 0 };

		p.text.at[OP_TEXT_URL] = cases[i].url;
		p.text.at[OP_TEXT_PROXY] = cases[i].proxy;
		p.text.at[OP_TEXT_RAW_REQUEST] = cases[i].raw;
		assert_int_equal(probe_types[SLA_HTTP]->check(&p, &d), -EINVAL);
		if (!strstr(d.text, cases[i].why))
			fail_msg("'%s' lacks '%s'", d.text, cases[i].why);
	}
}

/* --- ftp ------------------------------------------------------------------------------------- */

#define LOGIN                                                                               \
	{ .does = SERVER_SENDS, .delay_ns = MS(1), .text = "220-Hello\r\n220 ready\r\n" },  \
	        { .does = SERVER_SENDS, .after = "USER ", .text = "331 name is fine\r\n" }, \
	        { .does = SERVER_SENDS,                                                     \
		  .after = "PASS ",                                                         \
		  .delay_ns = MS(2),                                                        \
		  .text = "230 in\r\n" },                                                   \
	{                                                                                   \
		.does = SERVER_SENDS, .after = "TYPE I\r\n", .text = "200 ok\r\n"           \
	}

static const struct model_server_step file[] = {
	{ .does = SERVER_SENDS, .delay_ns = MS(12), .text = "12345" },
	{ .does = SERVER_SENDS, .delay_ns = MS(1), .text = "678" },
	{ .does = SERVER_CLOSES },
	{ 0 },
};

static void ftp_passive(void **state)
{
	static const struct model_server_step control[] = {
		LOGIN,
		{ .does = SERVER_SENDS,
		  .after = "EPSV\r\n",
		  .text = "229 Extended (|||6000|)\r\n" },
		{ .does = SERVER_SENDS, .after = "RETR", .text = "150 here\r\n" },
		{ .does = SERVER_SENDS, .delay_ns = MS(50), .text = "226 done\r\n" },
		{ 0 },
	};
	struct model m;

	(void)state;
	init(&m, SLA_FTP, "ftp://me:p%40ss@192.0.2.77:2121/dir/file");
	m.servers[0] = (struct model_server) { .port = 2121, .script = control };
	m.servers[1] = (struct model_server) { .port = 6000, .script = file };
	const struct sla_result *r = model_run(&m);

	assert_string_equal(r->detail, "");
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->ftp.connect_ns, MS(20));
	/* the greeting leaves with the handshake: 1 ms; two questions and answers; 2 ms */
	assert_i64_equal(r->ftp.login_ns, MS(1) + MS(20) + MS(20) + MS(2));
	/* TYPE, EPSV, the data connection, RETR, and the word that comes 50 ms later */
	assert_i64_equal(r->ftp.transfer_ns, MS(4 * 20) + MS(50));
	assert_i64_equal(r->rtt_ns, MS(20 + 43 + 130));
	assert_int_equal(r->ftp.octets, 8);
	assert_string_equal(m.servers[0].sent, "USER me\r\nPASS p@ss\r\nTYPE I\r\nEPSV\r\n"
	                                       "RETR dir/file\r\n");
	model_fini(&m);
}

/* The address in the reply leads elsewhere: it is not followed. */
static void ftp_pasv_keeps_to_the_host(void **state)
{
	static const struct model_server_step control[] = {
		LOGIN,
		{ .does = SERVER_SENDS, .after = "EPSV\r\n", .text = "500 what?\r\n" },
		{ .does = SERVER_SENDS,
		  .after = "PASV\r\n",
		  .text = "227 (198,51,100,1,23,112)\r\n" },
		{ .does = SERVER_SENDS, .after = "RETR", .text = "226 done\r\n" },
		{ 0 },
	};
	struct model m;

	(void)state;
	init(&m, SLA_FTP, "ftp://192.0.2.77/file");
	m.servers[0] = (struct model_server) { .port = 21, .script = control };
	m.servers[1] = (struct model_server) { .port = 6000, .script = file };
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(m.servers[1].connections, 1);
	assert_int_equal(m.servers[1].reached_at.bytes[3], 77);
	assert_non_null(strstr(m.servers[0].sent, "USER anonymous\r\nPASS candor@\r\n"));
	model_fini(&m);
}

static void ftp_active(void **state)
{
	static const struct model_server_step control[] = {
		LOGIN,
		{ .does = SERVER_SENDS, .after = "PORT 192,0,2,1,", .text = "200 ok\r\n" },
		{ .does = SERVER_DIALS, .after = "RETR", .len = 1 },
		{ .does = SERVER_SENDS, .text = "150 here\r\n226 done\r\n" },
		{ 0 },
	};
	struct model m;

	(void)state;
	init(&m, SLA_FTP, "ftp://192.0.2.77/file");
	m.op.params.ftp_active = 1;
	m.servers[0] = (struct model_server) { .port = 21, .script = control };
	m.servers[1] = (struct model_server) { .script = file };
	const struct sla_result *r = model_run(&m);

	assert_string_equal(r->detail, "");
	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->ftp.octets, 8);
	model_fini(&m);
}

struct bad_ftp {
	struct model_server_step script[8];
	enum sla_sense sense;
	const char *detail;
};

static void ftp_servers_go_wrong(void **state)
{
	static const struct bad_ftp cases[] = {
		{ { { 0 } }, SENSE_TIMEOUT, "no greeting from 192.0.2.77:21 in time" },
		{ { { .does = SERVER_SENDS, .text = "SSH-2.0-x\r\n" } },
		  SENSE_APPLICATION_SPECIFIC,
		  "what the server sends is no FTP reply" },
		{ { { .does = SERVER_SENDS, .text = "421 busy\r\n" } },
		  SENSE_APPLICATION_SPECIFIC,
		  "no service: the server says 421 busy" },
		{ { { .does = SERVER_SENDS, .text = "220 ready\r\n" },
		    { .does = SERVER_SENDS, .after = "USER", .text = "331 go on\r\n" },
		    { .does = SERVER_SENDS, .after = "PASS", .text = "530 no\r\n" } },
		  SENSE_APPLICATION_SPECIFIC,
		  "no login: the server says 530 no" },
		{ { LOGIN,
		    { .does = SERVER_SENDS, .after = "EPSV", .text = "229 (|||6000|)\r\n" },
		    { .does = SERVER_SENDS, .after = "RETR", .text = "550 gone\r\n" } },
		  SENSE_APPLICATION_SPECIFIC,
		  "no file: the server says 550 gone" },
		{ { LOGIN,
		    { .does = SERVER_SENDS, .after = "EPSV", .text = "229 (|||6000|)\r\n" },
		    { .does = SERVER_SENDS, .after = "RETR", .text = "150 here\r\n" },
		    { 0 } },
		  SENSE_TIMEOUT,
		  "no word that the file is whole from 192.0.2.77:21 in time" },
		{ { LOGIN,
		    { .does = SERVER_SENDS, .after = "EPSV", .text = "229 (|||6001|)\r\n" },
		    { 0 } },
		  SENSE_ERROR,
		  "the data connection failed" },
		{ { LOGIN, { .does = SERVER_CLOSES, .after = "EPSV" }, { 0 } },
		  SENSE_DISCONNECTED,
		  "the server closed the control connection" },
		{ { LOGIN, { .does = SERVER_SENDS, .after = "EPSV", .text = "229 nothing\r\n" } },
		  SENSE_APPLICATION_SPECIFIC,
		  "no port is in the answer to EPSV or PASV: the server says 229 nothing" },
	};
	struct model m;

	(void)state;
	init(&m, SLA_FTP, "ftp://192.0.2.77/file");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		m.servers[0] = (struct model_server) { .port = 21, .script = cases[i].script };
		m.servers[1] = (struct model_server) { .port = 6000, .script = file };
		const struct sla_result *r = model_run(&m);

		assert_int_equal(r->sense, cases[i].sense);
		assert_string_equal(r->detail, cases[i].detail);
	}
	model_fini(&m);
}

/* Stopped after every number of events: nothing is left, and nothing comes any more. */
static void both_stop_in_every_phase(void **state)
{
	static const struct model_server_step control[] = {
		LOGIN,
		{ .does = SERVER_SENDS, .after = "EPSV\r\n", .text = "229 (|||6000|)\r\n" },
		{ .does = SERVER_SENDS, .after = "RETR", .text = "150 here\r\n226 done\r\n" },
		{ 0 },
	};

	(void)state;
	for (unsigned type = 0; type < 2; type++) {
		for (unsigned steps = 0; steps < 40; steps++) {
			struct model m;

			init(&m, type ? SLA_FTP : SLA_HTTP,
			     type ? "ftp://www.example.com/x" : "https://www.example.com/");
			m.servers[0] = (struct model_server) { .port = type ? 21 : 443,
				                               .script = type ? control : page };
			m.servers[1] = (struct model_server) { .port = 6000, .script = file };
			model_start(&m);
			for (unsigned i = 0; i < steps && m.finished == 0; i++)
				(void)model_step(&m);
			m.op.type->stop(&m.op, &m.io);
			model_assert_clean(&m);
			uint32_t finished = m.finished;

			while (model_step(&m))
				;
			assert_int_equal(m.finished, finished);
			assert_int_equal(model_run(&m)->sense, SENSE_OK);
			model_fini(&m);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_has_its_time),
		cmocka_unit_test(https_adds_the_handshake),
		cmocka_unit_test(a_proxy_is_asked_instead),
		cmocka_unit_test(a_raw_request_is_sent_as_it_is),
		cmocka_unit_test(names_go_wrong),
		cmocka_unit_test(servers_go_wrong),
		cmocka_unit_test(settings_of_http_are_checked),
		cmocka_unit_test(ftp_passive),
		cmocka_unit_test(ftp_pasv_keeps_to_the_host),
		cmocka_unit_test(ftp_active),
		cmocka_unit_test(ftp_servers_go_wrong),
		cmocka_unit_test(both_stop_in_every_phase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
