/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: control v2 responses; a success is complete. */
#include "wire/ipsla_v2_auth.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[] = { 1, 2, 3 };
	struct ipsla_v2_response r;

	if (ipsla_v2_verify(data, size, secret, sizeof(secret)) == 0)
		abort(); /* nobody signed with this secret */
	if (ipsla_v2_response_decode(data, size, &r) < 0)
		return 0;
	if (r.total_length > size || (!r.header_status && !(r.has_auth && r.has_udp)))
		abort();
	if (!ipsla_v2_response_status(&r) && (r.header_status || r.udp_status || r.auth_status))
		abort();
	return 0;
}
