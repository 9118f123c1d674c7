/* SPDX-License-Identifier: Apache-2.0 */
/* Slots, hash chains and lists of sessions and sources. */
#include "responder/session_table.h"

#include "base/cursor.h"
#include "base/xalloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define BUCKETS    65536u /* a power of two */
#define SOURCE_MAX (SESSION_TABLE_MAX + SESSION_SOURCES_IDLE)
#define KEY_OCTETS 46u

struct session_table {
	struct siphash_key seed;
	struct session_limits limits;
	session_ended_fn *ended;
	void *ctx;
	uint32_t count, unprotected;
	uint32_t slots_used, sources_used; /* high-water marks; below them the free lists rule */
	uint32_t idle_count;
	struct session *free_slots;          /* by hash_next */
	struct session_link by_age;          /* head; oldest first */
	struct session_link probeless[2];    /* heads by is_protected; oldest first */
	struct session_link idle;            /* head; longest unheard of first */
	struct session **session_hash;       /* [BUCKETS] */
	struct session_source **source_hash; /* [BUCKETS] */
	struct session *slots;               /* [SESSION_TABLE_MAX] */
	struct session_source *sources;      /* [SOURCE_MAX] */
};

static void list_init(struct session_link *head)
{
	head->prev = head->next = head;
}

static void list_append(struct session_link *head, struct session_link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

/* Nothing for a link that is in no list. */
static void list_remove(struct session_link *l)
{
	if (!l->next)
		return;
	l->prev->next = l->next;
	l->next->prev = l->prev;
	l->prev = l->next = NULL;
}

struct session_table *session_table_new(const struct siphash_key *seed, session_ended_fn *ended,
                                        void *ctx)
{
	struct session_table *t = xcalloc(1, sizeof(*t));

	t->seed = *seed;
	t->ended = ended;
	t->ctx = ctx;
	t->session_hash = xcalloc(BUCKETS, sizeof(struct session *));
	t->source_hash = xcalloc(BUCKETS, sizeof(struct session_source *));
	t->slots = xcalloc(SESSION_TABLE_MAX, sizeof(*t->slots));
	t->sources = xcalloc(SOURCE_MAX, sizeof(*t->sources));
	list_init(&t->by_age);
	list_init(&t->probeless[0]);
	list_init(&t->probeless[1]);
	list_init(&t->idle);
	return t;
}

void session_table_free(struct session_table *t)
{
	if (!t)
		return;
	free(t->session_hash);
	free(t->source_hash);
	free(t->slots);
	free(t->sources);
	free(t);
}

/* --- sources ---------------------------------------------------------------------------------- */

/* The /32 or /64 that an address counts for.  Link-local networks are one per interface. */
static struct inet_addr source_prefix(const struct inet_addr *addr)
{
	struct inet_addr prefix = *addr;

	if (prefix.family == INET_V6)
		memset(prefix.bytes + 8, 0, 8);
	return prefix;
}

static uint32_t address_hash(const struct session_table *t, const struct inet_addr *a)
{
	uint8_t octets[21];
	struct wr w = wr_init(octets, sizeof(octets));

	wr_u8(&w, a->family);
	wr_bytes(&w, a->bytes, sizeof(a->bytes));
	wr_be32(&w, a->scope_id);
	return (uint32_t)siphash(&t->seed, octets, sizeof(octets)) & (BUCKETS - 1);
}

static void source_unhash(struct session_table *t, const struct session_source *source)
{
	struct session_source **at = &t->source_hash[address_hash(t, &source->prefix)];

	while (*at != source)
		at = &(*at)->hash_next;
	*at = source->hash_next;
}

/* A place for a new source: a fresh one, or that of the idle source longest unheard of.  There are
 * SESSION_SOURCES_IDLE more places than there can be sources with a session. */
static struct session_source *source_place(struct session_table *t)
{
	if (t->idle_count < SESSION_SOURCES_IDLE && t->sources_used < SOURCE_MAX)
		return &t->sources[t->sources_used++];
	struct session_source *old = container_of(t->idle.next, struct session_source, idle);

	list_remove(&old->idle);
	t->idle_count--;
	source_unhash(t, old);
	return old;
}

struct session_source *session_source(struct session_table *t, const struct inet_addr *addr)
{
	struct inet_addr prefix = source_prefix(addr);
	uint32_t bucket = address_hash(t, &prefix);
	struct session_source *s = t->source_hash[bucket];

	while (s && !inet_addr_equal(&s->prefix, &prefix))
		s = s->hash_next;
	if (!s) {
		s = source_place(t);
		*s = (struct session_source) { .prefix = prefix,
			                       .hash_next = t->source_hash[bucket] };
		list_init(&s->sessions);
		t->source_hash[bucket] = s;
		t->idle_count++;
	} else if (s->count == 0) {
		list_remove(&s->idle);
	}
	if (s->count == 0)
		list_append(&t->idle, &s->idle);
	return s;
}

/* --- sessions --------------------------------------------------------------------------------- */

static uint32_t key_hash(const struct session_table *t, const struct session_key *key)
{
	uint8_t octets[KEY_OCTETS];
	struct wr w = wr_init(octets, sizeof(octets));

	wr_u8(&w, key->proto);
	wr_u8(&w, key->source.family);
	wr_bytes(&w, key->source.bytes, sizeof(key->source.bytes));
	wr_be32(&w, key->source.scope_id);
	wr_bytes(&w, key->local.bytes, sizeof(key->local.bytes));
	wr_be32(&w, key->local.scope_id);
	wr_be16(&w, key->port);
	assert(!w.bad);
	return (uint32_t)siphash(&t->seed, octets, wr_len(&w)) & (BUCKETS - 1);
}

static bool key_equal(const struct session_key *a, const struct session_key *b)
{
	return a->port == b->port && a->proto == b->proto &&
	       inet_addr_equal(&a->source, &b->source) && inet_addr_equal(&a->local, &b->local);
}

static bool is_alive(const struct session *s, boot_t now)
{
	return s->expires_at.ns > now.ns;
}

/* From ``s`` on along the chain, the first live session of ``key``. */
static struct session *chain_find(struct session *s, const struct session_key *key, boot_t now)
{
	while (s && !(is_alive(s, now) && key_equal(&s->key, key)))
		s = s->hash_next;
	return s;
}

struct session *session_first(const struct session_table *t, const struct session_key *key,
                              boot_t now)
{
	return chain_find(t->session_hash[key_hash(t, key)], key, now);
}

struct session *session_next(const struct session *s, boot_t now)
{
	return chain_find(s->hash_next, &s->key, now);
}

/* The first live session at or after ``l`` in the list of its source. */
static struct session *source_list_find(const struct session_link *head, struct session_link *l,
                                        boot_t now)
{
	for (; l != head; l = l->next) {
		struct session *s = container_of(l, struct session, by_source);

		if (is_alive(s, now))
			return s;
	}
	return NULL;
}

struct session *session_of_source(const struct session_source *source, boot_t now)
{
	return source_list_find(&source->sessions, source->sessions.next, now);
}

struct session *session_of_source_next(const struct session *s, boot_t now)
{
	return source_list_find(&s->owner->sessions, s->by_source.next, now);
}

/* Sessions that a request of this protection may compete for, and how many of them there are. */
static uint32_t usable(const struct session_table *t, bool is_protected)
{
	bool half = t->limits.reserve_half && !is_protected;

	return half ? t->limits.max / 2 : t->limits.max;
}

static uint32_t in_use(const struct session_table *t, bool is_protected)
{
	bool half = t->limits.reserve_half && !is_protected;

	return half ? t->unprotected : t->count;
}

/* The oldest session without a probe that a request of this protection may displace, or NULL. */
static struct session *displaceable(const struct session_table *t, bool is_protected)
{
	for (int i = 0; i <= (is_protected ? 1 : 0); i++) {
		const struct session_link *head = &t->probeless[i];

		if (head->next != head)
			return container_of(head->next, struct session, probeless);
	}
	return NULL;
}

/* Full: neither room in the share nor anything to displace; an unprotected request also needs room
 * in the table as a whole. */
int session_room(const struct session_table *t, const struct session_source *source,
                 bool is_protected)
{
	if (source->count >= t->limits.max_per_source)
		return -EDQUOT;
	bool full = in_use(t, is_protected) >= usable(t, is_protected) || t->count >= t->limits.max;

	return full && !displaceable(t, is_protected) ? -ENOSPC : 0;
}

static void make_room(struct session_table *t, bool is_protected)
{
	uint32_t share = usable(t, is_protected);
	bool crowded = in_use(t, is_protected) >= share - share / 4 || t->count >= t->limits.max;
	struct session *victim = crowded ? displaceable(t, is_protected) : NULL;

	if (victim)
		session_close(t, victim, SESSION_END_EVICTED);
}

/* Hold the number of sessions of one key. */
static void trim_same_key(struct session_table *t, const struct session_key *key)
{
	struct session *oldest = NULL;
	uint32_t n = 0;

	for (struct session *s = t->session_hash[key_hash(t, key)]; s; s = s->hash_next) {
		if (!key_equal(&s->key, key))
			continue;
		oldest = s; /* chains are newest first */
		n++;
	}
	if (n >= SESSION_SAME_KEY_MAX)
		session_close(t, oldest, SESSION_END_EVICTED);
}

static struct session *slot_take(struct session_table *t)
{
	struct session *s = t->free_slots;

	if (s) {
		t->free_slots = s->hash_next;
		return s;
	}
	assert(t->slots_used < SESSION_TABLE_MAX);
	return &t->slots[t->slots_used++];
}

static void source_gains(struct session_table *t, struct session_source *source)
{
	if (source->count++ > 0)
		return;
	list_remove(&source->idle);
	t->idle_count--;
}

static void source_loses(struct session_table *t, struct session_source *source)
{
	if (--source->count > 0)
		return;
	list_append(&t->idle, &source->idle);
	t->idle_count++;
}

struct session *session_open(struct session_table *t, struct session_source *source,
                             const struct session_key *key, bool is_protected, boot_t now,
                             int64_t duration_ns)
{
	source_gains(t, source); /* so that evicting its last session does not make it idle */
	make_room(t, is_protected);
	trim_same_key(t, key);
	assert(t->count < t->limits.max);
	struct session *s = slot_take(t);
	uint32_t bucket = key_hash(t, key);

	*s = (struct session) {
		.key = *key,
		.is_protected = is_protected,
		.opened_at = now,
		.expires_at = boot_add_ns(now, duration_ns),
		.owner = source,
		.hash_next = t->session_hash[bucket],
	};
	t->session_hash[bucket] = s;
	list_append(source->sessions.next, &s->by_source); /* before the first: newest first */
	list_append(&t->by_age, &s->by_age);
	list_append(&t->probeless[is_protected], &s->probeless);
	t->count++;
	t->unprotected += !is_protected;
	return s;
}

void session_rearm(struct session_table *t, struct session *s, boot_t now, int64_t duration_ns)
{
	(void)t;
	s->expires_at = boot_add_ns(now, duration_ns);
	s->received = 0;
	s->repeats = 0;
	s->source_port = s->stated_port;
}

void session_close(struct session_table *t, struct session *s, enum session_end why)
{
	struct session **at = &t->session_hash[key_hash(t, &s->key)];

	t->ended(t->ctx, s, why);
	while (*at != s)
		at = &(*at)->hash_next;
	*at = s->hash_next;
	list_remove(&s->by_source);
	list_remove(&s->by_age);
	list_remove(&s->probeless);
	t->count--;
	t->unprotected -= !s->is_protected;
	source_loses(t, s->owner);
	s->hash_next = t->free_slots;
	t->free_slots = s;
}

void session_probed(struct session_table *t, struct session *s, uint16_t source_port)
{
	(void)t;
	s->source_port = source_port;
	s->received++;
	s->probes++;
	list_remove(&s->probeless);
}

void session_table_limit(struct session_table *t, const struct session_limits *limits)
{
	assert(limits->max >= 1 && limits->max <= SESSION_TABLE_MAX);
	t->limits = *limits;
	while (t->count > t->limits.max)
		session_close(t, session_oldest(t), SESSION_END_EVICTED);
}

bool session_sweep(struct session_table *t, boot_t now, boot_t *ret_next)
{
	boot_t next = { INT64_MAX };
	struct session_link *l = t->by_age.next;

	while (l != &t->by_age) {
		struct session *s = container_of(l, struct session, by_age);

		l = l->next;
		if (!is_alive(s, now))
			session_close(t, s, SESSION_END_EXPIRED);
		else if (s->expires_at.ns < next.ns)
			next = s->expires_at;
	}
	if (t->count == 0)
		return false;
	*ret_next = next;
	return true;
}

uint32_t session_count(const struct session_table *t)
{
	return t->count;
}

struct session *session_oldest(const struct session_table *t)
{
	return t->by_age.next == &t->by_age ? NULL
	                                    : container_of(t->by_age.next, struct session, by_age);
}

struct session *session_younger(const struct session_table *t, const struct session *s)
{
	return s->by_age.next == &t->by_age ? NULL
	                                    : container_of(s->by_age.next, struct session, by_age);
}
