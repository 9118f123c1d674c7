/* SPDX-License-Identifier: Apache-2.0 */
/* What stands: alarms from raise to clear, and maintenance windows.  A row is kept as the encoding of
 * the document that a list of it shows, since most are rarely looked at.  The whole can be written to a
 * checkpoint and read again.  No clock, no I/O. */
#ifndef CANDOR_NAMP_MESSAGE_TABLE_H
#define CANDOR_NAMP_MESSAGE_TABLE_H

#include "base/cleanup.h"
#include "object/doc.h"
#include <stddef.h>
#include <stdint.h>

#define TABLE_ROW_OCTETS_MAX (20u << 10) /* of a row's encoding */

/* A row of a table.  Its key is whose it is and its name; a window that is over leaves its name to the
 * next one. */
struct table_row {
	uint64_t number;          /* of the message that made it: the order in the table */
	const char *from, *name;  /* ""; from: this node */
	int64_t start_ns, end_ns; /* windows; else 0 */
	const uint8_t *octets;
	size_t len;
};

struct message_table {
	struct table_row **rows; /* numbers rising */
	uint32_t count, room;
};

void message_table_fini(struct message_table *t);

/* Put the row of the document ``d`` (members number, from, name, start_ns, end_ns as they apply), instead of
 * one with the same number.  0; -EMSGSIZE: too long; -EINVAL: not to be encoded. */
NODISCARD int message_table_put(struct message_table *t, const struct doc *d);
void message_table_remove(struct message_table *t, uint64_t number);

/* The row with this key, one that ends after ``now_ns`` where rows end; NULL: none. */
const struct table_row *message_table_find(const struct message_table *t, const char *from,
                                           const char *name, int64_t now_ns);
/* Place of the first row with a number above ``number``: 0 … count. */
uint32_t message_table_above(const struct message_table *t, uint64_t number);

/* The row's document, new in ``a``; never NULL. */
struct doc *table_row_doc(const struct table_row *row, struct arena *a);

/* Both tables in one run of octets on the heap, with the number of the last message in them. */
void message_tables_write(const struct message_table tables[2], uint64_t number, uint8_t **ret,
                          size_t *ret_len);
/* Read them into empty tables.  0; -EBADMSG: that is no such run, or a damaged one (tables are empty). */
NODISCARD int message_tables_read(const uint8_t *octets, size_t len, struct message_table tables[2],
                                  uint64_t *ret_number);

#endif
