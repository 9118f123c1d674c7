/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a NAMP stream (docs/namp.md section 4.1): octets that have arrived and become messages,
 * and messages that wait to be written.  Memory grows with what is really there, never on the word
 * of a length, and goes when nothing waits.  No I/O. */
#ifndef CANDOR_NAMP_FRAME_H
#define CANDOR_NAMP_FRAME_H

#include "base/cleanup.h"
#include "wire/namp.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Octets from ``at`` to ``len`` wait.  All zeroes is empty. */
struct frame_buffer {
	uint8_t *data;
	size_t at, len, cap;
};

static inline size_t frame_waiting(const struct frame_buffer *b)
{
	return b->len - b->at;
}

/* Octets in the order of arrival.  0 or -ENOMEM. */
NODISCARD int frame_feed(struct frame_buffer *in, const void *data, size_t len);

/* The next whole frame's message, taken from the buffer; the slice is valid until the next call with
 * it.  0; -EAGAIN: not all of it is there; -EMSGSIZE: its length is 0 or above ``max`` (up to NAMP_MESSAGE_MAX), and
 * nothing behind it can be read any more. */
NODISCARD int frame_next(struct frame_buffer *in, size_t max, struct namp_slice *ret);

/* Whether frame_next() has something to say: a frame or a fault. */
bool frame_is_ready(const struct frame_buffer *in, size_t max);

/* Append one message with its length.  0; -EMSGSIZE: longer than NAMP_MESSAGE_MAX; -ENOMEM. */
NODISCARD int frame_put(struct frame_buffer *out, const struct namp_message *m);

/* Append what waits in ``from``, which is empty then.  0 or -ENOMEM (``from`` is emptied too). */
NODISCARD int frame_append(struct frame_buffer *to, struct frame_buffer *from);

/* The first ``octets`` that waited have been written. */
void frame_consume(struct frame_buffer *out, size_t octets);

/* Forget what waits; the octets stay where they are. */
void frame_discard(struct frame_buffer *b);

/* Give memory back: all of it when nothing waits, and what is more than FRAME_SLACK times of what does. */
#define FRAME_SLACK     4u
#define FRAME_SLACK_MIN 4096u /* octets that are not worth it */
void frame_trim(struct frame_buffer *b);
void frame_fini(struct frame_buffer *b);

#endif
