/* SPDX-License-Identifier: Apache-2.0 */
/* ethernet echo and ethernet jitter in virtual time. */
#include "model.h"

#include <errno.h>

static struct model m;

static void echo(void **state)
{
	(void)state;
	model_init(&m, SLA_ETHERNET_ECHO);
	m.op.params.verify_data = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->rtt_ns, MS(20));
	assert_int_equal(r->instrument.turnaround, TURNAROUND_INCLUDED);
	assert_int_equal(r->instrument.foreign_packets, 0);
	model_fini(&m);
}

/* Each frame that is not the reply is foreign, and the run ends without one. */
static void assert_foreign(enum sla_type type)
{
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_int_equal(r->instrument.foreign_packets, type == SLA_ETHERNET_ECHO ? 1 : 10);
	assert_non_null(strstr(r->detail, "reply from MEP 5 (0200.5e00.5302)"));
	model_fini(&m);
}

static void what_is_no_reply(void **state)
{
	static const struct model_cfm wrongs[] = { { .other_level = true },
		                                   { .other_transaction = true },
		                                   { .other_station = true },
		                                   { .other_vlan = true },
		                                   { .cut = 1 } };

	(void)state;
	for (enum sla_type type = SLA_ETHERNET_ECHO; type <= SLA_ETHERNET_JITTER; type++) {
		for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
			model_init(&m, type);
			m.cfm = wrongs[i];
			assert_foreign(type);
		}
	}
}

static void silence_and_failures(void **state)
{
	const struct sla_result *r;

	(void)state;
	for (enum sla_type type = SLA_ETHERNET_ECHO; type <= SLA_ETHERNET_JITTER; type++) {
		model_init(&m, type);
		m.path[SD].pattern = "xxxxxxxxxx";
		r = model_run(&m);
		assert_int_equal(r->sense, SENSE_TIMEOUT);
		model_fini(&m);
		model_init(&m, type);
		m.open_error = -EPERM;
		r = model_run(&m);
		assert_int_equal(r->sense, SENSE_ERROR);
		assert_string_equal(r->detail, "the model says no");
		model_fini(&m);
		model_init(&m, type);
		m.mac_error = -ENODEV;
		r = model_run(&m);
		assert_int_equal(r->sense, SENSE_ERROR);
		assert_non_null(strstr(r->detail, "no hardware address"));
		model_fini(&m);
		model_init(&m, type);
		m.send_error = -ENOBUFS;
		m.send_errors = 10;
		r = model_run(&m);
		assert_int_equal(r->sense, SENSE_DROPPED);
		model_fini(&m);
	}
}

static void jitter(void **state)
{
	(void)state;
	model_init(&m, SLA_ETHERNET_JITTER);
	m.responder.residence_ns = MS(3);
	m.path[SD].delay_ns = MS(12);
	const struct sla_result *r = model_run(&m);
	const struct jitter_result *j = &r->jitter;

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->rtt_ns, MS(22)); /* without the 3 ms that the peer took */
	assert_int_equal(r->instrument.turnaround, TURNAROUND_SUBTRACTED);
	assert_int_equal(j->received, 10);
	assert_int_equal(j->sd.samples, 9);
	assert_int_equal(j->ds.samples, 9);
	assert_int_equal(j->oneway_sd.n, 0);
	assert_int_equal(j->oneway_reason, ONEWAY_PEER_CLOCK_UNKNOWN);
	m.op.params.peer_clock = SLA_PEER_CLOCK_ASSUMED;
	r = model_run(&m);
	assert_int_equal(j->oneway_reason, ONEWAY_REPORTED);
	assert_int_equal(j->oneway_sd.n, 10);
	assert_int_equal(j->oneway_sd.min_ns, MS(12));
	assert_int_equal(j->oneway_ds.max_ns, MS(10));
	m.grade.source = CLOCK_SOURCE_NONE;
	r = model_run(&m);
	assert_int_equal(j->oneway_reason, ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED);
	assert_int_equal(j->oneway_sd.n, 0);
	model_fini(&m);
}

static void loss_has_no_direction(void **state)
{
	(void)state;
	model_init(&m, SLA_ETHERNET_JITTER);
	m.path[SD].pattern = "..x.......";
	m.path[DS].pattern = ".....x...";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->jitter.received, 8);
	assert_int_equal(r->jitter.loss_sd + r->jitter.loss_ds, 0);
	assert_int_equal(r->jitter.missing, 2);
	model_fini(&m);
}

static void a_peer_without_times(void **state)
{
	(void)state;
	model_init(&m, SLA_ETHERNET_JITTER);
	m.cfm.has_no_times = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->rtt_ns, MS(20));
	assert_int_equal(r->jitter.sd.samples, 0);
	assert_int_equal(r->instrument.turnaround, TURNAROUND_INCLUDED);
	assert_non_null(strstr(r->detail, "round trips only"));
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo),
		cmocka_unit_test(what_is_no_reply),
		cmocka_unit_test(silence_and_failures),
		cmocka_unit_test(jitter),
		cmocka_unit_test(loss_has_no_direction),
		cmocka_unit_test(a_peer_without_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
