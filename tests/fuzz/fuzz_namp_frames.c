/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: octets of a NAMP stream as they may arrive, in pieces.  The first octet is the size of
 * a piece.  However they are cut, the same messages come out; a message that is accepted is written
 * again as the same octets; and memory stays within twice of what has arrived. */
#include "namp/frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	unsigned frames, messages;
	int end; /* -EAGAIN, or what ended it */
};

static void write_again(const struct namp_message *m, const struct namp_slice *octets)
{
	struct frame_buffer out = { 0 };
	int error = frame_put(&out, m);

	assert(error == 0);
	assert(frame_waiting(&out) == NAMP_FRAME_HEAD + octets->len);
	assert(memcmp(out.data + NAMP_FRAME_HEAD, octets->data, octets->len) == 0);
	frame_fini(&out);
}

static struct outcome run(const uint8_t *data, size_t size, size_t piece)
{
	struct frame_buffer in = { 0 };
	struct outcome o = { .end = -EAGAIN };

	while (size > 0 && o.end == -EAGAIN) {
		size_t n = size < piece ? size : piece;
		struct namp_slice octets;
		struct namp_message m;
		int error = frame_feed(&in, data, n);

		assert(error == 0);
		data += n;
		size -= n;
		while ((o.end = frame_next(&in, &octets)) == 0) {
			o.frames++;
			if (namp_decode(octets.data, octets.len, &m) == 0) {
				o.messages++;
				write_again(&m, &octets);
			}
		}
		assert(in.cap <= 512 + 2 * (frame_waiting(&in) + piece));
		frame_trim(&in);
	}
	frame_fini(&in);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct outcome pieces = run(data + 1, size - 1, 1 + (size_t)data[0]);
	struct outcome whole = run(data + 1, size - 1, size - 1);

	assert(pieces.frames == whole.frames && pieces.messages == whole.messages);
	assert(pieces.end == whole.end);
	return 0;
}
