/* SPDX-License-Identifier: Apache-2.0 */
/* Times and quantities as people read them. */
#include "cli/format.h"

#include "base/clocktypes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

__extension__ typedef unsigned __int128 u128;

char *format_time(int64_t unix_ns, bool authoritative, bool with_ms, char *to)
{
	time_t seconds = unix_ns / NS_PER_S;
	char clock[16], ms[8] = "", zone_and_day[40];
	struct tm tm;

	if (!localtime_r(&seconds, &tm)) {
		(void)snprintf(to, FORMAT_TIME_MAX, "%" PRId64 " ns", unix_ns); /* fits */
		return to;
	}
	/* %e pads the day; IOS does not. */
	(void)strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	(void)strftime(zone_and_day, sizeof(zone_and_day), "%Z %a %b", &tm);
	if (with_ms)
		(void)snprintf(ms, sizeof(ms), ".%03u",
		               (unsigned)(unix_ns % NS_PER_S / NS_PER_MS) % 1000u);
	(void)snprintf(to, FORMAT_TIME_MAX, "%s%s%s %s %d %d", authoritative ? "" : "*", clock, ms,
	               zone_and_day, tm.tm_mday, tm.tm_year + 1900);
	return to;
}

char *format_ago(int64_t now_ns, int64_t then_ns, char *to)
{
	static const struct {
		int64_t below_s, per;
		const char *one, *few, *many;
	} steps[] = {
		{ 60, 1, "second", "seconds", "secs" },
		{ 3600, 60, "minute", "minutes", "mins" },
		{ 86400, 3600, "hour", "hours", "hours" },
		{ INT64_MAX, 86400, "day", "days", "days" },
	};
	int64_t ago_s = now_ns > then_ns ? (now_ns - then_ns) / NS_PER_S : 0;
	size_t i = 0;

	if (then_ns == 0) {
		(void)snprintf(to, FORMAT_SPAN_MAX, "never");
		return to;
	}
	while (ago_s >= steps[i].below_s)
		i++;
	int64_t n = ago_s / steps[i].per;
	const char *unit = n == 1 ? steps[i].one : n < 10 ? steps[i].few : steps[i].many;

	(void)snprintf(to, FORMAT_SPAN_MAX, "%" PRId64 " %s ago", n, unit);
	return to;
}

char *format_duration(int64_t ns, char *to)
{
	static const struct {
		int64_t from, per;
		const char *name;
	} units[] = {
		{ NS_PER_S, NS_PER_S, "s" },
		{ NS_PER_MS, NS_PER_MS, "ms" },
		{ NS_PER_US, NS_PER_US, "us" },
	};
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	const char *sign = ns < 0 ? "-" : "";

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t per = (uint64_t)units[i].per;

		if (size < (uint64_t)units[i].from)
			continue;
		(void)snprintf(to, FORMAT_SPAN_MAX, "%s%" PRIu64 ".%03" PRIu64 " %s", sign,
		               size / per, size % per / (per / 1000), units[i].name);
		return to;
	}
	(void)snprintf(to, FORMAT_SPAN_MAX, "%s%" PRIu64 " ns", sign, size);
	return to;
}

struct format_unit format_unit_of(const struct doc *result)
{
	if (strcmp(doc_text(result, "precision", ""), "microseconds") == 0)
		return (struct format_unit) { NS_PER_US, "microseconds" };
	return (struct format_unit) { NS_PER_MS, "milliseconds" };
}

int64_t format_in_unit(struct format_unit unit, int64_t ns)
{
	int64_t whole = ns / unit.ns;

	return ns % unit.ns < 0 ? whole - 1 : whole;
}

int64_t format_rtt(struct format_unit unit, int64_t ns)
{
	int64_t whole = format_in_unit(unit, ns);

	return ns > 0 && whole < 1 ? 1 : whole;
}

char *format_sum2(struct format_unit unit, const char *digits, char *to)
{
	u128 value = 0;
	size_t at = 39;

	for (const char *p = digits; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (unsigned)(*p - '0');
	value /= (u128)unit.ns * (u128)unit.ns;
	to[at] = '\0';
	do {
		to[--at] = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value > 0 && at > 0);
	memmove(to, to + at, 40 - at);
	return to;
}

struct format_sum2_parts format_sum2_parts(struct format_unit unit, const char *digits)
{
	char text[40];
	unsigned long long value = strtoull(format_sum2(unit, digits, text), NULL, 10);

	return (struct format_sum2_parts) { (uint32_t)value, (uint32_t)(value >> 32) };
}

const char *format_short_code(const char *sense)
{
	static const struct {
		const char *sense, *text;
	} names[] = {
		{ "ok", "OK" },
		{ "disconnected", "Disconnect" },
		{ "over_threshold", "OverThresh" },
		{ "timeout", "Timeout" },
		{ "busy", "Busy" },
		{ "not_connected", "NoConnect" },
		{ "dropped", "Dropped" },
		{ "sequence_error", "SeqError" },
		{ "verify_error", "VerifyError" },
		{ "unknown", "Unknown" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].sense, sense) == 0)
			return names[i].text;
	}
	return "Error";
}
