/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a sealed datagram of NAMP/1 from a stranger who has the key of the seeds.  Whatever
 * envelope is accepted seals again to the same header, and opens. */
#include "wire/namp_seal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char secret[] = "fuzz";
	uint8_t key[NAMP_KEY_OCTETS], message[NAMP_SEALED_MAX], again[NAMP_DATAGRAM_MAX];
	struct namp_envelope e, second;
	struct namp_message m;

	if (namp_envelope_decode(data, size, &e) < 0)
		return 0;
	assert(e.header.data >= data && e.header.data + e.header.len <= data + size);
	assert(e.ciphertext.data >= data && e.ciphertext.data + e.ciphertext.len <= data + size);
	int error = namp_derive_key(secret, sizeof(secret) - 1, &e, key);

	assert(error == 0);
	ssize_t len = namp_open(&e, key, message, sizeof(message));

	if (len > 0) {
		if (namp_decode(message, (size_t)len, &m) == 0)
			assert(m.kind <= NAMP_BYE);
	} else {
		len = 1;
		message[0] = 0;
	}
	len = namp_seal(&e, key, message, (size_t)len, again, sizeof(again));
	assert(len > 0);
	error = namp_envelope_decode(again, (size_t)len, &second);
	assert(error == 0);
	assert(second.header.len == e.header.len);
	assert(memcmp(second.header.data, e.header.data, e.header.len) == 0);
	assert(namp_open(&second, key, message, sizeof(message)) > 0);
	again[len - 1] ^= 1;
	assert(namp_open(&second, key, message, sizeof(message)) == -EBADMSG);
	return 0;
}
