/* SPDX-License-Identifier: Apache-2.0 */
/* udp-echo, tcp-connect and icmp-echo. */
#include "model.h"

#include <errno.h>

static void udp_echo(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_ECHO);
	m.responder.residence_ns = MS(2);
	m.tx_lag_ns = US(300);
	m.op.params.verify_data = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(22)); /* with turnaround, without our own lag */
	assert_int_equal(r->instrument.turnaround, TURNAROUND_INCLUDED);
	assert_i64_equal(r->instrument.send_lateness_max_ns, US(300));
	assert_int_equal(r->instrument.timer_misses, 0);
	assert_i64_equal(r->instrument.rtt_err_ns, US(2));
	assert_int_equal(m.responder.last_command, 2);
	assert_int_equal(m.responder.last_duration_ms, 5000);
	assert_int_not_equal(m.responder.control_from, m.responder.probe_from);
	assert_int_equal(r->jitter.oneway_reason, ONEWAY_NOT_MEASURED);
	model_fini(&m);
}

static void udp_echo_goes_wrong(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_UDP_ECHO);
	m.path[DS].pattern = "x";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_string_equal(r->detail, "no reply from 192.0.2.77:5000");
	m.op.params.verify_data = true;
	m.path[DS].pattern = ".c";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_VERIFY_ERROR);
	m.path[DS].pattern = NULL;
	m.op.params.threshold_ms = 19;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OVER_THRESHOLD);
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.open_port = 0;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_string_equal(r->detail, "nothing listens on 192.0.2.77:5000 (port unreachable)");
	assert_i64_equal(r->control_rtt_ns, 0);
	model_fini(&m);
}

/* The process slept over the timeout while the reply lay in the socket: it was in time. */
static void held_up_is_not_late(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_ECHO);
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.is_permanent = true;
	m.hold_from_ns = MS(5);
	m.hold_until_ns = MS(4999);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(20));
	model_fini(&m);
}

static void a_step_makes_an_upper_bound(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_ECHO);
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.is_permanent = true;
	model_at(&m, MS(11), EV_STEP, SEC(-5));
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(20));
	assert_i64_equal(r->instrument.rtt_err_ns, MS(20));
	assert_int_equal(r->instrument.tx_source, STAMP_USER);
	assert_int_equal(r->instrument.clock_step_samples, 1);
	model_fini(&m);
}

static void tcp_connect(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_TCP_CONNECT);
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(20));
	assert_int_equal(r->instrument.turnaround, TURNAROUND_NONE);
	assert_int_equal(m.responder.last_command, 3);
	m.tcp_error = -ECONNREFUSED;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_i64_equal(r->rtt_ns, 0);
	assert_string_equal(r->detail,
	                    "192.0.2.77:5000 refused the connection: nothing listens there");
	m.tcp_error = 1;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_TIMEOUT);
	m.tcp_error = -EHOSTUNREACH;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_string_equal(r->detail, "no route to 192.0.2.77:5000: see \"ip route get\"");
	model_fini(&m);
}

static void icmp_echo(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_ICMP_ECHO);
	m.op.params.verify_data = true;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(20));
	assert_int_equal(r->control, SLA_CONTROL_DISABLE);
	m.path[DS].pattern = ".x";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_string_equal(r->detail, "no reply from 192.0.2.77");
	model_fini(&m);
	model_init(&m, SLA_ICMP_ECHO);
	m.open_error = -EACCES;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_string_equal(r->detail, "the model says no");
	model_fini(&m);
}

/* A run whose reply takes ``rtt_ns``: the timeout is 1 s. */
static const struct sla_result *run_with_rtt(struct model *m, int64_t rtt_ns)
{
	m->path[DS].delay_ns = rtt_ns - m->path[SD].delay_ns;
	return model_run(m);
}

static void late_model(struct model *m, enum sla_type type)
{
	model_init(m, type);
	m->op.params.timeout_ms = 1000;
	m->op.params.control = SLA_CONTROL_DISABLE;
	m->responder.is_permanent = true;
}

static void late_reply_of(enum sla_type type)
{
	struct model m;
	const struct sla_result *r;

	late_model(&m, type);
	r = run_with_rtt(&m, MS(1001));
	assert_true(r->sense == SENSE_TIMEOUT && r->instrument.late_replies == 0);
	assert_int_equal(m.lingering, 1);
	while (m.lingering && model_step(&m))
		;
	assert_i64_equal(m.now_ns, MS(1001));
	r = run_with_rtt(&m, MS(20));
	assert_true(r->sense == SENSE_OK && r->instrument.late_replies == 1);
	r = run_with_rtt(&m, MS(20));
	assert_int_equal(r->instrument.late_replies, 0);
	model_fini(&m);

	/* Twice, it counts once. */
	late_model(&m, type);
	m.path[DS].pattern = "d";
	(void)run_with_rtt(&m, MS(1001));
	while (model_step(&m))
		;
	r = run_with_rtt(&m, MS(20));
	assert_int_equal(r->instrument.late_replies, 1);
	model_fini(&m);
}

static void a_late_reply_is_told_by_the_next_run(void **state)
{
	(void)state;
	late_reply_of(SLA_ICMP_ECHO);
	late_reply_of(SLA_UDP_ECHO);
}

static void no_late_reply_of(enum sla_type type)
{
	struct model m;
	const struct sla_result *r;

	/* After the start of the next run it is nobody's. */
	late_model(&m, type);
	(void)run_with_rtt(&m, MS(1010));
	r = run_with_rtt(&m, MS(20));
	assert_true(r->sense == SENSE_OK && r->instrument.late_replies == 0);
	assert_int_equal(m.lingering, 0);

	/* None comes: the wait ends by itself, and with the operation. */
	m.path[DS].pattern = "..x..x";
	r = model_run(&m);
	int64_t timeout_ns = m.now_ns;

	assert_true(r->sense == SENSE_TIMEOUT && m.lingering == 1);
	while (m.lingering && model_step(&m))
		;
	assert_i64_equal(m.now_ns - timeout_ns, SEC(60));
	r = model_run(&m);
	assert_true(r->sense == SENSE_OK && r->instrument.late_replies == 0);
	m.refuses_linger = true;
	r = run_with_rtt(&m, MS(1001));
	assert_true(r->sense == SENSE_TIMEOUT && m.lingering == 0);
	m.refuses_linger = false;
	r = run_with_rtt(&m, MS(20));
	assert_true(r->sense == SENSE_TIMEOUT && r->instrument.late_replies == 0);
	model_fini(&m);
}

static void no_late_reply(void **state)
{
	struct model m;

	(void)state;
	no_late_reply_of(SLA_ICMP_ECHO);
	no_late_reply_of(SLA_UDP_ECHO);
	late_model(&m, SLA_UDP_ECHO); /* a port of the configuration is given back */
	m.op.params.source_port = 4000;
	(void)run_with_rtt(&m, MS(1001));
	assert_int_equal(m.lingering, 0);
	model_fini(&m);
}

static void checks_of_whole_operations(void **state)
{
	struct op_params p = { 0 };
	struct diag d = { 0 };

	(void)state;
	for (int t = 0; t < SLA_TYPE_COUNT; t++) {
		memset(&p, 0, sizeof(p));
		conf_rows_init(probe_types[t]->rows, &p);
		if (t == SLA_MULTICAST_JITTER) {
			p.text.at[OP_TEXT_ENDPOINTS] = "192.0.2.1";
			assert_int_equal(inet_addr_parse("239.1.1.1", &p.target), 0);
		}
		if (probe_types[t]->target == TARGET_NAME) {
			p.text.at[OP_TEXT_NAME] = "www.example.com";
			assert_int_equal(inet_addr_parse("192.0.2.53", &p.target), 0);
		}
		if (probe_types[t]->target == TARGET_NONE) {
			p.mpid = 5;
			p.untagged = true;
			p.text.at[OP_TEXT_DOMAIN] = "D";
			p.text.at[OP_TEXT_INTERFACE] = "lan";
			p.text.at[OP_TEXT_REMOTE_MAC] = "0200.5e00.5302";
		}
		if (t == SLA_HTTP)
			p.text.at[OP_TEXT_URL] = "http://www.example.com/";
		if (t == SLA_FTP)
			p.text.at[OP_TEXT_URL] = "ftp://ftp.example.com/file";
		assert_int_equal(probe_types[t]->check(&p, &d), 0);
	}
	conf_rows_init(probe_types[SLA_UDP_ECHO]->rows, &p);
	p.control = SLA_CONTROL_V2;
	assert_int_equal(probe_types[SLA_UDP_ECHO]->check(&p, &d), -EINVAL);
	assert_non_null(strstr(d.text, "RFC 6812"));
	assert_int_equal(probe_types[SLA_TCP_CONNECT]->check(&p, &d), -EINVAL);
	assert_ptr_equal(probe_type_find("udp-j"), probe_types[SLA_UDP_JITTER]);
	assert_ptr_equal(probe_type_find("ICMP-echo"), probe_types[SLA_ICMP_ECHO]);
	assert_null(probe_type_find("udp-"));
	assert_null(probe_type_find(""));
	assert_null(probe_type_find("gopher"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_echo),
		cmocka_unit_test(udp_echo_goes_wrong),
		cmocka_unit_test(held_up_is_not_late),
		cmocka_unit_test(a_step_makes_an_upper_bound),
		cmocka_unit_test(tcp_connect),
		cmocka_unit_test(icmp_echo),
		cmocka_unit_test(a_late_reply_is_told_by_the_next_run),
		cmocka_unit_test(no_late_reply),
		cmocka_unit_test(checks_of_whole_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
