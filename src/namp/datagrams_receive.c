/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving side: the five steps of docs/namp.md section 5, in their order. */
#include "namp/datagrams_internal.h"

#include "namp/codes.h"

#include <errno.h>
#include <string.h>

#define BATCHES_PER_TURN 4u
#define OPENED_BURST     128u /* as much as two peers have under way */
#define LAZY_WRITE_MS    1000 /* ids that were acted on, when nothing else makes a write necessary */

/* The key that a kid names, when it may be accepted now; NULL: none. */
static const struct key *find_key(const struct datagrams *s, const char *kid, wall_t now)
{
	size_t name_len = strlen(s->chain.name);
	uint32_t id = 0;

	if (!s->has_chain || strncmp(kid, s->chain.name, name_len) != 0 || kid[name_len] != '/')
		return NULL;
	const char *digits = kid + name_len + 1;

	if (digits[0] == '\0' || (digits[0] == '0' && digits[1] != '\0') || strlen(digits) > 5)
		return NULL;
	for (; *digits; digits++) {
		if (*digits < '0' || *digits > '9')
			return NULL;
		id = id * 10 + (uint32_t)(*digits - '0');
	}
	return id <= UINT16_MAX ? keychain_accept(&s->chain, (uint16_t)id, now) : NULL;
}

/* Steps 1 and 2: the envelope alone, at no more cost than a look at two tables.  False: counted. */
static bool is_worth_opening(struct datagrams *s, const struct dgram *g, struct namp_envelope *e,
                             const struct key **ret_key)
{
	struct datagrams_counters *n = &s->counters;
	const struct correspondent *c;

	if (g->truncated || namp_envelope_decode(g->data, g->len, e) < 0) {
		n->refused_form++;
		return false;
	}
	if (strcmp(e->receiver, s->node_name) != 0) {
		n->refused_receiver++;
		return false;
	}
	if (strcmp(e->sender, s->node_name) == 0) {
		n->refused_sender++;
		return false;
	}
	*ret_key = find_key(s, e->kid, s->cfg.clock->wall(s->cfg.clock));
	if (!*ret_key) {
		n->refused_key++;
		return false;
	}
	c = correspondent_find(s, e->sender);
	if (c && e->boot < c->marks.boot) {
		n->refused_boot++;
		return false;
	}
	if (c && marks_have_seen(&c->marks, e->boot, e->sequence)) {
		n->refused_replayed++;
		return false;
	}
	return true;
}

/* Step 3: the length of the message in ``buf``; 0: refused and counted. */
static size_t open_envelope(struct datagrams *s, const struct namp_envelope *e,
                            const struct key *key, uint8_t buf[static NAMP_SEALED_MAX])
{
	uint8_t secret[NAMP_KEY_OCTETS];
	ssize_t len;

	if (!token_bucket_take(&s->opened, s->cfg.clock->boot(s->cfg.clock), DATAGRAMS_OPENED_PER_S,
	                       OPENED_BURST)) {
		s->counters.refused_rate++;
		return 0;
	}
	len = namp_derive_key(key->secret, key->secret_len, e, secret);
	if (len == 0)
		len = namp_open(e, secret, buf, NAMP_SEALED_MAX);
	explicit_bzero(secret, sizeof(secret));
	if (len < 0) {
		s->counters.refused_authentication++;
		return 0;
	}
	return (size_t)len;
}

/* The sender's entry, made when this is its first datagram; NULL: there are too many. */
static struct correspondent *take_sender(struct datagrams *s, const char *name)
{
	struct correspondent *c = correspondent_find(s, name);

	if (c && c->marks.boot != 0)
		return c;
	if (s->sender_count == DATAGRAMS_SENDERS_MAX)
		return NULL;
	if (!c)
		c = correspondent_add(s, name);
	if (c)
		s->sender_count++; /* the caller gives it its marks */
	return c;
}

/* Step 4, its first half: what is authentic is marked and waits for the mark to be durable. */
static void take(struct datagrams *s, const struct dgram *g)
{
	struct pending *p = &s->pending[s->pending_count];
	const struct key *key;
	struct namp_envelope e;

	s->counters.received++;
	if (!is_worth_opening(s, g, &e, &key))
		return;
	p->len = open_envelope(s, &e, key, p->message);
	if (p->len == 0)
		return;
	p->sender = take_sender(s, e.sender);
	if (!p->sender) {
		s->counters.refused_senders++;
		return;
	}
	s->marks_dirty |= e.boot != p->sender->marks.boot || e.sequence > p->sender->marks.highest;
	marks_take(&p->sender->marks, e.boot, e.sequence);
	p->from = g->from;
	p->to = g->to;
	p->at = g->at.at;
	p->sender->received++;
	p->sender->received_at = p->at;
	if (s->pending_count++ == 0)
		datagrams_arm(s, &s->flush, DATAGRAMS_BATCH_MS * NS_PER_MS);
	if (s->pending_count == DGRAM_BATCH)
		datagrams_flush(s);
}

void datagrams_receive(struct datagrams *s)
{
	for (unsigned i = 0; i < BATCHES_PER_TURN && s->fd >= 0; i++) {
		struct dgram *all;
		int n = dgram_receive(s->fd, s->batch, s->cfg.clock, &all);

		for (int k = 0; k < n; k++)
			take(s, &all[k]);
		if (n <
		    (int)DGRAM_BATCH) /* an error of the socket is about one datagram, and gone */
			break;
	}
}

/* --- acting ------------------------------------------------------------------------------------- */

static void deliver(struct datagrams *s, const struct pending *p, const struct namp_message *m)
{
	struct correspondent_marks *marks = &p->sender->marks;
	unsigned code = NAMP_OK;

	switch (marks_judge_id(marks, m->id)) {
	case ID_TOO_OLD: /* whether it was acted on is not known: neither again, nor a promise */
		s->counters.refused_id++;
		return;
	case ID_KNOWN:
		s->counters.duplicates++;
		break;
	case ID_NEW: {
		struct datagrams_received received = {
			.sender = p->sender->name, .from = p->from, .at = p->at, .message = m
		};

		s->counters.delivered++;
		code = s->cfg.deliver(s->cfg.ctx, &received);
		if (code == NAMP_OK) {
			marks_take_id(marks, m->id);
			s->ids_dirty = true;
		}
		break;
	}
	}
	if (m->kind == NAMP_EVENT && (m->flags & NAMP_FLAG_ACKNOWLEDGE))
		datagrams_acknowledge(s, p, m->id, code);
}

/* Step 5, and what the datagram asks for. */
static void act(struct datagrams *s, const struct pending *p)
{
	struct namp_message m;

	if (namp_decode(p->message, p->len, &m) < 0) {
		s->counters.refused_message++;
		return;
	}
	if (m.kind != NAMP_EVENT && m.kind != NAMP_ACK && m.kind != NAMP_REPORT) {
		s->counters.refused_kind++;
		return;
	}
	if ((m.flags & NAMP_FLAG_CRITICAL) && m.extension_count > 0) { /* none are known yet */
		s->counters.refused_critical++;
		return;
	}
	if (m.kind == NAMP_ACK)
		datagrams_take_ack(s, p->sender, m.id, m.code);
	else
		deliver(s, p, &m);
}

/* Say once that the disk fails, and once that it works again. */
static void tell_disk(struct datagrams *s, int error)
{
	struct diag d;

	if ((error < 0) == s->disk_failed)
		return;
	s->disk_failed = error < 0;
	if (!s->cfg.trouble)
		return;
	if (error < 0)
		(void)diag_set(&d, error,
		               "cannot make the marks of datagrams durable (%s): they are refused "
		               "meanwhile",
		               strerror(-error));
	else
		(void)diag_set(&d, 0, "the marks of datagrams are durable again");
	s->cfg.trouble(s->cfg.ctx, d.text);
}

void datagrams_flush(struct datagrams *s)
{
	unsigned count = s->pending_count;
	int error = 0;

	tmr_disarm(&s->timers, &s->flush);
	if (s->marks_dirty || (count == 0 && s->ids_dirty)) {
		error = datagrams_write_marks(s);
		tell_disk(s, error);
		if (error == 0)
			s->marks_dirty = s->ids_dirty = false;
	}
	s->pending_count = 0;
	if (error < 0) {
		s->counters.refused_undurable += count;
		return;
	}
	for (unsigned i = 0; i < count; i++)
		act(s, &s->pending[i]);
	if (s->ids_dirty && !tmr_is_armed(&s->flush))
		datagrams_arm(s, &s->flush, LAZY_WRITE_MS * NS_PER_MS);
}
