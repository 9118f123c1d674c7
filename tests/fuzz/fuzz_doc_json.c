/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: JSON of strangers.  What is accepted must be written as JSON
 * that reads back as the same text. */
#include "object/doc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *write_json(const struct doc *d, size_t *ret_len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, ret_len);

	assert(f);
	int error = doc_write_json(d, f, 0);

	assert(error == 0);
	error = fclose(f);
	assert(error == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct doc *first, *second;
	struct diag d;

	if (doc_parse_json(&a, (const char *)data, size, &first, &d) == 0) {
		size_t len, again_len;
		char *text = write_json(first, &len);
		int error = doc_parse_json(&a, text, len, &second, &d);

		assert(error == 0);
		char *again = write_json(second, &again_len);

		assert(len == again_len && memcmp(text, again, len) == 0);
		free(text);
		free(again);
	}
	arena_free(&a);
	return 0;
}
