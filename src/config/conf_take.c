/* SPDX-License-Identifier: Apache-2.0 */
/* Taking the arguments of a line one by one, with one way of saying what was expected. */
#include "base/inet.h"
#include "config/conf_parser.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void conf_note_secret(struct conf_parser *p)
{
	if (p->first_secret_line)
		return;
	p->first_secret_line = p->line.number;
	p->first_secret_column = p->line.token[0].column;
}

struct arena *conf_texts(struct conf_parser *p)
{
	return p->mode->has_own_texts ? &p->op_texts : &p->cfg->arena;
}

struct place conf_place(const struct conf_parser *p, uint32_t at)
{
	return (struct place) { p->line.number, conf_line_column(&p->line, at) };
}

const char *conf_word(const struct conf_parser *p, uint32_t at)
{
	return at < p->line.count ? p->line.token[at].text : NULL;
}

void conf_error_expected(struct conf_parser *p, uint32_t at, const char *what)
{
	const char *word = conf_word(p, at);

	if (word)
		conf_error(p, at, "expected %s, found '%.60s'", what, word);
	else
		conf_error(p, at, "expected %s, found the end of the line", what);
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool conf_number_parse(const char *text, uint64_t *ret)
{
	uint64_t value = 0, base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return false;
	for (; *text; text++) {
		uint64_t digit = (uint64_t)digit_value(*text);

		if (digit >= base || value > (UINT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret = value;
	return true;
}

bool conf_take_number(struct conf_parser *p, uint32_t at, const char *what, uint64_t min,
                      uint64_t max, uint64_t *ret)
{
	const char *word = conf_word(p, at);
	uint64_t value;

	if (!word || !conf_number_parse(word, &value) || value < min || value > max) {
		char expected[160];

		(void)snprintf(expected, sizeof(expected), "%s from %" PRIu64 " to %" PRIu64, what,
		               min, max);
		conf_error_expected(p, at, expected);
		return false;
	}
	*ret = value;
	return true;
}

bool conf_take_addr(struct conf_parser *p, uint32_t at, struct inet_addr *ret)
{
	const char *word = conf_word(p, at);

	if (!word || inet_addr_parse(word, ret)) {
		conf_error_expected(p, at, "an IPv4 or IPv6 address");
		return false;
	}
	return true;
}

bool conf_take_name(struct conf_parser *p, uint32_t at, const char *what, size_t max,
                    const char **ret)
{
	const char *word = conf_word(p, at);

	if (!word || strlen(word) > max) {
		char expected[160];

		(void)snprintf(expected, sizeof(expected), "%s of at most %zu octets", what, max);
		conf_error_expected(p, at, expected);
		return false;
	}
	*ret = arena_strdup(conf_texts(p), word);
	return true;
}

bool conf_take_choice(struct conf_parser *p, uint32_t at, const char *const *list, bool is_ios,
                      int *ret)
{
	const char *word = conf_word(p, at);
	int found = word ? conf_word_choose(word, list, is_ios) : -ENOENT;

	if (found < 0) {
		char expected[200];

		conf_choices_list(list, expected, sizeof(expected));
		if (found == -EEXIST)
			conf_error(p, at, "'%.60s' is ambiguous: expected %s", word, expected);
		else
			conf_error_expected(p, at, expected);
		return false;
	}
	*ret = found;
	return true;
}

bool conf_take_end(struct conf_parser *p, uint32_t at)
{
	if (at < p->line.count) {
		conf_error_expected(p, at, "the end of the line");
		return false;
	}
	return true;
}
