/* SPDX-License-Identifier: Apache-2.0 */
/* Direction of losses and loss periods, each case worked out by hand from what was answered. */
#include "jitter_help.h"

/* A run as a list: per packet the responder's count, or a letter for what happened to it. */
#define LOST    0    /* no reply */
#define SKIP    (-1) /* never sent */
#define NOCOUNT (-2) /* answered with count 0 */

#define RUN_MAX 20

struct row {
	const char *name;
	int counts[RUN_MAX]; /* ends with END */
	uint32_t sd, ds, missing, received;
	struct loss_periods sd_periods, ds_periods;
	bool is_copied;
};

#define END (-9)

static const struct row rows[] = {
	{ "nothing lost", { 1, 2, 3, END }, 0, 0, 0, 3, { 0 }, { 0 }, false },
	{ "one on the way there",
	  { 1, LOST, 2, 3, END },
	  1,
	  0,
	  0,
	  3,
	  { 1, 1, 1, 0, 0 },
	  { 0 },
	  false },
	{ "one on the way back",
	  { 1, LOST, 3, 4, END },
	  0,
	  1,
	  0,
	  3,
	  { 0 },
	  { 1, 1, 1, 0, 0 },
	  true },
	{ "the first on the way there",
	  { LOST, 1, 2, END },
	  1,
	  0,
	  0,
	  2,
	  { 1, 1, 1, 0, 0 },
	  { 0 },
	  false },
	{ "the first on the way back",
	  { LOST, 2, 3, END },
	  0,
	  1,
	  0,
	  2,
	  { 0 },
	  { 1, 1, 1, 0, 0 },
	  true },
	{ "the tail has no direction", { 1, 2, LOST, LOST, END }, 0, 0, 2, 2, { 0 }, { 0 }, false },
	{ "all", { LOST, LOST, LOST, END }, 0, 0, 3, 0, { 0 }, { 0 }, false },
	{ "both ways in one gap",
	  { 1, LOST, LOST, LOST, 3, END },
	  2,
	  1,
	  0,
	  2,
	  { 1, 2, 2, 0, 0 },
	  { 1, 1, 1, 0, 0 },
	  false },
	/* lost there: 2, 6 7; received there between: 3 4 5 */
	{ "two periods there",
	  { 1, LOST, 2, 3, 4, LOST, LOST, 5, END },
	  3,
	  0,
	  0,
	  5,
	  { 2, 1, 2, 3, 3 },
	  { 0 },
	  false },
	/* lost back: 2 (count 2), 4 (count 4), 7 8 (7 8); between: 3 and 5 6 */
	{ "three periods back",
	  { 1, LOST, 3, LOST, 5, 6, LOST, LOST, 9, END },
	  0,
	  4,
	  0,
	  5,
	  { 0 },
	  { 3, 1, 2, 1, 2 },
	  true },
	/* there: 1 2, 4, 8; received there between: 3, and 5 6 7 */
	{ "a burst at the beginning, then single gaps",
	  { LOST, LOST, 1, LOST, 2, 3, 4, LOST, 5, END },
	  4,
	  0,
	  0,
	  5,
	  { 3, 1, 2, 1, 3 },
	  { 0 },
	  false },
	/* there: 1, 4 5, between them 2 3; back: 7 (count 4), 11 12 13 (8 9 10), between them 8 9 10;
	 * 15 16 are the tail */
	{ "bursts both ways, at the beginning and at the end",
	  { LOST, 1, 2, LOST, LOST, 3, LOST, 5, 6, 7, LOST, LOST, LOST, 11, LOST, LOST, END },
	  3,
	  4,
	  2,
	  7,
	  { 2, 1, 2, 2, 2 },
	  { 2, 1, 3, 3, 3 },
	  false },
	/* back: 3 (count 3), 7 (count 6); 5 never came there: 4 and 6 were received between */
	{ "what was lost there is not received between losses on the way back",
	  { 1, 2, LOST, 4, LOST, 5, LOST, 7, END },
	  1,
	  2,
	  0,
	  5,
	  { 1, 1, 1, 0, 0 },
	  { 2, 1, 1, 2, 2 },
	  false },
	{ "skipped ones are not lost",
	  { 1, SKIP, 2, LOST, SKIP, LOST, 3, END },
	  2,
	  0,
	  0,
	  3,
	  { 1, 2, 2, 0, 0 },
	  { 0 },
	  false },
	{ "overtaken on the way there, none lost",
	  { 1, 3, 2, 4, END },
	  0,
	  0,
	  0,
	  4,
	  { 0 },
	  { 0 },
	  false },
	/* 3 overtaken by 4; 2 never came there: counts 1 2 3 4 are all held */
	{ "overtaken and one lost there",
	  { 1, LOST, 3, 2, 4, END },
	  1,
	  0,
	  0,
	  4,
	  { 1, 1, 1, 0, 0 },
	  { 0 },
	  false },
	/* 2 and 3 swapped there; the answer with count 3 (to 2) lost on the way back */
	{ "overtaken and one lost back",
	  { 1, LOST, 2, 4, END },
	  0,
	  1,
	  0,
	  3,
	  { 0 },
	  { 1, 1, 1, 0, 0 },
	  false },
	{ "the counter began anew",
	  { 1, 2, 3, LOST, LOST, 1, 2, LOST, 4, END },
	  0,
	  1,
	  2,
	  6,
	  { 0 },
	  { 1, 1, 1, 0, 0 },
	  false },
	{ "began anew and lost there",
	  { 1, 2, LOST, 1, LOST, 2, END },
	  1,
	  0,
	  1,
	  4,
	  { 1, 1, 1, 0, 0 },
	  { 0 },
	  false },
	{ "a responder that does not count",
	  { NOCOUNT, LOST, NOCOUNT, END },
	  0,
	  0,
	  1,
	  2,
	  { 0 },
	  { 0 },
	  false },
	{ "one count missing takes no direction away",
	  { 1, NOCOUNT, LOST, 3, END },
	  1,
	  0,
	  0,
	  3,
	  { 1, 1, 1, 0, 0 },
	  { 0 },
	  false },
	{ "counts from elsewhere tell nothing",
	  { 900, LOST, 902, END },
	  0,
	  0,
	  1,
	  2,
	  { 0 },
	  { 0 },
	  false },
};

static void assert_periods(const struct loss_periods *got, const struct loss_periods *want)
{
	assert_int_equal(got->periods, want->periods);
	assert_int_equal(got->length_min, want->length_min);
	assert_int_equal(got->length_max, want->length_max);
	assert_int_equal(got->inter_length_min, want->inter_length_min);
	assert_int_equal(got->inter_length_max, want->inter_length_max);
}

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct fixture f;
		uint32_t n = 0;

		while (row->counts[n] != END)
			n++;
		print_message("%s\n", row->name);
		begin(&f, JITTER_WIRE_US, n);
		for (uint32_t s = 1; s <= n; s++) {
			int c = row->counts[s - 1];

			if (c == SKIP)
				jitter_run_skip(&f.run, s);
			else if (c == LOST)
				lost(&f, s);
			else
				plain(&f, s, c == NOCOUNT ? 0 : (uint32_t)c);
		}
		const struct jitter_result *j = end(&f);

		assert_int_equal(j->loss_sd, row->sd);
		assert_int_equal(j->loss_ds, row->ds);
		assert_int_equal(j->missing, row->missing);
		assert_int_equal(j->received, row->received);
		assert_int_equal(j->copied_sequence, row->is_copied);
		assert_periods(&j->loss_periods_sd, &row->sd_periods);
		assert_periods(&j->loss_periods_ds, &row->ds_periods);
		assert_balance(j);
	}
}

/* A probe that the network doubled: the responder counts it twice, and both answers come. */
static void duplicated_on_the_way_there(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	plain(&f, 1, 1);
	plain(&f, 2, 2);
	assert_false(reply_at(&f, 2, MS(31), MS(31), MS(36), 3));
	plain(&f, 3, 4);
	plain(&f, 4, 5);
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->duplicates, 1);
	assert_int_equal(j->loss_sd + j->loss_ds + j->missing, 0);
	assert_int_equal(j->out_of_sequence, 0);
	assert_balance(j);
}

/* The second answer is lost: a count too many, but no packet is missing. */
static void duplicated_there_and_one_answer_lost(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	plain(&f, 1, 1);
	plain(&f, 2, 2);
	lost(&f, 3);
	plain(&f, 4, 5); /* 3 and 4 were seen there as counts 3 or 4; one is the double of 2 */
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->loss_ds, 1);
	assert_int_equal(j->loss_sd, 0);
	assert_balance(j);
}

/* A late answer is no loss, and its count still tells where the others went. */
static void late_is_not_lost(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	plain(&f, 1, 1);
	sent_at(&f, 2, MS(20));
	lost(&f, 3);
	plain(&f, 4, 3);
	assert_true(reply_at(&f, 2, MS(30), MS(30), MS(20) + MS(1000) + 1, 2));
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->late, 1);
	assert_int_equal(j->loss_sd, 1);
	assert_int_equal(j->loss_ds, 0);
	assert_int_equal(j->out_of_sequence, 0);
	assert_int_equal(j->rtt.n, 2);
	assert_balance(j);
}

/* Whatever a responder writes as counts, packets add up and the work stays small. */
static void hostile_counts(void **state)
{
	uint64_t seed = t_seed(4242);

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		uint32_t n = round == 0 ? 60000 : 1 + (uint32_t)(t_random(&seed) % 200);
		struct fixture f;

		begin(&f, JITTER_WIRE_US, n);
		for (uint32_t s = 1; s <= n; s++) {
			uint32_t kind = (uint32_t)(t_random(&seed) % 8);
			uint32_t count =
			        round == 0 ? 2 * n : (uint32_t)(t_random(&seed) % (2 * n + 3));

			if (kind == 0)
				jitter_run_skip(&f.run, s);
			else if (kind == 1)
				lost(&f, s);
			else
				plain(&f, s, count);
			if (kind == 2)
				assert_false(reply_at(&f, s, 0, 0, MS(900), count / 2));
		}
		const struct jitter_result *j = end(&f);

		assert_balance(j);
		assert_int_equal(j->sent + j->skipped, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(duplicated_on_the_way_there),
		cmocka_unit_test(duplicated_there_and_one_answer_lost),
		cmocka_unit_test(late_is_not_lost),
		cmocka_unit_test(hostile_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
