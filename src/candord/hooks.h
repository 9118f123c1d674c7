/* SPDX-License-Identifier: Apache-2.0 */
/* The hooks process: it runs commands, and reads no octet of the network. */
#ifndef CANDOR_CANDORD_HOOKS_H
#define CANDOR_CANDORD_HOOKS_H

#include "candord/options.h"

int hooks_main(const struct candord_options *options); /* an exit code */

#endif
