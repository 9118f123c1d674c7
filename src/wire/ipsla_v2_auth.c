/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of control version 2 by the one-shot functions of libcrypto. */
#include "wire/ipsla_v2_auth.h"

#include "base/cursor.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

#define MODE_AT        28u
#define AUTH_STATUS_AT 22u
#define UDP_STATUS_AT  82u
#define AUTH_COMMAND   1u
#define AUTH_LONG      60u

int ipsla_v2_auth_prepare(void)
{
	static const uint8_t nothing[1];
	uint8_t digest[IPSLA_V2_DIGEST_OCTETS];
	unsigned len = sizeof(digest);

	return SHA256(nothing, 0, digest) &&
	                       HMAC(EVP_sha256(), nothing, 1, nothing, 0, digest, &len)
	               ? 0
	               : -EIO;
}

/* Total-Length and mode of a message that has room for a digest; false: it is none. */
static bool read_signed(const uint8_t *msg, size_t len, uint32_t *ret_total, uint8_t *ret_mode)
{
	struct rd r = rd_init(msg, len);
	uint8_t version = rd_u8(&r);

	(void)rd_take(&r, 7); /* a short message shows in r.bad */
	uint32_t total = rd_be32(&r);

	(void)rd_take(&r, 8);
	uint16_t command = rd_be16(&r);

	rd_be16(&r);
	uint32_t csld_len = rd_be32(&r);
	uint8_t mode = rd_u8(&r);

	if (r.bad || version != IPSLA_V2 || command != AUTH_COMMAND || csld_len != AUTH_LONG ||
	    total < IPSLA_V2_AUTH_AT + AUTH_LONG || total > len || total > IPSLA_MESSAGE_MAX ||
	    (mode != IPSLA_V2_MODE_SHA256 && mode != IPSLA_V2_MODE_HMAC_SHA256))
		return false;
	*ret_total = total;
	*ret_mode = mode;
	return true;
}

/* The digest that ``msg`` (of exactly ``len`` octets) should carry. */
static int digest_of(const uint8_t *msg, size_t len, uint8_t mode, const uint8_t *secret,
                     size_t secret_len, uint8_t ret_digest[static IPSLA_V2_DIGEST_OCTETS])
{
	uint8_t work[IPSLA_V2_SECRET_MAX + IPSLA_MESSAGE_MAX];
	uint8_t *copy = work + secret_len;
	unsigned digest_len = IPSLA_V2_DIGEST_OCTETS;
	bool done;

	memcpy(work, secret, secret_len);
	memcpy(copy, msg, len);
	memset(copy + IPSLA_V2_DIGEST_AT, 0, IPSLA_V2_DIGEST_OCTETS);
	if (mode == IPSLA_V2_MODE_SHA256)
		done = SHA256(work, secret_len + len, ret_digest) != NULL;
	else
		done = HMAC(EVP_sha256(), secret, (int)secret_len, copy, len, ret_digest,
		            &digest_len) != NULL;
	OPENSSL_cleanse(work, sizeof(work));
	return done ? 0 : -EIO;
}

static bool secret_fits(size_t secret_len)
{
	return secret_len >= 1 && secret_len <= IPSLA_V2_SECRET_MAX;
}

int ipsla_v2_sign(uint8_t *msg, size_t len, const uint8_t *secret, size_t secret_len)
{
	uint8_t digest[IPSLA_V2_DIGEST_OCTETS];
	uint32_t total;
	uint8_t mode;

	if (!secret_fits(secret_len) || !read_signed(msg, len, &total, &mode) || total != len)
		return -EINVAL;
	int rc = digest_of(msg, len, mode, secret, secret_len, digest);

	if (rc == 0)
		memcpy(msg + IPSLA_V2_DIGEST_AT, digest, sizeof(digest));
	return rc;
}

int ipsla_v2_verify(const uint8_t *msg, size_t len, const uint8_t *secret, size_t secret_len)
{
	uint8_t digest[IPSLA_V2_DIGEST_OCTETS];
	uint32_t total;
	uint8_t mode;

	if (!secret_fits(secret_len) || !read_signed(msg, len, &total, &mode))
		return -EINVAL;
	if (total != len)
		return -EACCES;
	int rc = digest_of(msg, len, mode, secret, secret_len, digest);

	if (rc == 0 && CRYPTO_memcmp(digest, msg + IPSLA_V2_DIGEST_AT, sizeof(digest)) != 0)
		rc = -EACCES;
	OPENSSL_cleanse(digest, sizeof(digest));
	return rc;
}

static bool status_is_set(const uint8_t *msg, size_t len, size_t at)
{
	return len >= at + 2 && (msg[at] | msg[at + 1]) != 0;
}

int ipsla_v2_request_verify(const uint8_t *msg, size_t len, const uint8_t *secret,
                            size_t secret_len)
{
	if (status_is_set(msg, len, 2) || status_is_set(msg, len, AUTH_STATUS_AT) ||
	    status_is_set(msg, len, UDP_STATUS_AT))
		return -EACCES;
	return ipsla_v2_verify(msg, len, secret, secret_len);
}
