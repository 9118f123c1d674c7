/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms that stand, and windows. */
#include "namp/message_table.h"

#include "base/cursor.h"
#include "base/siphash.h"
#include "base/xalloc.h"
#include "object/doc_cbor.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define CHECKPOINT_MAGIC UINT64_C(0x63616e646d736731) /* "candmsg1" */
#define CHECKPOINT_HEAD  24u
#define CHECKPOINT_TAIL  8u

/* Against accidents, not against people. */
static const struct siphash_key no_key;

void message_table_fini(struct message_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free(t->rows[i]);
	free(t->rows);
	*t = (struct message_table) { 0 };
}

uint32_t message_table_above(const struct message_table *t, uint64_t number)
{
	uint32_t low = 0, high = t->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (t->rows[mid]->number > number)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* One block: the row, its texts, its octets. */
static struct table_row *new_row(const struct doc *d, const uint8_t *octets, size_t len)
{
	const char *from = doc_text(d, "from", ""), *name = doc_text(d, "name", "");
	size_t from_size = strlen(from) + 1, name_size = strlen(name) + 1;
	struct table_row *row = xcalloc(1, sizeof(*row) + from_size + name_size + len);
	char *texts = (char *)(row + 1);

	memcpy(texts, from, from_size);
	memcpy(texts + from_size, name, name_size);
	memcpy(texts + from_size + name_size, octets, len);
	*row = (struct table_row) {
		.number = (uint64_t)doc_int(d, "number", 0),
		.from = texts,
		.name = texts + from_size,
		.start_ns = doc_int(d, "start_ns", 0),
		.end_ns = doc_int(d, "end_ns", 0),
		.octets = (const uint8_t *)texts + from_size + name_size,
		.len = len,
	};
	return row;
}

static void put_row(struct message_table *t, struct table_row *row)
{
	uint32_t at = message_table_above(t, row->number);

	if (at > 0 && t->rows[at - 1]->number == row->number) {
		free(t->rows[at - 1]);
		t->rows[at - 1] = row;
		return;
	}
	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		t->rows = xrealloc(t->rows, t->room, sizeof(*t->rows));
	}
	memmove(t->rows + at + 1, t->rows + at, (t->count - at) * sizeof(*t->rows));
	t->rows[at] = row;
	t->count++;
}

int message_table_put(struct message_table *t, const struct doc *d)
{
	struct arena a = { 0 };
	const uint8_t *octets;
	size_t len = 0;
	int rc = doc_to_cbor(d, &a, &octets, &len);

	if (rc == 0 && len > TABLE_ROW_OCTETS_MAX)
		rc = -EMSGSIZE;
	if (rc == 0)
		put_row(t, new_row(d, octets, len));
	arena_free(&a);
	return rc;
}

void message_table_remove(struct message_table *t, uint64_t number)
{
	uint32_t at = message_table_above(t, number);

	if (at == 0 || t->rows[at - 1]->number != number)
		return;
	free(t->rows[at - 1]);
	memmove(t->rows + at - 1, t->rows + at, (t->count - at) * sizeof(*t->rows));
	t->count--;
}

const struct table_row *message_table_find(const struct message_table *t, const char *from,
                                           const char *name, int64_t now_ns)
{
	for (uint32_t i = t->count; i-- > 0;) {
		const struct table_row *row = t->rows[i];

		if (strcmp(row->from, from) == 0 && strcmp(row->name, name) == 0 &&
		    (row->end_ns == 0 || row->end_ns > now_ns))
			return row;
	}
	return NULL;
}

struct doc *table_row_doc(const struct table_row *row, struct arena *a)
{
	struct doc *d = NULL;
	struct diag diag;
	int rc = doc_parse_cbor(a, row->octets, row->len, &d, &diag);

	assert(rc == 0); /* rows are made of documents */
	return d;
}

/* --- the checkpoint ------------------------------------------------------------------------------ */

void message_tables_write(const struct message_table tables[2], uint64_t number, uint8_t **ret,
                          size_t *ret_len)
{
	size_t size = CHECKPOINT_HEAD + CHECKPOINT_TAIL;

	for (uint32_t k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < tables[k].count; i++)
			size += 4 + tables[k].rows[i]->len;
	}
	uint8_t *octets = xcalloc(1, size);
	struct wr w = wr_init(octets, size);

	wr_be64(&w, CHECKPOINT_MAGIC);
	wr_be64(&w, number);
	wr_be32(&w, tables[0].count);
	wr_be32(&w, tables[1].count);
	for (uint32_t k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < tables[k].count; i++) {
			const struct table_row *row = tables[k].rows[i];

			wr_be32(&w, (uint32_t)row->len);
			wr_bytes(&w, row->octets, row->len);
		}
	}
	wr_be64(&w, siphash(&no_key, octets, size - CHECKPOINT_TAIL));
	assert(!w.bad);
	*ret = octets;
	*ret_len = size;
}

static int read_row(struct rd *r, struct message_table *t)
{
	uint32_t len = rd_be32(r);
	const uint8_t *octets = rd_take(r, len);
	struct arena a = { 0 };
	struct diag diag;
	struct doc *d;

	if (r->bad || len > TABLE_ROW_OCTETS_MAX)
		return -EBADMSG;
	int rc = doc_parse_cbor(&a, octets, len, &d, &diag);

	if (rc == 0 && (d->kind != DOC_MAP || doc_int(d, "number", 0) <= 0))
		rc = -EBADMSG;
	if (rc == 0)
		put_row(t, new_row(d, octets, len));
	arena_free(&a);
	return rc < 0 ? -EBADMSG : 0;
}

static int read_rows(struct rd *r, struct message_table tables[2])
{
	uint32_t counts[2];

	counts[0] = rd_be32(r);
	counts[1] = rd_be32(r);
	for (uint32_t k = 0; k < 2; k++) {
		for (uint32_t i = 0; i < counts[k]; i++) {
			if (read_row(r, &tables[k]) < 0)
				return -EBADMSG;
		}
	}
	return rd_left(r) == 0 && !r->bad ? 0 : -EBADMSG;
}

int message_tables_read(const uint8_t *octets, size_t len, struct message_table tables[2],
                        uint64_t *ret_number)
{
	if (len < CHECKPOINT_HEAD + CHECKPOINT_TAIL)
		return -EBADMSG;
	struct rd r = rd_init(octets, len - CHECKPOINT_TAIL);
	struct rd tail = rd_init(octets + len - CHECKPOINT_TAIL, CHECKPOINT_TAIL);

	if (rd_be64(&tail) != siphash(&no_key, octets, len - CHECKPOINT_TAIL) ||
	    rd_be64(&r) != CHECKPOINT_MAGIC)
		return -EBADMSG;
	uint64_t number = rd_be64(&r);

	if (read_rows(&r, tables) < 0) {
		message_table_fini(&tables[0]);
		message_table_fini(&tables[1]);
		return -EBADMSG;
	}
	*ret_number = number;
	return 0;
}
