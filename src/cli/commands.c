/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of candor's commands. */
#include "cli/admin.h"
#include "cli/command.h"
#include "cli/oneshot.h"
#include "cli/pki.h"
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

static const struct command statistics_words[] = {
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

static const struct command show_sla_words[] = {
	{ .word = "summary", .help = "one line an operation", .run = show_summary },
	{ .word = "statistics",
	  .help = "latest run of every operation",
	  .next = statistics_words,
	  .run = show_statistics },
	{ .word = "configuration",
	  .help = "how every operation is set up",
	  .next = configuration_words,
	  .run = show_configuration },
	{ .word = "responder", .help = "state, sessions, counters", .run = show_responder },
	{ .word = "application",
	  .help = "abilities and use of this node",
	  .run = show_application },
	{ 0 },
};

static const struct command show_ip_words[] = {
	{ .word = "sla", .help = "IP service level agreements", .next = show_sla_words },
	{ 0 },
};

static const struct command show_namp_words[] = {
	{ .word = "sessions", .help = "who is connected", .run = show_namp_sessions },
	{ .word = "peers", .help = "nodes that are told by datagram", .run = show_namp_peers },
	{ 0 },
};

static const struct command show_words[] = {
	{ .word = "ip", .help = "what concerns IP", .next = show_ip_words },
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
	{ .word = "counters", .help = "of the daemon itself", .run = show_counters },
	{ .word = "version", .help = "of the daemon", .run = show_version },
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
	{ .word = "probe",
	  .kind = COMMAND_REST,
	  .help = "measure once: see probe --help",
	  .run = probe_command,
	  .place = COMMAND_LINE },
	{ .word = "pki",
	  .kind = COMMAND_REST,
	  .help = "certificates and keys: see pki --help",
	  .run = pki_command,
	  .place = COMMAND_LINE },
	{ .word = "top", .help = "live view of operations", .run = top_command },
	{ .word = "respond",
	  .kind = COMMAND_REST,
	  .help = "answer here: see respond --help",
	  .run = respond_command,
	  .place = COMMAND_LINE },
	{ 0 },
};
