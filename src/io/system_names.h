/* SPDX-License-Identifier: Apache-2.0 */
/* What the host itself knows of names, for measurements that ask a name server by themselves: /etc/hosts and the
 * first name server of /etc/resolv.conf.  Read anew at each call; never in the engine, which has no files. */
#ifndef CANDOR_IO_SYSTEM_NAMES_H
#define CANDOR_IO_SYSTEM_NAMES_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>

/* Both take another folder than /etc for tests. */

/* The address of ``name`` (``len`` octets) in the hosts file; ``family`` narrows it, INET_NONE takes the first.
 * 0 or -ENOENT. */
NODISCARD int system_hosts_find(const char *folder, const char *name, size_t len,
                                enum inet_family family, struct inet_addr *ret);

/* The first name server that is an address.  0 or -ENOENT. */
NODISCARD int system_name_server(const char *folder, struct inet_addr *ret);

#define SYSTEM_NAMES_FOLDER "/etc"

#endif
