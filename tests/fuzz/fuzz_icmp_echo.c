/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: ICMP echo.  The first octet is the family (4 or 6), the rest the message; also as an
 * IPv4 packet with its header. */
#include "wire/icmp_echo.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp_echo e;

	if (size == 0 || (data[0] != INET_V4 && data[0] != INET_V6))
		return 0;
	enum inet_family family = (enum inet_family)data[0];

	data++;
	size--;
	if (icmp_echo_decode(data, size, family, &e) == 0 &&
	    (e.payload_len != size - ICMP_ECHO_HEADER_OCTETS || e.family != family))
		abort();
	ssize_t header = icmp_echo_ipv4_header(data, size);

	if (header < 0)
		return 0;
	if ((size_t)header > size)
		abort();
	if (icmp_echo_decode(data + header, size - (size_t)header, INET_V4, &e) == 0 &&
	    e.payload_len + ICMP_ECHO_HEADER_OCTETS + (size_t)header != size)
		abort();
	return 0;
}
