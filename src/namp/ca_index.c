/* SPDX-License-Identifier: Apache-2.0 */
/* index.jsonl: what a CA has issued, for people and programs to read. */
#include "namp/ca_internal.h"

#include "base/arena.h"
#include "base/xalloc.h"
#include "io/state_dir.h"
#include "object/doc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define INDEX_FORMAT 1
#define TIME_FORMAT  "%Y-%m-%dT%H:%M:%SZ"

/* --- times --------------------------------------------------------------------------------------- */

static void add_time(struct arena *a, struct doc *to, const char *key, int64_t at_s)
{
	char text[32];
	time_t t = (time_t)at_s;
	struct tm tm;

	if (at_s == 0 || !gmtime_r(&t, &tm) || strftime(text, sizeof(text), TIME_FORMAT, &tm) == 0)
		doc_add_null(a, to, key);
	else
		doc_add_text(a, to, key, text);
}

/* 0 for null. */
static bool take_time(const struct doc *from, const char *key, int64_t *ret)
{
	const struct doc *value = doc_get(from, key);
	struct tm tm = { 0 };

	if (!value)
		return false;
	*ret = 0;
	if (value->kind == DOC_NULL)
		return true;
	if (value->kind != DOC_TEXT)
		return false;
	const char *end = strptime(value->text, TIME_FORMAT, &tm);

	if (!end || *end)
		return false;
	*ret = (int64_t)timegm(&tm);
	return true;
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool take_text(const struct doc *from, const char *key, char *to, size_t cap)
{
	const char *text = doc_text(from, key, "");
	size_t len = strlen(text);

	if (len == 0 || len >= cap)
		return false;
	memcpy(to, text, len + 1);
	return true;
}

static bool take_addresses(const struct doc *from, struct ca_entry *e)
{
	const struct doc *list = doc_get(from, "addresses");

	if (!list || list->kind != DOC_LIST || list->count > CA_ADDRESSES_MAX)
		return false;
	for (const struct doc_member *m = doc_first(list); m; m = m->next) {
		if (m->value.kind != DOC_TEXT ||
		    inet_addr_parse(m->value.text, &e->addresses[e->address_count++]) < 0)
			return false;
	}
	return true;
}

static bool take_entry(const struct doc *from, struct ca_entry *ret)
{
	struct ca_entry e = { 0 };
	const char *kind = doc_text(from, "kind", "");

	e.is_node = strcmp(kind, "node") == 0;
	if ((!e.is_node && strcmp(kind, "person") != 0) ||
	    !take_text(from, "serial", e.serial, sizeof(e.serial)) ||
	    !take_text(from, "name", e.name, sizeof(e.name)) ||
	    !ca_name_is_valid(e.name, e.is_node) || strlen(e.serial) != CA_SERIAL_OCTETS - 1 ||
	    strspn(e.serial, "0123456789abcdef") != CA_SERIAL_OCTETS - 1)
		return false;
	if (!take_addresses(from, &e) || !take_time(from, "from", &e.from_s) ||
	    !take_time(from, "until", &e.until_s) || !take_time(from, "revoked", &e.revoked_s))
		return false;
	*ret = e;
	return true;
}

static bool take_head(const struct doc *from, struct ca_index *ret)
{
	int64_t number = doc_int(from, "crl_number", -1);
	int64_t days = doc_int(from, "crl_days", -1);

	if (doc_int(from, "format", 0) != INDEX_FORMAT || number < 1 || days < 1 ||
	    days > CA_DAYS_MAX)
		return false;
	ret->crl_number = (uint64_t)number;
	ret->crl_days = (uint32_t)days;
	return true;
}

static int take_line(const char *line, size_t len, uint32_t number, struct ca_index *index,
                     struct diag *d)
{
	struct arena a = { 0 };
	struct ca_entry e;
	struct doc *doc;
	bool good = doc_parse_json(&a, line, len, &doc, NULL) == 0 && doc->kind == DOC_MAP;

	if (good && number == 1) {
		good = take_head(doc, index);
	} else if (good) {
		good = take_entry(doc, &e);
		if (good)
			ca_index_add(index, &e);
	}
	arena_free(&a);
	return good ? 0
	            : diag_set(d, -EBADMSG,
	                       CA_INDEX_FILE " line %u is damaged: restore the file from a copy",
	                       number);
}

int ca_index_read(int dir, struct ca_index *ret, struct diag *d)
{
	CLEANUP(freep) char *text = NULL;
	struct ca_index index = { 0 };
	uint32_t number = 0;
	size_t len;
	int rc = state_read(dir, CA_INDEX_FILE, CA_INDEX_MAX, &text, &len);

	if (rc < 0)
		return diag_set(d, rc, "cannot read " CA_INDEX_FILE ": %s", strerror(-rc));
	for (size_t at = 0; at < len && rc == 0;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - (text + at)) : len - at;

		rc = take_line(text + at, line, ++number, &index, d);
		at += line + 1;
	}
	if (rc == 0 && number == 0)
		rc = diag_set(d, -EBADMSG, CA_INDEX_FILE " is empty: restore it from a copy");
	if (rc < 0)
		ca_index_fini(&index);
	else
		*ret = index;
	return rc;
}

/* --- writing ------------------------------------------------------------------------------------- */

static int write_head(const struct ca_index *index, FILE *to)
{
	struct arena a = { 0 };
	struct doc *head = doc_new_map(&a);

	doc_add_int(&a, head, "format", INDEX_FORMAT);
	doc_add_int(&a, head, "crl_number", (int64_t)index->crl_number);
	doc_add_int(&a, head, "crl_days", index->crl_days);
	int rc = doc_write_json(head, to, 0);

	(void)fputc('\n', to); /* the stream keeps errors */
	arena_free(&a);
	return rc;
}

static int write_entry(const struct ca_entry *e, FILE *to)
{
	struct arena a = { 0 };
	struct doc *line = doc_new_map(&a);
	char text[INET_TEXT_MAX];

	doc_add_text(&a, line, "serial", e->serial);
	doc_add_text(&a, line, "name", e->name);
	doc_add_text(&a, line, "kind", e->is_node ? "node" : "person");
	struct doc *addresses = doc_add_list(&a, line, "addresses");

	for (uint32_t i = 0; i < e->address_count; i++)
		doc_add_text(&a, addresses, NULL, inet_addr_format(&e->addresses[i], text));
	add_time(&a, line, "from", e->from_s);
	add_time(&a, line, "until", e->until_s);
	add_time(&a, line, "revoked", e->revoked_s);
	int rc = doc_write_json(line, to, 0);

	(void)fputc('\n', to); /* the stream keeps errors */
	arena_free(&a);
	return rc;
}

int ca_index_write(int dir, const struct ca_index *index, struct diag *d)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	int rc = to ? write_head(index, to) : -ENOMEM;

	for (uint32_t i = 0; i < index->count && rc == 0; i++)
		rc = write_entry(&index->entries[i], to);
	if (to && fclose(to) != 0 && rc == 0)
		rc = -ENOMEM;
	if (rc == 0)
		rc = len > CA_INDEX_MAX ? -EFBIG : state_replace(dir, CA_INDEX_FILE, text, len);
	return rc < 0 ? diag_set(d, rc, "cannot write " CA_INDEX_FILE ": %s", strerror(-rc)) : 0;
}

void ca_index_add(struct ca_index *index, const struct ca_entry *e)
{
	if (index->count == index->cap) {
		index->cap = index->cap ? index->cap * 2 : 16;
		index->entries = xrealloc(index->entries, index->cap, sizeof(*index->entries));
	}
	index->entries[index->count++] = *e;
}

void ca_index_fini(struct ca_index *index)
{
	free(index->entries);
	*index = (struct ca_index) { 0 };
}
