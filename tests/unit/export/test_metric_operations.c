/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on the metrics page: what is there, what is not, and a page cut into pieces. */
#include "export/metric_documents.h"
#include "export/metric_node.h"
#include "export/metric_operations.h"
#include "t.h"

#define OPS 3

static const mono_t now = { NS_PER_S };

struct fixture {
	struct config *config;
	struct op_entry entries[OPS];
	const struct op_entry *ops[OPS];
	struct node_view node;
	struct metric_text page;
};

static int setup(void **state)
{
	static const char text[] = "ip sla 10\n"
	                           " udp-jitter 192.0.2.1 16384 codec g729a\n"
	                           " tag wan \"a\"\n"
	                           " owner netops\n"
	                           "ip sla 20\n"
	                           " icmp-echo 192.0.2.2\n"
	                           "ip sla 30\n"
	                           " icmp-echo 192.0.2.3\n";
	struct fixture *f = calloc(1, sizeof(*f));
	struct config_errors errors = { 0 };

	assert_non_null(f);
	if (config_parse(text, sizeof(text) - 1, &f->config, &errors) < 0)
		fail_msg("%s", errors.errors[0].text);
	for (unsigned i = 0; i < OPS; i++) {
		const struct op_conf *conf = f->config->ops[i];

		op_entry_init(&f->entries[i], conf, (struct op_id) { conf->number, 1 },
		              (mono_t) { 0 });
		f->ops[i] = &f->entries[i];
	}
	f->node = (struct node_view) {
		.hostname = "node1",
		.confinement = "seccomp",
		.op_count = OPS,
		.op_max = 100,
		.ops = f->ops,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < OPS; i++)
		op_entry_fini(&f->entries[i]);
	config_free(f->config);
	metric_text_fini(&f->page);
	free(f);
	return 0;
}

static char *page(struct fixture *f, uint32_t max)
{
	uint64_t at = 0;

	metric_text_clear(&f->page);
	while (metric_operations_write(&f->node, max, &at, &f->page))
		;
	f->page.text = realloc(f->page.text, f->page.len + 1);
	assert_non_null(f->page.text);
	f->page.cap = f->page.len + 1;
	f->page.text[f->page.len] = '\0';
	return f->page.text;
}

/* One line of the page, whole. */
static void assert_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at++) {
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return;
	}
	fail_msg("no line '%s' in:\n%s", line, text);
}

#define OP10  "agent=\"node1\",id=\"10\",type=\"udp-jitter\",target=\"192.0.2.1\","
#define TAG10 "tag=\"wan \\\"a\\\"\",vrf=\"\""
#define OP20  "agent=\"node1\",id=\"20\",type=\"icmp-echo\",target=\"192.0.2.2\",tag=\"\",vrf=\"\""

static void test_jitter(void **state)
{
	struct fixture *f = *state;
	struct sla_result r = {
		.id = { 10, 1 },
		.type = SLA_UDP_JITTER,
		.sense = SENSE_OK,
		.started_at = { 1500000000 },
		.duration_ns = 250000000,
		.rtt_ns = 12000000,
		.instrument.rtt_err_ns = 1500,
		.jitter = { .sent = 10,
		            .received = 8,
		            .loss_sd = 1,
		            .missing = 1,
		            .codec = SLA_CODEC_G729A,
		            .mos_centi = 406,
		            .icpif = 11,
		            .oneway_reason = ONEWAY_PEER_CLOCK_UNKNOWN },
	};
	struct sketch rtts;

	sketch_init(&rtts, 0);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(sketch_add(&rtts, 12 * NS_PER_MS), 0);
		sum_stats_add(&r.jitter.rtt, 12 * NS_PER_MS);
	}
	sum_stats_add(&r.jitter.oneway_sd, NS_PER_MS);
	sum_stats_add(&r.jitter.sd.positive, 3 * NS_PER_MS);
	sum_stats_add(&r.jitter.sd.negative, NS_PER_MS);
	r.jitter.sd.samples = 3;
	assert_true(op_entry_take_result(&f->entries[0], &r, &rtts, now));
	char *text = page(f, OPS);

	assert_line(text, "candor_latest_rtt_seconds{" OP10 TAG10 "} 0.012");
	assert_line(text, "candor_latest_rtt_error_seconds{" OP10 TAG10 "} 0.0000015");
	assert_line(text, "candor_latest_start_timestamp_seconds{" OP10 TAG10 "} 1.5");
	assert_line(text, "candor_latest_loss_ratio{" OP10 TAG10 ",direction=\"sd\"} 0.1");
	assert_line(text, "candor_latest_loss_ratio{" OP10 TAG10 ",direction=\"ds\"} 0");
	assert_line(text, "candor_latest_loss_ratio{" OP10 TAG10 ",direction=\"rt\"} 0.2");
	assert_line(text, "candor_latest_packets{" OP10 TAG10 ",outcome=\"missing\"} 1");
	assert_line(text,
	            "candor_latest_jitter_avg_seconds{" OP10 TAG10 ",direction=\"sd\"} 0.002");
	assert_line(text,
	            "candor_latest_jitter_max_seconds{" OP10 TAG10 ",direction=\"sd\"} 0.003");
	assert_line(text, "candor_latest_mos{" OP10 TAG10 "} 4.06");
	assert_line(text, "candor_latest_icpif{" OP10 TAG10 "} 11");
	assert_line(text, "candor_results_total{" OP10 TAG10 ",result=\"ok\"} 1");
	assert_line(text, "candor_operation_info{" OP10 TAG10 ",owner=\"netops\",state=\"pending\","
	                  "frequency_seconds=\"60\"} 1");
	assert_line(text, "candor_rtt_seconds_bucket{" OP10 TAG10 ",le=\"0.01\"} 0");
	assert_line(text, "candor_rtt_seconds_bucket{" OP10 TAG10 ",le=\"0.025\"} 8");
	assert_line(text, "candor_rtt_seconds_bucket{" OP10 TAG10 ",le=\"+Inf\"} 8");
	assert_line(text, "candor_rtt_seconds_sum{" OP10 TAG10 "} 0.096");
	assert_line(text, "candor_rtt_seconds_count{" OP10 TAG10 "} 8");
	/* Withheld, and not measured: no sample, not 0. */
	assert_null(strstr(text, "candor_latest_oneway_avg_seconds{"));
	assert_null(strstr(text, "direction=\"ds\"} 0.0"));
	assert_null(
	        strstr(text, "candor_latest_jitter_avg_seconds{" OP10 TAG10 ",direction=\"ds\""));
	r.jitter.oneway_reason = ONEWAY_REPORTED;
	assert_true(op_entry_take_result(&f->entries[0], &r, &rtts, now));
	assert_line(page(f, OPS),
	            "candor_latest_oneway_avg_seconds{" OP10 TAG10 ",direction=\"sd\"} 0.001");
	sketch_fini(&rtts);
}

static void test_single(void **state)
{
	struct fixture *f = *state;
	const struct sla_result lost = { .id = { 20, 1 },
		                         .type = SLA_ICMP_ECHO,
		                         .sense = SENSE_TIMEOUT };
	const struct runner_missed missed = { { 20, 1 }, MISSED_BUSY, 3, { 1 }, 1 };

	assert_true(op_entry_take_result(&f->entries[1], &lost, NULL, now));
	char *text = page(f, OPS);

	assert_line(text, "candor_latest_loss_ratio{" OP20 ",direction=\"rt\"} 1");
	assert_line(text, "candor_latest_return_code{" OP20 "} 4");
	assert_line(text, "candor_results_total{" OP20 ",result=\"timeout\"} 1");
	assert_line(text, "candor_results_total{" OP20 ",result=\"ok\"} 0");
	assert_null(strstr(text, "candor_latest_rtt_seconds{" OP20));
	assert_null(strstr(text, "candor_latest_packets_sent{" OP20));
	assert_true(op_entry_take_missed(&f->entries[1], &missed, now));
	text = page(f, OPS);
	assert_line(text, "candor_results_total{" OP20 ",result=\"busy\"} 3");
	assert_null(strstr(text, "candor_latest_loss_ratio{" OP20));
	assert_null(strstr(text, "candor_latest_duration_seconds{" OP20));
}

/* A bound counts the same values however they are kept. */
static void test_histogram_is_steady(void **state)
{
	struct fixture *f = *state;
	struct sla_result r = { .id = { 20, 1 }, .type = SLA_ICMP_ECHO, .sense = SENSE_OK };
	char line[200];

	for (unsigned i = 1; i <= 100; i++) { /* kept as they are up to 32, in buckets beyond */
		r.rtt_ns = i % 2 ? 999 * NS_PER_US : 1200 * NS_PER_US;
		assert_true(op_entry_take_result(&f->entries[1], &r, NULL, now));
		(void)snprintf(line, sizeof(line), "candor_rtt_seconds_bucket{%s,le=\"0.001\"} %u",
		               OP20, (i + 1) / 2);
		assert_line(page(f, OPS), line);
	}
}

static void test_limit(void **state)
{
	struct fixture *f = *state;
	char *text = page(f, 2);

	assert_null(strstr(text, "id=\"30\""));
	assert_non_null(strstr(text, "id=\"20\""));
	text = page(f, OPS);
	assert_non_null(strstr(text, "id=\"30\""));
	f->node.op_count = 0;
	assert_string_equal(page(f, OPS), "");
}

/* Every family has its head once and directly before its samples, however many operations there are and
 * wherever a piece ends. */
static void test_pieces(void **state)
{
	enum { MANY = 900 };
	struct fixture *f = *state;
	static struct op_entry entries[MANY];
	static const struct op_entry *ops[MANY];
	unsigned pieces = 1, heads = 0;
	uint64_t at = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		entries[i] = f->entries[1];
		entries[i].id.number = i + 1;
		ops[i] = &entries[i];
	}
	f->node.ops = ops;
	f->node.op_count = MANY;
	metric_text_clear(&f->page);
	for (struct metric_text piece = { 0 };; pieces++) {
		bool more = metric_operations_write(&f->node, MANY, &at, &piece);

		assert_true(piece.len < METRIC_CHUNK + 8192);
		f->page.text = realloc(f->page.text, f->page.len + piece.len + 1);
		assert_non_null(f->page.text);
		memcpy(f->page.text + f->page.len, piece.text, piece.len);
		f->page.len += piece.len;
		f->page.text[f->page.len] = '\0';
		metric_text_clear(&piece);
		if (!more) {
			metric_text_fini(&piece);
			break;
		}
	}
	assert_true(pieces > 10);
	for (unsigned i = 0; metric_operations_family(i); i++) {
		char head[128];

		(void)snprintf(head, sizeof(head), "# TYPE %s ", metric_operations_family(i)->name);
		char *first = strstr(f->page.text, head);

		assert_non_null(first);
		assert_null(strstr(first + 1, head));
		heads++;
	}
	unsigned active = 0;

	for (char *p = f->page.text; (p = strstr(p, "\ncandor_operation_active{")); p++)
		active++;
	assert_int_equal(active, MANY);
	assert_true(heads > 20);
}

static void test_node(void **state)
{
	static const struct runner_counters runner = { .packets_sent = 7 };
	struct fixture *f = *state;

	f->node.runner = &runner;
	metric_node_write(&f->node, &f->page);
	f->page.text = realloc(f->page.text, f->page.len + 1);
	assert_non_null(f->page.text);
	f->page.text[f->page.len] = '\0';
	assert_line(f->page.text, "candor_build_info{version=\"" CANDOR_VERSION "\"} 1");
	assert_line(f->page.text, "candor_packets_sent_total 7");
	assert_line(f->page.text, "candor_clock_synchronised{source=\"none\"} 0");
	assert_null(strstr(f->page.text, "candor_clock_error_seconds"));
	assert_null(strstr(f->page.text, "candor_responder"));
}

/* Tracked objects and reactions, from their lists. */
static void test_documents(void **state)
{
	static const char tracks[] =
	        "{\"items\": [{\"number\": 1, \"kind\": \"ip sla\", \"subject\": \"10 state\", "
	        "\"state\": \"up\", \"changes\": 3}], \"next\": null}";
	static const char reactions[] =
	        "{\"items\": [{\"operation\": 10, \"reactions\": [{\"element\": \"rtt\", "
	        "\"occurred\": true, \"raised\": 2}, {\"element\": \"timeout\", "
	        "\"occurred\": false, \"raised\": 0}]}], \"next\": null}";
	struct fixture *f = *state;
	struct arena a = { 0 };
	struct diag why;
	struct doc *d;

	for (unsigned i = 0; metric_documents_path(i); i++) {
		bool is_track = strcmp(metric_documents_path(i), "track") == 0;
		const char *text = is_track ? tracks : reactions;

		assert_int_equal(doc_parse_json(&a, text, strlen(text), &d, &why), 0);
		metric_documents_add(i, "node1", d, true, &f->page);
	}
	arena_free(&a);
	f->page.text = realloc(f->page.text, f->page.len + 1);
	assert_non_null(f->page.text);
	f->page.text[f->page.len] = '\0';
	assert_line(f->page.text, "# TYPE candor_track_state gauge");
	assert_line(f->page.text, "candor_track_state{agent=\"node1\",id=\"1\",type=\"ip sla\","
	                          "target=\"10 state\"} 1");
	assert_line(f->page.text,
	            "candor_reaction_occurred{agent=\"node1\",id=\"10\",element=\"rtt\"} 1");
	assert_line(f->page.text,
	            "candor_reaction_occurred{agent=\"node1\",id=\"10\",element=\"timeout\"} 0");
	assert_line(f->page.text,
	            "candor_reaction_raised_total{agent=\"node1\",id=\"10\",element=\"rtt\"} 2");
}

/* docs/metrics.md names every family. */
static void test_documented(void **state)
{
	static char page[1u << 16];
	FILE *from = fopen(*state, "rb");
	char name[96];

	assert_non_null(from);
	size_t len = fread(page, 1, sizeof(page) - 1, from);

	assert_int_equal(fclose(from), 0);
	assert_true(len > 0 && len < sizeof(page) - 1);
	for (unsigned i = 0; metric_operations_family(i); i++) {
		(void)snprintf(name, sizeof(name), "| `%s` |", metric_operations_family(i)->name);
		if (!strstr(page, name))
			fail_msg("docs/metrics.md lacks %s", name);
	}
	for (unsigned i = 0; metric_documents_family(i); i++)
		assert_non_null(strstr(page, metric_documents_family(i)->name));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_jitter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_single, setup, teardown),
		cmocka_unit_test_setup_teardown(test_histogram_is_steady, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_documents, setup, teardown),
		cmocka_unit_test_prestate(test_documented, argc > 1 ? argv[1] : NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
