/* SPDX-License-Identifier: Apache-2.0 */
/* Object tracking: `track N …` decides from what is seen of operations, interfaces and routes whether an
 * object is Up or Down, with the delays and thresholds of IOS.  Pure: what is seen and the time come in,
 * changes come out one by one.  One set holds all objects, since lists look at other objects.  Control only.
 * Source of names and ranges: Cisco-IOS-XE-track, IOS `track`. */
#ifndef CANDOR_SLA_TRACK_H
#define CANDOR_SLA_TRACK_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "sla/sense.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACK_NUMBER_MAX     32767
#define TRACK_DELAY_MAX_S    180
#define TRACK_HOLD_MAX_S     86400
#define TRACK_MEMBERS_MAX    1000
#define TRACK_WEIGHT_DEFAULT 10

enum track_kind {
	TRACK_SLA_STATE,        /* Up: the operation returned OK */
	TRACK_SLA_REACHABILITY, /* Up: OK or over threshold */
	TRACK_LIST_AND,
	TRACK_LIST_OR,
	TRACK_LIST_WEIGHT,
	TRACK_LIST_PERCENTAGE,
	TRACK_INTERFACE_LINE,    /* line-protocol */
	TRACK_INTERFACE_ROUTING, /* ip routing: line protocol and an address */
	TRACK_ROUTE,             /* ip route P M reachability */
	TRACK_STUB,              /* stub-object: its default-state */
	TRACK_KIND_COUNT,
};

/* What is seen of an object, and what `default-state` says. */
enum track_value {
	TRACK_VALUE_UNKNOWN, /* nothing: Down, unless default-state says otherwise */
	TRACK_VALUE_DOWN,
	TRACK_VALUE_UP,
};

struct track_member {
	uint32_t number;
	uint8_t weight;  /* TRACK_LIST_WEIGHT: 1-255 */
	bool is_negated; /* `object N not`: boolean lists only */
};

struct track_cfg {
	uint32_t number;       /* 1 .. TRACK_NUMBER_MAX */
	uint8_t kind;          /* enum track_kind */
	uint8_t default_state; /* enum track_value; UNKNOWN: not set */
	uint32_t subject; /* which operation or interface; another one makes it another object */
	uint32_t delay_up_s, delay_down_s;
	uint32_t hold_down_s; /* ours: stays Down this long at least */
	/* Lists by threshold: Up when the sum is at or above the first, Down when it is at or below
	 * the second; -1: nothing is. */
	int16_t threshold_up, threshold_down;
	uint32_t member_count;
	const struct track_member
	        *members; /* of the owner, who keeps them while the set has them */
};

struct track {
	struct track_cfg cfg;
	uint8_t seen;    /* enum track_value; leaves only */
	bool is_seen;    /* leaves: something is known, even if it is that nothing is */
	bool is_settled; /* it was decided at least once since the object is there */
	bool is_up;
	bool has_pending; /* a change waits for its delay: */
	bool is_pending_up;
	mono_t due, pending_from;
	mono_t held_until; /* Down until then, by hold-down; with is_held */
	bool is_held;
	uint32_t changes;    /* the creation is the first */
	uint64_t suppressed; /* changes that the delay or hold-down took back */
	wall_t changed_at;
};

struct track_set {
	uint32_t count;
	struct track *tracks; /* by number, rising; heap */
};

/* One change of state. */
struct track_change {
	uint32_t number;
	bool is_up, is_first; /* is_first: the first decision since the object is there */
	int64_t delayed_ns;   /* how long it was waiting for its delay */
};

/* Take over ``count`` objects by number, rising: one whose number, kind and subject are as before keeps
 * its state, others begin Down (or in their default-state), with one change. */
void track_set_apply(struct track_set *s, const struct track_cfg *cfgs, uint32_t count, wall_t now);
void track_set_fini(struct track_set *s);

struct track *track_set_find(const struct track_set *s, uint32_t number); /* or NULL */

/* Something is seen of a leaf (of a list: nothing happens).  Ask track_set_step() afterwards. */
void track_set_see(struct track_set *s, uint32_t number, enum track_value value);

/* Begin in this state, as if it had been decided before: what the routes of an earlier life show. */
void track_set_seed(struct track_set *s, uint32_t number, bool is_up);

/* Make the next change that is due; call until it says false.  An object is decided when everything
 * below it has been seen; its first decision comes without delay, unless a default-state or a seed
 * stands already. */
bool track_set_step(struct track_set *s, mono_t now, wall_t now_wall, struct track_change *ret);

/* The instant of the next change that waits; false: none does. */
bool track_set_next(const struct track_set *s, mono_t *ret_at);

/* Seconds until a pending change, rounded up; 0: none is pending. */
uint32_t track_pending_s(const struct track *t, mono_t now);

/* Sum (weights, or percent of members that are up) of a list by threshold, as it is now. */
int track_list_sum(const struct track_set *s, const struct track *t);

/* What the return code of an operation's latest run means to ``kind``. */
enum track_value track_value_of_sense(enum track_kind kind, enum sla_sense sense);

/* "ip sla 10 reachability" wants its subject; this is the rest: "reachability", "state",
 * "boolean and", "line-protocol", …: words of configuration. */
const char *track_kind_words(enum track_kind kind);

static inline bool track_kind_is_list(uint8_t kind)
{
	return kind >= TRACK_LIST_AND && kind <= TRACK_LIST_PERCENTAGE;
}

static inline bool track_kind_is_sla(uint8_t kind)
{
	return kind == TRACK_SLA_STATE || kind == TRACK_SLA_REACHABILITY;
}

#endif
