/* SPDX-License-Identifier: Apache-2.0 */
/* Time values that cannot be mixed by accident.  Each clock has its own type; every conversion has
 * a name.  Nothing here reads a clock: only io/clock does, everybody else is handed the time. */
#ifndef CANDOR_BASE_CLOCKTYPES_H
#define CANDOR_BASE_CLOCKTYPES_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_US  INT64_C(1000)
#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_S   INT64_C(1000000000)
#define MS_PER_DAY INT64_C(86400000)

typedef struct {
	int64_t ns;
} mono_t; /* CLOCK_MONOTONIC: deadlines and intervals of the sender */

typedef struct {
	int64_t ns;
} boot_t; /* CLOCK_BOOTTIME: sessions, expiry, replay (it goes on while the host sleeps) */

typedef struct {
	int64_t ns;
} wall_t; /* CLOCK_REALTIME, ns since 1970 UTC: stamps that leave the host or reach a person */

static inline mono_t mono_add_ns(mono_t t, int64_t ns)
{
	return (mono_t) { t.ns + ns };
}

/* later - earlier, in ns. */
static inline int64_t mono_diff_ns(mono_t later, mono_t earlier)
{
	return later.ns - earlier.ns;
}

static inline boot_t boot_add_ns(boot_t t, int64_t ns)
{
	return (boot_t) { t.ns + ns };
}

static inline int64_t boot_diff_ns(boot_t later, boot_t earlier)
{
	return later.ns - earlier.ns;
}

static inline wall_t wall_add_ns(wall_t t, int64_t ns)
{
	return (wall_t) { t.ns + ns };
}

static inline int64_t wall_diff_ns(wall_t later, wall_t earlier)
{
	return later.ns - earlier.ns;
}

/* NTP 64-bit timestamp (RFC 5905 section 6): seconds since 1900 modulo 2^32, then a 32-bit
 * fraction. The fraction is rounded to nearest, so that wall_from_ntp64(wall_to_ntp64(t)) == t for
 * every ns. */
uint64_t wall_to_ntp64(wall_t t);

/* The instant nearest to ``near`` that has this NTP timestamp: eras are resolved by proximity. */
wall_t wall_from_ntp64(uint64_t ntp, wall_t near);

/* Milliseconds since 00:00 UTC, truncated: 0 .. 86399999 (udp-jitter type 2, ICMP timestamp). */
uint32_t wall_to_ms_of_day(wall_t t);

/* later - earlier for two milliseconds-of-day values, folded to +- half a day; ms. */
int32_t ms_of_day_diff(uint32_t later, uint32_t earlier);

/* Where a stamp comes from, weakest first, so that the smaller of two is the weaker. */
enum stamp_source {
	STAMP_NONE,
	STAMP_USER,     /* user space read the clock around the call */
	STAMP_KERNEL,   /* software stamp of the kernel (SO_TIMESTAMPING) */
	STAMP_HARDWARE, /* the network card's own */
};

/* One time stamp of one packet.  ``read_at`` is a monotonic reading taken when user space got the
 * stamp: wall - mono must stay constant between two stamps, else the wall clock was stepped. */
struct stamp {
	wall_t at;
	mono_t read_at;
	int64_t offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC as read together with read_at */
	int64_t err_ns;    /* bound of the stamp's own error */
	enum stamp_source source;
};

const char *stamp_source_name(enum stamp_source source); /* "none" "user" "kernel" "hardware" */

#endif
