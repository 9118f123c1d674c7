/* SPDX-License-Identifier: Apache-2.0 */
/* Words, abbreviations, options and their errors, without any daemon. */
#include "t.h"

#include "cli/cli.h"
#include "cli/command.h"

#define WORDS_MAX 16

struct outcome {
	int code;
	char *out, *err;
};

/* Run a command line given as one text, words apart by one space. */
static struct outcome run(const char *line)
{
	char copy[256], *argv[WORDS_MAX + 1] = { NULL };
	size_t out_len, err_len;
	struct outcome o = { 0 };
	struct cli cli = {
		.options.socket_path = "/tmp/candor-no-such-socket",
		.in = fopen("/dev/null", "r"),
		.out = open_memstream(&o.out, &out_len),
		.err = open_memstream(&o.err, &err_len),
	};
	int argc = 0;

	assert_non_null(cli.out);
	assert_non_null(cli.err);
	(void)snprintf(copy, sizeof(copy), "%s", line);
	for (char *save, *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = word;
	}
	o.code = cli_run(&cli, argc, argv);
	assert_int_equal(fclose(cli.out), 0);
	assert_int_equal(fclose(cli.err), 0);
	return o;
}

static void finish(struct outcome *o)
{
	free(o->out);
	free(o->err);
}

/* The whole text, or what stands before "…" in the one that is wanted. */
static void assert_begins(const char *got, const char *want)
{
	const char *more = strstr(want, "…");

	if (!more)
		assert_string_equal(got, want);
	else if (strncmp(got, want, (size_t)(more - want)) != 0)
		fail_msg("\"%s\" does not begin \"%s\"", got, want);
}

static void test_errors_say_what_is_expected(void **state)
{
	static const struct {
		const char *line, *err;
	} cases[] = {
		{ "candor frob", "candor: unknown command \"frob\": expected show, …" },
		{ "candor show", "candor: \"show\" is incomplete: expected archive, ip, …" },
		{ "candor rollback 51",
		  "candor: unknown word \"51\" after \"rollback\": expected NUMBER\n" },
		{ "candor enable", "candor: unknown command \"enable\": expected show, …" },
		{ "candor show clock | frob x",
		  "candor: \"frob x\" is unknown: expected include, exclude, begin, section or "
		  "count\n" },
		{ "candor show clock | include", "candor: \"| include\" is incomplete\n" },
		{ "candor show clock |inc (", "candor: \"(\" is no regular expression\n" },
		{ "candor -H", "candor: -H needs a value: HOSTS\n" },
		{ "candor --port 1670 show clock", "candor: --port belongs to -H HOST\n" },
		{ "candor -H a show clock", "candor: -H and --socket exclude each other\n" },
		{ "candor sh ip sla s",
		  "candor: \"s\" is ambiguous: it begins summary or statistics\n" },
		{ "candor show ip sla stat x", "candor: unknown word \"x\" after \"show ip sla "
		                               "statistics\": expected aggregated, N or "
		                               "details\n" },
		{ "candor show ip sla stat 0", "candor: unknown word \"0\" after \"show ip sla "
		                               "statistics\": expected aggregated, N or "
		                               "details\n" },
		{ "candor show ip sla stat 2147483648",
		  "candor: unknown word \"2147483648\" after "
		  "\"show ip sla statistics\": expected aggregated, N "
		  "or details\n" },
		{ "candor show ip sla summary 10",
		  "candor: unexpected \"10\" after \"show ip sla summary\"\n" },
		{ "candor --frob", "candor: unknown option \"--frob\": see --help\n" },
		{ "candor show --socket", "candor: --socket needs a value: PATH\n" },
		{ "candor probe",
		  "candor: probe needs a type: udp-jitter, udp-echo, tcp-connect, icmp-echo, "
		  "dns, dhcp, http, ftp, icmp-jitter, path-echo, path-jitter, multicast-jitter, "
		  "ethernet-echo, ethernet-jitter\n" },
		{ "candor probe udp 192.0.2.1",
		  "candor: unknown or ambiguous type \"udp\": expected udp-jitter, udp-echo, "
		  "tcp-connect, icmp-echo, dns, dhcp, http, ftp, icmp-jitter, path-echo, "
		  "path-jitter, multicast-jitter, ethernet-echo, ethernet-jitter\n" },
		{ "candor probe udp-echo",
		  "candor: probe udp-echo needs a target: a name or an address\n" },
		{ "candor probe udp-echo 192.0.2.1", "candor: probe udp-echo needs --port N\n" },
		{ "candor probe icmp-echo 192.0.2.1 --codec-size 20",
		  "candor: unknown option \"--codec-size\": see --help\n" },
		{ "candor probe icmp-echo 192.0.2.1 --key-id 1",
		  "candor: unknown option \"--key-id\": see --help\n" },
		{ "candor probe udp-jitter 192.0.2.1 7 --source-port 9 --interval 3",
		  "candor: --interval: expected a number of milliseconds from 4 to 60000, found "
		  "'3'\n" },
		{ "candor probe icmp-echo 192.0.2.1 --port 7", "candor: icmp-echo has no port\n" },
		{ "candor probe icmp-echo 192.0.2.1 7", "candor: unexpected \"7\"\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --frob",
		  "candor: unknown option \"--frob\": see --help\n" },
		{ "candor probe udp-jitter 192.0.2.1 7 --co 3",
		  "candor: \"--co\" is ambiguous: --count, --codec-numpackets, --codec-interval, "
		  "--codec-size, --control, --codec, --control-version, --control-port, "
		  "--control-retry, --control-timeout\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --tos", "candor: --tos needs a value\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --verify-data=yes",
		  "candor: --verify-data takes no value\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --tos=",
		  "candor: the value of --tos is empty or has control characters\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --tos 256",
		  "candor: --tos: expected a number from 0 to 255, found '256'\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --count x",
		  "candor: --count: expected a number from 0 to 1000000000, found \"x\"\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --trust-clock soon",
		  "candor: --trust-clock: expected a duration such as 100us, found \"soon\"\n" },
		{ "candor probe udp-echo 192.0.2.1 7 -6",
		  "candor: 192.0.2.1 is not an IPv6 address\n" },
		{ "candor probe udp-echo 192.0.2.1 7 --key-id 3",
		  "candor: --key-id and --key-string-file go together\n" },
		{ "candor respond x", "candor: unexpected \"x\"\n" },
		{ "candor respond --access 192.0.2.1/24",
		  "candor: --access: expected a prefix such as 192.0.2.0/24, found "
		  "\"192.0.2.1/24\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o = run(cases[i].line);

		assert_begins(o.err, cases[i].err);
		assert_string_equal(o.out, "");
		assert_int_equal(o.code, CLI_USAGE);
		finish(&o);
	}
}

/* Every abbreviation here reaches its handler, which finds no daemon. */
static void test_abbreviations(void **state)
{
	static const char *const lines[] = {
		"candor show ip sla summary",
		"candor sh ip s su",
		"candor sh ip sla stat 10",
		"candor sh ip sla stat 10 d",
		"candor sh ip sla stat det",
		"candor sh ip sla con 2147483647",
		"candor sh ip sla res",
		"candor --json sh ip sla app",
		"candor sh ip sla app --json",
		"candor show --socket /tmp/candor-no-such-socket run",
		"candor show --socket=/tmp/candor-no-such-socket ver",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct outcome o = run(lines[i]);

		assert_string_equal(o.err,
		                    "candor: candord is not running, or --socket is wrong: nobody "
		                    "serves /tmp/candor-no-such-socket\n");
		assert_int_equal(o.code, CLI_SYSTEM);
		finish(&o);
	}
}

static void assert_fits(const char *text)
{
	while (*text) {
		size_t columns = 0;

		for (; *text && *text != '\n'; text++)
			columns += ((unsigned char)*text & 0xc0) != 0x80; /* UTF-8 */
		assert_true(columns <= 80);
		text += *text == '\n';
	}
}

static void test_help_and_version(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "candor --version", "candor " CANDOR_VERSION "\n" },
		{ "candor --help", "show ip sla statistics N details" },
		{ "candor show --help", "usage: candor" },
		{ "candor probe --help", "candor probe udp-jitter TARGET PORT [options]\n" },
		{ "candor probe udp-jitter --help", "--num-packets N" },
		{ "candor probe icmp-e -h", "--request-data-size N" },
		{ "candor respond --help", "--max-sessions N" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o = run(cases[i].line);

		assert_int_equal(o.code, CLI_GOOD);
		assert_string_equal(o.err, "");
		if (!strstr(o.out, cases[i].says))
			fail_msg("\"%s\" is missing in:\n%s", cases[i].says, o.out);
		assert_fits(o.out);
		finish(&o);
	}
}

static void count_command(void *ctx, const char *line, const struct command *c)
{
	assert_true(c->help[0] != '\0');
	assert_true(strlen(line) > 0);
	(*(unsigned *)ctx)++;
}

static void test_every_command_has_help(void **state)
{
	unsigned commands = 0;

	(void)state;
	command_walk(candor_commands, COMMAND_LINE, count_command, &commands);
	assert_true(commands >= 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_say_what_is_expected),
		cmocka_unit_test(test_abbreviations),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_every_command_has_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
