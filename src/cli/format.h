/* SPDX-License-Identifier: Apache-2.0 */
/* Times and quantities as people read them. */
#ifndef CANDOR_CLI_FORMAT_H
#define CANDOR_CLI_FORMAT_H

#include "object/doc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_TIME_MAX 96
#define FORMAT_SPAN_MAX 32

/* "09:12:41 UTC Fri Nov 21 2025" in the local time zone, as IOS writes instants; with_ms adds
 * ".123"; a clock that nobody vouches for is marked by '*' in front.  Returns ``to``
 * (FORMAT_TIME_MAX). */
char *format_time(int64_t unix_ns, bool authoritative, bool with_ms, char *to);

/* "4 seconds ago", "31 secs ago", "2 minutes ago", "never" (ns 0): at most 13 characters.  Returns
 * ``to`` (FORMAT_SPAN_MAX). */
char *format_ago(int64_t now_ns, int64_t then_ns, char *to);

/* A duration with three significant decimals and its unit: "412 ns", "12.345 us", "3.210 ms",
 * "1.500 s".  Returns ``to`` (FORMAT_SPAN_MAX). */
char *format_duration(int64_t ns, char *to);

/* The unit that a router would print the operation in. */
struct format_unit {
	int64_t ns;       /* NS_PER_MS or NS_PER_US */
	const char *name; /* "milliseconds" or "microseconds" */
};

struct format_unit format_unit_of(const struct doc *result); /* by its "precision" */

/* Whole units, rounded down. */
int64_t format_in_unit(struct format_unit unit, int64_t ns);

/* The round-trip time as a router prints it: whole units, at least 1 for anything measured. */
int64_t format_rtt(struct format_unit unit, int64_t ns);

/* A sum of squares (text of digits, ns^2) in squares of the unit: at most 39 digits into ``to`` of
 * at least 40 octets; "0" for what is no number.  Returns ``to``. */
char *format_sum2(struct format_unit unit, const char *digits, char *to);

/* The same in two halves, as routers print it; what does not fit 64 bits is all ones. */
struct format_sum2_parts {
	uint32_t low, high;
};

struct format_sum2_parts format_sum2_parts(struct format_unit unit, const char *digits);

/* The return code of a document ("over_threshold") as one word of at most 11 characters, where the
 * words of sla_sense_text() would not fit. */
const char *format_short_code(const char *sense);

#endif
