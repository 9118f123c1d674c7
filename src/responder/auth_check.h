/* SPDX-License-Identifier: Apache-2.0 */
/* Is a control request authentic and fresh?  RFC 6812 section 3.1.2 with a key chain.  Pure: the
 * replay cache is an argument.
 *
 * Policy.  Without a key chain nothing is asked of mode 0 and of version 1, and a signed request is
 * refused (we know no key of it).  With one: a request signed with an accepted key in a mode not
 * below that key's algorithm passes; mode 0 passes only when authentication is not required;
 * version 1 passes only when authentication is not required and its authentication TLV is empty,
 * because nobody has published how to verify it.
 *
 * Replay.  A time stamp must lie within the window around our clock; a random number (or, without
 * one, the digest) must be new.  A signed request with neither random number nor time stamp is
 * refused while the check is on: nothing would tell a replay of it from the original once the cache
 * has moved on, and a sender who is serious about signing can send either. */
#ifndef CANDOR_RESPONDER_AUTH_CHECK_H
#define CANDOR_RESPONDER_AUTH_CHECK_H

#include "responder/replay_cache.h"
#include "responder/responder_cfg.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"

enum auth_result {
	AUTH_OPEN,    /* passes unsigned */
	AUTH_SIGNED,  /* passes; answers are signed with the same key and mode */
	AUTH_REFUSED, /* status 2, answer not signed */
};

bool auth_v1_passes(const struct responder_cfg *cfg, const struct ipsla_v1_request *r);

/* ``r`` is the decoded form of ``msg`` and has_auth.  *ret_key is written for AUTH_SIGNED. */
enum auth_result auth_v2_check(const struct responder_cfg *cfg, const uint8_t *msg, size_t len,
                               const struct ipsla_v2_request *r, wall_t now,
                               const struct key **ret_key);

/* Of a request that is AUTH_SIGNED: must it be refused as old or seen? */
bool auth_v2_is_replay(const struct responder_cfg *cfg, const struct replay_cache *cache,
                       const struct ipsla_v2_request *r, wall_t now);

/* An AUTH_SIGNED request was acted upon. */
void auth_v2_remember(struct replay_cache *cache, const struct ipsla_v2_request *r);

#endif
