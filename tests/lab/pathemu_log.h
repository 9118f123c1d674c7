/* SPDX-License-Identifier: Apache-2.0 */
/* The path emulator's log, the truth of the lab tests: one JSON object a line for every frame that
 * left or was dropped (a duplicate has a line of its own).  docs: tests/lab/README.md. */
#ifndef CANDOR_LAB_PATHEMU_LOG_H
#define CANDOR_LAB_PATHEMU_LOG_H

#include "pathemu_rules.h"
#include <stdio.h>

#define LOG_DATA_MAX 64 /* leading payload octets kept, for matching a line with a probe */

/* All that is said about one frame. */
struct log_entry {
	uint32_t direction;
	uint32_t copy; /* 0, 1 for the duplicate */
	struct verdict verdict;
	struct frame_info info;
	const char *lost; /* why it did not leave, when no rule says so: NULL or a word */
	bool did_corrupt, late_order; /* changed; released behind later frames */
	bool csum_completed;          /* came with a partial checksum */
	int64_t in_ns, out_ns;        /* kernel stamps, CLOCK_REALTIME; 0: none */
	bool in_is_kernel, out_is_kernel;
	uint32_t data_len;
	uint8_t data[LOG_DATA_MAX];
};

void log_entry_write(FILE *to, const struct log_entry *e);

#endif
