/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus text: what stands in it to the octet. */
#include "export/metric_text.h"
#include "t.h"

static void assert_text(const struct metric_text *t, const char *want)
{
	assert_int_equal(t->len, strlen(want));
	assert_memory_equal(t->text, want, t->len);
}

static void test_numbers(void **state)
{
	static const struct {
		int64_t number;
		unsigned places;
		const char *want;
	} rows[] = {
		{ 0, METRIC_WHOLE, "0" },
		{ 0, METRIC_NS_TO_S, "0" },
		{ 42, METRIC_WHOLE, "42" },
		{ 1, METRIC_NS_TO_S, "0.000000001" },
		{ 1500000, METRIC_NS_TO_S, "0.0015" },
		{ 1000000000, METRIC_NS_TO_S, "1" },
		{ 12340000000, METRIC_NS_TO_S, "12.34" },
		{ -500000, METRIC_PPM, "-0.5" },
		{ 434, METRIC_CENTI, "4.34" },
		{ 100, METRIC_CENTI, "1" },
		{ 5000, METRIC_MS_TO_S, "5" },
		{ INT64_MAX, METRIC_NS_TO_S, "9223372036.854775807" },
		{ INT64_MIN, METRIC_WHOLE, "-9223372036854775808" },
	};
	char to[METRIC_NUMBER_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		to[metric_number(rows[i].number, rows[i].places, to)] = '\0';
		assert_string_equal(to, rows[i].want);
	}
	assert_i64_equal(metric_count(UINT64_MAX), INT64_MAX);
}

static void test_samples(void **state)
{
	static const struct metric_family f = { "candor_x_seconds", METRIC_GAUGE, "What it is" };
	struct metric_text t = { 0 }, labels = { 0 };

	(void)state;
	metric_head(&t, &f);
	metric_add(&t, &f, &(struct metric_sample) { .number = 7 });
	metric_label_number(&labels, "id", 10);
	metric_label(&labels, "tag", "a \"b\" \\ c\nd\xc3\xa9");
	metric_add(&t, &f,
	           &(struct metric_sample) {
	                   .labels = &labels, .number = 1, .places = METRIC_MS_TO_S });
	metric_add(&t, &f,
	           &(struct metric_sample) { .suffix = "_bucket",
	                                     .labels = &labels,
	                                     .name = "le",
	                                     .value = "+Inf",
	                                     .number = 3 });
	metric_add(&t, &f,
	           &(struct metric_sample) { .name = "direction", .value = "sd", .number = -1 });
	assert_text(&t, "# HELP candor_x_seconds What it is\n"
	                "# TYPE candor_x_seconds gauge\n"
	                "candor_x_seconds 7\n"
	                "candor_x_seconds{id=\"10\",tag=\"a \\\"b\\\" \\\\ c\\nd\xc3\xa9\"} 0.001\n"
	                "candor_x_seconds_bucket{id=\"10\",tag=\"a \\\"b\\\" \\\\ c\\nd\xc3\xa9\","
	                "le=\"+Inf\"} 3\n"
	                "candor_x_seconds{direction=\"sd\"} -1\n");
	metric_text_clear(&t);
	assert_text(&t, "");
	metric_text_fini(&t);
	metric_text_fini(&labels);
}

/* Much more than a block is made with. */
static void test_growth(void **state)
{
	struct metric_text t = { 0 };

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		metric_label_number(&t, "a", i % 10);
	assert_int_equal(t.len, 20000 * 6 - 1);
	assert_memory_equal(t.text + t.len - 6, ",a=\"9\"", 6);
	metric_text_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
