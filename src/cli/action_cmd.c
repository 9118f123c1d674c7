/* SPDX-License-Identifier: Apache-2.0 */
/* Actions: each is one request. */
#include "cli/action_cmd.h"

#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>

#define PATH_OCTETS 48

static const char *path_of(const struct cli *cli, const char *folder, char *to)
{
	(void)snprintf(to, PATH_OCTETS, "%s/%" PRIu32, folder,
	               cli_arg_number(cli, "N", 0)); /* fits */
	return to;
}

static void render_state(const struct doc *answer, FILE *to)
{
	(void)fprintf(to, "Operation is %s\n",
	              doc_text(answer, "state", "?")); /* the stream keeps errors */
}

static int act(struct cli *cli, const char *name)
{
	const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = name,
		.render = render_state,
	};
	char path[PATH_OCTETS];

	return show_act(cli, path_of(cli, "sla/operation", path), &action);
}

int sla_start(struct cli *cli)
{
	return act(cli, "start");
}

int sla_stop(struct cli *cli)
{
	return act(cli, "stop");
}

int sla_restart(struct cli *cli)
{
	return act(cli, "restart");
}

static void render_reset(const struct doc *answer, FILE *to)
{
	(void)fprintf(to, "All configuration of IP SLA is deleted: generation %" PRId64 "\n",
	              doc_int(answer, "generation", 0)); /* the stream keeps errors */
}

int sla_reset(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "reset-sla",
		.render = render_reset,
	};

	return show_act(cli, "config/running", &action);
}

int sla_reset_explain(struct cli *cli)
{
	(void)fputs("This deletes all operations, schedules, groups, reactions and the responder, "
	            "also in the configuration file.\n"
	            "To do it: ip sla reset confirm\n",
	            cli->err); /* nothing to do when it fails */
	return CLI_USAGE;
}

static void render_result(const struct doc *result, FILE *to)
{
	render_run(result, to);
}

int sla_probe(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "probe",
		.render = render_result,
		.timeout_ms = 125000, /* the node gives up after 120 s */
	};
	char path[PATH_OCTETS];

	return show_act(cli, path_of(cli, "sla/operation", path), &action);
}

static void render_cleared(const struct doc *answer, FILE *to)
{
	int64_t cleared = doc_int(answer, "cleared", 0);

	(void)fprintf(to, "Statistics of %" PRId64 " operation%s cleared\n", cleared,
	              cleared == 1 ? "" : "s"); /* the stream keeps errors */
}

int clear_statistics(struct cli *cli)
{
	static const struct show_action action = {
		.verb = OBJECT_RUN,
		.action = "clear",
		.render = render_cleared,
	};
	char path[PATH_OCTETS];

	return show_act(cli,
	                cli_arg(cli, "N") ? path_of(cli, "sla/statistics", path) : "sla/statistics",
	                &action);
}

int clear_namp_session(struct cli *cli)
{
	static const struct show_action action = { .verb = OBJECT_DELETE };
	char path[PATH_OCTETS];

	return show_act(cli, path_of(cli, "namp/session", path), &action);
}
