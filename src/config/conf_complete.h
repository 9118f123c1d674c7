/* SPDX-License-Identifier: Apache-2.0 */
/* What may be typed next: the same tables that read a line say how it goes on. */
#ifndef CANDOR_CONFIG_CONF_COMPLETE_H
#define CANDOR_CONFIG_CONF_COMPLETE_H

#include "base/arena.h"
#include "config/conf_parser.h"

struct conf_word {
	const char
	        *word; /* a keyword in full, or what an argument looks like: <1-604800>, A.B.C.D */
	const char *help; /* "" when there is none */
	bool own;         /* Candor's: must be written in full */
	bool is_argument; /* to be replaced by a value, not to be completed */
};

/* The words that may follow, sorted, each once. */
struct conf_words {
	struct arena *arena;
	const char *prefix; /* of the word that is being typed; "" behind a blank */
	uint32_t count, cap;
	struct conf_word *words; /* of the arena */
	bool line_end;           /* the line may end here */
};

/* For the mode in which ``p`` stands; texts live in ``a``. */
void conf_complete(const struct conf_parser *p, const char *line, struct arena *a,
                   struct conf_words *ret);

/* Add one when it begins with the prefix; the texts are copied. */
void conf_words_offer(struct conf_words *to, const char *word, const char *help, bool own);
void conf_words_offer_argument(struct conf_words *to, const char *form, const char *help);

#endif
