/* SPDX-License-Identifier: Apache-2.0 */
/* `event …` below a webhook or a hook: which events it is for, in the words of EEM. */
#include "config/conf_notify.h"

#include <string.h>

static const char *const kind_words[] = { "ipsla", "track", NULL };
static const char *const state_words[] = { "any", "down", "up", NULL };

/* {all | N}: the number, 0 for all. */
static bool take_number(struct conf_parser *p, uint32_t at, const char *what, uint64_t max,
                        uint32_t *ret)
{
	uint64_t number = 0;

	if (conf_word(p, at) && conf_word_is(conf_word(p, at), "all")) {
		*ret = 0;
		return true;
	}
	if (!conf_take_number(p, at, what, 1, max, &number))
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* ipsla {all | operation-id N} [reaction-type ELEMENT] */
static bool take_ipsla(struct conf_parser *p, uint32_t at, struct event_filter *ret)
{
	const char *word = conf_word(p, at);

	ret->element = REACT_ELEMENT_COUNT;
	if (word && conf_word_abbreviates(word, "operation-id"))
		at++;
	else if (!word || !conf_word_is(word, "all")) {
		conf_error_expected(p, at, "all or operation-id");
		return false;
	}
	if (!take_number(p, at, "all, or the number of an operation", INT32_MAX, &ret->number))
		return false;
	if (conf_word(p, ++at)) {
		if (!conf_word_abbreviates(conf_word(p, at), "reaction-type")) {
			conf_error_expected(p, at, "reaction-type or the end of the line");
			return false;
		}
		if (!conf_take_element(p, at + 1, &ret->element))
			return false;
		at += 2;
	}
	return conf_take_end(p, at);
}

/* track {all | N} [state {any | down | up}] */
static bool take_track(struct conf_parser *p, uint32_t at, struct event_filter *ret)
{
	int state = EVENT_STATE_ANY;

	if (!take_number(p, at, "all, or the number of a tracked object", 32767, &ret->number))
		return false;
	if (conf_word(p, ++at)) {
		if (!conf_word_abbreviates(conf_word(p, at), "state")) {
			conf_error_expected(p, at, "state or the end of the line");
			return false;
		}
		if (!conf_take_choice(p, at + 1, state_words, true, &state))
			return false;
		at += 2;
	}
	ret->state = (uint8_t)state;
	return conf_take_end(p, at);
}

bool event_filter_equal(const struct event_filter *a, const struct event_filter *b)
{
	return a->kind == b->kind && a->number == b->number && a->element == b->element &&
	       a->state == b->state;
}

static uint32_t find(const struct event_list *l, const struct event_filter *f)
{
	uint32_t at = 0;

	while (at < l->count && !event_filter_equal(&l->events[at], f))
		at++;
	return at;
}

void conf_event_line(struct conf_parser *p, const struct conf_match *m, struct event_list *l)
{
	struct event_filter f = { 0 };
	int kind;

	if (p->form != CONF_SET && !conf_word(p, m->at)) {
		l->count = 0;
		return;
	}
	if (!conf_take_choice(p, m->at, kind_words, true, &kind))
		return;
	f.kind = (uint8_t)kind;
	if (kind == EVENT_IPSLA ? !take_ipsla(p, m->at + 1, &f) : !take_track(p, m->at + 1, &f))
		return;
	uint32_t at = find(l, &f);

	if (p->form != CONF_SET) {
		if (at == l->count)
			conf_error(p, m->at, "there is no such event above");
		else
			memmove(&l->events[at], &l->events[at + 1],
			        (--l->count - at) * sizeof(*l->events));
		return;
	}
	if (at < l->count)
		return;
	if (l->count == EVENTS_MAX) {
		conf_error(p, m->at, "expected at most %u events", EVENTS_MAX);
		return;
	}
	if (!l->events)
		l->events = arena_alloc(&p->cfg->arena, EVENTS_MAX * sizeof(*l->events));
	l->events[l->count++] = f;
}

void conf_events_print(const struct event_list *l, FILE *to)
{
	for (uint32_t i = 0; i < l->count; i++) {
		const struct event_filter *f = &l->events[i];

		(void)fprintf(to, " event %s ", kind_words[f->kind]);
		if (f->number == 0)
			(void)fputs("all", to);
		else
			(void)fprintf(to, "%s%u", f->kind == EVENT_IPSLA ? "operation-id " : "",
			              f->number);
		if (f->kind == EVENT_IPSLA && f->element != REACT_ELEMENT_COUNT)
			(void)fprintf(to, " reaction-type %s", reaction_elements[f->element].name);
		if (f->kind == EVENT_TRACK && f->state != EVENT_STATE_ANY)
			(void)fprintf(to, " state %s", state_words[f->state]);
		(void)fputc('\n', to);
	}
}

bool event_list_has_reaction(const struct event_list *l, uint32_t number,
                             enum reaction_element element)
{
	for (uint32_t i = 0; i < l->count; i++) {
		const struct event_filter *f = &l->events[i];

		if (f->kind == EVENT_IPSLA && (f->number == 0 || f->number == number) &&
		    (f->element == REACT_ELEMENT_COUNT || f->element == element))
			return true;
	}
	return false;
}

bool event_list_has_track(const struct event_list *l, uint32_t number, bool is_up)
{
	for (uint32_t i = 0; i < l->count; i++) {
		const struct event_filter *f = &l->events[i];

		if (f->kind == EVENT_TRACK && (f->number == 0 || f->number == number) &&
		    (f->state == EVENT_STATE_ANY || (f->state == EVENT_STATE_UP) == is_up))
			return true;
	}
	return false;
}
