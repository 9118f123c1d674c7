/* SPDX-License-Identifier: Apache-2.0 */
/* path-echo: one echo request to each hop towards the target. */
#include "probe/path_probe.h"
#include "probe/path_types.h"
#include "probe/probe_rows.h"

static const struct conf_row rows[] = {
	ROW_SOURCE_IP,     ROW_FREQUENCY,   ROW_REQUEST_SIZE(0, 16384, 28),
	ROW_THRESHOLD,     ROW_TIMEOUT,     ROW_TOS,
	ROW_TRAFFIC_CLASS, ROW_VERIFY_DATA, ROW_SOURCE_INTERFACE,
	ROW_VRF,           ROW_MARK,        ROW_FLOW_LABEL,
	ROW_DISCOVERY,     ROWS_END,
};

const struct probe_type path_echo_type = {
	.name = "path-echo",
	.usage = "path-echo TARGET [options]",
	.id = SLA_PATH_ECHO,
	.target = TARGET_HOST,
	.rows = rows,
	.stats = STATS_HOURS | STATS_HISTORY | STATS_ENHANCED | STATS_PATHS,
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
