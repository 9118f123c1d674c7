/* SPDX-License-Identifier: Apache-2.0 */
/* Operations that generations of the configuration share. */
#include "config/op_conf.h"

#include "base/xalloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct op_block {
	uint32_t references;
	struct op_conf conf; /* its texts follow */
};

/* Where the texts of an operation are; struct op_texts is one more for each of its members. */
static const size_t text_members[] = {
	offsetof(struct op_conf, target),
	offsetof(struct op_conf, tag),
	offsetof(struct op_conf, owner),
	offsetof(struct op_conf, keychain),
};

#define TEXTS (ARRAY_LEN(text_members) + OP_TEXT_COUNT)

static const char **text_of(struct op_conf *c, size_t i)
{
	if (i >= ARRAY_LEN(text_members))
		return &c->params.text.at[i - ARRAY_LEN(text_members)];
	return (const char **)(void *)((char *)c + text_members[i]);
}

const struct op_conf *op_conf_new(const struct op_conf *draft)
{
	struct op_conf conf = *draft;
	size_t octets = 0;

	for (size_t i = 0; i < TEXTS; i++)
		octets += *text_of(&conf, i) ? strlen(*text_of(&conf, i)) + 1 : 0;
	struct op_block *block = xcalloc(1, sizeof(*block) + octets);
	char *at = (char *)(block + 1);

	block->references = 1;
	block->conf = conf;
	for (size_t i = 0; i < TEXTS; i++) {
		const char **text = text_of(&block->conf, i);

		if (!*text)
			continue;
		size_t len = strlen(*text) + 1;

		memcpy(at, *text, len);
		*text = at;
		at += len;
	}
	return &block->conf;
}

/* The count is no part of what the holders may rely on not to change. */
static struct op_block *block_of(const struct op_conf *c)
{
	return (struct op_block *)((uintptr_t)c - offsetof(struct op_block, conf));
}

const struct op_conf *op_conf_hold(const struct op_conf *c)
{
	block_of(c)->references++;
	return c;
}

void op_conf_release(const struct op_conf *c)
{
	struct op_block *block = block_of(c);

	assert(block->references > 0);
	if (--block->references == 0)
		free(block);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool op_conf_equal(const struct op_conf *a, const struct op_conf *b)
{
	return a->number == b->number && op_params_equal(&a->params, &b->params) &&
	       same_text(a->target, b->target) && same_text(a->tag, b->tag) &&
	       same_text(a->owner, b->owner) && same_text(a->keychain, b->keychain) &&
	       op_schedule_equal(&a->schedule, &b->schedule) &&
	       stats_conf_equal(&a->stats, &b->stats);
}

void config_share(struct config *to, const struct config *from)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < to->op_count; i++) {
		while (at < from->op_count && from->ops[at]->number < to->ops[i]->number)
			at++;
		if (at == from->op_count || from->ops[at] == to->ops[i] ||
		    !op_conf_equal(from->ops[at], to->ops[i]))
			continue;
		op_conf_release(to->ops[i]);
		to->ops[i] = op_conf_hold(from->ops[at]);
	}
}
