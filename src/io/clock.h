/* SPDX-License-Identifier: Apache-2.0 */
/* The only place that reads clocks.  A clock is an interface: the system's, or one that a test or
 * the lab sets (an offset and a stated quality), so that everything which depends on clock quality
 * can be tried on a host whose own clock nobody disciplines. */
#ifndef CANDOR_IO_CLOCK_H
#define CANDOR_IO_CLOCK_H

#include "base/clocktypes.h"
#include "sla/result.h"

struct clock {
	mono_t (*mono)(struct clock *c);
	boot_t (*boot)(struct clock *c);
	wall_t (*wall)(struct clock *c);
	/* Wall and monotonic read together: the wall reading is bracketed by two monotonic ones and
	 * their middle is returned in *ret_mono. */
	wall_t (*pair)(struct clock *c, mono_t *ret_mono);
	/* Quality of the wall clock now; ``stepped`` is not set here. */
	struct clock_grade (*grade)(struct clock *c);
	/* Added to kernel packet stamps so that they agree with wall(); 0 for the system clock. */
	int64_t (*stamp_offset_ns)(struct clock *c);
};

/* What the configuration says about the clock (`clock …` lines). */
struct clock_policy {
	uint8_t source; /* enum clock_source to believe; NONE: find out (kernel, chrony, ptp) */
	bool trust_operator; /* `clock trust operator`: synchronised because the operator says so */
	int64_t operator_err_ns; /* and with this bound */
	int64_t grade_limit_ns;  /* one-way values need a bound at or below this */
};

/* The system's clocks; one static instance a process. */
struct clock *clock_system(void);
void clock_system_set_policy(const struct clock_policy *policy);

#endif
