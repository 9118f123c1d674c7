/* SPDX-License-Identifier: Apache-2.0 */
/* What the control process asks of its parent, which alone has the rights: the ports of the
 * administration protocol, the files of the identity folder, and writing the configuration file.  Fixed-size
 * requests of numbers over a SOCK_SEQPACKET pair of their own, in lock step; the paths are the parent's.
 * Served by parent_requests.c. */
#ifndef CANDOR_CANDORD_PARENT_CLIENT_H
#define CANDOR_CANDORD_PARENT_CLIENT_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/inet.h"
#include "io/route_netlink.h"
#include <stdbool.h>
#include <stdint.h>

enum identity_file {
	IDENTITY_CA,   /* ca.pem */
	IDENTITY_CERT, /* cert.pem */
	IDENTITY_KEY,  /* key.pem */
	IDENTITY_CRL,  /* crl.pem */
	IDENTITY_FILES,
};

/* Processes that are started when the configuration needs them. */
enum outbound_process {
	OUTBOUND_COURIER, /* messages and webhooks: the network's client */
	OUTBOUND_HOOKS,   /* commands */
	OUTBOUND_PROCESSES,
};

/* Have such a process begin.  Control's end of the connection to it (SOCK_SEQPACKET), -EALREADY: it was begun
 * before; or -errno with ``d``. */
NODISCARD int parent_start(int fd, enum outbound_process which, struct diag *d);

/* A bound socket for NAMP (TCP: listening; non-blocking): port 167 or one from 1024 up.  ``addr`` family none: every address
 * of both families (one IPv6 socket that takes IPv4 too, or IPv4 alone where there is no IPv6).  The descriptor or -errno with ``d``. */
NODISCARD int parent_bind_namp(int fd, bool is_udp, const struct inet_addr *addr, uint16_t port,
                               struct diag *d);

/* One file of the identity folder, open for reading.  The descriptor, -ENOENT, or -errno with ``d``. */
NODISCARD int parent_open_identity(int fd, enum identity_file which, struct diag *d);

/* The table of local users, /etc/passwd as it is now, open for reading.  The descriptor, or -errno with ``d``. */
NODISCARD int parent_open_users(int fd, struct diag *d);

/* The file that came with this order (struct config_order) is the configuration now: what is saved later replaces
 * it and no other.  0; -ESTALE: a configuration was saved since the file was opened, which holds; -errno with ``d``. */
NODISCARD int parent_config_taken(int fd, uint32_t order, struct diag *d);

/* Replace the configuration file by the contents of ``memory`` (a memfd, sealed against writing, growing and
 * shrinking, of at most CONFIG_FILE_MAX octets), atomically and durably, with the mode and the
 * group of the old one, but nothing for everybody when it holds keys.  0; -ESTALE: somebody changed the file since it was last taken or saved; -errno with ``d``. */
NODISCARD int parent_save_config(int fd, int memory, struct diag *d);

/* The name of the VRF or interface with this number (io/net_names.h), for the sockets of the engine.  0 or
 * -errno with ``d``. */
NODISCARD int parent_net_name(int fd, uint16_t number, const char *name, struct diag *d);

/* Have the configuration file handed over again, as after SIGHUP.  0: it will come as an order. */
NODISCARD int parent_reload(int fd, struct diag *d);

/* A socket for looking at routes, or for hearing of their changes (io/route_netlink.h), in the namespace of a VRF by
 * its number (0: our own).  The descriptor, or -errno with ``d``. */
NODISCARD int parent_open_routes(int fd, uint16_t vrf, bool is_monitor, struct diag *d);

/* As route_add(), route_replace(), route_delete() and route_rule_change(). */
NODISCARD int parent_route_add(int fd, uint16_t vrf, const struct route_entry *r, struct diag *d);
NODISCARD int parent_route_replace(int fd, uint16_t vrf, const struct route_entry *r,
                                   struct diag *d);
NODISCARD int parent_route_delete(int fd, uint16_t vrf, const struct route_entry *r,
                                  struct diag *d);
NODISCARD int parent_pin_rule(int fd, uint16_t vrf, enum inet_family family, uint32_t mark,
                              bool is_new, struct diag *d);

/* What becomes of our routes at a clean stop. */
NODISCARD int parent_routes_on_stop(int fd, bool withdraw, struct diag *d);

#endif
