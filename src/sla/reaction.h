/* SPDX-License-Identifier: Apache-2.0 */
/* Reactions of an operation: which figure of its results is watched (the element), when that counts as a
 * condition that has occurred and when as cleared (the threshold type), and what follows (the action).
 *
 * Pure and without memory of its own: control keeps one struct reaction_state for each configured row, and
 * hands every result of the operation to reaction_step().  Source of names and codes: CISCO-RTTMON-MIB
 * rttMonReactTable, CISCO-RTTMON-TC-MIB RttMonReactVar. */
#ifndef CANDOR_SLA_REACTION_H
#define CANDOR_SLA_REACTION_H

#include "base/cleanup.h"
#include "sla/result.h"
#include <stdbool.h>
#include <stdint.h>

#define REACTION_COUNT_MAX     16 /* of consecutive, xofy, average */
#define REACTION_COUNT_DEFAULT 5

/* In the order of `?`, which is that of the alphabet.  …_PCT: without the worst samples, as `percentile` of the
 * operation says; where it says nothing, the same figure as without _PCT. */
enum reaction_element {
	REACT_CONNECTION_LOSS,
	REACT_ICPIF,
	REACT_JITTER_AVG,
	REACT_JITTER_AVG_PCT,
	REACT_JITTER_DS_AVG,
	REACT_JITTER_DS_AVG_PCT,
	REACT_JITTER_SD_AVG,
	REACT_JITTER_SD_AVG_PCT,
	REACT_LATENCY_DS_AVG,
	REACT_LATENCY_DS_AVG_PCT,
	REACT_LATENCY_SD_AVG,
	REACT_LATENCY_SD_AVG_PCT,
	REACT_MAX_LATENCY_DS,
	REACT_MAX_LATENCY_DS_PCT,
	REACT_MAX_LATENCY_SD,
	REACT_MAX_LATENCY_SD_PCT,
	REACT_MAX_NEGATIVE_DS,
	REACT_MAX_NEGATIVE_SD,
	REACT_MAX_POSITIVE_DS,
	REACT_MAX_POSITIVE_SD,
	REACT_MOS,
	REACT_OVER_THRESHOLD,
	REACT_PACKET_LATE_ARRIVAL,
	REACT_PACKET_LOSS,
	REACT_PACKET_LOSS_DS,
	REACT_PACKET_LOSS_SD,
	REACT_PACKET_MIA,
	REACT_PACKET_OUT_OF_SEQUENCE,
	REACT_PROTOCOL_SPECIFIC_ERROR,
	REACT_RTT,
	REACT_RTT_PCT,
	REACT_SUCCESSIVE_PACKET_LOSS,
	REACT_TIMEOUT,
	REACT_VERIFY_ERROR,
	REACT_ELEMENT_COUNT,
};

enum reaction_unit {
	REACT_UNIT_FLAG, /* a run is good or bad: no value, no thresholds */
	REACT_UNIT_TIME, /* milliseconds; microseconds when the operation has `precision microseconds` */
	REACT_UNIT_PACKETS,
	REACT_UNIT_CENTI,   /* MOS x 100 */
	REACT_UNIT_INTEGER, /* ICPIF */
	REACT_UNIT_PERCENT,
};

struct reaction_element_info {
	const char *name;         /* keyword of IOS: "jitterSDAvg" */
	uint8_t code;             /* RttMonReactVar */
	uint8_t unit;             /* enum reaction_unit */
	uint16_t max;             /* of a threshold */
	uint16_t rising, falling; /* defaults; 0: a flag has none */
};

/* By enum reaction_element. */
extern const struct reaction_element_info reaction_elements[REACT_ELEMENT_COUNT];

/* Whether operations of this type have the element; some elements ask for a codec besides. */
bool reaction_applies(enum reaction_element element, const struct op_params *params);

enum reaction_threshold {
	REACT_NEVER, /* watches nothing, whatever the action is */
	REACT_IMMEDIATE,
	REACT_CONSECUTIVE,
	REACT_XOFY,
	REACT_AVERAGE, /* not for flags */
	REACT_THRESHOLD_COUNT,
};

/* Words of the configuration: "never", "immediate", "consecutive", "xofy", "average"; NULL-terminated. */
extern const char *const reaction_threshold_names[];

enum reaction_action {
	REACT_ACTION_NONE,
	REACT_ACTION_TRAP,    /* tell: syslog, alarm message, webhooks, hooks */
	REACT_ACTION_TRIGGER, /* start the operations of `ip sla reaction-trigger` */
	REACT_ACTION_BOTH,
	REACT_ACTION_COUNT,
};

/* "none", "trapOnly", "triggerOnly", "trapAndTrigger"; NULL-terminated. */
extern const char *const reaction_action_names[];

/* One row: `ip sla reaction-configuration N react ELEMENT …`. */
struct reaction_conf {
	uint32_t operation;
	uint8_t element;          /* enum reaction_element */
	uint8_t threshold_type;   /* enum reaction_threshold */
	uint8_t action;           /* enum reaction_action */
	uint8_t x, y;             /* consecutive and average: x values; xofy: x of the last y */
	uint16_t rising, falling; /* in the element's unit; falling <= rising */
};

/* `ip sla reaction-trigger OPERATION TARGET`: the target starts when a condition of the operation occurs. */
struct reaction_trigger {
	uint32_t operation, target;
};

/* The row that `ip sla reaction-configuration N react ELEMENT` alone makes. */
struct reaction_conf reaction_conf_default(uint32_t operation, enum reaction_element element);

bool reaction_conf_equal(const struct reaction_conf *a, const struct reaction_conf *b);

/* What one result says of an element. */
enum reaction_kind {
	REACT_NO_SAMPLE, /* nothing: the run did not measure this */
	REACT_VALUE,
	REACT_GOOD, /* flags */
	REACT_BAD,
};

struct reaction_sample {
	uint8_t kind;  /* enum reaction_kind */
	int64_t value; /* REACT_VALUE: in the element's unit, fractions cut off */
};

/* What ``r`` says of ``element``. */
struct reaction_sample reaction_extract(enum reaction_element element, const struct sla_result *r);

/* The last edge: after REACT_EDGE_ABOVE another one of its kind cannot come before one below. */
enum reaction_edge {
	REACT_EDGE_NONE, /* none yet */
	REACT_EDGE_ABOVE,
	REACT_EDGE_BELOW,
};

struct reaction_state {
	bool occurred;                   /* rttMonReactOccurred */
	uint8_t edge;                    /* enum reaction_edge */
	uint8_t above, below;            /* consecutive: values in a row on either side */
	uint8_t filled;                  /* values in the window since it was cleared, at most 16 */
	uint16_t above_bits, below_bits; /* xofy: the last ones, the newest in bit 0 */
	int64_t window[REACTION_COUNT_MAX]; /* average: the newest first */
	int64_t value;                      /* of the last sample: rttMonReactValue; flags: 0 */
	bool has_value;
};

enum reaction_event {
	REACT_NOTHING,
	REACT_RAISED,  /* the condition has occurred */
	REACT_CLEARED, /* it is over */
};

struct reaction_outcome {
	uint8_t event; /* enum reaction_event */
	bool is_below; /* the value crossed the lower threshold: "Threshold below"; flags: cleared */
};

/* How MOS is watched: see reaction_step(). */
enum reaction_mos {
	REACT_MOS_GENERIC,  /* as every element: above the upper threshold is the condition */
	REACT_MOS_INVERTED, /* a score below the lower threshold is the condition */
};

/* Take one sample.  Strictly above ``rising`` and strictly below ``falling`` count; between them nothing
 * changes, and a row of consecutive values is broken.  Windows slide, and are cleared at each edge.  A run
 * without a sample changes nothing.
 *
 * MOS is good when it is high: under REACT_MOS_GENERIC the first edge may be one below (told as cleared, for
 * that is what a router calls it); under REACT_MOS_INVERTED below is what raises. */
struct reaction_outcome reaction_step(struct reaction_state *s, const struct reaction_conf *conf,
                                      enum reaction_mos mos, struct reaction_sample sample);

/* Forget everything, without any event: the threshold type changed, the operation was reset, became inactive,
 * or its statistics were cleared. */
void reaction_reset(struct reaction_state *s);

/* Take over another configuration of the row: another threshold type forgets everything, other thresholds or
 * counts clear the windows alone. */
void reaction_reconfigure(struct reaction_state *s, const struct reaction_conf *from,
                          const struct reaction_conf *to);

#endif
