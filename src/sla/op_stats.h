/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is kept of the past of one operation: hourly groups, enhanced history, samples
 * (sla/stats_conf.h says what each is).
 *
 * A group opens when the operation becomes active and every 3600 s after that, whatever the time of the
 * day (clearing statistics does not move that raster); the newest ``hours`` stay, the others are dropped.  Buckets of the enhanced history follow each
 * other in the same way, but when all are used nothing more is collected.  Both move on when a run
 * ends: an operation that has stopped keeps what it has.
 * Memory is taken at first need, from xalloc; nothing is when nothing is to be kept. */
#ifndef CANDOR_SLA_OP_STATS_H
#define CANDOR_SLA_OP_STATS_H

#include "sla/history.h"
#include "sla/stats_group.h"

#define STATS_HOUR_NS (3600 * NS_PER_S)

/* When the operation became active the last time. */
struct stats_life {
	uint32_t number; /* counts activations; 0: never was active */
	mono_t at;
};

/* Groups that follow each other without a gap. */
struct stats_row {
	uint32_t life; /* of the newest group; meaningless while empty */
	uint32_t count;
	struct stats_group **groups; /* the oldest first */
};

struct op_stats {
	struct stats_row hours, enhanced;
	struct history history;
	uint32_t enhanced_missed; /* runs that came when the enhanced history was full */
};

/* Take a run that ended at ``now``, or an entry for runs that did not begin.  ``use``: bits of enum
 * stats_use of the type.  *s (NULL: none yet) is made when something is to be kept, and gone when
 * nothing is any more. */
void op_stats_take(struct op_stats **s, const struct stats_conf *c, unsigned use,
                   const struct stats_life *life, const struct sla_result *r, mono_t now);
void op_stats_free(struct op_stats *s); /* NULL is fine */

#endif
