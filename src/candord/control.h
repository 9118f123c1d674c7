/* SPDX-License-Identifier: Apache-2.0 */
/* The control process: configuration, object tree and administration, on a libevent loop. */
#ifndef CANDOR_CANDORD_CONTROL_H
#define CANDOR_CANDORD_CONTROL_H

#include "candord/options.h"

#include <stdint.h>

/* Descriptors that control inherits, in this order from PROCESS_FD_FIRST. */
enum control_fd {
	CONTROL_FD_MEMORY, /* the three of the channel */
	CONTROL_FD_WAKE_ENGINE,
	CONTROL_FD_WAKE_CONTROL,
	CONTROL_FD_PARENT, /* order to load the configuration: struct config_order, with the file */
	CONTROL_FD_LISTEN, /* the local socket, bound and listening */
	CONTROL_FD_STATE,  /* the state folder */
	CONTROL_FD_REQUESTS, /* to the parent: parent_client.h */
	CONTROL_FD_OUTPUTS,  /* the folder of files that other programs track */
	CONTROL_FD_COUNT,
};

/* What the parent sends at start and at each SIGHUP. */
struct config_order {
	int32_t error;  /* -errno of opening the file; 0: its descriptor comes along */
	uint32_t order; /* names it to the parent: parent_config_taken() */
};

int control_main(const struct candord_options *options); /* an exit code */

#endif
