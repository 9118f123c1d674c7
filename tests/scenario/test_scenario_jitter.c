/* SPDX-License-Identifier: Apache-2.0 */
/* udp-jitter over paths with one accident each: every figure is known beforehand. */
#include "model.h"

#include <errno.h>

static void nothing_happens(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.responder.residence_ns = MS(3);
	m.responder.clock_offset_ns = 0;
	m.op.params.peer_clock = SLA_PEER_CLOCK_ASSUMED;
	const struct sla_result *r = model_run(&m);
	const struct jitter_result *j = &r->jitter;

	assert_int_equal(r->sense, SENSE_OK);
	assert_string_equal(r->detail, "");
	assert_int_equal(r->control, SLA_CONTROL_V1);
	assert_i64_equal(r->control_rtt_ns, MS(20));
	assert_int_equal(j->sent, 10);
	assert_int_equal(j->received, 10);
	assert_i64_equal(r->rtt_ns, MS(20));
	assert_i64_equal(j->oneway_sd.min_ns, MS(10));
	assert_i64_equal(j->oneway_ds.max_ns, MS(10));
	assert_int_equal(j->sd.samples, 9);
	assert_int_equal(j->ds.samples, 9);
	assert_int_equal(j->sd.positive.n + j->sd.negative.n, 0);
	assert_i64_equal(r->instrument.send_lateness_max_ns, 0);
	assert_int_equal(r->instrument.tx_source, STAMP_KERNEL);
	assert_int_equal(r->target_port, 5000);
	assert_int_equal(m.responder.last_duration_ms, 5000 + 10 * 20);
	assert_int_equal(m.responder.control_from, m.responder.probe_from);
	model_fini(&m);
}

/* Same path, microseconds: type 3 in a v1 session. */
static void microseconds(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.precision = SLA_PRECISION_US;
	m.path[SD].delay_ns = US(1234);
	m.path[DS].delay_ns = US(4321);
	m.responder.residence_ns = US(777);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_i64_equal(r->rtt_ns, US(5555));
	assert_i64_equal(r->jitter.oneway_sd.max_ns, US(1234));
	assert_i64_equal(r->jitter.oneway_ds.max_ns, US(4321));
	assert_i64_near(r->jitter.peer_clock_err_ns, US(200), 1);
	assert_int_equal(r->jitter.oneway_reason, ONEWAY_REPORTED);
	model_fini(&m);
}

static void loss_per_direction(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.path[SD].pattern = "..xx...x..";
	m.path[DS].pattern = "....x..."; /* of the seven that got there, the fifth: packet 7 */
	const struct sla_result *r = model_run(&m);
	const struct jitter_result *j = &r->jitter;

	assert_int_equal(j->loss_sd, 3);
	assert_int_equal(j->loss_ds, 1);
	assert_int_equal(j->missing, 0);
	assert_int_equal(j->received, 6);
	/* lost there: 3 4 and, of the gap 7 8, one; which of the two nobody can know */
	assert_int_equal(j->loss_periods_sd.periods, 2);
	assert_int_equal(j->loss_periods_sd.length_max, 2);
	assert_int_equal(j->loss_periods_ds.periods, 1);
	assert_false(j->copied_sequence);
	model_fini(&m);
}

static void the_tail_is_lost(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.path[DS].pattern = "........xx";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->jitter.missing, 2);
	assert_int_equal(r->jitter.loss_ds, 0);
	/* 20 ms control, 180 ms sending, then the whole timeout */
	assert_i64_equal(m.now_ns, MS(20 + 180 + 5000));
	model_fini(&m);
}

static void all_lost(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.path[SD].pattern = "xxxxxxxxxx";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_TIMEOUT);
	assert_string_equal(r->detail, "no reply from 192.0.2.77:5000");
	assert_int_equal(r->jitter.missing, 10);
	assert_i64_equal(r->rtt_ns, 0);
	model_fini(&m);
}

static void reordered_and_doubled(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.path[DS].pattern = ".r..d....d";
	m.path[DS].extra_ns = MS(30); /* reply 2 comes 10 ms after reply 3 */
	m.path[SD].extra_ns = 0;
	const struct sla_result *r = model_run(&m);
	const struct jitter_result *j = &r->jitter;

	assert_int_equal(j->out_of_sequence, 1);
	assert_int_equal(j->duplicates, 2); /* that of the last packet as well */
	assert_int_equal(j->received, 10);
	assert_i64_equal(j->rtt.max_ns, MS(50));
	assert_i64_equal(j->ds.positive.sum_ns, MS(30));
	assert_i64_equal(j->ds.negative.sum_ns, MS(30));
	model_fini(&m);
}

static void corrupted_on_the_way(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.verify_data = true;
	m.path[SD].pattern = "..c.......";
	m.path[DS].pattern = "......c...";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->jitter.corrupted, 2);
	assert_int_equal(r->jitter.received, 8);
	model_fini(&m);
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.verify_data = true;
	m.path[SD].pattern = "cccccccccc";
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_VERIFY_ERROR);
	model_fini(&m);
}

/* A reply with a T1 that we did not send is none of ours. */
static void foreign_replies(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.path[DS].pattern = "...s......";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->instrument.foreign_packets, 1);
	assert_int_equal(r->jitter.loss_ds, 1);
	assert_int_equal(r->jitter.received, 9);
	model_fini(&m);
}

static void later_than_the_timeout(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.timeout_ms = 100;
	m.path[DS].pattern = ".r......r.";
	m.path[DS].extra_ns = MS(90);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->jitter.late, 2);
	assert_int_equal(r->jitter.received, 8);
	assert_int_equal(r->jitter.loss_ds + r->jitter.loss_sd + r->jitter.missing, 0);
	assert_int_equal(r->jitter.out_of_sequence, 0);
	model_fini(&m);
}

static void over_the_threshold(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.threshold_ms = 19;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OVER_THRESHOLD);
	assert_int_equal(r->jitter.over_threshold, 10);
	model_fini(&m);
}

static void our_clock_is_stepped(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.precision = SLA_PRECISION_US;
	/* control until 20 ms; packet 4 leaves at 80 and is back at 100 */
	model_at(&m, MS(90), EV_STEP, MS(-250));
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->instrument.clock_step_samples, 1);
	assert_true(r->clock.stepped);
	assert_int_equal(r->jitter.received, 10);
	assert_int_equal(r->jitter.rtt.n, 9);
	assert_i64_equal(r->jitter.rtt.min_ns, MS(20));
	assert_i64_equal(r->jitter.rtt.max_ns, MS(20));
	assert_int_equal(r->jitter.oneway_reason, ONEWAY_CLOCK_STEPPED);
	assert_int_equal(r->jitter.oneway_sd.n, 0);
	model_fini(&m);
}

/* The stamp is fetched after the step, so that its own offset would hide it. */
static void a_step_before_the_stamp_is_fetched(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.precision = SLA_PRECISION_US;
	m.stamp_lag_ns = MS(5);
	model_at(&m, MS(83), EV_STEP, SEC(3));
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->instrument.clock_step_samples, 1);
	assert_i64_equal(r->jitter.rtt.max_ns, MS(20));
	model_fini(&m);
}

static void the_responder_restarts(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	model_at(&m, MS(115), EV_RESTART, 0); /* after probe 5 (sent at 100) came there */
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->jitter.received, 5);
	assert_int_equal(r->jitter.missing, 5);
	model_fini(&m);
	/* A permanent port goes on, but its counter begins anew; 6 and 7 are lost meanwhile. */
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.is_permanent = true;
	m.path[SD].pattern = ".....xx...";
	model_at(&m, MS(95), EV_RESTART, 0);
	r = model_run(&m);
	assert_int_equal(r->control, SLA_CONTROL_DISABLE);
	assert_int_equal(r->jitter.received, 8);
	assert_int_equal(r->jitter.missing, 2);
	assert_int_equal(r->jitter.loss_sd + r->jitter.loss_ds, 0);
	model_fini(&m);
}

static void a_copying_responder_is_noted(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.responder.copies_sequence = true;
	m.path[SD].pattern = "...x......";
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->jitter.loss_ds, 1); /* as it looks; noted, not mended */
	assert_true(r->jitter.copied_sequence);
	assert_non_null(strstr(r->detail, "copies our sequence numbers"));
	model_fini(&m);
}

/* Held up from 70 to 137 ms: packets 4 5 6 are due at 80 100 120 (control took 20). */
static void a_slow_host_skips_and_never_bunches(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.is_permanent = true;
	m.hold_from_ns = MS(70); /* packet s is due at (s - 1) * 20: 5 at 80, 6 at 100, 7 at 120 */
	m.hold_until_ns = MS(137);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->jitter.skipped, 2);
	assert_int_equal(r->jitter.sent, 8);
	assert_int_equal(r->jitter.received, 8);
	assert_i64_equal(r->instrument.send_lateness_max_ns, MS(17));
	assert_int_equal(r->instrument.timer_misses, 1);
	assert_i64_equal(r->jitter.rtt.max_ns, MS(20)); /* being held up is not network delay */
	assert_non_null(strstr(r->detail, "2 packets skipped"));
	model_fini(&m);
}

static void the_kernel_gives_no_stamps(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.no_kernel_stamps = true;
	m.tx_lag_ns = US(40);
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->instrument.tx_source, STAMP_USER);
	assert_int_equal(r->instrument.rx_source, STAMP_KERNEL);
	assert_i64_equal(r->rtt_ns, MS(20) + US(40)); /* the error that the source tells of */
	model_fini(&m);
}

static void sends_fail(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_DISABLE;
	m.responder.is_permanent = true;
	m.send_error = -ENOBUFS;
	m.send_errors = 3;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->jitter.skipped, 3);
	assert_int_equal(r->jitter.sent, 7);
	m.send_errors = 10;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DROPPED);
	assert_string_equal(
	        r->detail, "no packet could be sent to 192.0.2.77:5000: No buffer space available");
	m.send_errors = 0;
	m.open_error = -EMFILE;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_DROPPED);
	assert_string_equal(r->detail, "the model says no");
	model_fini(&m);
}

static void nobody_listens(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.control = SLA_CONTROL_DISABLE;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_string_equal(r->detail, "nothing listens on 192.0.2.77:5000 (port unreachable)");
	assert_int_equal(r->jitter.missing, 10);
	assert_i64_equal(m.now_ns, MS(180)); /* no waiting for what cannot come */
	model_fini(&m);
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.target.family = INET_NONE;
	r = model_run(&m);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_string_equal(r->detail, "the name of the target did not resolve");
	model_fini(&m);
}

static void a_call(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.codec = SLA_CODEC_G729A;
	m.op.params.num_packets = 1000;
	m.op.params.request_size = 32;
	m.op.params.tos = 184;
	const struct sla_result *r = model_run(&m);

	assert_int_equal(r->jitter.received, 1000);
	assert_int_equal(r->jitter.icpif, 11);
	assert_int_equal(r->jitter.mos_centi, 406);
	assert_int_equal(m.responder.probe_tos, 184);
	assert_int_equal(m.responder.control_tos, 0); /* marks probes only */
	model_fini(&m);
}

static void runs_follow_each_other(void **state)
{
	struct model m;

	(void)state;
	model_init(&m, SLA_UDP_JITTER);
	m.op.params.source_port = 31000;
	m.path[DS].pattern = ".........x";
	for (int run = 0; run < 3; run++) {
		const struct sla_result *r = model_run(&m);

		assert_int_equal(r->jitter.received, run == 0 ? 9 : 10);
		assert_int_equal(r->instrument.foreign_packets, 0);
		m.now_ns += SEC(10);
	}
	assert_int_equal(m.responder.probe_from, 31000);
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happens),
		cmocka_unit_test(microseconds),
		cmocka_unit_test(loss_per_direction),
		cmocka_unit_test(the_tail_is_lost),
		cmocka_unit_test(all_lost),
		cmocka_unit_test(reordered_and_doubled),
		cmocka_unit_test(corrupted_on_the_way),
		cmocka_unit_test(foreign_replies),
		cmocka_unit_test(later_than_the_timeout),
		cmocka_unit_test(over_the_threshold),
		cmocka_unit_test(our_clock_is_stepped),
		cmocka_unit_test(a_step_before_the_stamp_is_fetched),
		cmocka_unit_test(the_responder_restarts),
		cmocka_unit_test(a_copying_responder_is_noted),
		cmocka_unit_test(a_slow_host_skips_and_never_bunches),
		cmocka_unit_test(the_kernel_gives_no_stamps),
		cmocka_unit_test(sends_fail),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_call),
		cmocka_unit_test(runs_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
