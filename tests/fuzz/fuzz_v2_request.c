/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: control v2 requests with their authentication and answers. */
#include "wire/ipsla_v2_auth.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t secret[] = { 's', 'l', 'a', '-', 'k', 'e', 'y', '-', 's', 'e', 'v', 'e', 'n' };

static void check(bool claim)
{
	if (!claim)
		abort();
}

static void round_trip(const struct ipsla_v2_request *q)
{
	uint8_t once[IPSLA_V2_LONG_OCTETS], twice[IPSLA_V2_LONG_OCTETS];
	struct ipsla_v2_request again;
	ssize_t n = ipsla_v2_request_encode(q, once, sizeof(once));

	check(n == (ssize_t)q->total_length);
	check(ipsla_v2_request_decode(once, (size_t)n, (enum inet_family)q->target.family,
	                              &again) == IPSLA_OK);
	check(ipsla_v2_request_encode(&again, twice, sizeof(twice)) == n);
	check(memcmp(once, twice, (size_t)n) == 0);
}

/* Answer with ``status``; sign where there is a digest, and check what the sender would. */
static void answer(const uint8_t *data, size_t size, const struct ipsla_v2_request *q,
                   struct ipsla_v2_status status)
{
	uint8_t buf[IPSLA_MESSAGE_MAX];
	struct ipsla_v2_answer a = {
		.status = status, .timestamp = 1, .session_id = 2, .target_port = 3
	};
	struct ipsla_v2_response r;
	ssize_t n = ipsla_v2_response_encode(data, size, q, &a, buf, sizeof(buf));

	check(n > 0 && (size_t)n <= size);
	if (q->has_auth && q->mode != IPSLA_V2_MODE_NONE) {
		check(ipsla_v2_sign(buf, (size_t)n, secret, sizeof(secret)) == 0);
		check(ipsla_v2_verify(buf, (size_t)n, secret, sizeof(secret)) == 0);
		if (status.header)
			check(ipsla_v2_request_verify(buf, (size_t)n, secret, sizeof(secret)) < 0);
	}
	if (status.header == 0 || q->udp_at)
		check(ipsla_v2_response_decode(buf, (size_t)n, &r) == 0 &&
		      r.sequence == q->sequence && r.header_status == status.header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipsla_v2_request q;
	enum ipsla_verdict verdict = ipsla_v2_request_decode(data, size, INET_NONE, &q);

	(void)ipsla_is_response_shaped(data, size);
	if (ipsla_v2_request_verify(data, size, secret, sizeof(secret)) == 0)
		check(verdict != IPSLA_DROP && q.has_auth && q.mode != IPSLA_V2_MODE_NONE);
	switch (verdict) {
	case IPSLA_OK:
		check(q.has_auth && q.udp_at && q.duration_ms);
		round_trip(&q);
		answer(data, size, &q, (struct ipsla_v2_status) { 0 });
		answer(data, size, &q, ipsla_v2_refuse_udp(&q, IPSLA_STATUS_PORT_IN_USE));
		break;
	case IPSLA_ANSWER:
		check(q.refusal.header == IPSLA_STATUS_FORMAT);
		answer(data, size, &q, q.refusal);
		break;
	case IPSLA_DROP:
		return 0;
	}
	answer(data, size, &q, ipsla_v2_refuse_auth(&q));
	return 0;
}
