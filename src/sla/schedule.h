/* SPDX-License-Identifier: Apache-2.0 */
/* When an operation runs: the state machine of `ip sla schedule` (pending, inactive, active; life,
 * ageout, recurring) and the absolute raster of its runs.  Pure: time comes in, decisions come out.
 * Source: CISCO-RTTMON-MIB rttMonScheduleAdminTable and rttMonCtrlOperState. */
#ifndef CANDOR_SLA_SCHEDULE_H
#define CANDOR_SLA_SCHEDULE_H

#include "base/clocktypes.h"
#include "sla/operation.h"

struct schedule {
	struct op_schedule cfg;
	uint32_t frequency_s;
	int32_t utc_offset_s; /* local time minus UTC */
	int64_t phase_ns; /* first run this long after activation; set by the owner, 0 at init */
	bool has_origin; /* member of a group: its raster is that of the group, which began at … */
	mono_t origin;   /* set by the owner after init */
	enum sla_state state;
	bool has_start, has_end, has_ageout;
	mono_t start_at;    /* not active with has_start: when it activates */
	wall_t start_wall;  /* SLA_START_AT: the clock time meant */
	mono_t next_run;    /* active: the next raster point */
	mono_t missed_from; /* the first of the points that the last poll passed */
	mono_t end_at;      /* active with has_end: when life is over */
	mono_t ageout_at;   /* not active with has_ageout: when it vanishes */
	bool removed;       /* aged out: operation and configuration go */
};

/* What to do now. */
enum schedule_event {
	SCHEDULE_WAIT,      /* nothing until schedule_next() */
	SCHEDULE_ACTIVATED, /* state went active: open a new life, then ask again */
	SCHEDULE_RUN,       /* start a run; the raster has moved on */
	SCHEDULE_ENDED,     /* life is over: inactive */
	SCHEDULE_AGED_OUT,  /* remove the operation and its configuration */
};

/* How long after an activation the first run of the operation at this place among all is: those that start
 * together leave a moment apart, within their own frequency, so that a few start at once, and ten thousand
 * never in one millisecond. */
int64_t schedule_phase_ns(uint32_t place, uint32_t frequency_s);

/* ``random`` is uniform in 0 .. UINT32_MAX and decides random start delays; ``now_wall`` resolves
 * clock-time starts (``utc_offset_s``: local time minus UTC).  A clock time that has passed today
 * means tomorrow, a date that has passed means next year. */
void schedule_init(struct schedule *s, const struct op_schedule *cfg, uint32_t frequency_s,
                   mono_t now, wall_t now_wall, int32_t utc_offset_s, uint32_t random);

/* The event due at ``now``; call until it says SCHEDULE_WAIT.  Raster points that passed while the
 * process was held up are skipped: *ret_missed (always written) says how many; each is a recorded
 * missed run.  With SCHEDULE_RUN the run is that of the latest point that has passed.  A clock-time
 * start waits on while the wall clock has not reached it (it was set back).  With `recurring` an
 * ended schedule is inactive until the same time next day, then activates again. */
enum schedule_event schedule_poll(struct schedule *s, mono_t now, wall_t now_wall,
                                  uint32_t *ret_missed);

/* By order of a person: the start is now, whatever it waits for (an ended or stopped schedule begins a
 * new life, one that is active goes on), and the end is now (inactive, ageing, and no start to come).
 * Only with cfg.scheduled. */
void schedule_start(struct schedule *s, mono_t now);
void schedule_stop(struct schedule *s, mono_t now);

/* A pending operation begins its life now, whatever start it waits for; no effect on an active or inactive
 * one.  The way back: an active operation is pending again and waits for the next trigger; no effect on
 * an inactive one.  Only with cfg.scheduled. */
void schedule_trigger(struct schedule *s, mono_t now);
void schedule_release(struct schedule *s, mono_t now);

/* With cfg.frequency_max_s: when the run after the one that was due is.  Until it is told, the shortest gap
 * holds. */
void schedule_set_next(struct schedule *s, mono_t at);

/* The instant of the next event; false: never. */
bool schedule_next(const struct schedule *s, mono_t *ret_at);

/* Seconds of life left (SLA_LIFE_FOREVER: forever; 0: not active). */
uint32_t schedule_life_left_s(const struct schedule *s, mono_t now);

#endif
