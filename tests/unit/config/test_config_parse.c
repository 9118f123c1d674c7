/* SPDX-License-Identifier: Apache-2.0 */
/* Good texts and their canonical form: one behaviour a row. */
#include "t_config.h"

#include <errno.h>

struct good_case {
	const char *name, *text, *canonical;
};

static const struct good_case cases[] = {
	{ "nothing", "", "" },
	{ "comments and blank lines", "!\n\n! ip sla 10\n   ! indented\n\r\n", "" },
	{ "one operation", "ip sla 10\n icmp-echo 192.0.2.1\n",
	  "ip sla 10\n icmp-echo 192.0.2.1\n" },
	{ "no newline at the end", "ip sla 10\nicmp-echo 192.0.2.1",
	  "ip sla 10\n icmp-echo 192.0.2.1\n" },
	{ "carriage returns", "ip sla 10\r\n icmp-echo 192.0.2.1\r\n",
	  "ip sla 10\n icmp-echo 192.0.2.1\n" },
	{ "case and tabs", "IP\tSLA 10\n\tIcmp-Echo 192.0.2.1\n\tTIMEOUT 900\n",
	  "ip sla 10\n icmp-echo 192.0.2.1\n timeout 900\n" },
	{ "defaults are hidden",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 num-packets 10 interval 20 control enable\n"
	  " frequency 60\n timeout 5000\n threshold 5000\n tos 0\n precision milliseconds\n",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000\n" },
	{ "operations by number", "ip sla 20\nicmp-echo a.example\nip sla 3\nicmp-echo b.example\n",
	  "ip sla 3\n icmp-echo b.example\nip sla 20\n icmp-echo a.example\n" },
	{ "options in any order",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 interval 30 source-port 4000 num-packets 50 "
	  "source-ip 192.0.2.9\n",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 source-ip 192.0.2.9 source-port 4000 "
	  "num-packets 50 interval 30\n" },
	{ "abbreviations of IOS",
	  "ip sl 1\n udp-j 192.0.2.1 5000 source-p 4000 num 50\n freq 30\n timeo 900\n th 800\n"
	  " prec mic\n ver\nip sla sch 1 li forever st now\nip sla resp\n",
	  "ip sla responder\nip sla 1\n udp-jitter 192.0.2.1 5000 source-port 4000 num-packets 50\n"
	  " frequency 30\n precision microseconds\n threshold 800\n timeout 900\n verify-data\n"
	  "ip sla schedule 1 life forever start-time now\n" },
	{ "codec with its own numbers", "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g729a\n",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g729a\n" },
	{ "codec with all options",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g711ulaw codec-numpackets 500 codec-size 180 "
	  "codec-interval 30 advantage-factor 5\n",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g711ulaw codec-numpackets 500 "
	  "codec-interval 30 codec-size 180 advantage-factor 5\n" },
	{ "codec with its defaults spelled out",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g711alaw codec-numpackets 1000 codec-size "
	  "172 "
	  "codec-interval 20 advantage-factor 0\n",
	  "ip sla 1\n udp-jitter 192.0.2.1 5000 codec g711alaw\n" },
	{ "control versions",
	  "ip sla 1\n udp-echo 192.0.2.1 7 control disable\nip sla 2\n udp-jitter 192.0.2.1 7 "
	  "control v2\n"
	  "ip sla 3\n udp-jitter 192.0.2.1 80\n control version auto\n control retry 2\n"
	  " control timeout 900\n control port 2967\n",
	  "ip sla 1\n udp-echo 192.0.2.1 7 control disable\nip sla 2\n"
	  " udp-jitter 192.0.2.1 7 control v2\nip sla 3\n udp-jitter 192.0.2.1 80 control auto\n"
	  " control port 2967\n control retry 2\n control timeout 900\n" },
	{ "text to the end of the line",
	  "ip sla 1\n icmp-echo 192.0.2.1\n tag  line 7,  Zürich \n owner A. N. Other\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n tag line 7,  Zürich\n owner A. N. Other\n" },
	{ "no and default",
	  "ip sla 1\n icmp-echo 192.0.2.1\n timeout 900\n no timeout\n tag x\n no tag\n"
	  " frequency 9\n default frequency\n verify-data\n no verify-data\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n" },
	{ "an operation that is deleted again",
	  "ip sla 1\nicmp-echo 192.0.2.1\nip sla schedule 1 start-time now\nno ip sla 1\n"
	  "ip sla 1\nudp-echo 192.0.2.2 7\n",
	  "ip sla 1\n udp-echo 192.0.2.2 7\n" },
	{ "entering again before the schedule",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla 2\n icmp-echo 192.0.2.2\nip sla 1\n timeout "
	  "800\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n timeout 800\nip sla 2\n icmp-echo 192.0.2.2\n" },
	{ "a schedule that is taken back",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 start-time now\nno ip sla schedule 1\n"
	  "ip sla 1\n timeout 800\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n timeout 800\n" },
	{ "exit and end", "ip sla 1\n icmp-echo 192.0.2.1\n exit\nexit\nend\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n" },
	{ "hexadecimal", "ip sla 1\n icmp-echo 192.0.2.1\n tos 0xB8\n data-pattern 0xdeadbeef\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n data-pattern DEADBEEF\n tos 184\n" },
	{ "IPv6 has a traffic class",
	  "ip sla 1\n icmp-echo 2001:DB8::1\n traffic-class 184\nip sla 2\n udp-echo 2001:db8::2 "
	  "7\n"
	  " tos 8\n",
	  "ip sla 1\n icmp-echo 2001:db8::1\n traffic-class 184\nip sla 2\n"
	  " udp-echo 2001:db8::2 7\n traffic-class 8\n" },
	{ "first generation",
	  "rtr 5\n type echo protocol ipIcmpEcho 192.0.2.1 source-ipaddr 192.0.2.2\n timeout 700\n"
	  " threshold 600\nrtr schedule 5 life forever start-time now\nrtr responder\n",
	  "ip sla responder\nip sla 5\n icmp-echo 192.0.2.1 source-ip 192.0.2.2\n threshold 600\n"
	  " timeout 700\nip sla schedule 5 life forever start-time now\n" },
	{ "second generation",
	  "ip sla monitor 5\n type jitter dest-ipaddr 192.0.2.1 dest-port 5000 num-packets 20 "
	  "interval 40\nip sla monitor schedule 5 start-time now\n"
	  "ip sla monitor 6\n type udpEcho dest-port 7 dest-ipaddr 192.0.2.1 control disable\n"
	  "ip sla monitor 7\n type tcpConnect dest-ipaddr host.example dest-port 80 source-port 9\n"
	  "ip sla monitor 8\n type jitter dest-ipaddr 192.0.2.1 dest-port 5000 codec g729a\n"
	  "ip sla monitor responder type udpEcho ipaddress 192.0.2.9 port 5001\n",
	  "ip sla responder udp-echo ipaddress 192.0.2.9 port 5001\n"
	  "ip sla 5\n udp-jitter 192.0.2.1 5000 num-packets 20 interval 40\n"
	  "ip sla schedule 5 start-time now\n"
	  "ip sla 6\n udp-echo 192.0.2.1 7 control disable\n"
	  "ip sla 7\n tcp-connect host.example 80 source-port 9\n"
	  "ip sla 8\n udp-jitter 192.0.2.1 5000 codec g729a\n" },
	{ "schedules",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla 2\n icmp-echo 192.0.2.1\nip sla 3\n"
	  " icmp-echo 192.0.2.1\nip sla 4\n icmp-echo 192.0.2.1\nip sla 5\n icmp-echo 192.0.2.1\n"
	  "ip sla 6\n icmp-echo 192.0.2.1\n"
	  "ip sla schedule 1\n"
	  "ip sla schedule 2 ageout 900 life 2147483647 start-time pending\n"
	  "ip sla schedule 3 start-time after 01:02:03 life 60\n"
	  "ip sla schedule 4 start-time 9:30 recurring life 3600\n"
	  "ip sla schedule 5 start-time 23:59:59 31 December\n"
	  "ip sla schedule 6 life 0 start-time random 500\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1\n"
	  "ip sla 2\n icmp-echo 192.0.2.1\nip sla schedule 2 life forever ageout 900\n"
	  "ip sla 3\n icmp-echo 192.0.2.1\nip sla schedule 3 life 60 start-time after 01:02:03\n"
	  "ip sla 4\n icmp-echo 192.0.2.1\nip sla schedule 4 start-time 09:30:00 recurring\n"
	  "ip sla 5\n icmp-echo 192.0.2.1\nip sla schedule 5 start-time 23:59:59 Dec 31\n"
	  "ip sla 6\n icmp-echo 192.0.2.1\nip sla schedule 6 life 0 start-time random 500\n" },
	{ "timeout equal to frequency, threshold equal to timeout",
	  "ip sla 1\n icmp-echo 192.0.2.1\n frequency 5\nip sla schedule 1 start-time now\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\n frequency 5\nip sla schedule 1 start-time now\n" },
	{ "responder and permanent ports",
	  "ip sla responder\nip sla responder udp-echo port 5000\n"
	  "ip sla responder tcp-connect port 80 ipaddress 192.0.2.1\n"
	  "ip sla responder udp-echo ipaddress 0.0.0.0 port 5000\n"
	  "ip sla responder udp-echo ipaddress 2001:db8::1 port 7\n"
	  "no ip sla responder udp-echo ipaddress 2001:db8::1 port 7\n",
	  "ip sla responder\nip sla responder udp-echo port 5000\n"
	  "ip sla responder tcp-connect ipaddress 192.0.2.1 port 80\n" },
	{ "responder settings",
	  "ip sla responder settings\n max-sessions 100\n port-range 2000 3000\n control-tcp "
	  "disable\n"
	  " exclude-ports 2049 2100-2200\n exclude-ports 2500\n nat-address 203.0.113.9\n",
	  "ip sla responder settings\n control-tcp disable\n port-range 2000 3000\n"
	  " exclude-ports 2049 2100-2200 2500\n nat-address 203.0.113.9\n max-sessions 100\n" },
	{ "responder settings, taken back",
	  "ip sla responder settings\n port-range 2000 3000\n exclude-ports 2049\n"
	  " nat-address 203.0.113.9\n max-sessions 100\n no port-range\n no exclude-ports\n"
	  " no nat-address\n default max-sessions\n",
	  "" },
	{ "access lists",
	  "access-list 10 remark ours\naccess-list 10 permit 192.0.2.77 0.0.0.255\n"
	  "access-list 10 deny host 198.51.100.1\naccess-list 10 permit 198.51.100.2\n"
	  "access-list 10 permit any\n"
	  "ip access-list standard PEERS\n 20 permit 203.0.113.0 0.0.0.127\n 10 deny any\n"
	  " permit 192.0.2.1\n no 10\n"
	  "ipv6 access-list PEERS6\n permit ipv6 2001:db8::/32 any\n deny ipv6 any any\n"
	  " sequence 5 permit ipv6 host 2001:db8::1 any\n"
	  "ip sla responder settings\n access-group PEERS\n access-group ipv6 PEERS6\n",
	  "access-list 10 permit 192.0.2.0 0.0.0.255\naccess-list 10 deny host 198.51.100.1\n"
	  "access-list 10 permit host 198.51.100.2\naccess-list 10 permit any\n"
	  "ip access-list standard PEERS\n permit 203.0.113.0 0.0.0.127\n permit host 192.0.2.1\n"
	  "ipv6 access-list PEERS6\n permit ipv6 host 2001:db8::1 any\n"
	  " permit ipv6 2001:db8::/32 any\n deny ipv6 any any\n"
	  "ip sla responder settings\n access-group PEERS\n access-group ipv6 PEERS6\n" },
	{ "key chains",
	  "key chain ONE\n key 1\n  key-string 0 secret words 7\n"
	  "  accept-lifetime 00:00:00 Jan 1 2027 infinite\n"
	  "  send-lifetime local 00:00:00 1 Jan 2027 06:00:00 Feb 1 2027\n"
	  " key 2\n  key-string 7\n  send-lifetime 00:00:00 Jan 31 2027 duration 86400\n"
	  "  cryptographic-algorithm sha-256\n"
	  "ip sla key-chain ONE\nip sla 1\n udp-jitter 192.0.2.1 7 control v2\n key-chain ONE\n",
	  "key chain ONE\n key 1\n  key-string secret words 7\n"
	  "  accept-lifetime 00:00:00 Jan 1 2027 infinite\n"
	  "  send-lifetime 00:00:00 Jan 1 2027 06:00:00 Feb 1 2027\n"
	  " key 2\n  key-string 0 7\n  send-lifetime 00:00:00 Jan 31 2027 00:00:00 Feb 1 2027\n"
	  "  cryptographic-algorithm sha-256\n"
	  "ip sla key-chain ONE\nip sla 1\n udp-jitter 192.0.2.1 7 control v2\n key-chain ONE\n" },
	{ "an end in the hour that comes twice stays exact",
	  "key chain A\n key 1\n  key-string x\n"
	  "  send-lifetime 00:00:00 Oct 31 2027 duration 12600\n",
	  "key chain A\n key 1\n  key-string x\n"
	  "  send-lifetime 00:00:00 Oct 31 2027 duration 12600\n" },
	{ "the node",
	  "hostname node-1\nclock source chrony\nclock trust operator error 500\n"
	  "clock grade-limit 2000\n",
	  "hostname node-1\nclock source chrony\nclock trust operator error 500\n"
	  "clock grade-limit 2000\n" },
	{ "the node, taken back",
	  "hostname a\nno hostname\nclock source ptp\nno clock source\nclock trust operator error "
	  "5\n"
	  "no clock trust operator\nclock grade-limit 5\ndefault clock grade-limit\n",
	  "" },
};

static void test_case(void **state)
{
	const struct good_case *c = *state;
	struct config *config = t_good(c->text);
	char *text = t_print(config, false, true);

	assert_string_equal(text, c->canonical);
	t_assert_fixed_point(config);
	free(text);
	config_free(config);
}

/* Values, not only their text. */
static void test_values(void **state)
{
	struct config *c =
	        t_good("ip sla 7\n udp-jitter 192.0.2.1 16384 codec g729a control v2\n"
	               "  tos 184\n tag voice\nip sla schedule 7 life forever start-time now\n"
	               "ip sla 9\n icmp-echo host.example\n");
	const struct op_conf *op = config_find_op(c, 7);

	(void)state;
	assert_non_null(op);
	assert_int_equal(op->params.type, SLA_UDP_JITTER);
	assert_int_equal(op->params.target.family, INET_V4);
	assert_int_equal(op->params.target_port, 16384);
	assert_int_equal(op->params.codec, SLA_CODEC_G729A);
	assert_int_equal(op->params.control, SLA_CONTROL_V2);
	assert_int_equal(op->params.num_packets, 1000);
	assert_int_equal(op->params.interval_ms, 20);
	assert_int_equal(op->params.request_size, 32);
	assert_int_equal(op->params.frequency_s, 60);
	assert_int_equal(op->params.tos, 184);
	assert_string_equal(op->tag, "voice");
	assert_string_equal(op->owner, "");
	assert_string_equal(op->target, "192.0.2.1");
	assert_int_equal(op->line, 1);
	assert_true(op->schedule.scheduled);
	assert_int_equal(op->schedule.life_s, SLA_LIFE_FOREVER);
	assert_int_equal(op->schedule.start, SLA_START_NOW);
	op = config_find_op(c, 9);
	assert_non_null(op);
	assert_int_equal(op->params.target.family, INET_NONE);
	assert_string_equal(op->target, "host.example");
	assert_false(op->schedule.scheduled);
	assert_null(config_find_op(c, 8));
	config_free(c);
}

static void test_responder_is_resolved(void **state)
{
	struct config *c = t_good("access-list 5 permit 192.0.2.0 0.0.0.255\n"
	                          "ipv6 access-list SIX\n permit ipv6 any any\n"
	                          "key chain K\n key 3\n  key-string abc\n"
	                          "ip sla key-chain K\nip sla responder\n"
	                          "ip sla responder settings\n access-group 5\n"
	                          " access-group ipv6 SIX\n require-authentication disable\n");
	const struct responder_cfg *r = &c->responder;

	(void)state;
	assert_true(r->enabled);
	assert_false(r->require_auth);
	assert_true(r->has_access_list);
	assert_int_equal(r->rule_count, 2);
	assert_int_equal(r->rules[0].prefix.length, 24);
	assert_int_equal(r->rules[0].prefix.addr.family, INET_V4);
	assert_int_equal(r->rules[1].prefix.length, 0);
	assert_int_equal(r->rules[1].prefix.addr.family, INET_V6);
	assert_true(r->has_keychain);
	assert_int_equal(r->keychain.count, 1);
	assert_int_equal(r->keychain.keys[0].id, 3);
	assert_int_equal(r->keychain.keys[0].algorithm, KEY_ALGORITHM_HMAC_SHA256);
	assert_int_equal(r->keychain.keys[0].secret_len, 3);
	assert_memory_equal(r->keychain.keys[0].secret, "abc", 3);
	assert_int_equal(r->max_sessions, 4096);
	config_free(c);
}

static void test_lifetimes_are_local(void **state)
{
	struct config *c = t_good("key chain K\n key 1\n  key-string a\n"
	                          "  accept-lifetime 12:00:00 Jul 1 2027 duration 60\n");
	const struct key_lifetime *l = &c->keychains[0].keys[0].accept;

	(void)state;
	/* 10:00 UTC: the tests run in Zurich's summer time. */
	assert_true(l->limited);
	assert_i64_equal(l->from.ns, INT64_C(1814436000) * NS_PER_S);
	assert_i64_equal(l->to.ns, INT64_C(1814436060) * NS_PER_S);
	assert_false(c->keychains[0].keys[0].send.limited);
	config_free(c);
}

/* The last year with the longest duration: an end that is later than the start. */
static void test_longest_lifetime(void **state)
{
	struct config *c = t_good("key chain K\n key 1\n  key-string a\n  send-lifetime 23:59:59 "
	                          "Dec 31 2190 duration 2147483647\n");
	const struct key_lifetime *l = &c->keychains[0].keys[0].send;

	(void)state;
	assert_i64_equal(wall_diff_ns(l->to, l->from), INT64_C(2147483647) * NS_PER_S);
	assert_true(l->to.ns > l->from.ns);
	config_free(c);
}

static void test_secrets_are_hidden(void **state)
{
	static const char text[] = "key chain K\n key 1\n  key-string very-secret\n";
	struct config *c = t_good(text), *again = NULL;
	char *hidden = t_print(c, false, false);
	struct config_errors errors;

	(void)state;
	assert_string_equal(hidden, "key chain K\n key 1\n  key-string <hidden>\n");
	assert_int_equal(config_parse(hidden, strlen(hidden), &again, &errors), -EINVAL);
	assert_int_equal(errors.count, 1);
	assert_int_equal(errors.errors[0].line, 3);
	assert_null(again);
	config_errors_fini(&errors);
	free(hidden);
	config_free(c);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(cases) + 5];
	size_t count = 0;

	for (; count < ARRAY_LEN(cases); count++)
		tests[count] = (struct CMUnitTest) { cases[count].name, test_case, NULL, NULL,
			                             (void *)(uintptr_t)&cases[count] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_values);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_responder_is_resolved);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_lifetimes_are_local);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_longest_lifetime);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_secrets_are_hidden);
	return _cmocka_run_group_tests("config parse", tests, count, NULL, NULL);
}
