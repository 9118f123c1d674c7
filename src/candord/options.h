/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of candord. */
#ifndef CANDOR_CANDORD_OPTIONS_H
#define CANDOR_CANDORD_OPTIONS_H

#include <stdbool.h>

#define CANDORD_CONFIG_DEFAULT   "/etc/candor/candor.conf"
#define CANDORD_SOCKET_DEFAULT   "/run/candor/candord.sock"
#define CANDORD_STATE_DEFAULT    "/var/lib/candor"
#define CANDORD_IDENTITY_DEFAULT "/etc/candor/identity"
#define CANDORD_HOOKS_DEFAULT    "/etc/candor/hooks"
#define CANDORD_JOURNAL_DEFAULT  "/run/systemd/journal/socket"

/* Exit codes of candord. */
enum candord_exit {
	CANDORD_EXIT_OK = 0,
	CANDORD_EXIT_CONFIG = 1, /* errors in the configuration */
	CANDORD_EXIT_USAGE = 3,
	CANDORD_EXIT_SYSTEM = 4, /* a privilege, port or resource is missing, or a part died */
};

struct candord_options {
	const char *config_path;
	const char *socket_path;
	const char *state_path;    /* folder of what must survive a restart */
	const char *identity_path; /* folder of certificate and key */
	const char *clock_spec;    /* --clock: a clock for the lab (io/clock_lab.h), or NULL */
	const char *user;          /* of the control process, when started as root */
	const char *engine_user, *courier_user, *hooks_user;
	const char *hooks_path;   /* folder of the commands that hooks may run */
	const char *journal_path; /* socket of the journal */
	bool check_only;          /* -n */
	bool print;               /* -p: print the canonical configuration after the check */
	bool debug;
	bool result_log_stdout; /* --result-log - */
};

/* Read the command line.  Returns -1 to go on, else the exit code (help, version and usage errors have
 * been printed). */
int candord_options_parse(int argc, char **argv, struct candord_options *ret);

#endif
