/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication of IP SLA control version 2 (RFC 6812 section 3.1.3): the digest covers the whole
 * message, exactly Total-Length octets, with the 32 digest octets zeroed.  Mode 1 is SHA256(secret
 * || message), mode 2 HMAC-SHA-256 (RFC 4868, full 256 bits).  A secret is its raw octets. */
#ifndef CANDOR_WIRE_IPSLA_V2_AUTH_H
#define CANDOR_WIRE_IPSLA_V2_AUTH_H

#include "base/cleanup.h"
#include "wire/ipsla_v2.h"
#include <stddef.h>
#include <stdint.h>

#define IPSLA_V2_SECRET_MAX 256u

/* Have the library load what it loads at first use: call it before files are out of reach.  0 or
 * -EIO. */
NODISCARD int ipsla_v2_auth_prepare(void);

/* Put the digest into ``msg`` (one complete long message of a mode other than 0, of the length that
 * its header says).  0; -EINVAL: not such a message, or a secret outside 1 .. IPSLA_V2_SECRET_MAX
 * octets; -EIO: the library refused. */
NODISCARD int ipsla_v2_sign(uint8_t *msg, size_t len, const uint8_t *secret, size_t secret_len);

/* 0 when the digest is right, in constant time.  -EACCES: wrong, or the datagram is longer than its
 * Total-Length (mode 1 is open to extension); -EINVAL and -EIO as above. */
NODISCARD int ipsla_v2_verify(const uint8_t *msg, size_t len, const uint8_t *secret,
                              size_t secret_len);

/* As ipsla_v2_verify, and -EACCES also for any status other than 0: a refusal turned round must
 * never pass as a request. */
NODISCARD int ipsla_v2_request_verify(const uint8_t *msg, size_t len, const uint8_t *secret,
                                      size_t secret_len);

#endif
