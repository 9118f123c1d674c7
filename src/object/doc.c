/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: building and reading. */
#include "object/doc.h"

#include "base/utf8.h"

#include <assert.h>
#include <string.h>

struct doc *doc_append(struct arena *a, struct doc *to, const char *key)
{
	assert(to->kind == DOC_MAP || to->kind == DOC_LIST);
	assert((to->kind == DOC_MAP) == (key != NULL));
	struct doc_member *m = arena_alloc(a, sizeof(*m));

	m->key = key;
	if (to->last)
		to->last->next = m;
	else
		to->first = m;
	to->last = m;
	to->count++;
	return &m->value;
}

static struct doc *add(struct arena *a, struct doc *to, const char *key, enum doc_kind kind)
{
	struct doc *value = doc_append(a, to, key);

	value->kind = kind;
	return value;
}

static struct doc *new_container(struct arena *a, enum doc_kind kind)
{
	struct doc *d = arena_alloc(a, sizeof(*d));

	d->kind = kind;
	return d;
}

struct doc *doc_new_map(struct arena *a)
{
	return new_container(a, DOC_MAP);
}

struct doc *doc_new_list(struct arena *a)
{
	return new_container(a, DOC_LIST);
}

struct doc *doc_add_map(struct arena *a, struct doc *to, const char *key)
{
	return add(a, to, key, DOC_MAP);
}

struct doc *doc_add_list(struct arena *a, struct doc *to, const char *key)
{
	return add(a, to, key, DOC_LIST);
}

void doc_add_null(struct arena *a, struct doc *to, const char *key)
{
	(void)add(a, to, key, DOC_NULL); /* a null has no value to fill in */
}

void doc_add_bool(struct arena *a, struct doc *to, const char *key, bool value)
{
	add(a, to, key, DOC_BOOL)->boolean = value;
}

void doc_add_int(struct arena *a, struct doc *to, const char *key, int64_t value)
{
	add(a, to, key, DOC_INT)->integer = value;
}

void doc_add_real(struct arena *a, struct doc *to, const char *key, double value)
{
	add(a, to, key, DOC_REAL)->real = value;
}

/* Octets of ``text`` that are UTF-8. */
static size_t good_octets(const char *text)
{
	size_t len = 0, n;

	while (text[len] && (n = utf8_length(text + len, strnlen(text + len, 4))) > 0)
		len += n;
	return len;
}

/* The text with U+FFFD for every octet that is not UTF-8. */
static char *repair(struct arena *a, const char *text)
{
	static const char bad[] = "\xef\xbf\xbd";
	char *copy = arena_alloc(a, strlen(text) * (sizeof(bad) - 1) + 1), *to = copy;

	for (;; text++) {
		size_t good = good_octets(text);

		memcpy(to, text, good);
		to += good;
		text += good;
		if (!*text)
			return copy;
		memcpy(to, bad, sizeof(bad) - 1);
		to += sizeof(bad) - 1;
	}
}

void doc_add_text(struct arena *a, struct doc *to, const char *key, const char *value)
{
	bool is_good = value[good_octets(value)] == '\0';

	add(a, to, key, DOC_TEXT)->text = is_good ? arena_strdup(a, value) : repair(a, value);
}

void doc_add_doc(struct arena *a, struct doc *to, const char *key, const struct doc *value)
{
	*add(a, to, key, value->kind) = *value;
}

static const char *plain_text(struct arena *a, const char *text, const char *kept)
{
	char *copy;

	if (utf8_is_plain(text, strlen(text)))
		return text;
	copy = arena_strdup(a, text);
	utf8_make_plain(copy, kept);
	return copy;
}

void doc_make_plain(struct arena *a, struct doc *d)
{
	if (d->kind == DOC_TEXT)
		d->text = plain_text(a, d->text, "\n\t");
	if (d->kind != DOC_LIST && d->kind != DOC_MAP)
		return;
	for (struct doc_member *m = d->first; m; m = m->next) {
		if (m->key)
			m->key = plain_text(a, m->key, "");
		doc_make_plain(a, &m->value);
	}
}

const struct doc *doc_get(const struct doc *map, const char *key)
{
	if (!map || map->kind != DOC_MAP)
		return NULL;
	for (const struct doc_member *m = map->first; m; m = m->next) {
		if (strcmp(m->key, key) == 0)
			return &m->value;
	}
	return NULL;
}

int64_t doc_int(const struct doc *map, const char *key, int64_t fallback)
{
	const struct doc *d = doc_get(map, key);

	return d && d->kind == DOC_INT ? d->integer : fallback;
}

double doc_real(const struct doc *map, const char *key, double fallback)
{
	const struct doc *d = doc_get(map, key);

	if (d && d->kind == DOC_INT)
		return (double)d->integer;
	return d && d->kind == DOC_REAL ? d->real : fallback;
}

bool doc_bool(const struct doc *map, const char *key, bool fallback)
{
	const struct doc *d = doc_get(map, key);

	return d && d->kind == DOC_BOOL ? d->boolean : fallback;
}

const char *doc_text(const struct doc *map, const char *key, const char *fallback)
{
	const struct doc *d = doc_get(map, key);

	return d && d->kind == DOC_TEXT ? d->text : fallback;
}
