/* SPDX-License-Identifier: Apache-2.0 */
/* Finding keywords. */
#include "config/conf_words.h"

#include "config/conf_lex.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool conf_word_is(const char *word, const char *keyword)
{
	return strcasecmp(word, keyword) == 0;
}

bool conf_word_abbreviates(const char *word, const char *keyword)
{
	return strncasecmp(word, keyword, strlen(word)) == 0;
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* The row of ``table`` that ``word`` means; NULL with *ret_many when it abbreviates several. */
static const struct conf_command *find_word(const struct conf_command *table, const char *word,
                                            bool *ret_many)
{
	const struct conf_command *abbreviated = NULL;
	int first = lower(word[0]);

	*ret_many = false;
	for (const struct conf_command *c = table; c->word; c++) {
		if (lower(c->word[0]) != first)
			continue;
		if (conf_word_is(word, c->word)) {
			*ret_many = false;
			return c;
		}
		if (!(c->flags & CC_OWN) && conf_word_abbreviates(word, c->word)) {
			*ret_many = abbreviated != NULL;
			abbreviated = c;
		}
	}
	return *ret_many ? NULL : abbreviated;
}

struct conf_match conf_words_walk(const struct conf_command *table, const struct conf_line *line,
                                  uint32_t at)
{
	struct conf_match m = { .found = CONF_FOUND_NOTHING, .at = at, .among = table };

	while (m.among && m.at < line->count) {
		bool is_many;
		const struct conf_command *c = find_word(m.among, line->token[m.at].text, &is_many);

		if (is_many && !(m.command && m.command->run)) {
			m.found = CONF_FOUND_AMBIGUOUS;
			return m;
		}
		if (!c)
			break;
		m.is_abbreviated |= !conf_word_is(line->token[m.at].text, c->word);
		m.command = c;
		m.among = c->next;
		m.at++;
	}
	if (m.command)
		m.found = m.command->run || m.command->unsupported ? CONF_FOUND : CONF_FOUND_PART;
	return m;
}

int conf_word_choose(const char *word, const char *const *list, bool is_ios)
{
	int found = -ENOENT;

	for (int i = 0; list[i]; i++) {
		if (conf_word_is(word, list[i]))
			return i;
		if (is_ios && conf_word_abbreviates(word, list[i]))
			found = found == -ENOENT ? i : -EEXIST;
	}
	return found;
}

/* Append ``word`` to a list of ``*count`` words; ``is_last`` puts "or" before it. */
static void list_add(char *to, size_t cap, unsigned *count, const char *word, bool is_last)
{
	size_t len = strlen(to);
	const char *glue = *count == 0 ? "" : is_last ? " or " : ", ";

	(void)snprintf(to + len, cap - len, "%s%s", glue, word); /* a cut list is still useful */
	++*count;
}

void conf_words_list(const struct conf_command *table, char *to, size_t cap)
{
	const char *held = NULL;
	unsigned count = 0;

	*to = '\0';
	for (const struct conf_command *c = table; c->word; c++) {
		if (c->unsupported)
			continue;
		if (held)
			list_add(to, cap, &count, held, false);
		held = c->word;
	}
	if (held)
		list_add(to, cap, &count, held, true);
}

void conf_choices_list(const char *const *list, char *to, size_t cap)
{
	unsigned count = 0;

	*to = '\0';
	for (unsigned i = 0; list[i]; i++)
		list_add(to, cap, &count, list[i], list[i + 1] == NULL);
}
