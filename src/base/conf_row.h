/* SPDX-License-Identifier: Apache-2.0 */
/* One row describes one setting: parser, checker, printer, completion, help, manual table and
 * object tree all read it, and the row lives beside the structure it configures.  A row names a
 * keyword, the kind of its argument and where the value goes (an offset into the structure).
 *
 * ``where`` says in which places the keyword is accepted: on the line that names the object (IOS
 * "inline" options, in any order), or on a line of its own in the object's sub-mode. */
#ifndef CANDOR_BASE_CONF_ROW_H
#define CANDOR_BASE_CONF_ROW_H

#include <stddef.h>
#include <stdint.h>

struct diag;
struct arena;

enum conf_kind {
	CK_NONE,   /* end of a table */
	CK_U8,     /* uint8_t, min..max, decimal or 0x hexadecimal */
	CK_U16,    /* uint16_t */
	CK_U32,    /* uint32_t */
	CK_U64,    /* uint64_t */
	CK_HEX32,  /* uint32_t, eight hexadecimal digits; read with or without 0x */
	CK_FLAG,   /* bool: the keyword alone sets it, "no KEYWORD" clears it */
	CK_ENABLE, /* bool: KEYWORD enable | disable */
	CK_ENUM,   /* uint8_t: KEYWORD NAME, from ``names`` (index = value) */
	CK_TEXT,   /* const char *, in the configuration's arena, the rest of the line, length
	              min..max */
	CK_WORD,   /* const char *, one token, length min..max */
	CK_ADDR,   /* struct inet_addr, numeric */
	CK_PORT,   /* uint16_t 1..65535 */
	CK_CUSTOM, /* ``parse`` and ``print`` do it */
};

enum conf_unit {
	U_NONE,
	U_S,
	U_MS,
	U_US,
	U_BYTES,
	U_PKTS,
	U_PCT,
	U_PER_S,
};

enum conf_where {
	CW_INLINE = 1, /* on the object's own line */
	CW_SUB = 2,    /* a line in the object's sub-mode */
};

/* The tokens after the keyword, for CK_CUSTOM rows. */
struct conf_args {
	const char *const *token;
	unsigned count;
	struct arena *arena; /* of the configuration being read */
};

struct conf_row {
	const char *keyword; /* in full, several words separated by one space */
	enum conf_kind kind;
	enum conf_unit unit;
	uint8_t where; /* enum conf_where bits */
	size_t offset; /* into the object's structure */
	uint64_t min, max, initial;
	const char *const *names; /* CK_ENUM: NULL-terminated */
	const char *help;         /* one line for ``?`` and the manual */
	const char *source;       /* where keyword, range and default come from */
	/* CK_CUSTOM: consume args->token[0..]; returns how many tokens were used, or -EINVAL with
	 * ``d`` filled (d->column = index of the wrong token + 1). */
	int (*parse)(void *object, const struct conf_row *row, const struct conf_args *args,
	             struct diag *d);
	/* CK_CUSTOM: the arguments as text, or an empty string when it stands at its default. */
	void (*print)(const void *object, const struct conf_row *row, char *to, size_t cap);
	/* CK_CUSTOM: back to the default, for `no KEYWORD`; NULL: there is no such form. */
	void (*reset)(void *object, const struct conf_row *row);
	const char *usage; /* CK_CUSTOM: pattern of the arguments (config/conf_usage.h) */
};

const char *conf_unit_name(enum conf_unit unit); /* "seconds", "milliseconds", …; "" for U_NONE */

/* Write ``value``, which is in range, where the row says; nothing for texts, addresses and CK_CUSTOM. */
void conf_row_store(const struct conf_row *row, void *object, uint64_t value);

/* Set every row's field to its initial value (CK_CUSTOM and texts are left as they are). */
void conf_rows_init(const struct conf_row *rows, void *object);

#endif
