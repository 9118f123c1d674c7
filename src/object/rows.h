/* SPDX-License-Identifier: Apache-2.0 */
/* Object rows: one row describes one member of an object (name, unit, type, access and where it
 * lives), so that documents, the manual and later carriers (metrics, SNMP) read the same table.
 * C structures stop here: what leaves is a document. */
#ifndef CANDOR_OBJECT_ROWS_H
#define CANDOR_OBJECT_ROWS_H

#include "base/inet.h"
#include "base/sketch.h"
#include "object/doc.h"
#include <stddef.h>

enum object_type {
	OT_END,
	OT_BOOL, /* bool */
	OT_U8,   /* uint8_t, and so on */
	OT_U16,
	OT_U32,
	OT_U64, /* a text of digits when it does not fit int64 */
	OT_I64,
	OT_U128,   /* text of digits */
	OT_TEXT,   /* const char *; NULL: null */
	OT_CHARS,  /* char array in place */
	OT_ADDR,   /* struct inet_addr; family none: null */
	OT_WALL,   /* wall_t; 0: null */
	OT_NAME,   /* uint8_t, as ``name_of`` calls it */
	OT_PART,   /* a structure in place: ``part`` */
	OT_CUSTOM, /* ``get`` adds one member called ``name`` */
};

enum object_unit {
	OU_NONE,
	OU_NS,      /* duration */
	OU_NS2,     /* its square */
	OU_UNIX_NS, /* instant: ns since 1970 UTC */
	OU_MS,
	OU_S,
	OU_BYTES,
	OU_COUNT,
};

enum object_access {
	OA_READ, /* whoever may look */
};

struct object_row {
	const char *name; /* snake_case, with the unit's suffix */
	enum object_type type;
	enum object_unit unit;
	enum object_access access;
	size_t offset;                     /* into the object */
	const char *(*name_of)(uint8_t v); /* OT_NAME */
	const struct object_row *part;     /* OT_PART */
	void (*get)(const void *object, const struct object_row *row, struct arena *a,
	            struct doc *to); /* OT_CUSTOM: ``object`` is the row's whole structure */
};

/* Rows of ``structure``: ROW(OT_U32, OU_NS, "x_ns", struct s, x). */
#define OBJECT_ROW(kind, unit_of, key, structure, member)                            \
	{                                                                            \
		.name = (key), .type = (kind), .unit = (unit_of), .access = OA_READ, \
		.offset = offsetof(structure, member)                                \
	}
#define OBJECT_NAME_ROW(key, structure, member, namer)                                 \
	{                                                                              \
		.name = (key), .type = OT_NAME, .offset = offsetof(structure, member), \
		.name_of = (namer)                                                     \
	}
#define OBJECT_PART_ROW(key, structure, member, rows)                                  \
	{                                                                              \
		.name = (key), .type = OT_PART, .offset = offsetof(structure, member), \
		.part = (rows)                                                         \
	}
#define OBJECT_CUSTOM_ROW(unit_of, key, getter)                                      \
	{                                                                            \
		.name = (key), .type = OT_CUSTOM, .unit = (unit_of), .get = (getter) \
	}

/* Add every row of ``object`` to the map ``to``. */
void object_fill(const struct object_row *rows, const void *object, struct arena *a,
                 struct doc *to);

/* A number that may not fit: an integer, or a text of digits beyond int64. */
void object_add_u64(struct arena *a, struct doc *to, const char *key, uint64_t value);
/* ``value``, or null when there is none (``n`` is 0). */
void object_add_of_some(struct arena *a, struct doc *to, const char *key, uint64_t n,
                        int64_t value);
void object_add_addr(struct arena *a, struct doc *to, const char *key,
                     const struct inet_addr *addr);

/* A distribution: n, min_ns, p50_ns, p95_ns, p99_ns, max_ns (null when empty), how many values did
 * not fit, and how they are spread over at most 64 buckets. */
void object_fill_sketch(const struct sketch *s, uint64_t unfitted, struct arena *a, struct doc *to);

#endif
