/* SPDX-License-Identifier: Apache-2.0 */
/* What signed requests were accepted lately, so that none is accepted twice.  One ring of
 * REPLAY_PER_KEY entries a key id, all allocated at creation; a lookup is one keyed hash.
 *
 * An entry is recognised by its random number (RFC 6812: unique over the life of the secret), or,
 * when a request has none, by its digest.  When an entry with a time stamp has to give way to a
 * newer one, requests of that key that are not newer than it are refused from then on, so that a
 * full ring never opens a window.  An entry without a time stamp is forgotten: after REPLAY_PER_KEY
 * newer requests such a one could be replayed, which is why senders should use time stamps. */
#ifndef CANDOR_RESPONDER_REPLAY_CACHE_H
#define CANDOR_RESPONDER_REPLAY_CACHE_H

#include "base/siphash.h"
#include <stdbool.h>
#include <stdint.h>

#define REPLAY_PER_KEY      8192u
#define REPLAY_TOKEN_OCTETS 16u

struct keychain;
struct replay_cache;

struct replay_cache *replay_cache_new(const struct siphash_key *seed); /* never NULL */
void replay_cache_free(struct replay_cache *c);

/* Forget the keys that the chain (NULL: none) no longer has. */
void replay_cache_keep(struct replay_cache *c, const struct keychain *chain);

/* Was this accepted before?  ``ntp``: the request's time stamp, 0 when it has none.
 * A key id not seen before knows nothing. */
bool replay_cache_has(const struct replay_cache *c, uint16_t key_id,
                      const uint8_t token[REPLAY_TOKEN_OCTETS], uint64_t ntp);

/* Accepted now.  A key id beyond KEYCHAIN_KEYS_MAX different ones is a bug of the caller. */
void replay_cache_add(struct replay_cache *c, uint16_t key_id,
                      const uint8_t token[REPLAY_TOKEN_OCTETS], uint64_t ntp);

#endif
