/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the datagram service share. */
#ifndef CANDOR_NAMP_DATAGRAMS_INTERNAL_H
#define CANDOR_NAMP_DATAGRAMS_INTERNAL_H

#include "base/siphash.h"
#include "base/tmr.h"
#include "base/token_bucket.h"
#include "io/clock.h"
#include "io/udp_socket.h"
#include "namp/datagrams.h"

#define DATAGRAMS_WINDOW 64u  /* sequences below the highest that may still come */
#define DATAGRAMS_IDS    256u /* ids below the highest that are remembered one by one */

/* Room for every sender and every configured peer, without the table being more than half full. */
#define CORRESPONDENTS_MAX   (DATAGRAMS_SENDERS_MAX + NAMP_PEERS_MAX)
#define CORRESPONDENTS_SLOTS 16384u

/* What was accepted from one sender. */
struct correspondent_marks {
	uint64_t boot, highest; /* 0: nothing yet */
	uint64_t seen;          /* bit n: highest - n was accepted */
	uint64_t id_highest;
	uint8_t ids[DATAGRAMS_IDS /
	            8]; /* bit id % DATAGRAMS_IDS: acted on; of the ids up to id_highest */
};

/* An inform that waits for its acknowledgement. */
struct inform {
	struct tmr tmr; /* the next copy, or the end */
	struct datagrams *service;
	struct correspondent *to;
	struct inform *next;
	uint64_t id;
	unsigned copies; /* sent so far */
	size_t len;
	uint8_t message[NAMP_SEALED_MAX];
};

/* Everybody with whom datagrams are exchanged: senders and configured peers. */
struct correspondent {
	char name[NAMP_NAME_MAX + 1];
	struct correspondent_marks marks;
	uint64_t sequence, id; /* sent last, in this boot */
	struct inet_endpoint endpoint;
	bool is_configured, is_inform;
	struct inform *informs; /* oldest first: ids rise */
	uint32_t inform_count;
	uint64_t sent, received;
	wall_t received_at;
};

/* Authenticated, and waiting for its mark to be durable. */
struct pending {
	struct correspondent *sender;
	struct inet_endpoint from;
	struct inet_addr to;
	wall_t at;
	size_t len;
	uint8_t message[NAMP_SEALED_MAX];
};

struct datagrams {
	struct datagrams_cfg cfg;
	char node_name[NAMP_NAME_MAX + 1];
	struct event_base *base;
	struct event *readable, *timer;
	int fd;
	bool has_chain;
	struct keychain chain;
	uint64_t boot;
	struct siphash_key random; /* of the table, and of what must not be guessed */
	uint64_t random_count;
	struct correspondent *slots[CORRESPONDENTS_SLOTS];
	struct correspondent *all[CORRESPONDENTS_MAX]; /* in the order in which they became known */
	uint32_t count, sender_count;                  /* senders: have marks */
	struct token_bucket opened;
	struct tmr_heap timers;
	struct tmr flush; /* marks are to be written */
	bool marks_dirty, ids_dirty, disk_failed;
	struct dgram_batch *batch;
	struct pending pending[DGRAM_BATCH];
	unsigned pending_count;
	struct datagrams_counters counters;
};

/* datagrams_marks.c */
struct correspondent *correspondent_find(const struct datagrams *s, const char *name); /* or NULL */
struct correspondent *correspondent_add(struct datagrams *s, const char *name); /* NULL: full */
NODISCARD int datagrams_begin_boot(struct datagrams *s, struct diag *d);
NODISCARD int datagrams_read_marks(struct datagrams *s, struct diag *d);
NODISCARD int datagrams_write_marks(struct datagrams *s);
bool marks_have_seen(const struct correspondent_marks *m, uint64_t boot, uint64_t sequence);
void marks_take(struct correspondent_marks *m, uint64_t boot, uint64_t sequence);

enum id_verdict { ID_NEW, ID_KNOWN, ID_TOO_OLD };
enum id_verdict marks_judge_id(const struct correspondent_marks *m, uint64_t id);
void marks_take_id(struct correspondent_marks *m, uint64_t id);

/* datagrams_receive.c */
void datagrams_receive(struct datagrams *s);
void datagrams_flush(struct datagrams *s); /* marks durable, then act on what waits */

/* datagrams_send.c */
void datagrams_acknowledge(struct datagrams *s, const struct pending *p, uint64_t id,
                           unsigned code);
void datagrams_take_ack(struct datagrams *s, struct correspondent *from, uint64_t id,
                        unsigned code);
void datagrams_drop_informs(struct correspondent *c); /* given up */

/* datagrams.c */
uint64_t datagrams_random(struct datagrams *s);
void datagrams_arm(struct datagrams *s, struct tmr *t, int64_t in_ns);
void datagrams_rearm(struct datagrams *s); /* the event base's timer follows the heap */

#endif
