/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: control v1 responses, and message lengths on a stream. */
#include "wire/ipsla_v1.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipsla_v1_response a;
	size_t len;

	if (ipsla_v1_response_decode(data, size, &a) == 0 &&
	    (size < 8 || a.sequence != data[1] || a.status > IPSLA_STATUS_PORT_IN_USE))
		abort();
	if (ipsla_message_length(data, size, &len) == 0 && (len < 8 || len > IPSLA_MESSAGE_MAX))
		abort();
	return 0;
}
