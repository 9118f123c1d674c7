/* SPDX-License-Identifier: Apache-2.0 */
/* Frames from one port to the other, in their time. */
#include "pathemu_relay.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

static void frame_fire(struct tmr *t, mono_t now);

int relay_init(struct relay *r)
{
	r->frames = calloc(RELAY_FRAMES, sizeof(*r->frames));
	if (!r->frames || tmr_heap_reserve(&r->heap, RELAY_FRAMES) < 0)
		return -ENOMEM;
	for (unsigned i = 0; i < RELAY_FRAMES; i++) {
		r->frames[i].relay = r;
		r->frames[i].tmr.fire = frame_fire;
		r->frames[i].next = r->free;
		r->free = &r->frames[i];
	}
	return 0;
}

static void frame_put(struct relay_frame *f)
{
	f->next = f->relay->free;
	f->relay->free = f;
}

static void log_one(struct relay *r, const struct log_entry *e)
{
	if (r->log)
		log_entry_write(r->log, e);
}

static void log_drop(struct relay *r, struct log_entry *e, const char *why)
{
	r->count[e->direction].dropped++;
	e->lost = why;
	log_one(r, e);
}

/* Write the lines of port ``out`` whose stamps have come. */
static void collect_stamps(struct relay *r, unsigned out)
{
	uint32_t id;
	int64_t out_ns;

	while (port_stamp(&r->port[out], &id, &out_ns) == 1) {
		unsigned at = id % RELAY_UNSTAMPED;
		struct log_entry *e = &r->unstamped[out][at].entry;

		if (!r->unstamped[out][at].is_used)
			continue;
		r->unstamped[out][at].is_used = false;
		e->out_ns = out_ns;
		e->out_is_kernel = true;
		log_one(r, e);
	}
}

/* Lines whose stamp never came keep the time that user space read at the send. */
static void give_up_stamps(struct relay *r, unsigned out)
{
	for (unsigned i = 0; i < RELAY_UNSTAMPED; i++) {
		if (!r->unstamped[out][i].is_used)
			continue;
		r->unstamped[out][i].is_used = false;
		log_one(r, &r->unstamped[out][i].entry);
	}
}

static void send_copy(struct relay_frame *f, uint32_t copy)
{
	struct relay *r = f->relay;
	uint32_t d = f->entry.direction;
	unsigned out = 1 - d, at;
	struct log_entry e = f->entry;
	struct timespec t;
	uint32_t id;

	(void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail with a valid clock and pointer */
	e.copy = copy;
	e.out_ns = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
	if (port_send(&r->port[out], f->octets, f->len, &id) < 0) {
		r->count[d].send_errors++;
		give_up_stamps(r, out);
		e.out_ns = 0;
		log_drop(r, &e, "send");
		return;
	}
	at = id % RELAY_UNSTAMPED;
	if (r->unstamped[out][at].is_used)
		log_one(r, &r->unstamped[out][at].entry);
	r->unstamped[out][at].entry = e;
	r->unstamped[out][at].is_used = true;
	r->count[d].out++;
	collect_stamps(r, out);
}

static void unlink_held(struct relay *r, struct relay_frame *f)
{
	struct relay_frame **at = &r->held[f->entry.direction];

	for (; *at; at = &(*at)->next) {
		if (*at == f) {
			*at = f->next;
			return;
		}
	}
}

static void release(struct relay_frame *f)
{
	send_copy(f, 0);
	if (f->entry.verdict.dup) {
		f->relay->count[f->entry.direction].duplicated++;
		send_copy(f, 1);
	}
	frame_put(f);
}

/* The ``match``-th frame has left: its elders that it overtook come one nearer. */
static void count_down_held(struct relay *r, uint32_t d, uint64_t match)
{
	struct relay_frame *next;

	for (struct relay_frame *f = r->held[d]; f; f = next) {
		next = f->next;
		if (f->entry.verdict.match > match)
			continue;
		f->entry.late_order = true;
		if (--f->hold > 0)
			continue;
		unlink_held(r, f);
		tmr_disarm(&r->heap, &f->tmr);
		release(f);
	}
}

static void frame_fire(struct tmr *t, mono_t now)
{
	struct relay_frame *f = container_of(t, struct relay_frame, tmr);
	struct relay *r = f->relay;
	uint32_t d = f->entry.direction;
	bool was_held = f->hold > 0;
	uint64_t match = f->entry.verdict.match; /* 0: none of those that rules touch */

	(void)now; /* the frame is due, whatever the time */
	if (was_held)
		unlink_held(r, f);
	release(f);
	if (match > 0 && !was_held)
		count_down_held(r, d, match);
}

/* Apply the verdict on a frame just come in: drop it, or keep it until it is due. */
static void admit(struct relay_frame *f)
{
	struct relay *r = f->relay;
	struct log_entry *e = &f->entry;
	const struct verdict *v = &e->verdict;
	const struct path_rules *rules = &r->settings.rules[e->direction];
	mono_t due = { v->due_ns };

	if (v->drop != DROP_NONE) {
		log_drop(r, e, NULL);
		frame_put(f);
		return;
	}
	if (v->corrupt)
		e->did_corrupt = frame_corrupt(f->octets, &e->info, v->corrupt_at, v->corrupt_bit,
		                               rules->corrupt_repairs);
	r->count[e->direction].corrupted += e->did_corrupt;
	f->hold = v->hold;
	if (f->hold > 0) {
		due.ns += RELAY_HOLD_MAX_NS;
		r->count[e->direction].reordered++;
		f->next = r->held[e->direction];
		r->held[e->direction] = f;
	}
	if (tmr_arm(&r->heap, &f->tmr, due) < 0) { /* the heap was reserved: cannot be */
		unlink_held(r, f);
		log_drop(r, e, "pool");
		frame_put(f);
	}
}

static void describe(struct relay_frame *f, uint32_t d, const struct port_frame *in)
{
	struct log_entry *e = &f->entry;

	memset(e, 0, sizeof(*e));
	f->len = in->len;
	e->direction = d;
	e->in_ns = in->in_ns;
	e->in_is_kernel = in->is_kernel_stamp;
	e->csum_completed = in->csum_completed;
	frame_parse(f->octets, f->len, &e->info);
	e->data_len = e->info.payload_len < LOG_DATA_MAX ? e->info.payload_len : LOG_DATA_MAX;
	if (e->data_len)
		memcpy(e->data, f->octets + e->info.payload_at, e->data_len);
}

/* Read one frame and throw it away: there is no room for it. */
static int refuse(struct relay *r, uint32_t d, bool *ret_more)
{
	static struct relay_frame spare;
	struct port_frame in = { .octets = spare.octets };
	int rc = port_receive(&r->port[d], &in, ret_more);

	if (rc == 1) {
		describe(&spare, d, &in);
		r->count[d].pool_full++;
		log_drop(r, &spare.entry, "pool");
	}
	return rc < 0 ? rc : 0;
}

int relay_take(struct relay *r, uint32_t d, int64_t wall_less_mono_ns, unsigned max)
{
	bool more = true;

	for (unsigned i = 0; i < max && more; i++) {
		struct relay_frame *f = r->free;
		struct port_frame in;
		int rc;

		if (!f) {
			rc = refuse(r, d, &more);
			if (rc < 0)
				return rc;
			continue;
		}
		in = (struct port_frame) { .octets = f->octets };
		rc = port_receive(&r->port[d], &in, &more);
		if (rc < 0)
			return rc;
		if (rc == 0)
			continue;
		r->free = f->next;
		r->count[d].in++;
		describe(f, d, &in);
		rules_decide(&r->settings.rules[d], &r->settings.state[d], &f->entry.info,
		             in.in_ns - wall_less_mono_ns, &f->entry.verdict);
		admit(f);
	}
	return 0;
}

void relay_run(struct relay *r, mono_t now)
{
	(void)tmr_run(&r->heap, now, 64); /* what is left is still due in the loop's next turn */
	for (unsigned d = 0; d < DIRECTIONS; d++)
		collect_stamps(r, d);
}

void relay_fini(struct relay *r)
{
	if (r->frames) {
		for (unsigned i = 0; i < RELAY_FRAMES; i++) {
			if (tmr_is_armed(&r->frames[i].tmr))
				log_drop(r, &r->frames[i].entry, "exit");
		}
		for (unsigned d = 0; d < DIRECTIONS; d++) {
			collect_stamps(r, d);
			give_up_stamps(r, d);
		}
	}
	tmr_heap_fini(&r->heap);
	free(r->frames);
	r->frames = r->free = NULL;
}

void relay_write_counters(struct relay *r, FILE *to)
{
	fputc('{', to);
	for (unsigned d = 0; d < DIRECTIONS; d++) {
		const struct relay_counters *c = &r->count[d];

		port_count_drops(&r->port[d]);
		fprintf(to,
		        "%s\"%s\":{\"in\":%" PRIu64 ",\"out\":%" PRIu64 ",\"dropped\":%" PRIu64
		        ",\"duplicated\":%" PRIu64 ",\"corrupted\":%" PRIu64
		        ",\"reordered\":%" PRIu64,
		        d ? "," : "", d ? "ba" : "ab", c->in, c->out, c->dropped, c->duplicated,
		        c->corrupted, c->reordered);
		fprintf(to,
		        ",\"send_errors\":%" PRIu64 ",\"pool_full\":%" PRIu64
		        ",\"kernel_drops\":%" PRIu64 ",\"too_long\":%" PRIu64
		        ",\"segments\":%" PRIu64 ",\"matched\":%" PRIu64 "}",
		        c->send_errors, c->pool_full, r->port[d].kernel_drops, r->port[d].too_long,
		        r->port[d].segments, r->settings.state[d].matched);
	}
	fputs("}\n", to);
}
