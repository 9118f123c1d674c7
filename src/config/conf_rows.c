/* SPDX-License-Identifier: Apache-2.0 */
/* Reading settings by their rows. */
#include "config/conf_rows.h"

#include "base/inet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define KEYS_MAX 128 /* of one place */

/* Names of enumerations that are IOS's: these may be abbreviated. */
static const char *const ios_values[] = {
	"enable", "disable", "milliseconds", "microseconds",  "g711alaw", "g711ulaw",
	"g729a",  "none",    "all",          "overThreshold", "failures", NULL,
};

/* --- finding the row --- */

/* The n-th word of a keyword: its start, and its length in *ret_len; NULL when there is none. */
static const char *word_of(const char *words, uint32_t n, size_t *ret_len)
{
	while (n-- > 0) {
		words = strchr(words, ' ');
		if (!words)
			return NULL;
		words++;
	}
	*ret_len = strcspn(words, " ");
	return words;
}

enum word_fit { FIT_NO, FIT_BEGIN, FIT_WHOLE };

static enum word_fit fit(const struct conf_row_key *key, uint32_t n, const char *word)
{
	size_t len = 0, have = strlen(word);
	const char *keyword = word_of(key->words, n, &len);

	if (!keyword || have > len || strncasecmp(word, keyword, have) != 0)
		return FIT_NO;
	return have == len ? FIT_WHOLE : key->is_ios ? FIT_BEGIN : FIT_NO;
}

static bool same_word(const struct conf_row_key *a, const struct conf_row_key *b, uint32_t n)
{
	size_t a_len = 0, b_len = 0;
	const char *a_word = word_of(a->words, n, &a_len);
	const char *b_word = word_of(b->words, n, &b_len);

	return a_word && b_word && a_len == b_len && strncasecmp(a_word, b_word, a_len) == 0;
}

/* Keep in ``kept`` the keys whose n-th word is meant by ``word``.  Returns how many are left; -1:
 * the word begins several. */
static int narrow(const struct conf_row_key **kept, uint32_t count, uint32_t n, const char *word)
{
	enum word_fit best = FIT_NO;
	uint32_t left = 0;

	for (uint32_t i = 0; i < count; i++) {
		enum word_fit f = fit(kept[i], n, word);

		if (f > best)
			best = f;
	}
	if (best == FIT_NO)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		if (fit(kept[i], n, word) != best)
			continue;
		if (left > 0 && !same_word(kept[0], kept[i], n))
			return -1;
		kept[left++] = kept[i];
	}
	return (int)left;
}

/* Of the keys left, the one with exactly ``words`` words, or NULL. */
static const struct conf_row_key *complete(const struct conf_row_key *const *kept, uint32_t count,
                                           uint32_t words)
{
	size_t len;

	for (uint32_t i = 0; i < count; i++) {
		if (!word_of(kept[i]->words, words, &len))
			return kept[i];
	}
	return NULL;
}

struct conf_match conf_row_keys_find(const struct conf_row_key *keys, uint32_t count,
                                     const struct conf_line *line, uint32_t at)
{
	const struct conf_row_key *kept[KEYS_MAX];
	struct conf_match m = { .found = CONF_FOUND_NOTHING, .at = at };
	uint32_t left = 0;

	for (uint32_t i = 0; at < line->count && i < count && left < KEYS_MAX; i++) {
		/* The first letter alone rules most of them out. */
		if (((unsigned char)keys[i].words[0] | 0x20) ==
		    ((unsigned char)line->token[at].text[0] | 0x20))
			kept[left++] = &keys[i];
	}
	for (uint32_t n = 0; left > 0; n++) {
		const struct conf_row_key *whole = n > 0 ? complete(kept, left, n) : NULL;
		int next = m.at < line->count ? narrow(kept, left, n, line->token[m.at].text) : 0;

		if (next > 0) {
			left = (uint32_t)next;
			m.at++;
			continue;
		}
		m.key = whole ? whole : n > 0 ? kept[0] : NULL;
		if (whole)
			m.found = CONF_FOUND;
		else if (next < 0)
			m.found = CONF_FOUND_AMBIGUOUS;
		else if (n > 0)
			m.found = CONF_FOUND_PART;
		break;
	}
	return m;
}

void conf_row_keys_list(const struct conf_parser *p, const struct conf_match *m,
                        const struct conf_row_key *keys, uint32_t count, char *to, size_t cap)
{
	size_t used = 0;

	to[0] = '\0';
	for (uint32_t i = 0; i < count; i++) {
		bool fits = keys[i].row != NULL && !keys[i].is_old;

		/* In the middle of a keyword only what goes on from there was expected. */
		if (m->found == CONF_FOUND_PART)
			fits = fits && same_word(&keys[i], m->key, 0) && strchr(keys[i].words, ' ');
		if (m->found == CONF_FOUND_AMBIGUOUS && m->at < p->line.count)
			fits = conf_word_abbreviates(p->line.token[m->at].text, keys[i].words);
		if (!fits)
			continue;
		if (used + strlen(keys[i].words) + sizeof(", , ...") > cap) {
			(void)snprintf(to + used, cap - used, ", ...");
			break;
		}
		used += (size_t)snprintf(to + used, cap - used, "%s%s", used ? ", " : "",
		                         keys[i].words);
	}
}

void conf_row_keys_error(struct conf_parser *p, const struct conf_match *m,
                         const struct conf_row_key *keys, uint32_t count)
{
	char list[200];

	conf_row_keys_list(p, m, keys, count, list, sizeof(list));
	if (m->found == CONF_FOUND_AMBIGUOUS)
		conf_error(p, m->at, "'%.60s' is ambiguous: it begins %s", conf_word(p, m->at),
		           list);
	else
		conf_error_expected(p, m->at, list);
}

/* --- one argument --- */

static const char *unit_suffix(enum conf_unit unit, char *to, size_t cap)
{
	const char *name = conf_unit_name(unit);

	(void)snprintf(to, cap, "%s%s", *name ? " of " : "", name);
	return to;
}

static bool take_number(struct conf_parser *p, const struct conf_row *row, uint32_t at,
                        uint64_t *ret)
{
	char what[64], unit[32];

	(void)snprintf(what, sizeof(what), "a number%s",
	               unit_suffix(row->unit, unit, sizeof(unit)));
	return conf_take_number(p, at, what, row->min, row->max, ret);
}

/* IOS writes the pattern without 0x. */
static bool take_hex32(struct conf_parser *p, uint32_t at, uint64_t *ret)
{
	const char *word = conf_word(p, at);
	char text[12] = "0x";

	if (word && (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')))
		word += 2;
	if (word && strlen(word) <= 8) {
		memcpy(text + 2, word, strlen(word) + 1);
		if (conf_number_parse(text, ret))
			return true;
	}
	conf_error_expected(p, at, "a hexadecimal number of up to 8 digits");
	return false;
}

static bool take_enum(struct conf_parser *p, const struct conf_row *row, uint32_t at, uint64_t *ret)
{
	const char *word = conf_word(p, at);
	char expected[200];
	int found = word ? conf_word_choose(word, row->names, false) : -ENOENT;

	/* Not one of the names in full: an abbreviation of one that is IOS's. */
	for (int i = 0; word && found < 0 && found != -EEXIST && row->names[i]; i++) {
		if (conf_word_choose(row->names[i], ios_values, false) >= 0 &&
		    conf_word_abbreviates(word, row->names[i])) {
			bool is_unique = true;

			for (int k = 0; row->names[k]; k++) {
				if (k != i && conf_word_abbreviates(word, row->names[k]) &&
				    conf_word_choose(row->names[k], ios_values, false) >= 0)
					is_unique = false;
			}
			found = is_unique ? i : -EEXIST;
		}
	}
	if (found < 0) {
		conf_choices_list(row->names, expected, sizeof(expected));
		conf_error_expected(p, at, expected);
		return false;
	}
	*ret = (uint64_t)found;
	return true;
}

/* CK_TEXT takes the rest of the line, CK_WORD one word. */
static bool take_text(struct conf_parser *p, const struct conf_row *row, void *object, uint32_t at,
                      uint32_t *ret_used)
{
	const char *text = row->kind == CK_TEXT ? conf_line_rest(&p->line, at) : conf_word(p, at);
	size_t len = text ? strlen(text) : 0;

	if (len < row->min || len > row->max || len == 0) {
		char expected[96];

		(void)snprintf(
		        expected, sizeof(expected), "a %s of %" PRIu64 " to %" PRIu64 " octets",
		        row->kind == CK_TEXT ? "text" : "word", row->min ? row->min : 1, row->max);
		if (len > row->max)
			conf_error(p, at, "expected %s, found %zu octets", expected, len);
		else
			conf_error_expected(p, at, expected);
		return false;
	}
	*(const char **)(void *)((char *)object + row->offset) = arena_strdup(conf_texts(p), text);
	*ret_used = row->kind == CK_TEXT ? p->line.count - at : 1;
	return true;
}

static bool take_custom(struct conf_parser *p, const struct conf_row *row, void *object,
                        uint32_t at, uint32_t *ret_used)
{
	const char *words[CONF_TOKENS_MAX];
	struct conf_args args = { .token = words, .arena = conf_texts(p) };
	struct diag d = { 0 };

	for (uint32_t i = at; i < p->line.count; i++)
		words[args.count++] = p->line.token[i].text;
	int used = row->parse(object, row, &args, &d);

	if (used < 0) {
		conf_error(p, at + (d.column ? d.column - 1 : 0), "%s", d.text);
		return false;
	}
	*ret_used = (uint32_t)used;
	return true;
}

bool conf_row_take(struct conf_parser *p, const struct conf_row *row, void *object, uint32_t at,
                   uint32_t *ret_used)
{
	uint64_t value = 0;
	bool is_good = true;

	*ret_used = 1;
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
		is_good = take_number(p, row, at, &value);
		break;
	case CK_PORT:
		is_good = conf_take_number(p, at, "a port", row->min ? row->min : 1,
		                           row->max ? row->max : UINT16_MAX, &value);
		break;
	case CK_HEX32:
		is_good = take_hex32(p, at, &value);
		break;
	case CK_FLAG:
		*ret_used = 0;
		value = 1;
		break;
	case CK_ENABLE: {
		static const char *const names[] = { "disable", "enable", NULL };
		int choice = 0;

		is_good = conf_take_choice(p, at, names, true, &choice);
		value = (uint64_t)choice;
		break;
	}
	case CK_ENUM:
		is_good = take_enum(p, row, at, &value);
		break;
	case CK_TEXT:
	case CK_WORD:
		return take_text(p, row, object, at, ret_used);
	case CK_ADDR:
		return conf_take_addr(p, at,
		                      (struct inet_addr *)(void *)((char *)object + row->offset));
	case CK_CUSTOM:
		return take_custom(p, row, object, at, ret_used);
	case CK_NONE:
		return false;
	}
	if (is_good)
		conf_row_store(row, object, value);
	return is_good;
}

bool conf_row_reset(struct conf_parser *p, const struct conf_row *row, void *object, uint32_t at)
{
	char *field = (char *)object + row->offset;

	switch (row->kind) {
	case CK_TEXT:
	case CK_WORD:
		*(const char **)(void *)field = NULL;
		break;
	case CK_ADDR:
		*(struct inet_addr *)(void *)field = (struct inet_addr) { 0 };
		break;
	case CK_CUSTOM:
		if (!row->reset) {
			conf_error(p, at, "'%s' has no `no` form", row->keyword);
			return false;
		}
		row->reset(object, row);
		break;
	case CK_NONE:
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_HEX32:
	case CK_FLAG:
	case CK_ENABLE:
	case CK_ENUM:
	case CK_PORT:
		conf_row_store(row, object, row->initial);
		break;
	}
	return true;
}

bool conf_row_line(struct conf_parser *p, const struct conf_match *m)
{
	const struct conf_row *row = m->key->row;
	uint32_t used = 0;

	if (!row) {
		conf_error(p, m->at - 1, "'%s' is known, but not supported by this version: %s",
		           m->key->words, m->key->unsupported);
		return false;
	}
	if (p->form == CONF_SET)
		return conf_row_take(p, row, m->key->object(p), m->at, &used) &&
		       conf_take_end(p, m->at + used);
	/* IOS takes the old argument behind `no` and so do we; its value does not matter. */
	if (p->form == CONF_NO && row->kind == CK_FLAG) {
		conf_row_store(row, m->key->object(p), 0);
		return conf_take_end(p, m->at);
	}
	return conf_row_reset(p, row, m->key->object(p), m->at);
}

/* --- printing --- */

static uint64_t load(const struct conf_row *row, const void *object)
{
	const char *field = (const char *)object + row->offset;

	switch (row->kind) {
	case CK_U8:
	case CK_ENUM:
		return *(const uint8_t *)field;
	case CK_U16:
	case CK_PORT:
		return *(const uint16_t *)(const void *)field;
	case CK_U32:
	case CK_HEX32:
		return *(const uint32_t *)(const void *)field;
	case CK_U64:
		return *(const uint64_t *)(const void *)field;
	case CK_FLAG:
	case CK_ENABLE:
		return *(const bool *)(const void *)field;
	case CK_NONE:
	case CK_TEXT:
	case CK_WORD:
	case CK_ADDR:
	case CK_CUSTOM:
		break;
	}
	return 0;
}

static bool format_number(const struct conf_row *row, uint64_t value, char *to, size_t cap)
{
	bool is_sayable = value >= row->min && value <= row->max;

	if (row->kind == CK_PORT)
		is_sayable = value > 0;
	if (is_sayable)
		(void)snprintf(to, cap, "%" PRIu64, value);
	return value == row->initial;
}

bool conf_row_format(const struct conf_row *row, const void *object, char *to, size_t cap)
{
	const char *field = (const char *)object + row->offset;
	uint64_t value = load(row, object);

	*to = '\0';
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_PORT:
		return format_number(row, value, to, cap);
	case CK_HEX32:
		(void)snprintf(to, cap, "%08" PRIX64, value);
		break;
	case CK_ENABLE:
		(void)snprintf(to, cap, "%s", value ? "enable" : "disable");
		break;
	case CK_ENUM:
		(void)snprintf(to, cap, "%s", row->names[value]);
		break;
	case CK_TEXT:
	case CK_WORD: {
		const char *text = *(const char *const *)(const void *)field;

		(void)snprintf(to, cap, "%s", text ? text : "");
		return *to == '\0';
	}
	case CK_ADDR: {
		const struct inet_addr *addr = (const struct inet_addr *)(const void *)field;

		if (addr->family == INET_NONE)
			return true;
		(void)inet_addr_format(addr, to);
		return false;
	}
	case CK_CUSTOM:
		row->print(object, row, to, cap);
		return *to == '\0';
	case CK_FLAG:
	case CK_NONE:
		break;
	}
	return value == row->initial;
}

bool conf_row_is_alias(const struct conf_row *rows, const struct conf_row *row)
{
	for (const struct conf_row *r = rows; r < row; r++) {
		if (r->offset == row->offset && r->kind == row->kind && r->kind != CK_CUSTOM)
			return true;
	}
	return false;
}
