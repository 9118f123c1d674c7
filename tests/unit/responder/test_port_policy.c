/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of ports, and the rows of the responder's settings. */
#include "fake.h"

#include "base/conf_row.h"
#include "responder/port_policy.h"
#include "responder/responder_rows.h"

static void reserved_ports(void **state)
{
	static const struct {
		const char *text;
		int want; /* ranges, or -errno */
		struct port_range last;
	} rows[] = {
		{ "", 0, { 0, 0 } },
		{ "\n", 0, { 0, 0 } },
		{ "8080\n", 1, { 8080, 8080 } },
		{ "1-65535", 1, { 1, 65535 } },
		{ "8080,9148,30000-30010\n", 3, { 30000, 30010 } },
		{ "1,2,3,4", 4, { 4, 4 } },
		{ "1,2,3,4,5", 4, { 4, 5 } },
		{ "1,2,3,40-50,5,60-65535", 4, { 5, 65535 } },
		{ ",", -EINVAL, { 0, 0 } },
		{ "1,", -EINVAL, { 0, 0 } },
		{ ",1", -EINVAL, { 0, 0 } },
		{ "1,,2", -EINVAL, { 0, 0 } },
		{ "0", -EINVAL, { 0, 0 } },
		{ "65536", -EINVAL, { 0, 0 } },
		{ "99999999999999999999", -EINVAL, { 0, 0 } },
		{ "20-10", -EINVAL, { 0, 0 } },
		{ "20-", -EINVAL, { 0, 0 } },
		{ "-20", -EINVAL, { 0, 0 } },
		{ "1-2-3", -EINVAL, { 0, 0 } },
		{ "1 2", -EINVAL, { 0, 0 } },
		{ "1\n2", -EINVAL, { 0, 0 } },
		{ "x", -EINVAL, { 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct port_range ranges[4];
		int got = reserved_ports_parse(rows[i].text, ranges, 4);

		if (got != rows[i].want)
			fail_msg("\"%s\": %d", rows[i].text, got);
		if (got > 0) {
			assert_int_equal(ranges[got - 1].first, rows[i].last.first);
			assert_int_equal(ranges[got - 1].last, rows[i].last.last);
		}
	}
}

static const struct conf_row *row_of(const char *keyword)
{
	const struct conf_row *row = responder_rows;

	while (row->kind != CK_NONE && strcmp(row->keyword, keyword) != 0)
		row++;
	assert_int_equal(row->kind, CK_CUSTOM);
	return row;
}

static void rows_are_complete(void **state)
{
	(void)state;
	for (const struct conf_row *row = responder_rows; row->kind != CK_NONE; row++) {
		assert_non_null(row->help);
		assert_non_null(row->source);
		if (row->kind == CK_CUSTOM) {
			assert_non_null(row->parse);
			assert_non_null(row->print);
		} else {
			assert_in_range(row->initial, row->min, row->max);
		}
	}
}

static void defaults(void **state)
{
	struct responder_cfg cfg;

	(void)state;
	responder_cfg_init(&cfg);
	assert_false(cfg.enabled);
	assert_true(cfg.control_tcp);
	assert_false(cfg.control_sctp);
	assert_true(cfg.require_auth);
	assert_true(cfg.replay_check);
	assert_int_equal(cfg.v1_port, 1967);
	assert_int_equal(cfg.v2_port, 1167);
	assert_int_equal(cfg.ports.first, 1024);
	assert_int_equal(cfg.ports.last, 65535);
	assert_int_equal(cfg.max_sessions, 4096);
	assert_int_equal(cfg.max_sessions_per_source, 64);
	assert_int_equal(cfg.max_duration_s, 600);
	assert_int_equal(cfg.packets_per_s, 1000);
}

/* Parse the words after ``keyword`` and print them again. */
static int parse_words(struct responder_cfg *cfg, const char *keyword, const char *const *words,
                       unsigned count, struct diag *d, char *printed, size_t cap)
{
	const struct conf_row *row = row_of(keyword);
	const struct conf_args args = { .token = words, .count = count };
	int rc = row->parse(cfg, row, &args, d);

	row->print(cfg, row, printed, cap);
	return rc;
}

static void lists_read_and_print(void **state)
{
	struct responder_cfg cfg;
	struct diag d = { 0 };
	char text[1024];

	(void)state;
	responder_cfg_init(&cfg);
	const char *range[] = { "20000", "30000" };
	const char *bad_range[] = { "20000", "10000" };
	const char *low[] = { "80", "90" };
	const char *exclude[] = { "8080", "9000-9010" };
	const char *more[] = { "x" };
	const char *nat[] = { "203.0.113.5", "2001:db8::5" };

	assert_int_equal(parse_words(&cfg, "port-range", range, 2, &d, text, sizeof(text)), 2);
	assert_string_equal(text, "20000 30000");
	assert_int_equal(parse_words(&cfg, "port-range", bad_range, 2, &d, text, sizeof(text)),
	                 -EINVAL);
	assert_int_equal(d.column, 2);
	assert_int_equal(parse_words(&cfg, "port-range", low, 2, &d, text, sizeof(text)), -EINVAL);
	assert_int_equal(d.column, 1);
	assert_int_equal(parse_words(&cfg, "port-range", range, 1, &d, text, sizeof(text)),
	                 -EINVAL);
	assert_string_equal(text, "20000 30000");
	assert_int_equal(parse_words(&cfg, "exclude-ports", exclude, 2, &d, text, sizeof(text)), 2);
	assert_string_equal(text, "8080 9000-9010");
	assert_int_equal(parse_words(&cfg, "exclude-ports", more, 1, &d, text, sizeof(text)),
	                 -EINVAL);
	assert_int_equal(parse_words(&cfg, "exclude-ports", more, 0, &d, text, sizeof(text)),
	                 -EINVAL);
	assert_int_equal(cfg.excluded_count, 2);
	for (unsigned i = 2; i < RESPONDER_EXCLUDED_PORTS_MAX; i++)
		assert_int_equal(
		        parse_words(&cfg, "exclude-ports", exclude, 1, &d, text, sizeof(text)), 1);
	assert_int_equal(parse_words(&cfg, "exclude-ports", exclude, 1, &d, text, sizeof(text)),
	                 -EINVAL);
	assert_int_equal(parse_words(&cfg, "nat-address", nat, 2, &d, text, sizeof(text)), 2);
	assert_string_equal(text, "203.0.113.5 2001:db8::5");
}

static void every_drop_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < DROP_COUNT; i++) {
		const char *name = responder_drop_name((enum responder_drop)i);

		assert_string_not_equal(name, "unknown");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, responder_drop_name((enum responder_drop)k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reserved_ports),
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(defaults),
		cmocka_unit_test(lists_read_and_print),
		cmocka_unit_test(every_drop_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
