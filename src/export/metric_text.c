/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus text: escaping, and numbers without floating point. */
#include "export/metric_text.h"

#include "base/xalloc.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN        4096u
#define METRIC_LABEL_MAX 96 /* of one plain label */

void metric_text_fini(struct metric_text *t)
{
	free(t->text);
	*t = (struct metric_text) { 0 };
}

void metric_text_clear(struct metric_text *t)
{
	t->len = 0;
}

static char *room(struct metric_text *t, size_t more)
{
	if (t->cap - t->len < more) {
		size_t cap = t->cap < BLOCK_MIN ? BLOCK_MIN : t->cap;

		while (cap - t->len < more)
			cap *= 2;
		t->text = xrealloc(t->text, cap, 1);
		t->cap = cap;
	}
	return t->text + t->len;
}

static void put(struct metric_text *t, const char *text, size_t len)
{
	memcpy(room(t, len), text, len);
	t->len += len;
}

static void put_text(struct metric_text *t, const char *text)
{
	put(t, text, strlen(text));
}

void metric_head(struct metric_text *t, const struct metric_family *f)
{
	static const char *const kinds[] = {
		[METRIC_GAUGE] = "gauge",
		[METRIC_COUNTER] = "counter",
		[METRIC_HISTOGRAM] = "histogram",
	};

	put_text(t, "# HELP ");
	put_text(t, f->name);
	put(t, " ", 1);
	put_text(t, f->help);
	put_text(t, "\n# TYPE ");
	put_text(t, f->name);
	put(t, " ", 1);
	put_text(t, kinds[f->kind]);
	put(t, "\n", 1);
}

static void put_escaped(struct metric_text *t, const char *value)
{
	for (; *value; value++) {
		size_t plain = strcspn(value, "\\\"\n");

		put(t, value, plain);
		value += plain;
		if (*value == '\0')
			return;
		put(t, "\\", 1);
		put(t, *value == '\n' ? "n" : value, 1);
	}
}

void metric_label(struct metric_text *labels, const char *name, const char *value)
{
	if (labels->len > 0)
		put(labels, ",", 1);
	put_text(labels, name);
	put(labels, "=\"", 2);
	put_escaped(labels, value);
	put(labels, "\"", 1);
}

void metric_label_number(struct metric_text *labels, const char *name, uint64_t value)
{
	char text[METRIC_NUMBER_MAX];

	text[metric_number(metric_count(value), METRIC_WHOLE, text)] = '\0';
	metric_label(labels, name, text);
}

size_t metric_number(int64_t number, unsigned places, char *to)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[METRIC_NUMBER_MAX];
	unsigned at = 0, fraction = places;
	size_t len = 0;

	assert(places <= METRIC_PLACES_MAX);
	for (; fraction > 0 && left % 10 == 0; fraction--)
		left /= 10;
	for (unsigned i = 0; i < fraction; i++, left /= 10)
		digits[at++] = (char)('0' + left % 10);
	if (fraction > 0)
		digits[at++] = '.';
	do {
		digits[at++] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		to[len++] = '-';
	while (at > 0)
		to[len++] = digits[--at];
	return len;
}

/* In braces, with commas between those that are there. */
static void put_labels(struct metric_text *t, const struct metric_text *labels,
                       const struct metric_text *more)
{
	bool has_labels = labels && labels->len > 0, has_more = more && more->len > 0;

	if (!has_labels && !has_more)
		return;
	put(t, "{", 1);
	if (has_labels)
		put(t, labels->text, labels->len);
	if (has_labels && has_more)
		put(t, ",", 1);
	if (has_more)
		put(t, more->text, more->len);
	put(t, "}", 1);
}

static void put_number(struct metric_text *t, int64_t number, unsigned places)
{
	put(t, " ", 1);
	t->len += metric_number(number, places, room(t, METRIC_NUMBER_MAX));
	put(t, "\n", 1);
}

void metric_add(struct metric_text *t, const struct metric_family *f, const struct metric_sample *s)
{
	char one[METRIC_LABEL_MAX];
	struct metric_text more = { .text = one, .cap = sizeof(one) };

	if (s->name)
		more.len = (size_t)snprintf(one, sizeof(one), "%s=\"%s\"", s->name, s->value);
	assert(more.len < sizeof(one));
	put_text(t, f->name);
	if (s->suffix)
		put_text(t, s->suffix);
	put_labels(t, s->labels, &more);
	put_number(t, s->number, s->places);
}

void metric_add_labelled(struct metric_text *t, const struct metric_family *f,
                         const struct metric_text *labels, const struct metric_text *more,
                         int64_t number, unsigned places)
{
	put_text(t, f->name);
	put_labels(t, labels, more);
	put_number(t, number, places);
}
