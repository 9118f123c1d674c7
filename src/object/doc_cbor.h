/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in CBOR, as NAMP carries them (docs/namp.md section 2). */
#ifndef CANDOR_OBJECT_DOC_CBOR_H
#define CANDOR_OBJECT_DOC_CBOR_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "object/doc.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Write ``d``, members of maps in the order of the encoding.  Its length; -ENOBUFS: ``cap`` is too
 * small; -EINVAL: too deep, a key twice, a text that is not UTF-8, a number that is not finite. */
NODISCARD ssize_t doc_write_cbor(const struct doc *d, uint8_t *buf, size_t cap);

/* The same into memory of the arena. 0, -EMSGSIZE (beyond CBOR_SIZE_MAX) or -EINVAL. */
NODISCARD int doc_to_cbor(const struct doc *d, struct arena *a, const uint8_t **ret,
                          size_t *ret_len);

/* Read a map or another value; keys of maps must be texts.  0, or -EBADMSG with ``d``.  Memory in
 * ``a`` is bounded by a small multiple of ``len``. */
NODISCARD int doc_parse_cbor(struct arena *a, const uint8_t *buf, size_t len, struct doc **ret,
                             struct diag *d);

/* Order the members of every map for people: "schema" and "object" first, then by alphabet. */
void doc_sort(struct doc *d);

#endif
