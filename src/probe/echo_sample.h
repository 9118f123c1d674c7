/* SPDX-License-Identifier: Apache-2.0 */
/* The one round trip of a single-packet operation (udp-echo, icmp-echo): its stamps as they come,
 * and the result at the end.  No turnaround can be subtracted: these protocols carry none. */
#ifndef CANDOR_PROBE_ECHO_SAMPLE_H
#define CANDOR_PROBE_ECHO_SAMPLE_H

#include "probe/probe.h"
#include <stdbool.h>

/* How long a flow waits for a reply that is late, if the operation does not run again before. */
#define ECHO_LINGER_NS (60 * NS_PER_S)

/* A single packet that leaves later than this after its turn is a timer miss. */
#define ECHO_MISS_NS NS_PER_MS

struct echo_sample {
	mono_t due;
	struct stamp user; /* reading before the send */
	struct stamp tx;   /* the kernel's when it came, else the user's */
	uint32_t foreign;  /* datagrams that were no reply */
};

/* The request that ran into its timeout last, while its reply may still come.  Zeroed at creation, kept from run
 * to run. */
struct echo_late {
	struct probe_flow *flow; /* NULL: no reply is waited for */
	uint32_t replies;        /* that came late and that no result has told yet */
};

/* Take over ``flow`` of a run that ends with a timeout; ``timer`` is armed until the wait is over. */
void echo_late_wait(struct echo_late *l, struct op *op, struct probe_io *io,
                    struct probe_flow *flow, unsigned timer);
/* The wait is over: at the timer, the next start, or the end of the operation. */
void echo_late_end(struct echo_late *l, struct op *op, struct probe_io *io, unsigned timer);
/* The reply came: count it, once, and wait no longer. */
void echo_late_reply(struct echo_late *l, struct op *op, struct probe_io *io, unsigned timer);
/* Into ``res``, which is the next one. */
void echo_late_tell(struct echo_late *l, struct sla_result *res);

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
