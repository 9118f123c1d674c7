/* SPDX-License-Identifier: Apache-2.0 */
/* The one round trip of a single-packet operation (udp-echo, icmp-echo): its stamps as they come,
 * and the result at the end.  No turnaround can be subtracted: these protocols carry none. */
#ifndef CANDOR_PROBE_ECHO_SAMPLE_H
#define CANDOR_PROBE_ECHO_SAMPLE_H

#include "probe/probe.h"
#include <stdbool.h>

/* A single packet that leaves later than this after its turn is a timer miss. */
#define ECHO_MISS_NS NS_PER_MS

struct echo_sample {
	mono_t due;
	struct stamp user; /* reading before the send */
	struct stamp tx;   /* the kernel's when it came, else the user's */
	uint32_t foreign;  /* datagrams that were no reply */
};

/* The packet that was due at ``due`` went out. */
void echo_sample_sent(struct echo_sample *s, mono_t due, const struct stamp *user);
void echo_sample_stamp(struct echo_sample *s, const struct stamp *kernel);

/* Fill rtt, instrument and sense of ``res`` (from result_begin) for a reply received at ``rx``.
 * When the clock was stepped in between, the stamps are not comparable: the round trip is then
 * taken from monotonic readings in user space, an upper bound, and counted as such. */
void echo_sample_reply(const struct echo_sample *s, const struct op_params *p,
                       const struct stamp *rx, struct sla_result *res);

/* The instrument's part alone, for a run without a reply. */
void echo_sample_silence(const struct echo_sample *s, struct sla_result *res);

#endif
