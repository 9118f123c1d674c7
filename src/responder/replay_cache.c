/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of accepted requests. */
#include "responder/replay_cache.h"

#include "base/xalloc.h"
#include "sla/keychain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct replay_entry {
	uint8_t token[REPLAY_TOKEN_OCTETS];
	uint64_t ntp;
	uint32_t hash_next; /* index + 1, 0 for none */
};

struct replay_ring {
	bool is_used;
	bool has_floor;
	uint16_t key_id;
	uint64_t floor_ntp; /* newest time stamp that was forgotten */
	uint32_t count, oldest;
	uint32_t head[REPLAY_PER_KEY]; /* hash: index + 1, 0 for none */
	struct replay_entry entries[REPLAY_PER_KEY];
};

struct replay_cache {
	struct siphash_key seed;
	struct replay_ring *rings; /* [KEYCHAIN_KEYS_MAX] */
};

struct replay_cache *replay_cache_new(const struct siphash_key *seed)
{
	struct replay_cache *c = xcalloc(1, sizeof(*c));

	c->seed = *seed;
	c->rings = xcalloc(KEYCHAIN_KEYS_MAX, sizeof(*c->rings));
	return c;
}

void replay_cache_free(struct replay_cache *c)
{
	if (!c)
		return;
	free(c->rings);
	free(c);
}

static struct replay_ring *ring_of(const struct replay_cache *c, uint16_t key_id)
{
	for (unsigned i = 0; i < KEYCHAIN_KEYS_MAX; i++) {
		if (c->rings[i].is_used && c->rings[i].key_id == key_id)
			return &c->rings[i];
	}
	return NULL;
}

void replay_cache_keep(struct replay_cache *c, const struct keychain *chain)
{
	for (unsigned i = 0; i < KEYCHAIN_KEYS_MAX; i++) {
		struct replay_ring *ring = &c->rings[i];
		bool keep = false;

		for (unsigned k = 0; chain && k < chain->count; k++)
			keep = keep || chain->keys[k].id == ring->key_id;
		if (ring->is_used && !keep)
			memset(ring, 0, sizeof(*ring));
	}
}

static uint32_t bucket_of(const struct replay_cache *c, const uint8_t *token)
{
	return (uint32_t)(siphash(&c->seed, token, REPLAY_TOKEN_OCTETS) % REPLAY_PER_KEY);
}

/* Not later than ``b``, eras folded: NTP time stamps wrap every 136 years. */
static bool ntp_at_or_before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) <= 0;
}

bool replay_cache_has(const struct replay_cache *c, uint16_t key_id,
                      const uint8_t token[REPLAY_TOKEN_OCTETS], uint64_t ntp)
{
	const struct replay_ring *ring = ring_of(c, key_id);

	if (!ring)
		return false;
	if (ntp && ring->has_floor && ntp_at_or_before(ntp, ring->floor_ntp))
		return true;
	for (uint32_t i = ring->head[bucket_of(c, token)]; i; i = ring->entries[i - 1].hash_next) {
		if (memcmp(ring->entries[i - 1].token, token, REPLAY_TOKEN_OCTETS) == 0)
			return true;
	}
	return false;
}

static void forget_oldest(const struct replay_cache *c, struct replay_ring *ring)
{
	struct replay_entry *old = &ring->entries[ring->oldest];
	uint32_t *at = &ring->head[bucket_of(c, old->token)];

	while (*at != ring->oldest + 1)
		at = &ring->entries[*at - 1].hash_next;
	*at = old->hash_next;
	if (old->ntp && (!ring->has_floor || ntp_at_or_before(ring->floor_ntp, old->ntp))) {
		ring->has_floor = true;
		ring->floor_ntp = old->ntp;
	}
	ring->oldest = (ring->oldest + 1) % REPLAY_PER_KEY;
	ring->count--;
}

void replay_cache_add(struct replay_cache *c, uint16_t key_id,
                      const uint8_t token[REPLAY_TOKEN_OCTETS], uint64_t ntp)
{
	struct replay_ring *ring = ring_of(c, key_id);

	for (unsigned i = 0; !ring && i < KEYCHAIN_KEYS_MAX; i++) {
		if (!c->rings[i].is_used)
			ring = &c->rings[i];
	}
	assert(ring);
	ring->is_used = true;
	ring->key_id = key_id;
	if (ring->count == REPLAY_PER_KEY)
		forget_oldest(c, ring);
	uint32_t place = (ring->oldest + ring->count++) % REPLAY_PER_KEY;
	struct replay_entry *entry = &ring->entries[place];
	uint32_t *head = &ring->head[bucket_of(c, token)];

	memcpy(entry->token, token, REPLAY_TOKEN_OCTETS);
	entry->ntp = ntp;
	entry->hash_next = *head;
	*head = place + 1;
}
