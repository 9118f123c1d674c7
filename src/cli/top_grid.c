/* SPDX-License-Identifier: Apache-2.0 */
/* Cells, and the difference between two screens. */
#include "cli/top_grid.h"

#include "base/utf8.h"
#include "base/xalloc.h"

#include <stdarg.h>
#include <string.h>

void top_grid_init(struct top_grid *g, unsigned width, unsigned height, bool is_utf8)
{
	g->width = (uint16_t)(width > TOP_GRID_WIDTH_MAX ? TOP_GRID_WIDTH_MAX : width);
	g->height = (uint16_t)(height > TOP_GRID_HEIGHT_MAX ? TOP_GRID_HEIGHT_MAX : height);
	g->is_utf8 = is_utf8;
	g->cells = xcalloc((size_t)g->width * g->height, sizeof(*g->cells));
}

void top_grid_fini(struct top_grid *g)
{
	free(g->cells);
	g->cells = NULL;
}

/* --- text ------------------------------------------------------------------------------------ */

static uint32_t code_point(const char *glyph, size_t len)
{
	const unsigned char *s = (const unsigned char *)glyph;

	switch (len) {
	case 2:
		return (s[0] & 0x1fu) << 6 | (s[1] & 0x3fu);
	case 3:
		return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
	case 4:
		return (s[0] & 0x07u) << 18 | (s[1] & 0x3fu) << 12 | (s[2] & 0x3fu) << 6 |
		       (s[3] & 0x3fu);
	default:
		return s[0];
	}
}

/* Whether terminals show it in exactly one column and do nothing else: not control characters,
 * combining marks, directions, and what East Asian fonts and pictures draw over two columns. */
static bool is_one_column(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} others[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },    { 0x0300, 0x036f },
		{ 0x0483, 0x0489 }, { 0x0590, 0x08ff }, { 0x0900, 0x109f },    { 0x1100, 0x11ff },
		{ 0x1780, 0x18af }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },    { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x20d0, 0x20ff },    { 0x231a, 0x231b },
		{ 0x23e9, 0x23f3 }, { 0x2600, 0x27bf }, { 0x2b00, 0x2bff },    { 0x2e80, 0xd7ff },
		{ 0xe000, 0xfaff }, { 0xfe00, 0xffff }, { 0x10000, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (c >= others[i].first && c <= others[i].last)
			return false;
	}
	return true;
}

/* The next glyph of ``text``, as it may be shown; returns how many octets of the text it was. */
static size_t next_glyph(const char *text, bool is_utf8, char glyph[4])
{
	size_t len = utf8_length(text, strlen(text));

	memset(glyph, 0, 4);
	if (len == 0 || (len > 1 && !is_utf8) || !is_one_column(code_point(text, len))) {
		glyph[0] = '?';
	} else {
		for (size_t i = 0; i < len; i++)
			glyph[i] = text[i];
	}
	return len ? len : 1;
}

unsigned top_text_width(const char *text)
{
	unsigned width = 0;
	char glyph[4];

	for (; *text; width++)
		text += next_glyph(text, true, glyph);
	return width;
}

unsigned top_grid_put(struct top_grid *g, unsigned x, unsigned y, unsigned max, uint8_t style,
                      const char *text)
{
	unsigned used = 0;

	if (y >= g->height)
		return 0;
	for (; *text && used < max; used++) {
		struct top_cell cell = { .style = style };

		text += next_glyph(text, g->is_utf8, cell.glyph);
		if (x + used < g->width)
			g->cells[(size_t)y * g->width + x + used] = cell;
	}
	return used;
}

void top_grid_put_right(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                        const char *text)
{
	unsigned needs = top_text_width(text);

	(void)top_grid_put(g, needs < width ? x + width - needs : x, y, width, style, text);
}

unsigned top_grid_printf(struct top_grid *g, unsigned x, unsigned y, unsigned max, uint8_t style,
                         const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* longer than any screen is cut */
	va_end(args);
	return top_grid_put(g, x, y, max, style, text);
}

void top_grid_clear_line(struct top_grid *g, unsigned y)
{
	if (y < g->height)
		memset(&g->cells[(size_t)y * g->width], 0, g->width * sizeof(*g->cells));
}

void top_grid_dye(struct top_grid *g, unsigned y, uint8_t style)
{
	for (unsigned x = 0; y < g->height && x < g->width; x++)
		g->cells[(size_t)y * g->width + x].style = style;
}

void top_grid_choose(struct top_grid *g, unsigned y)
{
	for (unsigned x = 0; y < g->height && x < g->width; x++)
		g->cells[(size_t)y * g->width + x].style |= TOP_CHOSEN;
}

/* --- output ---------------------------------------------------------------------------------- */

static size_t glyph_len(const struct top_cell *cell)
{
	return strnlen(cell->glyph, sizeof(cell->glyph));
}

static void write_glyph(const struct top_cell *cell, FILE *to)
{
	size_t len = glyph_len(cell);

	if (len == 0)
		(void)fputc(' ', to);
	else
		(void)fwrite(cell->glyph, 1, len, to);
}

static unsigned line_end(const struct top_grid *g, unsigned y)
{
	unsigned end = g->width;

	while (end > 0) {
		const struct top_cell *cell = &g->cells[(size_t)y * g->width + end - 1];

		if (cell->glyph[0] && cell->glyph[0] != ' ')
			break;
		end--;
	}
	return end;
}

void top_grid_write(const struct top_grid *g, FILE *to)
{
	unsigned height = g->height;

	while (height > 0 && line_end(g, height - 1) == 0)
		height--;
	for (unsigned y = 0; y < height; y++) {
		unsigned end = line_end(g, y);

		for (unsigned x = 0; x < end; x++)
			write_glyph(&g->cells[(size_t)y * g->width + x], to);
		(void)fputc('\n', to);
	}
}

static void write_style(uint8_t style, enum top_colours colours, FILE *to)
{
	static const char *const looks[TOP_STYLES][3] = {
		[TOP_PLAIN] = { "", "", "" },
		[TOP_STRONG] = { ";1", ";1", ";1" },
		[TOP_FAINT] = { ";2", ";2", ";2" },
		[TOP_BAR] = { ";7", ";7", ";7" },
		[TOP_CALM] = { "", ";36", ";38;5;75" },
		[TOP_WARN] = { "", ";33", ";38;5;214" },
		[TOP_ALARM] = { ";1", ";1;33", ";1;38;5;208" },
	};

	(void)fprintf(to, "\033[0%s%sm", looks[style & (TOP_CHOSEN - 1u)][colours],
	              style & TOP_CHOSEN ? ";7" : "");
}

static bool is_same(const struct top_cell *a, const struct top_cell *b)
{
	bool a_blank = !a->glyph[0] || a->glyph[0] == ' ';
	bool b_blank = !b->glyph[0] || b->glyph[0] == ' ';

	if (a->style != b->style)
		return false;
	return (a_blank && b_blank) || memcmp(a->glyph, b->glyph, sizeof(a->glyph)) == 0;
}

void top_grid_paint(const struct top_grid *g, const struct top_grid *old, enum top_colours colours,
                    FILE *to)
{
	static const struct top_cell blank;
	int style = -1;

	if (!old || old->width != g->width || old->height != g->height) {
		old = NULL;
		(void)fputs("\033[0m\033[2J", to);
	}
	for (unsigned y = 0; y < g->height; y++) {
		unsigned at = UINT16_MAX; /* where the cursor stands in this line: nowhere */

		for (unsigned x = 0; x < g->width; x++) {
			const struct top_cell *cell = &g->cells[(size_t)y * g->width + x];

			if (is_same(cell, old ? &old->cells[(size_t)y * g->width + x] : &blank))
				continue;
			if (at != x)
				(void)fprintf(to, "\033[%u;%uH", y + 1, x + 1);
			if (style != cell->style)
				write_style(cell->style, colours, to);
			style = cell->style;
			write_glyph(cell, to);
			at = x + 1;
		}
	}
	if (style > 0)
		(void)fputs("\033[0m", to);
}
