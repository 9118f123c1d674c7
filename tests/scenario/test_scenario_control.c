/* SPDX-License-Identifier: Apache-2.0 */
/* The control exchange as the operations see it. */
#include "model.h"
#include "probe/control_client.h"

#include <errno.h>

static void version_2(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_V2;
	m.responder.substitute_port = 31500;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->control, SLA_CONTROL_V2);
	assert_int_equal(r->target_port, 31500);
	assert_int_equal(r->jitter.received, 10);
	assert_int_equal(r->instrument.turnaround, TURNAROUND_SUBTRACTED);
	assert_int_equal(m.responder.control_from, m.responder.probe_from);
	model_fini(&m);
}

static void over_ipv6(void **state)
{
	struct model m;

	(void)state;
	for (int version = SLA_CONTROL_V1; version <= SLA_CONTROL_V2; version++) {
		model_init(&m, SLA_UDP_JITTER);
		assert_int_equal(inet_addr_parse("2001:db8::7", &m.op.params.target), 0);
		assert_int_equal(inet_addr_parse("2001:db8::1", &m.op.params.source), 0);
		m.op.params.control = (uint8_t)version;
		assert_int_equal(model_run(&m)->jitter.received, 10);
		model_fini(&m);
	}
}

/* `auto`: v2 first; a v1 responder is found out by its ICMP error, and remembered. */
static void falls_back_to_v1(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_AUTO;
	m.responder.speaks_v2 = false;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->control, SLA_CONTROL_V1);
	assert_int_equal(m.path[SD].controls, 2);
	r = model_run(&m);
	assert_int_equal(r->control, SLA_CONTROL_V1);
	assert_int_equal(m.path[SD].controls, 3); /* v1 at once */
	/* It becomes a v2 responder: v1 fails once, then v2 is tried first again. */
	m.responder.speaks_v2 = true;
	m.responder.speaks_v1 = false;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	r = model_run(&m);
	assert_int_equal(r->control, SLA_CONTROL_V2);
	assert_int_equal(r->sense, SENSE_OK);
	model_fini(&m);
}

static void falls_back_after_silence(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_AUTO;
	m.op.params.control_timeout_ms = 1000;
	m.responder.speaks_v2 = false;
	m.responder.is_silent = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->control, SLA_CONTROL_V1);
	assert_int_equal(m.path[SD].controls, 3); /* two tries of v2, one of v1 */
	assert_i64_equal(r->control_rtt_ns, MS(20));
	model_fini(&m);
}

static void lost_requests_are_repeated(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control_timeout_ms = 500;
	m.path[SD].control = "x.";
	m.path[DS].control = "x.";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(m.path[SD].controls, 3);
	assert_int_equal(m.responder.requests_v1, 2);
	assert_i64_equal(r->control_rtt_ns, MS(20)); /* of the try that was answered */
	model_fini(&m);
}

static void nobody_answers(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.path[SD].control = "xxxxxxxx";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_string_equal(r->detail,
	                    "no answer to the control request on 192.0.2.77:1967 after 4 tries");
	assert_i64_equal(m.now_ns, SEC(20));
	assert_int_equal(r->jitter.sent, 0);
	model_fini(&m);
	model_init(&m, SLA_UDP_JITTER);
	m.responder.speaks_v1 = false;
	m.op.params.control_port = 2967;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_string_equal(r->detail,
	                    "no responder listens on 192.0.2.77:2967 (port unreachable)");
	model_fini(&m);
}

static void refusals(void **state)
{
	static const struct {
		uint16_t status;
		enum sla_sense sense;
		const char *detail;
	} rows[] = {
		{ 1, SENSE_ENABLE_FAIL, "responder refused: no reason given (status 1)" },
		{ 2, SENSE_ENABLE_AUTH_FAIL,
		  "responder refused: authentication failed (status 2)" },
		{ 3, SENSE_ENABLE_FORMAT_ERROR,
		  "responder refused: it does not understand the request (status 3)" },
		{ 4, SENSE_ENABLE_PORT_IN_USE, "responder refused: port in use (status 4)" },
	};
	static const enum sla_type types[] = { SLA_UDP_JITTER, SLA_UDP_ECHO, SLA_TCP_CONNECT };
	struct model m;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned t = 0; t < 4; t++) {
			model_init(&m, t < 3 ? types[t] : SLA_UDP_JITTER);
			if (t == 3)
				m.op.params.control = SLA_CONTROL_V2;
			m.responder.refuse = rows[i].status;
			const struct sla_result *r = model_run(&m);

			assert_int_equal(r->sense, rows[i].sense);
			assert_string_equal(r->detail, rows[i].detail);
			assert_int_equal(m.path[SD].probes, 0);
			model_fini(&m);
		}
	}
}

static void with_key(struct model *m, enum ipsla_v2_mode mode)
{
	model_init(m, SLA_UDP_JITTER);
	m->op.params.control = SLA_CONTROL_V2;
	m->op.params.auth_mode = (uint8_t)mode;
	m->op.params.auth_key_id = 7;
	m->op.params.auth_secret_len = 13;
	memcpy(m->op.params.auth_secret, "sla-key-seven", 13);
	m->responder.secret = "sla-key-seven";
}

static void signed_both_ways(void **state)
{
	struct model m;

	(void)state;
	for (int mode = IPSLA_V2_MODE_SHA256; mode <= IPSLA_V2_MODE_HMAC_SHA256; mode++) {
		with_key(&m, (enum ipsla_v2_mode)mode);
		m.path[DS].control = "x."; /* and a repeated request is signed anew */
		assert_int_equal(model_run(&m)->sense, SENSE_OK);
		assert_int_equal(m.responder.requests_v2, 2);
		model_fini(&m);
	}
}

static void the_wrong_key(void **state)
{
	struct model m;

	(void)state;
	with_key(&m, IPSLA_V2_MODE_HMAC_SHA256);
	m.responder.secret = "another";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_ENABLE_AUTH_FAIL);
	assert_string_equal(r->detail, "responder refused: authentication failed (status 2)");
	model_fini(&m);
}

static void a_forged_answer_is_no_answer(void **state)
{
	struct model m;

	(void)state;
	with_key(&m, IPSLA_V2_MODE_HMAC_SHA256);
	m.responder.spoils_digest = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_ENABLE_AUTH_FAIL);
	assert_string_equal(r->detail, "answers to the control request do not verify with key 7");
	assert_int_equal(m.responder.requests_v2, 4);
	assert_int_equal(m.path[SD].probes, 0);
	model_fini(&m);
}

/* With a key there is no going back to a version that has no authentication. */
static void no_downgrade(void **state)
{
	struct model m;

	(void)state;
	with_key(&m, IPSLA_V2_MODE_HMAC_SHA256);
	m.op.params.control = SLA_CONTROL_AUTO;
	m.responder.speaks_v2 = false;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_int_equal(m.responder.requests_v1, 0);
	model_fini(&m);
}

static void long_runs_saturate_in_v1(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.num_packets = 100;
	m.op.params.interval_ms = 1000;
	assert_int_equal(model_run(&m)->jitter.sent, 100);
	assert_int_equal(m.responder.last_duration_ms, 65535);
	model_fini(&m);
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_V2;
	m.op.params.num_packets = 100;
	m.op.params.interval_ms = 1000;
	assert_int_equal(model_run(&m)->jitter.received, 100);
	assert_int_equal(m.responder.last_duration_ms, 105000);
	model_fini(&m);
}

static void sequence_numbers_rise(void **state)
{
	struct model m;
	struct control_client *c;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	(void)model_run(&m);
	c = m.op.state; /* the first member */
	uint32_t first = c->sequence;

	m.path[SD].control = ".x."; /* repeated: the number stays */
	(void)model_run(&m);
	assert_int_equal(c->sequence, first + 1);
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_2),
		cmocka_unit_test(over_ipv6),
		cmocka_unit_test(falls_back_to_v1),
		cmocka_unit_test(falls_back_after_silence),
		cmocka_unit_test(lost_requests_are_repeated),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(refusals),
		cmocka_unit_test(signed_both_ways),
		cmocka_unit_test(the_wrong_key),
		cmocka_unit_test(a_forged_answer_is_no_answer),
		cmocka_unit_test(no_downgrade),
		cmocka_unit_test(long_runs_saturate_in_v1),
		cmocka_unit_test(sequence_numbers_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
