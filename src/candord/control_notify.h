/* SPDX-License-Identifier: Apache-2.0 */
/* What reactions and tracking tell the world: messages in the form of syslog, and commands that are run.
 * Control process only. */
#ifndef CANDOR_CANDORD_CONTROL_NOTIFY_H
#define CANDOR_CANDORD_CONTROL_NOTIFY_H

#include "base/diag.h"
#include "export/syslog_text.h"
#include <stdint.h>

#define HOOK_ARGUMENTS_MAX   16   /* of one order */
#define HOOK_ENVIRONMENT_MAX 32   /* variables of one order */
#define HOOK_ORDER_MAX       8192 /* octets of all its texts with their terminators */

struct control;

/* Severities of RFC 5424 section 6.2.1, as the digit of an IOS mnemonic has them. */
enum syslog_severity {
	SYSLOG_EMERGENCY,
	SYSLOG_ALERT,
	SYSLOG_CRITICAL,
	SYSLOG_ERROR,
	SYSLOG_WARNING,
	SYSLOG_NOTICE,
	SYSLOG_INFORMATIONAL,
	SYSLOG_DEBUGGING,
};

/* One command to run. */
struct hook_order {
	const char *hook; /* name of a `hook NAME` block of the configuration */
	/* Further arguments, behind those that the block gives; NULL-terminated, or NULL. */
	const char *const *arguments;
	/* "NAME=value", NULL-terminated, or NULL: in the command's environment, which has nothing else but
	 * PATH, CANDOR_NODE and CANDOR_HOOK. */
	const char *const *environment;
};

/* Say something that happened: into the node's message log, and to where the configuration sends messages of
 * this severity (`logging …`).  ``mnemonic``: "TRACK-6-STATE"; ``text``: what stands behind its colon. */
void control_syslog(struct control *c, enum syslog_severity severity, const char *mnemonic,
                    const char *text);

/* The same with structured data, and without an entry in the message log.  ``data_id`` and ``data`` as in struct
 * syslog_message. */
void control_syslog_data(struct control *c, enum syslog_severity severity, const char *mnemonic,
                         const char *text, const char *data_id, const struct syslog_datum *data);

/* A tracked object has changed: webhooks and hooks whose `event track` asks for it are told. */
struct track_event {
	uint32_t number;
	bool is_up;
	const char *what; /* "ip sla 10 reachability" */
	const char *text; /* what caused it */
};

void control_tell_track(struct control *c, const struct track_event *e);

/* Have a command run.  0: it waits to be run, and its end will be logged; -ENOENT: no such hook is configured;
 * -EDQUOT: too many wait (counted); -EINVAL: the order is too large; each with ``d``. */
NODISCARD int control_run_hook(struct control *c, const struct hook_order *order, struct diag *d);

#endif
