/* SPDX-License-Identifier: Apache-2.0 */
/* icmp-jitter, path-echo and path-jitter over modelled routers. */
#include "model.h"

#include <errno.h>

/* --- path-echo, path-jitter ---------------------------------------------------------------------- */

static void start_path(struct model *m, enum sla_type type, uint8_t hops)
{
	model_init(m, type);
	m->hop_count = hops;
	m->op.params.hops_max = 16;
	m->op.params.timeout_ms = 500;
}

static unsigned octet_of(const struct path_result *p, unsigned hop)
{
	return p->hops[hop - 1].addr.family == INET_NONE ? 0 : p->hops[hop - 1].addr.bytes[3];
}

static void hops_in_order(void **state)
{
	struct model m;

	(void)state;
	for (int method = SLA_DISCOVERY_UDP; method <= SLA_DISCOVERY_ICMP; method++) {
		start_path(&m, SLA_PATH_ECHO, 3);
		m.op.params.discovery = (uint8_t)method;
		m.hops[1].quotes_little = true;
		const struct sla_result *r = model_run(&m);

		assert_int_equal(r->sense, SENSE_OK);
		assert_int_equal(r->path.outcome, PATH_REACHED);
		assert_int_equal(r->path.hop_count, 4);
		for (unsigned hop = 1; hop <= 3; hop++)
			assert_int_equal(octet_of(&r->path, hop), 100 + hop);
		assert_int_equal(octet_of(&r->path, 4), 77);
		for (unsigned hop = 0; hop < 4; hop++) {
			assert_int_equal(r->path.hops[hop].sent, 1);
			assert_i64_equal(r->path.hops[hop].rtt.min_ns, MS(20));
		}
		assert_i64_equal(r->rtt_ns, MS(20));
		model_fini(&m);
	}
}

/* A silent hop is asked twice; it takes twice the wait and is shown as nobody. */
static void silent_hops(void **state)
{
	struct model m;

	(void)state;
	start_path(&m, SLA_PATH_ECHO, 3);
	m.hops[0].is_silent = m.hops[2].is_silent = true;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->path.hop_count, 4);
	assert_int_equal(octet_of(&r->path, 1), 0);
	assert_int_equal(octet_of(&r->path, 2), 102);
	assert_int_equal(octet_of(&r->path, 3), 0);
	assert_int_equal(r->path.hops[0].sent, 0);
	assert_int_equal(r->path.hops[0].sense, SENSE_OTHER);
	model_fini(&m);

	start_path(&m, SLA_PATH_ECHO, 3);
	for (unsigned i = 0; i < 3; i++)
		m.hops[i].is_silent = true;
	m.drops_datagrams = true; /* found by its echo reply all the same */
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->path.hop_count, 4);
	model_fini(&m);

	start_path(&m, SLA_PATH_ECHO, 3);
	m.path[SD].pattern = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	m.op.params.hops_max = 6;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_int_equal(r->path.outcome, PATH_TOO_LONG);
	assert_int_equal(r->path.hop_count, 6);
	assert_string_equal(r->detail, "192.0.2.77 was not reached within 6 hops");
	model_fini(&m);
}

/* An answer that comes when the next hop is being asked belongs to its own hop, where it says so. */
static void late_answers(void **state)
{
	struct model m;

	(void)state;
	start_path(&m, SLA_PATH_ECHO, 2);
	m.op.params.timeout_ms = 1000;
	m.hops[0].answers_late = true; /* after 1.5 s, twice: asked at 0 and 1 s */
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(octet_of(&r->path, 1), 101);
	assert_int_equal(octet_of(&r->path, 2), 102);
	assert_int_equal(octet_of(&r->path, 3), 77);
	model_fini(&m);
}

static void refusals_and_loops(void **state)
{
	struct model m;

	(void)state;
	start_path(&m, SLA_PATH_ECHO, 3);
	m.hops[1].refuses = 13 + 1;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_int_equal(r->path.outcome, PATH_UNREACHABLE);
	assert_int_equal(r->path.hop_count, 2); /* what refuses was a hop already */
	assert_int_equal(r->path.code, 13);
	assert_string_equal(r->detail,
	                    "hop 2, 192.0.2.102, says of 192.0.2.77: administratively prohibited");
	model_fini(&m);

	start_path(&m, SLA_PATH_ECHO, 5);
	m.hops[2].poses_as = 1;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_int_equal(r->path.outcome, PATH_LOOP);
	assert_int_equal(r->path.hop_count, 3);
	assert_string_equal(r->detail, "a loop: hop 3, 192.0.2.101, was there before");
	model_fini(&m);

	start_path(&m, SLA_PATH_ECHO, 5);
	m.hops[2].poses_as = 2; /* twice in a row is none */
	r = model_run(&m);
	assert_int_equal(r->path.outcome, PATH_REACHED);
	model_fini(&m);
}

/* Ten packets to each hop; RTT 20 ms, of the 2nd and 5th packet to the target 5 ms more; the 8th is lost.
 * Neighbours that differ: 1-2, 2-3, 4-5, 5-6, each by 5 ms. */
static void jitter_of_each_hop(void **state)
{
	struct model m;

	(void)state;
	start_path(&m, SLA_PATH_JITTER, 1);
	m.op.params.discovery = SLA_DISCOVERY_UDP;
	/* the datagram that finds the target, ten packets to the hop, ten to the target */
	m.path[SD].pattern = "..........."
	                     ".r..r..x..";
	m.path[SD].extra_ns = MS(5);
	const struct sla_result *r = model_run(&m);
	const struct path_hop *target = &r->path.hops[1];

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->path.hop_count, 2);
	assert_int_equal(r->path.hops[0].rtt.n, 10);
	assert_int_equal(r->path.hops[0].jitter.n, 0);
	assert_int_equal(target->sent, 10);
	assert_int_equal(target->rtt.n, 9);
	assert_i64_equal(target->rtt.sum_ns, 9 * MS(20) + 2 * MS(5));
	assert_int_equal(target->jitter.n, 4);
	assert_i64_equal(target->jitter.sum_ns, 4 * MS(5));
	assert_i64_equal(r->rtt_ns, target->rtt.sum_ns / 9);
	model_fini(&m);

	start_path(&m, SLA_PATH_JITTER, 2);
	m.op.params.target_only = true;
	m.op.params.num_packets = 3;
	m.path[DS].pattern = ".r.";
	m.path[DS].extra_ns = MS(45); /* the second reply comes behind the third */
	m.path[SD].pattern = NULL;
	r = model_run(&m);
	assert_int_equal(r->path.hops[0].sent, 0);
	assert_int_equal(r->path.hops[2].sent, 3);
	assert_int_equal(r->path.hops[2].out_of_sequence, 1);
	model_fini(&m);
}

static void what_cannot_begin(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	start_path(&m, SLA_PATH_ECHO, 3);
	m.open_error = -EACCES;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_int_equal(r->path.outcome, PATH_NOT_TRIED);
	assert_int_equal(r->path.hop_count, 0);
	m.send_error = -ENETUNREACH;
	m.send_errors = 1;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_string_equal(r->detail, "cannot send: Network is unreachable");
	m.op.params.target.family = INET_NONE;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	model_fini(&m);
}

/* --- icmp-jitter --------------------------------------------------------------------------------- */

/* Packets 4, 5 and 8 of ten are lost: runs of 3, 2 and 2 that came back, two losses with 2 between. */
static void timestamps_with_loss(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_ICMP_JITTER);
	m.path[SD].pattern = "...xx..";
	m.path[DS].pattern = ".....x"; /* the sixth that came so far: packet 8 */
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, MS(20));
	assert_int_equal(r->jitter.sent, 10);
	assert_int_equal(r->jitter.received, 7);
	assert_int_equal(r->jitter.loss_sd + r->jitter.loss_ds, 0);
	assert_int_equal(r->icmp.lost, 3);
	assert_int_equal(r->icmp.success_min, 2);
	assert_int_equal(r->icmp.success_max, 3);
	assert_int_equal(r->icmp.loss_periods.periods, 2);
	assert_int_equal(r->icmp.loss_periods.length_min, 1);
	assert_int_equal(r->icmp.loss_periods.length_max, 2);
	assert_int_equal(r->icmp.loss_periods.inter_length_min, 2);
	assert_int_equal(r->jitter.oneway_reason, ONEWAY_REPORTED);
	assert_i64_equal(r->jitter.oneway_sd.min_ns, MS(10));
	model_fini(&m);
}

/* Packet 3 takes 45 ms longer there: the target has it behind 4 and 5, and so do we; on the way back nothing is
 * overtaken.  Then the same on the way back alone. */
static void order_there_and_back(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_ICMP_JITTER);
	m.path[SD].pattern = "..r";
	m.path[SD].extra_ns = MS(45);
	r = model_run(&m);
	assert_int_equal(r->jitter.out_of_sequence, 1);
	assert_int_equal(r->icmp.out_of_sequence_sd, 1);
	assert_int_equal(r->icmp.out_of_sequence_ds, 0);
	assert_int_equal(r->icmp.out_of_sequence_both, 0);
	model_fini(&m);
	model_init(&m, SLA_ICMP_JITTER);
	m.path[DS].pattern = "..r";
	m.path[DS].extra_ns = MS(45);
	r = model_run(&m);
	assert_int_equal(r->jitter.out_of_sequence, 1);
	assert_int_equal(r->icmp.out_of_sequence_sd, 0);
	assert_int_equal(r->icmp.out_of_sequence_ds, 1);
	model_fini(&m);
}

static void clocks_that_are_not_right(void **state)
{
	struct model m;
	const struct sla_result *r;

	(void)state;
	model_init(&m, SLA_ICMP_JITTER);
	m.responder.is_synchronised = false;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->jitter.oneway_reason, ONEWAY_PEER_CLOCK_UNSYNCHRONISED);
	assert_int_equal(r->jitter.oneway_sd.n, 0);
	assert_int_equal(r->jitter.rtt.n, 10);
	model_fini(&m);
	model_init(&m, SLA_ICMP_JITTER);
	m.grade.source = CLOCK_SOURCE_NONE;
	r = model_run(&m);
	assert_int_equal(r->jitter.oneway_reason, ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED);
	model_fini(&m);
	model_init(&m, SLA_ICMP_JITTER);
	assert_int_equal(inet_addr_parse("2001:db8::1", &m.op.params.target), 0);
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_string_equal(r->detail, "ICMPv6 has no timestamps");
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hops_in_order),
		cmocka_unit_test(silent_hops),
		cmocka_unit_test(late_answers),
		cmocka_unit_test(refusals_and_loops),
		cmocka_unit_test(jitter_of_each_hop),
		cmocka_unit_test(what_cannot_begin),
		cmocka_unit_test(timestamps_with_loss),
		cmocka_unit_test(order_there_and_back),
		cmocka_unit_test(clocks_that_are_not_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
