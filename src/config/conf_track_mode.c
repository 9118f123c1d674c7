/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-mode of `track N …`. */
#include "base/xalloc.h"
#include "config/conf_track.h"

#include <string.h>

#define FILE_VALUE_MAX 254 /* keepalived's */

static struct track_build *track_of(struct conf_parser *p)
{
	return &p->tracks[p->track];
}

/* {up S [down S] | down S [up S]}: which were given. */
static bool take_pair(struct conf_parser *p, uint32_t at, const char *what, uint64_t max,
                      int64_t *up, int64_t *down)
{
	static const char *const ways[] = { "up", "down", NULL };
	bool any = false;

	for (; conf_word(p, at) || !any; at += 2) {
		uint64_t value;
		int way;

		if (!conf_take_choice(p, at, ways, true, &way) ||
		    !conf_take_number(p, at + 1, what, 0, max, &value))
			return false;
		*(way == 0 ? up : down) = (int64_t)value;
		any = true;
	}
	return true;
}

static void track_delay(struct conf_parser *p, const struct conf_match *m)
{
	struct track_cfg *c = &track_of(p)->conf.cfg;
	int64_t up_s = c->delay_up_s, down_s = c->delay_down_s;

	if (p->form != CONF_SET) {
		bool only_up = conf_track_is_word(p, m->at, "up"),
		     only_down = conf_track_is_word(p, m->at, "down");

		up_s = only_down ? up_s : 0;
		down_s = only_up ? down_s : 0;
	} else if (!take_pair(p, m->at, "a number of seconds", TRACK_DELAY_MAX_S, &up_s, &down_s)) {
		return;
	}
	c->delay_up_s = (uint32_t)up_s;
	c->delay_down_s = (uint32_t)down_s;
}

static void track_default_state(struct conf_parser *p, const struct conf_match *m)
{
	static const char *const states[] = { "down", "up", NULL };
	struct track_cfg *c = &track_of(p)->conf.cfg;
	int state = -1;

	if (track_kind_is_list(c->kind)) {
		conf_error(p, 0, "a list has no default-state: its objects have");
		return;
	}
	if (p->form == CONF_SET &&
	    (!conf_take_choice(p, m->at, states, true, &state) || !conf_take_end(p, m->at + 1)))
		return;
	c->default_state = state < 0    ? TRACK_VALUE_UNKNOWN
	                   : state == 0 ? TRACK_VALUE_DOWN
	                                : TRACK_VALUE_UP;
}

static bool take_member_options(struct conf_parser *p, uint32_t at, struct track_member *m)
{
	uint8_t kind = track_of(p)->conf.cfg.kind;
	uint64_t weight = TRACK_WEIGHT_DEFAULT;

	if (conf_track_is_word(p, at, "not") && kind <= TRACK_LIST_OR) {
		m->is_negated = true;
		at++;
	} else if (conf_track_is_word(p, at, "weight") && kind == TRACK_LIST_WEIGHT) {
		if (!conf_take_number(p, at + 1, "a weight", 1, 255, &weight))
			return false;
		at += 2;
	}
	m->weight = (uint8_t)weight;
	return conf_take_end(p, at);
}

static void track_object(struct conf_parser *p, const struct conf_match *m)
{
	struct track_build *t = track_of(p);
	struct track_member member = { 0 };
	uint64_t number;
	uint32_t i = 0;

	if (!track_kind_is_list(t->conf.cfg.kind)) {
		conf_error(p, 0, "only a list has objects");
		return;
	}
	if (!conf_take_number(p, m->at, "the number of an object", 1, TRACK_NUMBER_MAX, &number))
		return;
	while (i < t->member_count && t->members[i].number != number)
		i++;
	if (p->form != CONF_SET) {
		if (i < t->member_count) {
			t->member_count--;
			memmove(&t->members[i], &t->members[i + 1],
			        (t->member_count - i) * sizeof(*t->members));
		}
		return;
	}
	member.number = (uint32_t)number;
	if (!take_member_options(p, m->at + 1, &member))
		return;
	if (i == t->member_count) {
		if (i == TRACK_MEMBERS_MAX) {
			conf_error(p, m->at, "expected at most %d objects", TRACK_MEMBERS_MAX);
			return;
		}
		t->members = xrealloc(t->members, ++t->member_count, sizeof(*t->members));
	}
	t->members[i] = member;
}

static void track_threshold(struct conf_parser *p, const struct conf_match *m)
{
	static const char *const kinds[] = { "weight", "percentage", NULL };
	struct track_cfg *c = &track_of(p)->conf.cfg;
	int64_t up = TRACK_THRESHOLD_UNSET, down = TRACK_THRESHOLD_UNSET;
	int kind = c->kind - TRACK_LIST_WEIGHT;

	if (kind != 0 && kind != 1) {
		conf_error(p, 0, "only a list by threshold has a threshold");
		return;
	}
	if (p->form == CONF_SET) {
		int given;

		if (!conf_take_choice(p, m->at, kinds, true, &given))
			return;
		if (given != kind) {
			conf_error(p, m->at, "the list is by %s", kinds[kind]);
			return;
		}
		if (!take_pair(p, m->at + 1, kind == 0 ? "a weight" : "a percentage",
		               kind == 0 ? 255 : 100, &up, &down))
			return;
	}
	if (up != TRACK_THRESHOLD_UNSET && down != TRACK_THRESHOLD_UNSET && up <= down) {
		conf_error(p, m->at, "expected an up threshold above the down threshold");
		return;
	}
	c->threshold_up = (int16_t)up;
	c->threshold_down = (int16_t)down;
}

static void track_vrf(struct conf_parser *p, const struct conf_match *m)
{
	struct track_conf *c = &track_of(p)->conf;
	const char *vrf = NULL;

	if (c->cfg.kind != TRACK_ROUTE) {
		conf_error(p, 0, "only a tracked route is looked for in a VRF");
		return;
	}
	if (p->form == CONF_SET &&
	    (!conf_take_name(p, m->at, "the name of a VRF", CONFIG_VRF_OCTETS, &vrf) ||
	     !conf_take_end(p, m->at + 1)))
		return;
	c->vrf = vrf;
}

/* --- ours ------------------------------------------------------------------------------------------ */

static void track_hold_down(struct conf_parser *p, const struct conf_match *m)
{
	uint64_t seconds = 0;

	if (p->form == CONF_SET &&
	    (!conf_take_number(p, m->at, "a number of seconds", 1, TRACK_HOLD_MAX_S, &seconds) ||
	     !conf_take_end(p, m->at + 1)))
		return;
	track_of(p)->conf.cfg.hold_down_s = (uint32_t)seconds;
}

static void track_pin(struct conf_parser *p, const struct conf_match *m)
{
	if (conf_take_end(p, m->at))
		track_of(p)->conf.pin = p->form == CONF_SET  ? TRACK_PIN_ON
		                        : p->form == CONF_NO ? TRACK_PIN_OFF
		                                             : TRACK_PIN_AUTO;
}

static void set_dry_run(struct conf_parser *p, struct track_conf *c, uint32_t at)
{
	if (conf_take_end(p, at))
		c->is_dry_run = p->form == CONF_SET;
}

static bool is_file_name(const char *word)
{
	size_t len = strlen(word);

	return len <= CONFIG_FILE_NAME_OCTETS && word[0] != '.' &&
	       strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
	               len;
}

/* An integer from -254 to 254. */
static bool take_file_value(struct conf_parser *p, uint32_t at, int16_t *ret)
{
	const char *word = conf_word(p, at);
	bool is_negative = word && word[0] == '-';
	uint64_t value;

	if (!word || !conf_number_parse(word + is_negative, &value) || value > FILE_VALUE_MAX) {
		conf_error_expected(p, at, "a number from -254 to 254");
		return false;
	}
	*ret = (int16_t)(is_negative ? -(int)value : (int)value);
	return true;
}

static bool take_file_values(struct conf_parser *p, uint32_t at, struct track_file *f)
{
	static const char *const ways[] = { "up", "down", NULL };

	for (; conf_word(p, at); at += 2) {
		int way;

		if (!conf_take_choice(p, at, ways, false, &way) ||
		    !take_file_value(p, at + 1, way == 0 ? &f->up : &f->down))
			return false;
	}
	return true;
}

/* output keepalived NAME [up VALUE] [down VALUE] */
static void set_output(struct conf_parser *p, struct track_conf *c, uint32_t at)
{
	struct track_file f = { .up = TRACK_FILE_UP, .down = TRACK_FILE_DOWN };
	const char *word;

	if (!conf_word(p, at) || !conf_word_is(conf_word(p, at), "keepalived")) {
		conf_error_expected(p, at, "keepalived");
		return;
	}
	if (p->form != CONF_SET) {
		c->file = (struct track_file) { 0 };
		return;
	}
	word = conf_word(p, at + 1);
	if (!word || !is_file_name(word)) {
		conf_error_expected(p, at + 1,
		                    "the name of a file without a folder: at most 63 letters, "
		                    "digits, - _ and ., which does not begin with a dot");
		return;
	}
	if (!take_file_values(p, at + 2, &f))
		return;
	f.name = arena_strdup(&p->cfg->arena, word);
	c->file = f;
}

static void track_dry_run(struct conf_parser *p, const struct conf_match *m)
{
	set_dry_run(p, &track_of(p)->conf, m->at);
}

static void track_output(struct conf_parser *p, const struct conf_match *m)
{
	set_output(p, &track_of(p)->conf, m->at);
}

/* `track N dry-run`, `track N output …`: the same in one line. */
void conf_track_own_option(struct conf_parser *p, uint32_t index, uint32_t at)
{
	struct track_conf *c = &p->tracks[index].conf;

	if (conf_word_is(conf_word(p, at), "dry-run"))
		set_dry_run(p, c, at + 1);
	else
		set_output(p, c, at + 1);
}

static const struct conf_command track_ip_words[] = {
	{ .word = "vrf",
	  .flags = CC_NO,
	  .run = track_vrf,
	  .usage = "WORD=Name of the VRF;",
	  .help = "Where the tracked route is looked for" },
	{ 0 },
};

const struct conf_command conf_commands_track[] = {
	{ .word = "default-state",
	  .flags = CC_NO,
	  .run = track_default_state,
	  .usage = "{down | up}",
	  .help = "State while nothing is known" },
	{ .word = "delay",
	  .flags = CC_NO,
	  .run = track_delay,
	  .usage = "[up=Before it comes up; <0-180>=Seconds;] [down=Before it goes down; "
	           "<0-180>=Seconds;]",
	  .help = "How long a change must last" },
	{ .word = "ip", .next = track_ip_words, .help = "VRF of a tracked route" },
	{ .word = "object",
	  .flags = CC_NO,
	  .run = track_object,
	  .usage = "<1-32767>=Number of the object; [not=Its opposite;] "
	           "[weight=When it is up; <1-255>]",
	  .help = "An object of the list" },
	{ .word = "threshold",
	  .flags = CC_NO,
	  .run = track_threshold,
	  .usage = "{weight=Sum of the objects that are up; [up <0-255>] [down <0-255>] | "
	           "percentage=Share of the objects that are up; [up <0-100>] [down <0-100>]}",
	  .help = "Sums at which a list changes" },
	{ .word = "dry-run",
	  .flags = CC_OWN | CC_NO,
	  .run = track_dry_run,
	  .help = "Decide and log everything, do nothing" },
	{ .word = "hold-down",
	  .flags = CC_OWN | CC_NO,
	  .run = track_hold_down,
	  .usage = "<1-86400>=Seconds;",
	  .help = "Stay down at least this long" },
	{ .word = "output",
	  .flags = CC_OWN | CC_NO,
	  .run = track_output,
	  .usage = "keepalived=A file that keepalived tracks; WORD=Name of the file; "
	           "[up=Value; <-254-254>] [down=Value; <-254-254>]",
	  .help = "Tell other programs" },
	{ .word = "pin",
	  .flags = CC_OWN | CC_NO,
	  .run = track_pin,
	  .help = "Probes leave by the path that they test" },
	{ 0 },
};

const struct conf_mode conf_mode_track = {
	.name = "tracked object",
	.prompt = "config-track",
	.parent = &conf_mode_global,
	.commands = conf_commands_track,
};
