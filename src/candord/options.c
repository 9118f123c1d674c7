/* SPDX-License-Identifier: Apache-2.0 */
/* getopt and the help text. */
#include "candord/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage_text[] =
        "usage: candord [-dhnpV] [-f FILE] [--socket PATH] [--user NAME] [--engine-user NAME]\n"
        "               [--state DIR] [--identity DIR] [--hooks-dir DIR]\n"
        "               [--courier-user NAME] [--hooks-user NAME] [--journal PATH] [--clock SPEC]\n"
        "               [--result-log -]\n"
        "\n"
        "  -f, --config FILE     configuration (default " CANDORD_CONFIG_DEFAULT ")\n"
        "  -n, --check           check the configuration and exit: 0 good, 1 errors\n"
        "  -p, --print           with -n: print it in full form, secrets left out\n"
        "      --socket PATH     local socket for candor (default " CANDORD_SOCKET_DEFAULT ")\n"
        "      --state DIR       what must survive a restart (default " CANDORD_STATE_DEFAULT ")\n"
        "      --identity DIR    certificate and key (default " CANDORD_IDENTITY_DEFAULT ")\n"
        "      --hooks-dir DIR   commands that hooks may run (default " CANDORD_HOOKS_DEFAULT ")\n"
        "      --journal PATH    socket of the journal (default " CANDORD_JOURNAL_DEFAULT ")\n"
        "      --user NAME       user of the control process when started as root (candor)\n"
        "      --engine-user NAME  user of the engine when started as root (candor-engine)\n"
        "      --courier-user NAME  user who sends messages, likewise (candor-courier)\n"
        "      --hooks-user NAME  user who runs hooks, likewise (candor-hooks)\n"
        "      --clock SPEC      a clock for trying out: offset=+5ms,error=10us,synchronised=yes\n"
        "      --result-log -    every result as a line of JSON on standard output\n"
        "  -d, --debug           log everything\n"
        "  -V, --version         print the version\n"
        "  -h, --help            print this text\n"
        "\n"
        "Exit codes: 0 good, 1 errors in the configuration, 3 usage, 4 system error.\n"
        "SIGHUP reads the configuration again; a bad file changes nothing.\n";

enum long_only {
	OPTION_SOCKET = 256,
	OPTION_STATE,
	OPTION_IDENTITY,
	OPTION_USER,
	OPTION_ENGINE_USER,
	OPTION_COURIER_USER,
	OPTION_HOOKS_USER,
	OPTION_HOOKS_DIR,
	OPTION_JOURNAL,
	OPTION_CLOCK,
	OPTION_RESULT_LOG,
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'f' },
	{ "check", no_argument, NULL, 'n' },
	{ "print", no_argument, NULL, 'p' },
	{ "debug", no_argument, NULL, 'd' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "identity", required_argument, NULL, OPTION_IDENTITY },
	{ "user", required_argument, NULL, OPTION_USER },
	{ "engine-user", required_argument, NULL, OPTION_ENGINE_USER },
	{ "courier-user", required_argument, NULL, OPTION_COURIER_USER },
	{ "hooks-user", required_argument, NULL, OPTION_HOOKS_USER },
	{ "hooks-dir", required_argument, NULL, OPTION_HOOKS_DIR },
	{ "journal", required_argument, NULL, OPTION_JOURNAL },
	{ "clock", required_argument, NULL, OPTION_CLOCK },
	{ "result-log", required_argument, NULL, OPTION_RESULT_LOG },
	{ 0 },
};

int candord_options_parse(int argc, char **argv, struct candord_options *ret)
{
	struct candord_options o = {
		.config_path = CANDORD_CONFIG_DEFAULT,
		.socket_path = CANDORD_SOCKET_DEFAULT,
		.state_path = CANDORD_STATE_DEFAULT,
		.identity_path = CANDORD_IDENTITY_DEFAULT,
		.user = "candor",
		.engine_user = "candor-engine",
		.courier_user = "candor-courier",
		.hooks_user = "candor-hooks",
		.hooks_path = CANDORD_HOOKS_DEFAULT,
		.journal_path = CANDORD_JOURNAL_DEFAULT,
	};

	for (int c; (c = getopt_long(argc, argv, "f:npdVh", long_options, NULL)) != -1;) {
		switch (c) {
		case 'f':
			o.config_path = optarg;
			break;
		case 'n':
			o.check_only = true;
			break;
		case 'p':
			o.print = true;
			break;
		case 'd':
			o.debug = true;
			break;
		case 'V':
			(void)puts("candord " CANDOR_VERSION);
			return CANDORD_EXIT_OK;
		case 'h':
			(void)fputs(usage_text, stdout);
			return CANDORD_EXIT_OK;
		case OPTION_SOCKET:
			o.socket_path = optarg;
			break;
		case OPTION_STATE:
			o.state_path = optarg;
			break;
		case OPTION_IDENTITY:
			o.identity_path = optarg;
			break;
		case OPTION_USER:
			o.user = optarg;
			break;
		case OPTION_ENGINE_USER:
			o.engine_user = optarg;
			break;
		case OPTION_COURIER_USER:
			o.courier_user = optarg;
			break;
		case OPTION_HOOKS_USER:
			o.hooks_user = optarg;
			break;
		case OPTION_HOOKS_DIR:
			o.hooks_path = optarg;
			break;
		case OPTION_JOURNAL:
			o.journal_path = optarg;
			break;
		case OPTION_CLOCK:
			o.clock_spec = optarg;
			break;
		case OPTION_RESULT_LOG:
			o.result_log_stdout = strcmp(optarg, "-") == 0;
			if (o.result_log_stdout)
				break;
			(void)fputs("candord: --result-log takes - alone: files are configured by "
			            "`result-log file`\n",
			            stderr);
			return CANDORD_EXIT_USAGE;
		default:
			(void)fputs(usage_text, stderr);
			return CANDORD_EXIT_USAGE;
		}
	}
	if (optind < argc || (o.print && !o.check_only)) {
		(void)fputs(usage_text, stderr);
		return CANDORD_EXIT_USAGE;
	}
	*ret = o;
	return -1;
}
