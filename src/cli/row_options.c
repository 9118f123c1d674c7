/* SPDX-License-Identifier: Apache-2.0 */
/* Options by rows. */
#include "cli/row_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_OCTETS 64

/* A row's keyword as an option: words joined by '-'. */
static const char *option_name(const struct conf_row *row, char *to)
{
	size_t i = 0;

	for (; row->keyword[i] && i < NAME_MAX_OCTETS - 1; i++)
		to[i] = row->keyword[i] == ' ' ? '-' : row->keyword[i];
	to[i] = '\0';
	return to;
}

/* What a search by name or prefix found. */
struct hit {
	const struct conf_row *row;
	const struct own_option *own;
	unsigned count; /* 1: exactly one */
	char names[200];
};

static void add_hit(struct hit *h, const struct conf_row *row, const struct own_option *own,
                    const char *name, const char *wanted, size_t len)
{
	if (strncmp(name, wanted, len) != 0)
		return;
	if (name[len] == '\0') { /* exact: whatever else begins so */
		h->row = row;
		h->own = own;
		h->count = 1;
		h->names[0] = '\0';
		return;
	}
	size_t used = strlen(h->names);

	(void)snprintf(h->names + used, sizeof(h->names) - used, "%s--%s", used ? ", " : "", name);
	h->row = row;
	h->own = own;
	h->count++;
}

static bool is_exact(const struct hit *h)
{
	return h->count == 1 && h->names[0] == '\0';
}

static bool is_offered(const struct conf_row *rows, const struct own_option *own)
{
	if (!own->beside)
		return true;
	for (; rows->kind != CK_NONE; rows++) {
		if (strcmp(rows->keyword, own->beside) == 0)
			return true;
	}
	return false;
}

static struct hit find_option(const struct conf_row *rows, const struct own_option *own,
                              const char *wanted, size_t len)
{
	struct hit h = { 0 };
	char name[NAME_MAX_OCTETS];

	for (; own->name && !is_exact(&h); own++) {
		if (is_offered(rows, own))
			add_hit(&h, NULL, own, own->name, wanted, len);
	}
	for (; rows->kind != CK_NONE && !is_exact(&h); rows++)
		add_hit(&h, rows, NULL, option_name(rows, name), wanted, len);
	return h;
}

/* Values become configuration text: they must stay within their line. */
static bool is_plain(const char *value)
{
	if (!*value)
		return false;
	for (; *value; value++) {
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return false;
	}
	return true;
}

static int read_option(struct cli *cli, const struct conf_row *rows, const struct own_option *own,
                       int *at, struct given_options *o)
{
	const char *word = cli->argv[*at], *start = word + (word[1] == '-' ? 2 : 1);
	size_t len = strcspn(start, "=");
	const char *value = start[len] == '=' ? start + len + 1 : NULL;
	struct hit h = find_option(rows, own, start, len);

	if (len == 0 || h.count == 0)
		return cli_usage_error(cli, "unknown option \"%s\": see --help", word);
	if (h.count > 1)
		return cli_usage_error(cli, "\"%s\" is ambiguous: %s", word, h.names);
	char name[NAME_MAX_OCTETS];
	const char *full = h.own ? h.own->name : option_name(h.row, name);
	bool takes = h.own ? h.own->value != NULL : h.row->kind != CK_FLAG;

	if (takes && !value) {
		if (*at + 1 >= cli->argc)
			return cli_usage_error(cli, "--%s needs a value", full);
		value = cli->argv[++*at];
	} else if (!takes && value) {
		return cli_usage_error(cli, "--%s takes no value", full);
	}
	if (value && !is_plain(value))
		return cli_usage_error(cli, "the value of --%s is empty or has control characters",
		                       full);
	o->options[o->count++] = (struct given_option) {
		.name = arena_strdup(&o->arena, full),
		.value = value,
		.row = h.row,
		.own = h.own,
	};
	return CLI_GOOD;
}

int row_options_read(struct cli *cli, const struct conf_row *rows, const struct own_option *own,
                     struct given_options *ret)
{
	struct given_options o = { 0 };
	size_t most = (size_t)cli->argc + 1;

	o.options = arena_alloc(&o.arena, most * sizeof(*o.options));
	o.words = arena_alloc(&o.arena, most * sizeof(*o.words));
	for (int i = 0; i < cli->argc; i++) {
		if (cli->argv[i][0] != '-' || cli->argv[i][1] == '\0') {
			o.words[o.words_count++] = cli->argv[i];
			continue;
		}
		int code = read_option(cli, rows, own, &i, &o);

		if (code != CLI_GOOD) {
			row_options_fini(&o);
			return code;
		}
	}
	*ret = o;
	return CLI_GOOD;
}

void row_options_fini(struct given_options *o)
{
	arena_free(&o->arena);
}

const char *row_options_own(const struct given_options *o, const char *name)
{
	const char *value = NULL;

	for (uint32_t i = 0; i < o->count; i++) {
		if (o->options[i].own && strcmp(o->options[i].name, name) == 0)
			value = o->options[i].value ? o->options[i].value : "";
	}
	return value;
}

int row_options_number(struct cli *cli, const struct given_options *o, const char *name,
                       uint64_t min, uint64_t max, uint64_t *ret)
{
	const char *text = row_options_own(o, name);
	char *end;

	if (!text)
		return CLI_GOOD;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || errno || value < min || value > max)
		return cli_usage_error(cli,
		                       "--%s: expected a number from %" PRIu64 " to %" PRIu64
		                       ", found \"%s\"",
		                       name, min, max, text);
	*ret = value;
	return CLI_GOOD;
}

static const char *value_word(const struct conf_row *row)
{
	switch (row->kind) {
	case CK_FLAG:
	case CK_NONE:
		return "";
	case CK_ADDR:
		return "ADDRESS";
	case CK_ENUM:
	case CK_ENABLE:
		return "WORD";
	case CK_TEXT:
	case CK_WORD:
	case CK_CUSTOM:
		return "VALUE";
	case CK_HEX32:
		return "HEX";
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_PORT:
		break;
	}
	return "N";
}

#define HELP_COLUMN 28
#define LAST_COLUMN 80

/* Range, words and default of a row. */
static void print_range(const struct conf_row *row, FILE *to)
{
	const char *unit = conf_unit_name(row->unit);

	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
		(void)fprintf(to, " (%" PRIu64 "-%" PRIu64 "%s%s; %" PRIu64 ")", row->min, row->max,
		              *unit ? " " : "", unit, row->initial);
		break;
	case CK_HEX32:
		(void)fprintf(to, " (%08" PRIX64 ")", row->initial);
		break;
	case CK_ENUM:
		for (size_t i = 0; row->names[i]; i++)
			(void)fprintf(to, "%s%s", i ? " | " : " (", row->names[i]);
		(void)fprintf(to, "; %s)", row->names[row->initial]);
		break;
	case CK_ENABLE:
		(void)fprintf(to, " (enable | disable; %s)", row->initial ? "enable" : "disable");
		break;
	case CK_NONE:
	case CK_FLAG:
	case CK_TEXT:
	case CK_WORD:
	case CK_ADDR:
	case CK_PORT:
	case CK_CUSTOM:
		break;
	}
}

/* "  --name VALUE" and its help beside it, folded at words into its column. */
static void print_option(const char *name, const char *value, const char *help, FILE *to)
{
	int column = fprintf(to, "  %s%s %s", strlen(name) > 1 ? "--" : "-", name, value);

	if (column >= HELP_COLUMN) {
		(void)fputc('\n', to);
		column = 0;
	}
	(void)fprintf(to, "%*s", HELP_COLUMN - column, "");
	column = HELP_COLUMN;
	while (*help) {
		int len = (int)strcspn(help, " ");

		if (column > HELP_COLUMN && column + 1 + len > LAST_COLUMN) {
			(void)fprintf(to, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		column += fprintf(to, "%s%.*s", column > HELP_COLUMN ? " " : "", len, help);
		help += len;
		help += strspn(help, " ");
	}
	(void)fputc('\n', to);
}

void row_options_help(const struct conf_row *rows, const struct own_option *own, FILE *to)
{
	for (; own->name; own++) {
		if (is_offered(rows, own))
			print_option(own->name, own->value ? own->value : "", own->help, to);
	}
	for (; rows->kind != CK_NONE; rows++) {
		char name[NAME_MAX_OCTETS];
		CLEANUP(freep) char *help = NULL;
		size_t len = 0;
		FILE *text = open_memstream(&help, &len);

		if (!text)
			return; /* no memory for help */
		(void)fputs(rows->help, text);
		print_range(rows, text);
		if (fclose(text) == 0)
			print_option(option_name(rows, name), value_word(rows), help, to);
	}
}
