/* SPDX-License-Identifier: Apache-2.0 */
/* path-jitter: a burst of echo requests to each hop towards the target, or to the target alone. */
#include "probe/path_probe.h"
#include "probe/path_types.h"
#include "probe/probe_rows.h"

#define PACKETS_MAX     100u
#define INTERVAL_MAX_MS 60000u

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,
	{ .keyword = "num-packets",
	  .kind = CK_U32,
	  .unit = U_PKTS,
	  .where = CW_INLINE,
	  .offset = PARAM(num_packets),
	  .min = 1,
	  .max = PACKETS_MAX,
	  .initial = 10,
	  .help = "Packets to each hop",
	  .source = "IOS; rttMonEchoAdminNumPackets" },
	{ .keyword = "interval",
	  .kind = CK_U32,
	  .unit = U_MS,
	  .where = CW_INLINE,
	  .offset = PARAM(interval_ms),
	  .min = 4,
	  .max = INTERVAL_MAX_MS,
	  .initial = 20,
	  .help = "From one packet to the next",
	  .source = "IOS; rttMonEchoAdminInterval" },
	{ .keyword = "targetOnly",
	  .kind = CK_FLAG,
	  .where = CW_INLINE,
	  .offset = PARAM(target_only),
	  .help = "Measure to the target alone, not to the hops",
	  .source = "IOS" },
	ROW_FREQUENCY,
	ROW_REQUEST_SIZE(0, 16384, 28),
	ROW_THRESHOLD,
	ROW_TIMEOUT,
	ROW_TOS,
	ROW_TRAFFIC_CLASS,
	ROW_VERIFY_DATA,
	ROW_SOURCE_INTERFACE,
	ROW_VRF,
	ROW_MARK,
	ROW_FLOW_LABEL,
	ROW_DISCOVERY,
	ROWS_END,
};

const struct probe_type path_jitter_type = {
	.name = "path-jitter",
	.usage = "path-jitter TARGET [options]",
	.id = SLA_PATH_JITTER,
	.target = TARGET_HOST,
	.rows = rows,
	.stats = 0 /* no history, no hourly statistics: as on routers */,
	.state_size = path_state_size,
	.check = path_check,
	.start = path_start,
	.on_sent = path_on_sent,
	.on_packet = path_on_packet,
	.on_connect = probe_no_connect,
	.on_icmp = path_on_icmp,
	.on_error = path_on_error,
	.on_timer = path_on_timer,
	.stop = path_stop,
};
