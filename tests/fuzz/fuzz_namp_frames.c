/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: octets of a NAMP stream as they may arrive, in pieces.  The first octet is the size of
 * a piece.  However they are cut, the same messages come out; a message that is accepted is the
 * same when it is written and read again; and memory stays within a few times of what waits. */
#include "namp/frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	unsigned frames, messages;
	int end; /* -EAGAIN, or what ended it */
};

static bool is_same(const struct namp_slice *a, const struct namp_slice *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Flags of 0 may be there or not: so it is the message that must be the same, not its octets. */
static void write_again(const struct namp_message *m)
{
	struct frame_buffer out = { 0 };
	struct namp_slice octets;
	struct namp_message again;
	int error = frame_put(&out, m);

	assert(error == 0);
	error = frame_next(&out, NAMP_MESSAGE_MAX, &octets);
	assert(error == 0);
	error = namp_decode(octets.data, octets.len, &again);
	assert(error == 0);
	assert(m->kind == again.kind && m->code == again.code && m->id == again.id);
	assert(m->flags == again.flags && m->extension_count == again.extension_count);
	assert(is_same(&m->subject, &again.subject) && is_same(&m->body, &again.body));
	assert(is_same(&m->extensions, &again.extensions));
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
		while ((o.end = frame_next(&in, NAMP_MESSAGE_MAX, &octets)) == 0) {
			o.frames++;
			if (namp_decode(octets.data, octets.len, &m) == 0) {
				o.messages++;
				write_again(&m);
			}
		}
		frame_trim(&in);
		assert(in.cap <= FRAME_SLACK_MIN || in.cap <= FRAME_SLACK * frame_waiting(&in));
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
