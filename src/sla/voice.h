/* SPDX-License-Identifier: Apache-2.0 */
/* Voice score of a codec jitter run: ICPIF (ITU-T G.113) and an estimate of MOS.  The exact curve
 * of routers is not published; ours is documented in docs/compatibility.md as within 0.1 of the
 * points that are known. */
#ifndef CANDOR_SLA_VOICE_H
#define CANDOR_SLA_VOICE_H

#include "sla/operation.h"
#include <stdint.h>

struct voice_score {
	uint8_t icpif;      /* 0-93 */
	uint16_t mos_centi; /* 100-500, or 0: no score */
};

/* ``rtt_avg_ns`` >= 0; ``lost`` of ``sent`` packets (loss >= 10 % gives 93 and 1.00); codec NONE or
 * sent == 0 gives 0 and 0. */
struct voice_score voice_score(enum sla_codec codec, int64_t rtt_avg_ns, uint32_t lost,
                               uint32_t sent, uint8_t advantage_factor);

#endif
