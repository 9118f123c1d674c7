/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of candor's commands. */
#include "cli/admin.h"
#include "cli/action_cmd.h"
#include "cli/command.h"
#include "cli/config_cmd.h"
#include "cli/oneshot.h"
#include "cli/pki.h"
#include "cli/shell.h"
#include "cli/show.h"
#include "cli/top.h"

/* --- show ------------------------------------------------------------------------------------ */

static const struct command details_words[] = {
	{ .word = "details",
	  .arg = "details",
	  .help = "with sums, counters and quality",
	  .run = show_statistics },
	{ 0 },
};

static const struct command aggregated_details_words[] = {
	{ .word = "details",
	  .arg = "details",
	  .help = "with causes and buckets of latency",
	  .run = show_aggregated },
	{ 0 },
};

static const struct command aggregated_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .help = "hours of operation N",
	  .next = aggregated_details_words,
	  .run = show_aggregated },
	{ .word = "details",
	  .arg = "details",
	  .help = "with causes and buckets of latency",
	  .run = show_aggregated },
	{ 0 },
};

static const struct command history_form_words[] = {
	{ .word = "tabular", .help = "as a table", .run = show_sla_history },
	{ .word = "full", .arg = "full", .help = "a paragraph each", .run = show_sla_history },
	{ 0 },
};

static const struct command sla_history_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .help = "runs of operation N",
	  .next = history_form_words,
	  .run = show_sla_history },
	{ .word = "tabular", .help = "as a table", .run = show_sla_history },
	{ .word = "full", .arg = "full", .help = "a paragraph each", .run = show_sla_history },
	{ 0 },
};

static const struct command collection_words[] = {
	{ .word = "N", .kind = COMMAND_NUMBER, .help = "of operation N", .run = show_collection },
	{ 0 },
};

static const struct command distribution_words[] = {
	{ .word = "N", .kind = COMMAND_NUMBER, .help = "of operation N", .run = show_distribution },
	{ 0 },
};

static const struct command enhanced_words[] = {
	{ .word = "collection-statistics",
	  .help = "causes of failure",
	  .next = collection_words,
	  .run = show_collection },
	{ .word = "distribution-statistics",
	  .help = "sums of round-trip times",
	  .next = distribution_words,
	  .run = show_distribution },
	{ 0 },
};

static const struct command statistics_words[] = {
	{ .word = "aggregated",
	  .help = "by the hour",
	  .next = aggregated_words,
	  .run = show_aggregated },
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .help = "latest run of operation N",
	  .next = details_words,
	  .run = show_statistics },
	{ .word = "details",
	  .arg = "details",
	  .help = "with sums, counters and quality",
	  .run = show_statistics },
	{ 0 },
};

static const struct command configuration_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .help = "how operation N is set up",
	  .run = show_configuration },
	{ 0 },
};

static const struct command show_group_words[] = {
	{ .word = "schedule", .help = "operations scheduled together", .run = show_groups },
	{ 0 },
};

static const struct command reaction_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .help = "those of operation N",
	  .run = show_reactions },
	{ 0 },
};

static const struct command trigger_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .help = "those of operation N",
	  .run = show_triggers },
	{ 0 },
};

static const struct command show_sla_words[] = {
	{ .word = "summary", .help = "one line an operation", .run = show_summary },
	{ .word = "statistics",
	  .help = "latest run of every operation",
	  .next = statistics_words,
	  .run = show_statistics },
	{ .word = "history",
	  .help = "single runs that are kept",
	  .next = sla_history_words,
	  .run = show_sla_history },
	{ .word = "enhanced-history",
	  .help = "sums over times shorter than an hour",
	  .next = enhanced_words },
	{ .word = "configuration",
	  .help = "how every operation is set up",
	  .next = configuration_words,
	  .run = show_configuration },
	{ .word = "responder", .help = "state, sessions, counters", .run = show_responder },
	{ .word = "group", .help = "groups of operations", .next = show_group_words },
	{ .word = "reaction-configuration",
	  .help = "what is watched, and what stands",
	  .next = reaction_words,
	  .run = show_reactions },
	{ .word = "reaction-trigger",
	  .help = "operations that others start",
	  .next = trigger_words,
	  .run = show_triggers },
	{ .word = "notifications",
	  .help = "who is told of events, and how it goes",
	  .run = show_notifications },
	{ .word = "application",
	  .help = "abilities and use of this node",
	  .run = show_application },
	{ 0 },
};

static const struct command track_table_words[] = {
	{ .word = "track-table", .help = "routes that follow tracks", .run = show_track_table },
	{ 0 },
};

static const struct command track_table6_words[] = {
	{ .word = "track-table", .help = "routes that follow tracks", .run = show_track_table6 },
	{ 0 },
};

static const struct command show_ipv6_words[] = {
	{ .word = "route", .help = "IPv6 routes of candord", .next = track_table6_words },
	{ 0 },
};

static const struct command show_track_words[] = {
	{ .word = "N",
	  .kind = COMMAND_NUMBER,
	  .min = 1,
	  .max = 32767,
	  .help = "tracked object N",
	  .run = show_track },
	{ .word = "brief", .help = "one line an object", .run = show_track_brief },
	{ 0 },
};

static const struct command show_ip_words[] = {
	{ .word = "route", .help = "IPv4 routes of candord", .next = track_table_words },
	{ .word = "sla", .help = "IP service level agreements", .next = show_sla_words },
	{ 0 },
};

static const struct command show_namp_words[] = {
	{ .word = "sessions", .help = "who is connected", .run = show_namp_sessions },
	{ .word = "peers", .help = "nodes that are told by datagram", .run = show_namp_peers },
	{ 0 },
};

static const struct command archive_words[] = {
	{ .word = "NUMBER",
	  .kind = COMMAND_NUMBER,
	  .min = 0,
	  .max = 50,
	  .help = "its text; 0: the running one",
	  .run = config_show_archive },
	{ 0 },
};

static const struct command candidate_words[] = {
	{ .word = "diff", .help = "against the running one", .run = config_show_diff },
	{ 0 },
};

static const struct command show_words[] = {
	{ .word = "archive",
	  .help = "earlier configurations",
	  .next = archive_words,
	  .run = config_show_archive },
	{ .word = "configuration",
	  .help = "the candidate",
	  .next = candidate_words,
	  .run = config_show_candidate,
	  .place = COMMAND_SHELL },
	{ .word = "history",
	  .help = "lines typed",
	  .run = shell_show_history,
	  .place = COMMAND_SHELL },
	{ .word = "terminal",
	  .help = "pages, session, role",
	  .run = shell_show_terminal,
	  .place = COMMAND_SHELL },
	{ .word = "ip", .help = "what concerns IP", .next = show_ip_words },
	{ .word = "ipv6", .help = "what concerns IPv6", .next = show_ipv6_words },
	{ .word = "running-config", .help = "configuration in force", .run = show_running_config },
	{ .word = "alarms", .help = "alarms that stand", .run = show_alarms },
	{ .word = "audit",
	  .help = "who changed what",
	  .next = show_audit_words,
	  .run = show_audit },
	{ .word = "clock", .help = "how well the clock is known", .run = show_clock },
	{ .word = "maintenance", .help = "maintenance windows", .run = show_maintenance },
	{ .word = "messages",
	  .help = "the timeline of the node",
	  .next = show_messages_words,
	  .run = show_messages },
	{ .word = "namp",
	  .help = "how the node is administered",
	  .next = show_namp_words,
	  .run = show_namp },
	{ .word = "track", .help = "tracked objects", .next = show_track_words, .run = show_track },
	{ .word = "counters", .help = "of the daemon itself", .run = show_counters },
	{ .word = "export", .help = "metrics page and log of results", .run = show_export },
	{ .word = "version", .help = "of the daemon", .run = show_version },
	{ 0 },
};

/* --- actions --------------------------------------------------------------------------------- */

#define OPERATION_WORDS(what, says, handler)                                               \
	static const struct command what[] = {                                             \
		{ .word = "N", .kind = COMMAND_NUMBER, .help = (says), .run = (handler) }, \
		{ 0 },                                                                     \
	}

OPERATION_WORDS(sla_start_words, "start operation N now", sla_start);
OPERATION_WORDS(sla_stop_words, "stop operation N", sla_stop);
OPERATION_WORDS(sla_restart_words, "begin operation N anew", sla_restart);
OPERATION_WORDS(sla_probe_words, "one run of operation N now", sla_probe);
OPERATION_WORDS(clear_statistics_words, "clear figures of operation N", clear_statistics);
OPERATION_WORDS(clear_session_words, "end session N", clear_namp_session);

static const struct command reset_words[] = {
	{ .word = "confirm", .help = "really", .run = sla_reset, .place = COMMAND_IN_FULL },
	{ 0 },
};

static const struct command sla_words[] = {
	{ .word = "start", .help = "make a schedule begin now", .next = sla_start_words },
	{ .word = "stop", .help = "until started or restarted", .next = sla_stop_words },
	{ .word = "restart", .help = "statistics and life anew", .next = sla_restart_words },
	{ .word = "reset",
	  .help = "delete all configuration of IP SLA",
	  .next = reset_words,
	  .run = sla_reset_explain },
	{ .word = "probe", .help = "measure now, once", .next = sla_probe_words },
	{ 0 },
};

static const struct command ip_words[] = {
	{ .word = "sla", .help = "IP service level agreements", .next = sla_words },
	{ 0 },
};

static const struct command clear_sla_words[] = {
	{ .word = "statistics",
	  .help = "clear figures of all operations",
	  .next = clear_statistics_words,
	  .run = clear_statistics },
	{ 0 },
};

static const struct command clear_ip_words[] = {
	{ .word = "sla", .help = "IP service level agreements", .next = clear_sla_words },
	{ 0 },
};

static const struct command clear_namp_words[] = {
	{ .word = "session", .help = "of administrators", .next = clear_session_words },
	{ 0 },
};

static const struct command clear_words[] = {
	{ .word = "ip", .help = "what concerns IP", .next = clear_ip_words },
	{ .word = "namp", .help = "administration", .next = clear_namp_words },
	{ 0 },
};

static const struct command reload_words[] = {
	{ .word = "configuration", .help = "read the file again", .run = config_reload },
	{ 0 },
};

/* --- of the shell ---------------------------------------------------------------------------- */

static const struct command configure_words[] = {
	{ .word = "terminal", .help = "from here", .run = shell_configure },
	{ 0 },
};

static const struct command length_words[] = {
	{ .word = "LINES",
	  .kind = COMMAND_NUMBER,
	  .min = 0,
	  .max = 512,
	  .help = "on a page; 0: no pages",
	  .run = shell_terminal_length },
	{ 0 },
};

static const struct command width_words[] = {
	{ .word = "COLUMNS",
	  .kind = COMMAND_NUMBER,
	  .min = 0,
	  .max = 512,
	  .help = "on a line; 0: as the terminal says",
	  .run = shell_terminal_width },
	{ 0 },
};

static const struct command terminal_words[] = {
	{ .word = "length", .help = "lines on a page", .next = length_words },
	{ .word = "width", .help = "columns on a line", .next = width_words },
	{ 0 },
};

static const struct command write_words[] = {
	{ .word = "memory", .help = "as on a router", .run = shell_already_saved },
	{ 0 },
};

static const struct command copy_to_words[] = {
	{ .word = "startup-config", .help = "as on a router", .run = shell_already_saved },
	{ 0 },
};

static const struct command copy_words[] = {
	{ .word = "running-config", .help = "as on a router", .next = copy_to_words },
	{ 0 },
};

/* --- everything ------------------------------------------------------------------------------ */

const struct command candor_commands[] = {
	{ .word = "show", .help = "what the node knows", .next = show_words },
	{ .word = "alarm",
	  .help = "raise, clear, acknowledge",
	  .next = alarm_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "maintenance",
	  .help = "begin and end windows",
	  .next = maintenance_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "notice",
	  .help = "a line in the timeline",
	  .next = notice_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "clear",
	  .help = "statistics, sessions",
	  .next = clear_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "configure",
	  .help = "enter configuration mode",
	  .next = configure_words,
	  .place = COMMAND_SHELL | COMMAND_PRIVILEGED },
	{ .word = "confirm", /* or "conf t" would not do */
	  .help = "keep what was committed for a time",
	  .run = config_confirm,
	  .place = COMMAND_PRIVILEGED | COMMAND_IN_FULL },
	{ .word = "copy",
	  .help = "a configuration",
	  .next = copy_words,
	  .place = COMMAND_SHELL | COMMAND_PRIVILEGED },
	{ .word = "disable",
	  .help = "back to user mode",
	  .run = shell_disable,
	  .place = COMMAND_SHELL | COMMAND_PRIVILEGED },
	{ .word = "enable",
	  .help = "privileged mode, if the role allows",
	  .run = shell_enable,
	  .place = COMMAND_SHELL },
	{ .word = "exit", .help = "leave the shell", .run = shell_exit, .place = COMMAND_SHELL },
	{ .word = "ip",
	  .help = "start, stop and run operations",
	  .next = ip_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "logout", .help = "leave the shell", .run = shell_exit, .place = COMMAND_SHELL },
	{ .word = "probe",
	  .kind = COMMAND_REST,
	  .help = "measure once: see probe --help",
	  .run = probe_command,
	  .place = COMMAND_LINE | COMMAND_HERE },
	{ .word = "pki",
	  .kind = COMMAND_REST,
	  .help = "certificates and keys: see pki --help",
	  .run = pki_command,
	  .place = COMMAND_LINE | COMMAND_HERE },
	{ .word = "quit", .help = "leave the shell", .run = shell_exit, .place = COMMAND_SHELL },
	{ .word = "reload",
	  .help = "the configuration from its file",
	  .next = reload_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "respond",
	  .kind = COMMAND_REST,
	  .help = "answer here: see respond --help",
	  .run = respond_command,
	  .place = COMMAND_LINE | COMMAND_HERE },
	{ .word = "rollback",
	  .help = "to an earlier configuration",
	  .next = config_rollback_words,
	  .place = COMMAND_PRIVILEGED },
	{ .word = "terminal",
	  .help = "how this shell prints",
	  .next = terminal_words,
	  .place = COMMAND_SHELL },
	{ .word = "top",
	  .help = "live view of operations",
	  .run = top_command,
	  .place = COMMAND_ALL_HOSTS | COMMAND_SCREEN },
	{ .word = "write",
	  .help = "the configuration",
	  .next = write_words,
	  .run = shell_already_saved,
	  .place = COMMAND_SHELL | COMMAND_PRIVILEGED },
	{ 0 },
};
