/* SPDX-License-Identifier: Apache-2.0 */
/* The main loop of the parser: which mode a line belongs to, and how reading goes on behind a line
 * that was refused. */
#include "base/xalloc.h"
#include "config/conf_endpoints.h"
#include "config/conf_parser.h"
#include "config/conf_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct conf_mode conf_mode_global = {
	.name = "configuration",
	.prompt = "config",
	.commands = conf_commands_global,
};

/* Behind something that was refused: lines are passed over until a command comes. */
static const struct conf_mode mode_deaf = {
	.name = "block",
	.is_deaf = true,
};

void conf_go_deaf(struct conf_parser *p, const struct conf_mode *parent, uint32_t column,
                  bool is_block)
{
	p->mode = &mode_deaf;
	p->deaf = (struct deaf_block) { .parent = parent, .column = column, .is_block = is_block };
}

static const struct conf_mode *parent_of(const struct conf_parser *p, const struct conf_mode *mode)
{
	return mode->is_deaf ? p->deaf.parent : mode->parent;
}

static struct conf_match find_in(const struct conf_parser *p, const struct conf_mode *mode,
                                 uint32_t at)
{
	struct conf_match m = { .at = at };

	if (mode->find)
		m = mode->find(p, at);
	else if (mode->commands)
		m = conf_words_walk(mode->commands, &p->line, at);
	m.mode = mode;
	return m;
}

/* ``a`` reads the line better than ``b``: a complete command before a part of one, words in full
 * before abbreviations, then the one with more words. */
static bool is_better(const struct conf_match *a, const struct conf_match *b)
{
	if ((a->found == CONF_FOUND) != (b->found == CONF_FOUND))
		return a->found == CONF_FOUND;
	if (b->found == CONF_FOUND_NOTHING)
		return a->found != CONF_FOUND_NOTHING;
	if (a->found == CONF_FOUND && a->is_abbreviated != b->is_abbreviated)
		return b->is_abbreviated;
	return a->at > b->at;
}

/* The best reading from this mode outwards; the nearest mode among equals. */
static struct conf_match find_line(const struct conf_parser *p, uint32_t at)
{
	struct conf_match best = find_in(p, p->mode, at);

	for (const struct conf_mode *mode = parent_of(p, p->mode); mode;
	     mode = parent_of(p, mode)) {
		struct conf_match m = find_in(p, mode, at);

		if (is_better(&m, &best))
			best = m;
	}
	return best;
}

static void report_unsupported(struct conf_parser *p, const struct conf_match *m, uint32_t at)
{
	const char *why = m->command->unsupported;
	size_t first = p->line.token[at].column - 1;
	size_t stop = p->line.token[m->at - 1].column - 1 + strlen(conf_word(p, m->at - 1));

	conf_error(p, at, "'%.*s' is known, but not supported by this version: %s",
	           (int)(stop - first), p->line.raw + first, why);
	if (m->command->flags & CC_BLOCK || p->mode == &conf_mode_global)
		conf_go_deaf(p, p->mode, p->line.token[0].column, m->command->flags & CC_BLOCK);
}

static void report_unknown(struct conf_parser *p, const struct conf_match *m)
{
	char list[220];

	if (m->among && m->found != CONF_FOUND_NOTHING) {
		conf_words_list(m->among, list, sizeof(list));
		if (m->found == CONF_FOUND_AMBIGUOUS)
			conf_error(p, m->at, "'%.60s' is ambiguous here: expected %s",
			           conf_word(p, m->at), list);
		else
			conf_error_expected(p, m->at, list);
	} else {
		const struct conf_command *commands =
		        p->mode->commands ? p->mode->commands : conf_commands_global;

		conf_words_list(commands, list, sizeof(list));
		conf_error(p, m->at, "unknown command '%.60s': expected %s",
		           conf_word(p, m->at) ? conf_word(p, m->at) : "", list);
	}
	if (p->mode == &conf_mode_global)
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, false);
}

/* A line that belongs to a refused block is not looked at: the block has its error, and the text is
 * refused anyway.  Deeper lines always belong to it.  Of a block without indentation all lines do
 * that are no command of ours. */
static bool is_passed_over(struct conf_parser *p, const struct conf_match *m)
{
	struct deaf_block *deaf = &p->deaf;
	uint32_t column = p->line.token[0].column;

	if (!p->mode->is_deaf)
		return false;
	if (column > deaf->column) {
		deaf->saw_deeper = true;
		return true;
	}
	if (!deaf->is_block || deaf->saw_deeper || column < deaf->column)
		return false;
	return m->found != CONF_FOUND || conf_op_is_sub_command(conf_word(p, 0)) ||
	       (m->command && m->command->unsupported && !(m->command->flags & CC_BLOCK));
}

void conf_parser_line(struct conf_parser *p)
{
	uint32_t at = 0;

	p->form = CONF_SET;
	if (p->mode->take_raw) {
		p->mode->take_raw(p);
		return;
	}
	if (conf_word_is(conf_word(p, 0), "no"))
		p->form = CONF_NO;
	else if (conf_word_is(conf_word(p, 0), "default"))
		p->form = CONF_DEFAULT;
	if (p->form != CONF_SET && ++at == p->line.count) {
		conf_error_expected(p, at, "a command");
		return;
	}
	struct conf_match m = find_line(p, at);

	if (is_passed_over(p, &m))
		return;
	p->mode = p->mode->is_deaf ? p->deaf.parent : p->mode;
	if (m.found == CONF_FOUND && m.mode && !(m.command && m.command->flags & CC_HERE))
		p->mode = m.mode;
	if (m.mode && m.mode->run && (m.found == CONF_FOUND || m.mode == p->mode)) {
		m.mode->run(p, &m);
	} else if (m.found != CONF_FOUND || !m.command) {
		report_unknown(p, &m);
	} else if (m.command->unsupported) {
		report_unsupported(p, &m, at);
	} else if (p->form != CONF_SET && !(m.command->flags & CC_NO)) {
		conf_error(p, 0, "'%s' has no `no` form", m.command->word);
	} else {
		m.command->run(p, &m);
	}
}

struct conf_parser *conf_parser_new(struct config_errors *errors)
{
	struct conf_parser *p = xcalloc(1, sizeof(*p));

	p->cfg = xcalloc(1, sizeof(*p->cfg));
	p->errors = errors;
	p->mode = &conf_mode_global;
	config_init(p->cfg);
	return p;
}

void conf_parser_free(struct conf_parser *p)
{
	if (!p)
		return;
	config_free(p->cfg);
	for (uint32_t i = 0; i < p->keychain_count; i++)
		free(p->keychains[i].keys);
	for (uint32_t i = 0; i < p->acl_count; i++)
		free(p->acls[i].rules);
	conf_tracking_free(p);
	arena_free(&p->op_texts);
	free(p->keychains);
	free(p->acls);
	free(p->ops);
	free(p->reactions);
	free(p->triggers);
	free(p->op_slots);
	free(p->op_keys);
	free(p->xr_keys);
	free(p->groups);
	free(p);
}

uint32_t conf_parser_read(struct conf_parser *p, const char *text, size_t len)
{
	struct conf_reader reader;
	struct diag d = { 0 };

	uint32_t before = p->line.number;

	conf_reader_init(&reader, text, len);
	reader.number = before;
	for (;;) {
		enum conf_read got = conf_reader_next(&reader, &p->line, &d);

		if (got == CONF_READ_END)
			break;
		if (got == CONF_READ_BAD)
			conf_errors_add(p->errors, &d);
		else if (p->line.count > 0 || p->mode->take_raw)
			conf_parser_line(p);
	}
	return reader.number - before;
}

static void keep_text(struct config_errors *e, const char *text, size_t len)
{
	e->text = xcalloc(1, len + 1);
	memcpy(e->text, text, len);
	e->text_len = len;
}

struct config *conf_parser_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	conf_groups_finish(p);
	conf_endpoints_finish(p);
	conf_ops_finish(p);
	conf_reactions_finish(p);
	conf_keychains_finish(p);
	conf_notify_finish(p);
	conf_acls_finish(p);
	conf_tracks_finish(p);
	conf_routes_finish(p);
	conf_egress_finish(p);
	conf_namp_finish(p);
	conf_export_finish(p);
	conf_responder_finish(p);
	p->cfg = NULL;
	return cfg;
}

const char *conf_where_text(const struct conf_parser *p, uint32_t line, char *to)
{
	*to = '\0';
	if (!p->is_editing)
		(void)snprintf(to, CONF_WHERE_MAX, " (line %u)", line);
	return to;
}

int conf_parse_text(const char *text, size_t len, bool is_public, struct config **ret,
                    struct config_errors *errors)
{
	struct conf_parser *p = conf_parser_new(errors);
	struct config *cfg;
	int rc = 0;

	*errors = (struct config_errors) { 0 };
	(void)conf_parser_read(p, text, len);
	cfg = conf_parser_finish(p);
	if (is_public && p->first_secret_line)
		conf_error_place(p, (struct place) { p->first_secret_line, p->first_secret_column },
		                 "the file holds keys and every user can read it: "
		                 "take that right away (chmod o-r)");
	if (errors->count > 0) {
		conf_errors_sort(errors);
		keep_text(errors, text, len);
		config_free(cfg);
		rc = -EINVAL;
	} else {
		*ret = cfg;
	}
	conf_parser_free(p);
	return rc;
}

int config_parse(const char *text, size_t len, struct config **ret, struct config_errors *errors)
{
	return conf_parse_text(text, len, false, ret, errors);
}
