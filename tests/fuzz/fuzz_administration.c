/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: administration messages from outside, and the checkpoint of what stands.  An input is
 * the body of a message (CBOR); and, with its checksum put right, a checkpoint, which must read as what it
 * writes. */
#include "base/cursor.h"
#include "base/siphash.h"
#include "namp/audit_text.h"
#include "namp/message_body.h"
#include "namp/message_table.h"
#include "object/doc_cbor.h"

#include <stdlib.h>
#include <string.h>

#define CHECKPOINT_MAX 65536u
#define TAIL           8u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

static void check_message(struct arena *a, const uint8_t *data, size_t size)
{
	static const char *const none[] = { NULL };
	enum message_effect effect;
	struct doc *body;
	struct diag d = { 0 };

	if (doc_parse_cbor(a, data, size, &body, &d) < 0)
		return;
	struct object_request q = { .verb = OBJECT_RUN, .path = "alarm", .body = body };
	const char *text = audit_text(a, &q);

	check(strlen(text) <= AUDIT_TEXT_MAX);
	if (message_check(body, &effect, &d) < 0) {
		check(d.text[0] != '\0');
		return;
	}
	check(strlen(doc_text(body, "text", "")) <= MESSAGE_TEXT_MAX);
	(void)message_scope_has(body, 10);
	struct doc *copy = message_copy(a, body, none);

	check(copy->count == body->count);
	check(message_check(copy, &effect, &d) == 0);
	check(strcmp(message_plain_text(a, doc_text(body, "text", "")),
	             doc_text(body, "text", "")) == 0);
}

static void check_tables(struct arena *a, const uint8_t *data, size_t size)
{
	const struct siphash_key no_key = { 0 };
	struct message_table tables[2] = { 0 }, again[2] = { 0 };
	uint8_t *octets = malloc(size + TAIL), *written;
	uint64_t number, number_again;
	size_t len;

	check(octets != NULL);
	if (size)
		memcpy(octets, data, size);
	put_be64(octets + size, siphash(&no_key, octets, size));
	if (message_tables_read(octets, size + TAIL, tables, &number) == 0) {
		for (uint32_t i = 0; i < tables[0].count; i++) {
			const struct table_row *row = tables[0].rows[i];

			check(table_row_doc(row, a)->kind == DOC_MAP);
			check(message_table_above(&tables[0], row->number) == i + 1);
			(void)message_table_find(&tables[0], row->from, row->name, 0);
		}
		message_tables_write(tables, number, &written, &len);
		check(message_tables_read(written, len, again, &number_again) == 0);
		check(number_again == number && again[0].count == tables[0].count &&
		      again[1].count == tables[1].count);
		free(written);
	}
	for (unsigned k = 0; k < 2; k++) {
		message_table_fini(&tables[k]);
		message_table_fini(&again[k]);
	}
	free(octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };

	if (size > CHECKPOINT_MAX)
		return 0;
	check_message(&a, data, size);
	check_tables(&a, data, size);
	arena_free(&a);
	return 0;
}
