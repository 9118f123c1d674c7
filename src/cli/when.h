/* SPDX-License-Identifier: Apache-2.0 */
/* Instants as people type them. */
#ifndef CANDOR_CLI_WHEN_H
#define CANDOR_CLI_WHEN_H

#include "base/cleanup.h"
#include <stdint.h>

/* "now", "+90s", "+30m", "+2h", "+1d" (from ``base_ns`` on), "22:00" (the next one), "2026-12-01" or
 * "2026-12-01T22:00[:30]" of the local time zone, with "Z" behind it of UTC.  ``now_ns`` and the result:
 * ns since 1970 UTC.  0, or -EINVAL. */
NODISCARD int when_parse(const char *text, int64_t now_ns, int64_t base_ns, int64_t *ret_ns);

#endif
