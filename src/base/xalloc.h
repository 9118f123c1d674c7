/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation for the control plane: out of memory ends the process, with a line that says so.
 * Whatever a peer can size uses plain calloc and checks. */
#ifndef CANDOR_BASE_XALLOC_H
#define CANDOR_BASE_XALLOC_H

#include <stddef.h>

void *xcalloc(size_t count, size_t size);             /* zeroed; never NULL */
void *xrealloc(void *old, size_t count, size_t size); /* never NULL; aborts on overflow */

#endif
