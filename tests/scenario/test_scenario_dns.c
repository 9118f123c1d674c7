/* SPDX-License-Identifier: Apache-2.0 */
/* dns over UDP, in virtual time. */
#include "model.h"

#include <errno.h>

static void an_answer(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DNS);
	m.tx_lag_ns = US(300);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns,
	                 MS(25)); /* 10 there, 5 of the server, 10 back; without our own lag */
	assert_i64_equal(r->dns.query_rtt_ns, MS(25));
	assert_int_equal(r->target_port, 53);
	assert_true(r->dns.has_reply && r->dns.authoritative && !r->dns.truncated);
	assert_int_equal(r->dns.answers, 1);
	assert_int_equal(r->dns.ttl_s, 60);
	assert_string_equal(r->dns.answer, "192.0.2.7");
	assert_int_equal(r->dns.transport, SLA_DNS_UDP);
	assert_string_equal(r->detail, "");
	m.op.params.threshold_ms = 24;
	assert_int_equal(model_run(&m)->sense, SENSE_OVER_THRESHOLD);
	model_fini(&m);
}

/* A wrong number, a cut message and another question come before the reply. */
static void what_is_no_answer_is_foreign(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DNS);
	m.dns.wrong_first = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(25));
	assert_int_equal(r->instrument.foreign_packets, 3);
	m.dns.is_silent = true;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_SERVER_TIMEOUT);
	assert_i64_equal(r->rtt_ns, 0);
	assert_string_equal(
	        r->detail,
	        "no reply from 192.0.2.77:53; 3 datagrams were no answer to the question");
	assert_false(r->dns.has_reply);
	model_fini(&m);
}

static void errors_and_silence(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_DNS);
	m.dns.rcode = 3;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_QUERY_ERROR);
	assert_i64_equal(r->rtt_ns, 0);
	assert_i64_equal(r->dns.query_rtt_ns, MS(25));
	assert_int_equal(r->dns.rcode, 3);
	assert_string_equal(r->detail, "the server answers NXDOMAIN");
	m.dns.rcode = 0;
	m.path[SD].pattern = ".x";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_SERVER_TIMEOUT);
	assert_string_equal(r->detail, "no reply from 192.0.2.77:53");
	model_at(&m, m.now_ns + MS(1), EV_ERROR, -ECONNREFUSED);
	m.events[m.event_count - 1].flow = m.flow_numbers + 1;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_string_equal(r->detail, "nothing listens on 192.0.2.77:53 (port unreachable)");
	model_fini(&m);
}

static void addresses_are_asked_for_their_names(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DNS);
	m.op.params.text.at[OP_TEXT_NAME] = "192.0.2.9";
	const struct sla_result *r = model_run(&m);

	/* The model answers with an address: that is no answer to this. */
	assert_int_equal(r->sense, SENSE_OK);
	assert_string_equal(r->dns.answer, "");
	assert_string_equal(r->detail, "the server answers that there is no such record");
	model_fini(&m);
}

/* The reply to the query of the model, over TCP: its number is that of the random generator's start. */
#define REPLY_HEAD "\x00\x31"
#define REPLY_REST                                 \
	"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" \
	"\x03www\x07"                              \
	"example\x03"                              \
	"com\x00\x00\x01\x00\x01"                  \
	"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x09"
#define REPLY_OCTETS (2 + 10 + 21 + 16)
#define QUERY_OCTETS (2 + 12 + 21)

static uint16_t first_id(void)
{
	struct model m;

	model_init(&m, SLA_DNS);
	uint16_t id = (uint16_t)m.io.ops->random(&m.io);

	model_fini(&m);
	return id;
}

/* A server that answers over TCP in two pieces: 4 ms after the query came, which is 20 ms after the
 * connection did, and 3 ms later. */
static void over_tcp(struct model *m, char *to, struct model_server_step steps[3])
{
	uint16_t id = first_id();

	memcpy(to, REPLY_HEAD, 2);
	to[2] = (char)(id >> 8);
	to[3] = (char)id;
	memcpy(to + 4, REPLY_REST, REPLY_OCTETS - 2);
	steps[0] = (struct model_server_step) {
		.does = SERVER_SENDS, .text = to, .len = 9, .delay_ns = MS(24)
	};
	steps[1] = (struct model_server_step) {
		.does = SERVER_SENDS, .text = to + 9, .len = 2 + REPLY_OCTETS - 9, .delay_ns = MS(3)
	};
	m->servers[0] = (struct model_server) { .port = 53, .script = steps };
}

static void a_truncated_reply_is_asked_for_again(void **state)
{
	struct model m;
	struct model_server_step steps[3] = { 0 };
	char text[2 + REPLY_OCTETS];

	(void)state;
	model_init(&m, SLA_DNS);
	m.dns.is_truncated = true;
	over_tcp(&m, text, steps);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_true(r->dns.truncated);
	assert_int_equal(r->dns.transport, SLA_DNS_TCP);
	assert_string_equal(r->dns.answer, "192.0.2.9");
	assert_i64_equal(r->dns.connect_ns, MS(20));
	/* 25 over UDP, 20 to connect, 20 there and back, 4 and 3 of the server */
	assert_i64_equal(r->rtt_ns, MS(72));
	model_fini(&m);
}

static void tcp_alone(void **state)
{
	struct model m;
	struct model_server_step steps[3] = { 0 };
	char text[2 + REPLY_OCTETS];
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_DNS);
	m.op.params.dns_transport = SLA_DNS_TCP;
	over_tcp(&m, text, steps);
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(47));
	assert_false(r->dns.truncated);
	model_fini(&m);
	/* Half a reply, and then nothing more. */
	model_init(&m, SLA_DNS);
	m.op.params.dns_transport = SLA_DNS_TCP;
	over_tcp(&m, text, steps);
	steps[1] = (struct model_server_step) { .does = SERVER_CLOSES };
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DISCONNECTED);
	m.servers[0] = (struct model_server) { .port = 53, .connect_error = -ECONNREFUSED };
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	m.servers[0] = (struct model_server) { .port = 53, .connect_error = 1 };
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DNS_SERVER_TIMEOUT);
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer),
		cmocka_unit_test(what_is_no_answer_is_foreign),
		cmocka_unit_test(errors_and_silence),
		cmocka_unit_test(addresses_are_asked_for_their_names),
		cmocka_unit_test(a_truncated_reply_is_asked_for_again),
		cmocka_unit_test(tcp_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
