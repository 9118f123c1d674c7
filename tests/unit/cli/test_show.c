/* SPDX-License-Identifier: Apache-2.0 */
/* Every `show` view from a fixed document, octet by octet: tabs, blank lines, column widths. */
#include "t.h"

#include "cli/show.h"
#include "object/doc.h"

#include <time.h>

/* 09:12:48.123 UTC Fri Nov 21 2025 */
#define AT "1763716368123000000"

static const struct doc *parse(struct arena *a, const char *json)
{
	struct doc *d;
	struct diag why;

	if (doc_parse_json(a, json, strlen(json), &d, &why) < 0)
		fail_msg("%s", why.text);
	return d;
}

static FILE *open_text(char **text, size_t *len)
{
	FILE *f = open_memstream(text, len);

	assert_non_null(f);
	return f;
}

static void assert_text(FILE *f, char **text, const char *want)
{
	assert_int_equal(fclose(f), 0);
	assert_string_equal(*text, want);
	for (const char *line = *text; line && *line;) {
		const char *end = strchr(line, '\n');
		size_t len = end ? (size_t)(end - line) : strlen(line);

		assert_true(len <= 80);
		line = end ? end + 1 : NULL;
	}
	free(*text);
	*text = NULL;
}

/* --- summary --------------------------------------------------------------------------------- */

static const char summary_json[] =
        "{\"now_ns\": 1763716399123000000, \"items\": ["
        "{\"number\": 10, \"type\": \"icmp-echo\", \"target\": \"198.51.100.7\", \"state\": "
        "\"active\", \"precision\": \"milliseconds\", \"sense\": \"ok\", \"rtt_ns\": 12900000, "
        "\"started_at_ns\": 1763716395123000000},"
        "{\"number\": 11, \"type\": \"udp-jitter\", \"target\": \"198.51.100.9\", \"state\": "
        "\"active\", \"precision\": \"microseconds\", \"sense\": \"ok\", \"rtt_ns\": 350999, "
        "\"started_at_ns\": " AT "},"
        "{\"number\": 12, \"type\": \"tcp-connect\", \"target\": \"192.0.2.53\", \"state\": "
        "\"inactive\", \"precision\": \"milliseconds\", \"sense\": \"timeout\", \"rtt_ns\": null, "
        "\"started_at_ns\": 1763716392123000000},"
        "{\"number\": 13, \"type\": \"udp-echo\", \"target\": \"203.0.113.4\", \"state\": "
        "\"pending\", \"precision\": \"milliseconds\", \"sense\": \"unknown\", \"rtt_ns\": null, "
        "\"started_at_ns\": null},"
        "{\"number\": 2147483647, \"type\": \"udp-jitter\", \"target\": "
        "\"2001:db8:1111:2222:3333:4444:5555:6666\", \"state\": \"active\", \"precision\": "
        "\"milliseconds\", \"sense\": \"over_threshold\", \"rtt_ns\": 40000, "
        "\"started_at_ns\": 1763712768123000000}]}";

static void test_summary(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_summary(parse(&a, summary_json), f);
	assert_text(
	        f, &text,
	        "IPSLAs Latest Operation Summary\n"
	        "Codes: * active, ^ inactive, ~ pending\n"
	        "All Stats are in milliseconds. Stats with u are in microseconds\n"
	        "\n"
	        "ID           Type        Destination       Stats       ReturnCode  LastRun\n"
	        "-----------------------------------------------------------------------\n"
	        "*10          icmp-echo   198.51.100.7      RTT=12      OK          4 seconds ago\n"
	        "*11          udp-jitter  198.51.100.9      RTT=350u    OK          31 secs ago\n"
	        "^12          tcp-connect 192.0.2.53        -           Timeout     7 seconds ago\n"
	        "~13          udp-echo    203.0.113.4       -           Unknown     never\n"
	        "*2147483647  udp-jitter  2001:db8:1111:2222:3333:4444:5555:6666\n"
	        "                                           RTT=1       OverThresh  1 hour ago\n");
	arena_free(&a);
}

/* --- statistics ------------------------------------------------------------------------------ */

#define INSTRUMENT                                                                       \
	"\"instrument\": {\"tx_stamps\": \"kernel\", \"rx_stamps\": \"kernel\", "        \
	"\"turnaround\": \"included\", \"rtt_err_ns\": 1500, \"send_lateness_max_ns\": " \
	"52000, \"send_lateness_sum_ns\": 52000, \"timer_misses\": 0, "                  \
	"\"rx_queue_drops\": 0, \"clock_step_samples\": 0, \"implausible_samples\": 0}"

#define CLOCK_GOOD                                                                         \
	"\"clock\": {\"synchronised\": true, \"source\": \"chrony\", \"err_ns\": 250000, " \
	"\"stepped\": false}"
#define CLOCK_BAD                                                                       \
	"\"clock\": {\"synchronised\": false, \"source\": \"none\", \"err_ns\": null, " \
	"\"stepped\": false}"

static const char icmp_json[] =
        "{\"number\": 10, \"type\": \"icmp-echo\", \"scheduled\": true, \"state\": \"active\", "
        "\"precision\": \"milliseconds\", \"life_forever\": true, \"life_left_s\": null, "
        "\"successes\": 118, \"failures\": 2, \"over_threshold_occurred\": false, "
        "\"missed_busy\": 3, \"missed_late\": 1, \"last_reset_at_ns\": null, "
        "\"rtt_distribution\": {\"n\": 118, \"min_ns\": 1, \"p50_ns\": 12000000, \"p95_ns\": "
        "13500000, \"p99_ns\": 20250000, \"max_ns\": 2, \"unfitted\": 0}, "
        "\"latest\": {\"return_code\": 1, \"sense\": \"ok\", \"started_at_ns\": " AT
        ", \"rtt_ns\": 12345678, \"precision\": \"milliseconds\", \"detail\": \"\", "
        "\"control\": \"disable\", \"control_rtt_ns\": null, \"jitter\": null, " CLOCK_GOOD
        ", " INSTRUMENT "}}";

static void test_statistics_of_a_single_packet(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_statistics_head(f);
	render_statistics(parse(&a, icmp_json), false, f);
	assert_text(f, &text,
	            "IPSLAs Latest Operation Statistics\n"
	            "\n"
	            "IPSLA operation id: 10\n"
	            "\tLatest RTT: 12 milliseconds\n"
	            "Latest operation start time: 09:12:48 UTC Fri Nov 21 2025\n"
	            "Latest operation return code: OK\n"
	            "Number of successes: 118\n"
	            "Number of failures: 2\n"
	            "Operation time to live: Forever\n"
	            "\n\n\n");
	f = open_text(&text, &len);
	render_statistics(parse(&a, icmp_json), true, f);
	assert_text(f, &text,
	            "IPSLA operation id: 10\n"
	            "\tLatest RTT: 12 milliseconds\n"
	            "Latest operation start time: 09:12:48 UTC Fri Nov 21 2025\n"
	            "Latest operation return code: OK\n"
	            "Over thresholds occurred: FALSE\n"
	            "Number of successes: 118\n"
	            "Number of failures: 2\n"
	            "Operation time to live: Forever\n"
	            "Operational state of entry: Active\n"
	            "Last time this entry was reset: Never\n"
	            "Measurement quality:\n"
	            "\tMissed runs: 4 (previous run still on: 3, node held up: 1)\n"
	            "\tRTT of 118 packets p50/p95/p99: 12.000 ms / 13.500 ms / 20.250 ms\n"
	            "\tRTT in full: 12.345 ms\n"
	            "\tTime stamps: sent kernel, received kernel\n"
	            "\tRTT: turnaround included, error within 1.500 us\n"
	            "\tSent late by at most 52.000 us\n"
	            "\tLocal clock: synchronised (chrony), within 250.000 us of UTC\n"
	            "\n\n\n");
	arena_free(&a);
}

static void test_statistics_of_a_failure(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_statistics(
	        parse(&a, "{\"number\": 7, \"type\": \"tcp-connect\", \"scheduled\": true, "
	                  "\"state\": \"active\", \"life_forever\": false, \"life_left_s\": 2965, "
	                  "\"successes\": 0, \"failures\": 4, \"latest\": {\"return_code\": 16, "
	                  "\"started_at_ns\": " AT ", \"rtt_ns\": null, \"precision\": "
	                  "\"milliseconds\", \"jitter\": null, \"detail\": "
	                  "\"connection refused by 192.0.2.53 port 80\", " CLOCK_BAD "}}"),
	        false, f);
	assert_text(f, &text,
	            "IPSLA operation id: 7\n"
	            "\tLatest RTT: NoConnection/Busy/Timeout\n"
	            "Latest operation start time: *09:12:48 UTC Fri Nov 21 2025\n"
	            "Latest operation return code: Socket connect error\n"
	            "Number of successes: 0\n"
	            "Number of failures: 4\n"
	            "Operation time to live: 2965 sec\n"
	            "Latest operation detail: connection refused by 192.0.2.53 port 80\n"
	            "\n\n\n");
	f = open_text(&text, &len);
	render_statistics(parse(&a,
	                        "{\"number\": 8, \"type\": \"udp-jitter\", \"scheduled\": false, "
	                        "\"latest\": null}"),
	                  false, f);
	assert_text(f, &text,
	            "IPSLA operation id: 8\n"
	            "Number of successes: Unknown\n"
	            "Number of failures: Unknown\n"
	            "Operation time to live: 0\n"
	            "\n\n\n");
	arena_free(&a);
}

#define SUMS(n, sum, sum2, min, avg, max)                                                      \
	"{\"n\": " #n ", \"sum_ns\": " #sum ", \"sum2_ns2\": \"" #sum2 "\", \"min_ns\": " #min \
	", \"avg_ns\": " #avg ", \"max_ns\": " #max "}"

static const char jitter_json
        [] = "{\"number\": 11, \"type\": \"udp-jitter\", \"scheduled\": true, \"state\": "
             "\"active\", "
             "\"life_forever\": true, \"successes\": 1, \"failures\": 2, "
             "\"over_threshold_occurred\": true, \"missed_busy\": 0, \"missed_late\": 0, "
             "\"last_reset_at_ns\": " AT ", \"rtt_distribution\": null, "
             "\"latest\": {\"return_code\": 3, \"started_at_ns\": " AT
             ", \"rtt_ns\": 4500000, \"precision\": \"milliseconds\", \"detail\": \"\", "
             "\"control\": \"v1\", \"control_rtt_ns\": 2000000, " CLOCK_GOOD ", " INSTRUMENT
             ", \"jitter\": {\"rtt\": " SUMS(
                     10, 45000000, 250000000000000, 900000, 4500000,
                     16000000) ", \"packets\": {\"sent\": 14, \"received\": 10, \"lost_sd\": 2, "
                               "\"lost_ds\": 1, "
                               "\"missing\": 1, \"late\": 3, \"out_of_sequence\": 4, "
                               "\"duplicates\": 5, "
                               "\"corrupted\": 6, \"skipped\": 7, \"over_threshold\": 1, "
                               "\"loss_periods_sd\": {\"count\": 1, \"length_min\": 2, "
                               "\"length_max\": 2, "
                               "\"between_min\": 0, \"between_max\": 0}, \"loss_periods_ds\": "
                               "{\"count\": 1, "
                               "\"length_min\": 1, \"length_max\": 1, \"between_min\": 8, "
                               "\"between_max\": 9}}, "
                               "\"oneway\": {\"reason\": \"reported\", \"err_ns\": 400000, "
                               "\"sd\": " SUMS(8, 32000000, 200000000000000, 0, 4000000, 15000000) ", \"ds\": " SUMS(
                                       8, 4000000, 10000000000000, 0, 500000,
                                       3000000) "}, "
                                                "\"jitter_sd\": {\"samples\": 9, \"min_ns\": 0, "
                                                "\"avg_ns\": 4200000, \"max_ns\": 14000000, "
                                                "\"interarrival_ns\": 2100000, "
                                                "\"positive\": " SUMS(5, 20000000, 300000000000000, 1000000, 4000000, 14000000) ", \"negative\": " SUMS(
                                                        3, 13000000, 70000000000000, 2000000,
                                                        4333333,
                                                        6000000) "}, "
                                                                 "\"jitter_ds\": {\"samples\": "
                                                                 "9, \"min_ns\": 0, \"avg_ns\": "
                                                                 "2000000, \"max_ns\": 3000000, "
                                                                 "\"interarrival_ns\": 0, "
                                                                 "\"positive\": " SUMS(
                                                                         2, 4000000, 8000000000000,
                                                                         1000000, 2000000,
                                                                         3000000) ", "
                                                                                  "\"negative\":"
                                                                                  " " SUMS(
                                                                                          0, 0, 0,
                                                                                          null,
                                                                                          null,
                                                                                          null) "},"
                                                                                                " "
                                                                                                "\""
                                                                                                "vo"
                                                                                                "ic"
                                                                                                "e"
                                                                                                "\""
                                                                                                ": "
                                                                                                "{"
                                                                                                "\""
                                                                                                "co"
                                                                                                "de"
                                                                                                "c"
                                                                                                "\""
                                                                                                ": "
                                                                                                "\""
                                                                                                "g7"
                                                                                                "11"
                                                                                                "al"
                                                                                                "aw"
                                                                                                "\""
                                                                                                ", "
                                                                                                "\""
                                                                                                "ic"
                                                                                                "pi"
                                                                                                "f"
                                                                                                "\""
                                                                                                ": "
                                                                                                "1,"
                                                                                                " "
                                                                                                "\""
                                                                                                "mo"
                                                                                                "s"
                                                                                                "\""
                                                                                                ": "
                                                                                                "4."
                                                                                                "34"
                                                                                                "}}"
                                                                                                "}"
                                                                                                "}";

static const char jitter_text[] =
        "IPSLA operation id: 11\n"
        "Type of operation: udp-jitter\n"
        "\tLatest RTT: 4 milliseconds\n"
        "Latest operation start time: 09:12:48 UTC Fri Nov 21 2025\n"
        "Latest operation return code: Over threshold\n"
        "RTT Values:\n"
        "\tNumber Of RTT: 10\t\tRTT Min/Avg/Max: 1/4/16 milliseconds\n"
        "Latency one-way time:\n"
        "\tNumber of Latency one-way Samples: 8\n"
        "\tSource to Destination Latency one way Min/Avg/Max: 0/4/15 "
        "milliseconds\n"
        "\tDestination to Source Latency one way Min/Avg/Max: 0/0/3 "
        "milliseconds\n"
        "Jitter Time:\n"
        "\tNumber of SD Jitter Samples: 9\n"
        "\tNumber of DS Jitter Samples: 9\n"
        "\tSource to Destination Jitter Min/Avg/Max: 0/4/14 milliseconds\n"
        "\tDestination to Source Jitter Min/Avg/Max: 0/2/3 milliseconds\n"
        "Over Threshold:\n"
        "\tNumber Of RTT Over Threshold: 1 (10%)\n"
        "Packet Loss Values:\n"
        "\tLoss Source to Destination: 2\n"
        "\tSource to Destination Loss Periods Number: 1\n"
        "\tSource to Destination Loss Period Length Min/Max: 2/2\n"
        "\tSource to Destination Inter Loss Period Length Min/Max: 0/0\n"
        "\tLoss Destination to Source: 1\n"
        "\tDestination to Source Loss Periods Number: 1\n"
        "\tDestination to Source Loss Period Length Min/Max: 1/1\n"
        "\tDestination to Source Inter Loss Period Length Min/Max: 8/9\n"
        "\tOut Of Sequence: 4\tTail Drop: 1\n"
        "\tPacket Late Arrival: 3\tPacket Skipped: 7\n"
        "Voice Score Values:\n"
        "\tCalculated Planning Impairment Factor (ICPIF): 1\n"
        "\tMean Opinion Score (MOS): 4.34\n"
        "Number of successes: 1\n"
        "Number of failures: 2\n"
        "Operation time to live: Forever\n"
        "\n\n\n";

static void test_statistics_of_udp_jitter(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_statistics(parse(&a, jitter_json), false, f);
	assert_text(f, &text, jitter_text);
	arena_free(&a);
}

/* The lines that details adds, in their places. */
static void test_details_of_udp_jitter(void **state)
{
	static const char *const added[] = {
		"Destination to Source Latency one way Min/Avg/Max: 0/0/3 milliseconds\n"
		"\tSource to Destination Latency one way Sum/Sum2: 32/200\n"
		"\tDestination to Source Latency one way Sum/Sum2: 4/10\n"
		"Jitter Time:\n",
		"\tDestination to Source Jitter Min/Avg/Max: 0/2/3 milliseconds\n"
		"\tSource to destination positive jitter Min/Avg/Max: 1/4/14 milliseconds\n"
		"\tSource to destination positive jitter Number/Sum/Sum2: 5/20/300\n"
		"\tSource to destination negative jitter Min/Avg/Max: 2/4/6 milliseconds\n"
		"\tSource to destination negative jitter Number/Sum/Sum2: 3/13/70\n"
		"\tDestination to Source positive jitter Min/Avg/Max: 1/2/3 milliseconds\n"
		"\tDestination to Source positive jitter Number/Sum/Sum2: 2/4/8\n"
		"\tDestination to Source negative jitter Min/Avg/Max: 0/0/0 milliseconds\n"
		"\tDestination to Source negative jitter Number/Sum/Sum2: 0/0/0\n"
		"\tInterarrival jitterout: 2  Interarrival jitterin: 0\n"
		"Over Threshold:\n",
		"Over thresholds occurred: TRUE\n"
		"Number of successes: 1\n",
		"Operational state of entry: Active\n"
		"Last time this entry was reset: 09:12:48 UTC Fri Nov 21 2025\n"
		"Measurement quality:\n",
		"\tOne-way error within 400.000 us\n"
		"\tDuplicates: 5, corrupted: 6\n"
		"\tControl protocol v1, answered after 2.000 ms\n",
	};
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_statistics(parse(&a, jitter_json), true, f);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < ARRAY_LEN(added); i++) {
		if (!strstr(text, added[i]))
			fail_msg("missing:\n%s\nin:\n%s", added[i], text);
	}
	free(text);
	arena_free(&a);
}

static void test_why_there_are_no_oneway_values(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_statistics(
	        parse(&a,
	              "{\"number\": 1, \"type\": \"udp-jitter\", \"scheduled\": true, \"latest\": "
	              "{\"return_code\": 1, \"precision\": \"microseconds\", \"rtt_ns\": 350999, "
	              "\"jitter\": {\"oneway\": {\"reason\": \"local_clock_unsynchronised\", "
	              "\"sd\": null, \"ds\": null}}}}"),
	        false, f);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(text, "\tLatest RTT: 350 microseconds\n"));
	assert_non_null(strstr(text, "\tNumber of Latency one-way Samples: 0\n"));
	assert_non_null(strstr(text,
	                       "Operation time to live: 0 sec\n"
	                       "One-way latency withheld: the local clock is not synchronised\n"));
	free(text);
	arena_free(&a);
}

/* --- configuration --------------------------------------------------------------------------- */

static void test_configuration(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_configuration_head(f);
	render_configuration(
	        parse(&a,
	              "{\"number\": 10, \"type\": \"icmp-echo\", \"target\": \"198.51.100.7\", "
	              "\"tag\": \"wan-a\", \"owner\": \"netops\", \"next_start_at_ns\": null, "
	              "\"parameters\": {\"target_address\": \"198.51.100.7\", "
	              "\"source_address\": \"192.0.2.1\", \"timeout_ms\": 2000, \"tos\": 0, "
	              "\"request_size_bytes\": 28, \"data_pattern\": 2882382797, "
	              "\"verify_data\": false, \"frequency_s\": 10, \"threshold_ms\": 500}, "
	              "\"schedule\": {\"scheduled\": true, \"start\": \"now\", \"life_s\": null, "
	              "\"ageout_s\": 0, \"recurring\": false}}"),
	        f);
	assert_text(f, &text,
	            "IP SLAs Infrastructure Engine-III\n"
	            "Entry number: 10\n"
	            "Owner: netops\n"
	            "Tag: wan-a\n"
	            "Operation timeout (milliseconds): 2000\n"
	            "Type of operation to perform: icmp-echo\n"
	            "Target address/Source address: 198.51.100.7/192.0.2.1\n"
	            "Type Of Service parameter: 0x0\n"
	            "Request size (ARR data portion): 28\n"
	            "Data pattern: 0xABCDABCD\n"
	            "Verify data: No\n"
	            "Vrf Name: \n"
	            "Do not fragment: No\n"
	            "Schedule:\n"
	            "   Operation frequency (seconds): 10  (not considered if randomly scheduled)\n"
	            "   Next Scheduled Start Time: Start Time already passed\n"
	            "   Group Scheduled : FALSE\n"
	            "   Randomly Scheduled : FALSE\n"
	            "   Life (seconds): Forever\n"
	            "   Entry Ageout (seconds): never\n"
	            "   Recurring (Starting Everyday): FALSE\n"
	            "   Status of entry (SNMP RowStatus): Active\n"
	            "Threshold (milliseconds): 500\n"
	            "Distribution Statistics:\n"
	            "   Number of statistic hours kept: 2\n"
	            "   Number of statistic distribution buckets kept: 1\n"
	            "   Statistic distribution interval (milliseconds): 20\n"
	            "Enhanced History:\n"
	            "History Statistics:\n"
	            "   Number of history Lives kept: 0\n"
	            "   Number of history Buckets kept: 15\n"
	            "   History Filter Type: None\n"
	            "Additional Settings:\n"
	            "   Target address in use: 198.51.100.7\n"
	            "\n");
	arena_free(&a);
}

static void test_configuration_of_udp_jitter(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_configuration(
	        parse(&a,
	              "{\"number\": 11, \"type\": \"udp-jitter\", \"target\": \"far.example\", "
	              "\"tag\": \"\", \"owner\": \"\", \"parameters\": {\"target_address\": "
	              "\"2001:db8::9\", \"source_address\": null, \"target_port\": 16384, "
	              "\"source_port\": 0, \"timeout_ms\": 5000, \"tos\": 184, \"codec\": "
	              "\"g711alaw\", \"num_packets\": 1000, \"interval_ms\": 20, "
	              "\"request_size_bytes\": 172, \"advantage_factor\": 0, \"control\": "
	              "\"auto\", "
	              "\"auth_mode\": \"none\", \"control_retries\": 3, \"control_timeout_ms\": "
	              "5000, \"precision\": \"milliseconds\", \"peer_clock\": \"unknown\", "
	              "\"frequency_s\": 60, \"threshold_ms\": 5000}, "
	              "\"schedule\": {\"scheduled\": false, \"start\": \"pending\", \"life_s\": "
	              "3600, \"ageout_s\": 0, \"recurring\": false}}"),
	        f);
	assert_int_equal(fclose(f), 0);
	static const char *const want[] = {
		"Owner: \nTag: \n",
		"Target address/Source address: far.example/::\n"
		"Target port/Source port: 16384/0\n"
		"Traffic-Class parameter: 0xB8\n"
		"Codec Type: g711alaw\n"
		"Codec Number Of Packets: 1000\n"
		"Codec Packet Size: 172\n"
		"Codec Interval (milliseconds): 20\n"
		"Advantage Factor: 0\n"
		"Verify data: No\n"
		"Vrf Name: \n"
		"Control Packets: enabled\n"
		"Schedule:\n",
		"   Next Scheduled Start Time: Pending trigger\n",
		"   Life (seconds): 3600\n",
		"   Status of entry (SNMP RowStatus): notInService\n",
		"Additional Settings:\n"
		"   Precision: milliseconds\n"
		"   Clock of the responder: unknown\n"
		"   Control protocol: auto, authentication none\n"
		"   Control retries/timeout (milliseconds): 3/5000\n"
		"   Target address in use: 2001:db8::9\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		if (!strstr(text, want[i]))
			fail_msg("missing:\n%s\nin:\n%s", want[i], text);
	}
	free(text);
	arena_free(&a);
}

/* --- responder and application --------------------------------------------------------------- */

static void test_responder(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_responder(
	        parse(&a,
	              "{\"enabled\": true, \"sessions\": 1, \"sessions_max\": 4096, "
	              "\"ports_open\": 1, \"counters\": {\"control_requests\": 19, "
	              "\"probes_answered\": 100, \"control_by_status\": {\"success\": 17, "
	              "\"format_error\": 1, \"port_in_use\": 1}, \"drops\": "
	              "{\"probe_no_session\": 4}}, \"recent\": [{\"address\": \"192.0.2.1\", "
	              "\"at_ns\": " AT "}], \"recent_errors\": [], \"permanent\": [{\"kind\": "
	              "\"udp-echo\", \"address\": null, \"port\": 5000}, {\"kind\": "
	              "\"tcp-connect\", \"address\": \"198.51.100.7\", \"port\": 8080}], "
	              "\"settings\": {\"control_v1_port\": 1967, \"control_v2_port\": 1167}, "
	              "\"open_sessions\": [{\"source_address\": \"192.0.2.1\", \"source_port\": "
	              "50000, \"port\": 16384, \"version\": 1, \"probes\": 10, \"left_ns\": "
	              "4200000000}, {\"source_address\": "
	              "\"2001:db8:1111:2222:3333:4444:5555:6666\", \"source_port\": 0, \"port\": "
	              "2000, \"version\": 2, \"probes\": 0, \"left_ns\": 1}], " CLOCK_GOOD "}"),
	        f);
	assert_text(f, &text,
	            "General IP SLA Responder on Control port 1967\n"
	            "General IP SLA Responder on Control V2 port 1167\n"
	            "General IP SLA Responder is: Enabled\n"
	            "Number of control message received: 19 Number of errors: 2\n"
	            "Recent sources:\n"
	            "        192.0.2.1 [09:12:48.123 UTC Fri Nov 21 2025]\n"
	            "Recent error sources:\n"
	            "\n"
	            "Permanent Port IP SLA Responder\n"
	            "Permanent Port IP SLA Responder is: Enabled\n"
	            "udpEcho Responder:\n"
	            "  IP Address             Port\n"
	            "  0.0.0.0                5000\n"
	            "tcpConnect Responder:\n"
	            "  IP Address             Port\n"
	            "  198.51.100.7           8080\n"
	            "\n"
	            "Sessions: 1 of 4096, open ports: 1\n"
	            "  Port   For                                    Version Probes     Left\n"
	            "  16384  192.0.2.1 port 50000                   v1      10         4 s\n"
	            "  2000   2001:db8:1111:2222:3333:4444:5555:6666 port any\n"
	            "                                                v2      0          0 s\n"
	            "Counters:\n"
	            "  Control requests                         19\n"
	            "  Probes answered                          100\n"
	            "Answers to control messages:\n"
	            "  Success                                  17\n"
	            "  Format error                             1\n"
	            "  Port in use                              1\n"
	            "Dropped without a (good) answer:\n"
	            "  Probe no session                         4\n");
	f = open_text(&text, &len);
	render_responder(parse(&a, "{\"enabled\": false, \"permanent\": [], \"settings\": null}"),
	                 f);
	assert_text(f, &text,
	            "General IP SLA Responder on Control port 1967\n"
	            "General IP SLA Responder on Control V2 port 1167\n"
	            "General IP SLA Responder is: Disabled\n"
	            "\n"
	            "Permanent Port IP SLA Responder\n"
	            "Permanent Port IP SLA Responder is: Disabled\n"
	            "\n"
	            "Sessions: 0 of 0, open ports: 0\n"
	            "Counters:\n"
	            "Answers to control messages:\n"
	            "Dropped without a (good) answer:\n");
	arena_free(&a);
}

static void test_application(void **state)
{
	struct arena a = { 0 };
	char *text;
	size_t len;
	FILE *f = open_text(&text, &len);

	(void)state;
	render_application(
	        parse(&a,
	              "{\"operation_types\": [\"udp-jitter\", \"icmp-echo\"], \"version\": "
	              "\"1.2.3\", \"entries_max\": 2000, \"entries\": 4, \"entries_active\": 2, "
	              "\"entries_pending\": 1, \"entries_inactive\": 1, \"changed_at_ns\": " AT
	              ", " CLOCK_BAD "}"),
	        f);
	assert_text(f, &text,
	            "\tIP Service Level Agreements\n"
	            "Version: Round Trip Time MIB 2.2.0, Infrastructure Engine-III\n"
	            "\n"
	            "Supported Operation Types:\n"
	            "\tudpJitter, icmpEcho\n"
	            "\n"
	            "Supported Features:\n"
	            "\tIPSLAs Event Publisher\n"
	            "\n"
	            "IP SLAs low memory water mark: 0\n"
	            "Estimated system max number of entries: 2000\n"
	            "\n"
	            "Estimated number of configurable operations: 1996\n"
	            "Number of Entries configured  : 4\n"
	            "Number of active Entries      : 2\n"
	            "Number of pending Entries     : 1\n"
	            "Number of inactive Entries    : 1\n"
	            "Time of last change in whole IP SLAs: *09:12:48.123 UTC Fri Nov 21 2025\n"
	            "\n"
	            "Candor 1.2.3\n");
	arena_free(&a);
}

/* A node of another version, or a lying one: every view copes with documents that hold nothing. */
static void test_views_of_empty_documents(void **state)
{
	static const char *const odd[] = {
		"{}", "[]", "null", "{\"items\": 1, \"jitter\": []}",
		"{\"latest\": {\"jitter\": {}}, \"items\": [{}, 3, null]}"
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		const struct doc *d = parse(&a, odd[i]);
		char *text;
		size_t len;
		FILE *f = open_text(&text, &len);

		render_summary(d, f);
		render_statistics(d, true, f);
		render_configuration(d, f);
		render_responder(d, f);
		render_application(d, f);
		render_plain(d, f);
		assert_int_equal(fclose(f), 0);
		free(text);
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_statistics_of_a_single_packet),
		cmocka_unit_test(test_statistics_of_a_failure),
		cmocka_unit_test(test_statistics_of_udp_jitter),
		cmocka_unit_test(test_details_of_udp_jitter),
		cmocka_unit_test(test_why_there_are_no_oneway_values),
		cmocka_unit_test(test_configuration),
		cmocka_unit_test(test_configuration_of_udp_jitter),
		cmocka_unit_test(test_responder),
		cmocka_unit_test(test_application),
		cmocka_unit_test(test_views_of_empty_documents),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
