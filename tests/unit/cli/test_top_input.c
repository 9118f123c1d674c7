/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as terminals send them and what they do; cells and their painting. */
#include "t_top.h"

#include "cli/top_figure.h"
#include "cli/top_input.h"

#define CONTROL(letter) ((letter) - '@')

/* --- keys ------------------------------------------------------------------------------------ */

static void test_reading(void **state)
{
	static const struct {
		const char *octets;
		bool is_all;
		size_t used;
		uint32_t key;
	} cases[] = {
		{ "q", false, 1, 'q' },
		{ "\r", false, 1, TOP_KEY_ENTER },
		{ "\x7f", false, 1, TOP_KEY_ERASE },
		{ "\033", false, 0, 0 }, /* a sequence may follow */
		{ "\033", true, 1, TOP_KEY_ESCAPE },
		{ "\033q", false, 1, TOP_KEY_ESCAPE },
		{ "\033\033[A", false, 1, TOP_KEY_ESCAPE },
		{ "\033[A", false, 3, TOP_KEY_UP },
		{ "\033OB", false, 3, TOP_KEY_DOWN },
		{ "\033[5~x", false, 4, TOP_KEY_PAGE_UP },
		{ "\033[6", false, 0, 0 },
		{ "\033[6", true, 3, TOP_KEY_NONE },
		{ "\033[1;5Cq", false, 6, TOP_KEY_NONE }, /* unknown, whole */
		{ "\033[200~", false, 6, TOP_KEY_NONE },
		{ "\303\244", false, 2, TOP_KEY_NONE },
		{ "\303", false, 0, 0 },
		{ "\377", true, 1, TOP_KEY_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t key = 0;
		size_t used = top_key_read(cases[i].octets, strlen(cases[i].octets),
		                           cases[i].is_all, &key);

		assert_int_equal(used, cases[i].used);
		if (used > 0)
			assert_int_equal(key, cases[i].key);
	}
}

/* Whatever arrives: each call takes something once nothing follows. */
static void test_reading_noise(void **state)
{
	uint64_t seed = t_seed(5);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char octets[8];
		uint32_t key;

		for (size_t k = 0; k < sizeof(octets); k++)
			octets[k] = t_random(&seed) % 3 ? (char)t_random(&seed) : '\033';
		for (size_t at = 0; at < sizeof(octets);) {
			size_t used = top_key_read(octets + at, sizeof(octets) - at, true, &key);

			assert_true(used > 0 && used <= sizeof(octets) - at);
			at += used;
		}
	}
}

static enum top_action press(struct top_model *m, struct top_ui *ui, const char *keys)
{
	enum top_action action = TOP_ACT_DRAW;

	for (; *keys; keys++) {
		uint32_t key = *keys == '\n'     ? TOP_KEY_ENTER
		               : *keys == '\033' ? TOP_KEY_ESCAPE
		                                 : (uint32_t)*keys;

		action = top_key_press(key, ui, m);
		top_model_arrange(m, (wall_t) { T_TOP_NOW });
	}
	return action;
}

static void test_pressing(void **state)
{
	struct top_model m;
	struct top_ui ui = { .height = 5 };

	(void)state;
	t_fleet(&m);
	(void)press(&m, &ui, "l");
	assert_int_equal(m.key, TOP_BY_LOSS);
	(void)press(&m, &ui, "rs");
	assert_int_equal(m.key, TOP_BY_JITTER);
	assert_false(m.is_reversed); /* a new order begins the right way round */
	(void)press(&m, &ui, "hSs");
	assert_int_equal(m.key, TOP_BY_HEALTH);
	(void)press(&m, &ui, "p");
	assert_int_equal(m.shown_count, 4);
	(void)press(&m, &ui, "nn");
	assert_int_equal(m.only_node, 1);
	(void)press(&m, &ui, "nN");
	assert_int_equal(m.only_node, 1);
	(void)press(&m, &ui, "\033");
	assert_int_equal(m.shown_count, 7);
	(void)press(&m, &ui, "/quit");
	assert_string_equal(m.filter, "quit"); /* commands are letters here */
	assert_int_equal(m.shown_count, 0);
	(void)press(&m, &ui, "\033");
	assert_string_equal(m.filter, "");
	(void)press(&m, &ui, "/branch\n");
	assert_int_equal(m.shown_count, 2);
	assert_false(ui.is_typing);
	(void)press(&m, &ui, "/");
	(void)top_key_press(TOP_KEY_ERASE, &ui, &m);
	assert_string_equal(m.filter, "branc");
	(void)top_key_press(CONTROL('U'), &ui, &m);
	(void)press(&m, &ui, "\n");
	assert_string_equal(m.filter, "");
	(void)press(&m, &ui, "?");
	assert_int_equal(ui.screen, TOP_HELP);
	assert_int_equal(press(&m, &ui, "q"), TOP_ACT_DRAW); /* ends the help alone */
	assert_int_equal(ui.screen, TOP_LIST);
	(void)top_key_press(TOP_KEY_PAGE_DOWN, &ui, &m);
	assert_int_equal(m.at, 4);
	(void)press(&m, &ui, "\n");
	assert_int_equal(ui.screen, TOP_DETAIL);
	assert_int_equal(press(&m, &ui, "q"), TOP_ACT_DRAW);
	assert_int_equal(ui.screen, TOP_LIST);
	assert_int_equal(top_key_press(CONTROL('L'), &ui, &m), TOP_ACT_REDRAW);
	assert_int_equal(top_key_press(CONTROL('Z'), &ui, &m), TOP_ACT_SUSPEND);
	assert_int_equal(press(&m, &ui, "q"), TOP_ACT_QUIT);
	top_model_fini(&m);
}

/* --- cells ----------------------------------------------------------------------------------- */

static char *painted(const struct top_grid *g, const struct top_grid *old, enum top_colours colours)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	top_grid_paint(g, old, colours, to);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void assert_painted(const struct top_grid *g, const struct top_grid *old,
                           enum top_colours colours, const char *want)
{
	char *text = painted(g, old, colours);

	assert_string_equal(text, want);
	free(text);
}

static void test_painting(void **state)
{
	struct top_grid old, new;

	(void)state;
	top_grid_init(&old, 10, 3, true);
	top_grid_init(&new, 10, 3, true);
	(void)top_grid_put(&old, 0, 0, 10, TOP_PLAIN, "one two");
	assert_painted(&old, NULL, TOP_COLOURS_256,
	               "\033[0m\033[2J\033[1;1H\033[0mone\033[1;5Htwo");
	(void)top_grid_put(&new, 0, 0, 10, TOP_PLAIN, "one");
	(void)top_grid_put(&new, 4, 0, 10, TOP_WARN, "ten");
	assert_painted(&new, &old, TOP_COLOURS_256, "\033[1;5H\033[0;38;5;214mten\033[0m");
	assert_painted(&new, &old, TOP_COLOURS_8, "\033[1;5H\033[0;33mten\033[0m");
	assert_painted(&new, &old, TOP_COLOURS_NONE, "\033[1;5H\033[0mten\033[0m");
	assert_painted(&new, &new, TOP_COLOURS_256, "");
	top_grid_choose(&new, 2);
	assert_painted(&new, &old, TOP_COLOURS_NONE,
	               "\033[1;5H\033[0mten\033[3;1H\033[0;7m          \033[0m");
	top_grid_fini(&old);
	top_grid_fini(&new);
}

/* Texts of a node that lies do nothing to the terminal. */
static void test_hostile_texts(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a\033[2Jb", "a?[2Jb\n" },
		{ "\xc2\x9b"
		  "31m",
		  "?31m\n" }, /* CSI in one character */
		{ "\xe2\x80\xae"
		  "abc",
		  "?abc\n" }, /* right to left from here on */
		{ "\xe6\xbc\xa2"
		  "x",
		  "?x\n" },                  /* two columns wide */
		{ "e\xcc\x81", "e?\n" },     /* combining */
		{ "\xff\xc0\x80", "???\n" }, /* no UTF-8 */
		{ "M\xc3\xbcnchen", "M\xc3\xbcnchen\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct top_grid g;
		char *text = NULL;
		size_t len = 0;
		FILE *to = open_memstream(&text, &len);

		assert_non_null(to);
		top_grid_init(&g, 20, 1, true);
		(void)top_grid_put(&g, 0, 0, 20, TOP_PLAIN, cases[i].text);
		top_grid_write(&g, to);
		assert_int_equal(fclose(to), 0);
		assert_string_equal(text, cases[i].want);
		free(text);
		top_grid_fini(&g);
	}
}

static void test_figures(void **state)
{
	static const struct {
		int64_t ns;
		const char *ms;
	} times[] = {
		{ TOP_NONE, "-" },
		{ 0, "0.000" },
		{ 999, "0.000" },
		{ 12345, "0.012" },
		{ 9999999, "9.999" },
		{ 12345678, "12.34" },
		{ 123456789, "123.4" },
		{ 1234567890, "1234" },
		{ INT64_C(604800000) * NS_PER_MS, "604800 s" },
		{ 999999999999, "999999" },
	};
	static const struct {
		int64_t ppm;
		const char *text;
	} losses[] = { { TOP_NONE, "-" }, { 0, "0" },        { 1, "<0.1%" },     { 1000, "0.1%" },
		       { 23999, "2.3%" }, { 100000, "10%" }, { 1000000, "100%" } };
	char text[TOP_FIGURE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		assert_string_equal(top_format_ms(times[i].ns, text), times[i].ms);
	for (size_t i = 0; i < ARRAY_LEN(losses); i++)
		assert_string_equal(top_format_loss(losses[i].ppm, text), losses[i].text);
	assert_string_equal(top_format_age(-5, text), "0s");
	assert_string_equal(top_format_age(99 * NS_PER_S, text), "99s");
	assert_string_equal(top_format_age(5999 * NS_PER_S, text), "99m");
	assert_string_equal(top_format_age(400000 * NS_PER_S, text), "4d");
	assert_string_equal(top_format_count(1234567, text), "1,234,567");
	assert_string_equal(top_format_count(999, text), "999");
	assert_string_equal(top_format_mos(406, text), "4.06");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),       cmocka_unit_test(test_reading_noise),
		cmocka_unit_test(test_pressing),      cmocka_unit_test(test_painting),
		cmocka_unit_test(test_hostile_texts), cmocka_unit_test(test_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
