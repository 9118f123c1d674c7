/* SPDX-License-Identifier: Apache-2.0 */
/* What a node says about itself: its name, and how far its clock is believed. */
#include "config/conf_print.h"

#include "config/conf_parser.h"

#include <stdio.h>
#include <string.h>

#define GRADE_LIMIT_US     100000
#define GRADE_LIMIT_MAX_US 10000000
#define NODE_NAME_MAX      63

static const char *const source_names[] = {
	[CLOCK_SOURCE_NONE] = "auto",
	[CLOCK_SOURCE_KERNEL] = "kernel",
	[CLOCK_SOURCE_CHRONY] = "chrony",
	[CLOCK_SOURCE_PTP] = "ptp",
	NULL,
};

void conf_clock_init(struct clock_policy *c)
{
	*c = (struct clock_policy) { .grade_limit_ns = GRADE_LIMIT_US * NS_PER_US };
}

static bool take_us(struct conf_parser *p, uint32_t at, uint64_t max, int64_t *ret_ns)
{
	uint64_t us;

	if (!conf_take_number(p, at, "a number of microseconds", 1, max, &us) ||
	    !conf_take_end(p, at + 1))
		return false;
	*ret_ns = (int64_t)us * NS_PER_US;
	return true;
}

/* clock trust operator error MICROSECONDS */
static void clock_trust(struct conf_parser *p, const struct conf_match *m)
{
	struct clock_policy *c = &p->cfg->clock;

	if (p->form != CONF_SET) {
		c->trust_operator = false;
		c->operator_err_ns = 0;
	} else if (take_us(p, m->at, GRADE_LIMIT_MAX_US, &c->operator_err_ns)) {
		c->trust_operator = true;
	}
}

/* `clock trust operator` alone: only its `no` form is complete. */
static void clock_trust_operator(struct conf_parser *p, const struct conf_match *m)
{
	if (p->form == CONF_SET)
		conf_error_expected(p, m->at, "error MICROSECONDS");
	else
		clock_trust(p, m);
}

static void clock_source(struct conf_parser *p, const struct conf_match *m)
{
	int source = CLOCK_SOURCE_NONE;

	if (p->form == CONF_SET && (!conf_take_choice(p, m->at, source_names, false, &source) ||
	                            !conf_take_end(p, m->at + 1)))
		return;
	p->cfg->clock.source = (uint8_t)source;
}

static void clock_grade_limit(struct conf_parser *p, const struct conf_match *m)
{
	if (p->form != CONF_SET)
		p->cfg->clock.grade_limit_ns = GRADE_LIMIT_US * NS_PER_US;
	else
		(void)take_us(p, m->at, GRADE_LIMIT_MAX_US, &p->cfg->clock.grade_limit_ns);
}

static const struct conf_command trust_error[] = {
	{ .word = "error",
	  .flags = CC_OWN | CC_NO,
	  .run = clock_trust,
	  .usage = "<1-10000000>=Microseconds;",
	  .help = "Bound of the clock's offset from UTC, 1 to 10000000" },
	{ 0 },
};

static const struct conf_command trust_words[] = {
	{ .word = "operator",
	  .flags = CC_OWN | CC_NO,
	  .next = trust_error,
	  .run = clock_trust_operator,
	  .help = "The operator vouches for the clock" },
	{ 0 },
};

const struct conf_command conf_commands_clock[] = {
	{ .word = "grade-limit",
	  .flags = CC_OWN | CC_NO,
	  .run = clock_grade_limit,
	  .usage = "<1-10000000>=Microseconds;",
	  .help = "Largest clock error at which one-way values are shown" },
	{ .word = "source",
	  .flags = CC_OWN | CC_NO,
	  .run = clock_source,
	  .usage = "{auto | kernel | chrony | ptp}",
	  .help = "Who knows whether the clock is right" },
	{ .word = "trust",
	  .flags = CC_OWN,
	  .next = trust_words,
	  .help = "Believe the clock without evidence" },
	{ .word = "calendar-valid", .unsupported = "the system keeps its clock" },
	{ .word = "initialize", .unsupported = "the system keeps its clock" },
	{ .word = "save", .unsupported = "the system keeps its clock" },
	{ .word = "summer-time", .unsupported = "times are in the system's time zone" },
	{ .word = "timezone", .unsupported = "times are in the system's time zone" },
	{ 0 },
};

/* RFC 1123 section 2.1: letters, digits and hyphens; underscores and dots are seen as well. */
void conf_hostname(struct conf_parser *p, const struct conf_match *m)
{
	const char *word = conf_word(p, m->at);

	if (p->form != CONF_SET) {
		p->cfg->hostname = NULL;
		return;
	}
	if (!word || strlen(word) > NODE_NAME_MAX ||
	    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
	            strlen(word)) {
		conf_error_expected(p, m->at, "a name of 1 to 63 letters, digits, - _ and .");
		return;
	}
	if (conf_take_end(p, m->at + 1))
		p->cfg->hostname = arena_strdup(&p->cfg->arena, word);
}

void conf_clock_print(const struct clock_policy *c, FILE *to, bool all)
{
	if (c->source != CLOCK_SOURCE_NONE || all)
		(void)fprintf(to, "clock source %s\n", source_names[c->source]);
	if (c->trust_operator)
		(void)fprintf(to, "clock trust operator error %lld\n",
		              (long long)(c->operator_err_ns / NS_PER_US));
	else if (all)
		(void)fputs("no clock trust operator\n", to);
	if (c->grade_limit_ns != GRADE_LIMIT_US * NS_PER_US || all)
		(void)fprintf(to, "clock grade-limit %lld\n",
		              (long long)(c->grade_limit_ns / NS_PER_US));
}
