/* SPDX-License-Identifier: Apache-2.0 */
/* candor probe TYPE TARGET [options]: measure once, without a daemon. */
#include "base/log.h"
#include "cli/command.h"
#include "cli/oneshot.h"
#include "cli/probe_job.h"
#include "cli/row_options.h"
#include "io/clock.h"
#include "probe/probe.h"

#include <string.h>

const struct own_option probe_own_options[] = {
	{ "port", "N", "Port of the target (or as the word after it)" },
	{ "count", "N", "Runs; 0: until interrupted (1)" },
	{ "json", NULL, "One JSON document on standard output" },
	{ "4", NULL, "Only IPv4 addresses of the target" },
	{ "6", NULL, "Only IPv6 addresses of the target" },
	{ "codec-numpackets", "N", "With --codec: as --num-packets", "codec" },
	{ "codec-interval", "N", "With --codec: as --interval", "codec" },
	{ "codec-size", "N", "With --codec: payload of each probe", "codec" },
	{ "key-chain-file", "FILE", "Sign control requests: a `key chain` block", "control" },
	{ "key-id", "N", "Sign control requests: the key's number, and", "control" },
	{ "key-string-file", "FILE", "the file that holds its key string", "control" },
	{ "auth-mode", "WORD", "hmac-sha-256 (default) or sha256", "control" },
	{ "trust-clock", "ERR", "The local clock is right within ERR, e.g. 100us" },
	{ "clock", "SPEC", "A clock for trials: offset=+5ms,error=10us,synchronised=yes" },
	{ "help", NULL, "This text" },
	{ "h", NULL, "This text" },
	{ 0 },
};

static void list_types(char *to, size_t cap)
{
	size_t used = 0;

	to[0] = '\0';
	for (unsigned i = 0; i < SLA_TYPE_COUNT && used < cap; i++)
		used += (size_t)snprintf(to + used, cap - used, "%s%s", i ? ", " : "",
		                         probe_types[i]->name);
}

static void print_help(const struct probe_type *type, FILE *to)
{
	(void)fprintf(to,
	              "usage: candor probe %s\n"
	              "\n"
	              "Options (ranges and defaults in parentheses):\n",
	              type->usage);
	row_options_help(type->rows, probe_own_options, to);
	(void)fputs("\n"
	            "Without --frequency runs start every second, or when the one before ended.\n"
	            "Exit codes: 0 good, 1 loss or over threshold, 2 no answer, 3 usage,\n"
	            "4 the system refused.\n",
	            to);
}

static int measure(struct cli *cli, const struct probe_job *job)
{
	struct probe_tally tally;
	struct probe_report *report = probe_report_new(cli, job);

	probe_tally_init(&tally);
	probe_report_begin(report, job->clock->wall(job->clock));
	int code = probe_run(cli, job, report, &tally);
	int told = probe_report_end(report, &tally); /* also after a failure: JSON must close */

	if (code == CLI_GOOD)
		code = told == CLI_GOOD ? (int)probe_tally_exit(&tally) : told;
	probe_report_free(report);
	probe_tally_fini(&tally);
	return code;
}

int probe_command(struct cli *cli)
{
	char types[400];
	struct given_options o;
	struct probe_job job;

	list_types(types, sizeof(types));
	if (cli->argc == 0)
		return cli_usage_error(cli, "probe needs a type: %s", types);
	if (strcmp(cli->argv[0], "--help") == 0 || strcmp(cli->argv[0], "-h") == 0) {
		for (unsigned i = 0; i < SLA_TYPE_COUNT; i++)
			(void)fprintf(cli->out, "candor probe %s\n", probe_types[i]->usage);
		(void)fputs("See candor probe TYPE --help.\n", cli->out);
		return CLI_GOOD;
	}
	const struct probe_type *type =
	        probe_type_of_words(cli->argv[0], cli->argc > 1 ? cli->argv[1] : NULL);

	if (type) {
		cli->argv++;
		cli->argc--;
	} else {
		type = probe_type_find(cli->argv[0]);
	}

	if (!type)
		return cli_usage_error(cli, "unknown or ambiguous type \"%s\": expected %s",
		                       cli->argv[0], types);
	cli->argv++;
	cli->argc--;
	int code = row_options_read(cli, type->rows, probe_own_options, &o);

	if (code != CLI_GOOD)
		return code;
	if (row_options_own(&o, "help") || row_options_own(&o, "h")) {
		print_help(type, cli->out);
		row_options_fini(&o);
		return CLI_GOOD;
	}
	cli->json |= row_options_own(&o, "json") != NULL;
	log_init("candor", LOG_LEVEL_WARN);
	code = probe_job_read(cli, type, &o, &job);
	if (code == CLI_GOOD)
		code = measure(cli, &job);
	probe_job_fini(&job);
	row_options_fini(&o);
	return code;
}
