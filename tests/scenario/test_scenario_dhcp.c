/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp in virtual time: no end of a run leaves a lease behind. */
#include "model.h"

#include <errno.h>

static void settle(struct model *m)
{
	while (model_step(m))
		;
}

static void a_lease_and_back(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DHCP);
	m.dhcp.two_offers = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->dhcp.offer_ns, MS(23)); /* 10 + 3 + 10 */
	assert_i64_equal(r->rtt_ns, MS(45));        /* and 10 + 2 + 10 */
	assert_i64_equal(r->dhcp.ack_ns, MS(45));
	assert_int_equal(r->dhcp.offers, 2);
	assert_int_equal(r->dhcp.server.bytes[3], 67);
	assert_int_equal(r->dhcp.address.bytes[3], 100);
	assert_int_equal(r->dhcp.lease_s, 120);
	assert_true(r->dhcp.has_lease && r->dhcp.released);
	assert_int_equal(m.flow_numbers, 2); /* one to learn our address */
	model_fini(&m);
}

static void the_lease_comes_back(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DHCP);
	m.dhcp.never_acks = true;
	model_start(&m);
	while (m.finished == 0)
		assert_true(model_step(&m));
	assert_int_equal(m.res.sense, SENSE_TIMEOUT);
	assert_string_equal(m.res.detail, "no acknowledgement from 192.0.2.77");
	assert_true(m.res.dhcp.released && !m.res.dhcp.has_lease);
	assert_i64_equal(m.now_ns, MS(6000)); /* a second for what comes late */
	assert_false(m.dhcp.is_leased);
	assert_int_equal(m.dhcp.releases, 1);
	/* Late by half a second: given back once more. */
	m.dhcp.never_acks = false;
	m.dhcp.ack_ns = MS(5500) - MS(43);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_string_equal(r->detail, "the acknowledgement came after the timeout");
	assert_int_equal(m.dhcp.releases, 2); /* the second one is under way */
	model_fini(&m);
}

static void refusals_and_silence(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_DHCP);
	m.dhcp.refuses = true;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_APPLICATION_SPECIFIC);
	assert_string_equal(r->detail, "the server refuses the address that it offered");
	assert_int_equal(m.dhcp.releases, 0);
	m.dhcp.is_silent = true;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_string_equal(r->detail, "no offer from 192.0.2.77");
	assert_false(r->dhcp.released);
	m.path[SD].pattern = "....x";
	model_fini(&m);
}

/* Stopped while the request is out, and it gives back at once. */
static void a_stop_gives_back(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DHCP);
	model_start(&m);
	while (m.dhcp.requests == 0)
		assert_true(model_step(&m));
	uint32_t sends = m.sends;

	m.op.type->stop(&m.op, &m.io);
	model_assert_clean(&m);
	assert_int_equal(m.sends, sends + 1);
	settle(&m);
	assert_int_equal(m.finished, 0);
	model_fini(&m);
}

/* Another operation holds port 67 for a while. */
static void the_port_is_waited_for(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_DHCP);
	m.port_taken_until_ns = MS(70);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(45));
	m.port_taken_until_ns = SEC(100);
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_BUSY);
	assert_int_equal(r->instrument.foreign_packets, 0);
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lease_and_back),       cmocka_unit_test(the_lease_comes_back),
		cmocka_unit_test(refusals_and_silence),   cmocka_unit_test(a_stop_gives_back),
		cmocka_unit_test(the_port_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
