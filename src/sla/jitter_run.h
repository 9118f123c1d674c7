/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of one run of a jitter operation: per-packet records go in as things happen, the
 * figures come out at the end.  Used by probe/udp_jitter; owns no memory (the caller gives one
 * block), reads no clock.
 *
 * Per packet i: O our transmit stamp, R and T the responder's receive and send times, A our receive
 * stamp, s our sequence number from 1, c the responder's count.
 *   RTT       (A - O) - (T - R); type 2 knows T - R in whole ms only
 *   one-way   SD = R - O, DS = A - T
 *   jitter    SD (Ri - Rj) - (Oi - Oj) for consecutive s, DS (Ai - Aj) - (Ti - Tj) for consecutive c
 *   loss      between answered neighbours the counts that nobody holds were lost on the way back,
 *             the rest on the way there; after the last answer the direction is unknown
 * Type 2 values R and T are milliseconds of the day, so one-way and jitter are whole ms: our own
 * stamps are truncated the same way (the kernel's, not what went into the packet: the delay between
 * the two is ours, not the network's).
 * Sources: CISCO-RTTMON-MIB rttMonLatestJitterOperTable, RFC 1889 section 6.3.1, RFC 6812 4. */
#ifndef CANDOR_SLA_JITTER_RUN_H
#define CANDOR_SLA_JITTER_RUN_H

#include "base/clocktypes.h"
#include "base/sketch.h"
#include "sla/percentile.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two readings of CLOCK_REALTIME - CLOCK_MONOTONIC that differ by more than this mean that the wall
 * clock was stepped in between.  Slewing moves both clocks alike, a preempted pair of readings is
 * bracketed to microseconds, and time daemons step only for offsets far above it. */
#define JITTER_STEP_NS NS_PER_MS

enum jitter_wire {
	JITTER_WIRE_MS, /* type 2 */
	JITTER_WIRE_US, /* type 3 */
};

struct jitter_config {
	enum jitter_wire wire;
	uint32_t packets;    /* planned: 1-60000 */
	mono_t first_at;     /* planned instant of packet 1 */
	int64_t interval_ns; /* packet s is due at first_at + (s - 1) * interval */
	int64_t timeout_ns;  /* a reply that takes longer is late */
	int64_t threshold_ns;
	enum sla_codec codec;
	uint8_t advantage_factor;
	uint8_t percentile
	        [PERCENTILE_COUNT]; /* 1-99: leave the worst samples out; else all count */
	uint8_t tolerance_percent; /* type 3: most clock error of a one-way time, in its hundredths; */
	uint32_t tolerance_us;     /* and absolute; 0: not asked for */
	bool peer_clock_assumed; /* type 2: the operator vouches for the responder's clock */
};

/* What a reply says. */
struct jitter_reply {
	struct stamp at;     /* A */
	wall_t t2, t3;       /* type 3: R and T */
	uint32_t t2_ms;      /* type 2: R, ms of the day */
	uint16_t delta_ms;   /* type 2: T - R */
	uint32_t count;      /* c; 0: the responder does not count */
	int64_t peer_err_ns; /* type 3: offset of its clock as it states; -1: not synchronised */
	bool corrupted;      /* verify-data: not what we sent */
	bool unstamped;      /* the responder's fields are empty: it came from a plain echo */
};

enum jitter_fate {
	JITTER_UNSENT, /* not its turn yet */
	JITTER_SKIPPED,
	JITTER_WAITING, /* sent; at the end: lost */
	JITTER_ANSWERED,
	JITTER_CORRUPTED,
	JITTER_LATE,
	JITTER_LOST_SD,
	JITTER_LOST_DS,
	JITTER_MISSING, /* lost, direction unknown */
};

struct jitter_record {
	int64_t t1_ns, t1_offset_ns, t1_err_ns;
	int64_t t4_ns, t4_offset_ns, t4_err_ns;
	int64_t t2_ns, t3_ns, peer_err_ns;
	uint32_t t2_ms, count, duplicate_count;
	uint16_t delta_ms;
	uint8_t fate; /* enum jitter_fate */
	uint8_t t1_source, t4_source;
	bool unstamped;
	bool usable; /* decided at the end: in time, intact, stamped, no step, plausible */
};

struct jitter_run {
	struct jitter_config cfg;
	uint32_t sent, skipped, answered, duplicates, foreign;
	struct jitter_record *records; /* [1 .. packets] */
	uint32_t *arrivals;   /* sequence numbers in order of arrival; ``answered`` of them */
	uint32_t *by_count;   /* scratch: sequence number that holds a count; 0: nobody */
	uint32_t *held_below; /* scratch: how many counts up to this one are held */
	struct percentile_samples *samples; /* one of each enum percentile_of */
	uint32_t counts;                    /* largest usable count */
};

/* Octets of the block that jitter_run_init() needs for ``packets`` packets; ``percentile`` as in the
 * configuration, or NULL. */
size_t jitter_run_size(uint32_t packets, const uint8_t *percentile);

/* Start a run in ``block`` (aligned for any type, jitter_run_size() octets, kept by the caller). */
void jitter_run_init(struct jitter_run *run, const struct jitter_config *cfg, void *block);

/* The instant at which packet ``seq`` is due. */
mono_t jitter_run_due(const struct jitter_run *run, uint32_t seq);

/* Packet ``seq`` (1 .. packets, each once) went out; ``user`` is the reading before the call. */
void jitter_run_sent(struct jitter_run *run, uint32_t seq, const struct stamp *user);
void jitter_run_skip(struct jitter_run *run, uint32_t seq); /* it could not be sent */
/* No packet after ``last`` will be sent: the run is that long. */
void jitter_run_cut(struct jitter_run *run, uint32_t last);
/* The kernel's transmit stamp of ``seq``; anything out of range or not sent is ignored. */
void jitter_run_stamp(struct jitter_run *run, uint32_t seq, const struct stamp *kernel);

/* A reply to ``seq`` as the packet says: a second one counts as duplicate, one for a packet never
 * sent as foreign.  True when it was the first. */
bool jitter_run_reply(struct jitter_run *run, uint32_t seq, const struct jitter_reply *reply);

/* Nothing more to wait for: every packet was sent or skipped, and every one sent is answered. */
bool jitter_run_is_complete(const struct jitter_run *run);

/* Fill jitter, instrument (but rx_queue_drops), clock and rtt_ns of ``res`` from the records; once
 * a run.  ``grade`` is that of the local clock during the run. */
void jitter_run_finish(struct jitter_run *run, const struct clock_grade *grade,
                       struct sla_result *res);

/* After jitter_run_finish(): add each round-trip time that went into its figures to the empty ``to``.
 * Where there is no memory for all of them it stays empty: a part would contradict the figures, and
 * the reader of the record takes that for nonsense. */
void jitter_run_distribution(const struct jitter_run *run, struct sketch *to);

#endif
