/* SPDX-License-Identifier: Apache-2.0 */
/* Random configurations, made from the same rows that the parser uses: every setting that can be
 * said survives printing and reading again, and a hundred thousand operations are read in linear
 * time. */
#include "config/config_diff.h"
#include "probe/probe.h"
#include "t_config.h"

#include <inttypes.h>
#include <time.h>

#define ROUNDS   200
#define MANY_OPS 100000

static uint64_t seed;

static uint64_t pick(uint64_t min, uint64_t max)
{
	uint64_t span = max - min + 1;

	return span ? min + t_random(&seed) % span : t_random(&seed);
}

/* A value of ``row`` as text; false: leave the row out. */
static bool random_value(const struct conf_row *row, char *to, size_t cap)
{
	uint64_t names = 0;

	*to = '\0';
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_PORT:
		(void)snprintf(to, cap, "%" PRIu64, pick(row->min, row->max));
		return true;
	case CK_HEX32:
		(void)snprintf(to, cap, "%08" PRIX64, pick(0, UINT32_MAX));
		return true;
	case CK_ENABLE:
		(void)snprintf(to, cap, "%s", pick(0, 1) ? "enable" : "disable");
		return true;
	case CK_ENUM:
		while (row->names[names])
			names++;
		assert_true(names > 0);
		(void)snprintf(to, cap, "%s", row->names[pick(0, names - 1)]);
		return true;
	case CK_ADDR:
		(void)snprintf(to, cap, "192.0.2.%" PRIu64, pick(1, 254));
		return true;
	case CK_FLAG:
		return true;
	case CK_NONE:
	case CK_TEXT:
	case CK_WORD:
	case CK_CUSTOM:
		break;
	}
	return false;
}

/* Settings whose values depend on each other are left to other tests. */
static bool is_free(const struct conf_row *row)
{
	static const char *const bound[] = { "codec",
		                             "advantage-factor",
		                             "control",
		                             "frequency",
		                             "request-data-size",
		                             "control version",
		                             "timeout",
		                             "threshold",
		                             "precision",
		                             "name-server",
		                             "mpid",
		                             "domain",
		                             "vlan",
		                             "port",
		                             "interface",
		                             "remote-mac" };

	for (size_t i = 0; i < ARRAY_LEN(bound); i++) {
		if (strcmp(row->keyword, bound[i]) == 0)
			return false;
	}
	return true;
}

static void write_rows(FILE *to, const struct conf_row *rows, enum conf_where where)
{
	char value[64];

	for (const struct conf_row *row = rows; row->kind != CK_NONE; row++) {
		if (!(row->where & where) || !is_free(row) || pick(0, 1) ||
		    !random_value(row, value, sizeof(value)))
			continue;
		(void)fprintf(to, where == CW_INLINE ? " %s%s%s" : "  %s%s%s\n", row->keyword,
		              *value ? " " : "", value);
	}
}

static void write_op(FILE *to, unsigned number)
{
	const struct probe_type *type = probe_types[pick(0, SLA_TYPE_COUNT - 1)];

	static const char *const urls[] = { "get http://www.example.com/a?b",
		                            "secure head https://[2001:db8::1]:8443" };
	uint64_t last = pick(1, 254);

	(void)fprintf(to, "ip sla %u\n %s ", number, type->words ? type->words : type->name);
	if (type->id == SLA_HTTP)
		(void)fputs(urls[pick(0, 1)], to);
	else if (type->id == SLA_FTP)
		(void)fprintf(to, "get ftp://user:pw%" PRIu64 "@198.51.100.1/file", last);
	else if (type->target == TARGET_NONE)
		(void)fprintf(to,
		              "mpid %" PRIu64
		              " domain D vlan 7 interface lan remote-mac 0200.5e00.5302",
		              last);
	else
		(void)fprintf(to, "%s.%" PRIu64,
		              type->id == SLA_MULTICAST_JITTER ? "232.1.1" : "198.51.100", last);
	if (type->target == TARGET_HOST_PORT)
		(void)fprintf(to, " %" PRIu64, pick(1024, 65000));
	if (type->id == SLA_MULTICAST_JITTER)
		(void)fputs(" endpoints 192.0.2.1,192.0.2.2", to);
	if (type->id == SLA_DNS) /* must be there */
		(void)fprintf(to, " name-server 192.0.2.%" PRIu64, pick(1, 254));
	write_rows(to, type->rows, CW_INLINE);
	(void)fputc('\n', to);
	write_rows(to, type->rows, CW_SUB);
	if (pick(0, 1))
		(void)fprintf(to, "  tag tag %u\n", number);
	if (pick(0, 1))
		(void)fprintf(to,
		              "ip sla schedule %u life %" PRIu64
		              " start-time after 00:00:%02" PRIu64 " ageout %" PRIu64 "\n",
		              number, pick(0, 100000), pick(0, 59), pick(0, 2073600));
}

static char *random_text(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	for (unsigned number = 1, count = (unsigned)pick(0, 8); number <= count; number++)
		write_op(to, number);
	if (pick(0, 1))
		(void)fputs("ip sla responder\n", to);
	(void)fprintf(to, "clock grade-limit %" PRIu64 "\n", pick(1, 10000000));
	assert_int_equal(fclose(to), 0);
	return text;
}

static void test_random(void **state)
{
	(void)state;
	seed = t_seed(7);
	for (unsigned i = 0; i < ROUNDS; i++) {
		char *text = random_text();
		struct config *c = t_good(text);
		char *printed = t_print(c, true, true);
		struct config *again = t_good(printed);
		struct config_diff diff;

		t_assert_fixed_point(c);
		config_diff_init(&diff, c, again);
		assert_true(config_diff_is_empty(&diff));
		config_diff_fini(&diff);
		config_free(again);
		free(printed);
		config_free(c);
		free(text);
	}
}

/* Quadratic behaviour would take minutes here; processor time, so that a busy host does not
 * matter. */
static void test_many_operations(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	assert_non_null(to);
	for (unsigned i = 1; i <= MANY_OPS; i++)
		(void)fprintf(to,
		              "ip sla %u\n udp-jitter 192.0.2.1 5000 num-packets 100\n tag op %u\n"
		              " frequency 30\nip sla schedule %u life forever start-time now\n",
		              i, i, i);
	assert_int_equal(fclose(to), 0);
	clock_t start = clock();
	struct config *c = t_good(text);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

	print_message("%d operations read in %.3f s of processor time\n", MANY_OPS, seconds);
	assert_int_equal(c->op_count, MANY_OPS);
	assert_non_null(config_find_op(c, MANY_OPS));
	assert_true(seconds < 10); /* sanitizers included */
	config_free(c);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_many_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
