/* SPDX-License-Identifier: Apache-2.0 */
/* The path emulator's engine: takes frames in at either port, lets the rules decide, keeps each
 * until it is due and sends it out of the other port.  Memory is bounded: RELAY_FRAMES frames at
 * once, one more is dropped as "pool".  One thread; the caller's loop says when. */
#ifndef CANDOR_LAB_PATHEMU_RELAY_H
#define CANDOR_LAB_PATHEMU_RELAY_H

#include "base/tmr.h"
#include "pathemu_log.h"
#include "pathemu_port.h"
#include "pathemu_words.h"

#define RELAY_FRAMES      8192
#define RELAY_UNSTAMPED   1024 /* sent frames that may await their transmit stamp, per port */
#define RELAY_HOLD_MAX_NS (500 * NS_PER_MS) /* a reordered frame leaves then, overtaken or not */

struct relay_frame {
	struct tmr tmr; /* when it leaves */
	struct relay *relay;
	struct relay_frame *next; /* free list, or the held frames of a direction */
	uint32_t hold;            /* frames that must leave before it */
	struct log_entry entry;
	size_t len;
	uint8_t octets[FRAME_MAX];
};

struct relay_counters {
	uint64_t in, out, dropped, duplicated, corrupted, reordered, send_errors, pool_full;
};

struct relay {
	struct port port[DIRECTIONS]; /* direction d goes in at port[d], out at port[1 - d] */
	struct path_settings settings;
	struct tmr_heap heap;
	struct relay_frame *frames, *free;
	struct relay_frame *held[DIRECTIONS];
	struct {
		bool is_used;
		struct log_entry entry;
	} unstamped[DIRECTIONS][RELAY_UNSTAMPED];
	struct relay_counters count[DIRECTIONS];
	FILE *log; /* NULL: none */
};

/* ``r`` with its ports open and settings made; the rest is set up here.  0 or -ENOMEM. */
NODISCARD int relay_init(struct relay *r);
void relay_fini(struct relay *r); /* what is still held is logged as dropped: "exit" */

/* Take in up to ``max`` frames of direction ``d``.  ``wall_less_mono_ns``: what to take off a
 * CLOCK_REALTIME stamp to get CLOCK_MONOTONIC.  0 or -errno of the port. */
NODISCARD int relay_take(struct relay *r, uint32_t d, int64_t wall_less_mono_ns, unsigned max);

/* Send what is due. */
void relay_run(struct relay *r, mono_t now);

/* One line of JSON with the counters. */
void relay_write_counters(struct relay *r, FILE *to);

#endif
