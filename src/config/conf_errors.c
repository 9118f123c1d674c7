/* SPDX-License-Identifier: Apache-2.0 */
/* The list of errors of one text, and how a person sees it. */
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_url.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void config_errors_fini(struct config_errors *e)
{
	free(e->errors);
	if (e->text)
		explicit_bzero(e->text, e->text_len); /* it may hold keys */
	free(e->text);
	*e = (struct config_errors) { 0 };
}

void conf_errors_add(struct config_errors *e, const struct diag *d)
{
	if (e->count == CONFIG_ERRORS_MAX) {
		e->omitted++;
		return;
	}
	if ((e->count & (e->count - 1)) == 0)
		e->errors = xrealloc(e->errors, e->count ? 2 * (size_t)e->count : 1,
		                     sizeof(*e->errors));
	e->errors[e->count++] = *d;
}

static void PRINTF_LIKE(3, 0)
        add(struct conf_parser *p, struct place place, const char *fmt, va_list args)
{
	struct diag d = { .code = -EINVAL, .line = place.line, .column = place.column };

	(void)vsnprintf(d.text, sizeof(d.text), fmt, args); /* a cut sentence is still useful */
	conf_errors_add(p->errors, &d);
}

void conf_error(struct conf_parser *p, uint32_t at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(p, conf_place(p, at), fmt, args);
	va_end(args);
}

void conf_error_place(struct conf_parser *p, struct place place, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(p, place, fmt, args);
	va_end(args);
}

/* By place; errors of one place stay in the order in which they were found (merge sort, because
 * qsort is not stable). */
static void merge_sort(struct diag *d, struct diag *spare, size_t count)
{
	if (count < 2)
		return;
	size_t half = count / 2, left = 0, right = half;

	merge_sort(d, spare, half);
	merge_sort(d + half, spare, count - half);
	for (size_t i = 0; i < count; i++) {
		bool take_right = left == half;

		if (left < half && right < count)
			take_right =
			        d[right].line < d[left].line ||
			        (d[right].line == d[left].line && d[right].column < d[left].column);
		spare[i] = take_right ? d[right++] : d[left++];
	}
	memcpy(d, spare, count * sizeof(*d));
}

void conf_errors_sort(struct config_errors *e)
{
	CLEANUP(freep) struct diag *spare = NULL;

	if (e->count < 2)
		return;
	spare = xcalloc(e->count, sizeof(*spare));
	merge_sort(e->errors, spare, e->count);
}

/* The line and a caret below the column.  Tabs are kept, so that the caret stands where the
 * terminal put the word; octets that continue a character take no room. */
static void print_caret(const char *line, size_t len, uint32_t column, FILE *to)
{
	(void)fprintf(to, "  %.*s\n  ", (int)len, line);
	for (size_t i = 0; i + 1 < column && i < len; i++) {
		if (((unsigned char)line[i] & 0xc0) != 0x80)
			(void)fputc(line[i] == '\t' ? '\t' : ' ', to);
	}
	(void)fputs("^\n", to);
}

/* `key-string` (or what abbreviates it) or `psk` begins it, or the word `secret` or a URL with a password stands
 * in it. */
bool config_line_is_secret(const char *line, size_t len)
{
	static const char *const heads[] = { "key-s", "psk" };
	static const char middle[] = "secret";
	size_t first = 0, octets;

	if (conf_url_password_at(line, len, &octets) < len)
		return true;
	while (first < len && (line[first] == ' ' || line[first] == '\t'))
		first++;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		if (len - first >= strlen(heads[i]) &&
		    strncasecmp(line + first, heads[i], strlen(heads[i])) == 0)
			return true;
	}
	for (size_t i = first; i + sizeof(middle) - 1 <= len; i++) {
		if (strncasecmp(line + i, middle, sizeof(middle) - 1) == 0)
			return true;
	}
	return false;
}

/* Nothing that a terminal would obey, and no key. */
static bool is_printable(const char *line, size_t len)
{
	if (config_line_is_secret(line, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return false;
	}
	return len <= CONF_LINE_MAX;
}

void config_errors_print(const struct config_errors *e, const char *name, FILE *to)
{
	const char *at = e->text, *end = e->text + e->text_len;
	uint32_t number = 1;

	for (uint32_t i = 0; i < e->count; i++) {
		const struct diag *d = &e->errors[i];

		if (d->line == 0) {
			(void)fprintf(to, "%s: %s\n", name, d->text);
			continue;
		}
		(void)fprintf(to, "%s:%u:%u: %s\n", name, d->line, d->column, d->text);
		for (; at && at < end && number < d->line; number++) {
			const char *next = memchr(at, '\n', (size_t)(end - at));

			at = next ? next + 1 : end;
		}
		if (!at || at >= end)
			continue;
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (is_printable(at, len))
			print_caret(at, len, d->column, to);
	}
	if (e->omitted)
		(void)fprintf(to, "%s: %u further errors are not shown\n", name, e->omitted);
}
