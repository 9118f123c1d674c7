/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed datagrams of NAMP (docs/namp.md section 5): events and acknowledgements between nodes over
 * one UDP socket.  What arrives is authenticated, taken once and made known durably before it is acted
 * on; what is refused is counted by reason and never answered.  Informs are repeated until they are
 * acknowledged.
 *
 * Owned by the control process; one thread.  The state folder holds two files of the service:
 * namp-boot (how often it began) and namp-marks (the newest of each sender).  Keep them: who loses the
 * marks accepts recorded datagrams once more. */
#ifndef CANDOR_NAMP_DATAGRAMS_H
#define CANDOR_NAMP_DATAGRAMS_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "base/inet.h"
#include "config/namp_conf.h"
#include "object/request.h"
#include "sla/keychain.h"
#include "wire/namp_seal.h"
#include <stdbool.h>
#include <stdint.h>

#define DATAGRAMS_SENDERS_MAX  4096u /* remembered */
#define DATAGRAMS_INFORMS_MAX  64u   /* under way to one peer */
#define DATAGRAMS_OPENED_PER_S 1000u /* authentications tried a second */
#define DATAGRAMS_BATCH_MS     10    /* what arrives within is made durable at once */

struct clock;
struct event_base;
struct datagrams;

/* An event or a report that was authenticated and is new. */
struct datagrams_received {
	const char *sender; /* its name */
	struct inet_endpoint from;
	wall_t at;
	const struct namp_message *message; /* until the callback returns */
};

struct datagrams_cfg {
	int state_dir;         /* stays the caller's, and open */
	const char *node_name; /* 1 … 63 octets; copied */
	struct clock *clock;   /* clock_system(); tests have their own */
	/* Act on a message, durably: the code of its acknowledgement (200; 507: no room; another from
	 * 400 on).  One (sender, boot, id) that was answered with 200 does not come again. */
	unsigned (*deliver)(void *ctx, const struct datagrams_received *received);
	/* An inform has ended: ``code`` of its acknowledgement; 0: given up.  May be NULL. */
	void (*ended)(void *ctx, const char *peer, uint64_t id, unsigned code);
	/* Something that an administrator should know (the disk fails, or works again).  May be NULL. */
	void (*trouble)(void *ctx, const char *text);
	void *ctx;
};

/* Begin a boot (durably) and read the marks.  ``base`` NULL: the owner calls datagrams_turn().  0; -EINVAL
 * (node name), -EBADMSG (a damaged file: datagrams stay refused until somebody has removed it), -errno;
 * ``d`` says what to do. */
NODISCARD int datagrams_new(struct event_base *base, const struct datagrams_cfg *cfg,
                            struct datagrams **ret, struct diag *d);
void datagrams_free(struct datagrams *s); /* informs under way are forgotten; NULL is fine */

/* Serve this bound, non-blocking UDP socket (packet info is used where it delivers it), which the
 * service owns from now on; -1: none. */
void datagrams_set_socket(struct datagrams *s, int fd);

/* Peers and keys from now on (copied); ``chain`` NULL: none, then nothing is accepted or sent.  Informs
 * under way to peers that are gone are given up. */
void datagrams_configure(struct datagrams *s, const struct namp_conf *conf,
                         const struct keychain *chain);

enum datagrams_manner {
	DATAGRAMS_AS_CONFIGURED,
	DATAGRAMS_TRAP,
	DATAGRAMS_INFORM,
};

struct datagrams_event {
	const char *subject;    /* "message" */
	struct namp_slice body; /* encoding of a map */
	struct namp_slice extensions;
	uint32_t extension_count;
	enum datagrams_manner manner;
};

/* Send an event of code 200 to a configured peer; *ret_id (may be NULL) is its id.  0: sent, and when it is an
 * inform, to be repeated; -ENOENT: no such peer; -EMSGSIZE: too long for a datagram; -EDQUOT: too many
 * informs wait for this peer; -ENOKEY: no key may be used for sending now; a trap also what the socket says. */
NODISCARD int datagrams_send(struct datagrams *s, const char *peer,
                             const struct datagrams_event *event, uint64_t *ret_id, struct diag *d);

/* Read what has arrived and do what is due.  With an event base this happens by itself. */
void datagrams_turn(struct datagrams *s);
/* When datagrams_turn() is due next, by the clock's mono(); false: not before something arrives. */
bool datagrams_next(const struct datagrams *s, mono_t *ret);

/* --- looking --- */

struct datagrams_counters {
	uint64_t received; /* every datagram that was read */
	/* Refused, in the order in which the reasons are looked at. */
	uint64_t refused_form, refused_receiver, refused_sender, refused_key;
	uint64_t refused_boot, refused_replayed;
	uint64_t refused_rate, refused_authentication, refused_senders;
	uint64_t refused_undurable; /* the marks could not be written */
	uint64_t refused_message, refused_critical, refused_kind, refused_id;
	uint64_t delivered, duplicates; /* duplicates: copies of what was acted on before */
	uint64_t acks_sent, acks_received, acks_unexpected;
	uint64_t traps_sent, informs_sent, copies_sent;
	uint64_t informs_acknowledged, informs_refused, informs_given_up, informs_dropped;
	uint64_t send_failures;
};

const struct datagrams_counters *datagrams_counters(const struct datagrams *s);

struct datagrams_peer_view {
	const char *name;
	bool is_configured, is_inform;
	struct inet_endpoint endpoint; /* configured; family none: not */
	uint32_t informs_waiting;
	uint64_t sent, received; /* datagrams since the start; received: authenticated ones */
	uint64_t boot, sequence; /* newest that was accepted; 0: none yet */
	wall_t received_at;      /* ns 0: never since the start */
};

/* Peers and senders from position ``after`` on (0: the first), in the order in which they became known:
 * how many were filled, at most ``max``. */
uint32_t datagrams_peers(const struct datagrams *s, uint64_t after, uint32_t max,
                         struct datagrams_peer_view *ret);

/* datagrams_object.c: for the object "namp": adds the map "datagrams" (boot, marks, every counter); ``s`` NULL: null. */
void datagrams_fill(const struct datagrams *s, struct arena *a, struct doc *to);
/* `list namp/peer`: the whole answer, in pages.  ``s`` NULL: no rows. */
int datagrams_list_peers(const struct datagrams *s, const struct object_request *request,
                         struct arena *a, struct doc **ret, struct diag *d);

#endif
