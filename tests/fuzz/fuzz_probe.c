/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: probes.  The first octet chooses the kind of session, the rest is the probe. */
#include "wire/ipsla_probe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

/* Headers that are read are written back as they were. */
static void round_trip(const uint8_t *probe, size_t len, enum ipsla_tail tail)
{
	uint8_t head[IPSLA_PROBE_NTP32_OCTETS];
	struct ipsla_probe_ms ms;
	struct ipsla_probe_ntp ntp;
	int64_t ns;

	if (ipsla_probe_ms_decode(probe, len, &ms) == 0) {
		check(ipsla_probe_ms_encode(&ms, head, sizeof(head)) == IPSLA_PROBE_MS_OCTETS);
		check(memcmp(head, probe, IPSLA_PROBE_MS_OCTETS) == 0);
	}
	if (ipsla_probe_ntp_decode(probe, len, tail, &ntp) == 0) {
		ssize_t n = ipsla_probe_ntp_encode(&ntp, tail, head, sizeof(head));

		check(n > 0 && memcmp(head, probe, (size_t)n) == 0);
		if (ipsla_offset_to_ns(ntp.sender_offset, &ns))
			check(ns >= 0);
	}
}

/* Reflect a copy; whatever its fields were, the reply is no probe for a second responder. */
static void reflect(const uint8_t *probe, size_t len, enum ipsla_kind kind)
{
	struct ipsla_reflection r = { { INT64_C(1800000000123456789) },
		                      { INT64_C(1800000000123956789) },
		                      IPSLA_OFFSET_UNKNOWN,
		                      7 };
	uint8_t *copy = malloc(len ? len : 1);

	check(copy != NULL);
	if (len)
		memcpy(copy, probe, len);
	bool judged_ok = ipsla_probe_judge(copy, len, kind) == IPSLA_PROBE_OK;

	check((ipsla_probe_reflect(copy, len, kind, &r) == 0) == judged_ok);
	if (!judged_ok || kind == IPSLA_KIND_UDP_ECHO)
		check(len == 0 || memcmp(copy, probe, len) == 0);
	else
		check(ipsla_probe_judge(copy, len, kind) == IPSLA_PROBE_FILLED);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || data[0] > IPSLA_KIND_UDP_MEASUREMENT)
		return 0;
	enum ipsla_kind kind = (enum ipsla_kind)data[0];

	round_trip(data + 1, size - 1,
	           kind == IPSLA_KIND_UDP_MEASUREMENT ? IPSLA_TAIL_32 : IPSLA_TAIL_16);
	reflect(data + 1, size - 1, kind);
	(void)ipsla_probe_sequence(data + 1, size - 1, kind);
	(void)ipsla_fill_matches(data + 1, size - 1, IPSLA_FILL_DEFAULT);
	return 0;
}
