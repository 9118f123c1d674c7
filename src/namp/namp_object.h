/* SPDX-License-Identifier: Apache-2.0 */
/* How the node is administered, as objects: `namp`, `namp/session` and `namp/peer`. */
#ifndef CANDOR_NAMP_NAMP_OBJECT_H
#define CANDOR_NAMP_NAMP_OBJECT_H

#include "namp/server.h"
#include "object/rows.h"

/* A port that is served, or should be. */
struct namp_listener {
	bool enabled; /* as configured */
	bool is_open;
	struct inet_addr address; /* family none: every address */
	uint16_t port;
	char error[DIAG_TEXT_MAX]; /* why it is not open; empty: it is, or is not wanted */
};

/* What proves who this node is. */
struct namp_identity {
	bool has_certificate, has_crl;
	wall_t cert_ends, crl_ends; /* ns 0: none */
	uint32_t keys;              /* pre-shared ones that are configured */
	char error[DIAG_TEXT_MAX];  /* why TLS is not served; empty: it is, or nothing is there */
};

struct namp_view {
	struct namp_listener tcp, udp;
	struct namp_identity identity;
	struct namp_limits limits;
	uint32_t sessions; /* now */
	struct namp_server_counters counters;
};

extern const struct object_row namp_counter_rows[]; /* struct namp_server_counters */

/* The document `namp`. */
void namp_fill(const struct namp_view *view, struct arena *a, struct doc *to);

/* A row of `list namp/session`. */
void namp_session_fill(const struct namp_session_view *s, mono_t now, struct arena *a,
                       struct doc *to);

/* The answer to delete `namp/session/#`. */
void namp_closed_fill(uint64_t number, struct arena *a, struct doc *to);

#endif
