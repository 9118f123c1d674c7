/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that could grow without end, in pages and pieces that always fit a message of NAMP. */
#ifndef CANDOR_OBJECT_PAGE_H
#define CANDOR_OBJECT_PAGE_H

#include "object/request.h"

#define OBJECT_PAGE_BYTES  (768u << 10) /* of the rows of a page, encoded */
#define OBJECT_PIECE_BYTES (256u << 10) /* of a piece of text */

/* One page of a list: "items", then "next". */
struct object_page {
	struct arena *a;
	struct doc *to, *items;
	uint32_t rows_left;
	size_t bytes_left;
};

/* Begin "items" in ``to``, with room for as many rows as the request asks for. */
struct object_page object_page_begin(const struct object_request *q, struct arena *a,
                                     struct doc *to);

/* Append ``row``.  False, and nothing was added: the page is full. */
bool object_page_add(struct object_page *p, const struct doc *row);

/* "next": ``next``, which a later request gives as "after"; null when there is no ``more``. */
void object_page_end(struct object_page *p, bool more, uint64_t next);

/* Octets that the encoding of ``d`` takes at most. */
size_t object_size(const struct doc *d);

#endif
