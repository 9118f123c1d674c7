/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as CBOR: a walk over the tree with a stack of the levels that are open, both ways. */
#include "object/doc_cbor.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "wire/cbor.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define SCRATCH_OCTETS 8192u /* most documents fit */

/* --- writing --- */

/* A container that is being written: in order of the encoding when it is a map, else as it stands. */
struct write_level {
	const struct doc_member **sorted; /* map, on the heap */
	const struct doc_member *next;    /* list */
	uint32_t at, count;
};

static int compare_keys(const void *a, const void *b)
{
	const struct doc_member *const *left = a, *const *right = b;
	const char *x = (*left)->key, *y = (*right)->key;

	return cbor_key_compare(x, strlen(x), y, strlen(y));
}

/* A text's length, or -EINVAL when it is no UTF-8. */
static ssize_t text_length(const char *text)
{
	size_t len = strlen(text);

	for (size_t at = 0, step; at < len; at += step) {
		step = (unsigned char)text[at] < 0x80 ? 1 : utf8_length(text + at, len - at);
		if (step == 0)
			return -EINVAL;
	}
	return (ssize_t)len;
}

static int put_text(struct cbor_wr *w, const char *text)
{
	ssize_t len = text_length(text);

	if (len < 0)
		return (int)len;
	cbor_put_text(w, text, (size_t)len);
	return 0;
}

static int open_level(struct cbor_wr *w, const struct doc *d, struct write_level *ret)
{
	struct write_level level = { .next = d->first, .count = d->count };

	if (d->count > CBOR_ITEMS_MAX)
		return -EINVAL;
	if (d->kind == DOC_LIST) {
		cbor_put_array(w, d->count);
		*ret = level;
		return 0;
	}
	cbor_put_map(w, d->count);
	if (d->count > 0) {
		uint32_t n = 0;

		level.sorted = xcalloc(d->count, sizeof(struct doc_member *));
		for (const struct doc_member *m = d->first; m; m = m->next)
			level.sorted[n++] = m;
		qsort(level.sorted, n, sizeof(struct doc_member *), compare_keys);
	}
	*ret = level;
	return 0;
}

/* The next member of a level, its key already written; -EINVAL: a key twice, or no UTF-8. */
static int next_member(struct cbor_wr *w, struct write_level *level, const struct doc_member **ret)
{
	if (!level->sorted) {
		*ret = level->next;
		level->next = level->next->next;
		level->at++;
		return 0;
	}
	const struct doc_member *m = level->sorted[level->at];

	if (level->at > 0 && strcmp(level->sorted[level->at - 1]->key, m->key) == 0)
		return -EINVAL;
	level->at++;
	*ret = m;
	return put_text(w, m->key);
}

static int put_scalar(struct cbor_wr *w, const struct doc *d)
{
	switch (d->kind) {
	case DOC_NULL:
		cbor_put_null(w);
		return 0;
	case DOC_BOOL:
		cbor_put_bool(w, d->boolean);
		return 0;
	case DOC_INT:
		cbor_put_int(w, d->integer);
		return 0;
	case DOC_REAL:
		if (!isfinite(d->real))
			return -EINVAL;
		cbor_put_real(w, d->real);
		return 0;
	case DOC_TEXT:
		return put_text(w, d->text);
	case DOC_LIST:
	case DOC_MAP:
		break;
	}
	return -EINVAL;
}

/* Write ``d`` with ``stack`` for the levels; those below *depth are open when it fails. */
static int write_tree(struct cbor_wr *w, const struct doc *d, struct write_level *stack,
                      unsigned *depth)
{
	for (;;) {
		int error;

		if (d->kind == DOC_LIST || d->kind == DOC_MAP) {
			if (*depth == CBOR_DEPTH_MAX)
				return -EINVAL;
			error = open_level(w, d, &stack[*depth]);
			if (error == 0)
				(*depth)++;
		} else {
			error = put_scalar(w, d);
		}
		if (error < 0)
			return error;
		while (*depth > 0 && stack[*depth - 1].at == stack[*depth - 1].count)
			free(stack[--*depth].sorted);
		if (*depth == 0)
			return 0;
		const struct doc_member *m;

		error = next_member(w, &stack[*depth - 1], &m);
		if (error < 0)
			return error;
		d = &m->value;
	}
}

ssize_t doc_write_cbor(const struct doc *d, uint8_t *buf, size_t cap)
{
	struct write_level stack[CBOR_DEPTH_MAX];
	unsigned depth = 0;
	struct cbor_wr w;

	cbor_wr_init(&w, buf, cap);
	int error = write_tree(&w, d, stack, &depth);

	while (depth > 0)
		free(stack[--depth].sorted);
	if (error < 0)
		return error;
	return w.bad ? -ENOBUFS : (ssize_t)cbor_wr_len(&w);
}

int doc_to_cbor(const struct doc *d, struct arena *a, const uint8_t **ret, size_t *ret_len)
{
	uint8_t small[SCRATCH_OCTETS];
	CLEANUP(freep) uint8_t *large = NULL;
	const uint8_t *from = small;
	ssize_t len = doc_write_cbor(d, small, sizeof(small));

	if (len == -ENOBUFS) {
		large = xcalloc(1, CBOR_SIZE_MAX);
		from = large;
		len = doc_write_cbor(d, large, CBOR_SIZE_MAX);
	}
	if (len < 0)
		return len == -ENOBUFS ? -EMSGSIZE : (int)len;
	uint8_t *copy = arena_alloc(a, (size_t)len);

	memcpy(copy, from, (size_t)len);
	*ret = copy;
	*ret_len = (size_t)len;
	return 0;
}

/* --- reading --- */

/* Fill ``to`` with a value; false: documents have no such type. */
static bool take_value(struct arena *a, const struct cbor_item *item, struct doc *to)
{
	switch (item->type) {
	case CBOR_INT:
		to->kind = DOC_INT;
		to->integer = item->integer;
		return true;
	case CBOR_TEXT:
		to->kind = DOC_TEXT;
		to->text = arena_strndup(a, (const char *)item->data, item->len);
		return true;
	case CBOR_ARRAY:
		to->kind = DOC_LIST;
		return true;
	case CBOR_MAP:
		to->kind = DOC_MAP;
		return true;
	case CBOR_BOOL:
		to->kind = DOC_BOOL;
		to->boolean = item->boolean;
		return true;
	case CBOR_NULL:
		to->kind = DOC_NULL;
		return true;
	case CBOR_FLOAT:
		to->kind = DOC_REAL;
		to->real = item->real;
		return true;
	case CBOR_BYTES:
	case CBOR_END:
		break;
	}
	return false;
}

/* Where the reader stands: the containers that are open, outermost first. */
struct parser {
	struct cbor_rd r;
	struct arena *arena;
	struct doc *stack[CBOR_DEPTH_MAX];
	const uint8_t *item_at; /* of the item read last, for people */
};

static enum cbor_type parser_next(struct parser *p, struct cbor_item *ret)
{
	p->item_at = p->r.p;
	return cbor_next(&p->r, ret);
}

/* Read on to the next value, leaving containers that end, and make room for it in its own.  NULL with
 * *error 0: the encoding ends here, or is bad. */
static struct doc *next_place(struct parser *p, struct cbor_item *item, const char **error)
{
	unsigned depth; /* before the item, which may be a container that is then entered */
	const char *key = NULL;

	do {
		depth = p->r.depth;
	} while (depth > 0 && parser_next(p, item) == CBOR_END && !p->r.bad);
	if (depth == 0 || p->r.bad)
		return NULL;
	struct doc *to = p->stack[depth - 1];

	if (to->kind == DOC_MAP) {
		if (item->type != CBOR_TEXT) {
			*error = "a key that is not a text";
			return NULL;
		}
		key = arena_strndup(p->arena, (const char *)item->data, item->len);
		(void)parser_next(p, item); /* a fault is of no type that take_value() wants */
	}
	return doc_append(p->arena, to, key);
}

int doc_parse_cbor(struct arena *a, const uint8_t *buf, size_t len, struct doc **ret,
                   struct diag *d)
{
	struct doc *top = arena_alloc(a, sizeof(*top));
	const char *error = NULL;
	struct cbor_item item;
	struct parser p;

	cbor_rd_init(&p.r, buf, len);
	p.arena = a;
	(void)parser_next(&p, &item); /* as in next_place() */
	for (struct doc *to = top; to; to = next_place(&p, &item, &error)) {
		if (!take_value(a, &item, to)) {
			error = p.r.bad ? NULL : "not a value that a document may have";
			p.r.bad = true;
			break;
		}
		if (item.type == CBOR_ARRAY || item.type == CBOR_MAP)
			p.stack[p.r.depth - 1] = to;
	}
	if (error || !cbor_rd_done(&p.r))
		return diag_set(d, -EBADMSG, "octet %zu of the document: %s",
		                (size_t)(p.item_at - buf),
		                error ? error : "not in the encoding of documents");
	*ret = top;
	return 0;
}

/* --- order for people --- */

static int compare_for_people(const char *a, const char *b)
{
	static const char *const first[] = { "schema", "object" };

	for (size_t i = 0; i < ARRAY_LEN(first); i++) {
		bool is_a = strcmp(a, first[i]) == 0, is_b = strcmp(b, first[i]) == 0;

		if (is_a || is_b)
			return is_b - is_a;
	}
	return strcmp(a, b);
}

static int compare_members(const void *a, const void *b)
{
	const struct doc_member *const *left = a, *const *right = b;

	return compare_for_people((*left)->key, (*right)->key);
}

/* Depth is bounded as for json_doc(). */
void doc_sort(struct doc *d)
{
	if (d->kind != DOC_MAP && d->kind != DOC_LIST)
		return;
	for (struct doc_member *m = d->first; m; m = m->next)
		doc_sort(&m->value);
	if (d->kind != DOC_MAP || d->count < 2)
		return;
	CLEANUP(freep) struct doc_member **sorted = xcalloc(d->count, sizeof(struct doc_member *));
	uint32_t n = 0;

	for (struct doc_member *m = d->first; m; m = m->next)
		sorted[n++] = m;
	qsort(sorted, n, sizeof(struct doc_member *), compare_members);
	for (uint32_t i = 0; i + 1 < n; i++)
		sorted[i]->next = sorted[i + 1];
	sorted[n - 1]->next = NULL;
	d->first = sorted[0];
	d->last = sorted[n - 1];
}
