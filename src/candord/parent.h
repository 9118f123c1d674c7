/* SPDX-License-Identifier: Apache-2.0 */
/* The parent of candord: starts engine and control, is their broker, and ends with them. */
#ifndef CANDOR_CANDORD_PARENT_H
#define CANDOR_CANDORD_PARENT_H

#include "candord/options.h"

/* ``argv`` is handed to the children, so that each reads the same options.  An exit code. */
int parent_main(const struct candord_options *options, char **argv);

#endif
