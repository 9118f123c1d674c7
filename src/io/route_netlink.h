/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, rules, interfaces and addresses of the kernel by rtnetlink(7).  Looking takes no privilege; changing
 * takes CAP_NET_ADMIN of the process that does it, wherever the socket came from.  Everything that is ours bears
 * ROUTE_PROTOCOL, and nothing else is ever changed: additions fail where anything with the same prefix and
 * metric is, replacements and deletions name the protocol. */
#ifndef CANDOR_IO_ROUTE_NETLINK_H
#define CANDOR_IO_ROUTE_NETLINK_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stdint.h>

#define ROUTE_PROTOCOL    167 /* of rtm_protocol: no routing daemon uses it */
#define ROUTE_HOPS_MAX    8
#define ROUTE_TABLE_MAIN  254u
#define ROUTE_TABLE_LOCAL 255u
#define ROUTE_NAME_MAX    16 /* IFNAMSIZ */

/* Pinned probes: mark and table have the same number, one for each path. */
#define ROUTE_PIN_FIRST         0x00A70000u
#define ROUTE_PIN_COUNT         1024u
#define ROUTE_PIN_RULE_PRIORITY 16700u      /* before the tables of the system (32766) */
#define ROUTE_PIN_METRIC        1u          /* of the path */
#define ROUTE_PIN_STOP_METRIC   4278198272u /* of what drops packets while the path is gone */

enum route_kind {
	ROUTE_UNICAST,
	ROUTE_BLACKHOLE,   /* Null0 */
	ROUTE_UNREACHABLE, /* of tables for pinning: nothing goes on to the next table */
	ROUTE_OTHER,       /* seen, never made */
};

struct route_hop {
	struct inet_addr gateway; /* family none: onto the interface */
	uint32_t interface;       /* index; 0: as the kernel finds the gateway */
	bool is_dead;             /* seen: the kernel does not use it */
};

struct route_entry {
	struct inet_prefix prefix;
	uint32_t table, metric;
	uint8_t kind;     /* enum route_kind */
	uint8_t protocol; /* seen; ours is always made with ROUTE_PROTOCOL */
	uint8_t hop_count;
	struct route_hop hops[ROUTE_HOPS_MAX];
};

struct route_rule {
	uint8_t family; /* enum inet_family */
	uint8_t protocol;
	uint32_t mark, table, priority;
};

struct route_interface {
	uint32_t index;
	uint32_t vrf_table;  /* of a VRF device; else 0 */
	bool is_up;          /* administratively, and with a carrier */
	bool has_v4, has_v6; /* an address (IPv6: not link-local), as route_look() finds out */
	char name[ROUTE_NAME_MAX];
};

/* What is seen, one by one; NULL: not wanted. */
struct route_sink {
	void (*on_interface)(void *ctx, const struct route_interface *i);
	void (*on_address)(void *ctx, uint32_t interface, enum inet_family family);
	void (*on_route)(void *ctx, const struct route_entry *r);
	void (*on_rule)(void *ctx, const struct route_rule *r);
	void *ctx;
};

/* A socket in the network namespace of a VRF (io/net_names.h; 0, or a VRF that is a device: our own); ``is_monitor``: it
 * hears of every change.  Non-blocking.  The descriptor or -errno with ``d``. */
NODISCARD int route_open(uint16_t vrf, bool is_monitor, struct diag *d);

/* Everything of both families that ``sink`` wants, from an ordinary socket.  0; -EINTR: it changed meanwhile, ask
 * again; -errno. */
NODISCARD int route_look(int fd, const struct route_sink *sink);

/* Drop what a monitor has to say: 1: something of interest changed, it is time to look; 0: nothing; -errno.  Routes
 * count when ``wants`` says so (NULL: all of them). */
NODISCARD int route_heard(int fd, bool (*wants)(void *ctx, const struct route_entry *r), void *ctx);

/* Add, failing with -EEXIST when the prefix has a route of this metric; replace our own one; delete our own one
 * (-ESRCH: there is none).  0, or -errno with ``d``. */
NODISCARD int route_add(int fd, const struct route_entry *r, struct diag *d);
NODISCARD int route_replace(int fd, const struct route_entry *r, struct diag *d);
NODISCARD int route_delete(int fd, const struct route_entry *r, struct diag *d);

/* The rule "mark M looks up table M", ours. */
NODISCARD int route_rule_change(int fd, enum inet_family family, uint32_t mark, bool is_new,
                                struct diag *d);

/* Delete everything that is ours: rules and tables for pinning, and with ``routes`` the rest too.  How many were
 * deleted, or -errno with ``d``. */
NODISCARD int route_flush(int fd, bool routes, struct diag *d);

/* Same prefix, table, metric, kind and hops. */
bool route_entry_equal(const struct route_entry *a, const struct route_entry *b);

static inline bool route_is_pin_table(uint32_t table)
{
	return table >= ROUTE_PIN_FIRST && table < ROUTE_PIN_FIRST + ROUTE_PIN_COUNT;
}

#endif
