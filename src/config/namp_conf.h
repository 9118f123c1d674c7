/* SPDX-License-Identifier: Apache-2.0 */
/* `namp`: how this node is administered and by whom (docs/namp.md sections 4, 5, 10, 12). */
#ifndef CANDOR_CONFIG_NAMP_CONF_H
#define CANDOR_CONFIG_NAMP_CONF_H

#include "base/inet.h"
#include <stdbool.h>
#include <stdint.h>

enum admin_role { /* each may do what those before may */
	          ROLE_NONE,
	          ROLE_VIEWER,
	          ROLE_OPERATOR,
	          ROLE_ADMINISTRATOR,
};

#define NAMP_USERS_MAX      1024u
#define NAMP_PSKS_MAX       256u
#define NAMP_PEERS_MAX      256u
#define NAMP_CONF_PORT      167u
#define NAMP_NAME_OCTETS    64u /* names with their NUL */
#define NAMP_PSK_OCTETS_MIN 32u
#define NAMP_PSK_OCTETS_MAX 64u

struct namp_user {        /* user NAME role ROLE */
	const char *name; /* "local:alice": of the Unix socket; else of a certificate or key */
	uint8_t role;
};

struct namp_psk { /* psk NAME client CLIENT secret HEX */
	const char *name, *client;
	uint8_t secret[NAMP_PSK_OCTETS_MAX];
	uint8_t secret_len;
};

struct namp_peer { /* peer NAME address A [port N] {inform | trap}: gets our messages */
	const char *name;
	struct inet_addr addr;
	uint16_t port;
	bool is_inform;
};

struct namp_limits {
	uint32_t sessions, sessions_per_name;
	uint32_t greeting, greeting_per_address; /* connections before their hello */
	uint32_t handshake_timeout_s, idle_timeout_s;
	uint32_t log_kib; /* of the message log, and of the audit log */
};

struct namp_conf {
	bool tcp, udp; /* served at all */
	uint16_t tcp_port, udp_port;
	struct inet_addr address; /* family none: every address */
	uint8_t default_role;     /* of names without a user line */
	uint32_t user_count, psk_count, peer_count;
	struct namp_user *users;
	struct namp_psk *psks;
	struct namp_peer *peers;
	const char *keychain; /* of datagrams, NULL: none (then no datagram is accepted or sent) */
	struct namp_limits limits;
};

#endif
