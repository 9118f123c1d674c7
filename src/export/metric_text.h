/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus text exposition format, version 0.0.4: families of samples, written into a block that
 * grows.  A value is an integer and the decimal places by which it is shifted, so that what is printed
 * is exact: 1500 with 6 places is 0.0015.  One thread a block.
 *
 * All samples of a family must follow its head directly; which labels they carry is the caller's
 * business. */
#ifndef CANDOR_EXPORT_METRIC_TEXT_H
#define CANDOR_EXPORT_METRIC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Sections of a page (metric_section) stop at about so many octets at a time. */
#define METRIC_CHUNK 65536u

enum metric_kind {
	METRIC_GAUGE,
	METRIC_COUNTER, /* its name ends in _total */
	METRIC_HISTOGRAM,
};

/* Decimal places that bring our integers to Prometheus's base units. */
enum metric_places {
	METRIC_WHOLE = 0,
	METRIC_CENTI = 2,   /* MOS x 100 */
	METRIC_MS_TO_S = 3, /* milliseconds to seconds */
	METRIC_PPM = 6,     /* millionths to a ratio */
	METRIC_NS_TO_S = 9, /* nanoseconds to seconds */
	METRIC_PLACES_MAX = 9,
};

struct metric_family {
	const char *name; /* [a-z_]+ */
	enum metric_kind kind;
	const char *help; /* one line, no backslash */
};

/* All zeroes is an empty block. */
struct metric_text {
	char *text; /* not terminated; NULL while nothing was ever written */
	size_t len, cap;
};

void metric_text_fini(struct metric_text *t);
void metric_text_clear(struct metric_text *t); /* empty again; keeps the block */

/* The lines HELP and TYPE. */
void metric_head(struct metric_text *t, const struct metric_family *f);

/* One more label of a set: NAME="value", with a comma when it is not the first.  What cannot stand in a
 * label value is escaped. */
void metric_label(struct metric_text *labels, const char *name, const char *value);
void metric_label_number(struct metric_text *labels, const char *name, uint64_t value);

struct metric_sample {
	const char *suffix;               /* of the family's name: "_bucket"; NULL: none */
	const struct metric_text *labels; /* as metric_label() made them; NULL: none */
	const char *name,
	        *value; /* one more label in plain letters, 80 octets together; NULL: none */
	int64_t number;
	unsigned places; /* enum metric_places */
};

void metric_add(struct metric_text *t, const struct metric_family *f,
                const struct metric_sample *s);

/* The same without a suffix, with both sets of labels. */
void metric_add_labelled(struct metric_text *t, const struct metric_family *f,
                         const struct metric_text *labels, const struct metric_text *more,
                         int64_t number, unsigned places);

/* A counter as the formats hold it: what no 63 bits hold stays at their end. */
static inline int64_t metric_count(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

/* ``number`` shifted by ``places``, without zeroes that say nothing: "0.0015", "12", "-0.5".  The text's
 * length; ``to`` holds METRIC_NUMBER_MAX. */
#define METRIC_NUMBER_MAX 32
size_t metric_number(int64_t number, unsigned places, char *to);

#endif
