/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla schedule N`: when an operation runs, and the checks that IOS makes at that moment. */
#include "config/conf_schedule.h"

#include "config/conf_time.h"

#include <inttypes.h>
#include <string.h>

#define DAY_S 86400

enum schedule_word { WORD_AGEOUT, WORD_LIFE, WORD_RECURRING, WORD_START };

static const char *const schedule_words[] = { "ageout", "life", "recurring", "start-time", NULL };

uint32_t conf_schedule_take_start(struct conf_parser *p, uint32_t at, struct op_schedule *s)
{
	static const char *const words[] = { "after", "now", "pending", "random", NULL };
	const char *word = conf_word(p, at);
	uint64_t random_ms;
	int choice;

	s->start_s = 0;
	if (word && conf_time_parse(word, true, &s->start_s)) {
		s->start = SLA_START_AT;
		return conf_day_parse(p, at + 1, &s->start_month, &s->start_day) ? 3 : 1;
	}
	choice = word ? conf_word_choose(word, words, true) : -1;
	switch (choice) {
	case 0:
		word = conf_word(p, at + 1);
		if (!word || !conf_time_parse(word, false, &s->start_s)) {
			conf_error_expected(p, at + 1, "a delay as hh:mm:ss");
			return 0;
		}
		s->start = SLA_START_AFTER;
		return 2;
	case 1:
		s->start = SLA_START_NOW;
		return 1;
	case 2:
		s->start = SLA_START_PENDING;
		return 1;
	case 3:
		if (!conf_take_number(p, at + 1, "a number of milliseconds", 500, 10000,
		                      &random_ms))
			return 0;
		s->start = SLA_START_RANDOM;
		s->random_ms = (uint32_t)random_ms;
		return 2;
	default:
		conf_error_expected(p, at, "now, pending, after hh:mm:ss, random or a time hh:mm");
		return 0;
	}
}

uint32_t conf_schedule_take_life(struct conf_parser *p, uint32_t at, struct op_schedule *s)
{
	const char *word = conf_word(p, at);
	uint64_t life_s;

	if (word && conf_word_abbreviates(word, "forever")) {
		s->life_s = SLA_LIFE_FOREVER;
		return 1;
	}
	if (!word || !conf_number_parse(word, &life_s) || life_s > SLA_LIFE_FOREVER) {
		conf_error_expected(p, at, "forever or a number of seconds from 0 to 2147483647");
		return 0;
	}
	s->life_s = (uint32_t)life_s;
	return 1;
}

uint32_t conf_schedule_take_ageout(struct conf_parser *p, uint32_t at, struct op_schedule *s)
{
	uint64_t value;

	if (!conf_take_number(p, at, "a number of seconds", 0, CONF_AGEOUT_MAX_S, &value))
		return 0;
	s->ageout_s = (uint32_t)value;
	return 1;
}

static bool take_schedule(struct conf_parser *p, uint32_t at, struct op_schedule *s)
{
	unsigned seen = 0;

	while (at < p->line.count) {
		uint32_t used = 0;
		int word;

		if (!conf_take_choice(p, at, schedule_words, true, &word))
			return false;
		if (seen & (1u << word)) {
			conf_error(p, at, "'%s' stands twice on this line", schedule_words[word]);
			return false;
		}
		seen |= 1u << word;
		at++;
		switch ((enum schedule_word)word) {
		case WORD_AGEOUT:
			used = conf_schedule_take_ageout(p, at, s);
			break;
		case WORD_LIFE:
			used = conf_schedule_take_life(p, at, s);
			break;
		case WORD_RECURRING:
			s->recurring = true;
			continue;
		case WORD_START:
			used = conf_schedule_take_start(p, at, s);
			break;
		}
		if (used == 0)
			return false;
		at += used;
	}
	return true;
}

void conf_schedule_check_recurring(struct conf_parser *p, uint32_t at, const struct op_schedule *s)
{
	if (!s->recurring)
		return;
	if (s->life_s >= DAY_S)
		conf_error(p, at, "recurring needs a life below 86400 seconds, found %s",
		           s->life_s == SLA_LIFE_FOREVER ? "forever" : "more");
	else if (s->ageout_s != 0 && s->life_s + s->ageout_s <= DAY_S)
		conf_error(p, at,
		           "recurring needs ageout 0, or life and ageout of more than 86400 "
		           "seconds together, found %u",
		           s->life_s + s->ageout_s);
}

bool conf_schedule_check_times(struct conf_parser *p, struct place place,
                               const struct op_params *params, uint32_t frequency_s)
{
	uint64_t frequency_ms = (uint64_t)frequency_s * 1000;
	bool is_good =
	        params->timeout_ms <= frequency_ms && params->threshold_ms <= params->timeout_ms;

	if (params->timeout_ms > frequency_ms)
		conf_error_place(p, place,
		                 "Scheduling a probe with timeout %u ms greater than frequency "
		                 "%" PRIu64 " ms is not allowed.",
		                 params->timeout_ms, frequency_ms);
	if (params->threshold_ms > params->timeout_ms)
		conf_error_place(
		        p, place,
		        "Scheduling a probe with threshold %u ms greater than timeout %u ms is "
		        "not allowed.",
		        params->threshold_ms, params->timeout_ms);
	return is_good;
}

void conf_schedule_line(struct conf_parser *p, const struct conf_match *m)
{
	struct op_schedule s = { .scheduled = true, .life_s = CONF_LIFE_DEFAULT_S };
	uint32_t at = m->at;
	uint64_t number;

	if (!conf_take_number(p, at, "the number of an operation", 1, INT32_MAX, &number))
		return;
	uint32_t index = conf_op_find(p, (uint32_t)number);

	if (index == UINT32_MAX) {
		conf_error(p, at, "operation %" PRIu64 " is not defined above this line", number);
		return;
	}
	struct op_build *op = &p->ops[index];

	if (p->form != CONF_SET) {
		op->schedule_line = 0;
		op->conf.schedule = (struct op_schedule) { 0 };
		return;
	}
	if (op->schedule_line && !p->is_editing) {
		conf_error(p, at, "operation %" PRIu64 " is already scheduled in line %u", number,
		           op->schedule_line);
		return;
	}
	uint32_t before = p->errors->count;

	if (!p->is_editing)
		op->schedule_line = p->line.number;
	if (!take_schedule(p, at + 1, &s))
		return;
	conf_schedule_check_recurring(p, at, &s);
	if (op->type_line && !op->has_failed)
		(void)conf_schedule_check_times(p, conf_place(p, at), &op->conf.params,
		                                op->conf.params.frequency_s);
	if (p->is_editing && p->errors->count > before)
		return; /* entered in vain: what stands stays */
	op->schedule_line = p->line.number;
	op->conf.schedule = s;
}
