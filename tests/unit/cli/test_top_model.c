/* SPDX-License-Identifier: Apache-2.0 */
/* What `candor top` knows and shows: rows kept current, judged, filtered, sorted, selected. */
#include "t_top.h"

#include <errno.h>

static int setup(void **state)
{
	struct top_model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	t_fleet(m);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	top_model_fini(*state);
	free(*state);
	return 0;
}

static void arrange(struct top_model *m)
{
	top_model_arrange(m, (wall_t) { T_TOP_NOW });
}

/* The numbers shown, "40 60 30". */
static void assert_shown(struct top_model *m, const char *want)
{
	char got[400] = "";
	size_t used = 0;

	arrange(m);
	for (uint32_t i = 0; i < m->shown_count; i++)
		used += (size_t)snprintf(got + used, sizeof(got) - used, "%s%u", i ? " " : "",
		                         m->shown[i]->is.number);
	assert_string_equal(got, want);
}

static void test_health(void **state)
{
	struct top_model *m = *state;
	static const struct {
		uint32_t node, number;
		enum top_health health;
	} cases[] = {
		{ 0, 10, TOP_GOOD },
		{ 0, 20, TOP_GOOD },
		{ 0, 30, TOP_DEGRADED },
		{ 0, 40, TOP_FAILING },
		{ 1, 50, TOP_DEGRADED },
		{ 1, 60, TOP_OVERDUE },
		{ 1, 2147483647, TOP_WAITING },
	};

	arrange(m);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(top_model_find(m, cases[i].node, cases[i].number)->health,
		                 cases[i].health);
	assert_int_equal(m->by_health[TOP_DEGRADED], 2);
	top_model_set_link(m, 0, TOP_DOWN, (wall_t) { T_TOP_NOW }, "refused");
	arrange(m);
	assert_int_equal(m->by_health[TOP_UNREACHED], 4);
	assert_int_equal(top_model_find(m, 0, 40)->health, TOP_UNREACHED);
	/* a link that stays as it is keeps its beginning */
	top_model_set_link(m, 0, TOP_DOWN, (wall_t) { T_TOP_NOW + 5 }, "refused again");
	assert_i64_equal(m->nodes[0].since.ns, T_TOP_NOW);
	assert_string_equal(m->nodes[0].reason, "refused again");
}

/* The clock of a node may be hours off: ages are right all the same. */
static void test_other_clock(void **state)
{
	struct top_model *m = *state;
	struct top_figures f = t_figures(T_ROW(70, "icmp-echo", "192.0.2.9", ""));

	m->nodes[1].ahead_ns = -7200 * NS_PER_S;
	f.started_at_ns = T_TOP_NOW - 7230 * NS_PER_S;
	top_model_take(m, 1, &f);
	arrange(m);
	assert_i64_equal(top_model_find(m, 1, 70)->age_ns, 30 * NS_PER_S);
	assert_int_equal(top_model_find(m, 1, 70)->health, TOP_GOOD);
}

static void test_history(void **state)
{
	struct top_model *m = *state;
	struct top_figures f = t_figures(T_ROW(70, "icmp-echo", "192.0.2.9", ""));
	const struct top_row *row;

	for (int i = 0; i < 100; i++) {
		t_run(m, 0, f, 1000 - i, i);
		t_run(m, 0, f, 1000 - i, i); /* told twice: one run */
	}
	row = top_model_find(m, 0, 70);
	assert_int_equal(row->history_len, TOP_HISTORY);
	for (uint32_t back = 0; back < TOP_HISTORY; back++)
		assert_i64_equal(top_row_value(row, back), 99 - back);
	assert_i64_equal(top_row_value(row, TOP_HISTORY), TOP_NONE);
	/* a list that an event has overtaken */
	t_run(m, 0, f, 990, 7);
	assert_i64_equal(row->is.rtt_ns, 99);
	f.generation++; /* created anew: its past is another's */
	t_run(m, 0, f, 800, 5);
	row = top_model_find(m, 0, 70);
	assert_int_equal(row->history_len, 1);
	f.started_at_ns = 0; /* statistics were cleared */
	top_model_take(m, 0, &f);
	assert_int_equal(row->history_len, 0);
}

static void test_lists_and_removal(void **state)
{
	struct top_model *m = *state;
	struct top_figures ten = t_figures(T_ROW(10, "udp-jitter", "192.0.2.1", ""));

	assert_shown(m, "40 60 30 50 10 20 2147483647");
	top_model_remove(m, 0, 11); /* never was */
	top_model_remove(m, 0, 40);
	assert_shown(m, "60 30 50 10 20 2147483647");
	top_model_begin_list(m, 0);
	top_model_take(m, 0, &ten);
	top_model_end_list(m, 0);
	assert_shown(m, "60 50 10 2147483647");
	assert_int_equal(top_model_find(m, 0, 10)->history_len, TOP_HISTORY); /* survived */
	top_model_begin_list(m, 1);
	top_model_end_list(m, 1);
	top_model_remove(m, 0, 10);
	assert_shown(m, "");
	assert_null(top_model_selected(m));
	top_model_move(m, 5);
	assert_int_equal(m->at, 0);
}

static void test_configuration_changes(void **state)
{
	struct top_model *m = *state;
	struct arena a = { 0 };
	struct top_figures f;
	const struct doc *d = t_parse(&a, "{\"number\": 10, \"type\": \"udp-jitter\", \"target\": "
	                                  "\"192.0.2.1\", \"tag\": \"calls\", \"state\": "
	                                  "\"inactive\", \"generation\": 1, \"parameters\": "
	                                  "{\"frequency_s\": 30}}");

	assert_int_equal(top_figures_read_operation(d, &f), 0);
	top_model_configure(m, 0, &f);
	arrange(m);
	const struct top_row *row = top_model_find(m, 0, 10);

	assert_string_equal(row->is.tag, "calls");
	assert_int_equal(row->is.frequency_s, 30);
	assert_int_equal(row->health, TOP_WAITING);
	assert_i64_equal(row->is.rtt_ns, 30 * NS_PER_MS); /* what was measured stays */
	f.number = 11;
	top_model_configure(m, 0, &f);
	assert_i64_equal(top_model_find(m, 0, 11)->is.rtt_ns, TOP_NONE);
	f.generation++;
	f.number = 10;
	top_model_configure(m, 0, &f);
	assert_i64_equal(row->is.rtt_ns, TOP_NONE);
	assert_int_equal(row->history_len, 0);
	d = t_parse(&a, "{\"number\": 0}");
	assert_int_equal(top_figures_read(d, &f), -EBADMSG);
	assert_int_equal(top_figures_read_operation(d, &f), -EBADMSG);
	arena_free(&a);
}

static void test_order(void **state)
{
	struct top_model *m = *state;
	static const struct {
		enum top_key key;
		const char *shown, *reversed;
	} cases[] = {
		{ TOP_BY_HEALTH, "40 60 30 50 10 20 2147483647", "2147483647 10 20 30 50 60 40" },
		{ TOP_BY_NUMBER, "10 20 30 40 50 60 2147483647", "2147483647 60 50 40 30 20 10" },
		{ TOP_BY_TARGET, "10 40 20 60 2147483647 50 30", "30 50 2147483647 60 20 40 10" },
		{ TOP_BY_TYPE, "20 2147483647 30 40 60 10 50", "10 50 40 60 30 20 2147483647" },
		{ TOP_BY_RTT, "30 50 10 60 20 40 2147483647", "20 60 10 50 30 40 2147483647" },
		{ TOP_BY_LOSS, "40 50 10 20 30 60 2147483647", "10 20 30 60 50 40 2147483647" },
		{ TOP_BY_JITTER, "10 20 30 40 50 60 2147483647", "10 20 30 40 50 60 2147483647" },
		{ TOP_BY_MOS, "50 10 20 30 40 60 2147483647", "10 50 20 30 40 60 2147483647" },
		{ TOP_BY_AGE, "60 30 50 40 10 20 2147483647", "20 10 40 50 30 60 2147483647" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		m->key = cases[i].key;
		m->is_reversed = false;
		assert_shown(m, cases[i].shown);
		m->is_reversed = true;
		assert_shown(m, cases[i].reversed);
	}
}

static void test_filters(void **state)
{
	struct top_model *m = *state;
	static const struct {
		const char *filter, *shown;
	} cases[] = {
		{ "branch", "40 50" },       { "BRANCH 198", "40" },
		{ "  over  ", "30" },        { "node-b", "60 50 2147483647" },
		{ "icmp", "20 2147483647" }, { "node-b icmp", "2147483647" },
		{ "4 7", "40 2147483647" },  { "nothing", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		(void)snprintf(m->filter, sizeof(m->filter), "%s", cases[i].filter);
		assert_shown(m, cases[i].shown);
	}
	m->filter[0] = '\0';
	m->problems_only = true;
	assert_shown(m, "40 60 30 50");
	m->only_node = 1;
	assert_shown(m, "60 50");
	m->problems_only = false;
	m->only_node = 0;
	assert_shown(m, "40 30 10 20");
}

/* The selection stays with its operation while the order changes. */
static void test_selection(void **state)
{
	struct top_model *m = *state;

	arrange(m);
	assert_int_equal(top_model_selected(m)->is.number, 40);
	top_model_move(m, 3);
	assert_int_equal(top_model_selected(m)->is.number, 50);
	m->key = TOP_BY_NUMBER;
	arrange(m);
	assert_int_equal(top_model_selected(m)->is.number, 50);
	assert_int_equal(m->at, 4);
	top_model_move(m, 100);
	assert_int_equal(top_model_selected(m)->is.number, 2147483647);
	top_model_remove(m, 1, 2147483647);
	arrange(m);
	assert_int_equal(m->at, 0);
	top_model_move(m, 3);
	m->only_node = 1; /* filters 40 away: about the same place */
	arrange(m);
	assert_int_equal(m->at, 1);
	top_model_move(m, -100);
	assert_int_equal(m->at, 0);
	assert_null(m->selected); /* the first place, whoever comes there */
}

/* Against a plain list that is searched from end to end. */
static void test_many(void **state)
{
	struct top_model m;
	const char *const names[] = { "a", "b", "c" };
	bool is_there[3][200] = { { false } };
	uint64_t seed = t_seed(11);
	struct top_figures f = t_figures(T_ROW(1, "icmp-echo", "192.0.2.9", ""));
	uint32_t count = 0;

	(void)state;
	top_model_init(&m, names, 3);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t node = (uint32_t)(t_random(&seed) % 3);

		f.number = (uint32_t)(t_random(&seed) % 199) + 1;
		bool *there = &is_there[node][f.number];

		if (t_random(&seed) % 2) {
			top_model_take(&m, node, &f);
			count += !*there;
			*there = true;
		} else {
			top_model_remove(&m, node, f.number);
			count -= *there;
			*there = false;
		}
		assert_int_equal(m.row_count, count);
		assert_int_equal(top_model_find(&m, node, f.number) != NULL, *there);
		if (i % 1000 == 0) {
			arrange(&m);
			assert_int_equal(m.shown_count, count);
		}
	}
	top_model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_health, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_history, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists_and_removal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_configuration_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selection, setup, teardown),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
