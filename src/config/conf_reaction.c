/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla reaction-configuration N …` and `ip sla reaction-trigger A B`. */
#include "base/cleanup.h"
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NOT_OF_THIS_TYPE "Invalid react option for the Probe type configured"

/* The operation that the line is about; UINT32_MAX: there is none, which was reported. */
static uint32_t take_operation(struct conf_parser *p, uint32_t at)
{
	uint64_t number;

	if (!conf_take_number(p, at, "the number of an operation", 1, INT32_MAX, &number))
		return UINT32_MAX;
	uint32_t index = conf_op_find(p, (uint32_t)number);

	if (index == UINT32_MAX)
		conf_error(p, at, "operation %" PRIu64 " is not defined above this line", number);
	return index;
}

/* --- rows of an operation: a list through the builders ---------------------------------------------- */

/* Where the index of the row (or of the end) stands. */
static uint32_t *row_slot(struct conf_parser *p, uint32_t op, uint8_t element)
{
	uint32_t *slot = &p->ops[op].first_reaction;

	while (*slot && p->reactions[*slot - 1].conf.element != element)
		slot = &p->reactions[*slot - 1].next;
	return slot;
}

static void row_put(struct conf_parser *p, uint32_t op, const struct reaction_conf *conf)
{
	uint32_t *slot = row_slot(p, op, conf->element);

	if (*slot) {
		p->reactions[*slot - 1].conf = *conf;
		return;
	}
	if (p->reaction_count == p->reaction_cap) {
		p->reaction_cap = p->reaction_cap ? 2 * p->reaction_cap : 16;
		p->reactions = xrealloc(p->reactions, p->reaction_cap, sizeof(*p->reactions));
		slot = row_slot(p, op, conf->element);
	}
	p->reactions[p->reaction_count] = (struct reaction_build) { .conf = *conf };
	*slot = ++p->reaction_count;
}

/* --- threshold-type, threshold-value, action-type ---------------------------------------------------- */

/* A count that may be left out: words used. */
static bool take_count(struct conf_parser *p, uint32_t *at, uint8_t *ret, bool is_needed)
{
	const char *word = conf_word(p, *at);
	uint64_t value;

	if (!is_needed && (!word || word[0] < '0' || word[0] > '9'))
		return true;
	if (!conf_take_number(p, *at, "a count", 1, REACTION_COUNT_MAX, &value))
		return false;
	*ret = (uint8_t)value;
	++*at;
	return true;
}

static bool take_type(struct conf_parser *p, uint32_t *at, struct reaction_conf *r)
{
	bool is_flag = reaction_elements[r->element].unit == REACT_UNIT_FLAG;
	uint32_t at_type = *at, at_count = *at + 1;
	int type;

	if (!conf_take_choice(p, *at, reaction_threshold_names, true, &type))
		return false;
	++*at;
	r->threshold_type = (uint8_t)type;
	if (type == REACT_AVERAGE && is_flag) {
		conf_error(p, at_type, "%s has no values of which an average could be taken",
		           reaction_elements[r->element].name);
		return false;
	}
	if (type == REACT_CONSECUTIVE || type == REACT_AVERAGE)
		return take_count(p, at, &r->x, false);
	if (type != REACT_XOFY || !take_count(p, at, &r->x, false))
		return type != REACT_XOFY;
	return *at == at_count || take_count(p, at, &r->y, true);
}

static bool take_values(struct conf_parser *p, uint32_t *at, struct reaction_conf *r)
{
	const struct reaction_element_info *info = &reaction_elements[r->element];
	uint64_t low = info->unit == REACT_UNIT_CENTI ? 100 : 0, rising, falling;

	if (info->unit == REACT_UNIT_FLAG) {
		conf_error(p, *at - 1, "%s has no thresholds: a run is good or bad", info->name);
		return false;
	}
	if (!conf_take_number(p, *at, "the upper threshold", low, info->max, &rising) ||
	    !conf_take_number(p, *at + 1, "the lower threshold", low, info->max, &falling))
		return false;
	if (falling > rising) {
		conf_error(p, *at + 1,
		           "expected a lower threshold that is not above the upper one");
		return false;
	}
	r->rising = (uint16_t)rising;
	r->falling = (uint16_t)falling;
	*at += 2;
	return true;
}

static bool take_action(struct conf_parser *p, uint32_t *at, struct reaction_conf *r)
{
	int action;

	if (!conf_take_choice(p, *at, reaction_action_names, true, &action))
		return false;
	r->action = (uint8_t)action;
	++*at;
	return true;
}

/* The options behind the element, in any order, each once. */
static bool take_options(struct conf_parser *p, uint32_t at, struct reaction_conf *r)
{
	static const char *const words[] = { "action-type", "threshold-type", "threshold-value",
		                             NULL };
	static bool (*const take[])(struct conf_parser *, uint32_t *,
	                            struct reaction_conf *) = { take_action, take_type,
		                                                take_values };
	unsigned seen = 0;
	int word;

	while (at < p->line.count) {
		if (!conf_take_choice(p, at, words, true, &word))
			return false;
		if (seen & (1u << word)) {
			conf_error(p, at, "'%s' stands twice on this line", words[word]);
			return false;
		}
		seen |= 1u << word;
		at++;
		if (!take[word](p, &at, r))
			return false;
	}
	return true;
}

/* Elements of IOS that no operation here has (rttMonReactVar 19 to 23, 30 to 39), in full alone. */
static const char *why_unsupported(const char *word)
{
	static const char *const of_routers[] = { "frameLossDS",  "iaJitterDS",   "iaJitterSD",
		                                  "lpdAll",       "lpdGroup",     "lpdTreeTrace",
		                                  "mosCQDS",      "mosCQSD",      "mosLQDS",
		                                  "pktLossPctDS", "pktLossPctSD", "rFactorDS",
		                                  "rFactorSD",    "unavailDS",    "unavailSD" };

	for (size_t i = 0; i < ARRAY_LEN(of_routers); i++) {
		if (conf_word_is(word, of_routers[i]))
			return "only operations that need hardware or protocols of a router have "
			       "it";
	}
	return NULL;
}

static bool take_element(struct conf_parser *p, uint32_t at, enum reaction_element *ret)
{
	const char *names[REACT_ELEMENT_COUNT + 1] = { NULL };
	const char *word = conf_word(p, at), *why = word ? why_unsupported(word) : NULL;
	int element;

	if (why) {
		conf_error(p, at, "'%s' is known, but not supported by this version: %s", word,
		           why);
		return false;
	}
	for (unsigned i = 0; i < REACT_ELEMENT_COUNT; i++)
		names[i] = reaction_elements[i].name;
	if (!conf_take_choice(p, at, names, true, &element))
		return false;
	*ret = (enum reaction_element)element;
	return true;
}

bool conf_take_element(struct conf_parser *p, uint32_t at, uint8_t *ret)
{
	enum reaction_element element;

	if (!take_element(p, at, &element))
		return false;
	*ret = (uint8_t)element;
	return true;
}

/* --- the lines --------------------------------------------------------------------------------------- */

static void remove_rows(struct conf_parser *p, uint32_t at, uint32_t op)
{
	enum reaction_element element;

	if (!conf_word(p, at)) {
		p->ops[op].first_reaction = 0;
		return;
	}
	if (!conf_word_abbreviates(conf_word(p, at), "react")) {
		conf_error_expected(p, at, "react or the end of the line");
		return;
	}
	if (!take_element(p, at + 1, &element))
		return;
	uint32_t *slot = row_slot(p, op, (uint8_t)element);

	/* What follows the element does not matter, as in other `no` lines. */
	if (*slot)
		*slot = p->reactions[*slot - 1].next;
	else
		conf_error(p, at + 1, "operation %u has no reaction to %s", p->ops[op].conf.number,
		           reaction_elements[element].name);
}

void conf_reaction_line(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t op = take_operation(p, m->at), at = m->at + 1;
	enum reaction_element element = REACT_RTT;

	if (op == UINT32_MAX)
		return;
	const struct op_build *build = &p->ops[op];

	if (p->form != CONF_SET) {
		remove_rows(p, at, op);
		return;
	}
	if (conf_word(p, at)) {
		if (!conf_word_abbreviates(conf_word(p, at), "react")) {
			conf_error_expected(p, at, "react or the end of the line");
			return;
		}
		if (!take_element(p, ++at, &element))
			return;
		at++;
	}
	struct reaction_conf row = reaction_conf_default(build->conf.number, element);

	if (build->type_line && !reaction_applies(element, &build->conf.params)) {
		conf_error(p, at - 1, NOT_OF_THIS_TYPE);
		return;
	}
	if (take_options(p, at, &row))
		row_put(p, op, &row);
}

static void remove_triggers(struct conf_parser *p, uint32_t at, uint32_t op)
{
	uint32_t *slot = &p->ops[op].first_trigger;
	uint64_t target;

	if (!conf_word(p, at)) {
		*slot = 0;
		return;
	}
	if (!conf_take_number(p, at, "the number of an operation", 1, INT32_MAX, &target) ||
	    !conf_take_end(p, at + 1))
		return;
	while (*slot && p->triggers[*slot - 1].target != target)
		slot = &p->triggers[*slot - 1].next;
	if (*slot)
		*slot = p->triggers[*slot - 1].next;
	else
		conf_error(p, at, "operation %u does not trigger operation %" PRIu64,
		           p->ops[op].conf.number, target);
}

void conf_trigger_line(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t op = take_operation(p, m->at), at = m->at + 1;
	uint64_t target;

	if (op == UINT32_MAX)
		return;
	if (p->form != CONF_SET) {
		remove_triggers(p, at, op);
		return;
	}
	if (!conf_take_number(p, at, "the number of the operation that starts then", 1, INT32_MAX,
	                      &target) ||
	    !conf_take_end(p, at + 1))
		return;
	if (target == p->ops[op].conf.number) {
		conf_error(p, at, "an operation cannot trigger itself");
		return;
	}
	for (uint32_t i = p->ops[op].first_trigger; i; i = p->triggers[i - 1].next) {
		if (p->triggers[i - 1].target == target)
			return; /* it does already */
	}
	if (p->trigger_count == p->trigger_cap) {
		p->trigger_cap = p->trigger_cap ? 2 * p->trigger_cap : 8;
		p->triggers = xrealloc(p->triggers, p->trigger_cap, sizeof(*p->triggers));
	}
	p->triggers[p->trigger_count] =
	        (struct trigger_build) { (uint32_t)target, p->ops[op].first_trigger };
	p->ops[op].first_trigger = ++p->trigger_count;
}

/* --- the whole, and printing ------------------------------------------------------------------------- */

static int by_row(const void *a, const void *b)
{
	const struct reaction_conf *x = a, *y = b;

	if (x->operation != y->operation)
		return x->operation < y->operation ? -1 : 1;
	return x->element < y->element ? -1 : x->element > y->element;
}

static int by_trigger(const void *a, const void *b)
{
	const struct reaction_trigger *x = a, *y = b;

	if (x->operation != y->operation)
		return x->operation < y->operation ? -1 : 1;
	return x->target < y->target ? -1 : x->target > y->target;
}

void conf_reactions_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	cfg->reactions = arena_alloc(&cfg->arena, p->reaction_count * sizeof(*cfg->reactions));
	cfg->triggers = arena_alloc(&cfg->arena, p->trigger_count * sizeof(*cfg->triggers));
	for (uint32_t op = 0; op < p->op_count; op++) {
		const struct op_build *b = &p->ops[op];

		if (b->is_removed)
			continue;
		for (uint32_t i = b->first_reaction; i; i = p->reactions[i - 1].next)
			cfg->reactions[cfg->reaction_count++] = p->reactions[i - 1].conf;
		for (uint32_t i = b->first_trigger; i; i = p->triggers[i - 1].next)
			cfg->triggers[cfg->trigger_count++] =
			        (struct reaction_trigger) { b->conf.number,
				                            p->triggers[i - 1].target };
	}
	qsort(cfg->reactions, cfg->reaction_count, sizeof(*cfg->reactions), by_row);
	qsort(cfg->triggers, cfg->trigger_count, sizeof(*cfg->triggers), by_trigger);
}

static void print_type(const struct reaction_conf *r, FILE *to)
{
	(void)fprintf(to, " threshold-type %s", reaction_threshold_names[r->threshold_type]);
	switch ((enum reaction_threshold)r->threshold_type) {
	case REACT_CONSECUTIVE:
	case REACT_AVERAGE:
		(void)fprintf(to, " %u", r->x);
		break;
	case REACT_XOFY:
		(void)fprintf(to, " %u %u", r->x, r->y);
		break;
	case REACT_NEVER:
	case REACT_IMMEDIATE:
	case REACT_THRESHOLD_COUNT:
		break;
	}
}

void conf_reaction_print(const struct reaction_conf *r, FILE *to, bool all)
{
	const struct reaction_element_info *info = &reaction_elements[r->element];
	struct reaction_conf initial =
	        reaction_conf_default(r->operation, (enum reaction_element)r->element);

	(void)fprintf(to, "ip sla reaction-configuration %u react %s", r->operation, info->name);
	if (r->threshold_type != initial.threshold_type || all)
		print_type(r, to);
	if (info->unit != REACT_UNIT_FLAG &&
	    (r->rising != initial.rising || r->falling != initial.falling || all))
		(void)fprintf(to, " threshold-value %u %u", r->rising, r->falling);
	if (r->action != initial.action || all)
		(void)fprintf(to, " action-type %s", reaction_action_names[r->action]);
	(void)fputc('\n', to);
}

void conf_reactions_print(const struct config *c, uint32_t number, FILE *to, bool all)
{
	uint32_t count;
	const struct reaction_conf *r = config_find_reactions(c, number, &count);

	for (uint32_t i = 0; i < count; i++)
		conf_reaction_print(&r[i], to, all);
	const struct reaction_trigger *t = config_find_triggers(c, number, &count);

	for (uint32_t i = 0; i < count; i++)
		(void)fprintf(to, "ip sla reaction-trigger %u %u\n", number, t[i].target);
}
