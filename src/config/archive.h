/* SPDX-License-Identifier: Apache-2.0 */
/* The archive: the configuration that runs and those before it, with who made them, in the state folder
 * (io/state_dir.h), keys included.  One file for each text and one for the table, which is replaced whole: a text
 * counts once the table names it.  Memory and table agree except where a function says that writing failed. */
#ifndef CANDOR_CONFIG_ARCHIVE_H
#define CANDOR_CONFIG_ARCHIVE_H

#include "base/clocktypes.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_KEPT           50u /* besides the one that runs */
#define ARCHIVE_COMMENT_OCTETS 256u

enum archive_state {
	ARCHIVE_RUNNING,     /* in force, and in the file */
	ARCHIVE_ARCHIVED,    /* was in force */
	ARCHIVE_UNCONFIRMED, /* in force until ``until`` unless it is confirmed; not in the file */
	ARCHIVE_ROLLED_BACK, /* was not confirmed */
	ARCHIVE_WRITING,     /* on its way into the file: whether it came there the file tells */
};

struct archive_entry {
	uint64_t generation;
	uint8_t state; /* enum archive_state */
	wall_t at, until;
	char who[96], from[96]; /* name and origin of the peer */
	char comment[ARCHIVE_COMMENT_OCTETS];
};

struct archive {
	int dir;       /* the state folder; -1: none, then texts are not kept */
	uint64_t last; /* the highest generation ever given */
	uint32_t count;
	struct archive_entry entries[ARCHIVE_KEPT + 4]; /* by generation, rising */
};

/* Read the table.  0, also when there is none yet; -errno with ``d``: empty, and what is written next replaces
 * it. */
NODISCARD int archive_load(struct archive *a, int dir, struct diag *d);

/* Add a configuration as generation ``a->last + 1`` and make it durable.  0 with the generation; -errno: nothing changed. */
NODISCARD int archive_add(struct archive *a, const struct archive_entry *entry, const char *text,
                          size_t len, uint64_t *ret_generation);

/* Write the table and drop texts that are too many.  0 or -errno: the states in memory hold all the same, and the
 * next one that is written has them. */
NODISCARD int archive_save(struct archive *a);

struct archive_entry *archive_find(struct archive *a, uint64_t generation); /* or NULL */
struct archive_entry *archive_of_state(struct archive *a,
                                       enum archive_state state); /* the latest, or NULL */
void archive_drop(struct archive *a, uint64_t generation); /* out of the table; not written yet */

/* As people number them: 0 the one in force, 1 the one before it, and so on; those rolled back come last.  NULL:
 * there is no such one. */
const struct archive_entry *archive_number(const struct archive *a, uint32_t number);

/* The text of a generation (heap; it holds keys).  0, -ENOENT or -errno. */
NODISCARD int archive_text(const struct archive *a, uint64_t generation, char **ret,
                           size_t *ret_len);

const char *archive_state_name(uint8_t state); /* "rolled back" */

#endif
