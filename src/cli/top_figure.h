/* SPDX-License-Identifier: Apache-2.0 */
/* Figures in a few columns, and small charts out of characters. */
#ifndef CANDOR_CLI_TOP_FIGURE_H
#define CANDOR_CLI_TOP_FIGURE_H

#include "cli/top_grid.h"
#include "cli/top_model.h"

#define TOP_FIGURE_MAX 32

/* "0.012", "1.234", "12.34", "123.4", "1234", "123456", "123 s"; "-" for TOP_NONE: milliseconds in at
 * most 6 columns.  Returns ``to`` (TOP_FIGURE_MAX), as all of these. */
char *top_format_ms(int64_t ns, char *to);
char *top_format_loss(int64_t ppm, char *to);     /* "0", "0.1%", "12%", "100%" */
char *top_format_mos(int64_t centi, char *to);    /* "4.06" */
char *top_format_age(int64_t ns, char *to);       /* "5s", "12m", "3h", "2d" */
char *top_format_count(uint64_t count, char *to); /* "12,345" */

/* The latest round trips of a row in ``width`` columns, the latest at the right end; runs without a
 * round trip are crosses. */
void top_draw_trend(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                    const struct top_row *row);

/* A bar of ``share`` (0 … 1) of ``width`` columns. */
void top_draw_bar(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                  double share);

#endif
