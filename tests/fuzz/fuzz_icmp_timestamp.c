/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: ICMP timestamps, and quotes of echo requests.  What is read is written alike. */
#include "wire/icmp_echo.h"
#include "wire/icmp_timestamp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[ICMP_TIMESTAMP_OCTETS];
	struct icmp_timestamp t;
	struct icmp_echo e;

	if (icmp_timestamp_decode(data, size, &t) == 0) {
		if (size < sizeof(again) || icmp_timestamp_encode(&t, again, sizeof(again)) !=
		                                    (ssize_t)ICMP_TIMESTAMP_OCTETS)
			abort();
		if (size == sizeof(again) && memcmp(again, data, sizeof(again)) != 0 &&
		    data[2] != 0xff) /* the two zeros of one's complement */
			abort();
	}
	for (int family = INET_V4; family <= INET_V6; family += INET_V6 - INET_V4) {
		if (icmp_echo_decode_quote(data, size, (enum inet_family)family, &e) == 0 &&
		    (size < ICMP_ECHO_HEADER_OCTETS || e.is_reply))
			abort();
	}
	return 0;
}
