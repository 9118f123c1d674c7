/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as JSON (RFC 8259): our own streaming writer, jansson behind guards as reader. */
#include "object/doc.h"

#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Octets that are not UTF-8 become U+FFFD, so that no text of a peer makes the output invalid. */
static void write_text(FILE *to, const char *text)
{
	(void)putc('"', to); /* errors stay in the stream */
	for (size_t len; *text; text += len) {
		unsigned char first = (unsigned char)*text;

		len = utf8_length(text, strnlen(text, 4));
		if (len == 0) {
			(void)fputs("\\ufffd", to);
			len = 1;
		} else if (first == '"' || first == '\\') {
			(void)fprintf(to, "\\%c", first);
		} else if (first == '\n') {
			(void)fputs("\\n", to);
		} else if (first == '\t') {
			(void)fputs("\\t", to);
		} else if (first < 0x20 || first == 0x7f) {
			(void)fprintf(to, "\\u%04x", first);
		} else {
			(void)fwrite(text, 1, len, to);
		}
	}
	(void)putc('"', to);
}

/* The shortest of 15 to 17 digits that reads back as the same number, always with a point. */
static void write_real(FILE *to, double value)
{
	char text[40];

	if (!isfinite(value)) {
		(void)fputs("null", to);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, value); /* fits: %g is short */
		if (!(strtod(text, NULL) < value || strtod(text, NULL) > value))
			break;
	}
	(void)fputs(text, to);
	if (!strpbrk(text, ".e"))
		(void)fputs(".0", to);
}

static void new_line(const struct json_writer *w)
{
	if (w->indent)
		(void)fprintf(w->to, "\n%*s", (int)(w->depth * w->indent), "");
}

static void begin_member(struct json_writer *w, const char *key)
{
	if (w->depth > 0) {
		if (w->has_members[w->depth])
			(void)fputs(w->indent ? "," : ", ", w->to);
		w->has_members[w->depth] = true;
		new_line(w);
	}
	if (key) {
		write_text(w->to, key);
		(void)fputs(": ", w->to);
	}
}

void json_open(struct json_writer *w, const char *key, char bracket)
{
	begin_member(w, key);
	assert(w->depth < JSON_DEPTH_MAX);
	(void)putc(bracket, w->to);
	w->has_members[++w->depth] = false;
}

void json_close(struct json_writer *w, char bracket)
{
	bool had = w->has_members[w->depth];

	assert(w->depth > 0);
	w->depth--;
	if (had)
		new_line(w);
	(void)putc(bracket, w->to);
}

/* Depth is bounded: doc_parse_json refuses deeper texts and nobody builds such documents. */
void json_doc(struct json_writer *w, const char *key, const struct doc *d)
{
	if (d->kind == DOC_MAP || d->kind == DOC_LIST) {
		json_open(w, key, d->kind == DOC_MAP ? '{' : '[');
		for (const struct doc_member *m = d->first; m; m = m->next)
			json_doc(w, m->key, &m->value);
		json_close(w, d->kind == DOC_MAP ? '}' : ']');
		return;
	}
	begin_member(w, key);
	switch (d->kind) {
	case DOC_BOOL:
		(void)fputs(d->boolean ? "true" : "false", w->to);
		break;
	case DOC_INT:
		(void)fprintf(w->to, "%" PRId64, d->integer);
		break;
	case DOC_REAL:
		write_real(w->to, d->real);
		break;
	case DOC_TEXT:
		write_text(w->to, d->text);
		break;
	case DOC_NULL:
	case DOC_LIST:
	case DOC_MAP:
		(void)fputs("null", w->to);
		break;
	}
}

int doc_write_json(const struct doc *d, FILE *to, unsigned indent)
{
	struct json_writer w = { .to = to, .indent = indent };

	json_doc(&w, NULL, d);
	if (indent)
		(void)putc('\n', to);
	return ferror(to) ? -EIO : 0;
}

/* Whether brackets outside of strings nest deeper than we take.  The parser's own bound is in the
 * thousands; its recursion must not depend on a peer's patience. */
static bool is_too_deep(const char *text, size_t len)
{
	unsigned depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < len; i++) {
		if (in_text) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				in_text = false;
		} else if (text[i] == '"') {
			in_text = true;
		} else if (text[i] == '{' || text[i] == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return true;
		} else if ((text[i] == '}' || text[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

static void fill(struct arena *a, struct doc *to, const char *key, json_t *from);

static void fill_container(struct arena *a, struct doc *d, json_t *from)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_object(from)) {
		json_object_foreach(from, key, value) fill(a, d, arena_strdup(a, key), value);
	} else {
		json_array_foreach(from, i, value) fill(a, d, NULL, value);
	}
}

static void fill(struct arena *a, struct doc *to, const char *key, json_t *from)
{
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		fill_container(a, doc_add_map(a, to, key), from);
		break;
	case JSON_ARRAY:
		fill_container(a, doc_add_list(a, to, key), from);
		break;
	case JSON_STRING:
		doc_add_text(a, to, key, json_string_value(from));
		break;
	case JSON_INTEGER:
		doc_add_int(a, to, key, json_integer_value(from));
		break;
	case JSON_REAL:
		doc_add_real(a, to, key, json_real_value(from));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		doc_add_bool(a, to, key, json_is_true(from));
		break;
	case JSON_NULL:
		doc_add_null(a, to, key);
		break;
	}
}

int doc_parse_json(struct arena *a, const char *text, size_t len, struct doc **ret, struct diag *d)
{
	json_error_t error;

	if (is_too_deep(text, len))
		return diag_set(d, -EBADMSG, "JSON nests deeper than %d levels", JSON_DEPTH_MAX);
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!root)
		return diag_set(d, -EBADMSG, "not JSON: %s (octet %d)", error.text, error.position);
	/* A list of one lets the top be filled like any member. */
	struct doc *box = doc_new_list(a);

	fill(a, box, NULL, root);
	json_decref(root);
	*ret = &box->first->value;
	return 0;
}
