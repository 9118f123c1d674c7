/* SPDX-License-Identifier: Apache-2.0 */
/* The archive on disk.  `archive` is the table, `config-N` the text of generation N.  The order of writing: text,
 * table, then removal of what is too many; so the table never names a text that is not there, and a text that it
 * does not name is overwritten when its generation is given again. */
#include "config/archive.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "config/config.h"
#include "io/state_dir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE        "archive"
#define HEAD         "candor archive 1"
#define TABLE_OCTETS (64u << 10)
#define NAME_OCTETS  40

static const char *const state_names[] = {
	[ARCHIVE_RUNNING] = "running",         [ARCHIVE_ARCHIVED] = "archived",
	[ARCHIVE_UNCONFIRMED] = "unconfirmed", [ARCHIVE_ROLLED_BACK] = "rolled back",
	[ARCHIVE_WRITING] = "writing",
};

const char *archive_state_name(uint8_t state)
{
	return state < ARRAY_LEN(state_names) ? state_names[state] : "unknown";
}

/* --- the table as text: a line an entry, its texts behind tabs --- */

/* The number at ``*at`` and the blank behind it; false: there is none. */
static bool take_number(char **at, uint64_t *ret)
{
	char *stop;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*ret = strtoull(*at, &stop, 10);
	*at = stop + (*stop == ' ');
	return errno == 0;
}

static int parse_entry(char *line, struct archive_entry *ret)
{
	struct archive_entry e = { 0 };
	char *texts[3], *rest = line;
	uint64_t state = 0, at_ns = 0, until_ns = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *tab = strrchr(line, '\t');

		if (!tab)
			return -EBADMSG;
		*tab = '\0';
		texts[i] = tab + 1;
	}
	if (!take_number(&rest, &e.generation) || !take_number(&rest, &state) ||
	    !take_number(&rest, &at_ns) || !take_number(&rest, &until_ns) || *rest ||
	    state > ARCHIVE_WRITING || at_ns > INT64_MAX || until_ns > INT64_MAX ||
	    e.generation == 0)
		return -EBADMSG;
	e.state = (uint8_t)state;
	e.at.ns = (int64_t)at_ns;
	e.until.ns = (int64_t)until_ns;
	utf8_copy_plain(e.comment, sizeof(e.comment), texts[0]);
	utf8_copy_plain(e.from, sizeof(e.from), texts[1]);
	utf8_copy_plain(e.who, sizeof(e.who), texts[2]);
	*ret = e;
	return 0;
}

static int parse_table(struct archive *a, char *text)
{
	char *rest = text, *line = strsep(&rest, "\n"), *number;

	if (!line || strncmp(line, HEAD " ", strlen(HEAD " ")) != 0)
		return -EBADMSG;
	number = line + strlen(HEAD " ");
	if (!take_number(&number, &a->last) || *number)
		return -EBADMSG;
	while ((line = strsep(&rest, "\n")) && *line) {
		struct archive_entry *e = &a->entries[a->count];

		if (a->count == ARRAY_LEN(a->entries) || parse_entry(line, e) < 0 ||
		    e->generation > a->last || (a->count > 0 && e->generation <= e[-1].generation))
			return -EBADMSG;
		a->count++;
	}
	return 0;
}

int archive_load(struct archive *a, int dir, struct diag *d)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;

	*a = (struct archive) { .dir = dir };
	if (dir < 0)
		return 0;
	int rc = state_read(dir, TABLE, TABLE_OCTETS, &text, &len);

	if (rc == -ENOENT)
		return 0;
	if (rc == 0)
		rc = parse_table(a, text);
	if (rc < 0) {
		*a = (struct archive) { .dir = dir, .last = a->last };
		return diag_set(d, rc, "cannot read the archive of configurations: %s",
		                rc == -EBADMSG ? "it is damaged" : strerror(-rc));
	}
	return 0;
}

static int write_table(const struct archive *a)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return -ENOMEM;
	(void)fprintf(to, HEAD " %" PRIu64 "\n", a->last);
	for (uint32_t i = 0; i < a->count; i++) {
		const struct archive_entry *e = &a->entries[i];

		(void)fprintf(to, "%" PRIu64 " %d %" PRId64 " %" PRId64 "\t%s\t%s\t%s\n",
		              e->generation, e->state, e->at.ns, e->until.ns, e->who, e->from,
		              e->comment);
	}
	int rc = fclose(to) == 0 ? state_replace(a->dir, TABLE, text, len) : -ENOMEM;

	free(text);
	return rc;
}

/* --- entries --- */

struct archive_entry *archive_find(struct archive *a, uint64_t generation)
{
	for (uint32_t i = 0; i < a->count; i++) {
		if (a->entries[i].generation == generation)
			return &a->entries[i];
	}
	return NULL;
}

struct archive_entry *archive_of_state(struct archive *a, enum archive_state state)
{
	for (uint32_t i = a->count; i-- > 0;) {
		if (a->entries[i].state == state)
			return &a->entries[i];
	}
	return NULL;
}

void archive_drop(struct archive *a, uint64_t generation)
{
	struct archive_entry *e = archive_find(a, generation);

	if (e)
		memmove(e, e + 1, (size_t)(&a->entries[--a->count] - e) * sizeof(*e));
}

/* Those that may go are archived or were rolled back; the oldest goes. */
static const struct archive_entry *surplus(const struct archive *a)
{
	uint32_t kept = 0;
	const struct archive_entry *oldest = NULL;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct archive_entry *e = &a->entries[i];

		if (e->state != ARCHIVE_ARCHIVED && e->state != ARCHIVE_ROLLED_BACK)
			continue;
		kept++;
		if (!oldest)
			oldest = e;
	}
	return kept > ARCHIVE_KEPT ? oldest : NULL;
}

static char *name_of(uint64_t generation, char *to)
{
	(void)snprintf(to, NAME_OCTETS, "config-%" PRIu64, generation);
	return to;
}

int archive_save(struct archive *a)
{
	uint64_t gone[ARRAY_LEN(a->entries)];
	const struct archive_entry *e;
	char name[NAME_OCTETS];
	uint32_t count = 0;
	int rc;

	while ((e = surplus(a))) {
		gone[count++] = e->generation;
		archive_drop(a, e->generation);
	}
	if (a->dir < 0)
		return 0;
	rc = write_table(a);
	for (uint32_t i = 0; rc == 0 && i < count; i++)
		(void)!state_remove(a->dir, name_of(gone[i], name)); /* only takes room */
	return rc;
}

int archive_add(struct archive *a, const struct archive_entry *entry, const char *text, size_t len,
                uint64_t *ret_generation)
{
	struct archive before = *a;
	char name[NAME_OCTETS];
	int rc = 0;

	if (a->count == ARRAY_LEN(a->entries))
		return -ENOSPC; /* cannot be: what is too many goes whenever the table is written */
	a->entries[a->count] = *entry;
	a->entries[a->count++].generation = ++a->last;
	if (a->dir >= 0)
		rc = state_replace(a->dir, name_of(a->last, name), text, len);
	if (rc == 0)
		rc = archive_save(a);
	if (rc < 0) {
		if (a->dir >= 0)
			(void)!state_remove(a->dir, name_of(a->last, name));
		*a = before;
		return rc;
	}
	*ret_generation = a->last;
	return 0;
}

static const struct archive_entry *in_force(const struct archive *a)
{
	const struct archive_entry *found = NULL;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct archive_entry *e = &a->entries[i];

		if (e->state == ARCHIVE_UNCONFIRMED)
			return e;
		if (e->state == ARCHIVE_RUNNING)
			found = e;
	}
	return found;
}

const struct archive_entry *archive_number(const struct archive *a, uint32_t number)
{
	const struct archive_entry *first = in_force(a);

	if (number == 0)
		return first;
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = a->count; i-- > 0;) {
			const struct archive_entry *e = &a->entries[i];
			bool is_late = e->state == ARCHIVE_ROLLED_BACK;

			if (e == first || e->state == ARCHIVE_WRITING || is_late != (pass == 1))
				continue;
			if (--number == 0)
				return e;
		}
	}
	return NULL;
}

int archive_text(const struct archive *a, uint64_t generation, char **ret, size_t *ret_len)
{
	char name[NAME_OCTETS];

	if (a->dir < 0)
		return -ENOENT;
	return state_read(a->dir, name_of(generation, name), CONFIG_FILE_MAX, ret, ret_len);
}
