/* SPDX-License-Identifier: Apache-2.0 */
/* The schedule as a state machine: the next event is always one stored instant, and an event moves
 * the state on, so that polling twice at the same time never repeats one.  Transitions follow the
 * table of CISCO-RTTMON-MIB rttMonCtrlOperState; life runs only while active, ageout only while
 * not. */
#include "sla/schedule.h"

#include <string.h>

#define S_PER_DAY     INT64_C(86400)
#define PHASE_STEP_NS (3 * NS_PER_MS)

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
	/* Years begin in March, so that the leap day is the last of the year. */
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int64_t year_of_day(int64_t days)
{
	int64_t year = 1970 + days / 366;

	while (days_of_date(year + 1, 1, 1) <= days)
		year++;
	return year;
}

/* The next instant at or after ``now_wall`` that the start line means. */
static wall_t next_clock_start(const struct op_schedule *cfg, wall_t now_wall, int32_t utc_offset_s)
{
	int64_t local_s = now_wall.ns / NS_PER_S + utc_offset_s;
	int64_t today = local_s / S_PER_DAY;
	int64_t day = today;

	if (cfg->start_day != 0 && cfg->start_month != 0) {
		int64_t year = year_of_day(today);

		day = days_of_date(year, cfg->start_month, cfg->start_day);
		if (day * S_PER_DAY + cfg->start_s < local_s)
			day = days_of_date(year + 1, cfg->start_month, cfg->start_day);
	} else if (day * S_PER_DAY + cfg->start_s < local_s) {
		day++;
	}
	return (wall_t) { (day * S_PER_DAY + cfg->start_s - utc_offset_s) * NS_PER_S };
}

static void start_ageout(struct schedule *s, mono_t now)
{
	s->has_ageout = s->cfg.ageout_s != 0;
	s->ageout_at = mono_add_ns(now, (int64_t)s->cfg.ageout_s * NS_PER_S);
}

static void start_at_clock_time(struct schedule *s, mono_t now, wall_t now_wall)
{
	s->start_wall = next_clock_start(&s->cfg, now_wall, s->utc_offset_s);
	s->start_at = mono_add_ns(now, wall_diff_ns(s->start_wall, now_wall));
}

int64_t schedule_phase_ns(uint32_t place, uint32_t frequency_s)
{
	return place * (int64_t)PHASE_STEP_NS % ((int64_t)frequency_s * NS_PER_S);
}

void schedule_init(struct schedule *s, const struct op_schedule *cfg, uint32_t frequency_s,
                   mono_t now, wall_t now_wall, int32_t utc_offset_s, uint32_t random)
{
	memset(s, 0, sizeof(*s));
	s->cfg = *cfg;
	s->frequency_s = frequency_s;
	s->utc_offset_s = utc_offset_s;
	s->state = SLA_STATE_PENDING;
	if (!cfg->scheduled)
		return;
	start_ageout(s, now);
	s->has_start = cfg->start != SLA_START_PENDING;
	switch ((enum sla_start)cfg->start) {
	case SLA_START_PENDING:
		break;
	case SLA_START_NOW:
		s->start_at = now;
		break;
	case SLA_START_AFTER:
		s->start_at = mono_add_ns(now, (int64_t)cfg->start_s * NS_PER_S);
		break;
	case SLA_START_AT:
		start_at_clock_time(s, now, now_wall);
		break;
	case SLA_START_RANDOM:
		s->start_at = mono_add_ns(
		        now, (int64_t)((uint64_t)random * cfg->random_ms / UINT32_MAX) * NS_PER_MS);
		break;
	}
}

/* The first point of the group's raster that is not before the activation. */
static mono_t first_of_group(const struct schedule *s)
{
	int64_t period_ns = (int64_t)s->frequency_s * NS_PER_S;
	mono_t at = mono_add_ns(s->origin, (int64_t)s->cfg.offset_ms * NS_PER_MS);
	int64_t behind_ns = mono_diff_ns(s->start_at, at);

	if (behind_ns <= 0)
		return at;
	return mono_add_ns(at, (behind_ns + period_ns - 1) / period_ns * period_ns);
}

static enum schedule_event activate(struct schedule *s)
{
	s->state = SLA_STATE_ACTIVE;
	s->has_start = false;
	s->has_ageout = false;
	s->next_run = s->has_origin ? first_of_group(s) : mono_add_ns(s->start_at, s->phase_ns);
	s->has_end = s->cfg.life_s < SLA_LIFE_FOREVER;
	s->end_at = mono_add_ns(s->start_at, (int64_t)s->cfg.life_s * NS_PER_S);
	return SCHEDULE_ACTIVATED;
}

static enum schedule_event end_life(struct schedule *s, mono_t now, wall_t now_wall)
{
	s->state = SLA_STATE_INACTIVE;
	s->has_end = false;
	start_ageout(s, now);
	s->has_start = s->cfg.recurring;
	if (s->has_start && s->cfg.start == SLA_START_AT) {
		start_at_clock_time(s, now, now_wall);
	} else if (s->has_start) {
		while (s->start_at.ns <= now.ns)
			s->start_at = mono_add_ns(s->start_at, S_PER_DAY * NS_PER_S);
	}
	return SCHEDULE_ENDED;
}

/* Raster points at or before ``now``, but before the end of life; next_run moves past them. */
static uint32_t pass_points(struct schedule *s, mono_t now)
{
	int64_t period_ns = (int64_t)s->frequency_s * NS_PER_S;
	int64_t last_ns = s->has_end && s->end_at.ns - 1 < now.ns ? s->end_at.ns - 1 : now.ns;

	if (s->next_run.ns > last_ns)
		return 0;
	int64_t points = (last_ns - s->next_run.ns) / period_ns + 1;

	if (s->cfg.frequency_max_s)
		points = 1; /* there is no raster to miss */
	s->missed_from = s->next_run;
	s->next_run = mono_add_ns(s->next_run, points * period_ns);
	return points > UINT32_MAX ? UINT32_MAX : (uint32_t)points;
}

static enum schedule_event poll_active(struct schedule *s, mono_t now, wall_t now_wall,
                                       uint32_t *ret_missed)
{
	uint32_t points = pass_points(s, now);

	if (s->has_end && now.ns >= s->end_at.ns) {
		*ret_missed = points;
		return end_life(s, now, now_wall);
	}
	if (points == 0)
		return SCHEDULE_WAIT;
	*ret_missed = points - 1;
	return SCHEDULE_RUN;
}

enum schedule_event schedule_poll(struct schedule *s, mono_t now, wall_t now_wall,
                                  uint32_t *ret_missed)
{
	*ret_missed = 0;
	if (s->removed)
		return SCHEDULE_WAIT;
	if (s->state == SLA_STATE_ACTIVE)
		return poll_active(s, now, now_wall, ret_missed);
	if (s->has_ageout && now.ns >= s->ageout_at.ns &&
	    !(s->has_start && s->start_at.ns <= s->ageout_at.ns)) {
		s->removed = true;
		return SCHEDULE_AGED_OUT;
	}
	if (!s->has_start || now.ns < s->start_at.ns)
		return SCHEDULE_WAIT;
	int64_t early_ns = wall_diff_ns(s->start_wall, now_wall);

	if (s->cfg.start == SLA_START_AT && early_ns > 0) {
		s->start_at = mono_add_ns(now, early_ns);
		return SCHEDULE_WAIT;
	}
	return activate(s);
}

void schedule_start(struct schedule *s, mono_t now)
{
	if (s->state == SLA_STATE_ACTIVE || s->removed)
		return;
	s->has_start = true;
	s->start_at = now;
	s->start_wall = (wall_t) { 0 }; /* no clock time is waited for */
}

void schedule_stop(struct schedule *s, mono_t now)
{
	if (s->removed)
		return;
	s->state = SLA_STATE_INACTIVE;
	s->has_start = false;
	s->has_end = false;
	start_ageout(s, now);
}

void schedule_trigger(struct schedule *s, mono_t now)
{
	if (s->state == SLA_STATE_PENDING)
		schedule_start(s, now);
}

void schedule_release(struct schedule *s, mono_t now)
{
	if (s->state != SLA_STATE_ACTIVE)
		return;
	s->state = SLA_STATE_PENDING;
	s->has_end = false;
	start_ageout(s, now);
}

void schedule_set_next(struct schedule *s, mono_t at)
{
	s->next_run = at;
}

bool schedule_next(const struct schedule *s, mono_t *ret_at)
{
	mono_t at;

	if (s->removed)
		return false;
	if (s->state == SLA_STATE_ACTIVE) {
		at = s->next_run;
		if (s->has_end && s->end_at.ns < at.ns)
			at = s->end_at;
	} else if (s->has_start && (!s->has_ageout || s->start_at.ns <= s->ageout_at.ns)) {
		at = s->start_at;
	} else if (s->has_ageout) {
		at = s->ageout_at;
	} else {
		return false;
	}
	*ret_at = at;
	return true;
}

uint32_t schedule_life_left_s(const struct schedule *s, mono_t now)
{
	if (s->state != SLA_STATE_ACTIVE)
		return 0;
	if (!s->has_end)
		return SLA_LIFE_FOREVER;
	int64_t left_ns = mono_diff_ns(s->end_at, now);

	return left_ns <= 0 ? 0 : (uint32_t)((left_ns + NS_PER_S - 1) / NS_PER_S);
}
