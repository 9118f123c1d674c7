/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a NAMP stream. */
#include "namp/frame.h"

#include "base/cursor.h"
#include "base/xalloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 512u

/* Make room for ``more`` octets behind what waits. */
static int reserve(struct frame_buffer *b, size_t more)
{
	if (b->at > 0 && (b->at == b->len || b->cap - b->len < more)) {
		memmove(b->data, b->data + b->at, frame_waiting(b));
		b->len -= b->at;
		b->at = 0;
	}
	if (b->cap - b->len >= more)
		return 0;
	size_t cap = b->cap ? b->cap : ROOM_MIN;

	while (cap - b->len < more)
		cap *= 2;
	uint8_t *data = try_realloc(b->data, cap);

	if (!data)
		return -ENOMEM;
	b->data = data;
	b->cap = cap;
	return 0;
}

static int append(struct frame_buffer *b, const void *data, size_t len)
{
	int error = reserve(b, len);

	if (error == 0 && len > 0) {
		memcpy(b->data + b->len, data, len);
		b->len += len;
	}
	return error;
}

int frame_feed(struct frame_buffer *in, const void *data, size_t len)
{
	return append(in, data, len);
}

/* Of the message whose frame is next and whole: its octets, or as frame_next(). */
static ssize_t next_length(const struct frame_buffer *in, size_t max)
{
	if (frame_waiting(in) < NAMP_FRAME_HEAD)
		return -EAGAIN;
	struct rd r = rd_init(in->data + in->at, NAMP_FRAME_HEAD);
	uint32_t len = rd_be32(&r);

	if (len == 0 || len > max)
		return -EMSGSIZE;
	return frame_waiting(in) - NAMP_FRAME_HEAD < len ? -EAGAIN : (ssize_t)len;
}

bool frame_is_ready(const struct frame_buffer *in, size_t max)
{
	return next_length(in, max) != -EAGAIN;
}

int frame_next(struct frame_buffer *in, size_t max, struct namp_slice *ret)
{
	ssize_t whole = next_length(in, max);

	if (whole < 0)
		return (int)whole;
	size_t len = (size_t)whole;

	*ret = (struct namp_slice) { in->data + in->at + NAMP_FRAME_HEAD, len };
	in->at += NAMP_FRAME_HEAD + len;
	return 0;
}

int frame_put(struct frame_buffer *out, const struct namp_message *m)
{
	size_t most = NAMP_OVERHEAD_MAX + m->subject.len + m->body.len + m->extensions.len;
	int error = reserve(out, NAMP_FRAME_HEAD + most);

	if (error < 0)
		return error;
	uint8_t *head = out->data + out->len;
	ssize_t len = namp_encode(m, head + NAMP_FRAME_HEAD, most);

	if (len < 0 || (size_t)len > NAMP_MESSAGE_MAX)
		return -EMSGSIZE;
	struct wr w = wr_init(head, NAMP_FRAME_HEAD);

	wr_be32(&w, (uint32_t)len);
	out->len += NAMP_FRAME_HEAD + (size_t)len;
	return 0;
}

int frame_append(struct frame_buffer *to, struct frame_buffer *from)
{
	int error = 0;

	if (frame_waiting(from) > 0)
		error = append(to, from->data + from->at, frame_waiting(from));
	frame_fini(from);
	return error;
}

void frame_consume(struct frame_buffer *out, size_t octets)
{
	out->at += octets;
}

void frame_discard(struct frame_buffer *b)
{
	b->at = b->len;
}

void frame_trim(struct frame_buffer *b)
{
	size_t waiting = frame_waiting(b);

	if (waiting == 0) {
		frame_fini(b);
		return;
	}
	if (b->cap <= FRAME_SLACK_MIN || waiting > b->cap / FRAME_SLACK)
		return;
	memmove(b->data, b->data + b->at, waiting);
	b->at = 0;
	b->len = waiting;
	uint8_t *data = try_realloc(b->data, waiting);

	if (data) { /* else it stays as it is */
		b->data = data;
		b->cap = waiting;
	}
}

void frame_fini(struct frame_buffer *b)
{
	free(b->data);
	*b = (struct frame_buffer) { 0 };
}
