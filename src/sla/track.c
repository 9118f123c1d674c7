/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine of tracked objects. */
#include "sla/track.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* --- the set --------------------------------------------------------------------------------------- */

struct track *track_set_find(const struct track_set *s, uint32_t number)
{
	uint32_t low = 0, high = s->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->tracks[mid].cfg.number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->count && s->tracks[low].cfg.number == number ? &s->tracks[low] : NULL;
}

static struct track made(const struct track_cfg *cfg, wall_t now)
{
	return (struct track) {
		.cfg = *cfg,
		.is_up = cfg->default_state == TRACK_VALUE_UP,
		.is_seen = cfg->kind == TRACK_STUB,
		/* UNVERIFIED: a new object counts one change, as it is seen of an operation that is
		 * not scheduled. */
		.changes = 1,
		.changed_at = now,
	};
}

void track_set_apply(struct track_set *s, const struct track_cfg *cfgs, uint32_t count, wall_t now)
{
	struct track *tracks = xcalloc(count ? count : 1, sizeof(*tracks));

	for (uint32_t i = 0; i < count; i++) {
		const struct track *old = track_set_find(s, cfgs[i].number);

		if (old && old->cfg.kind == cfgs[i].kind && old->cfg.subject == cfgs[i].subject) {
			tracks[i] = *old;
			tracks[i].cfg = cfgs[i];
		} else {
			tracks[i] = made(&cfgs[i], now);
		}
	}
	free(s->tracks);
	s->tracks = tracks;
	s->count = count;
}

void track_set_fini(struct track_set *s)
{
	free(s->tracks);
	*s = (struct track_set) { 0 };
}

void track_set_see(struct track_set *s, uint32_t number, enum track_value value)
{
	struct track *t = track_set_find(s, number);

	if (!t || track_kind_is_list(t->cfg.kind))
		return;
	t->seen = (uint8_t)value;
	t->is_seen = true;
}

void track_set_seed(struct track_set *s, uint32_t number, bool is_up)
{
	struct track *t = track_set_find(s, number);

	if (!t || t->is_settled)
		return;
	t->is_up = is_up;
	t->is_settled = true;
}

/* --- what an object should be ---------------------------------------------------------------------- */

/* Everything below it is known.  An object that is not there is known to be Down. */
static bool is_decidable(const struct track_set *s, const struct track *t)
{
	if (!track_kind_is_list(t->cfg.kind))
		return t->is_seen;
	for (uint32_t i = 0; i < t->cfg.member_count; i++) {
		const struct track *m = track_set_find(s, t->cfg.members[i].number);

		if (m && !m->is_settled)
			return false;
	}
	return true;
}

static bool is_member_up(const struct track_set *s, const struct track_member *m)
{
	const struct track *t = track_set_find(s, m->number);

	return (t && t->is_up) != m->is_negated;
}

static uint32_t count_up(const struct track_set *s, const struct track *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->cfg.member_count; i++)
		n += is_member_up(s, &t->cfg.members[i]);
	return n;
}

int track_list_sum(const struct track_set *s, const struct track *t)
{
	uint32_t sum = 0;

	if (t->cfg.kind == TRACK_LIST_PERCENTAGE)
		return t->cfg.member_count ? (int)(count_up(s, t) * 100 / t->cfg.member_count) : 0;
	for (uint32_t i = 0; i < t->cfg.member_count; i++) {
		if (is_member_up(s, &t->cfg.members[i]))
			sum += t->cfg.members[i].weight;
	}
	return (int)sum;
}

static bool wants_by_threshold(const struct track_set *s, const struct track *t)
{
	int sum = track_list_sum(s, t);

	if (sum >= t->cfg.threshold_up)
		return true;
	return sum <= t->cfg.threshold_down ? false : t->is_up;
}

static bool wants_by_value(const struct track *t)
{
	return t->seen == TRACK_VALUE_UNKNOWN ? t->cfg.default_state == TRACK_VALUE_UP
	                                      : t->seen == TRACK_VALUE_UP;
}

/* UNVERIFIED: a list without objects is Down. */
static bool wants_up(const struct track_set *s, const struct track *t)
{
	uint32_t members = t->cfg.member_count;

	switch ((enum track_kind)t->cfg.kind) {
	case TRACK_LIST_AND:
		return members > 0 && count_up(s, t) == members;
	case TRACK_LIST_OR:
		return count_up(s, t) > 0;
	case TRACK_LIST_WEIGHT:
	case TRACK_LIST_PERCENTAGE:
		return members > 0 && wants_by_threshold(s, t);
	case TRACK_SLA_STATE:
	case TRACK_SLA_REACHABILITY:
	case TRACK_INTERFACE_LINE:
	case TRACK_INTERFACE_ROUTING:
	case TRACK_ROUTE:
	case TRACK_STUB:
	case TRACK_KIND_COUNT:
		break;
	}
	return wants_by_value(t);
}

/* --- changes --------------------------------------------------------------------------------------- */

static void change(struct track *t, bool is_up, mono_t now, wall_t now_wall,
                   struct track_change *ret)
{
	*ret = (struct track_change) {
		.number = t->cfg.number,
		.is_up = is_up,
		.is_first = !t->is_settled,
		.delayed_ns = t->has_pending ? mono_diff_ns(now, t->pending_from) : 0,
	};
	t->is_up = is_up;
	t->is_settled = true;
	t->has_pending = false;
	t->changes++;
	t->changed_at = now_wall;
	t->is_held = !is_up && t->cfg.hold_down_s > 0;
	t->held_until = mono_add_ns(now, (int64_t)t->cfg.hold_down_s * NS_PER_S);
}

/* When a change that is wanted since ``from`` may be made. */
static mono_t due_at(const struct track *t, bool wants, mono_t from)
{
	uint32_t delay_s = wants ? t->cfg.delay_up_s : t->cfg.delay_down_s;
	mono_t due = mono_add_ns(from, (int64_t)delay_s * NS_PER_S);

	if (wants && t->is_held && mono_diff_ns(t->held_until, due) > 0)
		due = t->held_until;
	return due;
}

/* True: the object has changed. */
static bool step_one(struct track_set *s, struct track *t, mono_t now, wall_t now_wall,
                     struct track_change *ret)
{
	if (!is_decidable(s, t))
		return false;
	bool wants = wants_up(s, t);

	if (wants == t->is_up) {
		t->suppressed += t->has_pending;
		t->has_pending = false;
		t->is_settled = true;
		return false;
	}
	if (!t->is_settled && t->cfg.default_state == TRACK_VALUE_UNKNOWN) {
		change(t, wants, now, now_wall, ret);
		return true;
	}
	t->is_settled = true;
	if (!t->has_pending) {
		t->has_pending = true;
		t->is_pending_up = wants;
		t->pending_from = now;
	}
	t->due = due_at(t, wants, t->pending_from);
	if (mono_diff_ns(now, t->due) < 0)
		return false;
	change(t, wants, now, now_wall, ret);
	return true;
}

/* Objects are looked at by number until one has changed; a list may stand before its objects, and what has
 * been settled by this look counts in the next. */
bool track_set_step(struct track_set *s, mono_t now, wall_t now_wall, struct track_change *ret)
{
	for (bool again = true; again;) {
		again = false;
		for (uint32_t i = 0; i < s->count; i++) {
			bool was_settled = s->tracks[i].is_settled;

			if (step_one(s, &s->tracks[i], now, now_wall, ret))
				return true;
			again |= !was_settled && s->tracks[i].is_settled;
		}
	}
	return false;
}

bool track_set_next(const struct track_set *s, mono_t *ret_at)
{
	bool found = false;

	for (uint32_t i = 0; i < s->count; i++) {
		const struct track *t = &s->tracks[i];

		if (!t->has_pending || (found && mono_diff_ns(t->due, *ret_at) >= 0))
			continue;
		*ret_at = t->due;
		found = true;
	}
	return found;
}

uint32_t track_pending_s(const struct track *t, mono_t now)
{
	int64_t left_ns = t->has_pending ? mono_diff_ns(t->due, now) : 0;

	return left_ns > 0 ? (uint32_t)((left_ns + NS_PER_S - 1) / NS_PER_S) : 0;
}

/* --- names ----------------------------------------------------------------------------------------- */

enum track_value track_value_of_sense(enum track_kind kind, enum sla_sense sense)
{
	if (sense == SENSE_OTHER)
		return TRACK_VALUE_UNKNOWN;
	if (sense == SENSE_OK)
		return TRACK_VALUE_UP;
	return kind == TRACK_SLA_REACHABILITY && sense == SENSE_OVER_THRESHOLD ? TRACK_VALUE_UP
	                                                                       : TRACK_VALUE_DOWN;
}

const char *track_kind_words(enum track_kind kind)
{
	static const char *const words[TRACK_KIND_COUNT] = {
		[TRACK_SLA_STATE] = "state",
		[TRACK_SLA_REACHABILITY] = "reachability",
		[TRACK_LIST_AND] = "boolean and",
		[TRACK_LIST_OR] = "boolean or",
		[TRACK_LIST_WEIGHT] = "threshold weight",
		[TRACK_LIST_PERCENTAGE] = "threshold percentage",
		[TRACK_INTERFACE_LINE] = "line-protocol",
		[TRACK_INTERFACE_ROUTING] = "ip routing",
		[TRACK_ROUTE] = "reachability",
		[TRACK_STUB] = "stub-object",
	};

	return kind < TRACK_KIND_COUNT ? words[kind] : "";
}
