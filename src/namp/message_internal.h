/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the message service share; nobody else includes it. */
#ifndef CANDOR_NAMP_MESSAGE_INTERNAL_H
#define CANDOR_NAMP_MESSAGE_INTERNAL_H

#include "namp/message_body.h"
#include "namp/message_service.h"
#include "namp/message_table.h"
#include "namp/record_log.h"

enum { TABLE_ALARMS, TABLE_WINDOWS, TABLES };

struct messages {
	struct messages_cfg cfg;
	char node_name[MESSAGE_WHO_MAX + 1];
	struct record_log *log;
	struct message_table tables[TABLES];
	uint64_t checkpoint; /* number of the last message that the checkpoint file knows */
	struct messages_counters counters;
	uint64_t lost_unsaid; /* of counters.lost: not yet said in the log */
	uint8_t scratch[RECORD_MAX];
};

/* A message as it is logged. */
struct message_entry {
	struct doc *doc; /* section 8, and received_ns and from where it was received */
	enum message_effect effect;
	struct namp_slice extensions;
	uint32_t extension_count;
};

/* Log it, make it durable, change the tables and tell watchers.  0 and its number; -ENOSPC: there is no
 * room, -EMSGSIZE, -EIO with ``d``: nothing has changed. */
NODISCARD int message_enter(struct messages *m, const struct message_entry *e, struct arena *a,
                            uint64_t *ret_number, struct diag *d);

/* Whether the tables have room for what ``doc`` begins.  0 or -ENOSPC with ``d``. */
NODISCARD int message_find_room(const struct messages *m, const struct doc *doc,
                                enum message_effect effect, struct diag *d);

/* The message in a record, with its number, in ``a``.  0; -EBADMSG: it is none. */
NODISCARD int message_decode(const struct record *r, struct arena *a, struct doc **ret);

/* The members that every message shows; null where it has none. */
extern const char *const message_keys[];

/* Add what the operations in ``doc``'s scope measured last. */
void message_add_measured(struct messages *m, struct arena *a, struct doc *doc);

/* "planned", "active" or "over". */
const char *message_window_state(const struct doc *row, wall_t now);

#endif
