/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation takes of the heap in control, as the allocator counts it: slot, settings, latest
 * result, distribution, statistics. */
#include "candord/op_table.h"
#include "config/op_conf.h"
#include "t.h"

#include <malloc.h>

#define OPS       1000
#define BARE_MAX  1024 /* a single packet each run, 32 runs, no hours kept */
#define HOURS_MAX 4096 /* the same with the hourly statistics that are usual, over two hours */

static size_t heap_octets(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static struct sla_result result_of(const struct op_conf *c, uint64_t run)
{
	struct sla_result r = {
		.id = { c->number, 1 },
		.type = c->params.type,
		.sense = SENSE_OK,
		.run = run,
		.rtt_ns = (int64_t)(NS_PER_MS + run * 7919 % 100 * 10007),
		.started_at = { (int64_t)run * NS_PER_S },
		.target = c->params.target,
	};

	if (sla_type_has_jitter(r.type)) {
		r.jitter.sent = r.jitter.received = 10;
		sum_stats_add(&r.jitter.rtt, r.rtt_ns);
	}
	return r;
}

/* ``runs`` runs of each, spread over ``span_s``. */
static void run_all(struct op_slot **slots, uint64_t runs, int64_t span_s)
{
	for (uint64_t run = 1; run <= runs; run++) {
		for (uint32_t i = 0; i < OPS; i++) {
			struct op_entry *e = &slots[i]->entry;
			struct sla_result r = result_of(e->conf, run);
			mono_t now = { 1 + span_s * (int64_t)run * NS_PER_S / (int64_t)runs };
			struct sketch rtt;

			sketch_init(&rtt, 0);
			for (int packet = 0; sla_type_has_jitter(r.type) && packet < 10; packet++)
				assert_int_equal(sketch_add(&rtt, r.rtt_ns + packet * 1000), 0);
			assert_true(op_entry_take_result(e, &r, rtt.count ? &rtt : NULL, now));
			sketch_fini(&rtt);
		}
	}
}

static size_t octets_of_one(const char *lines, uint64_t runs, int64_t span_s, size_t *ret_unused)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	struct op_slot **slots = calloc(OPS, sizeof(*slots));

	assert_true(f && slots);
	for (unsigned i = 1; i <= OPS; i++)
		(void)fprintf(f, "ip sla %u\n %s\n", i, lines);
	assert_int_equal(fclose(f), 0);
	struct config *nothing = NULL; /* what a configuration without operations takes */
	size_t before = heap_octets();

	assert_int_equal(config_parse("", 0, &nothing, &errors), 0);
	size_t start = 2 * heap_octets() - before;

	assert_int_equal(config_parse(text, len, &config, &errors), 0);
	for (uint32_t i = 0; i < OPS; i++) {
		slots[i] = calloc(1, sizeof(**slots));
		assert_non_null(slots[i]);
		op_entry_init(&slots[i]->entry, config->ops[i], (struct op_id) { i + 1, 1 },
		              (mono_t) { 0 });
		op_entry_begin_life(&slots[i]->entry, (mono_t) { 1 });
	}
	*ret_unused = (heap_octets() - start) / OPS;
	run_all(slots, runs, span_s);
	size_t used = (heap_octets() - start) / OPS;

	for (uint32_t i = 0; i < OPS; i++) {
		op_entry_fini(&slots[i]->entry);
		free(slots[i]);
	}
	config_free(config);
	config_free(nothing);
	free(slots);
	free(text);
	return used;
}

static void an_operation_is_small(void **state)
{
	static const struct {
		const char *what, *lines;
		uint64_t runs;
		int64_t span_s;
		size_t most; /* 0: only told */
	} rows[] = {
		{ "udp-echo, 32 runs, no hours kept",
		  "udp-echo 192.0.2.1 7\n  history hours-of-statistics-kept 0", 32, 1920,
		  BARE_MAX },
		{ "udp-echo, 32 runs, the usual hours", "udp-echo 192.0.2.1 7", 32, 1920,
		  HOURS_MAX },
		{ "udp-echo, 120 runs over two hours", "udp-echo 192.0.2.1 7", 120, 7199,
		  HOURS_MAX },
		{ "udp-jitter, 32 runs, no hours kept",
		  "udp-jitter 192.0.2.1 5000\n  history hours-of-statistics-kept 0", 32, 1920, 0 },
		{ "udp-jitter, 120 runs over two hours", "udp-jitter 192.0.2.1 5000", 120, 7199,
		  0 },
		{ "udp-echo, 60 samples kept",
		  "udp-echo 192.0.2.1 7\n  history lives-kept 1\n  history filter all\n"
		  "  history buckets-kept 60",
		  120, 7199, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t unused, octets = octets_of_one(rows[i].lines, rows[i].runs, rows[i].span_s,
		                                      &unused);

		print_message("%s: %zu octets, before the first run %zu\n", rows[i].what, octets,
		              unused);
		if (rows[i].most > 0 &&
		    heap_octets() > 0) /* a sanitizer's allocator does not tell */
			assert_in_range(octets, 1, rows[i].most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operation_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
