/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: control v1 requests; what is accepted must be writable again, and an answer is never
 * longer than what provoked it. */
#include "wire/ipsla_v1.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool claim)
{
	if (!claim)
		abort();
}

/* Everything but reserved fields and TLVs that nobody knows survives. */
static void round_trip(const struct ipsla_v1_request *q)
{
	uint8_t once[IPSLA_V1_REQUEST_MAX], twice[IPSLA_V1_REQUEST_MAX];
	struct ipsla_v1_request again;
	ssize_t n = ipsla_v1_request_encode(q, once, sizeof(once));

	check(n > 0);
	check(ipsla_v1_request_decode(once, (size_t)n, (enum inet_family)q->target.family,
	                              &again) == IPSLA_OK);
	check(ipsla_v1_request_encode(&again, twice, sizeof(twice)) == n);
	check(memcmp(once, twice, (size_t)n) == 0);
}

static void answer(const uint8_t *data, size_t size, uint16_t status, enum ipsla_v1_form form)
{
	uint8_t buf[IPSLA_V1_RESPONSE_MAX];
	struct ipsla_v1_response a;
	ssize_t n = ipsla_v1_response_encode(data, size, status, form, buf, sizeof(buf));

	check(n >= 8 && (size_t)n <= size);
	check(ipsla_v1_response_decode(buf, (size_t)n, &a) == 0);
	check(a.sequence == data[1] && a.status == status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipsla_v1_request q;
	enum ipsla_verdict verdict = ipsla_v1_request_decode(data, size, INET_NONE, &q);

	(void)ipsla_is_response_shaped(data, size);
	switch (verdict) {
	case IPSLA_OK:
		check(q.status == IPSLA_STATUS_OK && q.port && q.duration_ms);
		round_trip(&q);
		answer(data, size, IPSLA_STATUS_OK, IPSLA_V1_FORM_NORMAL);
		answer(data, size, IPSLA_STATUS_OK, IPSLA_V1_FORM_WHOLE);
		answer(data, size, IPSLA_STATUS_PORT_IN_USE, IPSLA_V1_FORM_NORMAL);
		break;
	case IPSLA_ANSWER:
		check(q.status == IPSLA_STATUS_FORMAT);
		answer(data, size, q.status, IPSLA_V1_FORM_NORMAL);
		break;
	case IPSLA_DROP:
		break;
	}
	return 0;
}
