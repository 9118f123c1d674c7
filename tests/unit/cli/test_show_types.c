/* SPDX-License-Identifier: Apache-2.0 */
/* Views of every operation type from fixed documents: screens octet by octet, and line patterns of the fields that
 * programs look for in a router's text. */
#include "t.h"

#include "base/cleanup.h"
#include "cli/show.h"

#include <regex.h>
#include <time.h>

/* 09:12:48.123 UTC Fri Nov 21 2025 */
#define AT "1763716368123000000"

#define TAIL                                                                               \
	"\"clock\": {\"synchronised\": true, \"source\": \"chrony\", \"err_ns\": 250000, " \
	"\"stepped\": false}, \"instrument\": {\"tx_stamps\": \"kernel\", \"rx_stamps\": " \
	"\"kernel\", \"turnaround\": \"none\", \"rtt_err_ns\": 1500, "                     \
	"\"send_lateness_max_ns\": 0, \"send_lateness_sum_ns\": 0, \"timer_misses\": 0, "  \
	"\"rx_queue_drops\": 0, \"clock_step_samples\": 0, \"implausible_samples\": 0}"

#define RECORD(type, target, parts)                                                             \
	"{\"number\": 5, \"type\": \"" type "\", \"target\": \"" target "\", \"scheduled\": "   \
	"true, \"state\": \"active\", \"life_forever\": true, \"successes\": 7, "               \
	"\"failures\": 1, \"over_threshold_occurred\": false, \"missed_busy\": 0, "             \
	"\"missed_late\": 0, \"last_reset_at_ns\": null, \"latest\": {\"return_code\": 1, "     \
	"\"sense\": \"ok\", \"started_at_ns\": " AT ", \"rtt_ns\": 39400000, \"type\": \"" type \
	"\", \"precision\": \"milliseconds\", \"detail\": \"\", " parts ", " TAIL "}}"

#define SUMS(n, min, avg, max)                                                  \
	"{\"n\": " #n ", \"sum_ns\": 0, \"sum2_ns2\": \"0\", \"min_ns\": " #min \
	", \"avg_ns\": " #avg ", \"max_ns\": " #max "}"

#define HEAD                                                          \
	"IPSLA operation id: 5\n"                                     \
	"\tLatest RTT: 39 milliseconds\n"                             \
	"Latest operation start time: 09:12:48 UTC Fri Nov 21 2025\n" \
	"Latest operation return code: OK\n"
#define FOOT                       \
	"Number of successes: 7\n" \
	"Number of failures: 1\n"  \
	"Operation time to live: Forever\n"

static char *rendered(const char *json, void (*render)(const struct doc *d, FILE *to))
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
	for (const char *line = text; line && *line;) {
		const char *end = strchr(line, '\n');

		assert_true((end ? (size_t)(end - line) : strlen(line)) <= 80);
		line = end ? end + 1 : NULL;
	}
	arena_free(&a);
	return text;
}

static void render_plainly(const struct doc *d, FILE *to)
{
	render_statistics(d, false, to);
}

static void render_details(const struct doc *d, FILE *to)
{
	render_statistics(d, true, to);
}

static void assert_screen(const char *json, void (*render)(const struct doc *d, FILE *to),
                          const char *want)
{
	char *text = rendered(json, render);

	assert_string_equal(text, want);
	free(text);
}

/* --- statistics ------------------------------------------------------------------------------ */

static const char http_json[] = RECORD(
        "http", "http://www.example.com/",
        "\"jitter\": null, \"http\": {\"dns_ns\": 8300000, \"tcp_ns\": 10100000, \"tls_ns\": null, "
        "\"first_byte_ns\": 15000000, \"transaction_ns\": 21000000, \"total_ns\": 39500000, "
        "\"status\": 200, \"body_bytes\": 1256}");

static void test_http(void **state)
{
	(void)state;
	assert_screen(http_json, render_plainly,
	              HEAD "Latest DNS RTT: 8 ms\n"
	                   "Latest TCP Connection RTT: 10 ms\n"
	                   "Latest HTTP Transaction RTT: 21 ms\n" FOOT "\n\n\n");
}

static const char dns_json[] =
        RECORD("dns", "www.example.com",
               "\"jitter\": null, \"dns\": {\"rcode\": 0, \"answers\": 1, \"authoritative\": "
               "false, \"truncated\": false, \"transport\": \"udp\", \"connect_ns\": null, "
               "\"answer\": \"192.0.2.7\", \"ttl_s\": 300}");

static void test_single_transactions(void **state)
{
	(void)state;
	assert_screen(dns_json, render_plainly, HEAD FOOT "\n\n\n");
	assert_screen(RECORD("dhcp", "192.0.2.1", "\"jitter\": null, \"dhcp\": {\"offers\": 1}"),
	              render_plainly, HEAD FOOT "\n\n\n");
	assert_screen(RECORD("ftp", "ftp://192.0.2.1/a", "\"jitter\": null"), render_plainly,
	              HEAD FOOT "\n\n\n");
	assert_screen(RECORD("tcp-connect", "192.0.2.1", "\"jitter\": null"), render_plainly,
	              HEAD FOOT "\n\n\n");
	/* What was answered stands in the details. */
	char *text = rendered(dns_json, render_details);

	assert_non_null(strstr(text, "192.0.2.7"));
	free(text);
}

#define DIRECTION                                                                         \
	"{\"samples\": 9, \"min_ns\": 0, \"avg_ns\": 4000000, \"max_ns\": 14000000, "     \
	"\"interarrival_ns\": 2500000, \"positive\": " SUMS(                              \
	        5, 1000000, 4000000, 14000000) ", "                                       \
	                                       "\"negative\": " SUMS(3, 2000000, 4000000, \
	                                                             6000000) "}"
#define JITTER                                                                                     \
	"\"jitter\": {\"rtt\": " SUMS(                                                             \
	        9, 1200000, 4300000,                                                               \
	        16000000) ", \"packets\": {\"sent\": 10, \"received\": 9, \"late\": 1, "           \
	                  "\"out_of_sequence\": 2, \"skipped\": 3, \"over_threshold\": 0}, "       \
	                  "\"oneway\": "                                                           \
	                  "{\"reason\": \"reported\", \"err_ns\": 400000, \"sd\": " SUMS(          \
	                          8, 0, 4000000,                                                   \
	                          15000000) ", \"ds\": " SUMS(8, 0, 500000,                        \
	                                                      3000000) "}, "                       \
	                                                               "\"jitter_sd\": " DIRECTION \
	                                                               ", "                        \
	                                                               "\"jitter_ds\": " DIRECTION \
	                                                               ", \"voice\": null}"

static const char icmp_jitter_json[] =
        RECORD("icmp-jitter", "192.0.2.9",
               JITTER ", \"icmp_jitter\": {\"lost\": 1, \"unprocessed\": 4, "
                      "\"out_of_sequence_sd\": 5, \"out_of_sequence_ds\": 6, "
                      "\"out_of_sequence_both\": 7, \"success_length_min\": 1, "
                      "\"success_length_max\": 9, \"loss_periods\": {\"count\": 1, "
                      "\"length_min\": 1, \"length_max\": 2, \"between_min\": 3, "
                      "\"between_max\": 4}}");

static void test_icmp_jitter(void **state)
{
	(void)state;
	assert_screen(icmp_jitter_json, render_plainly,
	              "IPSLA operation id: 5\n"
	              "Type of operation: icmp-jitter\n"
	              "\tLatest RTT: 39 milliseconds\n"
	              "Latest operation start time: 09:12:48 UTC Fri Nov 21 2025\n"
	              "Latest operation return code: OK\n"
	              "RTT Values:\n"
	              "\tNumber Of RTT: 9\t\tRTT Min/Avg/Max: 1/4/16 milliseconds\n"
	              "Latency one-way time:\n"
	              "\tNumber of Latency one-way Samples: 8\n"
	              "\tSource to Destination Latency one way Min/Avg/Max: 0/4/15 milliseconds\n"
	              "\tDestination to Source Latency one way Min/Avg/Max: 0/0/3 milliseconds\n"
	              "Jitter Time:\n"
	              "\tNumber of SD Jitter Samples: 9\n"
	              "\tNumber of DS Jitter Samples: 9\n"
	              "\tSource to Destination Jitter Min/Avg/Max: 0/4/14 milliseconds\n"
	              "\tDestination to Source Jitter Min/Avg/Max: 0/4/14 milliseconds\n"
	              "Over Threshold:\n"
	              "\tNumber Of RTT Over Threshold: 0 (0%)\n"
	              "Packet Late Arrival: 1\n"
	              "Out Of Sequence: 2\n"
	              "\tSource to Destination: 5\tDestination to Source 6\n"
	              "\tIn both Directions: 7\n"
	              "Packet Skipped: 3\tPacket Unprocessed: 4\n"
	              "Packet Loss: 1\n"
	              "\tLoss Periods Number: 1\n"
	              "\tLoss Period Length Min/Max: 1/2\n"
	              "\tInter Loss Period Length Min/Max: 3/4\n" FOOT "\n\n\n");
}

#define HOPS                                                                                       \
	"\"jitter\": null, \"path\": {\"outcome\": \"reached\", \"icmp_type\": 3, "                \
	"\"icmp_code\": 3, \"hops\": [{\"address\": \"192.0.2.1\", \"sense\": \"ok\", "            \
	"\"sent\": 10, \"received\": 9, \"lost\": 1, \"out_of_sequence\": 2, \"discarded\": "      \
	"0, \"rtt\": " SUMS(9, 400000, 1500000, 2900000) ", \"jitter\": " SUMS(                    \
	        7, 0, 1200000, 2100000) "}, {\"address\": null, \"sense\": \"unknown\", "          \
	                                "\"sent\": 0, \"received\": 0, \"lost\": 0, "              \
	                                "\"out_of_sequence\": 0, \"discarded\": 0, "               \
	                                "\"rtt\": {\"n\": 0, \"min_ns\": null, \"avg_ns\": null, " \
	                                "\"max_ns\": null}, "                                      \
	                                "\"jitter\": {\"n\": 0, \"min_ns\": null, \"avg_ns\": "    \
	                                "null, \"max_ns\": null}}]}"

static void test_paths(void **state)
{
	char *text;

	(void)state;
	assert_screen(RECORD("path-jitter", "192.0.2.9", HOPS), render_plainly,
	              HEAD "---- Path Jitter Statistics ----\n"
	                   "\n"
	                   "Hop IP 192.0.2.1:\n"
	                   "Round Trip Time milliseconds:\n"
	                   "\tLatest RTT: 1 ms\n"
	                   "\tNumber of RTT: 9\n"
	                   "\tRTT Min/Avg/Max: 1/1/2 ms\n"
	                   "Jitter time milliseconds:\n"
	                   "\tNumber of jitter: 7\n"
	                   "\tJitter Min/Avg/Max: 0/1/2 ms\n"
	                   "Packet Values:\n"
	                   "\tPacket Loss (Timeouts): 1\n"
	                   "\tOut of Sequence: 2\n"
	                   "\tDiscarded Samples: 0\n"
	                   "\n"
	                   "Hop IP *:\n"
	                   "Round Trip Time milliseconds:\n"
	                   "\tLatest RTT: 0 ms\n"
	                   "\tNumber of RTT: 0\n"
	                   "\tRTT Min/Avg/Max: 0/0/0 ms\n"
	                   "Jitter time milliseconds:\n"
	                   "\tNumber of jitter: 0\n"
	                   "\tJitter Min/Avg/Max: 0/0/0 ms\n"
	                   "Packet Values:\n"
	                   "\tPacket Loss (Timeouts): 0\n"
	                   "\tOut of Sequence: 0\n"
	                   "\tDiscarded Samples: 0\n" FOOT "\n\n\n");
	text = rendered(RECORD("path-echo", "192.0.2.9", HOPS), render_plainly);
	assert_memory_equal(text, HEAD "Operation time to live: Forever\n",
	                    strlen(HEAD "Operation time to live: Forever\n"));
	assert_null(strstr(text, "successes"));
	free(text);
}

static const char multicast_json[] = RECORD(
        "multicast-jitter", "239.1.1.1",
        "\"jitter\": null, \"multicast\": {\"sent\": 10, \"skipped\": 0, \"answered\": 2, "
        "\"receivers\": [{\"address\": \"192.0.2.12\", \"sense\": \"ok\", \"return_code\": 1, "
        "\"received\": 9, \"lost_sd\": 1, \"lost_ds\": 0, \"missing\": 0, \"rtt_ns\": 4300000, "
        "\"oneway_reason\": \"reported\", \"delay_min_ns\": 1200000, \"delay_avg_ns\": "
        "2500000, \"delay_max_ns\": 15000000, \"jitter_avg_ns\": 800000}, "
        "{\"address\": \"192.0.2.13\", \"sense\": \"over_threshold\", \"return_code\": 3, "
        "\"received\": 10, \"lost_sd\": 0, \"lost_ds\": 0, \"missing\": 0, \"rtt_ns\": "
        "6000000000, \"oneway_reason\": \"peer_clock_unknown\", \"delay_min_ns\": null, "
        "\"delay_avg_ns\": null, \"delay_max_ns\": null, \"jitter_avg_ns\": 0}, "
        "{\"address\": \"203.0.113.200\", \"sense\": \"not_connected\", \"return_code\": 6, "
        "\"received\": 0, \"lost_sd\": 0, \"lost_ds\": 0, \"missing\": 0, \"rtt_ns\": null, "
        "\"oneway_reason\": \"no_reply\", \"delay_min_ns\": null, \"delay_avg_ns\": null, "
        "\"delay_max_ns\": null, \"jitter_avg_ns\": 0}]}");

/* The lines of a one-shot measurement. */
static void render_members(const struct doc *d, FILE *to)
{
	render_result_parts(doc_get(d, "latest"), to);
}

static void test_multicast(void **state)
{
	(void)state;
	assert_screen(multicast_json, render_plainly,
	              "IPSLA operation id: 5\n"
	              "Type of operation: multicast-jitter\n"
	              "\tLatest RTT: 39 milliseconds\n"
	              "Latest operation start time: 09:12:48 UTC Fri Nov 21 2025\n"
	              "Latest operation return code: OK\n"
	              "Receivers (delay Min/Avg/Max in milliseconds):\n"
	              "oper-id    status      lossSD  delay                destination\n"
	              "5          OK               1  1/2/15               192.0.2.12\n"
	              "5          OverThresh       0  -                    192.0.2.13\n"
	              "5          NoConnect        0  -                    203.0.113.200\n" FOOT
	              "\n\n\n");
	assert_screen(multicast_json, render_members,
	              "  192.0.2.12       OK  9 of 10  lost 1 out, 0 back, 0 unknown\n"
	              "    delay 1.200 ms / 2.500 ms / 15.000 ms  jitter 800.000 us\n"
	              "  192.0.2.13       Over threshold  10 of 10  lost 0 out, 0 back, 0 unknown\n"
	              "    rtt 6.000 s  jitter 0 ns\n"
	              "    no delay: nobody vouches for the responder's clock\n"
	              "  203.0.113.200    No connection\n");
}

/* --- configuration --------------------------------------------------------------------------- */

#define OPERATION(type, target, parameters)                                                     \
	"{\"number\": 5, \"type\": \"" type "\", \"target\": \"" target "\", \"tag\": \"t\", "  \
	"\"owner\": \"o\", \"next_start_at_ns\": null, \"parameters\": {\"timeout_ms\": 5000, " \
	"\"tos\": 0, \"frequency_s\": 60, \"threshold_ms\": 5000, " parameters                  \
	"}, \"schedule\": {\"scheduled\": true, \"start\": \"now\", \"life_s\": 3600, "         \
	"\"ageout_s\": 0, \"recurring\": false}, \"history\": {\"hours_kept\": 2, "             \
	"\"distributions_kept\": 1, \"distribution_interval_ms\": 20, \"lives_kept\": 1, "      \
	"\"buckets_kept\": 15, \"filter\": \"all\", \"samples_kept\": 16, \"paths_kept\": 5, "  \
	"\"hops_kept\": 16, \"enhanced_buckets\": 100, \"enhanced_interval_s\": 0}}"

#define FIRST(type)                                \
	"Entry number: 5\n"                        \
	"Owner: o\n"                               \
	"Tag: t\n"                                 \
	"Operation timeout (milliseconds): 5000\n" \
	"Type of operation to perform: " type "\n"

static const char icmp_json[] = OPERATION("icmp-jitter", "192.0.2.9",
                                          "\"target_address\": \"192.0.2.9\", \"interval_ms\": 20, "
                                          "\"num_packets\": 10, \"vrf\": \"blue\"");
static const char path_json[] =
        OPERATION("path-echo", "192.0.2.9",
                  "\"target_address\": \"192.0.2.9\", \"source_address\": \"192.0.2.1\", "
                  "\"request_size_bytes\": 28, \"verify_data\": true");
static const char https_json[] =
        OPERATION("http", "https://www.example.com/a",
                  "\"method\": \"secure get\", \"target_address\": \"192.0.2.80\", "
                  "\"target_port\": 443, \"source_port\": 0, \"http_version\": \"1.1\", "
                  "\"cache\": \"disable\", \"proxy\": null, \"raw_request\": null");
static const char name_json[] =
        OPERATION("dns", "www.example.com",
                  "\"target_address\": \"192.0.2.53\", \"target_port\": 53, \"source_port\": 0");
static const char file_json[] = OPERATION("ftp", "ftp://192.0.2.1/a", "\"source_address\": null");
static const char lease_json[] = OPERATION("dhcp", "192.0.2.1",
                                           "\"target_address\": \"192.0.2.1\", "
                                           "\"circuit_id\": \"00112233\", \"remote_id\": null");

static const char group_json[] =
        OPERATION("multicast-jitter", "239.1.1.1",
                  "\"target_address\": \"239.1.1.1\", \"target_port\": 5000, \"source_port\": 0, "
                  "\"request_size_bytes\": 32, \"interval_ms\": 20, \"num_packets\": 10, "
                  "\"control\": \"v1\", "
                  "\"name\": \"ALL\", \"endpoints\": \"192.0.2.12,192.0.2.13\", \"ssm\": false, "
                  "\"tree_init\": 2");

static void assert_begins(const char *json, const char *want)
{
	char *text = rendered(json, render_configuration);

	if (strncmp(text, want, strlen(want)) != 0)
		fail_msg("got\n%s\nwant\n%s", text, want);
	free(text);
}

static void test_configurations(void **state)
{
	(void)state;
	assert_begins(icmp_json,
	              FIRST("icmp-jitter") "Target address/Source address: 192.0.2.9/0.0.0.0\n"
	                                   "Type Of Service parameter: 0x0\n"
	                                   "Packet Interval (milliseconds)/Number of packets: "
	                                   "20/10\n"
	                                   "Vrf Name: blue\n"
	                                   "Schedule:\n");
	assert_begins(group_json,
	              FIRST("multicast-jitter") "Target address/Source address: 239.1.1.1/0.0.0.0\n"
	                                        "Target port/Source port: 5000/0\n"
	                                        "Endpoint list: ALL\n"
	                                        "   ip-address: 192.0.2.12\n"
	                                        "   ip-address: 192.0.2.13\n"
	                                        "SSM: No\n"
	                                        "Tree-init packets: 2\n"
	                                        "Type Of Service parameter: 0x0\n"
	                                        "Request size (ARR data portion): 32\n"
	                                        "Packet Interval (milliseconds)/Number of packets: "
	                                        "20/10\n"
	                                        "Vrf Name: \n"
	                                        "Control Packets: enabled\n"
	                                        "Schedule:\n");
	assert_begins(path_json,
	              FIRST("path-echo") "Target address/Source address: 192.0.2.9/192.0.2.1\n"
	                                 "Type Of Service parameter: 0x0\n"
	                                 "Request size (ARR data portion): 28\n"
	                                 "Verify data: Yes\n"
	                                 "Vrf Name: \n"
	                                 "Schedule:\n");
	assert_begins(https_json,
	              FIRST("http") "Target address/Source address: 192.0.2.80/0.0.0.0\n"
	                            "Target port/Source port: 443/0\n"
	                            "HTTP Operation: get\n"
	                            "HTTP Server Version: 1.1\n"
	                            "URL: https://www.example.com/a\n"
	                            "Proxy: \n"
	                            "Raw String(s):\n"
	                            "Cache Control: disable\n"
	                            "Type Of Service parameter: 0x0\n"
	                            "Vrf Name: \n"
	                            "Schedule:\n");
	assert_begins(name_json,
	              FIRST("dns") "Target address/Source address: www.example.com/0.0.0.0\n"
	                           "Target port/Source port: 53/0\n"
	                           "Name Server: 192.0.2.53\n"
	                           "Vrf Name: \n"
	                           "Schedule:\n");
	assert_begins(file_json, FIRST("ftp") "Source address: 0.0.0.0\n"
	                                      "FTP URL: ftp://192.0.2.1/a\n");
	assert_begins(lease_json, FIRST("dhcp") "Target address/Source address: 192.0.2.1/0.0.0.0\n"
	                                        "Dhcp option: 82\n"
	                                        "Circuit-id: 00112233\n");
}

static void test_what_is_kept(void **state)
{
	char *text = rendered(path_json, render_configuration);

	(void)state;
	assert_non_null(strstr(text, "Distribution Statistics:\n"
	                             "   Number of statistic hours kept: 2\n"
	                             "   Number of statistic paths kept: 5\n"
	                             "   Number of statistic hops kept: 16\n"
	                             "   Number of statistic distribution buckets kept: 1\n"
	                             "   Statistic distribution interval (milliseconds): 20\n"
	                             "Enhanced History:\n"
	                             "History Statistics:\n"
	                             "   Number of history Lives kept: 1\n"
	                             "   Number of history Buckets kept: 15\n"
	                             "   Number of history Samples kept: 16\n"
	                             "   History Filter Type: All\n"));
	free(text);
}

/* --- what programs look for ------------------------------------------------------------------ */

/* Each pattern takes a whole line of the view; its group is the value. */
static void assert_fields(const char *json, void (*render)(const struct doc *d, FILE *to),
                          const char *const (*fields)[2], size_t count)
{
	char *text = rendered(json, render);

	for (size_t i = 0; i < count; i++) {
		regmatch_t at[2];
		regex_t pattern;

		assert_int_equal(regcomp(&pattern, fields[i][0], REG_EXTENDED | REG_NEWLINE), 0);
		if (regexec(&pattern, text, 2, at, 0) != 0)
			fail_msg("no line like '%s' in:\n%s", fields[i][0], text);
		size_t len = (size_t)(at[1].rm_eo - at[1].rm_so);

		assert_int_equal(len, strlen(fields[i][1]));
		assert_memory_equal(text + at[1].rm_so, fields[i][1], len);
		regfree(&pattern);
	}
	free(text);
}

static void test_fields_of_statistics(void **state)
{
	static const char *const common[][2] = {
		{ "^ *IPSLA operation id: +([0-9]+)$", "5" },
		{ "^[ \t]*Latest RTT: +([0-9]+) milliseconds$", "39" },
		{ "^Latest operation start time: +(.*)$", "09:12:48 UTC Fri Nov 21 2025" },
		{ "^Latest operation return code: +(.*)$", "OK" },
		{ "^Number of successes: +([0-9]+)$", "7" },
		{ "^Number of failures: +([0-9]+)$", "1" },
		{ "^Operation time to live: +(Forever|[0-9]+ sec)$", "Forever" },
	};
	static const char *const jitter[][2] = {
		{ "^Type of operation: +(icmp-jitter|udp-jitter)$", "icmp-jitter" },
		{ "^[ \t]*Number Of RTT: +([0-9]+)[ \t]+RTT Min/Avg/Max: .*$", "9" },
		{ "RTT Min/Avg/Max: +([0-9]+/[0-9]+/[0-9]+) (milliseconds)?$", "1/4/16" },
		{ "^[ \t]*Number of Latency one-way Samples: +([0-9]+)$", "8" },
		{ "^[ \t]*Source to Destination Latency one way Min/Avg/Max: +([0-9/]+) .*$",
		  "0/4/15" },
		{ "^[ \t]*Number of SD Jitter Samples: +([0-9]+)$", "9" },
		{ "^[ \t]*Number Of RTT Over Threshold: +([0-9]+) \\([0-9]+%\\)$", "0" },
		{ "^[ \t]*Packet Skipped: +([0-9]+)[ \t]+Packet Unprocessed: +[0-9]+$", "3" },
		{ "^[ \t]*Loss Period Length Min/Max: +([0-9]+/[0-9]+)$", "1/2" },
	};
	static const char *const details[][2] = {
		{ "^Over thresholds occurred: +(TRUE|FALSE)$", "FALSE" },
		{ "^Operational state of entry: +(Active|Inactive|Pending)$", "Active" },
		{ "^Last time this entry was reset: +(.*)$", "Never" },
	};

	(void)state;
	assert_fields(http_json, render_plainly, common, ARRAY_LEN(common));
	assert_fields(dns_json, render_plainly, common, ARRAY_LEN(common));
	assert_fields(icmp_jitter_json, render_plainly, common, ARRAY_LEN(common));
	assert_fields(icmp_jitter_json, render_plainly, jitter, ARRAY_LEN(jitter));
	assert_fields(http_json, render_details, details, ARRAY_LEN(details));
}

static void test_fields_of_configuration(void **state)
{
	static const char *const fields[][2] = {
		{ "^Entry number: +([0-9]+)$", "5" },
		{ "^Owner: *(.*)$", "o" },
		{ "^Tag: *(.*)$", "t" },
		{ "^Operation timeout \\(milliseconds\\): +([0-9]+)$", "5000" },
		{ "^Type of operation to perform: +(.*)$", "path-echo" },
		{ "^Target address/Source address: +([^/]+)/.*$", "192.0.2.9" },
		{ "^Type Of Service parameters?: +0x([0-9A-F]+)$", "0" },
		{ "^Request size \\(ARR data portion\\): +([0-9]+)$", "28" },
		{ "^Verify data: +(Yes|No)$", "Yes" },
		{ "^ *Operation frequency \\(seconds\\): +([0-9]+) +\\(not considered if randomly "
		  "scheduled\\)$",
		  "60" },
		{ "^ *Next Scheduled Start Time: +(.*)$", "Start Time already passed" },
		{ "^ *Group Scheduled : +(TRUE|FALSE)$", "FALSE" },
		{ "^ *Randomly Scheduled : +(TRUE|FALSE)$", "FALSE" },
		{ "^ *Life \\(seconds\\): +(.*)$", "3600" },
		{ "^ *Entry Ageout \\(seconds\\): +(.*)$", "never" },
		{ "^ *Recurring \\(Starting Everyday\\): +(TRUE|FALSE)$", "FALSE" },
		{ "^ *Status of entry \\(SNMP RowStatus\\): +(.*)$", "Active" },
		{ "^Threshold \\(milliseconds\\): +([0-9]+)$", "5000" },
		{ "^ *Number of statistic hours kept: +([0-9]+)$", "2" },
		{ "^ *Number of history Lives kept: +([0-9]+)$", "1" },
		{ "^ *History Filter Type: +(.*)$", "All" },
	};

	(void)state;
	assert_fields(path_json, render_configuration, fields, ARRAY_LEN(fields));
}

/* ID with its mark, type, destination, statistics, return code, last run: six fields apart by blanks. */
static void test_fields_of_summary(void **state)
{
	static const char json[] =
	        "{\"now_ns\": 1763716399123000000, \"items\": [{\"number\": 5, \"type\": "
	        "\"path-jitter\", \"target\": \"192.0.2.9\", \"state\": \"active\", \"precision\": "
	        "\"milliseconds\", \"sense\": \"ok\", \"rtt_ns\": 39400000, \"started_at_ns\": " AT
	        "}, {\"number\": 6, \"type\": \"http\", \"target\": "
	        "\"http://www.example.com/a/long/path\", \"state\": \"pending\", \"precision\": "
	        "\"milliseconds\", \"sense\": \"http_error\", \"rtt_ns\": null, "
	        "\"started_at_ns\": " AT "}, {\"number\": 7, \"type\": \"multicast-jitter\", "
	        "\"target\": \"239.1.1.9\", \"state\": \"active\", \"precision\": "
	        "\"milliseconds\", \"sense\": \"ok\", \"rtt_ns\": 39400000, \"started_at_ns\": " AT
	        "}]}";
	static const char *const fields[][2] = {
		{ "^[*^~]([0-9]+) +path-jitter +192\\.0\\.2\\.9 +RTT=39 +OK +31 secs ago$", "5" },
		{ "^[*^~]([0-9]+) {11}multicast-jitter 239\\.1\\.1\\.9    RTT=39 +OK +31 secs "
		  "ago$",
		  "7" },
		{ "^[*^~]([0-9]+) +http +http://www\\.example\\.com/a/long/path$", "6" },
	};

	(void)state;
	assert_fields(json, render_summary, fields, ARRAY_LEN(fields));
}

static void test_application_lists_types(void **state)
{
	(void)state;
	char *text = rendered(
	        "{\"operation_types\": [\"udp-jitter\", \"udp-echo\", \"tcp-connect\", "
	        "\"icmp-echo\", \"dns\", \"http\", \"ftp\", \"icmp-jitter\", \"path-echo\"]}",
	        render_application);

	assert_non_null(strstr(text, "Supported Operation Types:\n"
	                             "\tudpJitter, udpEcho, tcpConnect, icmpEcho, dns, http\n"
	                             "\tftp, icmpJitter, path-echo\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_single_transactions),
		cmocka_unit_test(test_icmp_jitter),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_multicast),
		cmocka_unit_test(test_configurations),
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_fields_of_statistics),
		cmocka_unit_test(test_fields_of_configuration),
		cmocka_unit_test(test_fields_of_summary),
		cmocka_unit_test(test_application_lists_types),
	};

	if (setenv("TZ", "UTC", 1) < 0)
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
