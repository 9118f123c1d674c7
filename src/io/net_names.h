/* SPDX-License-Identifier: Apache-2.0 */
/* Names of VRFs and interfaces by number.
 *
 * A request for a socket holds numbers alone, and names of interfaces change their meaning while the
 * daemon runs.  So whoever reads the configuration gives each name a number and tells it to the
 * process that opens sockets; that one looks the name up at each opening (io/net_place.h).  One table
 * a process; numbers are never given back.  One thread. */
#ifndef CANDOR_IO_NET_NAMES_H
#define CANDOR_IO_NET_NAMES_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stdint.h>

#define NET_NAME_MAX  33  /* 32 octets (IOS: a VRF's name) and the NUL */
#define NET_NAMES_MAX 512 /* numbers 1 .. this */

/* 1-32 letters, digits, '_', '.', '-', ':' or '@', but not "." and not "..": it becomes the name of a file. */
bool net_name_is_valid(const char *name);

/* The number of ``name``, a new one when it has none yet (*ret_is_new, which may be NULL).  0; -EINVAL: no such
 * name; -ENOSPC: all numbers are given. */
NODISCARD int net_name_number(const char *name, uint16_t *ret, bool *ret_is_new);

/* Take over a number that another process gave.  0 or -EINVAL. */
NODISCARD int net_name_put(uint16_t number, const char *name);

/* The name with this number, or NULL. */
const char *net_name(uint16_t number);

#endif
