/* SPDX-License-Identifier: Apache-2.0 */
/* candor.conf(5) has every keyword of the tables, with the range, the default and the names that
 * the rows have: a row that changes without its manual entry fails here. */
#include "config/conf_namp.h"
#include "config/conf_notify.h"
#include "config/conf_op_keys.h"
#include "config/conf_parser.h"
#include "config/conf_track.h"
#include "probe/probe.h"
#include "responder/responder_rows.h"
#include "t.h"

#include <inttypes.h>

#define PAGE_BYTES 65536

static char page[PAGE_BYTES];
static const char *part = page; /* where entries are looked for */

/* The entry `.It Ic KEYWORD` up to the next one, or NULL; *ret_len is its length. */
static const char *entry(const char *keyword, size_t *ret_len)
{
	char head[128];

	(void)snprintf(head, sizeof(head), "\n.It Ic %s", keyword);
	for (const char *at = strstr(part, head); at; at = strstr(at + 1, head)) {
		char next = at[strlen(head)];

		if (next != ' ' && next != '\n')
			continue;
		const char *item = strstr(at + 1, "\n.It "), *list = strstr(at + 1, "\n.El");
		const char *stop = !item || (list && list < item) ? list : item;

		*ret_len = stop ? (size_t)(stop - at) : strlen(at);
		return at;
	}
	return NULL;
}

static void expect(const char *keyword, const char *text)
{
	size_t len = 0;
	const char *at = entry(keyword, &len);

	if (!at || !memmem(at, len, text, strlen(text)))
		fail_msg("candor.conf(5): the entry of '%s' lacks '%s'", keyword, text);
}

static void expect_numbers(const struct conf_row *row)
{
	char text[64];
	bool has_initial = row->initial >= row->min && row->initial <= row->max;

	(void)snprintf(text, sizeof(text), "%" PRIu64 " to %" PRIu64, row->min, row->max);
	expect(row->keyword, text);
	(void)snprintf(text, sizeof(text), "efault %" PRIu64, row->initial);
	if (row->kind != CK_PORT || has_initial)
		expect(row->keyword, text);
}

static void check_row(const struct conf_row *row)
{
	char text[64];
	size_t len;

	if (!entry(row->keyword, &len))
		fail_msg("candor.conf(5) has no entry `.It Ic %s`", row->keyword);
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_PORT:
		expect_numbers(row);
		break;
	case CK_HEX32:
		(void)snprintf(text, sizeof(text), "default %08" PRIX64, row->initial);
		expect(row->keyword, text);
		break;
	case CK_ENABLE:
		expect(row->keyword, row->initial ? "Default enable." : "Default disable.");
		break;
	case CK_ENUM:
		for (unsigned i = 0; row->names[i]; i++) {
			if (strcmp(row->names[i], "none") != 0)
				expect(row->keyword, row->names[i]);
		}
		break;
	case CK_TEXT:
		(void)snprintf(text, sizeof(text), "%" PRIu64 " to %" PRIu64 " octets", row->min,
		               row->max);
		expect(row->keyword, text);
		break;
	case CK_NONE:
	case CK_FLAG:
	case CK_WORD:
	case CK_ADDR:
	case CK_CUSTOM:
		break;
	}
	/* The entry says which types take the setting; the general ones say "All types". */
}

static void check_rows(const struct conf_row *rows)
{
	for (; rows->kind != CK_NONE; rows++)
		check_row(rows);
}

static void test_operations(void **state)
{
	(void)state;
	check_rows(conf_op_common_rows);
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++)
		check_rows(probe_types[i]->rows);
}

/* Each entry of an operation's setting names the types that take it. */
static void test_types_are_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++) {
		for (const struct conf_row *row = probe_types[i]->rows; row->kind != CK_NONE;
		     row++) {
			size_t len = 0;
			const char *at = entry(row->keyword, &len);

			assert_non_null(at);
			/* What belongs to codec stands below it. */
			if (!memmem(at, len, "All types", 9) &&
			    strcmp(row->keyword, "advantage-factor") != 0)
				expect(row->keyword, probe_types[i]->name);
		}
	}
}

static void test_responder(void **state)
{
	(void)state;
	check_rows(responder_rows);
}

static void test_limits(void **state)
{
	(void)state;
	check_rows(conf_namp_limit_rows);
	/* A word of operations means something else there. */
	part = strstr(page, ".Sh MESSAGES, WEBHOOKS AND HOOKS");
	assert_non_null(part);
	check_rows(conf_webhook_rows);
	check_rows(conf_hook_rows);
	part = page;
}

/* Supported commands, however deep: each word is in the page. */
static void check_commands(const struct conf_command *table, unsigned depth)
{
	assert_true(depth < 8);
	for (const struct conf_command *c = table; c->word; c++) {
		if (c->unsupported)
			continue;
		if (!strstr(page, c->word))
			fail_msg("candor.conf(5) lacks the command '%s'", c->word);
		/* `ip sla monitor` leads back to where it came from. */
		if (c->next && c->next != table)
			check_commands(c->next, depth + 1);
	}
}

static void test_commands(void **state)
{
	(void)state;
	check_commands(conf_commands_global, 0);
	check_commands(conf_commands_namp, 0);
	check_commands(conf_commands_track, 0);
	check_commands(conf_commands_webhook, 0);
	check_commands(conf_commands_hook, 0);
	for (unsigned i = 0; i < REACT_ELEMENT_COUNT; i++)
		assert_non_null(strstr(page, reaction_elements[i].name));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operations), cmocka_unit_test(test_types_are_named),
		cmocka_unit_test(test_responder),  cmocka_unit_test(test_limits),
		cmocka_unit_test(test_commands),
	};
	FILE *from = argc > 2 ? fopen(argv[2], "rb") : NULL;

	if (!from)
		return 3;
	size_t len = fread(page, 1, sizeof(page) - 1, from);

	if (fclose(from) != 0 || len == 0 || len == sizeof(page) - 1)
		return 4;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
