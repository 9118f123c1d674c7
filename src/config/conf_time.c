/* SPDX-License-Identifier: Apache-2.0 */
/* Dates in text.  mktime(3) and localtime_r(3) convert by the zone's rules and read no clock. */
#include "config/conf_time.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define FIRST_YEAR 1993 /* IOS's first */
#define LAST_YEAR  2190 /* and the longest lifetime after it still fits 64-bit nanoseconds */

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const month_names[] = { "January",   "February", "March",    "April",
	                                   "May",       "June",     "July",     "August",
	                                   "September", "October",  "November", "December" };

const char *conf_month_name(uint8_t month)
{
	return months[month - 1];
}

/* Two decimal digits at most, then ``end``; moves *text behind it. */
static bool take_field(const char **text, char end, uint32_t max, uint32_t *ret)
{
	uint32_t value = 0, digits = 0;

	for (; **text >= '0' && **text <= '9' && digits < 3; (*text)++, digits++)
		value = value * 10 + (uint32_t)(**text - '0');
	if (digits == 0 || digits > 2 || value > max || **text != end)
		return false;
	if (end)
		(*text)++;
	*ret = value;
	return true;
}

bool conf_time_parse(const char *text, bool may_lack_seconds, uint32_t *ret_s)
{
	uint32_t hours, minutes, seconds = 0;

	if (!take_field(&text, ':', 23, &hours))
		return false;
	if (may_lack_seconds && !strchr(text, ':')) {
		if (!take_field(&text, '\0', 59, &minutes))
			return false;
	} else if (!take_field(&text, ':', 59, &minutes) ||
	           !take_field(&text, '\0', 59, &seconds)) {
		return false;
	}
	*ret_s = hours * 3600 + minutes * 60 + seconds;
	return true;
}

/* A month by at least its first three letters; 0: none. */
static uint8_t month_parse(const char *word)
{
	for (uint8_t i = 0; strlen(word) >= 3 && i < 12; i++) {
		if (conf_word_abbreviates(word, month_names[i]))
			return (uint8_t)(i + 1);
	}
	return 0;
}

bool conf_day_parse(const struct conf_parser *p, uint32_t at, uint8_t *ret_month, uint8_t *ret_day)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const char *first = conf_word(p, at), *second = conf_word(p, at + 1);
	uint64_t day;

	if (!first || !second)
		return false;
	uint8_t month = month_parse(first);
	const char *number = month ? second : first;

	if (!month)
		month = month_parse(second);
	if (!month || strlen(number) > 2 || !conf_number_parse(number, &day) || day < 1 ||
	    day > days[month - 1])
		return false;
	*ret_month = month;
	*ret_day = (uint8_t)day;
	return true;
}

bool conf_take_instant(struct conf_parser *p, uint32_t at, wall_t *ret)
{
	const char *word = conf_word(p, at);
	uint32_t second_of_day;
	uint64_t year;
	uint8_t month, day;

	if (!word || !conf_time_parse(word, false, &second_of_day)) {
		conf_error_expected(p, at, "a time such as 00:00:00");
		return false;
	}
	if (!conf_day_parse(p, at + 1, &month, &day)) {
		conf_error_expected(p, at + 1, "a date such as Jan 31 2027");
		return false;
	}
	if (!conf_take_number(p, at + 3, "a year", FIRST_YEAR, LAST_YEAR, &year))
		return false;
	struct tm tm = {
		.tm_year = (int)year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = (int)(second_of_day / 3600),
		.tm_min = (int)(second_of_day / 60 % 60),
		.tm_sec = (int)(second_of_day % 60),
		.tm_isdst = -1,
	};
	struct tm asked = tm;
	time_t seconds = mktime(&tm);

	/* 29 Feb of a common year, or the hour that daylight saving skips: another time came. */
	if (tm.tm_mday != asked.tm_mday || tm.tm_hour != asked.tm_hour ||
	    tm.tm_min != asked.tm_min) {
		conf_error(p, at, "expected a time that exists here, found '%s %s %s %s'", word,
		           conf_word(p, at + 1), conf_word(p, at + 2), conf_word(p, at + 3));
		return false;
	}
	*ret = (wall_t) { (int64_t)seconds * NS_PER_S };
	return true;
}

bool conf_instant_format(wall_t at, char *to)
{
	time_t seconds = (time_t)(at.ns / NS_PER_S);
	struct tm tm;

	if (!localtime_r(&seconds, &tm)) {
		*to = '\0';
		return false;
	}
	(void)snprintf(to, CONF_INSTANT_TEXT_MAX, "%02d:%02d:%02d %s %d %d", tm.tm_hour, tm.tm_min,
	               tm.tm_sec, months[tm.tm_mon], tm.tm_mday, tm.tm_year + 1900);
	tm.tm_isdst = -1;
	return mktime(&tm) == seconds;
}
