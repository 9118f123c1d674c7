/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a text into lines and words.  Everything else of the room sees clean UTF-8 without
 * control characters. */
#include "config/conf_lex.h"

#include "base/utf8.h"

#include <errno.h>
#include <string.h>

void conf_reader_init(struct conf_reader *r, const char *text, size_t len)
{
	*r = (struct conf_reader) { .at = text, .end = text + len };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* 0, or -EINVAL with the place of the first octet that is no text. */
static int check_text(const char *text, size_t len, struct diag *d)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t n = utf8_length(text + i, len - i);

		d->column = (uint32_t)i + 1;
		if (n == 0)
			return diag_set(d, -EINVAL, "expected UTF-8 text, found the octet 0x%02x",
			                c);
		/* Those of 8 bits (U+0080 to U+009F) too: some terminals obey them. */
		if ((c < 0x20 && c != '\t') || c == 0x7f ||
		    (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0))
			return diag_set(d, -EINVAL,
			                "expected text, found the control character 0x%02x", c);
		i += n;
	}
	return 0;
}

static void split_words(struct conf_line *line, size_t len)
{
	bool in_word = false;

	memcpy(line->split, line->raw, len + 1);
	for (size_t i = 0; i < len; i++) {
		if (is_blank(line->split[i])) {
			line->split[i] = '\0';
			in_word = false;
		} else if (!in_word) {
			line->token[line->count++] = (struct conf_token) {
				.text = line->split + i,
				.column = (uint32_t)i + 1,
			};
			in_word = true;
		}
	}
}

/* A comment has no words, but it may stand where lines are taken as they are. */
static void keep_comment(struct conf_line *line, const char *text, size_t len)
{
	struct diag ignored;

	if (len > CONF_LINE_MAX || check_text(text, len, &ignored) < 0)
		return;
	memcpy(line->raw, text, len);
	line->raw[len] = '\0';
}

enum conf_read conf_reader_next(struct conf_reader *r, struct conf_line *ret, struct diag *d)
{
	if (r->at == r->end)
		return CONF_READ_END;
	const char *start = r->at;
	const char *stop = memchr(start, '\n', (size_t)(r->end - start));

	r->at = stop ? stop + 1 : r->end;
	if (!stop)
		stop = r->end;
	if (stop > start && stop[-1] == '\r')
		stop--;
	ret->number = ++r->number;
	ret->count = 0;
	ret->raw[0] = '\0';
	ret->has_trailing_blank = stop > start && is_blank(stop[-1]);
	while (stop > start && is_blank(stop[-1]))
		stop--;
	size_t len = (size_t)(stop - start);
	const char *first = start;

	while (first < stop && is_blank(*first))
		first++;
	ret->end_column = (uint32_t)(len < CONF_LINE_MAX ? len : CONF_LINE_MAX) + 1;
	if (first == stop || *first == '!') {
		keep_comment(ret, start, len);
		return CONF_READ_LINE;
	}
	d->line = ret->number;
	if (len > CONF_LINE_MAX) {
		d->column = CONF_LINE_MAX + 1;
		(void)diag_set(d, -EINVAL, "expected a line of at most %d octets, found %zu",
		               CONF_LINE_MAX, len);
		return CONF_READ_BAD;
	}
	if (check_text(start, len, d))
		return CONF_READ_BAD;
	memcpy(ret->raw, start, len);
	ret->raw[len] = '\0';
	split_words(ret, len);
	return CONF_READ_LINE;
}

uint32_t conf_line_column(const struct conf_line *line, uint32_t at)
{
	return at < line->count ? line->token[at].column : line->end_column;
}

const char *conf_line_rest(const struct conf_line *line, uint32_t at)
{
	return at < line->count ? line->raw + line->token[at].column - 1 : "";
}
