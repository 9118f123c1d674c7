/* SPDX-License-Identifier: Apache-2.0 */
/* The path emulator's little language: one line changes the rules of one direction or of both.  The
 * same lines stand on the command line and come in on standard input while it runs.
 *
 *	ab|ba|both delay 10ms            ab|ba|both jitter 2ms [uniform|normal|pareto]
 *	… order keep|free                … loss PICK | loss burst TO-BAD% TO-GOOD% [BAD% [GOOD%]]
 *	… dup PICK                       … reorder PICK [gap N]
 *	… corrupt PICK [at OCTET] [repair]
 *	… rate BITS-PER-SECOND [queue OCTETS] [burst OCTETS]      (k, m, g suffixes; off)
 *	… match TERM,TERM…               TERM: [!]udp|tcp|icmp|any[/PORT[-PORT]]
 *	… cut | mend | clear             seed N | reset
 *
 * PICK is off, N% , every N [from M], or list A,B-C,…; matching frames count from 1. */
#ifndef CANDOR_LAB_PATHEMU_WORDS_H
#define CANDOR_LAB_PATHEMU_WORDS_H

#include "base/diag.h"
#include "pathemu_rules.h"

#define DIRECTIONS 2 /* 0: ab, 1: ba */

struct path_settings {
	struct path_rules rules[DIRECTIONS];
	struct path_state state[DIRECTIONS];
};

/* No rules: every frame passes at once. */
void path_settings_init(struct path_settings *p, uint64_t seed);

/* Carry out one line.  0; -EINVAL with a sentence in ``d`` (nothing is changed then); -ENOENT when
 * the line's first word is none of ours. */
NODISCARD int path_settings_apply(struct path_settings *p, const char *line, struct diag *d);

#endif
