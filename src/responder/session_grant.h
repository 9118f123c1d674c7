/* SPDX-License-Identifier: Apache-2.0 */
/* May this request have a session?  The rules that need state, the same for both versions: target
 * address, port, duration, limits; and what "the same session" is. */
#ifndef CANDOR_RESPONDER_SESSION_GRANT_H
#define CANDOR_RESPONDER_SESSION_GRANT_H

#include "responder/responder_core.h"
#include "wire/ipsla.h"

/* A control request, understood. */
struct session_request {
	struct inet_addr source; /* of the packet */
	struct inet_addr to;     /* address of ours that it came to; family none: not known */
	struct inet_addr target; /* as the message says; may be unspecified */
	uint16_t control_port, stated_port;
	uint8_t version;
	uint16_t command;
	enum ipsla_kind kind;
	uint16_t port; /* 0: choose one (version 2) */
	uint32_t duration_ms;
	uint32_t sequence;
	uint32_t session_id;
	bool is_protected;
};

enum grant {
	GRANT_OK,
	GRANT_FAIL,    /* not an address, port or duration that we grant; or no room */
	GRANT_FORMAT,  /* port 0, and we do not choose */
	GRANT_BUSY,    /* another program has the port, or it is a control port */
	GRANT_SILENCE, /* repeated too often */
};

uint16_t grant_status(enum grant grant); /* enum ipsla_status; not for GRANT_SILENCE */

/* The live session that this request is about, or NULL. */
struct session *session_same(const struct responder_core *c, const struct session_source *source,
                             const struct session_request *q, boot_t now);

/* Open a session, start one again, or repeat the answer.  *ret is written for GRANT_OK. */
enum grant session_grant(struct responder_core *c, struct session_source *source,
                         const struct session_request *q, boot_t now, struct session **ret);

#endif
