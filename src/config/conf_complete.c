/* SPDX-License-Identifier: Apache-2.0 */
/* Completion and help of configuration lines. */
#include "config/conf_complete.h"

#include "base/inet.h"
#include "config/conf_op.h"
#include "config/conf_op_keys.h"
#include "config/conf_rows.h"
#include "config/conf_usage.h"
#include "probe/probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORDS_FIRST 32 /* room at the start; doubled when it is full */

/* --- the list --- */

static void add(struct conf_words *to, const struct conf_word *w)
{
	if (to->count == to->cap) {
		struct conf_word *old = to->words;

		to->cap = to->cap ? 2 * to->cap : WORDS_FIRST;
		to->words = arena_alloc(to->arena, to->cap * sizeof(*to->words));
		if (to->count > 0)
			memcpy(to->words, old, to->count * sizeof(*old));
	}
	to->words[to->count] = *w;
	to->words[to->count].word = arena_strdup(to->arena, w->word);
	to->words[to->count++].help = arena_strdup(to->arena, w->help ? w->help : "");
}

void conf_words_offer(struct conf_words *to, const char *word, const char *help, bool own)
{
	struct conf_word w = { .word = word, .help = help, .own = own };

	if (strncasecmp(word, to->prefix, strlen(to->prefix)) == 0)
		add(to, &w);
}

void conf_words_offer_argument(struct conf_words *to, const char *form, const char *help)
{
	struct conf_word w = { .word = form, .help = help, .is_argument = true };
	bool is_number = form[0] == '<';

	/* A number that is being typed is still a number; a word that is none is no address. */
	if (*to->prefix && is_number && strspn(to->prefix, "0123456789") != strlen(to->prefix))
		return;
	add(to, &w);
}

static int by_word(const void *a, const void *b)
{
	const struct conf_word *x = a, *y = b;

	return strcmp(x->word, y->word);
}

static void sort_words(struct conf_words *w)
{
	uint32_t kept = 0;

	if (w->count == 0)
		return;
	qsort(w->words, w->count, sizeof(*w->words), by_word);
	for (uint32_t i = 1; i < w->count; i++) {
		if (strcmp(w->words[kept].word, w->words[i].word) != 0)
			w->words[++kept] = w->words[i];
		else if (!*w->words[kept].help)
			w->words[kept] = w->words[i];
	}
	w->count = kept + 1;
}

/* --- rows --- */

static void offer_number(const struct conf_row *row, struct conf_words *to)
{
	const char *unit = conf_unit_name(row->unit);
	uint64_t max = row->max, min = row->min;
	char form[64], help[160];

	if (row->kind == CK_PORT) {
		min = min ? min : 1;
		max = max ? max : UINT16_MAX;
	}
	(void)snprintf(form, sizeof(form), "<%" PRIu64 "-%" PRIu64 ">", min, max);
	if (row->initial >= min && row->initial <= max)
		(void)snprintf(help, sizeof(help), "%s%s%s (default %" PRIu64 ")",
		               row->help ? row->help : "", *unit ? ", in " : "", unit,
		               row->initial);
	else
		(void)snprintf(help, sizeof(help), "%s", row->help ? row->help : "");
	conf_words_offer_argument(to, form, help);
}

/* What the argument of ``row`` looks like. */
static void offer_argument(const struct conf_row *row, bool is_ios, struct conf_words *to)
{
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_PORT:
		offer_number(row, to);
		break;
	case CK_HEX32:
		conf_words_offer_argument(to, "HEX", row->help);
		break;
	case CK_ENABLE:
		conf_words_offer(to, "enable", row->initial ? "The default" : "", !is_ios);
		conf_words_offer(to, "disable", row->initial ? "" : "The default", !is_ios);
		break;
	case CK_ENUM:
		for (unsigned i = 0; row->names[i]; i++)
			conf_words_offer(to, row->names[i], i == row->initial ? "The default" : "",
			                 !is_ios);
		break;
	case CK_TEXT:
		conf_words_offer_argument(to, "LINE", row->help);
		break;
	case CK_ADDR:
		conf_words_offer_argument(to, "A.B.C.D", row->help);
		conf_words_offer_argument(to, "X:X:X:X::X", row->help);
		break;
	case CK_WORD:
	case CK_CUSTOM:
		conf_words_offer_argument(to, "WORD", row->help);
		break;
	case CK_FLAG:
	case CK_NONE:
		break;
	}
}

/* The n-th word of a keyword, or NULL. */
static const char *key_word(const char *words, uint32_t n, char *to, size_t cap)
{
	while (n-- > 0) {
		words = strchr(words, ' ');
		if (!words)
			return NULL;
		words++;
	}
	(void)snprintf(to, cap, "%.*s", (int)strcspn(words, " "), words);
	return to;
}

/* How many words of the line from ``at`` on belong to this keyword; UINT32_MAX: another one is
 * meant. */
static uint32_t key_fits(const struct conf_row_key *key, const struct conf_line *line, uint32_t at)
{
	char word[64];
	uint32_t n = 0;

	for (; at + n < line->count && key_word(key->words, n, word, sizeof(word)); n++) {
		const char *typed = line->token[at + n].text;

		if (!conf_word_is(typed, word) &&
		    !(key->is_ios && conf_word_abbreviates(typed, word)))
			return UINT32_MAX;
	}
	return n;
}

/* Behind the keyword of a row; its argument begins at word ``at``. */
static void offer_behind_key(const struct conf_row_key *key, const struct conf_line *line,
                             uint32_t at, bool is_no, struct conf_words *to)
{
	const struct conf_row *row = key->row;
	uint32_t used = line->count - at;
	bool is_open = row->kind == CK_TEXT || row->kind == CK_CUSTOM;

	if (row->usage && !is_no) {
		conf_usage_offer(row->usage, line, at, !key->is_ios, to);
		return;
	}
	if (!is_no && row->kind != CK_FLAG && (used == 0 || is_open))
		offer_argument(row, key->is_ios, to);
	if (is_no || row->kind == CK_FLAG || used > 0)
		to->line_end = true;
}

static void offer_keys(const struct conf_offer *o, const struct conf_line *line, uint32_t at,
                       struct conf_words *to)
{
	for (uint32_t i = 0; i < o->key_count; i++) {
		const struct conf_row_key *key = &o->keys[i];
		uint32_t n = key_fits(key, line, at);
		char word[64];

		if (!key->row || n == UINT32_MAX || (key->is_old && n == 0 && !*to->prefix))
			continue;
		if (key_word(key->words, n, word, sizeof(word))) {
			bool is_last = !strchr(key->words, ' ') || n > 0;

			conf_words_offer(to, word, is_last ? key->row->help : "Several settings",
			                 !key->is_ios);
		} else if (n > 0) {
			offer_behind_key(key, line, at + n, at > 0, to);
		}
	}
}

/* --- the type line of an operation --- */

static void offer_options(const struct op_key_list *keys, const struct conf_line *line, uint32_t at,
                          struct conf_words *to)
{
	while (at < line->count) {
		struct conf_match m = conf_row_keys_find(keys->keys, keys->count, line, at);

		if (m.found != CONF_FOUND || !m.key->row)
			return;
		if (m.at == line->count && m.key->row->kind != CK_FLAG) {
			offer_argument(m.key->row, m.key->is_ios, to);
			return;
		}
		at = m.at + (m.key->row->kind != CK_FLAG);
	}
	for (uint32_t i = 0; i < keys->count; i++) {
		if (keys->keys[i].row)
			conf_words_offer(to, keys->keys[i].words, keys->keys[i].row->help,
			                 !keys->keys[i].is_ios);
	}
	to->line_end = true;
}

static void offer_target(const struct probe_type *type, struct conf_words *to)
{
	if (type->target == TARGET_URL) {
		conf_words_offer_argument(to, "URL", "What is fetched");
	} else if (type->target == TARGET_NAME) {
		conf_words_offer_argument(to, "WORD", "Name that is asked for");
	} else {
		conf_words_offer_argument(to, "A.B.C.D", "Target");
		conf_words_offer_argument(to, "X:X:X:X::X", "Target");
		conf_words_offer_argument(to, "WORD", "Name of the target");
	}
}

static void offer_type_line(const struct conf_parser *p, const struct conf_match *m,
                            const struct conf_line *line, struct conf_words *to)
{
	const struct probe_type *type = conf_op_type_of(m->command);
	uint32_t typed = line->count - m->at, plain;

	if (!type || (m->command->flags & CC_OLD))
		return; /* an old spelling: read, not offered */
	plain = type->target == TARGET_HOST_PORT ? 2 : type->target != TARGET_NONE;
	if (typed == 0 && plain > 0) {
		offer_target(type, to);
	} else if (typed < plain) {
		conf_words_offer_argument(to, "<1-65535>", "Port of the target");
	} else {
		struct op_key_list *keys = arena_alloc(to->arena, sizeof(*keys));

		conf_op_keys_build(keys, (uint8_t)type->id, CW_INLINE);
		offer_options(keys, line, m->at + plain, to);
	}
	(void)p;
}

/* --- commands --- */

static void offer_table(const struct conf_command *table, bool is_no, struct conf_words *to)
{
	for (const struct conf_command *c = table; c && c->word; c++) {
		bool is_old = c->help &&
		              strncmp(c->help, CONF_OLD_SPELLING, strlen(CONF_OLD_SPELLING)) == 0;

		if (c->unsupported || (is_no && !(c->flags & CC_NO) && !c->next) ||
		    (is_old && !*to->prefix))
			continue;
		conf_words_offer(to, c->word, c->help, c->flags & CC_OWN);
	}
}

static void offer_commands(const struct conf_parser *p, const struct conf_command *table,
                           const struct conf_line *line, uint32_t at, struct conf_words *to)
{
	struct conf_match m = conf_words_walk(table, line, at);
	bool is_no = at > 0;

	if (at == line->count) {
		offer_table(table, is_no, to);
	} else if (m.command && !m.command->unsupported && m.found != CONF_FOUND_AMBIGUOUS) {
		if (table == conf_commands_op_type && m.command->run) {
			offer_type_line(p, &m, line, to);
			return;
		}
		if (m.at == line->count)
			offer_table(m.among, is_no, to);
		if (m.command->run || !m.command->next)
			conf_usage_offer(m.command->usage, line, m.at, m.command->flags & CC_OWN,
			                 to);
		/* What stands behind `no` only says which one is meant. */
		to->line_end |= is_no && m.command->run && line->count > m.at;
	}
}

static void offer_mode(const struct conf_parser *p, const struct conf_mode *mode,
                       const struct conf_line *line, uint32_t at, struct conf_words *to)
{
	struct conf_offer o = { .commands = { mode->commands } };

	if (mode->offer)
		o = mode->offer(p);
	for (size_t i = 0; i < ARRAY_LEN(o.commands); i++) {
		if (o.commands[i])
			offer_commands(p, o.commands[i], line, at, to);
	}
	if (o.keys)
		offer_keys(&o, line, at, to);
}

/* Words that stand in front of commands or leave a mode. */
static void offer_common(const struct conf_mode *mode, struct conf_words *to)
{
	conf_words_offer(to, "no", "Take a command back", false);
	conf_words_offer(to, "default", "Set to its default", false);
	if (mode == &conf_mode_global)
		return; /* the rest is in its table */
	conf_words_offer(to, "exit", "Back to the mode above", false);
	conf_words_offer(to, "end", "Back to the top", false);
}

void conf_complete(const struct conf_parser *p, const char *text, struct arena *a,
                   struct conf_words *ret)
{
	struct conf_line *line = arena_alloc(a, sizeof(*line));
	struct conf_reader reader;
	struct diag d = { 0 };
	size_t len = strlen(text);
	bool is_open = len > 0 && text[len - 1] != ' ' && text[len - 1] != '\t';
	uint32_t at = 0;

	*ret = (struct conf_words) { .arena = a, .prefix = "" };
	conf_reader_init(&reader, text, len);
	if (conf_reader_next(&reader, line, &d) == CONF_READ_BAD)
		return;
	if (is_open && line->count > 0) /* the last word is still being typed */
		ret->prefix = line->token[--line->count].text;
	if (line->count > 0 && (conf_word_is(line->token[0].text, "no") ||
	                        conf_word_is(line->token[0].text, "default")))
		at = 1;
	for (const struct conf_mode *mode = p->mode; mode; mode = mode->parent) {
		offer_mode(p, mode, line, at, ret);
		if (line->count == 0 && mode == p->mode)
			offer_common(mode, ret);
		/* The modes above take the line when this one does not know its first word. */
		if (ret->count > 0 || ret->line_end)
			break;
	}
	sort_words(ret);
	ret->line_end &= !*ret->prefix;
}
