/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: escape sequences of terminals, and the commands of `candor top`. */
#include "cli/top_input.h"

#include "base/utf8.h"

#include <string.h>

#define CONTROL(letter) ((letter) - '@')

/* --- reading --------------------------------------------------------------------------------- */

/* What VT220s, xterm and their like send, behind ESC. */
static const struct {
	const char *octets;
	uint32_t key;
} sequences[] = {
	{ "[A", TOP_KEY_UP },       { "[B", TOP_KEY_DOWN },       { "OA", TOP_KEY_UP },
	{ "OB", TOP_KEY_DOWN },     { "[H", TOP_KEY_HOME },       { "[F", TOP_KEY_END },
	{ "OH", TOP_KEY_HOME },     { "OF", TOP_KEY_END },        { "[1~", TOP_KEY_HOME },
	{ "[4~", TOP_KEY_END },     { "[7~", TOP_KEY_HOME },      { "[8~", TOP_KEY_END },
	{ "[5~", TOP_KEY_PAGE_UP }, { "[6~", TOP_KEY_PAGE_DOWN }, { "[3~", TOP_KEY_ERASE },
	{ "OM", TOP_KEY_ENTER },
};

/* The length of an unknown sequence behind ESC: CSI (ECMA-48 5.4) and SS3; 0: not complete. */
static size_t sequence_length(const char *octets, size_t len)
{
	if (len < 2)
		return 0;
	if (octets[0] == 'O')
		return 2;
	for (size_t i = 1; i < len; i++) {
		if (octets[i] >= 0x40 && octets[i] <= 0x7e)
			return i + 1;
		if (octets[i] < 0x20)
			return i; /* broken off */
	}
	return 0;
}

static size_t read_escape(const char *octets, size_t len, bool is_all, uint32_t *ret_key)
{
	if (len == 1 && !is_all)
		return 0;
	*ret_key = TOP_KEY_ESCAPE;
	if (len == 1)
		return 1;
	if (octets[1] != '[' && octets[1] != 'O')
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++) {
		size_t needs = strlen(sequences[i].octets);

		if (len - 1 >= needs && memcmp(octets + 1, sequences[i].octets, needs) == 0) {
			*ret_key = sequences[i].key;
			return 1 + needs;
		}
	}
	size_t unknown = sequence_length(octets + 1, len - 1);

	if (unknown == 0 && !is_all)
		return 0;
	*ret_key = TOP_KEY_NONE;
	return unknown ? 1 + unknown : len;
}

size_t top_key_read(const char *octets, size_t len, bool is_all, uint32_t *ret_key)
{
	if (len == 0)
		return 0;
	switch (octets[0]) {
	case '\033':
		return read_escape(octets, len, is_all, ret_key);
	case '\r':
	case '\n':
		*ret_key = TOP_KEY_ENTER;
		return 1;
	case '\b':
	case 0x7f:
		*ret_key = TOP_KEY_ERASE;
		return 1;
	default:
		break;
	}
	if ((unsigned char)octets[0] < 0x80) {
		*ret_key = (unsigned char)octets[0];
		return 1;
	}
	/* filters of the model are ASCII words: other characters do nothing */
	size_t length = utf8_length(octets, len);

	if (length == 0 && len < 4 && !is_all)
		return 0;
	*ret_key = TOP_KEY_NONE;
	return length ? length : 1;
}

/* --- the filter ------------------------------------------------------------------------------ */

static enum top_action type(uint32_t key, struct top_ui *ui, struct top_model *m)
{
	size_t len = strlen(m->filter);

	if (key == TOP_KEY_ENTER) {
		ui->is_typing = false;
	} else if (key == TOP_KEY_ESCAPE || key == CONTROL('C')) {
		ui->is_typing = false;
		memcpy(m->filter, ui->typed_before, sizeof(m->filter));
	} else if (key == TOP_KEY_ERASE && len > 0) {
		m->filter[len - 1] = '\0';
	} else if (key == CONTROL('U')) {
		m->filter[0] = '\0';
	} else if (key >= ' ' && key < 0x7f && len + 1 < sizeof(m->filter)) {
		m->filter[len] = (char)key;
		m->filter[len + 1] = '\0';
	}
	return TOP_ACT_DRAW;
}

static void begin_typing(struct top_ui *ui, struct top_model *m)
{
	ui->is_typing = true;
	memcpy(ui->typed_before, m->filter, sizeof(ui->typed_before));
}

/* --- the list -------------------------------------------------------------------------------- */

static bool choose_order(uint32_t key, struct top_model *m)
{
	static const char letters[TOP_KEYS + 1] = {
		[TOP_BY_HEALTH] = 'h', [TOP_BY_NUMBER] = 'o', [TOP_BY_TARGET] = 't',
		[TOP_BY_TYPE] = 'y',   [TOP_BY_RTT] = 'd',    [TOP_BY_LOSS] = 'l',
		[TOP_BY_JITTER] = 'j', [TOP_BY_MOS] = 'm',    [TOP_BY_AGE] = 'a',
	};

	for (unsigned i = 0; i < TOP_KEYS; i++) {
		if (key != (uint32_t)letters[i])
			continue;
		m->key = (enum top_key)i;
		m->is_reversed = false;
		return true;
	}
	return false;
}

/* Nodes in a row, then all of them. */
static void choose_node(struct top_model *m, bool is_back)
{
	uint32_t choices = m->node_count + 1;

	m->only_node = (m->only_node + (is_back ? choices - 1 : 1)) % choices;
}

static bool move(uint32_t key, const struct top_ui *ui, struct top_model *m)
{
	int64_t page = ui->height > 1 ? ui->height - 1 : 1;

	switch (key) {
	case TOP_KEY_UP:
		top_model_move(m, -1);
		return true;
	case TOP_KEY_DOWN:
		top_model_move(m, 1);
		return true;
	case TOP_KEY_PAGE_UP:
		top_model_move(m, -page);
		return true;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		top_model_move(m, page);
		return true;
	case TOP_KEY_HOME:
		top_model_move(m, -(int64_t)m->shown_count);
		return true;
	case TOP_KEY_END:
		top_model_move(m, m->shown_count);
		return true;
	default:
		return false;
	}
}

static void press_escape(struct top_model *m)
{
	m->filter[0] = '\0';
	m->problems_only = false;
	m->only_node = m->node_count;
}

static enum top_action press_in_list(uint32_t key, struct top_ui *ui, struct top_model *m)
{
	if (move(key, ui, m) || choose_order(key, m))
		return TOP_ACT_DRAW;
	switch (key) {
	case 'q':
	case CONTROL('C'):
		return TOP_ACT_QUIT;
	case '/':
		begin_typing(ui, m);
		break;
	case 'p':
		m->problems_only = !m->problems_only;
		break;
	case 's':
	case 'S':
		m->key = (enum top_key)((m->key + (key == 's' ? 1u : TOP_KEYS - 1u)) % TOP_KEYS);
		m->is_reversed = false;
		break;
	case 'r':
		m->is_reversed = !m->is_reversed;
		break;
	case 'n':
	case 'N':
		choose_node(m, key == 'N');
		break;
	case TOP_KEY_ESCAPE:
		press_escape(m);
		break;
	case TOP_KEY_ENTER:
		ui->screen = top_model_selected(m) ? TOP_DETAIL : TOP_LIST;
		ui->scroll = 0;
		break;
	default:
		break;
	}
	return TOP_ACT_DRAW;
}

/* --- the other screens ----------------------------------------------------------------------- */

static enum top_action press_in_detail(uint32_t key, struct top_ui *ui)
{
	uint32_t page = ui->height > 1 ? ui->height - 1u : 1;

	switch (key) {
	case 'q':
	case TOP_KEY_ESCAPE:
	case TOP_KEY_ENTER:
	case TOP_KEY_ERASE:
		ui->screen = TOP_LIST;
		break;
	case CONTROL('C'):
		return TOP_ACT_QUIT;
	case TOP_KEY_UP:
		ui->scroll -= ui->scroll > 0;
		break;
	case TOP_KEY_DOWN:
		ui->scroll++;
		break;
	case TOP_KEY_PAGE_UP:
		ui->scroll -= ui->scroll > page ? page : ui->scroll;
		break;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		ui->scroll += page;
		break;
	case TOP_KEY_HOME:
		ui->scroll = 0;
		break;
	default:
		break;
	}
	return TOP_ACT_DRAW;
}

enum top_action top_key_press(uint32_t key, struct top_ui *ui, struct top_model *m)
{
	if (key == CONTROL('L'))
		return TOP_ACT_REDRAW;
	if (key == CONTROL('Z'))
		return TOP_ACT_SUSPEND;
	if (ui->is_typing)
		return type(key, ui, m);
	if (ui->screen == TOP_HELP) {
		ui->screen = ui->behind;
		return key == CONTROL('C') ? TOP_ACT_QUIT : TOP_ACT_DRAW;
	}
	if (key == '?') {
		ui->behind = ui->screen;
		ui->screen = TOP_HELP;
		return TOP_ACT_DRAW;
	}
	return ui->screen == TOP_DETAIL ? press_in_detail(key, ui) : press_in_list(key, ui, m);
}
