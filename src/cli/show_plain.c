/* SPDX-License-Identifier: Apache-2.0 */
/* Views without a layout of their own: every member on a line, or a text as it is. */
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

static void render_value(const char *key, const struct doc *value, FILE *to)
{
	char text[FORMAT_TIME_MAX];

	switch (value->kind) {
	case DOC_BOOL:
		(void)fputs(value->boolean ? "yes" : "no", to);
		break;
	case DOC_INT:
		if (ends_with(key, "_at_ns") || strcmp(key, "now_ns") == 0)
			(void)fputs(format_time(value->integer, true, true, text), to);
		else if (ends_with(key, "_ns"))
			(void)fputs(format_duration(value->integer, text), to);
		else
			(void)fprintf(to, "%" PRId64, value->integer);
		break;
	case DOC_REAL:
		(void)fprintf(to, "%g", value->real);
		break;
	case DOC_TEXT:
		(void)fputs(value->text, to);
		break;
	case DOC_NULL:
	case DOC_LIST:
	case DOC_MAP:
		(void)fputs("-", to);
		break;
	}
}

/* Depth is bounded by JSON_DEPTH_MAX. */
static void render_members(const struct doc *d, int level, FILE *to)
{
	for (const struct doc_member *m = doc_first(d); m; m = m->next) {
		char name[48];
		size_t i = 0;

		if (!m->key || (level == 0 &&
		                (strcmp(m->key, "schema") == 0 || strcmp(m->key, "object") == 0)))
			continue;
		for (; m->key[i] && i < sizeof(name) - 1; i++)
			name[i] = m->key[i] == '_' ? ' ' : m->key[i];
		if (i > 3 && strncmp(name + i - 3, " ns", 3) == 0)
			i -= 3; /* the unit is printed with the value */
		name[i] = '\0';
		(void)fprintf(to, "%*s%s:", 2 * level, "", name);
		if (m->value.kind == DOC_MAP) {
			(void)fputs("\n", to);
			render_members(&m->value, level + 1, to);
			continue;
		}
		(void)fputs(" ", to);
		render_value(m->key, &m->value, to);
		(void)fputs("\n", to);
	}
}

void render_plain(const struct doc *d, FILE *to)
{
	render_members(d, 0, to);
}

static void render_text(const struct doc *d, FILE *to)
{
	(void)fputs(doc_text(d, "text", ""), to);
}

int show_running_config(struct cli *cli)
{
	return show_object(cli, "config/running", render_text);
}

int show_clock(struct cli *cli)
{
	return show_object(cli, "clock", render_plain);
}

int show_counters(struct cli *cli)
{
	return show_object(cli, "counters", render_plain);
}

int show_export(struct cli *cli)
{
	return show_object(cli, "export", render_plain);
}

int show_version(struct cli *cli)
{
	return show_object(cli, "software", render_plain);
}
