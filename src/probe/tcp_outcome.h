/* SPDX-License-Identifier: Apache-2.0 */
/* Why a TCP connection did not come about, in the words that all types use. */
#ifndef CANDOR_PROBE_TCP_OUTCOME_H
#define CANDOR_PROBE_TCP_OUTCOME_H

#include "base/inet.h"
#include "sla/result.h"

/* ``error``: -errno of on_connect; -ETIMEDOUT: silence. */
void tcp_failure_text(const struct inet_endpoint *peer, int error,
                      char detail[static SLA_DETAIL_MAX]);

#endif
