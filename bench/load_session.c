/* SPDX-License-Identifier: Apache-2.0 */
/* Control exchanges of both versions, and the probes that follow them. */
#include "load_session.h"

#include "io/sockaddr.h"
#include "wire/ipsla_probe.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define TRIES       3
#define TRY_MS      1000
#define DURATION_MS 65535

enum load_probe load_probe_named(const char *name)
{
	static const char *const names[LOAD_PROBES] = { "plain", "echo", "jitter", "jitter3",
		                                        "v2" };
	enum load_probe found = LOAD_PLAIN;

	while (found < LOAD_PROBES && strcmp(names[found], name) != 0)
		found++;
	return found;
}

static ssize_t encode_v1(int fd, enum load_probe probe, const struct sockaddr_in *target,
                         uint8_t *to, size_t cap)
{
	const struct ipsla_v1_request request = {
		.sequence = (uint8_t)fd,
		.command = probe == LOAD_ECHO ? IPSLA_V1_UDP_ECHO : IPSLA_V1_UDP_JITTER,
		.target = inet_addr_from_in(&target->sin_addr),
		.port = ntohs(target->sin_port),
		.duration_ms = DURATION_MS,
		.has_auth = true,
	};

	return ipsla_v1_request_encode(&request, to, cap);
}

static ssize_t encode_v2(int fd, const struct sockaddr_in *target, uint8_t *to, size_t cap)
{
	struct sockaddr_in own = { 0 };
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return -1;
	const struct inet_addr from = inet_addr_from_in(&own.sin_addr);
	const struct inet_addr there = inet_addr_from_in(&target->sin_addr);
	const struct ipsla_v2_request request = {
		.sequence = (uint32_t)fd,
		.role = IPSLA_V2_ROLE_SENDER,
		.control_source = from,
		.control_target = there,
		.source = from,
		.target = there,
		.control_source_port = ntohs(own.sin_port),
		.source_port = ntohs(own.sin_port),
		.target_port = ntohs(target->sin_port),
		.duration_ms = DURATION_MS,
	};

	return ipsla_v2_request_encode(&request, to, cap);
}

static bool is_granted(int fd, enum load_probe probe, const uint8_t *answer, size_t len)
{
	struct ipsla_v1_response v1;
	struct ipsla_v2_response v2;

	if (probe == LOAD_V2)
		return ipsla_v2_response_decode(answer, len, &v2) == 0 &&
		       v2.sequence == (uint32_t)fd && ipsla_v2_response_status(&v2) == 0;
	return ipsla_v1_response_decode(answer, len, &v1) == 0 && v1.sequence == (uint8_t)fd &&
	       v1.status == 0;
}

bool load_session_open(int fd, enum load_probe probe, const struct sockaddr_in *target)
{
	struct sockaddr_in control = *target;
	uint8_t out[IPSLA_MESSAGE_MAX], in[IPSLA_MESSAGE_MAX];
	ssize_t len = probe == LOAD_V2 ? encode_v2(fd, target, out, sizeof(out))
	                               : encode_v1(fd, probe, target, out, sizeof(out));

	control.sin_port = htons(probe == LOAD_V2 ? IPSLA_V2_PORT : IPSLA_V1_PORT);
	for (int tries = 0; tries < TRIES && len > 0; tries++) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };

		if (sendto(fd, out, (size_t)len, 0, (struct sockaddr *)&control, sizeof(control)) <
		    0)
			return false;
		if (poll(&pfd, 1, TRY_MS) != 1)
			continue;
		ssize_t n = recv(fd, in, sizeof(in), 0);

		if (n > 0 && is_granted(fd, probe, in, (size_t)n))
			return true;
	}
	return false;
}

ssize_t load_probe_encode(enum load_probe probe, uint16_t number, uint8_t *buf, size_t cap)
{
	const struct ipsla_probe_ms ms = { .sequence = number };
	const struct ipsla_probe_ntp ntp = { .sequence = number };

	switch (probe) {
	case LOAD_JITTER:
		return ipsla_probe_ms_encode(&ms, buf, cap);
	case LOAD_JITTER3:
		return ipsla_probe_ntp_encode(&ntp, IPSLA_TAIL_16, buf, cap);
	case LOAD_V2:
		return ipsla_probe_ntp_encode(&ntp, IPSLA_TAIL_32, buf, cap);
	case LOAD_PLAIN:
	case LOAD_ECHO:
	case LOAD_PROBES:
		break;
	}
	return ipsla_probe_echo_encode(buf, cap);
}
