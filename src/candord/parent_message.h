/* SPDX-License-Identifier: Apache-2.0 */
/* What control and its parent say to each other; fixed size, no implicit padding, no paths. */
#ifndef CANDOR_CANDORD_PARENT_MESSAGE_H
#define CANDOR_CANDORD_PARENT_MESSAGE_H

#include "io/lockstep.h"
#include "io/net_names.h"
#include "io/route_netlink.h"
#include <assert.h>
#include <stdint.h>

#define PARENT_MAGIC         0x43505233u /* "CPR3": changes with the layout */
#define PARENT_NAMP_PORT     167
#define PARENT_FREE_PORT_MIN 1024

enum parent_verb {
	PARENT_BIND_NAMP = 1, /* is_udp, port, family, scope_id, address */
	PARENT_OPEN_IDENTITY, /* which */
	PARENT_CONFIG_TAKEN,  /* order: of the configuration that holds now */
	PARENT_SAVE_CONFIG,   /* nothing; the memfd comes along */
	PARENT_RELOAD,        /* nothing: the configuration comes as another order */
	PARENT_OPEN_USERS,    /* nothing */
	PARENT_NET_NAME,      /* net_number, net_name */
	PARENT_START,         /* which */
	PARENT_OPEN_ROUTES,   /* net_number (0: none), which: 1 hears of changes */
	PARENT_ROUTE,         /* net_number, which (enum parent_route_verb), route */
	PARENT_PIN, /* net_number, family, order: mark; which: 1 make the rule, 0 delete it */
	PARENT_ROUTES_ON_STOP, /* which: 1 withdraw, 0 keep */
};

enum parent_route_verb {
	PARENT_ROUTE_ADD,
	PARENT_ROUTE_REPLACE,
	PARENT_ROUTE_DELETE,
	PARENT_ROUTE_VERBS,
};

struct parent_hop {
	uint32_t interface;
	uint8_t family; /* enum inet_family; none: onto the interface */
	uint8_t zero[3];
	uint8_t gateway[16];
};

/* A route to make or to delete; always with our own protocol number. */
struct parent_route {
	uint32_t table, metric;
	uint8_t family, length;
	uint8_t kind; /* enum route_kind */
	uint8_t hop_count;
	uint8_t prefix[16];
	struct parent_hop hops[ROUTE_HOPS_MAX];
};

/* What a verb does not use is 0. */
struct parent_request {
	struct lockstep_head head;
	uint32_t verb;  /* enum parent_verb */
	uint32_t order; /* struct config_order */
	uint32_t scope_id;
	uint16_t port;
	uint8_t which;  /* enum identity_file; PARENT_START: enum outbound_process */
	uint8_t is_udp; /* 0 or 1 */
	uint8_t family; /* enum inet_family */
	uint8_t zero;
	uint16_t net_number; /* 1 .. NET_NAMES_MAX */
	uint8_t address[16];
	char net_name[NET_NAME_MAX + 3]; /* with zeros to its end */
	struct parent_route route;
};

static_assert(sizeof(struct parent_hop) == 24, "no padding");
static_assert(sizeof(struct parent_request) == 80 + 28 + ROUTE_HOPS_MAX * 24, "no padding");

struct parent_route parent_route_pack(const struct route_entry *r);
/* Check every field.  False: it is no route that control may make. */
bool parent_route_unpack(const struct parent_route *q, struct route_entry *ret);

#endif
