/* SPDX-License-Identifier: Apache-2.0 */
/* The courier process: it brings messages of syslog and webhooks to where they go.  A client of the network, and
 * nothing else. */
#ifndef CANDOR_CANDORD_COURIER_H
#define CANDOR_CANDORD_COURIER_H

#include "candord/options.h"

int courier_main(const struct candord_options *options); /* an exit code */

#endif
