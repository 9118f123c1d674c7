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

/* What a reading of user space may differ from the instant that it is meant for, on a host that is
 * not busy; on a busy one there is no bound (4 ms seen), which is why packets use kernel stamps. */
#define CLOCK_USER_ERR_NS (100 * NS_PER_US)

/* Both clocks now, as a stamp of user space (STAMP_USER). */
struct stamp clock_stamp(struct clock *c);

/* What the configuration says about the clock (`clock …` lines). */
struct clock_policy {
	uint8_t source; /* enum clock_source to believe; NONE: find out (kernel, chrony, ptp) */
	bool trust_operator; /* `clock trust operator`: synchronised because the operator says so */
	int64_t operator_err_ns; /* and with this bound */
	int64_t grade_limit_ns;  /* one-way values need a bound at or below this */
};

/* The system's clocks; one static instance a process.  Reading it is thread safe; grade() is cached
 * for a fifth of a second in each thread and touches no file. */
struct clock *clock_system(void);
/* From the thread that reads the grade, or before other threads start. */
void clock_system_set_policy(const struct clock_policy *policy);

/* Look which daemon disciplines the clock (CLOCK_SOURCE_CHRONY, CLOCK_SOURCE_PTP when phc2sys runs,
 * else NONE: then a synchronised kernel is reported as CLOCK_SOURCE_KERNEL) and remember it.  Reads
 * /run and /proc: call it at start and now and then where files may be read (one-shot programs, the
 * control process), never in the engine, which is told by clock_system_set_daemon(). */
enum clock_source clock_system_detect(void);
void clock_system_set_daemon(enum clock_source daemon);

/* What adjtimex(2) says. */
struct clock_kernel_state {
	bool synchronised;  /* neither TIME_ERROR nor STA_UNSYNC */
	int64_t max_err_ns; /* maxerror: grows by 500 ppm between corrections */
	int64_t est_err_ns; /* esterror; 0: the daemon does not state any */
};

/* The rule by which the grade is found, apart so that it can be tested; ``daemon`` as
 * clock_system_detect() returns it. */
struct clock_grade clock_grade_judge(const struct clock_policy *p, enum clock_source daemon,
                                     const struct clock_kernel_state *k);

#endif
