/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of `candor top`, drawn into a grid: pure, from the model and what keys have chosen. */
#ifndef CANDOR_CLI_TOP_SCREEN_H
#define CANDOR_CLI_TOP_SCREEN_H

#include "cli/top_grid.h"
#include "cli/top_model.h"

enum top_screen {
	TOP_LIST,
	TOP_DETAIL,
	TOP_HELP,
};

/* What is known of one operation besides its row; parts are NULL until they are there. */
struct top_detail {
	uint32_t node, number;
	const struct doc *statistics; /* sla/statistics/# */
	const struct doc *operation;  /* sla/operation/# */
	const struct doc *alarms;     /* list alarm */
	const struct doc *messages;   /* list message */
	const char *problem;          /* why something is missing; NULL: nothing is */
};

/* What is on the screen. */
struct top_ui {
	enum top_screen screen;
	enum top_screen behind;          /* of the help */
	uint32_t first;                  /* line of the list at the top */
	uint32_t scroll;                 /* lines of the detail screen above the top */
	bool is_typing;                  /* the filter */
	char typed_before[TOP_TEXT_MAX]; /* the filter when typing began, to come back to */
	uint16_t height;                 /* of the latest drawing, for paging */
};

/* Draw the screen that ``ui`` names.  The model has been arranged for ``now``.  ``detail`` may be NULL
 * (nothing has come yet). */
void top_draw(struct top_grid *g, struct top_ui *ui, const struct top_model *m,
              const struct top_detail *detail, wall_t now);

/* Parts of it. */
void top_draw_list(struct top_grid *g, struct top_ui *ui, const struct top_model *m, wall_t now);
void top_draw_detail(struct top_grid *g, struct top_ui *ui, const struct top_model *m,
                     const struct top_detail *detail, wall_t now);
void top_draw_distribution(struct top_grid *g, unsigned y, unsigned bars,
                           const struct doc *distribution);
void top_draw_help(struct top_grid *g);
void top_draw_table(struct top_grid *g, unsigned y, uint32_t first, unsigned lines,
                    const struct top_model *m, bool with_trend);

/* All operations as a table, for output that is no terminal. */
void top_write_table(const struct top_model *m, unsigned width, bool is_utf8, FILE *to);

uint8_t top_health_style(enum top_health health);
char top_health_mark(const struct top_row *row); /* '!' '?' '+' or the state of routers */
const char *top_key_name(enum top_key key);      /* "round trip" */

/* Times of day: "12:04:31", our time zone.  Returns ``to`` (16). */
char *top_format_clock(int64_t unix_ns, char *to);

#endif
