/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a ring whose other side is hostile.  The first octets are the shared memory as it was
 * found; each 3 octets after that (place u16, value u8) are written into it between two calls. */
#include "base/ring.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY 256u
#define MEMORY   512u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

/* Read until nothing more comes; every record is at least 16 octets of the ring. */
static void drain(struct ring *r)
{
	uint8_t record[CAPACITY];
	uint16_t type;
	ssize_t n = 0;

	for (unsigned reads = 0; reads <= CAPACITY / 16; reads++) {
		n = ring_read(r, record, 40, &type);
		if (n <= 0)
			break;
		check(n <= 40);
	}
	check(n <= 0);
	check((n < 0) == r->is_poisoned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	alignas(64) static uint8_t memory[MEMORY];
	struct ring consumer, producer;
	uint8_t record[24] = { 0 };

	check(ring_size_for(CAPACITY) == MEMORY);
	memset(memory, 0, sizeof(memory));
	memcpy(memory, data, size < MEMORY ? size : MEMORY);
	if (ring_attach(&consumer, memory, MEMORY) < 0 ||
	    ring_attach(&producer, memory, MEMORY) < 0)
		return 0;
	drain(&consumer);
	for (size_t at = MEMORY; at + 3 <= size; at += 3) {
		size_t place = ((size_t)data[at] << 8 | data[at + 1]) % MEMORY;

		memory[place] = data[at + 2];
		if (ring_write(&producer, 1, record, 1 + data[at] % sizeof(record)) == -EBADMSG)
			check(producer.is_poisoned);
		(void)ring_should_wake(&producer);
		drain(&consumer);
		(void)ring_prepare_wait(&consumer);
	}
	return 0;
}
