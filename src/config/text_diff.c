/* SPDX-License-Identifier: Apache-2.0 */
/* Difference of texts by the lines that occur once in both: in a canonical configuration most heads of
 * blocks do.  Between two of them the lines are few and are compared one by one; where they are many all of
 * them count as changed, which is true, if not the shortest way to say it. */
#include "config/text_diff.h"

#include "base/siphash.h"
#include "base/xalloc.h"
#include "config/conf_url.h"
#include "config/config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TABLE_MAX (1u << 20) /* cells of one comparison, line by line */

struct line {
	const char *text;
	uint32_t len;
	uint32_t id; /* the same for equal lines of both texts */
};

struct side {
	uint32_t count;
	struct line *lines;
	bool *changed;
};

/* --- lines as numbers --- */

static void split(const char *text, size_t len, struct side *s)
{
	const char *end = text + len;
	uint32_t cap = 256;

	s->lines = xcalloc(cap, sizeof(*s->lines));
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (!stop)
			stop = end;
		if (s->count == cap) {
			cap *= 2;
			s->lines = xrealloc(s->lines, cap, sizeof(*s->lines));
		}
		s->lines[s->count++] = (struct line) { text, (uint32_t)(stop - text), 0 };
		text = stop < end ? stop + 1 : end;
	}
	s->changed = xcalloc(s->count + 1, sizeof(*s->changed));
}

struct ids {
	uint32_t slot_count, next;
	uint32_t *slots; /* id + 1 */
	const struct line **first;
};

static uint32_t id_of(struct ids *ids, const struct line *l)
{
	static const struct siphash_key key = { 0x6e61706c, 0x646966 };
	uint32_t at = (uint32_t)siphash(&key, l->text, l->len) & (ids->slot_count - 1);

	for (; ids->slots[at]; at = (at + 1) & (ids->slot_count - 1)) {
		const struct line *other = ids->first[ids->slots[at] - 1];

		if (other->len == l->len && memcmp(other->text, l->text, l->len) == 0)
			return ids->slots[at] - 1;
	}
	ids->first[ids->next] = l;
	ids->slots[at] = ++ids->next;
	return ids->next - 1;
}

/* Returns how many different lines there are. */
static uint32_t number_lines(struct side *a, struct side *b)
{
	struct ids ids = { .slot_count = 64 };

	while (ids.slot_count < 2 * (a->count + b->count))
		ids.slot_count *= 2;
	ids.slots = xcalloc(ids.slot_count, sizeof(*ids.slots));
	ids.first = xcalloc((size_t)a->count + b->count + 1, sizeof(*ids.first));
	for (uint32_t i = 0; i < a->count; i++)
		a->lines[i].id = id_of(&ids, &a->lines[i]);
	for (uint32_t i = 0; i < b->count; i++)
		b->lines[i].id = id_of(&ids, &b->lines[i]);
	free(ids.slots);
	free(ids.first);
	return ids.next;
}

/* --- what is common --- */

struct span {
	uint32_t a, a_end, b, b_end;
};

static void mark(struct side *s, uint32_t from, uint32_t to)
{
	for (; from < to; from++)
		s->changed[from] = true;
}

/* Longest common subsequence of a few lines. */
static void compare_few(struct side *a, struct side *b, const struct span *w)
{
	uint32_t n = w->a_end - w->a, m = w->b_end - w->b, i = 0, k = 0;
	size_t width = m + 1;
	CLEANUP(freep) uint32_t *best = xcalloc((size_t)(n + 1) * width, sizeof(*best));

	for (uint32_t x = n; x-- > 0;) {
		for (uint32_t y = m; y-- > 0;) {
			uint32_t down = best[(x + 1) * width + y], right = best[x * width + y + 1];

			if (a->lines[w->a + x].id == b->lines[w->b + y].id)
				best[x * width + y] = best[(x + 1) * width + y + 1] + 1;
			else
				best[x * width + y] = down >= right ? down : right;
		}
	}
	while (i < n && k < m) {
		if (a->lines[w->a + i].id == b->lines[w->b + k].id) {
			i++;
			k++;
		} else if (best[(i + 1) * width + k] >= best[i * width + k + 1]) {
			a->changed[w->a + i++] = true;
		} else {
			b->changed[w->b + k++] = true;
		}
	}
	mark(a, w->a + i, w->a_end);
	mark(b, w->b + k, w->b_end);
}

static void compare_between(struct side *a, struct side *b, struct span w)
{
	while (w.a < w.a_end && w.b < w.b_end && a->lines[w.a].id == b->lines[w.b].id)
		w.a++, w.b++;
	while (w.a < w.a_end && w.b < w.b_end &&
	       a->lines[w.a_end - 1].id == b->lines[w.b_end - 1].id)
		w.a_end--, w.b_end--;
	if ((uint64_t)(w.a_end - w.a + 1) * (w.b_end - w.b + 1) <= TABLE_MAX) {
		compare_few(a, b, &w);
	} else {
		mark(a, w.a, w.a_end);
		mark(b, w.b, w.b_end);
	}
}

/* Lines that occur once on both sides. */
struct anchor {
	uint32_t a, b;
	uint32_t before; /* index + 1 of the one in front of it in the longest row */
};

static uint32_t find_anchors(const struct side *a, const struct side *b, uint32_t ids,
                             struct anchor *to)
{
	CLEANUP(freep) uint32_t *in_a = xcalloc(ids + 1, sizeof(*in_a));
	CLEANUP(freep) uint32_t *in_b = xcalloc(ids + 1, sizeof(*in_b));
	CLEANUP(freep) uint32_t *place = xcalloc(ids + 1, sizeof(*place));
	uint32_t count = 0;

	for (uint32_t i = 0; i < a->count; i++)
		in_a[a->lines[i].id]++;
	for (uint32_t i = 0; i < b->count; i++) {
		in_b[b->lines[i].id]++;
		place[b->lines[i].id] = i;
	}
	for (uint32_t i = 0; i < a->count; i++) {
		uint32_t id = a->lines[i].id;

		if (in_a[id] == 1 && in_b[id] == 1)
			to[count++] = (struct anchor) { .a = i, .b = place[id] };
	}
	return count;
}

/* Keep the longest row of anchors that rises on both sides (patience sorting); they are by ``a`` already.
 * Returns how many are left, at the front. */
static uint32_t keep_rising(struct anchor *anchors, uint32_t count)
{
	CLEANUP(freep) uint32_t *tops = xcalloc(count + 1, sizeof(*tops)); /* index + 1 */
	CLEANUP(freep) struct anchor *kept = xcalloc(count + 1, sizeof(*kept));
	uint32_t piles = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t low = 0, high = piles;

		while (low < high) {
			uint32_t middle = low + (high - low) / 2;

			if (anchors[tops[middle] - 1].b < anchors[i].b)
				low = middle + 1;
			else
				high = middle;
		}
		anchors[i].before = low ? tops[low - 1] : 0;
		tops[low] = i + 1;
		piles += low == piles;
	}
	for (uint32_t at = piles ? tops[piles - 1] : 0, n = piles; at; at = anchors[at - 1].before)
		kept[--n] = anchors[at - 1];
	memcpy(anchors, kept, piles * sizeof(*kept));
	return piles;
}

static void compare(struct side *a, struct side *b)
{
	uint32_t ids = number_lines(a, b);
	CLEANUP(freep) struct anchor *anchors = xcalloc((size_t)a->count + 1, sizeof(*anchors));
	uint32_t count = keep_rising(anchors, find_anchors(a, b, ids, anchors));
	struct span w = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		w.a_end = anchors[i].a;
		w.b_end = anchors[i].b;
		compare_between(a, b, w);
		w.a = anchors[i].a + 1;
		w.b = anchors[i].b + 1;
	}
	w.a_end = a->count;
	w.b_end = b->count;
	compare_between(a, b, w);
}

/* --- keys --- */

/* Octets of the line in front of its key; ``len`` when it has none.  The key goes on to the end of the line. */
static size_t last_word_key_at(const char *line, size_t len)
{
	static const char key_string[] = "  key-string ", psk[] = " psk ", secret[] = " secret ";

	if (len >= sizeof(key_string) - 1 && memcmp(line, key_string, sizeof(key_string) - 1) == 0)
		return sizeof(key_string) - 1;
	if (len >= sizeof(psk) - 1 && memcmp(line, psk, sizeof(psk) - 1) == 0) {
		size_t at = len; /* the last such word: names may be the same */

		while (at > sizeof(secret) - 1 &&
		       memcmp(line + at - (sizeof(secret) - 1), secret, sizeof(secret) - 1) != 0)
			at--;
		return at > sizeof(secret) - 1 ? at : len;
	}
	return len;
}

/* The key of a line: ``at`` is its length when it has none; ``end``, behind the key. */
struct key_place {
	size_t at, end;
};

static struct key_place key_of(const char *line, size_t len)
{
	struct key_place k = { last_word_key_at(line, len), len };
	size_t octets;

	if (k.at < len)
		return k;
	k.at = conf_url_password_at(line, len, &octets);
	k.end = k.at + octets;
	return k;
}

static size_t key_at(const char *line, size_t len)
{
	return key_of(line, len).at;
}

static bool same_but_key(const struct line *x, const struct line *y)
{
	struct key_place k = key_of(x->text, x->len), l = key_of(y->text, y->len);

	return k.at < x->len && l.at == k.at && l.at < y->len &&
	       memcmp(x->text, y->text, k.at) == 0 && x->len - k.end == y->len - l.end &&
	       memcmp(x->text + k.end, y->text + l.end, x->len - k.end) == 0;
}

bool text_has_keys(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((stop ? stop : end) - text);

		if (key_at(text, line) < line)
			return true;
		text += line + 1;
	}
	return false;
}

char *text_hide_keys(const char *text, size_t len, size_t *ret_len)
{
	const char *end = text + len;
	/* A key that is shorter than what hides it makes the text longer. */
	char *to = xcalloc(len + 1, sizeof(CONFIG_HIDDEN_KEY));
	size_t used = 0;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((stop ? stop : end) - text);
		struct key_place k = key_of(text, line);

		memcpy(to + used, text, k.at);
		used += k.at;
		if (k.at < line) {
			memcpy(to + used, CONFIG_HIDDEN_KEY, sizeof(CONFIG_HIDDEN_KEY) - 1);
			used += sizeof(CONFIG_HIDDEN_KEY) - 1;
			memcpy(to + used, text + k.end, line - k.end);
			used += line - k.end;
		}
		text += line;
		if (text < end) {
			to[used++] = '\n';
			text++;
		}
	}
	*ret_len = used;
	return to;
}

/* --- writing --- */

static void write_line(char sign, const struct line *l, bool is_other_key, FILE *out)
{
	struct key_place k = key_of(l->text, l->len);

	(void)fprintf(out, "%c%.*s%s%.*s%s\n", sign, (int)k.at, l->text,
	              k.at < l->len ? CONFIG_HIDDEN_KEY : "",
	              (int)(k.at < l->len ? l->len - k.end : 0), l->text + k.end,
	              is_other_key ? " (changed)" : "");
}

/* A removed line of the run that differs from ``l`` by its key alone. */
static bool took_place(const struct side *a, uint32_t from, uint32_t to, const struct line *l)
{
	if (key_at(l->text, l->len) == l->len)
		return false;
	for (; from < to; from++) {
		if (same_but_key(&a->lines[from], l))
			return true;
	}
	return false;
}

/* The first line of the block that line ``at`` belongs to, or NULL: it begins one itself. */
static const struct line *block_of(const struct side *s, uint32_t at)
{
	if (at >= s->count || s->lines[at].text[0] != ' ')
		return NULL;
	while (at > 0 && s->lines[at].text[0] == ' ')
		at--;
	return &s->lines[at];
}

struct hunk {
	uint32_t a, a_end, b, b_end;
};

/* From the changes at ``*a`` and ``*b`` on, those that are near enough. */
static struct hunk next_hunk(const struct side *x, const struct side *y, uint32_t *a, uint32_t *b)
{
	uint32_t lead = *a < TEXT_DIFF_CONTEXT ? *a : TEXT_DIFF_CONTEXT;
	struct hunk h = { .a = *a - lead, .b = *b - lead };
	uint32_t same = 0, i = *a, k = *b;

	while (same <= 2 * TEXT_DIFF_CONTEXT && (i < x->count || k < y->count)) {
		if (i < x->count && x->changed[i]) {
			i++;
			same = 0;
		} else if (k < y->count && y->changed[k]) {
			k++;
			same = 0;
		} else {
			i++;
			k++;
			same++;
		}
	}
	uint32_t surplus = same > TEXT_DIFF_CONTEXT ? same - TEXT_DIFF_CONTEXT : 0;

	*a = i;
	*b = k;
	h.a_end = i - surplus;
	h.b_end = k - surplus;
	return h;
}

static void write_head(const struct side *x, const struct hunk *h, FILE *out)
{
	const struct line *block = block_of(x, h->a);
	uint32_t a_count = h->a_end - h->a, b_count = h->b_end - h->b;

	(void)fprintf(out, "@@ -%u,%u +%u,%u @@", a_count ? h->a + 1 : h->a, a_count,
	              b_count ? h->b + 1 : h->b, b_count);
	if (block)
		(void)fprintf(out, " %.*s", (int)block->len, block->text);
	(void)fputc('\n', out);
}

static void write_hunk(const struct side *x, const struct side *y, const struct hunk *h, FILE *out)
{
	uint32_t i = h->a, k = h->b;

	write_head(x, h, out);
	while (i < h->a_end || k < h->b_end) {
		uint32_t run = i;

		for (; i < h->a_end && x->changed[i]; i++)
			write_line('-', &x->lines[i], false, out);
		for (; k < h->b_end && y->changed[k]; k++)
			write_line('+', &y->lines[k], took_place(x, run, i, &y->lines[k]), out);
		if (i < h->a_end) {
			write_line(' ', &x->lines[i], false, out);
			i++;
			k++;
		}
	}
}

int text_diff_write(const char *from, size_t from_len, const char *to, size_t to_len, FILE *out)
{
	struct side x = { 0 }, y = { 0 };

	split(from, from_len, &x);
	split(to, to_len, &y);
	compare(&x, &y);
	for (uint32_t a = 0, b = 0; a < x.count || b < y.count;) {
		bool is_same = !(a < x.count && x.changed[a]) && !(b < y.count && y.changed[b]);

		if (is_same) {
			a++;
			b++;
			continue;
		}
		struct hunk h = next_hunk(&x, &y, &a, &b);

		write_hunk(&x, &y, &h, out);
	}
	free(x.lines);
	free(x.changed);
	free(y.lines);
	free(y.changed);
	return ferror(out) ? -EIO : 0;
}
