/* SPDX-License-Identifier: Apache-2.0 */
/* show namp, its sessions and peers, from fixed documents. */
#include "t.h"

#include "cli/show.h"

/* 09:12:48 UTC Fri Nov 21 2025 */
#define AT "1763716368000000000"

static void assert_rendered(void (*render)(const struct doc *d, FILE *to), const char *json,
                            const char *want)
{
	struct arena a = { 0 };
	struct doc *d;
	struct diag why;
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	if (doc_parse_json(&a, json, strlen(json), &d, &why) < 0)
		fail_msg("%s", why.text);
	render(d, to);
	assert_int_equal(fclose(to), 0);
	assert_string_equal(text, want);
	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');

		assert_true((end ? (size_t)(end - line) : strlen(line)) <= 80);
		line = end ? end + 1 : NULL;
	}
	free(text);
	arena_free(&a);
}

static void test_namp(void **state)
{
	(void)state;
	assert_rendered(
	        render_namp,
	        "{\"tcp\": {\"enabled\": true, \"open\": true, \"address\": null, \"port\": 167, "
	        "\"error\": \"\"}, \"udp\": {\"enabled\": true, \"open\": false, \"address\": "
	        "\"192.0.2.1\", \"port\": 167, \"error\": \"Permission denied\"}, \"identity\": "
	        "{\"certificate\": true, \"certificate_ends_at_ns\": " AT ", \"crl\": false, "
	        "\"crl_ends_at_ns\": null, \"pre_shared_keys\": 2, \"error\": \"\"}, \"sessions\": "
	        "3, \"limits\": {\"sessions\": 1024, \"sessions_per_name\": 128, "
	        "\"handshake_timeout_s\": 5, \"idle_timeout_s\": 600}, \"counters\": "
	        "{\"accepted\": "
	        "14, \"refused_greeting\": 1, \"handshake_failures\": {\"no_cert\": 4, "
	        "\"revoked\": "
	        "2}, \"sessions\": 9, \"closed_slow\": 5, \"of_tomorrow\": 6}, \"datagrams\": "
	        "{\"refused_replayed\": 7, \"boot\": 8}}",
	        "Administration (NAMP version 1):\n"
	        "  Sessions over TLS (TCP):   port 167, all addresses\n"
	        "  Sealed datagrams (UDP):    port 167 is not open: Permission denied\n"
	        "  Certificate:               valid until 09:12:48 UTC Fri Nov 21 2025\n"
	        "  Revocation list:           none, nothing is revoked\n"
	        "  Pre-shared keys:           2\n"
	        "  Sessions:                  3 of 1024, at most 128 of one name\n"
	        "  Time limits:               hello within 5 s, a message every 600 s\n"
	        "Since the start:\n"
	        "  connections accepted                                       14\n"
	        "  sessions begun                                             9\n"
	        "Refused and ended:\n"
	        "  handshakes failed: no cert                                 4\n"
	        "  handshakes failed: revoked                                 2\n"
	        "  connections refused: too many, or TLS is not served        1\n"
	        "  sessions ended: did not read                               5\n"
	        "  of tomorrow                                                6\n"
	        "Datagrams:\n"
	        "  refused: seen before, or too old                           7\n"
	        "  boot                                                       8\n");
}

static void test_sessions(void **state)
{
	(void)state;
	assert_rendered(
	        render_namp_sessions,
	        "{\"now_ns\": 1763716399000000000, \"items\": [{\"number\": 4, \"name\": "
	        "\"alice\", "
	        "\"origin\": \"192.0.2.7:41234\", \"local\": false, \"pre_shared_key\": false, "
	        "\"greeted\": true, \"since_at_ns\": " AT ", \"requests\": 12, \"watches\": 2, "
	        "\"events_missed\": 3, \"software\": \"candor 0.1.0\", \"role\": "
	        "\"administrator\", "
	        "\"idle_ns\": 1500000000}, {\"number\": 5, \"name\": \"\", \"origin\": "
	        "\"192.0.2.8:5\", \"greeted\": false, \"since_at_ns\": " AT
	        ", \"requests\": 0, \"watches\": 0, \"software\": \"-\", \"role\": \"none\", "
	        "\"idle_ns\": 0, \"pre_shared_key\": true}]}",
	        "No     Name                 Role          By          Since          Requests\n"
	        "-----------------------------------------------------------------------------\n"
	        "4      alice                administrator certificate 31 secs ago    12\n"
	        "       from 192.0.2.7:41234, candor 0.1.0, idle 1s, watches 2, missed 3\n"
	        "5      (no hello yet)       none          key         31 secs ago    0\n"
	        "       from 192.0.2.8:5, -, idle 0s, watches 0\n");
}

static void test_peers(void **state)
{
	(void)state;
	assert_rendered(render_namp_peers, "{\"items\": []}",
	                "No peers are configured and none has sent anything.\n");
	assert_rendered(render_namp_peers,
	                "{\"items\": [{\"name\": \"centre\", \"configured\": true, \"inform\": "
	                "true, \"address\": \"192.0.2.99\", \"port\": 167, \"informs_waiting\": 2, "
	                "\"sent\": 5, \"received_at_ns\": " AT
	                "}, {\"name\": \"node-c\", \"configured\": false, \"inform\": false, "
	                "\"address\": null, \"port\": null, \"received_at_ns\": null}]}",
	                "Peer centre: 192.0.2.99 port 167, told by informs\n"
	                "  Last heard:                09:12:48 UTC Fri Nov 21 2025\n"
	                "  informs waiting                                            2\n"
	                "  sent                                                       5\n"
	                "Peer node-c, not configured\n"
	                "  Last heard:                never\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_namp),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_peers),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
