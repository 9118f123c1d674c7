/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: CBOR of a peer, as such and as a document.  What is accepted has one encoding only:
 * written again it is the same, octet by octet. */
#include "object/doc_cbor.h"
#include "wire/cbor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Write every item of an encoding again, in the order in which it is read. */
static void copy_items(const uint8_t *data, size_t size, struct cbor_wr *w)
{
	struct cbor_item i;
	struct cbor_rd r;

	cbor_rd_init(&r, data, size);
	do {
		switch (cbor_next(&r, &i)) {
		case CBOR_END:
			break;
		case CBOR_INT:
			cbor_put_int(w, i.integer);
			break;
		case CBOR_BYTES:
			cbor_put_bytes(w, i.data, i.len);
			break;
		case CBOR_TEXT:
			cbor_put_text(w, (const char *)i.data, i.len);
			break;
		case CBOR_ARRAY:
			cbor_put_array(w, i.count);
			break;
		case CBOR_MAP:
			cbor_put_map(w, i.count);
			break;
		case CBOR_BOOL:
			cbor_put_bool(w, i.boolean);
			break;
		case CBOR_NULL:
			cbor_put_null(w);
			break;
		case CBOR_FLOAT:
			cbor_put_real(w, i.real);
			break;
		}
	} while (r.depth > 0 && !r.bad);
	assert(cbor_rd_done(&r));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *again = malloc(size ? size : 1);
	int error = cbor_check(data, size);
	struct arena a = { 0 };
	struct doc *d;
	struct diag diag;
	struct cbor_wr w;

	assert(again);
	if (error == 0) {
		cbor_wr_init(&w, again, size);
		copy_items(data, size, &w);
		assert(!w.bad && cbor_wr_len(&w) == size && memcmp(again, data, size) == 0);
	}
	if (doc_parse_cbor(&a, data, size, &d, &diag) == 0) {
		assert(error == 0);
		assert(doc_write_cbor(d, again, size) == (ssize_t)size);
		assert(memcmp(again, data, size) == 0);
		doc_sort(d); /* order is for people only */
		assert(doc_write_cbor(d, again, size) == (ssize_t)size);
		assert(memcmp(again, data, size) == 0);
	}
	assert(a.used_bytes <= 64 * size + 64);
	arena_free(&a);
	free(again);
	return 0;
}
