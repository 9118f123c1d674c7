/* SPDX-License-Identifier: Apache-2.0 */
/* What a path operation finds: the hops towards a target, and round trips to each. */
#ifndef CANDOR_SLA_PATH_H
#define CANDOR_SLA_PATH_H

#include "base/inet.h"
#include "sla/sum_stats.h"
#include <stdbool.h>
#include <stdint.h>

#define PATH_HOPS_MAX 30 /* IOS: hops-of-statistics-kept */

/* How the search for hops ended. */
enum path_outcome {
	PATH_REACHED,     /* the last hop is the target */
	PATH_TOO_LONG,    /* not found within the hops that are looked for */
	PATH_UNREACHABLE, /* the last hop says that the target cannot be reached */
	PATH_LOOP,        /* the last hop was there before */
	PATH_NOT_TRIED,   /* nothing could be sent */
};

const char *path_outcome_name(uint8_t outcome); /* snake_case */

struct path_hop {
	struct inet_addr addr;    /* family none: nobody answered */
	uint8_t sense;            /* enum sla_sense of its echoes; OTHER: none were sent */
	uint16_t sent;            /* echo requests */
	uint16_t out_of_sequence; /* replies that came after that of a later request */
	uint16_t
	        discarded; /* replies whose time cannot be used: late, changed, the clock was stepped */
	struct sum_stats rtt; /* of the replies that count */
	struct sum_stats
	        jitter; /* |difference| of neighbours; those without one are not counted, as in IOS */
};

struct path_result {
	uint8_t outcome;                     /* enum path_outcome */
	uint8_t hop_count;                   /* hop limits that were tried: 0 .. PATH_HOPS_MAX */
	uint8_t icmp_type, code;             /* PATH_UNREACHABLE: what the last hop said */
	struct path_hop hops[PATH_HOPS_MAX]; /* by hop limit, from 1 */
};

/* The target's own hop, or NULL when it was not found. */
const struct path_hop *path_target(const struct path_result *p);

/* Octets that mean something: cut off behind the hops that are used. */
size_t path_result_size(const struct path_result *p);

#endif
