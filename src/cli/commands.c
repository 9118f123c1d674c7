/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of candor's commands. */
#include "cli/command.h"
#include "cli/oneshot.h"
#include "cli/show.h"

static const struct command details_words[] = {
	{ "details", COMMAND_WORD, "with sums, counters and quality", NULL, show_statistics, true },
	{ 0 },
};

static const struct command statistics_words[] = {
	{ "N", COMMAND_NUMBER, "latest run of operation N", details_words, show_statistics, false },
	{ "details", COMMAND_WORD, "with sums, counters and quality", NULL, show_statistics, true },
	{ 0 },
};

static const struct command configuration_words[] = {
	{ "N", COMMAND_NUMBER, "how operation N is set up", NULL, show_configuration, false },
	{ 0 },
};

static const struct command sla_words[] = {
	{ "summary", COMMAND_WORD, "one line an operation", NULL, show_summary, false },
	{ "statistics", COMMAND_WORD, "latest run of every operation", statistics_words,
	  show_statistics, false },
	{ "configuration", COMMAND_WORD, "how every operation is set up", configuration_words,
	  show_configuration, false },
	{ "responder", COMMAND_WORD, "state, sessions, counters", NULL, show_responder, false },
	{ "application", COMMAND_WORD, "abilities and use of this node", NULL, show_application,
	  false },
	{ 0 },
};

static const struct command ip_words[] = {
	{ "sla", COMMAND_WORD, "", sla_words, NULL, false },
	{ 0 },
};

static const struct command show_words[] = {
	{ "ip", COMMAND_WORD, "", ip_words, NULL, false },
	{ "running-config", COMMAND_WORD, "configuration in force", NULL, show_running_config,
	  false },
	{ "clock", COMMAND_WORD, "how well the clock is known", NULL, show_clock, false },
	{ "counters", COMMAND_WORD, "of the daemon itself", NULL, show_counters, false },
	{ "version", COMMAND_WORD, "of the daemon", NULL, show_version, false },
	{ 0 },
};

const struct command candor_commands[] = {
	{ "show", COMMAND_WORD, "", show_words, NULL, false },
	{ "probe", COMMAND_REST, "measure once: see probe --help", NULL, probe_command, false },
	{ "respond", COMMAND_REST, "answer here: see respond --help", NULL, respond_command,
	  false },
	{ 0 },
};
