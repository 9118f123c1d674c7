/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of `candor top`: what a terminal sends, and what each key does.  Pure. */
#ifndef CANDOR_CLI_TOP_INPUT_H
#define CANDOR_CLI_TOP_INPUT_H

#include "cli/top_screen.h"

#include <stddef.h>

/* A character stands for itself (its code point); these are beyond all characters. */
enum top_keypress {
	TOP_KEY_NONE = 0x110000,
	TOP_KEY_UP,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_ERASE,
};

enum top_action {
	TOP_ACT_DRAW,
	TOP_ACT_REDRAW, /* the whole screen, whatever the terminal shows */
	TOP_ACT_QUIT,
	TOP_ACT_SUSPEND, /* to the shell, as ^Z */
};

/* The first key in ``len`` octets: how many octets it took.  0: more octets may follow that belong to
 * it; call again with ``is_all`` when none came. */
size_t top_key_read(const char *octets, size_t len, bool is_all, uint32_t *ret_key);

/* What the key does to the screen and the order. */
enum top_action top_key_press(uint32_t key, struct top_ui *ui, struct top_model *m);

#endif
