/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Encrypt0 (RFC 9052 section 5.2) by libcrypto: AES-256-GCM, HKDF-SHA-256 (RFC 5869). */
#include "wire/namp_seal.h"

#include "base/cursor.h"
#include "base/utf8.h"
#include "wire/cbor.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#define LABEL_ALG       1
#define LABEL_KID       4
#define LABEL_SEQUENCE  6
#define LABEL_SENDER    (-70001)
#define LABEL_RECEIVER  (-70002)
#define LABEL_BOOT      (-70003)

#define ALG_A256GCM     3
#define SEQUENCE_OCTETS 8u
#define NONCE_OCTETS    12u
#define TAG_OCTETS      16u
#define KID_OCTETS_MIN  3u
#define HEADER_MAX      320u /* of the protected header: names, kid, 51 octets of the rest */
#define INFO_MAX        288u
#define AAD_MAX         (HEADER_MAX + 32u)

int namp_seal_prepare(void)
{
	struct namp_envelope e = {
		.kid = "a/1", .sender = "a", .receiver = "b", .boot = 1, .sequence = 1
	};
	uint8_t key[NAMP_KEY_OCTETS], buf[NAMP_DATAGRAM_MAX];
	int error = namp_derive_key("secret", 6, &e, key);

	if (error < 0)
		return error;
	return namp_seal(&e, key, key, 1, buf, sizeof(buf)) > 0 ? 0 : -EIO;
}

/* --- the envelope --- */

/* Copy octets that are text of ``min`` to ``max`` octets; ``to`` has room for max + 1. */
static bool take_name(const struct cbor_item *item, size_t min, size_t max, char *to)
{
	if (item->len < min || item->len > max)
		return false;
	memcpy(to, item->data, item->len);
	to[item->len] = '\0';
	return true;
}

static bool take_number(const struct cbor_item *item, uint64_t *ret)
{
	*ret = (uint64_t)item->integer;
	return item->type == CBOR_INT && item->integer >= 1;
}

/* The name of a node, which comes to logs and terminals. */
static bool take_node(const struct cbor_item *item, char *to)
{
	return item->type == CBOR_TEXT && take_name(item, 1, NAMP_NAME_MAX, to) &&
	       utf8_is_plain(to, item->len);
}

/* A kid with blanks or control characters in it names no key. */
static bool take_kid(const struct cbor_item *item, char *to)
{
	if (item->type != CBOR_BYTES || !take_name(item, KID_OCTETS_MIN, NAMP_KID_MAX, to))
		return false;
	for (size_t i = 0; i < item->len; i++) {
		if (item->data[i] < 0x21 || item->data[i] == 0x7f)
			return false;
	}
	return true;
}

static bool take_sequence(const struct cbor_item *item, uint64_t *ret)
{
	if (item->type != CBOR_BYTES || item->len != SEQUENCE_OCTETS)
		return false;
	struct rd in = rd_init(item->data, item->len);

	*ret = rd_be64(&in);
	return *ret >= 1 && *ret <= INT64_MAX;
}

static bool take_label(int64_t label, const struct cbor_item *item, struct namp_envelope *e)
{
	switch (label) {
	case LABEL_ALG:
		return item->type == CBOR_INT && item->integer == ALG_A256GCM;
	case LABEL_KID:
		return take_kid(item, e->kid);
	case LABEL_SEQUENCE:
		return take_sequence(item, &e->sequence);
	case LABEL_SENDER:
		return take_node(item, e->sender);
	case LABEL_RECEIVER:
		return take_node(item, e->receiver);
	case LABEL_BOOT:
		return take_number(item, &e->boot);
	default:
		return false;
	}
}

static bool read_header(const uint8_t *buf, size_t len, struct namp_envelope *e)
{
	static const int64_t labels[] = { /* in the order of their encodings */
		                          LABEL_ALG,    LABEL_KID,      LABEL_SEQUENCE,
		                          LABEL_SENDER, LABEL_RECEIVER, LABEL_BOOT
	};
	struct cbor_item item;
	struct cbor_rd r;

	cbor_rd_init(&r, buf, len);
	if (cbor_next(&r, &item) != CBOR_MAP || item.count != ARRAY_LEN(labels))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		if (cbor_next(&r, &item) != CBOR_INT || item.integer != labels[i])
			return false;
		(void)cbor_next(&r, &item); /* of no type that take_label() wants after a fault */
		if (!take_label(labels[i], &item, e))
			return false;
	}
	return cbor_next(&r, &item) == CBOR_END && cbor_rd_done(&r);
}

int namp_envelope_decode(const uint8_t *buf, size_t len, struct namp_envelope *ret)
{
	struct namp_envelope e = { 0 };
	struct cbor_item header, item;
	struct cbor_rd r;

	if (len > NAMP_DATAGRAM_MAX)
		return -EBADMSG;
	cbor_rd_init(&r, buf, len);
	if (cbor_next(&r, &item) != CBOR_ARRAY || item.count != 3 ||
	    cbor_next(&r, &header) != CBOR_BYTES || !read_header(header.data, header.len, &e) ||
	    cbor_next(&r, &item) != CBOR_MAP || item.count != 0 ||
	    cbor_next(&r, &item) != CBOR_END || cbor_next(&r, &item) != CBOR_BYTES)
		return -EBADMSG;
	e.header = (struct namp_slice) { header.data, header.len };
	e.ciphertext = (struct namp_slice) { item.data, item.len };
	if (item.len <= TAG_OCTETS || item.len > NAMP_SEALED_MAX + TAG_OCTETS ||
	    cbor_next(&r, &item) != CBOR_END || !cbor_rd_done(&r))
		return -EBADMSG;
	*ret = e;
	return 0;
}

static void put_header(struct cbor_wr *w, const struct namp_envelope *e)
{
	uint8_t sequence[SEQUENCE_OCTETS];

	put_be64(sequence, e->sequence);
	cbor_put_map(w, 6);
	cbor_put_int(w, LABEL_ALG);
	cbor_put_int(w, ALG_A256GCM);
	cbor_put_int(w, LABEL_KID);
	cbor_put_bytes(w, e->kid, strlen(e->kid));
	cbor_put_int(w, LABEL_SEQUENCE);
	cbor_put_bytes(w, sequence, sizeof(sequence));
	cbor_put_int(w, LABEL_SENDER);
	cbor_put_text(w, e->sender, strlen(e->sender));
	cbor_put_int(w, LABEL_RECEIVER);
	cbor_put_text(w, e->receiver, strlen(e->receiver));
	cbor_put_int(w, LABEL_BOOT);
	cbor_put_int(w, (int64_t)e->boot);
}

/* --- the key --- */

int namp_derive_key(const void *secret, size_t secret_len, const struct namp_envelope *e,
                    uint8_t ret_key[NAMP_KEY_OCTETS])
{
	static const char context[] = "NAMP/1 datagram";
	char digest[] = "SHA256";
	uint8_t info[INFO_MAX];
	struct cbor_wr w;

	cbor_wr_init(&w, info, sizeof(info));
	cbor_put_array(&w, 5);
	cbor_put_text(&w, context, sizeof(context) - 1);
	cbor_put_bytes(&w, e->kid, strlen(e->kid));
	cbor_put_text(&w, e->sender, strlen(e->sender));
	cbor_put_text(&w, e->receiver, strlen(e->receiver));
	cbor_put_int(&w, (int64_t)e->boot);
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	/* libcrypto takes parameters by pointers that are not const and only reads them. */
	union {
		const void *in;
		void *out;
	} key = { .in = secret };
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.out, secret_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, cbor_wr_len(&w)),
		OSSL_PARAM_construct_end(),
	};
	bool done = ctx && !w.bad && secret_len > 0 &&
	            EVP_KDF_derive(ctx, ret_key, NAMP_KEY_OCTETS, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done ? 0 : -EIO;
}

/* --- the seal --- */

/* Enc_structure (RFC 9052 section 5.3): its length, or 0 when the header is too long. */
static size_t additional_data(struct namp_slice header, uint8_t buf[static AAD_MAX])
{
	static const char context[] = "Encrypt0";
	struct cbor_wr w;

	cbor_wr_init(&w, buf, AAD_MAX);
	cbor_put_array(&w, 3);
	cbor_put_text(&w, context, sizeof(context) - 1);
	cbor_put_bytes(&w, header.data, header.len);
	cbor_put_bytes(&w, NULL, 0);
	return w.bad ? 0 : cbor_wr_len(&w);
}

/* A cipher that has its key, its nonce and the additional data; NULL: libcrypto failed. */
static EVP_CIPHER_CTX *begin_cipher(bool is_seal, const uint8_t key[NAMP_KEY_OCTETS],
                                    uint64_t sequence, struct namp_slice header)
{
	uint8_t nonce[NONCE_OCTETS] = { 0 };
	uint8_t aad[AAD_MAX];
	size_t aad_len = additional_data(header, aad);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	put_be64(nonce + NONCE_OCTETS - SEQUENCE_OCTETS, sequence);
	if (c && aad_len > 0 &&
	    EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce, is_seal) == 1 &&
	    EVP_CipherUpdate(c, NULL, &n, aad, (int)aad_len) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

ssize_t namp_open(const struct namp_envelope *e, const uint8_t key[NAMP_KEY_OCTETS], uint8_t *buf,
                  size_t cap)
{
	size_t len = e->ciphertext.len - TAG_OCTETS;
	uint8_t tag[TAG_OCTETS];
	int n, tail;

	if (e->ciphertext.len <= TAG_OCTETS)
		return -EBADMSG;
	if (len > cap)
		return -EMSGSIZE;
	memcpy(tag, e->ciphertext.data + len, sizeof(tag));
	EVP_CIPHER_CTX *c = begin_cipher(false, key, e->sequence, e->header);
	bool done = c && EVP_CipherUpdate(c, buf, &n, e->ciphertext.data, (int)len) == 1 &&
	            EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS, tag) == 1 &&
	            EVP_CipherFinal_ex(c, buf + len, &tail) == 1;

	EVP_CIPHER_CTX_free(c);
	if (!done) {
		memset(buf, 0, len); /* nobody shall act on what is not authentic */
		return -EBADMSG;
	}
	return (ssize_t)len;
}

/* The ciphertext and its tag, ``len`` + TAG_OCTETS at ``to``. */
static bool encrypt(const struct namp_envelope *e, const uint8_t key[NAMP_KEY_OCTETS],
                    struct namp_slice header, const uint8_t *message, size_t len, uint8_t *to)
{
	EVP_CIPHER_CTX *c = begin_cipher(true, key, e->sequence, header);
	int n, tail;
	bool done = c && EVP_CipherUpdate(c, to, &n, message, (int)len) == 1 &&
	            EVP_CipherFinal_ex(c, to + len, &tail) == 1 &&
	            EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS, to + len) == 1;

	EVP_CIPHER_CTX_free(c);
	return done;
}

static bool is_sealable(const struct namp_envelope *e)
{
	return strlen(e->kid) >= KID_OCTETS_MIN && e->sender[0] != '\0' && e->receiver[0] != '\0' &&
	       e->boot >= 1 && e->boot <= INT64_MAX && e->sequence >= 1 && e->sequence <= INT64_MAX;
}

ssize_t namp_seal(const struct namp_envelope *e, const uint8_t key[NAMP_KEY_OCTETS],
                  const uint8_t *message, size_t len, uint8_t *buf, size_t cap)
{
	uint8_t header[HEADER_MAX], sealed[NAMP_SEALED_MAX + TAG_OCTETS];
	struct cbor_wr w;

	if (len < 1 || len > NAMP_SEALED_MAX || !is_sealable(e))
		return -EINVAL;
	cbor_wr_init(&w, header, sizeof(header));
	put_header(&w, e);
	struct namp_slice protected_header = { header, cbor_wr_len(&w) };

	if (w.bad)
		return -EINVAL;
	if (!encrypt(e, key, protected_header, message, len, sealed))
		return -EIO;
	cbor_wr_init(&w, buf, cap);
	cbor_put_array(&w, 3);
	cbor_put_bytes(&w, header, protected_header.len);
	cbor_put_map(&w, 0);
	cbor_put_bytes(&w, sealed, len + TAG_OCTETS);
	if (w.bad || cbor_wr_len(&w) > NAMP_DATAGRAM_MAX)
		return -ENOBUFS;
	return (ssize_t)cbor_wr_len(&w);
}
