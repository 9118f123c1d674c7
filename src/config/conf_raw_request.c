/* SPDX-License-Identifier: Apache-2.0 */
/* `http-raw-request`: lines taken as they are until `exit`, with \r, \n, \t and \\ for what a line cannot hold.
 * Each line ends with CR LF, unless it says so itself.  Blanks in front of a line are indentation. */
#include "config/conf_op.h"

#include <string.h>

#define REQUEST_MAX 4096u /* octets */

static const char **request_of(struct op_build *op)
{
	return &op->conf.params.text.at[OP_TEXT_RAW_REQUEST];
}

/* ``line`` with its escapes read; returns the length.  ``to`` holds CONF_LINE_MAX + 3. */
static size_t unescape(const char *line, char *to)
{
	static const char letters[] = "rnt\\", meanings[] = "\r\n\t\\";
	size_t n = 0;

	while (*line) {
		const char *letter = *line == '\\' && line[1] ? strchr(letters, line[1]) : NULL;

		to[n++] = letter ? meanings[letter - letters] : *line;
		line += letter ? 2 : 1;
	}
	return n;
}

/* Octets of ``text`` when it is written again, on one line at most. */
static size_t written_octets(const char *text, size_t len)
{
	size_t n = sizeof("  ") - 1;

	for (size_t i = 0; i < len; i++)
		n += strchr("\r\n\t\\", text[i]) ? 2 : 1;
	return n;
}

static void append(struct conf_parser *p, const char *line, uint32_t at)
{
	struct op_build *op = &p->ops[p->op];
	const char *before = *request_of(op) ? *request_of(op) : "";
	char text[CONF_LINE_MAX + 3];
	size_t len = unescape(line, text);

	if (len < 2 || memcmp(text + len - 2, "\r\n", 2) != 0) {
		text[len++] = '\r';
		text[len++] = '\n';
	}
	if (strlen(before) + len > REQUEST_MAX || written_octets(text, len) > CONF_LINE_MAX) {
		conf_error(p, at, "expected a request of at most %u octets, in lines of at most %d",
		           REQUEST_MAX, CONF_LINE_MAX - 8);
		op->has_failed = true;
		return;
	}
	*request_of(op) = arena_printf(&p->cfg->arena, "%s%.*s", before, (int)len, text);
}

/* A line of the sub-mode, whatever it holds. */
static void take_raw(struct conf_parser *p)
{
	const char *line = p->line.raw + strspn(p->line.raw, " \t");

	if (strcmp(line, "exit") == 0)
		p->mode = p->mode->parent;
	else
		append(p, line, 0);
}

static const struct conf_mode mode_raw = {
	.name = "http-raw-request",
	.prompt = "config-ip-sla-http-rr",
	.parent = &conf_mode_op,
	.take_raw = take_raw,
};

void conf_raw_request(struct conf_parser *p, uint32_t at)
{
	*request_of(&p->ops[p->op]) = NULL;
	if (at < p->line.count) /* all of it on one line */
		append(p, conf_line_rest(&p->line, at), at);
	else
		p->mode = &mode_raw;
}

void conf_raw_request_print(const struct op_conf *op, FILE *to)
{
	static const char letters[] = "rnt\\", meanings[] = "\r\n\t\\";
	const char *text = op->params.text.at[OP_TEXT_RAW_REQUEST];
	bool is_begin = true;

	if (!text)
		return;
	(void)fputs(" http-raw-request\n", to);
	for (; *text; text++) {
		const char *meaning = strchr(meanings, *text);

		if (is_begin)
			(void)fputs("  ", to);
		if (meaning)
			(void)fprintf(to, "\\%c", letters[meaning - meanings]);
		else
			(void)fputc(*text, to);
		is_begin = *text == '\n';
		if (is_begin)
			(void)fputc('\n', to);
	}
	(void)fputs(" exit\n", to);
}
