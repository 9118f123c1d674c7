/* SPDX-License-Identifier: Apache-2.0 */
/* What the path emulator does to each frame of one direction, decided from a seed and the frame's
 * place in the stream: the same seed and the same rules always choose the same frames.  Pure: the
 * time of arrival comes in, the time of release comes out. */
#ifndef CANDOR_LAB_PATHEMU_RULES_H
#define CANDOR_LAB_PATHEMU_RULES_H

#include "pathemu_frame.h"

#define PICK_RANGES_MAX 256
#define MATCH_TERMS_MAX 16
#define PPM             INT64_C(1000000)

/* Which of the matching frames, numbered from 1, an effect hits. */
enum pick_kind {
	PICK_NONE,
	PICK_RATE,  /* each with probability rate_ppm */
	PICK_EVERY, /* from, from + every, … */
	PICK_LIST,  /* exactly those in the ranges */
};

struct pick {
	enum pick_kind kind;
	uint32_t rate_ppm;    /* 0 - 1000000 */
	uint32_t every, from; /* each >= 1 */
	uint32_t ranges;
	struct {
		uint64_t first, last;
	} range[PICK_RANGES_MAX];
};

/* One term of a match: a protocol and, for UDP and TCP, ports of either end. */
struct match_term {
	bool is_negative;
	uint8_t proto;                /* IP protocol; 0: any */
	uint16_t port_low, port_high; /* 0, 0: any */
};

/* A frame matches when no negative term fits it and, if there are positive ones, one does. */
struct match {
	uint32_t terms;
	struct match_term term[MATCH_TERMS_MAX];
};

enum jitter_shape {
	JITTER_UNIFORM, /* delay +- jitter */
	JITTER_NORMAL,  /* standard deviation jitter, cut at 4 of them */
	JITTER_PARETO,  /* delay + a heavy tail in units of jitter, cut at 20 */
};

struct path_rules {
	int64_t delay_ns, jitter_ns;
	enum jitter_shape shape;
	bool may_overtake; /* jitter may change the order; else a frame never leaves before its
	                      elder */
	bool is_cut;       /* nothing passes, ARP neither */
	struct match match;
	struct pick loss, dup, reorder, corrupt;
	/* Burst loss (Gilbert-Elliott), in force when to_bad_ppm > 0: chances per matching frame to
	 * change state, and to be lost in either state. */
	uint32_t to_bad_ppm, to_good_ppm, loss_bad_ppm, loss_good_ppm;
	uint32_t reorder_gap; /* frames that overtake a reordered one; 0 is taken as 1 */
	int64_t corrupt_at;   /* payload octet; -1: chosen by the seed */
	bool corrupt_repairs; /* the checksum is made right again */
	uint64_t rate_bps;    /* bits per second on the wire; 0: no limit */
	uint32_t queue_bytes; /* backlog that the rate may build; 0: 64 KiB */
	uint32_t burst_bytes; /* sent at once after silence */
};

/* Where one direction stands. */
struct path_state {
	uint64_t seed;
	uint32_t direction; /* so that two directions with one seed differ */
	uint64_t seen;      /* frames so far, of any kind */
	uint64_t matched;   /* IP frames that matched so far */
	bool is_bad;        /* burst loss state */
	int64_t free_ns;    /* when the rate limiter has sent what it holds */
	int64_t last_due_ns;
};

enum drop_reason {
	DROP_NONE,
	DROP_CUT,
	DROP_LOSS,
	DROP_BURST, /* burst loss */
	DROP_QUEUE, /* rate limiter's queue full */
};

struct verdict {
	uint64_t index; /* of all frames of the direction, from 1 */
	uint64_t match; /* of the matching ones, from 1; 0: not matched, not to be touched */
	enum drop_reason drop;
	bool dup, corrupt;
	uint32_t hold;       /* release after so many later frames have left; 0: by time */
	uint32_t corrupt_at; /* payload octet, modulo the payload's length */
	uint8_t corrupt_bit;
	int64_t due_ns; /* same clock as now_ns */
};

bool pick_hits(const struct pick *p, uint64_t index, uint64_t random);
bool match_fits(const struct match *m, const struct frame_info *info);

/* A random number that depends on nothing but its arguments. */
uint64_t rules_random(const struct path_state *s, uint64_t index, uint32_t purpose);

/* Decide about the next frame, which came in at ``now_ns``.  Call it once a frame, in order. */
void rules_decide(const struct path_rules *r, struct path_state *s, const struct frame_info *info,
                  int64_t now_ns, struct verdict *ret);

const char *drop_reason_name(enum drop_reason d); /* "", "cut", "loss", "burst", "queue" */

#endif
