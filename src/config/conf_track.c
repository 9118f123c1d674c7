/* SPDX-License-Identifier: Apache-2.0 */
/* `track N …`: what an object tracks, `track timer`, `track routes`, and the checks of the whole.  The sub-mode is
 * conf_track_mode.c. */
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_track.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TIMER_MAX_S  3000
#define TIMER_MIN_MS 500
#define TIMER_MAX_MS 5000

static uint32_t track_find(const struct conf_parser *p, uint32_t number)
{
	for (uint32_t i = 0; i < p->track_count; i++) {
		if (!p->tracks[i].is_removed && p->tracks[i].conf.cfg.number == number)
			return i;
	}
	return UINT32_MAX;
}

bool conf_track_is_word(const struct conf_parser *p, uint32_t at, const char *keyword)
{
	return conf_word(p, at) && conf_word_abbreviates(conf_word(p, at), keyword);
}

bool conf_take_interface(struct conf_parser *p, uint32_t at, const char **ret)
{
	const char *word = conf_word(p, at);

	if (!word || strlen(word) > CONFIG_INTERFACE_OCTETS || strchr(word, '/') ||
	    strcmp(word, ".") == 0 || strcmp(word, "..") == 0) {
		conf_error_expected(p, at,
		                    "the name of an interface of this host, such as eth0 "
		                    "(at most 15 octets, no slash)");
		return false;
	}
	*ret = arena_strdup(&p->cfg->arena, word);
	return true;
}

/* A number that stands for a name, so that another one is another object. */
static uint32_t hash_text(uint32_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (uint8_t)*text) * UINT32_C(16777619);
	return hash;
}

/* --- the line that names the object ---------------------------------------------------------------- */

/* What stands behind the number.  Each takes from ``at`` on. */

static bool take_sla(struct conf_parser *p, uint32_t at, struct track_conf *c)
{
	static const char *const kinds[] = { "state", "reachability", NULL };
	uint64_t number;
	int kind = 0; /* without a word: state */

	if (!conf_take_number(p, at, "the number of an operation", 1, INT32_MAX, &number))
		return false;
	if (conf_word(p, at + 1) &&
	    (!conf_take_choice(p, at + 1, kinds, true, &kind) || !conf_take_end(p, at + 2)))
		return false;
	c->cfg.subject = (uint32_t)number;
	c->cfg.kind = kind == 0 ? TRACK_SLA_STATE : TRACK_SLA_REACHABILITY;
	return true;
}

static bool take_list(struct conf_parser *p, uint32_t at, struct track_conf *c)
{
	static const char *const forms[] = { "boolean", "threshold", NULL };
	static const char *const booleans[] = { "and", "or", NULL };
	static const char *const thresholds[] = { "weight", "percentage", NULL };
	int form, kind;

	if (!conf_take_choice(p, at, forms, true, &form) ||
	    !conf_take_choice(p, at + 1, form == 0 ? booleans : thresholds, true, &kind) ||
	    !conf_take_end(p, at + 2))
		return false;
	c->cfg.kind = (uint8_t)((form == 0 ? TRACK_LIST_AND : TRACK_LIST_WEIGHT) + kind);
	return true;
}

static bool take_interface(struct conf_parser *p, uint32_t at, struct track_conf *c)
{
	static const char *const whats[] = { "line-protocol", "ip", "ipv6", NULL };
	int what;

	if (!conf_take_interface(p, at, &c->interface) ||
	    !conf_take_choice(p, at + 1, whats, true, &what))
		return false;
	if (what == 0) {
		c->cfg.kind = TRACK_INTERFACE_LINE;
		c->cfg.subject = hash_text(0, c->interface);
		return conf_take_end(p, at + 2);
	}
	if (!conf_track_is_word(p, at + 2, "routing")) {
		conf_error_expected(p, at + 2, "routing");
		return false;
	}
	c->cfg.kind = TRACK_INTERFACE_ROUTING;
	c->prefix.addr.family = what == 1 ? INET_V4 : INET_V6;
	c->cfg.subject = hash_text((uint32_t)what, c->interface);
	return conf_take_end(p, at + 3);
}

static bool take_route(struct conf_parser *p, uint32_t at, struct track_conf *c, bool is_v6)
{
	uint32_t used;

	if (!conf_track_is_word(p, at, "route")) {
		conf_error_expected(p, at, is_v6 ? "route" : "route or sla");
		return false;
	}
	used = is_v6 ? conf_take_prefix6(p, at + 1, &c->prefix)
	             : conf_take_prefix4(p, at + 1, &c->prefix);
	if (!used)
		return false;
	at += 1 + used;
	if (conf_track_is_word(p, at, "metric")) {
		conf_error(
		        p, at,
		        "'metric threshold' is known, but not supported by this version: metrics "
		        "of the kernel do not compare with those of routing protocols");
		return false;
	}
	if (!conf_track_is_word(p, at, "reachability")) {
		conf_error_expected(p, at, "reachability");
		return false;
	}
	c->cfg.kind = TRACK_ROUTE;
	for (size_t i = 0; i < sizeof(c->prefix.addr.bytes); i++)
		c->cfg.subject = (c->cfg.subject ^ c->prefix.addr.bytes[i]) * UINT32_C(16777619);
	c->cfg.subject = (c->cfg.subject ^ c->prefix.length) * UINT32_C(16777619);
	return conf_take_end(p, at + 1);
}

static bool take_object(struct conf_parser *p, uint32_t at, struct track_conf *c)
{
	static const char *const kinds[] = { "ip",        "ipv6",        "rtr", "list",
		                             "interface", "stub-object", NULL };
	int kind;

	if (!conf_take_choice(p, at, kinds, true, &kind))
		return false;
	switch (kind) {
	case 0:
		return conf_track_is_word(p, at + 1, "sla") ? take_sla(p, at + 2, c)
		                                            : take_route(p, at + 1, c, false);
	case 1:
		return take_route(p, at + 1, c, true);
	case 2:
		return take_sla(p, at + 1, c);
	case 3:
		return take_list(p, at + 1, c);
	case 4:
		return take_interface(p, at + 1, c);
	default:
		c->cfg.kind = TRACK_STUB;
		return conf_take_end(p, at + 1);
	}
}

static void track_add(struct conf_parser *p, const struct track_conf *conf)
{
	if (p->track_count == p->track_cap) {
		p->track_cap = p->track_cap ? 2 * p->track_cap : 8;
		p->tracks = xrealloc(p->tracks, p->track_cap, sizeof(*p->tracks));
	}
	p->track = p->track_count++;
	p->tracks[p->track] = (struct track_build) { .conf = *conf, .place = conf_place(p, 0) };
}

static void enter_old(struct conf_parser *p, uint32_t index, const struct track_conf *c)
{
	const struct track_conf *old = &p->tracks[index].conf;

	if (c && (old->cfg.kind != c->cfg.kind || old->cfg.subject != c->cfg.subject)) {
		conf_error(p, 1,
		           "object %u tracks something else: delete it first with `no track %u`",
		           old->cfg.number, old->cfg.number);
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	p->track = index;
	p->mode = &conf_mode_track;
}

/* `track N`, `track N …` */
static void track_set(struct conf_parser *p, uint32_t number, uint32_t at)
{
	struct track_conf c = {
		.cfg = { .number = number,
		         .threshold_up = TRACK_THRESHOLD_UNSET,
		         .threshold_down = TRACK_THRESHOLD_UNSET },
		.line = p->line.number,
	};
	uint32_t index = track_find(p, number);

	if (index != UINT32_MAX && !conf_word(p, at)) {
		enter_old(p, index, NULL);
		return;
	}
	if (index != UINT32_MAX && (conf_word_is(conf_word(p, at), "dry-run") ||
	                            conf_word_is(conf_word(p, at), "output"))) {
		conf_track_own_option(p, index, at);
		return;
	}
	if (!take_object(p, at, &c)) {
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	if (index != UINT32_MAX) {
		enter_old(p, index, &c);
		return;
	}
	if (p->track_count >= CONFIG_TRACKS_MAX) {
		conf_error(p, 0, "expected at most %d tracked objects", CONFIG_TRACKS_MAX);
		return;
	}
	track_add(p, &c);
	p->mode = &conf_mode_track;
}

void conf_track_line(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t first = m->at, index;
	uint64_t number;

	if (!conf_take_number(p, first, "the number of an object", 1, TRACK_NUMBER_MAX, &number)) {
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
		return;
	}
	if (p->form == CONF_SET) {
		track_set(p, (uint32_t)number, first + 1);
		return;
	}
	index = track_find(p, (uint32_t)number);
	if (index == UINT32_MAX)
		return; /* IOS takes it */
	const char *word = conf_word(p, first + 1);

	if (word && (conf_word_is(word, "dry-run") || conf_word_is(word, "output"))) {
		conf_track_own_option(p, index, first + 1);
		return;
	}
	p->tracks[index].is_removed = true;
}

/* --- track timer, track routes --------------------------------------------------------------------- */

void conf_track_timer(struct conf_parser *p, const struct conf_match *m)
{
	enum track_timer timer = (enum track_timer)m->command->value;
	uint64_t value = track_timer_defaults_ms[timer];

	if (p->form == CONF_SET && conf_track_is_word(p, m->at, "msec")) {
		if (!conf_take_number(p, m->at + 1, "a number of milliseconds", TIMER_MIN_MS,
		                      TIMER_MAX_MS, &value) ||
		    !conf_take_end(p, m->at + 2))
			return;
	} else if (p->form == CONF_SET) {
		if (!conf_take_number(p, m->at, "msec or a number of seconds", 1, TIMER_MAX_S,
		                      &value) ||
		    !conf_take_end(p, m->at + 1))
			return;
		value *= 1000;
	}
	p->cfg->tracking.timers_ms[timer] = (uint32_t)value;
}

void conf_track_routes(struct conf_parser *p, const struct conf_match *m)
{
	static const char *const ways[] = { "keep", "withdraw", NULL };
	int way = 0;

	if (p->form == CONF_SET &&
	    (!conf_take_choice(p, m->at, ways, false, &way) || !conf_take_end(p, m->at + 1)))
		return;
	p->cfg->tracking.withdraw_on_stop = way == 1;
}

/* --- the whole ------------------------------------------------------------------------------------- */

static void check_members(struct conf_parser *p, const struct track_build *t)
{
	for (uint32_t i = 0; i < t->member_count; i++) {
		if (track_find(p, t->members[i].number) == UINT32_MAX)
			conf_error_place(p, t->place, "object %u of list %u is not defined",
			                 t->members[i].number, t->conf.cfg.number);
	}
}

/* ``steps``: of the way down; more than there are objects is a circle. */
static bool reaches(const struct conf_parser *p, const struct track_build *from, uint32_t number,
                    uint32_t steps)
{
	for (uint32_t i = 0; i < from->member_count; i++) {
		uint32_t index = track_find(p, from->members[i].number);

		if (from->members[i].number == number)
			return true;
		if (index != UINT32_MAX && steps > 0 &&
		    track_kind_is_list(p->tracks[index].conf.cfg.kind) &&
		    reaches(p, &p->tracks[index], number, steps - 1))
			return true;
	}
	return false;
}

/* What was left out of a threshold follows from the rest. */
static void complete_threshold(struct track_cfg *c)
{
	bool no_up = c->threshold_up == TRACK_THRESHOLD_UNSET,
	     no_down = c->threshold_down == TRACK_THRESHOLD_UNSET;

	/* UNVERIFIED: without a threshold one object that is up is enough. */
	if (no_up)
		c->threshold_up = (int16_t)(no_down ? 1 : c->threshold_down + 1);
	if (no_down)
		c->threshold_down = (int16_t)(c->threshold_up - 1);
}

static int by_number(const void *a, const void *b)
{
	const struct track_conf *x = a, *y = b;

	return x->cfg.number < y->cfg.number ? -1 : x->cfg.number > y->cfg.number;
}

void conf_tracks_finish(struct conf_parser *p)
{
	struct tracking_conf *to = &p->cfg->tracking;
	struct arena *arena = &p->cfg->arena;
	struct track_conf *all =
	        arena_alloc(arena, (p->track_count ? p->track_count : 1) * sizeof(*all));
	uint32_t count = 0;

	for (uint32_t i = 0; i < p->track_count; i++) {
		struct track_build *t = &p->tracks[i];
		struct track_member *members;

		if (t->is_removed)
			continue;
		check_members(p, t);
		if (reaches(p, t, t->conf.cfg.number, 16))
			conf_error_place(p, t->place, "list %u contains itself",
			                 t->conf.cfg.number);
		members = arena_alloc(arena,
		                      (t->member_count ? t->member_count : 1) * sizeof(*members));
		if (t->member_count > 0)
			memcpy(members, t->members, t->member_count * sizeof(*members));
		all[count] = t->conf;
		all[count].cfg.members = members;
		all[count].cfg.member_count = t->member_count;
		complete_threshold(&all[count].cfg);
		count++;
	}
	qsort(all, count, sizeof(*all), by_number);
	to->tracks = all;
	to->track_count = count;
}

void conf_tracking_free(struct conf_parser *p)
{
	for (uint32_t i = 0; i < p->track_count; i++)
		free(p->tracks[i].members);
	free(p->tracks);
	free(p->routes);
}
