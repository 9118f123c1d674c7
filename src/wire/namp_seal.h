/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed datagrams of NAMP/1 (docs/namp.md section 5): COSE_Encrypt0 (RFC 9052) with AES-256-GCM
 * and a key by HKDF-SHA-256.  Pure but for libcrypto's own allocations. */
#ifndef CANDOR_WIRE_NAMP_SEAL_H
#define CANDOR_WIRE_NAMP_SEAL_H

#include "base/cleanup.h"
#include "wire/namp.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NAMP_NAME_MAX   63u /* sender, receiver */
#define NAMP_KID_MAX    96u
#define NAMP_KEY_OCTETS 32u

struct namp_envelope {
	char kid[NAMP_KID_MAX + 1]; /* "fleet/7" */
	char sender[NAMP_NAME_MAX + 1], receiver[NAMP_NAME_MAX + 1];
	uint64_t boot, sequence;      /* 1 … 2^63-1 */
	struct namp_slice header;     /* the protected header as it came: authenticated */
	struct namp_slice ciphertext; /* with the tag; in the datagram's own buffer */
};

/* Have libcrypto load what it needs, before the process gives up the file system.  0 or -EIO. */
NODISCARD int namp_seal_prepare(void);

/* Read the envelope alone; nothing in it is authenticated yet.  0 or -EBADMSG. */
NODISCARD int namp_envelope_decode(const uint8_t *buf, size_t len, struct namp_envelope *ret);

/* The key of one direction and boot; ``secret`` is that of the named key.  0 or -EIO. */
NODISCARD int namp_derive_key(const void *secret, size_t secret_len, const struct namp_envelope *e,
                              uint8_t ret_key[NAMP_KEY_OCTETS]);

/* Open ``e`` with its key: the length of the message in ``buf``; -EBADMSG: does not authenticate;
 * -EMSGSIZE: ``cap`` is too small. */
NODISCARD ssize_t namp_open(const struct namp_envelope *e, const uint8_t key[NAMP_KEY_OCTETS],
                            uint8_t *buf, size_t cap);

/* Seal a message of ``len`` octets (at most NAMP_SEALED_MAX) under kid, names, boot and sequence of
 * ``e``: the length of the datagram, or -EINVAL, -ENOBUFS, -EIO. */
NODISCARD ssize_t namp_seal(const struct namp_envelope *e, const uint8_t key[NAMP_KEY_OCTETS],
                            const uint8_t *message, size_t len, uint8_t *buf, size_t cap);

#endif
