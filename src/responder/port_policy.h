/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports the responder may open for a session, and how lists of ports are written.  Pure but
 * for reserved_ports_read(). */
#ifndef CANDOR_RESPONDER_PORT_POLICY_H
#define CANDOR_RESPONDER_PORT_POLICY_H

#include "base/cleanup.h"
#include "responder/responder_cfg.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Inside the configured range, not below 1024, and in no excluded or reserved range. */
bool port_is_allowed(const struct responder_cfg *cfg, uint16_t port);

/* One of the control ports: the assigned ones, and those of this configuration. */
bool port_is_control(const struct responder_cfg *cfg, uint16_t port);

/* "A" or "A-B", 1 .. 65535, A <= B.  0 or -EINVAL. */
NODISCARD int port_range_parse(const char *text, size_t len, struct port_range *ret);

/* Ranges separated by commas, as in /proc/sys/net/ipv4/ip_local_reserved_ports (a newline at the
 * end and an empty list are fine).  Returns how many went to ``ranges``, at most ``cap`` (1 or more):
 * the last one grows over those that do not fit, so that no port of the list is left out.  -EINVAL:
 * not such a list. */
NODISCARD int reserved_ports_parse(const char *text, struct port_range *ranges, uint32_t cap);

/* The ports that the kernel of this network namespace keeps for others, into ``cfg``; none where
 * there is no such list.  0; -errno of reading or parsing, ``cfg`` as it was.  Reads /proc. */
NODISCARD int reserved_ports_read(struct responder_cfg *cfg);

#endif
