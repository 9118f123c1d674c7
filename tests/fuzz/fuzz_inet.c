/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: address and prefix text; what is accepted survives printing and reading. */
#include "base/inet.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const struct inet_addr *addr)
{
	char text[INET_TEXT_MAX];
	struct inet_addr again;

	if (inet_addr_parse(inet_addr_format(addr, text), &again) != 0 ||
	    !inet_addr_equal(addr, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inet_prefix prefix;
	struct inet_addr addr;
	char text[256];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (inet_addr_parse(text, &addr) == 0)
		round_trip(&addr);
	if (inet_prefix_parse(text, &prefix) == 0) {
		round_trip(&prefix.addr);
		if (!inet_prefix_contains(&prefix, &prefix.addr))
			abort();
	}
	return 0;
}
