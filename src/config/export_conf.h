/* SPDX-License-Identifier: Apache-2.0 */
/* `metrics` and `result-log`: what this node hands to other systems, and to whom. */
#ifndef CANDOR_CONFIG_EXPORT_CONF_H
#define CANDOR_CONFIG_EXPORT_CONF_H

#include "base/inet.h"
#include "sla/access_list.h"
#include <stdbool.h>
#include <stdint.h>

#define METRICS_OPERATIONS     10000u /* shown on the page, unless configured */
#define METRICS_OPERATIONS_MAX 1000000u
#define RESULT_LOG_MB          64u
#define RESULT_LOG_MB_MAX      10240u
#define RESULT_LOG_FILES       5u
#define RESULT_LOG_FILES_MAX   100u

struct metrics_conf { /* metrics listen A port P [access-list L] */
	bool enabled;
	struct inet_addr address; /* unspecified: every address of its family */
	uint16_t port;            /* 1024 .. 65535 */
	const char *access_list;  /* NULL: everybody who gets there */
	struct access_list rules; /* of that list; count 0 and ``access_list``: nobody */
	uint32_t max_operations;  /* metrics max-operations N */
};

struct result_log_conf { /* result-log file [max-size MB] [files N] */
	bool enabled;
	uint32_t max_mb; /* of one file */
	uint32_t files;  /* that are kept, with the one that is written */
};

struct export_conf {
	struct metrics_conf metrics;
	struct result_log_conf result_log;
};

#endif
