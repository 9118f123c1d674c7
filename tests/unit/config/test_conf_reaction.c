/* SPDX-License-Identifier: Apache-2.0 */
/* Reactions, messages, webhooks and hooks in the configuration: what is read, refused and printed. */
#include "t.h"

#include "config/config.h"

#define OPS                                                     \
	"ip sla 1\n icmp-echo 192.0.2.1\n"                      \
	"ip sla 2\n udp-jitter 192.0.2.2 5000 codec g711ulaw\n" \
	"ip sla 3\n udp-jitter 192.0.2.2 5000\nip sla 4\n tcp-connect 192.0.2.3 80\n"

/* The canonical text; fails the test when ``text`` is refused, or reads differently the second time. */
static char *print(const char *text)
{
	struct config_errors errors;
	struct config *c;
	char *out = NULL, *again = NULL;
	size_t len = 0;

	if (config_parse(text, strlen(text), &c, &errors) < 0) {
		config_errors_print(&errors, "text", stderr);
		fail();
	}
	FILE *to = open_memstream(&out, &len);

	assert_int_equal(config_print(c, to, false, true), 0);
	(void)fclose(to);
	config_free(c);
	assert_int_equal(config_parse(out, len, &c, &errors), 0);
	to = open_memstream(&again, &len);
	assert_int_equal(config_print(c, to, false, true), 0);
	(void)fclose(to);
	config_free(c);
	assert_string_equal(out, again);
	free(again);
	return out;
}

struct line {
	const char *typed, *printed; /* printed NULL: as it was typed */
};

static void test_lines(void **state)
{
	static const struct line lines[] = {
		{ "ip sla reaction-configuration 1", "ip sla reaction-configuration 1 react rtt" },
		{ "ip sla reaction-configuration 1 react timeout threshold-type immediate "
		  "action-type trapOnly",
		  NULL },
		{ "ip sla reaction-c 1 re rtt action trapAndTrigger threshold-value 300 200 "
		  "threshold-type "
		  "conse 3",
		  "ip sla reaction-configuration 1 react rtt threshold-type consecutive 3 "
		  "threshold-value 300 200 action-type trapAndTrigger" },
		{ "ip sla reaction-configuration 1 react rtt threshold-type xOfy 2 4",
		  "ip sla reaction-configuration 1 react rtt threshold-type xofy 2 4" },
		{ "ip sla reaction-configuration 1 react rtt threshold-type average",
		  "ip sla reaction-configuration 1 react rtt threshold-type average 5" },
		{ "ip sla reaction-configuration 1 react rtt threshold-type xofy action-type "
		  "triggerOnly",
		  "ip sla reaction-configuration 1 react rtt threshold-type xofy 5 5 action-type "
		  "triggerOnly" },
		{ "rtr reaction-configuration 2 react mos threshold-value 490 250 threshold-type "
		  "immediate",
		  "ip sla reaction-configuration 2 react mos threshold-type immediate "
		  "threshold-value 490 250" },
		{ "ip sla reaction-configuration 3 react packetLossSD threshold-value 0 0", NULL },
		{ "ip sla reaction-configuration 4 react connectionLoss", NULL },
		{ "ip sla reaction-trigger 1 2", NULL },
		{ "ip sla reaction-trigger 1 99", NULL },
		{ "ip sla logging traps", NULL },
		{ "ip sla enable reaction-alerts", NULL },
		{ "ip sla reaction-delivery strict", NULL },
		{ "ip sla reaction-mos inverted", NULL },
		{ "logging 192.0.2.9", "logging host 192.0.2.9" },
		{ "logging host log.example transport udp", "logging host log.example" },
		{ "logging host 2001:DB8::1 transport tls",
		  "logging host 2001:db8::1 transport tls" },
		{ "logging host 192.0.2.9 transport tcp port 1514", NULL },
		{ "logging host 192.0.2.9 transport tcp port 601",
		  "logging host 192.0.2.9 transport tcp" },
		{ "logging trap 4", "logging trap warnings" },
		{ "logging facility local0", NULL },
		{ "logging journal", NULL },
		{ "webhook W\n url https://h.example:8443/p?q\n key-chain K\n retries 0\n timeout "
		  "3\n"
		  " event ipsla all\n event ipsla operation-id 1 reaction-type timeout\n"
		  " event track 5 state down",
		  NULL },
		{ "hook H\n command do-it one two\n timeout 5\n event track all\n event ipsla "
		  "all reaction-type rtt",
		  NULL },
	};
	const char *chain = "key chain K\n key 1\n  key-string x\n";

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[1024];
		const char *want = lines[i].printed ? lines[i].printed : lines[i].typed;

		(void)snprintf(text, sizeof(text), "%s" OPS "%s\n", chain, lines[i].typed);
		char *got = print(text);

		(void)snprintf(text, sizeof(text), "%s\n", want);
		if (!strstr(got, text)) {
			print_error("typed:\n%s\nprinted:\n%s\n", lines[i].typed, got);
			fail();
		}
		free(got);
	}
}

/* What is left of reactions, triggers and messages behind ``text``, with these lines out of the way. */
static void expect_left(const char *text, const char *present, const char *absent)
{
	char whole[1024];

	(void)snprintf(whole, sizeof(whole), OPS "%s", text);
	char *got = print(whole);

	if ((present && !strstr(got, present)) || strstr(got, absent)) {
		print_error("from:\n%s\ngot:\n%s\n", text, got);
		fail();
	}
	free(got);
}

static void test_no_forms(void **state)
{
	(void)state;
	expect_left(
	        "ip sla reaction-configuration 1\nip sla reaction-configuration 1 react timeout\n"
	        "no ip sla reaction-configuration 1 react rtt threshold-type never\n",
	        "react timeout", "react rtt");
	expect_left("ip sla reaction-configuration 1\nno ip sla reaction-configuration 1\n", NULL,
	            "reaction-configuration");
	expect_left("ip sla reaction-configuration 1 react rtt threshold-type immediate\n"
	            "ip sla reaction-configuration 1 react rtt action-type trapOnly\n",
	            "react rtt action-type trapOnly", "immediate");
	expect_left("ip sla reaction-trigger 1 2\nip sla reaction-trigger 1 3\nno ip sla "
	            "reaction-trigger 1 2\n",
	            "reaction-trigger 1 3", "reaction-trigger 1 2");
	expect_left("ip sla reaction-trigger 1 2\nno ip sla reaction-trigger 1\n", NULL, "trigger");
	/* With the operation everything of it goes, and does not come back with the number. */
	expect_left("ip sla reaction-configuration 1\nip sla reaction-trigger 1 2\nno ip sla 1\n"
	            "ip sla 1\n icmp-echo 192.0.2.1\n",
	            "ip sla 1\n", "reaction");
	expect_left("logging 192.0.2.9\nlogging host 192.0.2.9 transport tcp\nno logging host "
	            "192.0.2.9\n",
	            NULL, "logging");
	expect_left("logging 192.0.2.9\nlogging host 192.0.2.9 transport tcp\nno logging host "
	            "192.0.2.9 transport tcp\n",
	            "logging host 192.0.2.9\n", "transport tcp");
	expect_left(
	        "ip sla logging traps\nno ip sla logging traps\nlogging journal\nno logging "
	        "journal\nlogging trap 3\nno logging trap\nlogging facility user\ndefault logging "
	        "facility\n",
	        NULL, "logging");
	expect_left("webhook W\n url https://h/\n event track 1\n event ipsla all\n no event track "
	            "1\nhook H\n command c\nno hook H\n",
	            "event ipsla all", "event track");
	expect_left("webhook W\nno webhook W\nhook H\nno hook H\n", NULL, "hook");
}

struct refusal {
	const char *text, *why;
};

static void test_refusals(void **state)
{
	static const struct refusal refusals[] = {
		{ "ip sla reaction-configuration 9\n",
		  "operation 9 is not defined above this line" },
		{ "ip sla reaction-configuration 1 react jitterAvg\n",
		  "Invalid react option for the Probe type configured" },
		{ "ip sla reaction-configuration 3 react mos\n",
		  "Invalid react option for the Probe type configured" },
		{ "ip sla reaction-configuration 1 react nothing\n", "expected connectionLoss" },
		{ "ip sla reaction-configuration 1 react timeout threshold-type average\n",
		  "timeout has no values" },
		{ "ip sla reaction-configuration 1 react timeout threshold-value 5 3\n",
		  "timeout has no thresholds" },
		{ "ip sla reaction-configuration 1 react rtt threshold-value 3 5\n",
		  "lower threshold that is not above" },
		{ "ip sla reaction-configuration 1 react rtt threshold-value 60001 5\n",
		  "from 0 to 60000" },
		{ "ip sla reaction-configuration 2 react mos threshold-value 490 90\n",
		  "from 100 to 500" },
		{ "ip sla reaction-configuration 1 react rtt threshold-type consecutive 17\n",
		  "from 1 to 16" },
		{ "ip sla reaction-configuration 1 react rtt threshold-type xofy 3\n",
		  "expected a count" },
		{ "ip sla reaction-configuration 1 react rtt threshold-type never threshold-type "
		  "never\n",
		  "stands twice" },
		{ "no ip sla reaction-configuration 1 react rtt\n", "has no reaction to rtt" },
		{ "ip sla reaction-trigger 9 1\n", "operation 9 is not defined" },
		{ "ip sla reaction-trigger 1 1\n", "cannot trigger itself" },
		{ "no ip sla reaction-trigger 1 2\n", "does not trigger operation 2" },
		{ "logging host\n", "expected the name or address of a host" },
		{ "logging host 192.0.2.1 transport sctp\n", "expected udp, tcp or tls" },
		{ "logging host 192.0.2.1 vrf A\n", "expected transport" },
		{ "logging trap 8\n", "expected emergencies" },
		{ "logging buffered 4096\n", "it is no part of IP SLA" },
		{ "no logging host 192.0.2.1\n", "no messages go to" },
		{ "webhook W\n", "webhook 'W' has no address" },
		{ "webhook .W\n", "expected a name" },
		{ "webhook W\n url http://h/\n", "such as https://" },
		{ "webhook W\n url https://user:secret@h/\n", "without a user" },
		{ "webhook W\n url https://h/\n key-chain GONE\n", "is not defined" },
		{ "webhook W\n url https://h/\n retries 21\n", "from 0 to 20" },
		{ "webhook W\n url https://h/\n event ipsla\n", "expected all or operation-id" },
		{ "webhook W\n url https://h/\n event other\n", "expected ipsla or track" },
		{ "hook H\n", "hook 'H' has no command" },
		{ "hook H\n command ../sh\n", "bare name" },
		{ "hook H\n command /bin/sh\n", "bare name" },
		{ "hook H\n command .hidden\n", "bare name" },
		{ "hook H\n command a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
		  "at most 16 arguments" },
		{ "hook H\n command a\n timeout 0\n", "from 1 to 3600" },
		{ "no hook H\n", "there is no hook" },
		{ "no webhook W\n", "there is no webhook" },
		{ "ip sla egress access-group 7\n", "access list '7' is not defined" },
		{ "ip sla reaction-mos inv\n", "expected generic or inverted" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct config_errors errors;
		struct config *c;
		char text[1024];

		(void)snprintf(text, sizeof(text), OPS "%s", refusals[i].text);
		if (config_parse(text, strlen(text), &c, &errors) == 0) {
			print_error("taken: %s", refusals[i].text);
			fail();
		}
		if (errors.count != 1) {
			config_errors_print(&errors, refusals[i].text, stderr);
			fail();
		}
		if (!strstr(errors.errors[0].text, refusals[i].why)) {
			print_error("%s: %s", refusals[i].text, errors.errors[0].text);
			fail();
		}
		config_errors_fini(&errors);
	}
}

static void test_event_filters(void **state)
{
	const char *text = OPS "webhook W\n url https://h/\n event ipsla operation-id 1\n event "
	                       "ipsla all reaction-type mos\n event track 3 state down\n"
	                       "hook H\n command c\n event ipsla all\n event track all\n";
	struct config_errors errors;
	struct config *c;

	(void)state;
	assert_int_equal(config_parse(text, strlen(text), &c, &errors), 0);
	const struct event_list *w = &c->notify.webhooks[0].events;
	const struct event_list *h = &c->notify.hooks[0].events;

	assert_true(event_list_has_reaction(w, 1, REACT_RTT));
	assert_false(event_list_has_reaction(w, 2, REACT_RTT));
	assert_true(event_list_has_reaction(w, 2, REACT_MOS));
	assert_true(event_list_has_track(w, 3, false));
	assert_false(event_list_has_track(w, 3, true));
	assert_false(event_list_has_track(w, 4, false));
	assert_true(event_list_has_reaction(h, 2, REACT_RTT));
	assert_true(event_list_has_track(h, 4, true));
	assert_ptr_equal(notify_find_hook(&c->notify, "H"), &c->notify.hooks[0]);
	assert_null(notify_find_hook(&c->notify, "h"));
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_no_forms),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_event_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
