/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla group schedule G`: operations that are scheduled together.  A group gives each of its members a
 * schedule of its own (sla/group.h has the offsets); an operation that has one already, or that is not there,
 * is skipped, as on a router. */
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_print.h"
#include "config/conf_schedule.h"
#include "sla/group.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TEXT_MAX    125 /* octets; rttMonGrpScheduleAdminProbes has 200 */
#define LIST_MEMBERS_MAX 100000
#define FREQUENCY_MAX_S  604800
#define SPREAD_OVER      "spread-over" /* ours: what `add` leaves behind */

/* --- lists of numbers ------------------------------------------------------------------------------ */

struct number_list {
	uint32_t count, cap;
	uint32_t *numbers; /* heap; rising once it is complete */
};

static void list_fini(struct number_list *l)
{
	free(l->numbers);
	*l = (struct number_list) { 0 };
}

static bool list_add_range(struct number_list *l, uint64_t first, uint64_t last)
{
	if (last - first >= LIST_MEMBERS_MAX || l->count + (last - first) >= LIST_MEMBERS_MAX)
		return false;
	for (; first <= last; first++) {
		if (l->count == l->cap) {
			l->cap = l->cap ? 2 * l->cap : 64;
			l->numbers = xrealloc(l->numbers, l->cap, sizeof(*l->numbers));
		}
		l->numbers[l->count++] = (uint32_t)first;
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Rising, each number once. */
static void list_sort(struct number_list *l)
{
	uint32_t kept = 0;

	if (l->count > 0)
		qsort(l->numbers, l->count, sizeof(*l->numbers), by_number);
	for (uint32_t i = 0; i < l->count; i++) {
		if (kept == 0 || l->numbers[kept - 1] != l->numbers[i])
			l->numbers[kept++] = l->numbers[i];
	}
	l->count = kept;
}

/* A number at *text, which goes behind it. */
static bool scan_number(const char **text, uint64_t *ret)
{
	uint64_t value = 0;
	const char *p = *text;

	for (; *p >= '0' && *p <= '9' && value <= INT32_MAX; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	bool is_good = p > *text && value >= 1 && value <= INT32_MAX;

	*text = p;
	*ret = value;
	return is_good;
}

/* 1,3,10-20 */
static bool scan_list(const char *text, struct number_list *l)
{
	for (;;) {
		uint64_t first, last;

		if (!scan_number(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!scan_number(&text, &last) || last < first)
				return false;
		}
		if (!list_add_range(l, first, last))
			return false;
		if (!*text)
			break;
		if (*text++ != ',' || !*text)
			return false;
	}
	list_sort(l);
	return true;
}

void config_print_numbers(const uint32_t *numbers, uint32_t count, FILE *to)
{
	for (uint32_t i = 0; i < count;) {
		uint32_t last = i;

		while (last + 1 < count && numbers[last + 1] == numbers[last] + 1)
			last++;
		(void)fprintf(to, "%s%" PRIu32, i ? "," : "", numbers[i]);
		if (last > i)
			(void)fprintf(to, "%s%" PRIu32, last == i + 1 ? "," : "-", numbers[last]);
		i = last + 1;
	}
}

/* The words of a list: one, or several where a comma ends the word before.  Words used; 0: refused. */
static uint32_t take_list(struct conf_parser *p, uint32_t at, struct number_list *l)
{
	char text[LIST_TEXT_MAX + 1] = "";
	size_t len = 0;
	uint32_t used = 0;

	do {
		const char *word = conf_word(p, at + used);
		size_t more = word ? strlen(word) : 0;

		if (!word || len + more > LIST_TEXT_MAX)
			break;
		memcpy(text + len, word, more + 1);
		len += more;
		used++;
	} while (text[len - 1] == ',');
	if (used == 0 || !scan_list(text, l)) {
		conf_error_expected(
		        p, at, "numbers of operations such as 1,3,10-20, of at most 125 octets");
		return 0;
	}
	return used;
}

/* --- groups ---------------------------------------------------------------------------------------- */

static struct group_build *group_find(const struct conf_parser *p, uint32_t number)
{
	for (uint32_t i = 0; i < p->group_count; i++) {
		if (!p->groups[i].is_removed && p->groups[i].conf.number == number)
			return &p->groups[i];
	}
	return NULL;
}

static void set_list(struct conf_parser *p, struct group_conf *g, const struct number_list *l)
{
	uint32_t *numbers = arena_alloc(&p->cfg->arena, l->count * sizeof(*numbers));

	memcpy(numbers, l->numbers, l->count * sizeof(*numbers));
	g->listed = numbers;
	g->listed_count = l->count;
}

/* What it is printed as must be readable again. */
static bool fits_a_line(struct conf_parser *p, uint32_t at, const struct number_list *l)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return false;
	config_print_numbers(l->numbers, l->count, to);
	bool fits = fclose(to) == 0 && len <= LIST_TEXT_MAX;

	free(text);
	if (!fits)
		conf_error(p, at, "the list of the group would be longer than 125 octets");
	return fits;
}

enum group_word {
	GROUP_AGEOUT,
	GROUP_FREQUENCY,
	GROUP_LIFE,
	GROUP_PERIOD,
	GROUP_TOGETHER,
	GROUP_START,
	GROUP_SPREAD,
};

/* N, or range A-B.  Words used; 0: refused. */
static uint32_t take_frequency(struct conf_parser *p, uint32_t at, struct group_conf *g)
{
	const char *word = conf_word(p, at);
	uint64_t first, last;

	if (!word || !conf_word_abbreviates(word, "range")) {
		if (!conf_take_number(p, at, "range or a number of seconds", 1, FREQUENCY_MAX_S,
		                      &first))
			return 0;
		g->frequency_s = (uint32_t)first;
		return 1;
	}
	word = conf_word(p, at + 1);
	if (!word || !scan_number(&word, &first) || *word++ != '-' || !scan_number(&word, &last) ||
	    *word || last < first || last > FREQUENCY_MAX_S) {
		conf_error_expected(p, at + 1, "a range of seconds such as 80-100, up to 604800");
		return 0;
	}
	g->frequency_s = (uint32_t)first;
	g->frequency_max_s = (uint32_t)last;
	return 2;
}

static uint32_t take_period(struct conf_parser *p, uint32_t at, uint32_t *ret)
{
	uint64_t value;

	if (!conf_take_number(p, at, "a number of seconds", 1, FREQUENCY_MAX_S, &value))
		return 0;
	*ret = (uint32_t)value;
	return 1;
}

static uint32_t take_slots(struct conf_parser *p, uint32_t at, struct group_conf *g)
{
	uint64_t value;

	if (!conf_take_number(p, at, "a number of operations", 1, LIST_MEMBERS_MAX, &value))
		return 0;
	g->slots = (uint32_t)value;
	return 1;
}

static uint32_t take_option(struct conf_parser *p, uint32_t at, enum group_word word,
                            struct group_conf *g)
{
	switch (word) {
	case GROUP_AGEOUT:
		return 1 + conf_schedule_take_ageout(p, at + 1, &g->when);
	case GROUP_FREQUENCY:
		return 1 + take_frequency(p, at + 1, g);
	case GROUP_LIFE:
		return 1 + conf_schedule_take_life(p, at + 1, &g->when);
	case GROUP_PERIOD:
		return 1 + take_period(p, at + 1, &g->period_s);
	case GROUP_TOGETHER:
		g->period_s = 0;
		return 2; /* it has no argument */
	case GROUP_START:
		return 1 + conf_schedule_take_start(p, at + 1, &g->when);
	case GROUP_SPREAD:
		return 1 + take_slots(p, at + 1, g);
	}
	return 1;
}

static bool take_options(struct conf_parser *p, uint32_t at, struct group_conf *g)
{
	static const char *const words[] = {
		"ageout",     "frequency", "life", "schedule-period", "schedule-together",
		"start-time", NULL
	};
	uint32_t first = at;
	unsigned seen = 0;

	while (at < p->line.count) {
		int word = GROUP_SPREAD;

		if (!conf_word_is(conf_word(p, at), SPREAD_OVER) &&
		    !conf_take_choice(p, at, words, true, &word))
			return false;
		if (seen & (1u << word)) {
			conf_error(p, at, "'%s' stands twice on this line", conf_word(p, at));
			return false;
		}
		seen |= 1u << word;
		uint32_t used = take_option(p, at, (enum group_word)word, g);

		if (used == 1)
			return false;
		at += word == GROUP_TOGETHER ? 1 : used;
	}
	bool has_period = seen & (1u << GROUP_PERIOD), is_together = seen & (1u << GROUP_TOGETHER);

	if (has_period == is_together) {
		conf_error(p, has_period ? first : at,
		           "expected either schedule-period or schedule-together");
		return false;
	}
	if (is_together && g->frequency_s == 0) {
		conf_error(p, at, "schedule-together needs a frequency");
		return false;
	}
	return true;
}

/* --- lines ----------------------------------------------------------------------------------------- */

static void put_group(struct conf_parser *p, const struct group_conf *g, struct place place)
{
	struct group_build *b = group_find(p, g->number);

	if (!b && p->group_count == p->group_cap) {
		p->group_cap = p->group_cap ? 2 * p->group_cap : 8;
		p->groups = xrealloc(p->groups, p->group_cap, sizeof(*p->groups));
	}
	if (!b)
		b = &p->groups[p->group_count++];
	*b = (struct group_build) { .conf = *g, .place = place };
}

static void define_group(struct conf_parser *p, uint32_t at, uint32_t number)
{
	struct group_conf g = { .number = number,
		                .when = { .scheduled = true, .life_s = CONF_LIFE_DEFAULT_S },
		                .line = p->line.number };
	const struct group_build *old = group_find(p, number);
	struct number_list l = { 0 };
	uint32_t used = take_list(p, at, &l);
	char where[CONF_WHERE_MAX];

	if (used > 0 && old && !p->is_editing) {
		conf_error(p, at - 1, "group %u is already scheduled%s", number,
		           conf_where_text(p, old->conf.line, where));
	} else if (used > 0 && !old && p->group_count >= CONFIG_GROUPS_MAX) {
		conf_error(p, at - 1, "expected at most %d groups", CONFIG_GROUPS_MAX);
	} else if (used > 0 && take_options(p, at + used, &g)) {
		set_list(p, &g, &l);
		put_group(p, &g, conf_place(p, at - 1));
	}
	list_fini(&l);
}

/* `add` leaves the spacing as it is: newcomers go on behind the last slot. */
static void change_list(struct conf_parser *p, uint32_t at, struct group_build *b, bool is_add)
{
	struct number_list change = { 0 }, all = { 0 };
	uint32_t used = take_list(p, at, &change);
	struct group_conf g = b->conf;

	for (uint32_t i = 0; used && i < g.listed_count; i++) {
		bool is_named =
		        change.count > 0 && bsearch(&g.listed[i], change.numbers, change.count,
		                                    sizeof(g.listed[0]), by_number);

		if (is_add || !is_named)
			(void)list_add_range(&all, g.listed[i], g.listed[i]);
	}
	for (uint32_t i = 0; is_add && used && i < change.count; i++)
		(void)list_add_range(&all, change.numbers[i], change.numbers[i]);
	list_sort(&all);
	if (used && all.count == 0) {
		conf_error(p, at, "the group would be empty: use `no ip sla group schedule %u`",
		           g.number);
	} else if (used && conf_take_end(p, at + used) && fits_a_line(p, at, &all)) {
		if (is_add && g.period_s > 0 && g.slots == 0 && g.frequency_max_s == 0)
			g.slots = g.listed_count;
		set_list(p, &g, &all);
		b->conf = g;
	}
	list_fini(&change);
	list_fini(&all);
}

void conf_group_line(struct conf_parser *p, const struct conf_match *m)
{
	static const char *const words[] = { "add", "delete", "reschedule", NULL };
	uint32_t at = m->at;
	uint64_t number;

	/* UNVERIFIED: numbers of groups; the MIB has 1 to 65535. */
	if (!conf_take_number(p, at, "the number of a group", 1, UINT16_MAX, &number))
		return;
	struct group_build *b = group_find(p, (uint32_t)number);
	const char *word = conf_word(p, at + 1);
	int choice = word && p->form == CONF_SET ? conf_word_choose(word, words, true) : -ENOENT;

	if (p->form == CONF_SET && choice < 0) {
		define_group(p, at + 1, (uint32_t)number);
	} else if (!b) {
		conf_error(p, at, "group %" PRIu64 " is not defined above", number);
	} else if (p->form != CONF_SET) {
		b->is_removed = true;
	} else if (choice == 2) {
		if (conf_take_end(p, at + 2))
			b->conf.slots = 0;
	} else {
		change_list(p, at + 2, b, choice == 0);
	}
}

/* --- the whole ------------------------------------------------------------------------------------- */

static struct group_plan plan_of(const struct group_conf *g)
{
	return (struct group_plan) {
		.number = g->number,
		.together = g->period_s == 0,
		.is_random = g->frequency_max_s > 0,
		.period_s = g->period_s,
		.slots = g->slots,
		.frequency_s = g->frequency_s ? g->frequency_s : g->period_s,
	};
}

static bool check_random(struct conf_parser *p, const struct group_build *b, uint32_t members)
{
	const struct group_conf *g = &b->conf;

	if (g->frequency_max_s == 0)
		return true;
	if (g->period_s == 0 || g->frequency_s <= g->period_s) {
		conf_error_place(p, b->place,
		                 "a random frequency needs a schedule-period shorter than all of "
		                 "its range");
		return false;
	}
	if (members > group_random_room(g->period_s)) {
		conf_error_place(p, b->place,
		                 "%u operations do not fit %u seconds at random: %u ms must be "
		                 "between two of them",
		                 members, g->period_s, GROUP_RANDOM_GAP_MS);
		return false;
	}
	return true;
}

/* An operation that is there and that nothing else schedules. */
static struct op_build *free_member(struct conf_parser *p, uint32_t number)
{
	uint32_t index = conf_op_find(p, number);

	if (index == UINT32_MAX || p->ops[index].schedule_line || p->ops[index].conf.schedule.group)
		return NULL;
	return &p->ops[index];
}

static void schedule_members(struct conf_parser *p, struct group_build *b, uint32_t *members,
                             uint32_t count)
{
	const struct group_plan plan = plan_of(&b->conf);
	uint32_t *offsets = xcalloc(count ? count : 1, sizeof(*offsets));

	group_offsets(&plan, members, count, offsets);
	for (uint32_t i = 0; i < count; i++) {
		struct op_build *op = free_member(p, members[i]);

		if (!op)
			continue;
		op->conf.schedule = b->conf.when;
		op->conf.schedule.group = b->conf.number;
		op->conf.schedule.offset_ms = offsets[i];
		op->conf.schedule.frequency_s = plan.frequency_s;
		op->conf.schedule.frequency_max_s = b->conf.frequency_max_s;
	}
	free(offsets);
}

/* Buckets of enhanced history hold whole runs of a raster. */
static bool check_enhanced(struct conf_parser *p, const struct group_build *b,
                           const struct op_build *op)
{
	uint32_t interval_s = op->conf.stats.enhanced_s;
	uint32_t frequency_s = plan_of(&b->conf).frequency_s;

	if (op->conf.stats.enhanced_buckets == 0)
		return true;
	if (b->conf.frequency_max_s > 0) {
		conf_error_place(p, b->place,
		                 "operation %u keeps enhanced history, which goes with no random "
		                 "frequency",
		                 op->conf.number);
		return false;
	}
	if (frequency_s > 0 && interval_s % frequency_s != 0) {
		conf_error_place(p, b->place,
		                 "the enhanced history interval of operation %u, %u seconds, is no "
		                 "multiple of the group's frequency, %u seconds",
		                 op->conf.number, interval_s, frequency_s);
		return false;
	}
	return true;
}

static void finish_group(struct conf_parser *p, struct group_build *b)
{
	uint32_t *members = arena_alloc(&p->cfg->arena, b->conf.listed_count * sizeof(*members));
	uint32_t frequency_s = plan_of(&b->conf).frequency_s, count = 0;
	bool is_good = true;

	for (uint32_t i = 0; i < b->conf.listed_count; i++) {
		const struct op_build *op = free_member(p, b->conf.listed[i]);

		if (!op)
			continue;
		members[count++] = b->conf.listed[i];
		is_good &= check_enhanced(p, b, op);
		if (op->type_line && !op->has_failed)
			is_good &= conf_schedule_check_times(p, b->place, &op->conf.params,
			                                     frequency_s);
	}
	b->conf.members = members;
	b->conf.member_count = count;
	if (check_random(p, b, count) && is_good)
		schedule_members(p, b, members, count);
}

static int by_group(const void *a, const void *b)
{
	uint32_t x = ((const struct group_conf *)a)->number;
	uint32_t y = ((const struct group_conf *)b)->number;

	return x < y ? -1 : x > y;
}

void conf_groups_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	for (uint32_t i = 0; i < p->op_count; i++) {
		if (!p->ops[i].schedule_line)
			p->ops[i].conf.schedule = (struct op_schedule) { 0 };
	}
	cfg->groups = arena_alloc(&cfg->arena, p->group_count * sizeof(*cfg->groups));
	for (uint32_t i = 0; i < p->group_count; i++) {
		if (p->groups[i].is_removed)
			continue;
		finish_group(p, &p->groups[i]);
		cfg->groups[cfg->group_count++] = p->groups[i].conf;
	}
	if (cfg->group_count > 1)
		qsort(cfg->groups, cfg->group_count, sizeof(*cfg->groups), by_group);
}

void conf_group_print(const struct group_conf *g, FILE *to, bool all)
{
	(void)fprintf(to, "ip sla group schedule %u ", g->number);
	config_print_numbers(g->listed, g->listed_count, to);
	if (g->period_s)
		(void)fprintf(to, " schedule-period %u", g->period_s);
	else
		(void)fputs(" schedule-together", to);
	if (g->slots)
		(void)fprintf(to, " " SPREAD_OVER " %u", g->slots);
	if (g->frequency_max_s)
		(void)fprintf(to, " frequency range %u-%u", g->frequency_s, g->frequency_max_s);
	else if (g->frequency_s && (g->frequency_s != g->period_s || all))
		(void)fprintf(to, " frequency %u", g->frequency_s);
	conf_schedule_print_when(&g->when, to, all);
	(void)fputc('\n', to);
}
