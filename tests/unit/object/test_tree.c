/* SPDX-License-Identifier: Apache-2.0 */
/* The object tree over a small node: paths, verbs, pages, and what the documents say. */
#include "t.h"

#include "object/page.h"
#include "object/rows.h"
#include "object/tree.h"

#include <errno.h>

#define OPS 250

struct fixture {
	struct config *config;
	struct op_entry entries[OPS];
	const struct op_entry *ops[OPS];
	struct responder_status responder;
	struct responder_session_view sessions[3];
	struct runner_counters runner;
	struct node_view node;
	struct arena arena;
};

static struct config *parse_config(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct config *c = NULL;
	struct config_errors errors = { 0 };

	assert_non_null(f);
	for (unsigned i = 1; i <= OPS; i++) {
		if (i == 2)
			(void)fprintf(f, "ip sla 20\n udp-jitter 192.0.2.1 16384 num-packets 5\n"
			                 "ip sla schedule 20 life forever start-time now\n");
		else
			(void)fprintf(f, "ip sla %u\n icmp-echo 192.0.2.1\n tag t%u\n", i * 10, i);
	}
	assert_int_equal(fclose(f), 0);
	if (config_parse(text, len, &c, &errors) < 0)
		fail_msg("%s", errors.errors[0].text);
	free(text);
	return c;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->config = parse_config();
	for (unsigned i = 0; i < OPS; i++) {
		const struct op_conf *conf = f->config->ops[i];

		op_entry_init(&f->entries[i], conf, (struct op_id) { conf->number, 7 + i },
		              (mono_t) { NS_PER_S });
		f->ops[i] = &f->entries[i];
	}
	f->responder.enabled = true;
	f->responder.counters.drops[DROP_PROBE_SHORT] = 5;
	f->sessions[2].port = 2002;
	f->node = (struct node_view) {
		.hostname = "node",
		.now = { 1000 * NS_PER_S },
		.now_mono = { 11 * NS_PER_S },
		.config = f->config,
		.op_count = OPS,
		.op_max = 1000,
		.ops = f->ops,
		.responder = &f->responder,
		.session_count = 3,
		.sessions = f->sessions,
		.runner = &f->runner,
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
	arena_free(&f->arena);
	free(f);
	return 0;
}

/* The node is all there is. */
static int handle(void *ctx, const struct object_request *request, struct arena *a,
                  struct doc **ret, struct diag *d)
{
	return node_request(ctx, request, a, ret, d);
}

static int ask(struct fixture *f, enum object_verb verb, const char *path, uint64_t after,
               uint32_t limit, struct doc **ret)
{
	const struct object_provider provider = { "", handle, &f->node };
	struct doc *body = doc_new_map(&f->arena);
	struct object_request request = {
		.verb = verb,
		.path = path,
		.body = body,
		.caller = { ROLE_VIEWER, "test", "test", 1 },
	};
	struct diag d = { 0 };

	doc_add_int(&f->arena, body, "after", after > INT64_MAX ? INT64_MAX : (int64_t)after);
	doc_add_int(&f->arena, body, "limit", limit);
	int error = object_dispatch(&provider, 1, &request, &f->arena, ret, &d);

	assert_int_equal(error, d.code);
	assert_true(error == 0 || d.text[0] != '\0');
	return error;
}

static struct doc *get(struct fixture *f, const char *path)
{
	struct doc *d = NULL;

	assert_int_equal(ask(f, OBJECT_GET, path, 0, 0, &d), 0);
	assert_i64_equal(doc_int(d, "schema", 0), 1);
	return d;
}

static void test_bad_requests(void **state)
{
	static const struct {
		enum object_verb verb;
		const char *path;
		int error;
	} cases[] = {
		{ OBJECT_SET, "sla/operation/10", -EACCES }, /* a viewer asks */
		{ 0, "responder", -EOPNOTSUPP },
		{ OBJECT_GET, "", -EOPNOTSUPP },
		{ OBJECT_GET, "nothing", -ENOENT },
		{ OBJECT_GET, "/responder", -ENOENT },
		{ OBJECT_GET, "responder/", -ENOENT },
		{ OBJECT_LIST, "responder", -EOPNOTSUPP },
		{ OBJECT_GET, "sla/operation", -EOPNOTSUPP },
		{ OBJECT_GET, "sla/operation/", -ENOENT },
		{ OBJECT_GET, "sla/operation/0", -ENOENT },
		{ OBJECT_GET, "sla/operation/010", -ENOENT },
		{ OBJECT_GET, "sla/operation/11", -ENOENT },
		{ OBJECT_GET, "sla/operation/2147483648", -ENOENT },
		{ OBJECT_GET, "sla/operation/99999999999999999999999999", -ENOENT },
		{ OBJECT_GET, "sla/operation/10/x", -ENOENT },
		{ OBJECT_GET, "sla/result/10/latest", -ENOENT }, /* has not run */
		{ OBJECT_GET, "message/1", -ENOENT },            /* of no provider here */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doc *d = NULL;

		assert_int_equal(ask(*state, cases[i].verb, cases[i].path, 0, 0, &d),
		                 cases[i].error);
		assert_null(d);
	}
}

/* Pages join to the whole list, each operation once, whatever their size. */
static void test_pages(void **state)
{
	static const uint32_t limits[] = { 0, 1, 7, 100, 249, 250, 251, 100000 };

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		uint64_t after = 0;
		unsigned count = 0;

		for (;;) {
			struct doc *d;

			assert_int_equal(
			        ask(*state, OBJECT_LIST, "sla/operation", after, limits[i], &d), 0);
			for (const struct doc_member *m = doc_first(doc_get(d, "items")); m;
			     m = m->next)
				assert_i64_equal(doc_int(&m->value, "number", 0), ++count * 10);
			if (doc_get(d, "next")->kind == DOC_NULL)
				break;
			after = (uint64_t)doc_int(d, "next", 0);
		}
		assert_int_equal(count, OPS);
	}
}

static void test_sessions(void **state)
{
	struct doc *d;

	assert_int_equal(ask(*state, OBJECT_LIST, "responder/session", 2, 10, &d), 0);
	assert_int_equal(doc_get(d, "items")->count, 1);
	assert_i64_equal(doc_int(&doc_first(doc_get(d, "items"))->value, "port", 0), 2002);
	assert_int_equal(ask(*state, OBJECT_LIST, "responder/session", UINT64_MAX, 10, &d), 0);
	assert_int_equal(doc_get(d, "items")->count, 0);
}

static struct sla_result result_of(const struct op_entry *e, enum sla_sense sense, int64_t rtt_ns)
{
	return (struct sla_result) {
		.id = e->id,
		.type = e->conf->params.type,
		.sense = (uint8_t)sense,
		.started_at = { 990 * NS_PER_S },
		.rtt_ns = rtt_ns,
		.jitter.peer_clock_err_ns = -1,
	};
}

static void test_results(void **state)
{
	struct fixture *f = *state;
	struct op_entry *e = &f->entries[0];
	struct sla_result ok = result_of(e, SENSE_OK, 5000), over, lost, other;

	over = result_of(e, SENSE_OVER_THRESHOLD, 7000);
	lost = result_of(e, SENSE_TIMEOUT, 0);
	other = ok;
	other.id.generation++;
	assert_true(op_entry_take_result(e, &ok, NULL, (mono_t) { 0 }));
	assert_true(op_entry_take_result(e, &over, NULL, (mono_t) { 0 }));
	assert_true(op_entry_take_result(e, &lost, NULL, (mono_t) { 0 }));
	assert_false(op_entry_take_result(e, &other, NULL,
	                                  (mono_t) { 0 })); /* of another life of the number */
	struct doc *d = get(f, "sla/statistics/10");

	assert_i64_equal(doc_int(d, "runs", 0), 3);
	assert_i64_equal(doc_int(d, "successes", 0), 1);
	assert_i64_equal(doc_int(d, "failures", 0), 2);
	assert_i64_equal(doc_int(doc_get(d, "runs_by_sense"), "timeout", 0), 1);
	assert_i64_equal(doc_int(doc_get(d, "rtt_distribution"), "n", 0), 2);
	assert_i64_equal(doc_int(doc_get(d, "rtt_distribution"), "max_ns", 0), 7000);
	assert_int_equal(doc_get(d, "rtt_ns")->kind, DOC_NULL); /* the latest has none */
	assert_string_equal(doc_text(doc_get(d, "latest"), "sense", ""), "timeout");
	assert_string_equal(doc_text(get(f, "sla/result/10/latest"), "sense", ""), "timeout");
	op_entry_reset(e, (wall_t) { 1 });
	d = get(f, "sla/statistics/10");
	assert_i64_equal(doc_int(d, "runs", -1), 0);
	assert_i64_equal(doc_int(doc_get(d, "rtt_distribution"), "n", -1), 0);
	assert_i64_equal(doc_int(d, "last_reset_at_ns", 0), 1);
	assert_int_equal(doc_get(d, "latest")->kind, DOC_NULL);
}

/* What was not measured is null, never 0. */
static void test_withheld_values_are_null(void **state)
{
	struct fixture *f = *state;
	struct op_entry *e = &f->entries[1];
	struct sla_result r = result_of(e, SENSE_OK, 5000);

	r.jitter.oneway_reason = ONEWAY_PEER_CLOCK_UNKNOWN;
	sum_stats_add(&r.jitter.rtt, INT64_C(3) << 61); /* its square needs 128 bits */
	assert_true(op_entry_take_result(e, &r, NULL, (mono_t) { 0 }));
	const struct doc *jitter = doc_get(get(f, "sla/result/20/latest"), "jitter");
	const struct doc *oneway = doc_get(jitter, "oneway");

	assert_string_equal(doc_text(oneway, "reason", ""), "peer_clock_unknown");
	assert_int_equal(doc_get(oneway, "sd")->kind, DOC_NULL);
	assert_int_equal(doc_get(oneway, "err_ns")->kind, DOC_NULL);
	assert_int_equal(doc_get(oneway, "peer_clock_err_ns")->kind, DOC_NULL);
	assert_int_equal(doc_get(doc_get(jitter, "jitter_sd"), "min_ns")->kind, DOC_NULL);
	assert_string_equal(doc_text(doc_get(jitter, "rtt"), "sum2_ns2", ""),
	                    "47852207848256971424537054170092404736");
	assert_int_equal(doc_get(jitter, "voice")->kind, DOC_NULL);
}

static const struct doc *row_of(struct fixture *f, uint64_t number)
{
	struct doc *d;

	assert_int_equal(ask(f, OBJECT_LIST, "sla/statistics", number - 1, 1, &d), 0);
	return &doc_first(doc_get(d, "items"))->value;
}

/* A line of the table says what the latest run measured, and null for what it did not. */
static void test_row_of_a_run(void **state)
{
	struct fixture *f = *state;
	struct op_entry *e = &f->entries[1];
	struct sla_result r = result_of(e, SENSE_OK, 5000);
	const struct doc *row = row_of(f, 20);
	static const char *const measured[] = { "rtt_ns",       "loss_ppm", "jitter_sd_ns",
		                                "jitter_ds_ns", "mos",      "started_at_ns" };

	for (size_t i = 0; i < ARRAY_LEN(measured); i++)
		assert_int_equal(doc_get(row, measured[i])->kind, DOC_NULL);
	r.jitter.sent = 8;
	r.jitter.received = 7;
	r.jitter.codec = SLA_CODEC_G729A;
	r.jitter.mos_centi = 406;
	r.jitter.sd.samples = 3;
	sum_stats_add(&r.jitter.sd.positive, 1000);
	sum_stats_add(&r.jitter.sd.negative, 3000);
	assert_true(op_entry_take_result(e, &r, NULL, (mono_t) { 0 }));
	row = row_of(f, 20);
	assert_i64_equal(doc_int(row, "loss_ppm", -1), 125000);
	assert_i64_equal(doc_int(row, "jitter_sd_ns", -1), 2000);
	assert_int_equal(doc_get(row, "jitter_ds_ns")->kind, DOC_NULL); /* no pairs that way */
	assert_true(doc_real(row, "mos", 0) > 4.05 && doc_real(row, "mos", 0) < 4.07);
	r = result_of(&f->entries[0], SENSE_TIMEOUT, 0);
	assert_true(op_entry_take_result(&f->entries[0], &r, NULL, (mono_t) { 0 }));
	row = row_of(f, 10);
	assert_i64_equal(doc_int(row, "loss_ppm", -1), 1000000);
	assert_int_equal(doc_get(row, "mos")->kind, DOC_NULL);
	r = result_of(&f->entries[0], SENSE_NOT_CONNECTED, 0); /* nothing was sent */
	assert_true(op_entry_take_result(&f->entries[0], &r, NULL, (mono_t) { 0 }));
	assert_int_equal(doc_get(row_of(f, 10), "loss_ppm")->kind, DOC_NULL);
}

/* However many values: at most 64 bars, which hold all of them. */
static void test_distribution(void **state)
{
	struct fixture *f = *state;
	struct sketch s;
	static const unsigned counts[] = { 0, 1, 3, 33, 100000 };

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		struct doc *d = doc_new_map(&f->arena);
		int64_t last_ns = 0, sum = 0;

		sketch_init(&s, 0);
		for (unsigned k = 0; k < counts[i]; k++)
			assert_int_equal(sketch_add(&s, 1000 + (int64_t)k * k * 7), 0);
		object_fill_sketch(&s, 0, &f->arena, d);
		assert_true(doc_get(d, "buckets")->count <= 64);
		for (const struct doc_member *m = doc_first(doc_get(d, "buckets")); m;
		     m = m->next) {
			assert_true(doc_int(&m->value, "from_ns", -1) >= last_ns);
			last_ns = doc_int(&m->value, "to_ns", -1);
			assert_true(last_ns > doc_int(&m->value, "from_ns", 0));
			sum += doc_int(&m->value, "count", 0);
		}
		assert_i64_equal(sum, counts[i]);
		assert_true(counts[i] == 0 || last_ns > s.max_ns);
		sketch_fini(&s);
	}
}

static void test_state_and_life(void **state)
{
	struct fixture *f = *state;
	struct op_entry *e = &f->entries[1];
	struct runner_state_event ev = {
		.id = e->id,
		.state = SLA_STATE_ACTIVE,
		.life_left_s = 100,
		.missed_busy = 2,
	};

	assert_true(op_entry_take_state(e, &ev, (mono_t) { NS_PER_S }));
	struct doc *d = get(f, "sla/operation/20");

	assert_string_equal(doc_text(d, "state", ""), "active");
	assert_i64_equal(doc_int(d, "life_left_s", 0), 90); /* ten seconds later */
	f->node.now_mono.ns = 1000 * NS_PER_S;
	assert_i64_equal(doc_int(get(f, "sla/operation/20"), "life_left_s", -1), 0);
	ev.life_left_s = SLA_LIFE_FOREVER;
	ev.missed_busy = 4;
	assert_true(op_entry_take_state(e, &ev, (mono_t) { NS_PER_S }));
	assert_true(op_entry_take_state(e, &ev, (mono_t) { NS_PER_S })); /* told again: no more */
	d = get(f, "sla/statistics/20");
	assert_true(doc_bool(d, "life_forever", false));
	assert_i64_equal(doc_int(d, "missed_busy", 0), 4);
	ev.id.generation++;
	assert_false(op_entry_take_state(e, &ev, (mono_t) { 0 }));
}

static void test_the_node_itself(void **state)
{
	struct fixture *f = *state;
	struct doc *d = get(f, "responder");

	assert_true(doc_bool(d, "enabled", false));
	assert_i64_equal(doc_int(doc_get(doc_get(d, "counters"), "drops"), "probe_short", 0), 5);
	d = get(f, "sla/application");
	assert_i64_equal(doc_int(d, "entries", 0), OPS);
	assert_i64_equal(doc_int(d, "entries_max", 0), 1000);
	assert_i64_equal(doc_int(d, "entries_pending", 0), OPS);
	f->node.responder = NULL; /* before the engine has told anything */
	f->node.runner = NULL;
	f->node.config = NULL;
	assert_false(doc_bool(get(f, "responder"), "enabled", true));
	assert_int_equal(doc_get(get(f, "counters"), "runner")->kind, DOC_NULL);
}

/* Every document can be written and read back, and no key stands twice in a map. */
static void test_every_path_is_valid_json(void **state)
{
	struct fixture *f = *state;
	struct doc *root;
	struct sla_result r = result_of(&f->entries[1], SENSE_OK, 5000);
	unsigned answered = 0;

	assert_true(op_entry_take_result(&f->entries[1], &r, NULL, (mono_t) { 0 }));
	assert_int_equal(ask(f, OBJECT_LIST, "", 0, 0, &root), 0);
	for (const struct doc_member *m = doc_first(doc_get(root, "items")); m; m = m->next) {
		static const char *const verbs[] = { [OBJECT_GET] = "get", [OBJECT_LIST] = "list" };
		const char *pattern = doc_text(&m->value, "path", "");
		const char *hole = strchr(pattern, '#');
		char path[80];

		(void)snprintf(path, sizeof(path), "%.*s%s%s", (int)strcspn(pattern, "#"), pattern,
		               hole ? "20" : "", hole ? hole + 1 : "");
		for (unsigned verb = OBJECT_GET; verb <= OBJECT_LIST; verb++) {
			struct doc *d, *back;
			struct diag why;
			char *text = NULL;
			size_t len = 0;
			FILE *to;

			if (strcmp(doc_text(&m->value, verbs[verb], ""), "viewer") != 0 ||
			    ask(f, verb, path, 0, 0, &d) == -ENOENT)
				continue;
			answered++;
			to = open_memstream(&text, &len);
			assert_non_null(to);
			assert_int_equal(doc_write_json(d, to, 0), 0);
			assert_int_equal(fclose(to), 0);
			if (doc_parse_json(&f->arena, text, len, &back, &why) < 0)
				fail_msg("%s %s: %s", verbs[verb], path, why.text);
			free(text);
		}
	}
	assert_int_equal(answered, 17); /* the root and what tree.c answers */
}

/* A page of long rows ends before it outgrows a message, and the next one goes on there. */
static void test_pages_fit_a_message(void **state)
{
	struct fixture *f = *state;
	struct op_conf conf = *f->config->ops[0];
	char *tag = malloc(8001);
	struct doc *d;
	unsigned pages = 0, count = 0;

	assert_non_null(tag);
	memset(tag, 'x', 8000);
	tag[8000] = '\0';
	conf.tag = tag;
	for (unsigned i = 0; i < OPS; i++)
		f->entries[i].conf = &conf;
	for (uint64_t after = 0;; pages++) {
		assert_int_equal(ask(f, OBJECT_LIST, "sla/operation", after, 1000, &d), 0);
		assert_true(object_size(d) < (1u << 20));
		count += doc_get(d, "items")->count;
		if (doc_get(d, "next")->kind == DOC_NULL)
			break;
		after = (uint64_t)doc_int(d, "next", 0);
	}
	assert_int_equal(count, OPS);
	assert_int_equal(pages, 2);
	free(tag);
}

/* Pieces join to the whole text, end with lines where there are any, and never cut a character. */
static void test_pieces(void **state)
{
	struct fixture *f = *state;
	static const char *const parts[] = { "a line\n", "ab\xe2\x82\xac", "x" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		size_t each = strlen(parts[i]), len = each * 200000, at = 0;
		char *text = malloc(len + 1);

		assert_non_null(text);
		for (size_t n = 0; n < 200000; n++)
			memcpy(text + n * each, parts[i], each + 1);
		for (uint64_t offset = 0;;) {
			struct doc *d = doc_new_map(&f->arena);

			object_add_piece(&f->arena, d, text, len, offset);
			const char *piece = doc_text(d, "text", "");

			assert_true(strlen(piece) > 0 && strlen(piece) <= OBJECT_PIECE_BYTES);
			assert_memory_equal(piece, text + at, strlen(piece));
			at += strlen(piece);
			if (doc_get(d, "next")->kind == DOC_NULL)
				break;
			assert_true(i != 0 || piece[strlen(piece) - 1] == '\n');
			offset = (uint64_t)doc_int(d, "next", 0);
			assert_i64_equal((int64_t)offset, (int64_t)at);
		}
		assert_int_equal(at, len);
		free(text);
	}
	struct doc *d = doc_new_map(&f->arena);

	object_add_piece(&f->arena, d, "abc", 3, UINT64_MAX);
	assert_string_equal(doc_text(d, "text", "?"), "");
	assert_int_equal(doc_get(d, "next")->kind, DOC_NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_withheld_values_are_null, setup, teardown),
		cmocka_unit_test_setup_teardown(test_row_of_a_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_distribution, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_and_life, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_node_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_path_is_valid_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages_fit_a_message, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
