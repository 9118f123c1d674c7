/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and pieces. */
#include "object/page.h"

#include "object/rows.h"

#include <string.h>

#define HEAD_BYTES 9u /* of the longest head of an item, and of the longest number */

/* Depth is that of documents: nobody builds deep ones. */
size_t object_size(const struct doc *d)
{
	size_t size = HEAD_BYTES;

	if (d->kind == DOC_TEXT)
		return size + strlen(d->text);
	for (const struct doc_member *m = doc_first(d); m; m = m->next)
		size += (m->key ? HEAD_BYTES + strlen(m->key) : 0) + object_size(&m->value);
	return size;
}

struct object_page object_page_begin(const struct object_request *q, struct arena *a,
                                     struct doc *to)
{
	return (struct object_page) {
		.a = a,
		.to = to,
		.items = doc_add_list(a, to, "items"),
		.rows_left = object_body_limit(q),
		.bytes_left = OBJECT_PAGE_BYTES,
	};
}

bool object_page_add(struct object_page *p, const struct doc *row)
{
	size_t size = object_size(row);

	if (p->rows_left == 0 || size > p->bytes_left)
		return false;
	p->rows_left--;
	p->bytes_left -= size;
	doc_add_doc(p->a, p->items, NULL, row);
	return true;
}

void object_page_end(struct object_page *p, bool more, uint64_t next)
{
	if (more)
		object_add_u64(p->a, p->to, "next", next);
	else
		doc_add_null(p->a, p->to, "next");
}

/* Where a piece of at most ``len`` octets of a longer text ends: behind a line, or else between two
 * characters. */
static size_t piece_end(const char *text, size_t len)
{
	const char *line = memrchr(text, '\n', len);

	if (line)
		return (size_t)(line - text) + 1;
	for (size_t i = 0; i < 3 && len > 1; i++, len--) {
		if (((unsigned char)text[len] & 0xc0) != 0x80)
			break;
	}
	return len;
}

void object_add_piece(struct arena *a, struct doc *to, const char *text, size_t len,
                      uint64_t offset)
{
	size_t from = offset > len ? len : (size_t)offset;
	size_t end = len;

	if (len - from > OBJECT_PIECE_BYTES)
		end = from + piece_end(text + from, OBJECT_PIECE_BYTES);
	doc_add_text(a, to, "text", arena_strndup(a, text + from, end - from));
	if (end < len)
		object_add_u64(a, to, "next", end);
	else
		doc_add_null(a, to, "next");
}
