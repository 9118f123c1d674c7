/* SPDX-License-Identifier: Apache-2.0 */
/* Octets written as hexadecimal digits, as keys are. */
#ifndef CANDOR_BASE_HEX_H
#define CANDOR_BASE_HEX_H

#include "base/cleanup.h"
#include <stddef.h>
#include <stdint.h>

/* The ``len`` digits at ``text``, of either case, as octets: how many, or -EINVAL (something else, an odd number,
 * more than ``cap`` octets; what ``to`` holds is undefined then). */
NODISCARD int hex_parse(const char *text, size_t len, uint8_t *to, size_t cap);

#endif
