/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration of the responder as plain values without pointers, so that it crosses from the
 * control process to the engine as one record.  Ranges and defaults: responder_rows
 * (responder_rows.h). */
#ifndef CANDOR_RESPONDER_RESPONDER_CFG_H
#define CANDOR_RESPONDER_RESPONDER_CFG_H

#include "base/inet.h"
#include "io/net_names.h"
#include "sla/access_list.h"
#include "sla/keychain.h"
#include <stdbool.h>
#include <stdint.h>

#define RESPONDER_PERMANENT_MAX      64
#define RESPONDER_ACCESS_RULES_MAX   256
#define RESPONDER_EXCLUDED_PORTS_MAX 64
#define RESPONDER_NAT_ADDRESSES_MAX  16
#define RESPONDER_RESERVED_PORTS_MAX 256

enum permanent_kind {
	PERMANENT_UDP_ECHO,    /* answers echo and jitter probes */
	PERMANENT_TCP_CONNECT, /* accepts and closes */
};

/* `ip sla responder udp-echo|tcp-connect [ipaddress A] port P [vrf V]` */
struct permanent_port {
	uint8_t kind;          /* enum permanent_kind */
	struct inet_addr addr; /* family none: every address of the host */
	uint16_t port;
	uint16_t vrf;                /* number of its name, from control; 0: where we are */
	char vrf_name[NET_NAME_MAX]; /* "": none */
};

struct port_range {
	uint16_t first, last;
};

struct responder_cfg {
	bool enabled;         /* `ip sla responder` */
	bool control_tcp;     /* the messages of 1167 over TCP too; default on with the responder */
	bool control_sctp;    /* and over SCTP; default off */
	bool allocate_port;   /* v2: choose a port when the request says 0 */
	bool substitute_port; /* v2: choose another when the requested one is busy */
	bool require_auth; /* with a key chain: refuse mode 0 and v1 without a key (default on) */
	bool replay_check; /* random number and timestamp (default on) */
	bool experimental_v1_v6;   /* commands 6, 7: echo and tcp over IPv6, seen nowhere yet */
	bool whole_v6_response;    /* answer v1 IPv6 with the whole request (68 octets, not 40) */
	uint16_t v1_port, v2_port; /* 1967, 1167; others for trying out */
	uint16_t sctp_encaps_port; /* local UDP port of RFC 6951 encapsulation; 0: native SCTP */
	struct port_range ports;   /* that may be opened: 1024-65535 */
	uint32_t max_sessions;     /* 4096 */
	uint32_t max_sessions_per_source; /* 64, per /32 or /64 */
	uint32_t max_duration_s;          /* 600 */
	uint32_t packets_per_s;           /* per session and per source; 1000 */
	uint32_t replay_window_s;         /* of the timestamp; 300 */
	uint32_t excluded_count, nat_count, permanent_count, rule_count;
	struct port_range excluded[RESPONDER_EXCLUDED_PORTS_MAX];
	struct inet_addr
	        nat[RESPONDER_NAT_ADDRESSES_MAX]; /* further addresses that mean this host */
	struct permanent_port permanent[RESPONDER_PERMANENT_MAX];
	/* What the kernel keeps for others: not configuration, see reserved_ports_read(). */
	uint32_t reserved_count;
	struct port_range reserved[RESPONDER_RESERVED_PORTS_MAX];
	bool has_access_list;
	struct access_rule rules[RESPONDER_ACCESS_RULES_MAX]; /* of the access list, in order */
	bool has_keychain;
	struct keychain keychain;
};

/* The defaults of every field (not enabled). */
void responder_cfg_init(struct responder_cfg *cfg);

#endif
