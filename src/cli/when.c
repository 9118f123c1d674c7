/* SPDX-License-Identifier: Apache-2.0 */
/* Instants as people type them. */
#include "cli/when.h"

#include "base/clocktypes.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define SPAN_MAX INT64_C(1000000000) /* of any unit that is typed; 31 years of seconds */

/* A number of exactly ``digits`` digits; -1: there is none. */
static int take_digits(const char **p, unsigned digits)
{
	int value = 0;

	for (unsigned i = 0; i < digits; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static int take_char(const char **p, char c)
{
	if (**p != c)
		return -EINVAL;
	(*p)++;
	return 0;
}

/* "+2h" */
static int parse_span(const char *p, int64_t *ret_ns)
{
	static const struct {
		char unit;
		int64_t ns;
	} units[] = {
		{ 's', NS_PER_S },
		{ 'm', 60 * NS_PER_S },
		{ 'h', 3600 * NS_PER_S },
		{ 'd', 86400 * NS_PER_S },
	};
	int64_t value = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9' && value < SPAN_MAX; p++)
		value = value * 10 + (*p - '0');
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (p[0] == units[i].unit && p[1] == '\0' &&
		    value <= SPAN_MAX * NS_PER_S / units[i].ns) {
			*ret_ns = value * units[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

/* "22:00" or "22:00:30" */
static int take_clock(const char **p, struct tm *tm)
{
	tm->tm_hour = take_digits(p, 2);
	if (take_char(p, ':') < 0)
		return -EINVAL;
	tm->tm_min = take_digits(p, 2);
	tm->tm_sec = take_char(p, ':') == 0 ? take_digits(p, 2) : 0;
	return tm->tm_hour < 0 || tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 ||
	                       tm->tm_sec < 0 || tm->tm_sec > 59
	               ? -EINVAL
	               : 0;
}

/* The instant of ``tm``; -EINVAL: the calendar has no such day. */
static int to_ns(const struct tm *tm, bool is_utc, int64_t *ret_ns)
{
	struct tm copy = *tm;

	copy.tm_isdst = -1;
	time_t seconds = is_utc ? timegm(&copy) : mktime(&copy);

	if (copy.tm_mday != tm->tm_mday || copy.tm_mon != tm->tm_mon || seconds <= 0)
		return -EINVAL;
	*ret_ns = (int64_t)seconds * NS_PER_S;
	return 0;
}

/* "2026-12-01[T22:00[:30]][Z]" */
static int parse_date(const char *p, int64_t *ret_ns)
{
	struct tm tm = { 0 };
	int year = take_digits(&p, 4);

	if (year < 1970 || take_char(&p, '-') < 0)
		return -EINVAL;
	tm.tm_year = year - 1900;
	tm.tm_mon = take_digits(&p, 2) - 1;
	if (take_char(&p, '-') < 0)
		return -EINVAL;
	tm.tm_mday = take_digits(&p, 2);
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31 || year > 2200)
		return -EINVAL;
	if (take_char(&p, 'T') == 0 && take_clock(&p, &tm) < 0)
		return -EINVAL;
	bool is_utc = take_char(&p, 'Z') == 0;

	return *p ? -EINVAL : to_ns(&tm, is_utc, ret_ns);
}

/* The clock ``hands`` on the day of ``day_s``. */
static int on_day(const struct tm *hands, time_t day_s, bool is_utc, int64_t *ret_ns)
{
	struct tm tm;

	if (!(is_utc ? gmtime_r(&day_s, &tm) : localtime_r(&day_s, &tm)))
		return -EINVAL;
	tm.tm_hour = hands->tm_hour;
	tm.tm_min = hands->tm_min;
	tm.tm_sec = hands->tm_sec;
	return to_ns(&tm, is_utc, ret_ns);
}

/* "22:00[:30][Z]": today, or else tomorrow. */
static int parse_clock(const char *p, int64_t now_ns, int64_t *ret_ns)
{
	time_t now_s = now_ns / NS_PER_S;
	struct tm hands = { 0 };

	if (take_clock(&p, &hands) < 0)
		return -EINVAL;
	bool is_utc = take_char(&p, 'Z') == 0;
	int rc = *p ? -EINVAL : on_day(&hands, now_s, is_utc, ret_ns);

	return rc == 0 && *ret_ns <= now_ns ? on_day(&hands, now_s + 86400, is_utc, ret_ns) : rc;
}

int when_parse(const char *text, int64_t now_ns, int64_t base_ns, int64_t *ret_ns)
{
	int64_t ns = 0;
	int rc = -EINVAL;

	if (strcmp(text, "now") == 0) {
		*ret_ns = now_ns;
		return 0;
	}
	if (text[0] == '+') {
		rc = parse_span(text + 1, &ns);
		ns += base_ns;
	} else if (strchr(text, '-')) {
		rc = parse_date(text, &ns);
	} else {
		rc = parse_clock(text, now_ns, &ns);
	}
	if (rc == 0)
		*ret_ns = ns;
	return rc;
}
