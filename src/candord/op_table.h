/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of the running configuration and what became of them, kept in step with the engine:
 * a change marks an operation, op_table_sync() sends what is marked and goes on later where the ring
 * is full.  State is synchronised, not queued: nothing can be lost or overtaken.  Control only. */
#ifndef CANDOR_CANDORD_OP_TABLE_H
#define CANDOR_CANDORD_OP_TABLE_H

#include "base/cleanup.h"
#include "config/config_diff.h"
#include "object/node.h"

struct channel;
struct resolver;

struct op_slot {
	struct op_entry entry;
	struct inet_addr resolved; /* of a target that is a name; family none: not (yet) known */
	uint32_t pin_mark; /* its probes leave by the path that they test; 0: as the routes are */
	bool is_resolving;
	bool is_renewing;   /* the address may have become another */
	mono_t resolved_at; /* when the address was asked for last */
	bool is_held;       /* too little memory when it came: the engine does not get it yet */
	bool is_held_noted;
	bool is_dirty;        /* the engine does not have the present state */
	uint16_t sent_key_id; /* of the control key that the engine has; with has_sent_key */
	bool has_sent_key;
	bool has_act; /* the engine lacks the order of a person: */
	enum runner_action act;
	uint64_t act_serial; /* of the last one; a state with it confirms it */
	uint8_t noted_sense; /* enum sla_sense of the last run, as the message log has it */
};

struct op_table {
	struct resolver *resolver;
	/* The number of a VRF's or interface's name, known to whoever opens sockets; ``name`` NULL: 0. */
	uint16_t (*net_name)(const char *name);
	const struct config *config;            /* running; owned by the caller */
	uint32_t count, dirty_count, act_count; /* act_count: slots with an order to send */
	struct op_slot **slots;                 /* by number, rising */
	const struct op_entry **entries;        /* the same, as the object tree wants them */
	uint32_t removed_count;
	uint32_t *removed; /* numbers that the engine must forget, before anything is set */
	uint64_t last_generation, last_act;
	bool is_low_memory;  /* of the owner: new operations are held back */
	uint32_t held_count; /* operations that are */
};

/* Take over a configuration, ``diff`` being what it changes: operations that did not change keep
 * everything; type or target changed is a new generation; other changes keep the results.  ``config``
 * must stay until the next call, the one before it until this call returns. */
void op_table_apply(struct op_table *t, const struct config *config, const struct config_diff *diff,
                    mono_t now, wall_t now_wall);

/* Send what the engine lacks.  0: all sent; -ENOSPC: call again soon; other -errno: channel broken. */
NODISCARD int op_table_sync(struct op_table *t, struct channel *channel, wall_t now_wall);

/* Order an operation what enum runner_action has: the serial number with which its state will confirm it.
 * Of several orders that the engine did not have yet one with the same outcome is sent; another schedule
 * takes one back. */
uint64_t op_table_act(struct op_table *t, struct op_slot *s, enum runner_action action);

/* Its packets bear this mark, unless its configuration has one. */
void op_table_pin(struct op_table *t, struct op_slot *s, uint32_t mark);

/* Once a second: mark operations whose control key rolled over. */
void op_table_roll_keys(struct op_table *t, wall_t now_wall);

/* Memory is there again: what was held back goes to the engine. */
void op_table_release(struct op_table *t);

/* Once a second: ask again for names whose address is older than OP_NAME_RENEW_S; an answer that fails
 * changes nothing. */
#define OP_NAME_RENEW_S 300
void op_table_renew_names(struct op_table *t, mono_t now);

/* Ask again for names that did not resolve. */
void op_table_retry_names(struct op_table *t);

struct op_slot *op_table_find(const struct op_table *t, uint32_t number); /* or NULL */

/* An operation aged out: forget it here, and at the next synchronisation in the engine.  It comes back
 * when its configuration changes. */
void op_table_drop(struct op_table *t, uint32_t number);

void op_table_fini(struct op_table *t);

#endif
