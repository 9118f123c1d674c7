/* SPDX-License-Identifier: Apache-2.0 */
/* Undirected loss, its periods, and runs of success of icmp-jitter, each worked out by hand. */
#include "sla/icmp_order.h"

#include "jitter_help.h"

#define PACKETS_MAX 16

/* What became of each packet: '+' in time, '-' no reply, 'L' late, 'S' never sent. */
struct row {
	const char *fates;
	uint32_t received, lost, late, skipped;
	uint32_t success_min, success_max;
	struct loss_periods periods; /* how many, length min, max, received between: min, max */
};

static const struct row rows[] = {
	{ "++++++++++", 10, 0, 0, 0, 10, 10, { 0 } },
	{ "----------", 0, 10, 0, 0, 0, 0, { 1, 10, 10, 0, 0 } },
	{ "++++-+++++", 9, 1, 0, 0, 4, 5, { 1, 1, 1, 0, 0 } }, /* one gap: nothing between two */
	{ "+-+-+-+-+-", 5, 5, 0, 0, 1, 1, { 5, 1, 1, 1, 1 } },
	{ "--++++++++", 8, 2, 0, 0, 8, 8, { 1, 2, 2, 0, 0 } }, /* at the beginning */
	{ "++++++++--", 8, 2, 0, 0, 8, 8, { 1, 2, 2, 0, 0 } }, /* at the end */
	/* 1; 4 5 6; 12: lengths 1 3 1, between them 2 3 and 7 to 11; successes 2, 5 */
	{ "-++---+++++-", 7, 5, 0, 0, 2, 5, { 3, 1, 3, 2, 5 } },
	/* a late packet is no success and no loss: it ends a run of either */
	{ "++L+++", 5, 0, 1, 0, 2, 3, { 0 } },
	{ "+-L--+", 2, 3, 1, 0, 1, 1, { 2, 1, 2, 1, 1 } },
	/* what was not sent ends nothing: successes 2 (1, 3), loss 2 (4, 6), success 1 (7) */
	{ "+S+-S-+", 3, 2, 0, 2, 1, 2, { 1, 2, 2, 0, 0 } },
};

static void icmp_end(struct fixture *f, uint32_t packets)
{
	const struct clock_grade grade = { .source = CLOCK_SOURCE_KERNEL, .err_ns = US(200) };
	uint32_t scratch[PACKETS_MAX + 1];

	assert_true(packets <= PACKETS_MAX);
	jitter_run_finish(&f->run, &grade, &f->res);
	icmp_jitter_finish(&f->run, scratch, &f->res);
	free(f->block);
}

static void runs_of_success_and_loss(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		uint32_t n = (uint32_t)strlen(row->fates);
		const struct icmp_jitter_result *j;
		struct fixture f;

		print_message("%s\n", row->fates);
		begin(&f, JITTER_WIRE_MS, n);
		for (uint32_t s = 1; s <= n; s++) {
			int64_t o = MS(20) * (s - 1);
			char fate = row->fates[s - 1];

			if (fate == 'S')
				jitter_run_skip(&f.run, s);
			else if (fate == '+')
				plain(&f, s, 0);
			else
				lost(&f, s);
			if (fate == 'L')
				assert_true(
				        reply_at(&f, s, o + MS(10), o + MS(10), o + MS(1001), 0));
		}
		icmp_end(&f, n);
		j = &f.res.icmp;
		assert_int_equal(j->jitter.received, row->received);
		assert_int_equal(j->lost, row->lost);
		assert_int_equal(j->jitter.sent, n - row->skipped);
		/* PktLoss = sent - received - late */
		assert_int_equal(j->lost, j->jitter.sent - j->jitter.received - j->jitter.late);
		assert_int_equal(j->jitter.loss_sd + j->jitter.loss_ds, 0);
		assert_int_equal(j->jitter.late, row->late);
		assert_int_equal(j->jitter.skipped, row->skipped);
		assert_int_equal(j->success_min, row->success_min);
		assert_int_equal(j->success_max, row->success_max);
		assert_int_equal(j->loss_periods.periods, row->periods.periods);
		assert_int_equal(j->loss_periods.length_min, row->periods.length_min);
		assert_int_equal(j->loss_periods.length_max, row->periods.length_max);
		assert_int_equal(j->loss_periods.inter_length_min, row->periods.inter_length_min);
		assert_int_equal(j->loss_periods.inter_length_max, row->periods.inter_length_max);
	}
}

/* Three packets 20 ms apart, of which 2 is held up.  There: the target has it at 55 ms, behind 3 (50 ms), and
 * its answers come in its order: SD.  Back: it answers at 30, before 3, but 3's answer comes first: DS. */
static void order_has_directions(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_MS, 3);
	for (uint32_t s = 1; s <= 3; s++)
		lost(&f, s);
	assert_true(reply_at(&f, 1, MS(10), MS(10), MS(15), 0));
	assert_true(reply_at(&f, 3, MS(50), MS(50), MS(55), 0));
	assert_true(reply_at(&f, 2, MS(55), MS(55), MS(60), 0));
	icmp_end(&f, 3);
	assert_int_equal(f.res.icmp.out_of_sequence_sd, 1);
	assert_int_equal(f.res.icmp.out_of_sequence_ds + f.res.icmp.out_of_sequence_both, 0);
	begin(&f, JITTER_WIRE_MS, 3);
	for (uint32_t s = 1; s <= 3; s++)
		lost(&f, s);
	assert_true(reply_at(&f, 1, MS(10), MS(10), MS(15), 0));
	assert_true(reply_at(&f, 3, MS(50), MS(50), MS(55), 0));
	assert_true(reply_at(&f, 2, MS(30), MS(30), MS(60), 0));
	icmp_end(&f, 3);
	assert_int_equal(f.res.icmp.out_of_sequence_ds, 1);
	assert_int_equal(f.res.icmp.out_of_sequence_sd + f.res.icmp.out_of_sequence_both, 0);
	begin(&f, JITTER_WIRE_MS, 3);
	for (uint32_t s = 1; s <= 3; s++)
		lost(&f, s);
	/* the target sends 3 (50), 1 (52), 2 (55); here come 2, 3, 1: 1 both, 2 there, 3 back */
	assert_true(reply_at(&f, 2, MS(55), MS(55), MS(60), 0));
	assert_true(reply_at(&f, 3, MS(50), MS(50), MS(61), 0));
	assert_true(reply_at(&f, 1, MS(52), MS(52), MS(62), 0));
	icmp_end(&f, 3);
	assert_int_equal(f.res.icmp.out_of_sequence_both, 1);
	assert_int_equal(f.res.icmp.out_of_sequence_sd, 1);
	assert_int_equal(f.res.icmp.out_of_sequence_ds, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_success_and_loss),
		cmocka_unit_test(order_has_directions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
