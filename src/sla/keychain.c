/* SPDX-License-Identifier: Apache-2.0 */
/* Which key counts now: lifetimes include their first instant and exclude their last. */
#include "sla/keychain.h"

#include <stddef.h>

static bool is_alive(const struct key_lifetime *life, wall_t now)
{
	return !life->limited || (now.ns >= life->from.ns && now.ns < life->to.ns);
}

static int64_t began_ns(const struct key_lifetime *life)
{
	return life->limited ? life->from.ns : INT64_MIN;
}

const struct key *keychain_accept(const struct keychain *c, uint16_t id, wall_t now)
{
	for (unsigned i = 0; i < c->count; i++) {
		if (c->keys[i].id == id && is_alive(&c->keys[i].accept, now))
			return &c->keys[i];
	}
	return NULL;
}

const struct key *keychain_send(const struct keychain *c, wall_t now)
{
	const struct key *best = NULL;

	for (unsigned i = 0; i < c->count; i++) {
		const struct key *k = &c->keys[i];

		if (!is_alive(&k->send, now))
			continue;
		if (!best || began_ns(&k->send) > began_ns(&best->send) ||
		    (began_ns(&k->send) == began_ns(&best->send) && k->id < best->id))
			best = k;
	}
	return best;
}
