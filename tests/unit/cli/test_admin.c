/* SPDX-License-Identifier: Apache-2.0 */
/* Views of messages, alarms, windows and the audit log octet by octet, and instants as people type them. */
#include "t.h"

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "cli/admin.h"
#include "cli/when.h"

#include <inttypes.h>
#include <time.h>

static struct arena arena;

static void assert_renders(void (*render)(const struct doc *list, FILE *to), const char *json,
                           const char *want)
{
	struct doc *d;
	struct diag why;
	char *text = NULL;
	size_t len;

	if (doc_parse_json(&arena, json, strlen(json), &d, &why) < 0)
		fail_msg("%s", why.text);
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	render(d, f);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, want);
	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');
		size_t octets = end ? (size_t)(end - line) : strlen(line), columns = 0;

		for (size_t i = 0; i < octets; i++)
			columns += ((unsigned char)line[i] & 0xc0) != 0x80;
		assert_true(columns <= 80);
		line = end ? end + 1 : NULL;
	}
	free(text);
	arena_free(&arena);
}

static void test_messages(void **state)
{
	(void)state;
	assert_renders(render_messages, "{\"items\": [], \"dropped\": 0}", "No message.\n");
	assert_renders(
	        render_messages,
	        "{\"items\": [{\"number\": 1041, \"type\": \"alarm\", \"action\": \"raise\", "
	        "\"name\": "
	        "\"link-7\", \"severity\": \"major\", \"at_ns\": 1763716368123000000, \"origin\": "
	        "\"node1\", \"by\": \"alice\", \"from\": \"rack-4\", \"text\": \"no light on the "
	        "long "
	        "haul between the two sites since the morning, the other direction is fine\", "
	        "\"scope\": [\"sla/operation/10\", \"responder\"], \"measured\": [{\"number\": 10, "
	        "\"sense\": \"timeout\", \"rtt_ns\": null, \"loss_ppm\": 1000000}, {\"number\": "
	        "11, "
	        "\"sense\": \"ok\", \"rtt_ns\": 12300000, \"loss_ppm\": 51234}]}, "
	        "{\"number\": 1042, \"type\": \"maintenance\", \"action\": \"begin\", \"name\": "
	        "\"w\", "
	        "\"at_ns\": 1763716368123000000, \"start_ns\": 1763716368123000000, \"end_ns\": "
	        "1763723568123000000, \"origin\": \"node1\", \"by\": \"local:root\", \"text\": "
	        "\"\", "
	        "\"severity\": null, \"scope\": null}], \"dropped\": 1, \"damaged\": 2}",
	        "1041  09:12:48 UTC Fri Nov 21 2025\n"
	        "      alarm raise link-7, major\n"
	        "      no light on the long haul between the two sites since the morning, the\n"
	        "      other direction is fine\n"
	        "      about sla/operation/10, responder\n"
	        "      operation 10: timeout, RTT -, loss 100.0 %\n"
	        "      operation 11: ok, RTT 12.300 ms, loss 5.1 %\n"
	        "      by alice on node1, sent by rack-4\n"
	        "1042  09:12:48 UTC Fri Nov 21 2025\n"
	        "      maintenance begin w\n"
	        "      from 09:12:48 UTC Fri Nov 21 2025\n"
	        "      to   11:12:48 UTC Fri Nov 21 2025\n"
	        "      by local:root on node1\n"
	        "1 older entry has gone for want of room\n"
	        "2 entries are damaged on the disk\n");
}

static void test_wrapping(void **state)
{
	(void)state;
	/* 70 characters of two octets and no blank, then a word. */
	assert_renders(
	        render_messages,
	        "{\"items\": [{\"number\": 1, \"type\": \"notice\", \"at_ns\": 0, \"by\": \"b\", "
	        "\"origin\": \"o\", \"text\": \""
	        "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää"
	        " end\"}]}",
	        "1     -\n"
	        "      notice\n"
	        "      "
	        "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää\n"
	        "      ää end\n"
	        "      by b on o\n");
}

static void test_alarms(void **state)
{
	(void)state;
	assert_renders(render_alarms, "{\"items\": []}", "No alarm stands.\n");
	assert_renders(
	        render_alarms,
	        "{\"now_ns\": 1763716668123000000, \"items\": [{\"number\": 7, \"name\": "
	        "\"link-7\", "
	        "\"severity\": \"critical\", \"text\": \"no light\", \"since_ns\": "
	        "1763716368123000000, \"at_ns\": 1763716608123000000, \"raises\": 3, \"state\": "
	        "\"acknowledged\", \"origin\": \"node1\", \"by\": \"alice\", \"from\": null, "
	        "\"acknowledged\": {\"by\": \"bob\", \"at_ns\": 1763716638123000000, \"text\": "
	        "\"on my "
	        "way\"}}, {\"name\": \"b\", \"severity\": \"minor\", \"raises\": 1, \"since_ns\": "
	        "1763716368123000000, \"state\": \"standing\", \"by\": \"x\", \"origin\": \"y\", "
	        "\"acknowledged\": null}]}",
	        "critical link-7\n"
	        "      since 09:12:48 UTC Fri Nov 21 2025, acknowledged\n"
	        "      no light\n"
	        "      raised 3 times, last 1 minute ago, by alice on node1\n"
	        "      acknowledged by bob, 30 secs ago: on my way\n"
	        "minor b\n"
	        "      since 09:12:48 UTC Fri Nov 21 2025, standing\n"
	        "      by x on y\n");
}

static void test_windows(void **state)
{
	(void)state;
	assert_renders(render_maintenance, "{\"items\": []}", "No maintenance window.\n");
	assert_renders(
	        render_maintenance,
	        "{\"items\": [{\"state\": \"over\", \"name\": \"fibre\", \"text\": \"splice\", "
	        "\"start_ns\": 1763716368123000000, \"end_ns\": 1763723568123000000, \"by\": "
	        "\"alice\", "
	        "\"origin\": \"node1\", \"ended_by\": \"bob\", \"scope\": [\"sla\"]}]}",
	        "over fibre\n"
	        "      from 09:12:48 UTC Fri Nov 21 2025\n"
	        "      to   11:12:48 UTC Fri Nov 21 2025\n"
	        "      splice\n"
	        "      about sla\n"
	        "      ended by bob, by alice on node1\n");
}

static void test_audit(void **state)
{
	(void)state;
	assert_renders(render_audit, "{\"items\": []}", "No change.\n");
	assert_renders(
	        render_audit,
	        "{\"items\": [{\"number\": 12, \"at_ns\": 1763716368123000000, \"name\": "
	        "\"alice\", \"origin\": \"192.0.2.7:41234\", \"role\": \"viewer\", \"verb\": "
	        "\"run\", \"path\": \"alarm\", \"asked\": \"clear name \\\"x\\\"\", \"code\": "
	        "403}, {\"number\": 13, \"at_ns\": 1763716368123000000, \"name\": \"local:root\", "
	        "\"origin\": \"pid 7\", \"role\": \"administrator\", \"verb\": \"delete\", "
	        "\"path\": \"namp/session/7\", \"asked\": \"\", \"code\": 200}], "
	        "\"dropped\": 1300, \"lost\": 1}",
	        "12    09:12:48 UTC Fri Nov 21 2025, code 403\n"
	        "      run alarm: clear name \"x\"\n"
	        "      by alice (viewer) from 192.0.2.7:41234\n"
	        "13    09:12:48 UTC Fri Nov 21 2025, code 200\n"
	        "      delete namp/session/7\n"
	        "      by local:root (administrator) from pid 7\n"
	        "1300 older entries have gone for want of room\n"
	        "1 could not be entered\n");
}

/* Documents of another version, or of nobody: never more than strange text. */
static void test_strange_documents(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"items\": 7}",
		"{\"items\": [7, null, [], {}]}",
		"{\"items\": [{\"measured\": [7], \"scope\": [7, {}]}]}",
		"{\"items\": [{\"text\": 7, \"start_ns\": 9223372036854775807}]}",
		"{\"items\": [{\"acknowledged\": 7, \"number\": \"x\"}]}",
	};
	void (*const renderers[])(const struct doc *list,
	                          FILE *to) = { render_messages, render_alarms, render_maintenance,
		                                render_audit };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		for (size_t k = 0; k < ARRAY_LEN(renderers); k++) {
			FILE *f = fopen("/dev/null", "w");
			struct doc *d;
			struct diag why;

			assert_non_null(f);
			assert_int_equal(
			        doc_parse_json(&arena, texts[i], strlen(texts[i]), &d, &why), 0);
			renderers[k](d, f);
			assert_int_equal(fclose(f), 0);
		}
	}
	arena_free(&arena);
}

/* --- instants ------------------------------------------------------------------------------------ */

/* 2025-11-21 09:12:48.123 UTC, 10:12 in Berlin. */
#define NOW_NS INT64_C(1763716368123000000)

static void test_when(void **state)
{
	static const struct {
		const char *text;
		int64_t want_ns; /* 0: refused */
	} rows[] = {
		{ "now", NOW_NS },
		{ "+90s", NOW_NS + 90 * NS_PER_S },
		{ "+30m", NOW_NS + 1800 * NS_PER_S },
		{ "+2h", NOW_NS + 7200 * NS_PER_S },
		{ "+1d", NOW_NS + 86400 * NS_PER_S },
		{ "2026-12-01", INT64_C(1796079600) * NS_PER_S },
		{ "2026-12-01T22:00", INT64_C(1796158800) * NS_PER_S },
		{ "2026-12-01T22:00:30", INT64_C(1796158830) * NS_PER_S },
		{ "2026-12-01T22:00Z", INT64_C(1796162400) * NS_PER_S },
		{ "2026-12-01Z", INT64_C(1796083200) * NS_PER_S },
		{ "11:00", INT64_C(1763719200) * NS_PER_S },  /* today */
		{ "10:00", INT64_C(1763802000) * NS_PER_S },  /* tomorrow */
		{ "10:00Z", INT64_C(1763719200) * NS_PER_S }, /* today */
		{ "", 0 },
		{ "soon", 0 },
		{ "+", 0 },
		{ "+2", 0 },
		{ "+2y", 0 },
		{ "+2hh", 0 },
		{ "+99999999999999999999d", 0 },
		{ "-2h", 0 },
		{ "25:00", 0 },
		{ "10:60", 0 },
		{ "10:00:60", 0 },
		{ "1:00", 0 },
		{ "10:00x", 0 },
		{ "2026-02-30", 0 },
		{ "2026-13-01", 0 },
		{ "2026-00-01", 0 },
		{ "2026-12-01T", 0 },
		{ "2026-12-01 22:00", 0 },
		{ "1969-12-01", 0 },
		{ "9999-12-01", 0 },
	};

	(void)state;
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ns = -1;
		int rc = when_parse(rows[i].text, NOW_NS, NOW_NS, &ns);

		if ((rc == 0) != (rows[i].want_ns != 0) || (rc == 0 && ns != rows[i].want_ns)) {
			print_error("%s: %d, %" PRId64 "\n", rows[i].text, rc, ns);
			fail();
		}
	}
	int64_t ns = 0;

	assert_int_equal(when_parse("+2h", NOW_NS, NOW_NS + NS_PER_S, &ns), 0);
	assert_i64_equal(ns, NOW_NS + 7201 * NS_PER_S);
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages), cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_alarms),   cmocka_unit_test(test_windows),
		cmocka_unit_test(test_audit),    cmocka_unit_test(test_strange_documents),
		cmocka_unit_test(test_when),
	};

	if (setenv("TZ", "UTC", 1) != 0)
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
