/* SPDX-License-Identifier: Apache-2.0 */
/* The ftp operation. */
#ifndef CANDOR_PROBE_FTP_PROBE_H
#define CANDOR_PROBE_FTP_PROBE_H

#include "probe/probe.h"

extern const struct probe_type ftp_type;

#endif
