/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of `candor top` at several sizes, octet by octet, against the files of the folder named
 * on the command line; with CANDOR_TEST_REWRITE set they are written instead. */
#include "t_top.h"

#include "cli/top_screen.h"

static const char *folder;

struct fixture {
	struct top_model model;
	struct top_ui ui;
	struct top_detail detail;
	struct arena arena;
};

static const struct doc *parse_file(struct arena *a, const char *name)
{
	char path[400], text[16384];
	FILE *f;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	assert_true(len < sizeof(text) - 1);
	text[len] = '\0';
	(void)fclose(f);
	return t_parse(a, text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	t_fleet(&f->model);
	f->detail.number = 10;
	f->detail.statistics = parse_file(&f->arena, "statistics.json");
	f->detail.alarms = t_parse(
	        &f->arena,
	        "{\"items\": [{\"at_ns\": 1763716100000000000, \"name\": \"loss-10\", "
	        "\"severity\": \"major\", \"text\": \"loss above 5 %\", \"by\": \"bob\", "
	        "\"scope\": [\"sla/operation/10\"]}, {\"at_ns\": 1763716150000000000, "
	        "\"name\": \"mos-10\", \"severity\": \"minor\", \"text\": \"poor calls\", "
	        "\"by\": \"bob\", \"state\": \"acknowledged\", \"acknowledged\": {\"by\": "
	        "\"carol\"}, \"scope\": [\"sla/operation/10\"]}, {\"at_ns\": "
	        "1763716100000000000, \"name\": \"elsewhere\", \"from\": \"node-z\", \"text\": "
	        "\"of another node\", \"scope\": [\"sla/operation/10\"]}, {\"at_ns\": "
	        "1763716100000000000, \"name\": \"other\", \"text\": \"of another one\", "
	        "\"scope\": "
	        "[\"sla/operation/1\"]}]}");
	f->detail.messages =
	        t_parse(&f->arena,
	                "{\"items\": [{\"at_ns\": 1763716000000000000, \"type\": \"maintenance\", "
	                "\"action\": \"begin\", \"name\": \"router-swap\", \"text\": \"new line "
	                "cards\", \"by\": \"alice\"}, {\"at_ns\": 1763716200000000000, \"type\": "
	                "\"notice\", \"text\": \"not about us\", \"scope\": [\"responder\"]}, "
	                "{\"at_ns\": 1763716300000000000, \"type\": \"measurement\", \"text\": "
	                "\"timeout, was ok\", \"by\": \"candord\", \"scope\": "
	                "[\"sla/operation\"]}]}");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	top_model_fini(&f->model);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static void assert_golden(const char *name, const char *got)
{
	char path[400], want[32768];
	size_t len;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s.txt", folder, name);
	if (getenv("CANDOR_TEST_REWRITE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		(void)fputs(got, f);
		(void)fclose(f);
		return;
	}
	f = fopen(path, "r");
	assert_non_null(f);
	len = fread(want, 1, sizeof(want) - 1, f);
	want[len] = '\0';
	(void)fclose(f);
	assert_string_equal(got, want);
}

static void draw(struct fixture *f, const char *name, unsigned width, unsigned height, bool is_utf8)
{
	struct top_grid g;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	top_grid_init(&g, width, height, is_utf8);
	top_draw(&g, &f->ui, &f->model, f->ui.screen == TOP_DETAIL ? &f->detail : NULL,
	         (wall_t) { T_TOP_NOW });
	top_grid_write(&g, to);
	top_grid_fini(&g);
	assert_int_equal(fclose(to), 0);
	if (name)
		assert_golden(name, text);
	free(text);
}

static void test_list(void **state)
{
	struct fixture *f = *state;

	draw(f, "list-80x24", 80, 24, true);
	draw(f, "list-80x24-ascii", 80, 24, false);
	draw(f, "list-120x40", 120, 40, true);
	draw(f, "list-40x8", 40, 8, true);
	draw(f, "list-20x4", 20, 4, true);
	f->model.only_node = 0;
	f->model.problems_only = true;
	f->ui.is_typing = true;
	memcpy(f->model.filter, "branch", sizeof("branch"));
	top_model_set_link(&f->model, 1, TOP_DOWN, (wall_t) { T_TOP_NOW - 12 * NS_PER_S },
	                   "Connection refused");
	top_model_arrange(&f->model, (wall_t) { T_TOP_NOW });
	draw(f, "list-filtered", 80, 24, true);
}

/* One node has the whole width for the rest. */
static void test_one_node(void **state)
{
	struct fixture *f = *state;
	const char *const name = "node-a.example";

	top_model_fini(&f->model);
	top_model_init(&f->model, &name, 1);
	struct top_figures row =
	        t_figures(T_ROW(10, "udp-jitter", "192.0.2.100",
	                        ", \"tag\": \"voice\", \"jitter_sd_ns\": 1234567, \"mos\": 4.06"));

	t_run(&f->model, 0, row, 5, 32110000);
	top_model_set_link(&f->model, 0, TOP_UP, (wall_t) { 0 }, "");
	top_model_arrange(&f->model, (wall_t) { T_TOP_NOW });
	draw(f, "one-node-80x24", 80, 24, true);
}

static void test_detail(void **state)
{
	struct fixture *f = *state;

	f->ui.screen = TOP_DETAIL;
	draw(f, "detail-80x24", 80, 24, true);
	draw(f, "detail-120x50", 120, 50, true);
	draw(f, "detail-ascii", 80, 50, false);
	f->ui.scroll = 1000; /* not beyond the end */
	draw(f, "detail-end", 80, 24, true);
	assert_true(f->ui.scroll > 0 && f->ui.scroll < 100);
	f->ui.scroll = 0;
	f->detail.statistics = NULL;
	f->detail.problem = "Connection refused";
	draw(f, "detail-problem", 80, 24, true);
	f->detail.number = 11;
	draw(f, "detail-gone", 80, 24, true);
}

static void test_help(void **state)
{
	struct fixture *f = *state;

	f->ui.screen = TOP_HELP;
	draw(f, "help-80x24", 80, 24, true);
}

/* Every screen at every small size: nothing is drawn outside (the sanitizers look). */
static void test_every_size(void **state)
{
	struct fixture *f = *state;

	for (unsigned screen = TOP_LIST; screen <= TOP_HELP; screen++) {
		for (unsigned width = 1; width < 90; width += 3) {
			for (unsigned height = 1; height < 30; height += 2) {
				f->ui.screen = (enum top_screen)screen;
				draw(f, NULL, width, height, width % 2);
			}
		}
	}
}

/* The selected line is on the screen wherever it is in the list. */
static void test_scrolling(void **state)
{
	struct fixture *f = *state;
	struct top_figures row = t_figures(T_ROW(1, "icmp-echo", "192.0.2.9", ""));

	for (uint32_t i = 100; i < 300; i++) {
		row.number = i;
		t_run(&f->model, 0, row, 5, 1000000);
	}
	f->model.key = TOP_BY_NUMBER;
	top_model_arrange(&f->model, (wall_t) { T_TOP_NOW });
	for (unsigned step = 0; step < 60; step++) {
		top_model_move(&f->model, step < 30 ? 9 : -9);
		draw(f, NULL, 80, 24, true);
		assert_true(f->ui.first <= f->model.at);
		assert_true(f->model.at < f->ui.first + f->ui.height);
		assert_true(f->ui.first + f->ui.height <= f->model.shown_count);
	}
	draw(f, "list-scrolled", 80, 12, true);
	top_model_move(&f->model, 1000);
	draw(f, "list-end", 80, 12, true);
}

static void test_table(void **state)
{
	struct fixture *f = *state;
	struct top_figures row = t_figures(T_ROW(1, "icmp-echo", "192.0.2.9", ""));
	char *text = NULL;
	size_t len = 0, lines = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	top_write_table(&f->model, 120, false, to);
	assert_int_equal(fclose(to), 0);
	assert_golden("table-120", text);
	free(text);
	for (uint32_t i = 100; i < 2000; i++) { /* more than a grid holds */
		row.number = i;
		t_run(&f->model, 0, row, 5, 1000000);
	}
	top_model_arrange(&f->model, (wall_t) { T_TOP_NOW });
	to = open_memstream(&text, &len);
	assert_non_null(to);
	top_write_table(&f->model, 80, false, to);
	assert_int_equal(fclose(to), 0);
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, f->model.shown_count + 1);
	free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detail, setup, teardown),
		cmocka_unit_test_setup_teardown(test_help, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scrolling, setup, teardown),
		cmocka_unit_test_setup_teardown(test_table, setup, teardown),
	};

	if (argc != 2)
		return 3;
	folder = argv[1];
	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
