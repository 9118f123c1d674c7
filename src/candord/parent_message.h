/* SPDX-License-Identifier: Apache-2.0 */
/* What control and its parent say to each other; fixed size, no implicit padding, no paths. */
#ifndef CANDOR_CANDORD_PARENT_MESSAGE_H
#define CANDOR_CANDORD_PARENT_MESSAGE_H

#include "io/lockstep.h"
#include "io/net_names.h"
#include <assert.h>
#include <stdint.h>

#define PARENT_MAGIC         0x43505232u /* "CPR2": changes with the layout */
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
};

static_assert(sizeof(struct parent_request) == 80, "no padding");

#endif
