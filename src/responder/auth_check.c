/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication and freshness of control requests. */
#include "responder/auth_check.h"

#include "wire/ipsla_v2_auth.h"

#include <assert.h>

static bool all_zero(const uint8_t *p, size_t len)
{
	uint8_t seen = 0;

	for (size_t i = 0; i < len; i++)
		seen |= p[i];
	return seen == 0;
}

bool auth_v1_passes(const struct responder_cfg *cfg, const struct ipsla_v1_request *r)
{
	if (!cfg->has_keychain)
		return true;
	return !cfg->require_auth && (!r->has_auth || all_zero(r->auth, sizeof(r->auth)));
}

enum auth_result auth_v2_check(const struct responder_cfg *cfg, const uint8_t *msg, size_t len,
                               const struct ipsla_v2_request *r, wall_t now,
                               const struct key **ret_key)
{
	if (r->mode == IPSLA_V2_MODE_NONE)
		return cfg->has_keychain && cfg->require_auth ? AUTH_REFUSED : AUTH_OPEN;
	const struct key *key =
	        cfg->has_keychain ? keychain_accept(&cfg->keychain, r->key_id, now) : NULL;

	if (!key || r->mode < key->algorithm || !r->is_long)
		return AUTH_REFUSED;
	if (ipsla_v2_request_verify(msg, len, key->secret, key->secret_len) < 0)
		return AUTH_REFUSED;
	*ret_key = key;
	return AUTH_SIGNED;
}

/* What a replay would share with the original. */
static const uint8_t *token_of(const struct ipsla_v2_request *r)
{
	static_assert(REPLAY_TOKEN_OCTETS == IPSLA_V2_RANDOM_OCTETS &&
	                      REPLAY_TOKEN_OCTETS <= IPSLA_V2_DIGEST_OCTETS,
	              "a token is a random number or the start of a digest");
	return all_zero(r->random, sizeof(r->random)) ? r->digest : r->random;
}

bool auth_v2_is_replay(const struct responder_cfg *cfg, const struct replay_cache *cache,
                       const struct ipsla_v2_request *r, wall_t now)
{
	if (!cfg->replay_check)
		return false;
	if (r->timestamp) {
		int64_t off_ns = wall_diff_ns(wall_from_ntp64(r->timestamp, now), now);
		int64_t window_ns = (int64_t)cfg->replay_window_s * NS_PER_S;

		if (off_ns > window_ns || off_ns < -window_ns)
			return true;
	} else if (all_zero(r->random, sizeof(r->random))) {
		return true;
	}
	return replay_cache_has(cache, r->key_id, token_of(r), r->timestamp);
}

void auth_v2_remember(struct replay_cache *cache, const struct ipsla_v2_request *r)
{
	replay_cache_add(cache, r->key_id, token_of(r), r->timestamp);
}
