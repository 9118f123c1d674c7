/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory the host can still give. */
#ifndef CANDOR_IO_MEMORY_H
#define CANDOR_IO_MEMORY_H

#include "base/cleanup.h"
#include <stddef.h>
#include <stdint.h>

/* MemAvailable of /proc/meminfo, in octets (proc_meminfo(5)).  0 or -errno. */
NODISCARD int memory_available(uint64_t *ret_bytes);

/* The same from a text of that file; -EBADMSG when it does not say. */
NODISCARD int memory_available_parse(const char *text, uint64_t *ret_bytes);

#endif
