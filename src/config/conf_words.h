/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords and how a word of the text finds its keyword.
 *
 * Case does not matter.  A word may abbreviate a keyword of IOS when it begins no other keyword *of
 * IOS* at that place; the lists of IOS's keywords are frozen (they hold what IOS has there,
 * supported by us or not), so that an abbreviation that is right today stays right.  Our own
 * keywords are written in full and never take part. */
#ifndef CANDOR_CONFIG_CONF_WORDS_H
#define CANDOR_CONFIG_CONF_WORDS_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_line;
struct conf_match;
struct conf_parser;

/* Helps that begin so are not listed by `?`. */
#define CONF_OLD_SPELLING "Old spelling"

enum conf_command_flags {
	CC_OWN = 1,   /* ours: never abbreviated */
	CC_BLOCK = 2, /* not supported, and the lines of a block follow it */
	CC_NO = 4,    /* has a `no` form */
	CC_OLD = 16,  /* an old spelling: read, not offered */
	CC_HERE = 8,  /* runs in the mode where it stands, not in the one that knows it */
};

/* One word of a command; ``next`` holds the words that may follow.  Tables end with a row without a
 * word. */
struct conf_command {
	const char *word;
	uint8_t flags;  /* enum conf_command_flags */
	uint8_t value;  /* for ``run``: which of several like commands this is */
	uint8_t method; /* of an operation type: index into its methods */
	const struct conf_command *next;
	/* Take the arguments behind the word; NULL: not complete without a further word. */
	void (*run)(struct conf_parser *p, const struct conf_match *m);
	const char *unsupported; /* known, and why it is refused */
	const char *usage;       /* of the arguments */
	const char *help;
};

enum conf_found {
	CONF_FOUND_NOTHING,
	CONF_FOUND_PART,      /* the first words fit, then no keyword came */
	CONF_FOUND_AMBIGUOUS, /* a word begins several keywords */
	CONF_FOUND,
};

struct conf_row_key;
struct conf_mode;

/* What a line turned out to be. */
struct conf_match {
	enum conf_found found;
	bool is_abbreviated; /* a word was not written in full */
	uint32_t at;         /* first word behind the keywords; PART, AMBIGUOUS: the wrong word */
	const struct conf_mode *mode;
	const struct conf_command *command; /* the last one that fitted, or NULL */
	const struct conf_command *among;   /* where the wrong word was looked for */
	const struct conf_row_key *key;     /* a row of an object instead of a command */
};

bool conf_word_is(const char *word, const char *keyword);          /* equal but for case */
bool conf_word_abbreviates(const char *word, const char *keyword); /* begins it */

/* Follow the words of ``line`` from ``at`` through ``table``. */
struct conf_match conf_words_walk(const struct conf_command *table, const struct conf_line *line,
                                  uint32_t at);

/* The index of ``word`` in ``list`` (NULL-terminated; all of IOS when ``is_ios``), -ENOENT, or
 * -EEXIST when it abbreviates several. */
NODISCARD int conf_word_choose(const char *word, const char *const *list, bool is_ios);

/* "a, b or c" of the words of ``table`` that are supported. */
void conf_words_list(const struct conf_command *table, char *to, size_t cap);
void conf_choices_list(const char *const *list, char *to, size_t cap);

#endif
