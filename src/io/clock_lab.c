/* SPDX-License-Identifier: Apache-2.0 */
/* A clock for trials. */
#include "io/clock_lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MAX_NS (1000000 * NS_PER_S)

static int64_t offset_ns_at(const struct clock_lab *c, mono_t now)
{
	int64_t offset_ns = c->spec.offset_ns;
	int64_t age_ns = mono_diff_ns(now, c->started);

	for (unsigned i = 0; i < c->spec.step_count; i++) {
		if (age_ns >= c->spec.steps[i].after_ns)
			offset_ns += c->spec.steps[i].by_ns;
	}
	return offset_ns;
}

static mono_t lab_mono(struct clock *clock)
{
	struct clock_lab *c = container_of(clock, struct clock_lab, clock);

	return c->base->mono(c->base);
}

static boot_t lab_boot(struct clock *clock)
{
	struct clock_lab *c = container_of(clock, struct clock_lab, clock);

	return c->base->boot(c->base);
}

static wall_t lab_pair(struct clock *clock, mono_t *ret_mono)
{
	struct clock_lab *c = container_of(clock, struct clock_lab, clock);
	mono_t mono;
	wall_t wall = c->base->pair(c->base, &mono);

	*ret_mono = mono;
	return wall_add_ns(wall, offset_ns_at(c, mono));
}

static wall_t lab_wall(struct clock *clock)
{
	mono_t mono;

	return lab_pair(clock, &mono);
}

static struct clock_grade lab_grade(struct clock *clock)
{
	return container_of(clock, struct clock_lab, clock)->spec.grade;
}

static int64_t lab_stamp_offset_ns(struct clock *clock)
{
	struct clock_lab *c = container_of(clock, struct clock_lab, clock);

	return c->base->stamp_offset_ns(c->base) + offset_ns_at(c, c->base->mono(c->base));
}

void clock_lab_init(struct clock_lab *c, const struct clock_lab_spec *spec, struct clock *base)
{
	*c = (struct clock_lab) {
		.clock = {
			.mono = lab_mono,
			.boot = lab_boot,
			.wall = lab_wall,
			.pair = lab_pair,
			.grade = lab_grade,
			.stamp_offset_ns = lab_stamp_offset_ns,
		},
		.base = base,
		.spec = *spec,
		.started = base->mono(base),
	};
}

void clock_lab_step(struct clock_lab *c, int64_t by_ns)
{
	c->spec.offset_ns += by_ns;
}

void clock_lab_set_grade(struct clock_lab *c, const struct clock_grade *grade)
{
	c->spec.grade = *grade;
}

/* A text being read from left to right. */
struct scan {
	const char *start, *p;
	struct diag *d;
};

static int expected(const struct scan *s, const char *what)
{
	if (s->d) {
		s->d->line = 0;
		s->d->column = (uint32_t)(s->p - s->start) + 1;
	}
	return diag_set(s->d, -EINVAL, "clock, column %u: expected %s",
	                (unsigned)(s->p - s->start) + 1, what);
}

static bool take_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	return true;
}

static int scan_unit(struct scan *s, double *ret_ns)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = { { "ns", 1 }, { "us", NS_PER_US }, { "ms", NS_PER_MS }, { "s", NS_PER_S } };

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (take_word(s, units[i].name)) {
			*ret_ns = (double)units[i].ns;
			return 0;
		}
	}
	return expected(s, "a unit: ns, us, ms or s");
}

static int scan_duration(struct scan *s, int64_t *ret_ns)
{
	struct scan from = *s;
	bool negative = *s->p == '-';
	double unit_ns;

	if (*s->p == '+' || *s->p == '-')
		s->p++;
	if (*s->p < '0' || *s->p > '9')
		return expected(&from, "a duration such as +5ms, -20us or 1.5s");
	size_t digits = strspn(s->p, "0123456789.");
	char *end;
	double value = strtod(s->p, &end);

	if (end != s->p + digits) /* 1.2.3, 0x10, 1e9 */
		return expected(&from, "a decimal number");
	s->p = end;
	int rc = scan_unit(s, &unit_ns);

	if (rc < 0)
		return rc;
	if (value * unit_ns > (double)DURATION_MAX_NS)
		return expected(&from, "at most 1000000 s");
	int64_t ns = (int64_t)(value * unit_ns + 0.5);

	*ret_ns = negative ? -ns : ns;
	return 0;
}

static int scan_error(struct scan *s, struct clock_lab_spec *to)
{
	struct scan from = *s;
	int rc = scan_duration(s, &to->grade.err_ns);

	if (rc == 0 && to->grade.err_ns < 0)
		return expected(&from, "an error bound of 0 or more");
	return rc;
}

static int scan_source(struct scan *s, enum clock_source *ret)
{
	static const struct {
		const char *name;
		enum clock_source source;
	} sources[] = {
		{ "kernel", CLOCK_SOURCE_KERNEL },
		{ "chrony", CLOCK_SOURCE_CHRONY },
		{ "ptp", CLOCK_SOURCE_PTP },
		{ "operator", CLOCK_SOURCE_OPERATOR },
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (take_word(s, sources[i].name)) {
			*ret = sources[i].source;
			return 0;
		}
	}
	return expected(s, "kernel, chrony, ptp or operator");
}

static int scan_step(struct scan *s, struct clock_lab_spec *to)
{
	struct scan from = *s;
	int64_t by_ns = 0, after_ns = 0;

	if (to->step_count == CLOCK_LAB_STEPS_MAX)
		return expected(s, "at most 4 steps");
	int rc = scan_duration(s, &by_ns);

	if (rc < 0)
		return rc;
	if (!take_word(s, "@"))
		return expected(s, "@ and when, as in step=+50ms@10s");
	from = *s;
	rc = scan_duration(s, &after_ns);
	if (rc < 0)
		return rc;
	if (after_ns < 0)
		return expected(&from, "a moment after the start");
	to->steps[to->step_count].by_ns = by_ns;
	to->steps[to->step_count].after_ns = after_ns;
	to->step_count++;
	return 0;
}

/* What the keys say about the grade, until all are read. */
struct grade_words {
	bool synchronised;
	enum clock_source source;
};

static int scan_item(struct scan *s, struct clock_lab_spec *to, struct grade_words *words)
{
	if (take_word(s, "offset="))
		return scan_duration(s, &to->offset_ns);
	if (take_word(s, "error="))
		return scan_error(s, to);
	if (take_word(s, "step="))
		return scan_step(s, to);
	if (take_word(s, "source="))
		return scan_source(s, &words->source);
	if (!take_word(s, "synchronised="))
		return expected(s, "offset=, error=, synchronised=, source= or step=");
	words->synchronised = take_word(s, "yes");
	if (!words->synchronised && !take_word(s, "no"))
		return expected(s, "yes or no");
	return 0;
}

int clock_lab_parse(const char *text, struct clock_lab_spec *ret, struct diag *d)
{
	struct clock_lab_spec spec = { 0 };
	struct grade_words words = { .source = CLOCK_SOURCE_KERNEL };
	struct scan s = { .start = text, .p = text, .d = d };

	for (;;) {
		int rc = scan_item(&s, &spec, &words);

		if (rc < 0)
			return rc;
		if (!*s.p)
			break;
		if (!take_word(&s, ","))
			return expected(&s, "a comma or the end");
	}
	spec.grade.source = (uint8_t)(words.synchronised ? words.source : CLOCK_SOURCE_NONE);
	*ret = spec;
	return 0;
}
