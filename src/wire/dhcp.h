/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP messages (RFC 2131, RFC 2132, RFC 3046) as a client behind a relay writes them, and what a server says
 * to it.  Pure functions. */
#ifndef CANDOR_WIRE_DHCP_H
#define CANDOR_WIRE_DHCP_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DHCP_SERVER_PORT 67u
#define DHCP_MAC         6u
#define DHCP_CLIENT_ID   32u  /* octets that we ever send */
#define DHCP_AGENT_PART  64u  /* octets of each part of option 82 */
#define DHCP_TEXT        64u  /* of a server's message, with its NUL */
#define DHCP_MAX         576u /* octets that every server must take (RFC 2131 section 2) */

/* Option 53. */
enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER = 2,
	DHCP_REQUEST = 3,
	DHCP_DECLINE = 4,
	DHCP_ACK = 5,
	DHCP_NAK = 6,
	DHCP_RELEASE = 7,
	DHCP_INFORM = 8,
};

/* Octets with their length; of no more than DHCP_AGENT_PART. */
struct dhcp_octets {
	uint8_t len;
	uint8_t at[DHCP_AGENT_PART];
};

/* What a client says.  Addresses are IPv4 or of no family: 0.0.0.0, or without the option. */
struct dhcp_ask {
	uint8_t type; /* enum dhcp_type */
	uint32_t xid;
	uint16_t elapsed_s;
	struct inet_addr client;    /* ciaddr: of a RELEASE */
	struct inet_addr relay;     /* giaddr: where the server sends its answer */
	struct inet_addr requested; /* option 50 */
	struct inet_addr server;    /* option 54 */
	uint8_t mac[DHCP_MAC];
	struct dhcp_octets client_id;             /* option 61; length 0: none */
	struct dhcp_octets circuit_id, remote_id; /* option 82; length 0: none */
};

/* -EINVAL: an address of another family, a client_id above DHCP_CLIENT_ID; -ENOBUFS.  DHCP_MAX octets at
 * most, and at least the 300 that old relays ask for. */
NODISCARD ssize_t dhcp_ask_encode(const struct dhcp_ask *ask, uint8_t *buf, size_t cap);

/* What a server says. */
struct dhcp_reply {
	uint8_t type; /* enum dhcp_type: OFFER, ACK or NAK, or what else there is */
	uint32_t xid;
	struct inet_addr yours;  /* yiaddr; family none: 0.0.0.0 */
	struct inet_addr server; /* option 54; family none: it does not say */
	uint8_t mac[DHCP_MAC];
	bool has_lease_s;
	uint32_t lease_s;        /* option 51; 0xffffffff: for ever */
	char message[DHCP_TEXT]; /* option 56, printable ASCII, cut; empty: none */
};

/* Options may go on in ``file`` and ``sname`` (option 52).  0; -ENOMSG: a request, or BOOTP without a message
 * type; -EBADMSG: short, another kind of hardware, an option that does not fit its place or its length. */
NODISCARD int dhcp_reply_decode(const uint8_t *buf, size_t len, struct dhcp_reply *ret);

#endif
