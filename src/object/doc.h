/* SPDX-License-Identifier: Apache-2.0 */
/* A document: a tree of values that leaves the object tree and reaches a person, a program or
 * another host.  Carriers (NAMP, JSON) encode and decode it; renderers (`show`) read
 * it.  All memory belongs to the arena that it was built in.  Keys are snake_case with a unit
 * suffix. */
#ifndef CANDOR_OBJECT_DOC_H
#define CANDOR_OBJECT_DOC_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum doc_kind {
	DOC_NULL,
	DOC_BOOL,
	DOC_INT,  /* int64_t */
	DOC_REAL, /* derived figures only (MOS): never a measured time */
	DOC_TEXT, /* UTF-8 */
	DOC_LIST,
	DOC_MAP,
};

struct doc_member;

struct doc {
	enum doc_kind kind;
	uint32_t count; /* members of a list or map */
	union {
		bool boolean;
		int64_t integer;
		double real;
		const char *text;
		struct doc_member *first; /* list and map, in order */
	};
	struct doc_member *last;
};

struct doc_member {
	const char *key; /* NULL in a list */
	struct doc value;
	struct doc_member *next;
};

/* Builders.  The ``key`` is NULL in a list; key texts must outlive the document (literals do),
 * value texts are copied, U+FFFD standing for octets that are not UTF-8.  Map and list builders return
 * the new container. */
struct doc *doc_new_map(struct arena *a);
struct doc *doc_new_list(struct arena *a);
struct doc *doc_add_map(struct arena *a, struct doc *to, const char *key);
struct doc *doc_add_list(struct arena *a, struct doc *to, const char *key);
void doc_add_null(struct arena *a, struct doc *to, const char *key);
void doc_add_bool(struct arena *a, struct doc *to, const char *key, bool value);
void doc_add_int(struct arena *a, struct doc *to, const char *key, int64_t value);
void doc_add_real(struct arena *a, struct doc *to, const char *key, double value);
void doc_add_text(struct arena *a, struct doc *to, const char *key, const char *value);
/* A null that the caller fills in: for decoders. */
struct doc *doc_append(struct arena *a, struct doc *to, const char *key);
/* Put ``value`` itself (not a copy of what hangs under it) into ``to``; it must live as long. */
void doc_add_doc(struct arena *a, struct doc *to, const char *key, const struct doc *value);

/* Readers: forgiving, so that a renderer works with documents of another version.  A missing or
 * differently typed member gives the fallback. */
const struct doc *doc_get(const struct doc *map, const char *key); /* NULL when there is none */
int64_t doc_int(const struct doc *map, const char *key, int64_t fallback);
double doc_real(const struct doc *map, const char *key, double fallback); /* integers too */
bool doc_bool(const struct doc *map, const char *key, bool fallback);
const char *doc_text(const struct doc *map, const char *key, const char *fallback);

/* Iterate: for (const struct doc_member *m = doc_first(d); m; m = m->next) */
static inline const struct doc_member *doc_first(const struct doc *d)
{
	return d && (d->kind == DOC_LIST || d->kind == DOC_MAP) ? d->first : NULL;
}

/* Make a document of another host fit for a terminal: '?' for control characters in keys and texts, line ends
 * and tabs of texts excepted.  As deep as documents of doc_parse_cbor(). */
void doc_make_plain(struct arena *a, struct doc *d);

/* JSON (RFC 8259).  ``indent``: 0 for one line without a newline at the end, else spaces per level.
 * 128-bit sums do not fit DOC_INT: they are texts of digits.  0 or -EIO. */
NODISCARD int doc_write_json(const struct doc *d, FILE *to, unsigned indent);

/* JSON written piece by piece, for output that grows while it is measured: a text is valid JSON as
 * soon as every container opened is closed.  All zeroes but ``to`` and ``indent`` is a fresh
 * writer.  Errors stay in the stream (ferror). */
#define JSON_DEPTH_MAX 32

struct json_writer {
	FILE *to;
	unsigned indent; /* spaces per level; 0: one line */
	unsigned depth;
	bool has_members[JSON_DEPTH_MAX + 1];
};

/* ``key``: NULL in a list and at the top. */
void json_open(struct json_writer *w, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json_writer *w, char bracket);                 /* '}' or ']' */
void json_doc(struct json_writer *w, const char *key, const struct doc *d);

/* Parse one JSON text of ``len`` octets; duplicate keys, depth above JSON_DEPTH_MAX, integers beyond
 * int64, NUL inside a text and anything after the value are refused.  0 or -EBADMSG with ``d``. */
NODISCARD int doc_parse_json(struct arena *a, const char *text, size_t len, struct doc **ret,
                             struct diag *d);

#endif
