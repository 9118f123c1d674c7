/* SPDX-License-Identifier: Apache-2.0 */
/* The engine process: runner and responder on one loop, told what to do by control. */
#ifndef CANDOR_CANDORD_ENGINE_H
#define CANDOR_CANDORD_ENGINE_H

#include "candord/options.h"

/* Descriptors that the engine inherits, in this order from PROCESS_FD_FIRST. */
enum engine_fd {
	ENGINE_FD_MEMORY, /* the three of the channel */
	ENGINE_FD_WAKE_ENGINE,
	ENGINE_FD_WAKE_CONTROL,
	ENGINE_FD_BROKER,
	ENGINE_FD_COUNT,
};

/* Run until the parent says stop or goes; an exit code. */
int engine_main(const struct candord_options *options);

#endif
