/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the control protocol: a chain of numbered secrets with lifetimes, so that both ends roll
 * over without a gap (IOS `key chain`, RFC 6812 section 3.1.2).  Pure. */
#ifndef CANDOR_SLA_KEYCHAIN_H
#define CANDOR_SLA_KEYCHAIN_H

#include "base/clocktypes.h"
#include <stdbool.h>
#include <stdint.h>

#define KEYCHAIN_KEYS_MAX   16
#define KEYCHAIN_SECRET_MAX 48 /* octets of a key string */

enum key_algorithm {
	KEY_ALGORITHM_NONE = 0,
	KEY_ALGORITHM_SHA256 = 1,      /* RFC 6812 mode 1 */
	KEY_ALGORITHM_HMAC_SHA256 = 2, /* mode 2; the default */
};

struct key_lifetime {
	bool limited; /* false: always valid */
	wall_t from, to;
};

struct key {
	uint16_t id;
	uint8_t algorithm; /* enum key_algorithm: what we send; any mode >= policy is accepted */
	uint8_t secret_len;
	uint8_t secret[KEYCHAIN_SECRET_MAX];
	struct key_lifetime accept, send;
};

struct keychain {
	char name[64];
	uint8_t count;
	struct key keys[KEYCHAIN_KEYS_MAX];
};

/* The key with this id that may be accepted at ``now``, or NULL. */
const struct key *keychain_accept(const struct keychain *c, uint16_t id, wall_t now);

/* The key to sign with at ``now``: of the valid ones the one whose send lifetime began last (lowest
 * id first among equals), or NULL. */
const struct key *keychain_send(const struct keychain *c, wall_t now);

#endif
