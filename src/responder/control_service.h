/* SPDX-License-Identifier: Apache-2.0 */
/* The control service: what becomes of one control message, whatever carried it.  Decides, changes
 * the sessions of the core, and builds the answer; reads no clock and no socket.
 *
 * Order of the checks (what fails first decides): version octet; loop guard; access list; length;
 * rate of the source; authentication; structure and values; replay; duration; target; limits of the
 * table; port.  Whoever is not permitted, and whatever is no request, gets silence; a request gets
 * the status that it deserves.  An answer is never longer than its request.
 *
 * The same request again (same session, same sequence number) gets the same answer and changes
 * nothing, CONTROL_REPEATS_MAX times, then silence: two services whose control ports are not the
 * assigned ones could otherwise send one message back and forth for ever.  A new sequence number
 * starts the session anew.
 *
 * "Same session": same source address, transport, version, command, target address and requested
 * port, and - version 1 - the same source port of the control message, or else a session that has
 * done its work (an echo that was answered, a TCP port); version 2: the measurement source port
 * that the request states, where the addresses in the message prove that no NAT rewrote them,
 * else the source port of the control message.  (A router with several operations towards one port
 * so gets a session for each.) */
#ifndef CANDOR_RESPONDER_CONTROL_SERVICE_H
#define CANDOR_RESPONDER_CONTROL_SERVICE_H

#include "responder/responder_core.h"
#include "wire/ipsla.h"

#define CONTROL_REPEATS_MAX 16u
#define CONTROL_PER_S       1000u /* messages of one source that may be answered in a second */

enum control_transport {
	CONTROL_UDP,
	CONTROL_TCP,
	CONTROL_SCTP,
};

struct control_message {
	const uint8_t *data;
	size_t len;
	enum control_transport transport;
	struct inet_endpoint from;
	struct inet_addr to; /* address of ours that it came to; family none when not known */
	boot_t now;
	wall_t wall;
};

struct control_answer {
	size_t len; /* 0: silence, and ``drop`` says why */
	enum responder_drop drop;
	uint16_t status; /* the telling one: of the CSLD where there is one */
	uint8_t octets[IPSLA_MESSAGE_MAX];
};

void control_service_handle(struct responder_core *c, const struct control_message *m,
                            struct control_answer *ret);

#endif
