/* SPDX-License-Identifier: Apache-2.0 */
/* candord: the node daemon.  Wiring only. */
#include "base/log.h"
#include "candord/control.h"
#include "candord/courier.h"
#include "candord/engine.h"
#include "candord/hooks.h"
#include "candord/options.h"
#include "candord/parent.h"
#include "config/config.h"
#include "io/process.h"
#include "responder/sctp_process.h"

#include <stdio.h>
#include <string.h>

static int check(const struct candord_options *o)
{
	struct config_errors errors = { 0 };
	struct config *config;

	if (config_load(o->config_path, &config, &errors) < 0) {
		config_errors_print(&errors, o->config_path, stderr);
		config_errors_fini(&errors);
		return CANDORD_EXIT_CONFIG;
	}
	int rc = o->print ? config_print(config, stdout, false, false) : 0;

	config_free(config);
	return rc < 0 || fflush(stdout) != 0 ? CANDORD_EXIT_SYSTEM : CANDORD_EXIT_OK;
}

int main(int argc, char **argv)
{
	const char *role = process_role(argc, argv);
	struct candord_options options;

	if (role && strcmp(role, SCTP_PROCESS_ROLE) == 0) {
		log_init("candord", LOG_LEVEL_INFO);
		return sctp_process_main(argc, argv);
	}
	int skip = role ? 1 : 0;
	int code = candord_options_parse(argc - skip, argv + skip, &options);

	if (code >= 0)
		return code;
	log_init("candord", options.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (role && strcmp(role, "engine") == 0)
		return engine_main(&options);
	if (role && strcmp(role, "control") == 0)
		return control_main(&options);
	if (role && strcmp(role, "courier") == 0)
		return courier_main(&options);
	if (role && strcmp(role, "hooks") == 0)
		return hooks_main(&options);
	if (options.check_only)
		return check(&options);
	return parent_main(&options, argv);
}
