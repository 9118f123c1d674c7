/* SPDX-License-Identifier: Apache-2.0 */
/* A screen as cells, and how to bring a terminal from one screen to the next with few octets.  Texts
 * of strangers are safe to put: whatever is not one plain column wide becomes '?'. */
#ifndef CANDOR_CLI_TOP_GRID_H
#define CANDOR_CLI_TOP_GRID_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TOP_GRID_WIDTH_MAX  1000u
#define TOP_GRID_HEIGHT_MAX 500u

/* Colours are from the blue and orange families, which every kind of colour vision tells apart, and
 * never say anything that a letter does not say too. */
enum top_style {
	TOP_PLAIN,
	TOP_STRONG,
	TOP_FAINT,
	TOP_BAR,   /* titles and heads: reverse */
	TOP_CALM,  /* blue */
	TOP_WARN,  /* orange */
	TOP_ALARM, /* strong vermilion */
	TOP_STYLES,
	TOP_CHOSEN = 0x80, /* added to any of these: the selected line */
};

struct top_cell {
	char glyph[4]; /* UTF-8, not terminated; glyph[0] NUL: a blank */
	uint8_t style;
};

struct top_grid {
	uint16_t width, height;
	bool is_utf8;
	struct top_cell *cells; /* row by row */
};

/* A blank screen; sizes beyond the maxima are cut. */
void top_grid_init(struct top_grid *g, unsigned width, unsigned height, bool is_utf8);
void top_grid_fini(struct top_grid *g);

/* Put text into at most ``max`` columns from (x, y) on; what is outside the grid is not drawn.
 * Returns how many columns it takes. */
unsigned top_grid_put(struct top_grid *g, unsigned x, unsigned y, unsigned max, uint8_t style,
                      const char *text);
/* As right-aligned as it can be; a text that is too long loses its end. */
void top_grid_put_right(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                        const char *text);
unsigned top_grid_printf(struct top_grid *g, unsigned x, unsigned y, unsigned max, uint8_t style,
                         const char *fmt, ...) PRINTF_LIKE(6, 7);
void top_grid_clear_line(struct top_grid *g, unsigned y);
/* Give a whole line another style, or add TOP_CHOSEN to it. */
void top_grid_dye(struct top_grid *g, unsigned y, uint8_t style);
void top_grid_choose(struct top_grid *g, unsigned y);

/* Columns that the text takes when it is put. */
unsigned top_text_width(const char *text);

/* The screen as plain lines without trailing blanks; trailing blank lines are left out. */
void top_grid_write(const struct top_grid *g, FILE *to);

enum top_colours {
	TOP_COLOURS_NONE, /* only strong, faint and reverse */
	TOP_COLOURS_8,
	TOP_COLOURS_256,
};

/* What a terminal that shows ``old`` (NULL: a cleared screen) must be sent to show ``g``. */
void top_grid_paint(const struct top_grid *g, const struct top_grid *old, enum top_colours colours,
                    FILE *to);

#endif
