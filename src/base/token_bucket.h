/* SPDX-License-Identifier: Apache-2.0 */
/* A rate limit in eight octets: the instant at which the bucket will be full again (the virtual
 * scheduling form of the leaky bucket).  All zeroes is a full bucket. */
#ifndef CANDOR_BASE_TOKEN_BUCKET_H
#define CANDOR_BASE_TOKEN_BUCKET_H

#include "base/clocktypes.h"
#include <stdbool.h>
#include <stdint.h>

struct token_bucket {
	boot_t full_at;
};

/* Take one token of a bucket that holds ``burst`` (>= 1) and gains one every ``cost_ns``.
 * False: none left, and nothing was taken. */
static inline bool token_bucket_take_slowly(struct token_bucket *b, boot_t now, int64_t cost_ns,
                                            uint32_t burst)
{
	boot_t from = b->full_at.ns > now.ns ? b->full_at : now;

	if (boot_diff_ns(from, now) > (int64_t)(burst - 1) * cost_ns)
		return false;
	b->full_at = boot_add_ns(from, cost_ns);
	return true;
}

/* The same of a bucket that gains ``per_s`` (>= 1) a second. */
static inline bool token_bucket_take(struct token_bucket *b, boot_t now, uint32_t per_s,
                                     uint32_t burst)
{
	return token_bucket_take_slowly(b, now, NS_PER_S / per_s, burst);
}

#endif
