/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of reactions, and the table of what can be watched. */
#include "sla/reaction.h"

#include <string.h>

#define FLAG(word, var)                                                \
	{                                                              \
		.name = (word), .code = (var), .unit = REACT_UNIT_FLAG \
	}
#define TIME(word, var, up, low)                                                      \
	{                                                                             \
		.name = (word), .code = (var), .unit = REACT_UNIT_TIME, .max = 60000, \
		.rising = (up), .falling = (low)                                      \
	}
#define PACKETS(word, var, level)                                                        \
	{                                                                                \
		.name = (word), .code = (var), .unit = REACT_UNIT_PACKETS, .max = 60000, \
		.rising = (level), .falling = (level)                                    \
	}

/* Defaults: CISCO-RTTMON-MIB rttMonReactThresholdRising and …Falling; MOS: the lower one of the command line.
 * UNVERIFIED: the defaults of …Pct; they are those of the same element without. */
const struct reaction_element_info reaction_elements[REACT_ELEMENT_COUNT] = {
	[REACT_CONNECTION_LOSS] = FLAG("connectionLoss", 8),
	[REACT_ICPIF] = { "icpif", 11, REACT_UNIT_INTEGER, 100, 93, 93 },
	[REACT_JITTER_AVG] = TIME("jitterAvg", 10, 100, 100),
	[REACT_JITTER_AVG_PCT] = TIME("jitterAvgPct", 47, 100, 100),
	[REACT_JITTER_DS_AVG] = TIME("jitterDSAvg", 3, 100, 100),
	[REACT_JITTER_DS_AVG_PCT] = TIME("jitterDSAvgPct", 46, 100, 100),
	[REACT_JITTER_SD_AVG] = TIME("jitterSDAvg", 2, 100, 100),
	[REACT_JITTER_SD_AVG_PCT] = TIME("jitterSDAvgPct", 45, 100, 100),
	[REACT_LATENCY_DS_AVG] = TIME("latencyDSAvg", 27, 5000, 3000),
	[REACT_LATENCY_DS_AVG_PCT] = TIME("latencyDSAvgPct", 44, 5000, 3000),
	[REACT_LATENCY_SD_AVG] = TIME("latencySDAvg", 28, 5000, 3000),
	[REACT_LATENCY_SD_AVG_PCT] = TIME("latencySDAvgPct", 43, 5000, 3000),
	[REACT_MAX_LATENCY_DS] = TIME("maxOflatencyDS", 25, 5000, 3000),
	[REACT_MAX_LATENCY_DS_PCT] = TIME("maxOflatencyDSPct", 42, 5000, 3000),
	[REACT_MAX_LATENCY_SD] = TIME("maxOflatencySD", 26, 5000, 3000),
	[REACT_MAX_LATENCY_SD_PCT] = TIME("maxOflatencySDPct", 41, 5000, 3000),
	[REACT_MAX_NEGATIVE_DS] = TIME("maxOfNegativeDS", 18, 10000, 10000),
	[REACT_MAX_NEGATIVE_SD] = TIME("maxOfNegativeSD", 16, 10000, 10000),
	[REACT_MAX_POSITIVE_DS] = TIME("maxOfPositiveDS", 17, 10000, 10000),
	[REACT_MAX_POSITIVE_SD] = TIME("maxOfPositiveSD", 15, 10000, 10000),
	[REACT_MOS] = { "mos", 6, REACT_UNIT_CENTI, 500, 500, 100 },
	/* UNVERIFIED: the defaults of a share; the reference names none. */
	[REACT_OVER_THRESHOLD] = { "overThreshold", 48, REACT_UNIT_PERCENT, 100, 100, 0 },
	[REACT_PACKET_LATE_ARRIVAL] = PACKETS("packetLateArrival", 13, 10000),
	[REACT_PACKET_LOSS] = PACKETS("packetLoss", 29, 10000),
	[REACT_PACKET_LOSS_DS] = PACKETS("packetLossDS", 5, 10000),
	[REACT_PACKET_LOSS_SD] = PACKETS("packetLossSD", 4, 10000),
	[REACT_PACKET_MIA] = PACKETS("packetMIA", 12, 10000),
	[REACT_PACKET_OUT_OF_SEQUENCE] = PACKETS("packetOutOfSequence", 14, 10000),
	[REACT_PROTOCOL_SPECIFIC_ERROR] = FLAG("protocolSpecificError", 49),
	[REACT_RTT] = TIME("rtt", 1, 5000, 3000),
	[REACT_RTT_PCT] = TIME("rttPct", 40, 5000, 3000),
	[REACT_SUCCESSIVE_PACKET_LOSS] = PACKETS("successivePacketLoss", 24, 1000),
	[REACT_TIMEOUT] = FLAG("timeout", 7),
	[REACT_VERIFY_ERROR] = FLAG("verifyError", 9),
};

const char *const reaction_threshold_names[] = { "never", "immediate", "consecutive",
	                                         "xofy",  "average",   NULL };
const char *const reaction_action_names[] = { "none", "trapOnly", "triggerOnly", "trapAndTrigger",
	                                      NULL };

struct reaction_conf reaction_conf_default(uint32_t operation, enum reaction_element element)
{
	return (struct reaction_conf) {
		.operation = operation,
		.element = (uint8_t)element,
		.threshold_type = REACT_NEVER,
		.action = REACT_ACTION_NONE,
		.x = REACTION_COUNT_DEFAULT,
		.y = REACTION_COUNT_DEFAULT,
		.rising = reaction_elements[element].rising,
		.falling = reaction_elements[element].falling,
	};
}

bool reaction_conf_equal(const struct reaction_conf *a, const struct reaction_conf *b)
{
	return a->operation == b->operation && a->element == b->element &&
	       a->threshold_type == b->threshold_type && a->action == b->action && a->x == b->x &&
	       a->y == b->y && a->rising == b->rising && a->falling == b->falling;
}

static void clear_windows(struct reaction_state *s)
{
	s->above = 0;
	s->below = 0;
	s->above_bits = 0;
	s->below_bits = 0;
	s->filled = 0;
}

void reaction_reset(struct reaction_state *s)
{
	*s = (struct reaction_state) { 0 };
}

void reaction_reconfigure(struct reaction_state *s, const struct reaction_conf *from,
                          const struct reaction_conf *to)
{
	if (from->threshold_type != to->threshold_type)
		reaction_reset(s);
	else if (from->x != to->x || from->y != to->y || from->rising != to->rising ||
	         from->falling != to->falling)
		clear_windows(s);
}

struct sides {
	bool above, below;
};

static uint8_t count_row(uint8_t so_far, bool goes_on)
{
	if (!goes_on)
		return 0;
	return so_far < UINT8_MAX ? (uint8_t)(so_far + 1) : so_far;
}

static uint16_t shift_in(uint16_t bits, bool bit)
{
	return (uint16_t)((unsigned)bits << 1 | (bit ? 1u : 0u));
}

/* Of the last ``y``; more than 16 do not exist. */
static bool has_x_of_y(uint16_t bits, unsigned x, unsigned y)
{
	unsigned mask = y >= REACTION_COUNT_MAX ? UINT16_MAX : (1u << y) - 1;

	return (unsigned)__builtin_popcount(bits & mask) >= x;
}

/* Which sides the mean of the last ``n`` values lies on; neither before there are as many. */
static struct sides mean_sides(struct reaction_state *s, const struct reaction_conf *conf,
                               int64_t value)
{
	unsigned n = conf->x;
	int64_t sum = 0;

	memmove(&s->window[1], &s->window[0], sizeof(s->window) - sizeof(s->window[0]));
	s->window[0] = value;
	if (s->filled < REACTION_COUNT_MAX)
		s->filled++;
	if (s->filled < n)
		return (struct sides) { false, false };
	for (unsigned i = 0; i < n; i++)
		sum += s->window[i];
	return (struct sides) { sum > (int64_t)conf->rising * n, sum < (int64_t)conf->falling * n };
}

/* Which of both conditions hold with this sample. */
static struct sides judge(struct reaction_state *s, const struct reaction_conf *conf,
                          struct reaction_sample sample)
{
	struct sides now = { sample.kind == REACT_BAD, sample.kind == REACT_GOOD };

	if (sample.kind == REACT_VALUE)
		now = (struct sides) { sample.value > conf->rising, sample.value < conf->falling };
	switch ((enum reaction_threshold)conf->threshold_type) {
	case REACT_IMMEDIATE:
		return now;
	case REACT_CONSECUTIVE:
		s->above = count_row(s->above, now.above);
		s->below = count_row(s->below, now.below);
		return (struct sides) { s->above >= conf->x, s->below >= conf->x };
	case REACT_XOFY:
		s->above_bits = shift_in(s->above_bits, now.above);
		s->below_bits = shift_in(s->below_bits, now.below);
		return (struct sides) { has_x_of_y(s->above_bits, conf->x, conf->y),
			                has_x_of_y(s->below_bits, conf->x, conf->y) };
	case REACT_AVERAGE:
		if (sample.kind == REACT_VALUE)
			return mean_sides(s, conf, sample.value);
		break;
	case REACT_NEVER:
	case REACT_THRESHOLD_COUNT:
		break;
	}
	return (struct sides) { false, false };
}

static struct reaction_outcome cross(struct reaction_state *s, enum reaction_edge edge,
                                     bool occurred)
{
	s->edge = (uint8_t)edge;
	s->occurred = occurred;
	clear_windows(s);
	return (struct reaction_outcome) { .event = occurred ? REACT_RAISED : REACT_CLEARED,
		                           .is_below = edge == REACT_EDGE_BELOW };
}

struct reaction_outcome reaction_step(struct reaction_state *s, const struct reaction_conf *conf,
                                      enum reaction_mos mos, struct reaction_sample sample)
{
	const struct reaction_outcome nothing = { .event = REACT_NOTHING };
	bool is_mos = conf->element == REACT_MOS;
	bool is_inverted = is_mos && mos == REACT_MOS_INVERTED;

	if (sample.kind == REACT_NO_SAMPLE)
		return nothing;
	s->value = sample.kind == REACT_VALUE ? sample.value : 0;
	s->has_value = true;
	struct sides met = judge(s, conf, sample);

	if (is_inverted) {
		if (met.below && s->edge != REACT_EDGE_BELOW)
			return cross(s, REACT_EDGE_BELOW, true);
		if (met.above && s->edge == REACT_EDGE_BELOW)
			return cross(s, REACT_EDGE_ABOVE, false);
		return nothing;
	}
	if (met.above && s->edge != REACT_EDGE_ABOVE)
		return cross(s, REACT_EDGE_ABOVE, true);
	if (met.below && (s->edge == REACT_EDGE_ABOVE || (is_mos && s->edge == REACT_EDGE_NONE)))
		return cross(s, REACT_EDGE_BELOW, false);
	return nothing;
}
