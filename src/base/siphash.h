/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash of short inputs, for tables whose keys a
 * stranger chooses and for numbers that he must not guess.  The key is random and never leaves the
 * process. */
#ifndef CANDOR_BASE_SIPHASH_H
#define CANDOR_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);

#endif
