/* SPDX-License-Identifier: Apache-2.0 */
/* A clock for trials: the system's, with a wall clock that is wrong by a known amount, steps at a
 * known moment and claims a known quality.  Programs take it as
 *
 *     --clock offset=+5ms,error=10us,synchronised=yes,step=+50ms@10s
 *
 * so that two nodes on one host can have two clocks, and everything that depends on clock quality
 * can be tried where nobody disciplines the real one.  Kernel packet stamps are shifted alike
 * (stamp_offset_ns): they follow the offset of the moment at which they are read. */
#ifndef CANDOR_IO_CLOCK_LAB_H
#define CANDOR_IO_CLOCK_LAB_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "io/clock.h"

#define CLOCK_LAB_STEPS_MAX 4

struct clock_lab_spec {
	int64_t offset_ns; /* wall clock minus the system's wall clock at the start */
	struct clock_grade grade;
	struct {
		int64_t by_ns;    /* the wall clock jumps by this much … */
		int64_t after_ns; /* … this long after clock_lab_init() */
	} steps[CLOCK_LAB_STEPS_MAX];
	unsigned step_count;
};

struct clock_lab {
	struct clock clock; /* hand this to whoever needs a clock */
	struct clock *base;
	struct clock_lab_spec spec;
	mono_t started;
};

/* Comma-separated KEY=VALUE: offset=DURATION, error=DURATION (bound claimed, default 0),
 * synchronised=yes|no (default no), source=kernel|chrony|ptp|operator (who vouches, default
 * kernel), step=DURATION@DURATION (up to 4 times).  DURATION: decimal number with ns, us, ms or s,
 * up to a million seconds either way.  0, or -EINVAL with ``d`` naming the column and what was
 * expected there. */
NODISCARD int clock_lab_parse(const char *text, struct clock_lab_spec *ret, struct diag *d);

/* ``base`` gives the true time and must outlive ``c``. */
void clock_lab_init(struct clock_lab *c, const struct clock_lab_spec *spec, struct clock *base);

/* Change it while it runs (tests); from the thread that reads the clock. */
void clock_lab_step(struct clock_lab *c, int64_t by_ns);
void clock_lab_set_grade(struct clock_lab *c, const struct clock_grade *grade);

#endif
