/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: DHCP replies. */
#include "wire/dhcp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dhcp_reply r;

	if (dhcp_reply_decode(data, size, &r) < 0)
		return 0;
	if (r.type == 0 || !inet_addr_is_clean(&r.yours) || !inet_addr_is_clean(&r.server) ||
	    memchr(r.message, '\0', sizeof(r.message)) == NULL)
		abort();
	for (const char *c = r.message; *c; c++) {
		if (*c < 0x20 || *c > 0x7e)
			abort();
	}
	return 0;
}
