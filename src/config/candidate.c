/* SPDX-License-Identifier: Apache-2.0 */
/* Editing.  A live parser has read the base and takes each line; what a refused line changed on its
 * way is put back.  The whole is read again from base and lines when it is asked for. */
#include "config/candidate.h"

#include "base/xalloc.h"
#include "config/conf_op.h"
#include "config/conf_parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TO_THE_TOP "end\n" /* between base and lines */

struct candidate {
	struct config_errors errors; /* of the line that is read; empty in between */
	struct conf_parser *live;
	char *base, *entered;
	size_t base_len, entered_len, entered_cap;
	uint32_t base_lines, line_count;
};

void candidate_text_free(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}

void candidate_free(struct candidate *c)
{
	if (!c)
		return;
	conf_parser_free(c->live);
	config_errors_fini(&c->errors);
	candidate_text_free(c->base, c->base_len);
	candidate_text_free(c->entered, c->entered_cap);
	free(c);
}

int candidate_new(const char *base, size_t len, struct candidate **ret,
                  struct config_errors *errors)
{
	struct candidate *c = xcalloc(1, sizeof(*c));

	*errors = (struct config_errors) { 0 };
	c->base = xcalloc(len + sizeof(TO_THE_TOP) + 1, 1);
	memcpy(c->base, base, len);
	c->base_len = len;
	if (len > 0 && base[len - 1] != '\n')
		c->base[c->base_len++] = '\n';
	memcpy(c->base + c->base_len, TO_THE_TOP, sizeof(TO_THE_TOP));
	c->base_len += strlen(TO_THE_TOP);
	c->live = conf_parser_new(&c->errors);
	c->base_lines = conf_parser_read(c->live, c->base, c->base_len);
	c->live->is_editing = true;
	if (c->errors.count > 0) {
		*errors = c->errors;
		c->errors = (struct config_errors) { 0 };
		candidate_free(c);
		return -EINVAL;
	}
	*ret = c;
	return 0;
}

/* --- one line --- */

/* What a line may change before it is refused; all else is written by good lines only. */
struct undo {
	const struct conf_mode *mode;
	const struct op_key_list *sub_keys;
	uint32_t op, keychain, key, acl, acl_count, track;
	struct op_build op_build;
	struct responder_cfg responder;
	struct namp_limits limits;
};

static void save(const struct conf_parser *p, struct undo *u)
{
	u->mode = p->mode;
	u->sub_keys = p->sub_keys;
	u->op = p->op;
	u->keychain = p->keychain;
	u->key = p->key;
	u->acl = p->acl;
	u->acl_count = p->acl_count;
	u->track = p->track;
	if (p->op < p->op_count)
		u->op_build = p->ops[p->op];
	u->responder = p->cfg->responder;
	u->limits = p->cfg->namp.limits;
}

static void put_back(struct conf_parser *p, const struct undo *u)
{
	p->mode = u->mode;
	p->sub_keys = u->sub_keys;
	p->op = u->op;
	p->keychain = u->keychain;
	p->key = u->key;
	p->acl = u->acl;
	p->track = u->track;
	while (p->acl_count > u->acl_count)
		free(p->acls[--p->acl_count].rules);
	if (p->op < p->op_count)
		p->ops[p->op] = u->op_build;
	p->cfg->responder = u->responder;
	p->cfg->namp.limits = u->limits;
}

/* Feed the words that are in the parser's line. */
static int feed(struct candidate *c, struct diag *d)
{
	struct conf_parser *p = c->live;
	struct undo *u = xcalloc(1, sizeof(*u));
	int rc = 0;

	save(p, u);
	conf_parser_line(p);
	if (c->errors.count > 0) {
		put_back(p, u);
		conf_errors_sort(&c->errors);
		*d = c->errors.errors[0];
		d->line = 0;
		config_errors_fini(&c->errors);
		rc = -EINVAL;
	}
	explicit_bzero(u, sizeof(*u)); /* the responder's key chain */
	free(u);
	return rc;
}

static void keep_line(struct candidate *c, const char *line)
{
	size_t len = strlen(line);

	while (c->entered_len + len + 2 > c->entered_cap) {
		size_t cap = c->entered_cap ? 2 * c->entered_cap : 4096;
		char *grown = xcalloc(cap, 1);

		if (c->entered_len > 0)
			memcpy(grown, c->entered, c->entered_len);
		candidate_text_free(c->entered, c->entered_cap);
		c->entered = grown;
		c->entered_cap = cap;
	}
	memcpy(c->entered + c->entered_len, line, len);
	c->entered_len += len;
	c->entered[c->entered_len++] = '\n';
	c->line_count++;
}

int candidate_line(struct candidate *c, const char *line, struct diag *d)
{
	const char *stop = strchr(line, '\n');
	struct conf_reader reader;
	int rc;

	*d = (struct diag) { 0 };
	if (stop) {
		d->column = (uint32_t)(stop - line) + 1;
		return diag_set(d, -EINVAL, "expected one line");
	}
	if (c->line_count == CANDIDATE_LINES_MAX)
		return diag_set(d, -ENOSPC, "expected at most %u lines between two commits",
		                CANDIDATE_LINES_MAX);
	conf_reader_init(&reader, line, strlen(line));
	reader.number = c->base_lines + c->line_count;
	switch (conf_reader_next(&reader, &c->live->line, d)) {
	case CONF_READ_END:
		return 0; /* empty */
	case CONF_READ_BAD:
		d->line = 0;
		return -EINVAL;
	case CONF_READ_LINE:
		break;
	}
	if (c->live->line.count == 0 && !c->live->mode->take_raw)
		return 0; /* a comment */
	rc = feed(c, d);
	if (rc == 0)
		keep_line(c, line);
	return rc;
}

bool candidate_is_type_line(const char *text)
{
	CLEANUP(freep) struct conf_line *line = xcalloc(1, sizeof(*line));
	struct conf_reader reader;
	struct diag d = { 0 };

	conf_reader_init(&reader, text, strlen(text));
	return conf_reader_next(&reader, line, &d) == CONF_READ_LINE && line->count > 0 &&
	       conf_words_walk(conf_commands_op_type, line, 0).found != CONF_FOUND_NOTHING;
}

const char *candidate_mode(const struct candidate *c)
{
	return c->live->mode->prompt ? c->live->mode->prompt : conf_op_prompt(c->live);
}

uint32_t candidate_operation(const struct candidate *c)
{
	const struct conf_parser *p = c->live;

	return p->mode->prompt && !p->mode->take_raw ? 0 : p->ops[p->op].conf.number;
}

uint32_t candidate_line_count(const struct candidate *c)
{
	return c->line_count;
}

const char *candidate_lines(const struct candidate *c)
{
	return c->entered ? c->entered : "";
}

void candidate_complete(const struct candidate *c, const char *line, struct arena *a,
                        struct conf_words *ret)
{
	conf_complete(c->live, line, a, ret);
}

/* --- the whole --- */

/* Base and lines as a configuration, which is fit for printing alone when there are errors. */
static struct config *read_whole(const struct candidate *c, struct config_errors *errors)
{
	struct conf_parser *p = conf_parser_new(errors);

	(void)conf_parser_read(p, c->base, c->base_len);
	p->is_editing = true;
	(void)conf_parser_read(p, candidate_lines(c), c->entered_len);
	struct config *cfg = conf_parser_finish(p);

	conf_parser_free(p);
	conf_errors_sort(errors);
	for (uint32_t i = 0; i < errors->count; i++) {
		struct diag *d = &errors->errors[i];

		d->line = d->line > c->base_lines ? d->line - c->base_lines : 0;
	}
	return cfg;
}

static int print(const struct config *cfg, char **ret, size_t *ret_len)
{
	FILE *to = open_memstream(ret, ret_len);

	if (!to)
		return -EIO;
	int rc = config_print(cfg, to, false, true);

	if (fclose(to) != 0 || rc < 0) {
		candidate_text_free(*ret, *ret_len);
		return -EIO;
	}
	return 0;
}

int candidate_text(const struct candidate *c, char **ret, size_t *ret_len)
{
	struct config_errors errors = { 0 };
	struct config *cfg = read_whole(c, &errors);
	char *text = NULL;
	size_t len = 0;
	int rc = print(cfg, &text, &len);

	config_errors_fini(&errors);
	config_free(cfg);
	if (rc == 0) {
		*ret = text;
		*ret_len = len;
	}
	return rc;
}

/* Errors of the canonical text name the line itself, since nobody sees its number. */
static void name_lines(struct config_errors *errors)
{
	for (uint32_t i = 0; i < errors->count; i++) {
		struct diag *d = &errors->errors[i];
		const char *at = errors->text;
		char said[DIAG_TEXT_MAX];

		for (uint32_t line = 1; at && line < d->line; line++) {
			at = strchr(at, '\n');
			at = at ? at + 1 : NULL;
		}
		(void)snprintf(said, sizeof(said), "%s", d->text);
		if (at && d->line > 0 && !config_line_is_secret(at, strcspn(at, "\n")))
			(void)snprintf(d->text, sizeof(d->text), "'%.*s': %.240s",
			               (int)(strcspn(at, "\n") < 70 ? strcspn(at, "\n") : 70), at,
			               said);
		d->line = d->column = 0;
	}
}

int candidate_check(const struct candidate *c, struct config **ret, char **ret_text,
                    size_t *ret_len, struct config_errors *errors)
{
	*errors = (struct config_errors) { 0 };
	struct config *cfg = read_whole(c, errors);
	char *text = NULL;
	size_t len = 0;
	int rc = errors->count > 0 ? -EINVAL : print(cfg, &text, &len);

	config_free(cfg);
	if (rc < 0)
		return rc;
	rc = config_parse(text, len, ret, errors);
	if (rc < 0) {
		name_lines(errors);
		candidate_text_free(text, len);
		return rc;
	}
	*ret_text = text;
	*ret_len = len;
	return 0;
}
