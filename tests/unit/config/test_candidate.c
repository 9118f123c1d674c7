/* SPDX-License-Identifier: Apache-2.0 */
/* Editing line by line: modes, errors at once, nothing left of a refused line, checks of the whole,
 * drafts, and what may be typed next. */
#include "config/candidate.h"
#include "t_config.h"

#include <errno.h>
#include <time.h>

#define BASE                                                        \
	"hostname edge\n"                                           \
	"key chain K\n key 1\n  key-string first secret\n"          \
	"ip access-list standard 10\n permit 192.0.2.0 0.0.0.255\n" \
	"ip sla 1\n icmp-echo 192.0.2.1\n tag one\n"                \
	"ip sla schedule 1 life forever start-time now\n"           \
	"ip sla 2\n udp-jitter 192.0.2.2 5000\n"

static struct candidate *open_on(const char *base)
{
	struct candidate *c = NULL;
	struct config_errors errors;

	assert_int_equal(candidate_new(base, strlen(base), &c, &errors), 0);
	assert_string_equal(candidate_mode(c), "config");
	return c;
}

static void good(struct candidate *c, const char *line)
{
	struct diag d;

	if (candidate_line(c, line, &d) < 0)
		fail_msg("'%s' was refused: %s", line, d.text);
}

static void bad(struct candidate *c, const char *line, unsigned column, const char *why)
{
	struct diag d;
	char mode[64];

	(void)snprintf(mode, sizeof(mode), "%s", candidate_mode(c));
	assert_int_equal(candidate_line(c, line, &d), -EINVAL);
	if (!strstr(d.text, why))
		fail_msg("'%s': '%s' instead of '%s'", line, d.text, why);
	assert_int_equal(d.column, column);
	assert_int_equal(d.line, 0);
	assert_string_equal(candidate_mode(c), mode);
}

static void assert_text(const struct candidate *c, const char *expected)
{
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(candidate_text(c, &text, &len), 0);
	assert_string_equal(text, expected);
	candidate_text_free(text, len);
}

/* The canonical text of a candidate that holds together. */
static char *whole(const struct candidate *c)
{
	struct config_errors errors;
	struct config *cfg = NULL;
	char *text = NULL;
	size_t len = 0;

	if (candidate_check(c, &cfg, &text, &len, &errors) < 0) {
		char *said = t_errors(&errors);

		fail_msg("%s", said);
	}
	config_free(cfg);
	return text;
}

static void whole_is_refused(const struct candidate *c, const char *expected)
{
	struct config_errors errors;
	struct config *cfg = NULL;
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(candidate_check(c, &cfg, &text, &len, &errors), -EINVAL);
	char *said = t_errors(&errors);

	assert_string_equal(said, expected);
	free(said);
	config_errors_fini(&errors);
}

static void test_modes(void **state)
{
	static const struct {
		const char *line, *mode;
	} steps[] = {
		{ "ip sla 1", "config-ip-sla-echo" },
		{ "frequency 30", "config-ip-sla-echo" },
		{ "ip sla 3", "config-ip-sla" },
		{ "udp-echo 192.0.2.3 7", "config-ip-sla-udp" },
		{ "exit", "config" },
		{ "ip sla 2", "config-ip-sla-jitter" },
		{ "ip sla 4", "config-ip-sla" },
		{ "tcp-connect 192.0.2.3 7", "config-ip-sla-tcp" },
		{ "end", "config" },
		{ "key chain K", "config-keychain" },
		{ "key 1", "config-keychain-key" },
		{ "exit", "config-keychain" },
		{ "  key 2", "config-keychain-key" },
		{ "key-string s", "config-keychain-key" },
		{ "ip access-list standard A", "config-std-nacl" },
		{ "permit any", "config-std-nacl" },
		{ "ipv6 access-list B", "config-ipv6-acl" },
		{ "namp", "config-namp" },
		{ "tcp", "config-namp" },
		{ "! nothing", "config-namp" },
		{ "", "config-namp" },
		{ "ip sla responder settings", "config-ip-sla-responder" },
		{ "hostname other", "config" },
	};
	struct candidate *c = open_on(BASE);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		good(c, steps[i].line);
		assert_string_equal(candidate_mode(c), steps[i].mode);
	}
	assert_int_equal(candidate_line_count(c), ARRAY_LEN(steps) - 2);
	candidate_free(c);
}

/* A scheduled operation is edited like any other; its type alone is fixed. */
static void test_scheduled_operation(void **state)
{
	struct candidate *c = open_on(BASE);

	(void)state;
	good(c, "ip sla 1");
	good(c, " no tag");
	good(c, " frequency 30");
	bad(c, "udp-echo 192.0.2.1 7", 1,
	    "operation 1 already has its type, which cannot change: delete it first with `no ip "
	    "sla 1`");
	good(c, "ip sla schedule 1 life 600 start-time now");
	bad(c, "ip sla schedule 1 life x", 24, "expected forever");
	bad(c, "ip sla schedule 1 life forever recurring", 17, "recurring needs a life");
	char *text = whole(c);

	assert_non_null(strstr(text, "ip sla 1\n icmp-echo 192.0.2.1\n frequency 30\n"
	                             "ip sla schedule 1 life 600 start-time now\n"));
	free(text);
	good(c, "no ip sla 1");
	good(c, "ip sla 1");
	good(c, "tcp-connect 192.0.2.1 80");
	text = whole(c);
	assert_non_null(strstr(text, "ip sla 1\n tcp-connect 192.0.2.1 80\nip sla 2\n"));
	free(text);
	candidate_free(c);
}

static void test_refused_lines_leave_nothing(void **state)
{
	struct candidate *c = open_on(BASE);
	char *before = whole(c);

	(void)state;
	bad(c, "frob", 1, "unknown command");
	bad(c, "ip sla 0", 8, "expected the number of an operation");
	bad(c, "interface eth0", 1, "no part of IP SLA");
	bad(c, "access-list 5 frob", 15, "expected deny or permit");
	bad(c, "no access-list 5", 16, "not defined");
	bad(c, "ip sla schedule 2 life x", 24, "expected forever");
	bad(c, "hostname a\nhostname b", 11, "expected one line");
	bad(c, "hostname \x01", 10, "control character");
	bad(c, "ip sla schedule 9 start-time now", 17, "not defined");
	good(c, "ip sla 2");
	bad(c, "frequency 0", 11, "from 1 to 604800");
	bad(c, "frequency 30 40", 14, "the end of the line");
	bad(c, "ip sla 2 3", 10, "the end of the line");
	good(c, "ip sla responder settings");
	bad(c, "max-sessions 50 60", 17, "the end of the line");
	bad(c, "exclude-ports 5060 x", 20, "expected");
	good(c, "namp");
	bad(c, "limit sessions 5 6", 18, "the end of the line");
	good(c, "key chain K");
	bad(c, "key 70000", 5, "from 0 to 65535");
	good(c, "key 1");
	bad(c, "key-string 7 0A", 12, "encrypted");
	good(c, "end");
	char *after = whole(c);

	assert_string_equal(before, after);
	/* A type that was refused can be entered again. */
	good(c, "ip sla 3");
	bad(c, "udp-jitter 192.0.2.3", 21, "expected the target's port");
	assert_string_equal(candidate_mode(c), "config-ip-sla");
	bad(c, "voip delay", 1, "hardware or protocols");
	good(c, "udp-jitter 192.0.2.3 5000");
	free(after);
	free(before);
	candidate_free(c);
}

static void test_whole(void **state)
{
	struct candidate *c = open_on(BASE);

	(void)state;
	good(c, "ip sla key-chain GONE");
	good(c, "ip sla 7");
	good(c, "key chain L");
	good(c, "key 3");
	whole_is_refused(c, "1:18: key chain 'GONE' is not defined\n"
	                    "2:1: operation 7 has no type: expected a line such as `icmp-echo "
	                    "192.0.2.1` below it\n"
	                    "4:1: key 3 has no key-string: expected one below it\n");
	assert_text(c, "hostname edge\nkey chain K\n key 1\n  key-string first secret\n"
	               "key chain L\n key 3\n"
	               "access-list 10 permit 192.0.2.0 0.0.0.255\n"
	               "ip sla key-chain GONE\n"
	               "ip sla 1\n icmp-echo 192.0.2.1\n tag one\n"
	               "ip sla schedule 1 life forever start-time now\n"
	               "ip sla 2\n udp-jitter 192.0.2.2 5000\nip sla 7\n");
	candidate_free(c);
	/* What IOS checks when it schedules holds for what is edited later too. */
	c = open_on(BASE);
	good(c, "ip sla 1");
	good(c, "frequency 3");
	whole_is_refused(c, "0:0: 'ip sla schedule 1 life forever start-time now': Scheduling a "
	                    "probe with timeout 5000 ms greater than frequency 3000 ms is not "
	                    "allowed.\n");
	good(c, "timeout 3000");
	good(c, "threshold 3000");
	free(whole(c));
	candidate_free(c);
	/* The base refers to what the lines take away. */
	c = open_on("key chain K\n key 1\n  key-string x\nip sla key-chain K\n");
	good(c, "no key chain K");
	whole_is_refused(c, "0:18: key chain 'K' is not defined\n");
	candidate_free(c);
}

static void test_bad_base(void **state)
{
	struct candidate *c = NULL;
	struct config_errors errors;

	(void)state;
	assert_int_equal(candidate_new("frob\n", 5, &c, &errors), -EINVAL);
	assert_null(c);
	assert_int_equal(errors.count, 1);
	config_errors_fini(&errors);
	candidate_free(NULL);
}

/* --- any lines in any order: what was refused does not show in what follows --- */

static const char *const pool[] = {
	"ip sla 1",
	"ip sla 2",
	"ip sla 3",
	"no ip sla 3",
	"no ip sla 1",
	"icmp-echo 192.0.2.9",
	"udp-jitter 192.0.2.9 5000",
	"udp-jitter 192.0.2.9",
	"udp-jitter 192.0.2.9 5000 codec g729a num-packets 5",
	"frequency 10 x",
	"frequency 10",
	"no frequency",
	"timeout 9000",
	"tag x y",
	"tag",
	"ip sla schedule 1 start-time now",
	"ip sla schedule 3 life 5 life 6",
	"no ip sla schedule 3",
	"key chain K",
	"key chain L",
	"no key chain L",
	"key 1",
	"key 9",
	"no key 9",
	"key-string abc",
	"key-string 7 abc",
	"accept-lifetime 00:00:00 Jan 1 2026 infinite",
	"accept-lifetime 00:00:00 Jan 1 2026",
	"access-list 10 permit any",
	"access-list 20 frob",
	"access-list 20 permit 192.0.2.1",
	"no access-list 20",
	"ip access-list standard 20",
	"ip access-list standard N",
	"ipv6 access-list N",
	"permit any",
	"permit ipv6 any any",
	"5 permit 192.0.2.7",
	"no 10",
	"exit",
	"end",
	"ip sla responder",
	"ip sla responder settings",
	"max-sessions 10 11",
	"max-sessions 10",
	"nat-address 192.0.2.1 x",
	"exclude-ports 5060-5070",
	"access-group 10",
	"ip sla responder udp-echo port 5000",
	"no ip sla responder udp-echo port 5000",
	"namp",
	"tcp port 5",
	"tcp port 5000",
	"user a role viewer",
	"user a role root",
	"no user a",
	"limit log 5",
	"limit log 64 65",
	"limit log 64",
	"datagram key-chain K",
	"peer p address 192.0.2.1 trap",
	"no peer p",
	"no namp",
	"interface eth0",
	"frob",
	"hostname a b",
	"clock grade-limit 5",
};

static void test_any_lines(void **state)
{
	uint64_t seed = t_seed(11);

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct candidate *c = open_on(BASE), *again = open_on(BASE);
		struct diag d, second;

		for (unsigned i = 0; i < 60; i++) {
			const char *line = pool[t_random(&seed) % ARRAY_LEN(pool)];
			int rc = candidate_line(c, line, &d);

			/* Refused lines are not even shown to the other one. */
			if (rc == 0)
				assert_int_equal(candidate_line(again, line, &second), 0);
			assert_string_equal(candidate_mode(c), candidate_mode(again));
		}
		assert_string_equal(candidate_lines(c), candidate_lines(again));
		char *text = NULL, *other = NULL;
		size_t len = 0, other_len = 0;
		struct config_errors errors;
		struct config *cfg = NULL;

		assert_int_equal(candidate_text(c, &text, &len), 0);
		if (candidate_check(c, &cfg, &other, &other_len, &errors) == 0) {
			assert_string_equal(text, other);
			t_assert_fixed_point(cfg);
			config_free(cfg);
			candidate_text_free(other, other_len);
		} else {
			assert_true(errors.count > 0);
			config_errors_fini(&errors);
		}
		candidate_text_free(text, len);
		candidate_free(again);
		candidate_free(c);
	}
}

/* A line costs the same in a large configuration. */
static void test_many_operations(void **state)
{
	char *base = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&base, &len);

	(void)state;
	for (unsigned i = 1; i <= 10000; i++)
		(void)fprintf(to, "ip sla %u\n icmp-echo 192.0.2.1\n", i);
	assert_int_equal(fclose(to), 0);
	struct candidate *c = open_on(base);
	clock_t start = clock();

	for (unsigned i = 0; i < 10000; i++) {
		good(c, "ip sla 5000");
		bad(c, "frequency x", 11, "expected");
		good(c, "frequency 30");
	}
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

	print_message("30000 lines in %.3f s of processor time\n", seconds);
	assert_true(seconds < 5); /* sanitizers included */
	assert_int_equal(candidate_line_count(c), 20000);
	candidate_free(c);
	free(base);
}

/* --- completion --- */

struct offer_case {
	const char *enter; /* a line first, or NULL */
	const char *line;
	const char *words; /* separated by blanks; "|" at the end: the line may end */
};

static const struct offer_case offers[] = {
	{ NULL, "",
	  "access-list clock default end exit feature hook hostname ip ipv6 key logging metrics "
	  "namp no "
	  "result-log track webhook" },
	{ NULL, "h", "hook hostname" },
	{ NULL, "hostname ", "WORD" },
	{ NULL, "hostname a ", "|" },
	{ NULL, "ip ", "access-list route sla" },
	{ NULL, "track 1 ip sla 2 ", "reachability state|" },
	{ NULL, "track 1 list ", "boolean threshold" },
	{ NULL, "track 1 interface eth0 ", "ip ipv6 line-protocol" },
	{ NULL, "track timer ip sla ", "<1-3000> msec" },
	{ "track 1 stub-object", "delay up 3 ", "down|" },
	{ "track 1 stub-object", "output keepalived F ", "down up|" },
	{ "track 1 list threshold weight", "threshold ", "percentage weight" },
	{ "track 1 list threshold weight", "object 3 ", "not weight|" },
	{ NULL, "ip route 0.0.0.0 0.0.0.0 192.0.2.1 ",
	  "<1-255> A.B.C.D name permanent tag track withdraw-last|" },
	{ NULL, "ip sl", "sla" },
	{ NULL, "ip sla ",
	  "<1-2147483647> egress enable endpoint-list group key-chain logging low-memory periodic "
	  "reaction-configuration "
	  "reaction-delivery reaction-mos reaction-trigger responder schedule snmp" },
	{ NULL, "ip sla 5", "<1-2147483647>" },
	{ NULL, "ip sla 5 ", "|" },
	{ NULL, "ip sla sch", "schedule" },
	{ NULL, "ip sla schedule ", "<1-2147483647>" },
	{ NULL, "ip sla schedule 1 ", "ageout life recurring start-time|" },
	{ NULL, "ip sla sch 1 life ", "<0-2147483647> forever" },
	{ NULL, "ip sla schedule 1 life forever ", "ageout recurring start-time|" },
	{ NULL, "ip sla schedule 1 start-time n", "HH:MM now" },
	{ NULL, "ip sla schedule 1 start-time now ", "ageout life recurring|" },
	{ NULL, "ip sla responder ", "settings tcp-connect udp-echo|" },
	{ NULL, "ip sla responder udp-echo ", "ipaddress port" },
	{ NULL, "ip sla responder udp-echo port ", "<1-65535>" },
	{ NULL, "no ip sla ",
	  "<1-2147483647> egress enable endpoint-list group key-chain logging low-memory periodic "
	  "reaction-configuration "
	  "reaction-delivery reaction-mos reaction-trigger responder schedule snmp" },
	{ NULL, "no ip sla schedule 1 ", "ageout life recurring start-time|" },
	{ NULL, "access-list ", "<1-99> <1300-1999>" },
	{ NULL, "access-list 5 ", "deny permit remark" },
	{ NULL, "access-list 5 permit ", "A.B.C.D any host" },
	{ NULL, "access-list 5 permit 192.0.2.0 ", "A.B.C.D|" },
	{ NULL, "access-list 5 permit any ", "|" },
	{ NULL, "clock ", "grade-limit source trust" },
	{ NULL, "clock source ", "auto chrony kernel ptp" },
	{ NULL, "frob ", "" },
	{ "ip sla 2", "re", "request-data-size" },
	{ "ip sla 2", "frequency ", "<1-604800>" },
	{ "ip sla 2", "freq 5 ", "|" },
	{ "ip sla 2", "no frequency ", "|" },
	{ "ip sla 2", "precision ", "microseconds milliseconds" },
	{ "ip sla 2", "verify-data ", "|" },
	{ "ip sla 2", "control ", "port retry timeout version" },
	{ "ip sla 2", "control retry ", "<1-5>" },
	{ "ip sla 2", "tag ", "LINE" },
	{ "ip sla 2", "ip sla sch", "schedule" },
	{ "ip sla 9", "",
	  "default dhcp dns end ethernet exit ftp http icmp-echo icmp-jitter multicast-jitter no "
	  "path-echo "
	  "path-jitter "
	  "tcp-connect "
	  "udp-echo "
	  "udp-jitter" },
	{ "ip sla 9", "udp-echo ", "A.B.C.D WORD X:X:X:X::X" },
	{ "ip sla 9", "udp-echo 192.0.2.1 ", "<1-65535>" },
	{ "ip sla 9", "udp-echo 192.0.2.1 7 ",
	  "control source-interface source-ip source-ipaddr source-port|" },
	{ "ip sla 9", "udp-echo 192.0.2.1 7 source-ip ", "A.B.C.D X:X:X:X::X" },
	{ "ip sla 9", "udp-echo 192.0.2.1 7 source-port 5 con", "control" },
	{ "key chain K", "key ", "<0-65535>" },
	{ "key chain K", "", "default end exit key no" },
	{ "ip access-list standard A", "permit ", "A.B.C.D any host" },
	{ "ipv6 access-list A6", "permit ", "ipv6" },
	{ "ipv6 access-list A6", "permit ipv6 host 2001:db8::1 ", "any" },
	{ "ip sla responder settings", "max-sessions ", "<2-65536>" },
	{ "ip sla responder settings", "access-group ", "WORD ipv6" },
	{ NULL, "ip sla group schedule 1 ", "WORD add delete reschedule" },
	{ NULL, "ip sla group schedule 1 1-3 ", "schedule-period schedule-together" },
	{ NULL, "ip sla group schedule 1 1-3 schedule-period 20 freq", "frequency" },
	{ "ip sla responder settings", "require-authentication ", "disable enable" },
	{ "namp", "", "address datagram default end exit limit no peer psk role tcp udp user" },
	{ NULL, "metrics ", "listen max-operations" },
	{ NULL, "metrics listen 192.0.2.1 port 9469 ", "access-list|" },
	{ NULL, "result-log file ", "files max-size|" },
	{ "namp", "tcp ", "port|" },
	{ "namp", "user alice role ", "administrator none operator viewer" },
	{ "namp", "user alice role vi", "viewer" },
	{ "namp", "role ", "default" },
	{ "namp", "limit ",
	  "greeting greeting-per-address handshake-timeout idle-timeout log sessions "
	  "sessions-per-name" },
	{ "namp", "limit log ", "<64-1048576>" },
	{ "namp", "peer c address 192.0.2.1 ", "inform port trap" },
	{ "namp", "peer c address 192.0.2.1 port 5 ", "inform trap" },
};

static void test_offer(void **state)
{
	const struct offer_case *o = *state;
	struct candidate *c = open_on(BASE);
	struct conf_words words;
	struct arena a = { 0 };
	char said[512] = "";

	if (o->enter)
		good(c, o->enter);
	candidate_complete(c, o->line, &a, &words);
	for (uint32_t i = 0; i < words.count; i++) {
		size_t used = strlen(said);

		(void)snprintf(said + used, sizeof(said) - used, "%s%s", used ? " " : "",
		               words.words[i].word);
	}
	if (words.line_end)
		strncat(said, "|", sizeof(said) - strlen(said) - 1);
	assert_string_equal(said, o->words);
	arena_free(&a);
	candidate_free(c);
}

/* Every keyword that is offered without more is taken, and has a help. */
static void test_help(void **state)
{
	struct candidate *c = open_on(BASE);
	struct conf_words words;
	struct arena a = { 0 };

	(void)state;
	candidate_complete(c, "", &a, &words);
	assert_true(words.count > 5);
	for (uint32_t i = 0; i < words.count; i++)
		assert_true(words.words[i].help[0] != '\0');
	candidate_complete(c, "n", &a, &words);
	assert_int_equal(words.count, 2);
	assert_string_equal(words.words[0].word, "namp");
	assert_true(words.words[0].own);
	assert_false(words.words[1].own);
	arena_free(&a);
	candidate_free(c);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(offers) + 8] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_scheduled_operation),
		cmocka_unit_test(test_refused_lines_leave_nothing),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_bad_base),
		cmocka_unit_test(test_any_lines),
		cmocka_unit_test(test_many_operations),
		cmocka_unit_test(test_help),
	};
	size_t count = 8;

	for (size_t i = 0; i < ARRAY_LEN(offers); i++)
		tests[count++] = (struct CMUnitTest) { offers[i].line, test_offer, NULL, NULL,
			                               (void *)(uintptr_t)&offers[i] };
	return _cmocka_run_group_tests("candidate", tests, count, NULL, NULL);
}
