/* SPDX-License-Identifier: Apache-2.0 */
/* Binary heap of embedded timers. */
#include "base/tmr.h"

#include <errno.h>
#include <stdlib.h>

int tmr_heap_reserve(struct tmr_heap *h, uint32_t timers)
{
	if (timers < h->cap)
		return 0;
	uint32_t cap = h->cap ? h->cap : 64;

	while (cap <= timers) {
		if (cap > UINT32_MAX / 2)
			return -ENOMEM;
		cap *= 2;
	}
	struct tmr **grown = reallocarray(h->at, cap, sizeof(struct tmr *));

	if (!grown)
		return -ENOMEM;
	h->at = grown;
	h->cap = cap;
	return 0;
}

void tmr_heap_fini(struct tmr_heap *h)
{
	for (uint32_t i = 1; i <= h->len; i++)
		h->at[i]->heap_at = 0;
	free(h->at);
	*h = (struct tmr_heap) { 0 };
}

static void place(struct tmr_heap *h, uint32_t i, struct tmr *t)
{
	h->at[i] = t;
	t->heap_at = i;
}

static void sift_up(struct tmr_heap *h, uint32_t i, struct tmr *t)
{
	for (; i > 1 && t->due.ns < h->at[i / 2]->due.ns; i /= 2)
		place(h, i, h->at[i / 2]);
	place(h, i, t);
}

static void sift_down(struct tmr_heap *h, uint32_t i, struct tmr *t)
{
	for (uint32_t child = 2 * i; child <= h->len; child = 2 * i) {
		if (child < h->len && h->at[child + 1]->due.ns < h->at[child]->due.ns)
			child++;
		if (t->due.ns <= h->at[child]->due.ns)
			break;
		place(h, i, h->at[child]);
		i = child;
	}
	place(h, i, t);
}

void tmr_disarm(struct tmr_heap *h, struct tmr *t)
{
	uint32_t i = t->heap_at;

	if (!i)
		return;
	struct tmr *last = h->at[h->len--];

	t->heap_at = 0;
	if (last == t)
		return;
	if (i > 1 && last->due.ns < h->at[i / 2]->due.ns)
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

int tmr_arm(struct tmr_heap *h, struct tmr *t, mono_t due)
{
	tmr_disarm(h, t);
	int rc = tmr_heap_reserve(h, h->len + 1);

	if (rc < 0)
		return rc;
	t->due = due;
	h->len++;
	sift_up(h, h->len, t);
	return 0;
}

unsigned tmr_run(struct tmr_heap *h, mono_t now, unsigned max)
{
	unsigned fired = 0;

	while (fired < max && h->len && h->at[1]->due.ns <= now.ns) {
		struct tmr *t = h->at[1];

		tmr_disarm(h, t);
		t->fire(t, now);
		fired++;
	}
	return fired;
}

bool tmr_next(const struct tmr_heap *h, mono_t *ret_due)
{
	if (!h->len)
		return false;
	*ret_due = h->at[1]->due;
	return true;
}
