/* SPDX-License-Identifier: Apache-2.0 */
/* multicast-jitter in virtual time: one member, as the model has one responder. */
#include "model.h"

#include "probe/multicast_jitter.h"

#include <errno.h>

static void a_member(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_MULTICAST_JITTER);
	m.op.params.precision = SLA_PRECISION_US;
	m.path[SD].pattern = "..x...";
	m.path[DS].pattern = "....x.";
	m.responder.residence_ns = MS(2);
	const struct sla_result *r = model_run(&m);
	const struct multicast_receiver *one = &r->multicast.receivers[0];

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(20)); /* without residence */
	assert_int_equal(r->multicast.sent, 10);
	assert_int_equal(r->multicast.count, 1);
	assert_int_equal(r->multicast.answered, 1);
	assert_int_equal(one->sense, SENSE_OK);
	assert_int_equal(one->received, 8);
	assert_int_equal(one->loss_sd, 1);
	assert_int_equal(one->loss_ds, 1);
	assert_int_equal(one->oneway_reason, ONEWAY_REPORTED);
	assert_i64_near(one->delay_avg_ns, MS(10), US(1));
	assert_int_equal(m.responder.last_command, 4);
	assert_int_equal(m.sends, 11); /* and one control message */
	model_fini(&m);
}

static void members_that_are_not_there(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_MULTICAST_JITTER);
	m.path[SD].pattern = "xxxxxxxxxx";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_string_equal(r->detail, "no reply from any of 1 receivers");
	m.responder.speaks_v1 = false;
	m.path[SD].pattern = NULL;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_int_equal(r->multicast.receivers[0].sense, SENSE_NOT_CONNECTED);
	assert_int_equal(r->multicast.sent, 0);
	m.responder.speaks_v1 = true;
	m.responder.refuse = IPSLA_STATUS_FAIL;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ENABLE_FAIL);
	model_fini(&m);
}

static void tree_init_is_not_measured(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_MULTICAST_JITTER);
	m.op.params.tree_init = 3;
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.is_permanent = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->multicast.sent, 10);
	assert_int_equal(m.sends, 13);
	model_fini(&m);
}

static void endpoints_are_checked(void **state)
{
	static const struct {
		const char *text;
		int count;
	} rows[] = {
		{ "192.0.2.1", 1 },
		{ "192.0.2.1,192.0.2.2", 2 },
		{ "", 0 },
		{ "192.0.2.1,192.0.2.1", -EINVAL },
		{ "192.0.2.1,,192.0.2.2", -EINVAL },
		{ "239.1.1.1", -EINVAL },
		{ "2001:db8::1", -EINVAL },
		{ "host.example", -EINVAL },
		{ "1.0.0.1,1.0.0.2,1.0.0.3,1.0.0.4,1.0.0.5,1.0.0.6,1.0.0.7,1.0.0.8,1.0.0.9,"
		  "1.0.0.10,1.0.0.11,1.0.0.12,1.0.0.13,1.0.0.14,1.0.0.15,1.0.0.16,1.0.0.17,"
		  "1.0.0.18,1.0.0.19,1.0.0.20,1.0.0.21",
		  -EINVAL },
	};
	struct inet_addr addrs[SLA_RECEIVERS_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(multicast_endpoints_parse(rows[i].text, addrs), rows[i].count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member),
		cmocka_unit_test(members_that_are_not_there),
		cmocka_unit_test(tree_init_is_not_measured),
		cmocka_unit_test(endpoints_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
