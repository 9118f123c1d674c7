/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a message of NAMP/1.  What is accepted is written as it came, but for flags that say
 * nothing, and every part of it lies within the input. */
#include "wire/cbor.h"
#include "wire/namp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_within(struct namp_slice part, const uint8_t *data, size_t size)
{
	if (part.data)
		assert(part.data >= data && part.data + part.len <= data + size);
	else
		assert(part.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct namp_message m, again;

	if (namp_decode(data, size, &m) < 0)
		return 0;
	assert(cbor_check(data, size) == 0);
	assert_within(m.subject, data, size);
	assert_within(m.body, data, size);
	assert_within(m.extensions, data, size);
	uint8_t *buf = malloc(size);

	assert(buf);
	ssize_t len = namp_encode(&m, buf, size);

	assert(len > 0);
	if (m.flags != 0)
		assert((size_t)len == size && memcmp(buf, data, size) == 0);
	assert(namp_decode(buf, (size_t)len, &again) == 0);
	assert(again.kind == m.kind && again.id == m.id && again.code == m.code);
	assert(again.extension_count == m.extension_count);
	free(buf);
	return 0;
}
