/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting lines. */
#include "cli/shell_line.h"

#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int shell_line_split(const char *text, size_t len, struct shell_line *ret)
{
	struct shell_line *l = ret;
	size_t i = 0;

	if (len >= sizeof(l->text))
		return -E2BIG;
	l->count = 0;
	l->is_word_complete = len == 0 || is_blank(text[len - 1]);
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	if (len > 0) {
		memcpy(l->text, text, len);
		memcpy(l->words_text, text, len);
	}
	l->text[len] = '\0';
	l->words_text[len] = '\0';
	while (i < len) {
		for (; is_blank(l->words_text[i]); i++)
			l->words_text[i] = '\0';
		if (l->count == SHELL_WORDS_MAX)
			return -E2BIG;
		l->words[l->count] = l->words_text + i;
		l->rests[l->count++] = l->text + i;
		while (i < len && !is_blank(l->words_text[i]))
			i++;
	}
	return 0;
}

size_t shell_line_column(const struct shell_line *line, int at)
{
	return at < line->count ? (size_t)(line->rests[at] - line->text) : strlen(line->text);
}

struct command_words shell_line_words(struct shell_line *line, int from, int to)
{
	return (struct command_words) {
		.count = to - from,
		.words = line->words + from,
		.rests = line->rests + from,
	};
}

size_t shell_columns(const char *text, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}
