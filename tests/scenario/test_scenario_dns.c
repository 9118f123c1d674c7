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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer),
		cmocka_unit_test(what_is_no_answer_is_foreign),
		cmocka_unit_test(errors_and_silence),
		cmocka_unit_test(addresses_are_asked_for_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
