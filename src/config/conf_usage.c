/* SPDX-License-Identifier: Apache-2.0 */
/* Following a pattern of arguments: it becomes a graph of states whose edges are words. */
#include "config/conf_usage.h"

#include "config/conf_complete.h"
#include "config/conf_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATES_MAX 128
#define EDGES_MAX  224
#define TEXT_MAX   128

/* From one state to another with a word, or without one (text NULL). */
struct edge {
	uint8_t from, to;
	const char *text, *help; /* into the pattern */
	uint8_t text_len, help_len;
};

struct graph {
	const char *at; /* what is not yet read of the pattern */
	uint8_t states, edges;
	struct edge edge[EDGES_MAX];
};

typedef bool state_set[STATES_MAX];

static uint8_t add_state(struct graph *g)
{
	assert(g->states < STATES_MAX);
	return g->states++;
}

static struct edge *add_edge(struct graph *g, uint8_t from, uint8_t to)
{
	assert(g->edges < EDGES_MAX);
	struct edge *e = &g->edge[g->edges++];

	*e = (struct edge) { .from = from, .to = to };
	return e;
}

static uint8_t read_word(struct graph *g, uint8_t from)
{
	uint8_t to = add_state(g);
	struct edge *e = add_edge(g, from, to);
	size_t len = strcspn(g->at, " =[]{}|");

	e->text = g->at;
	e->text_len = (uint8_t)len;
	g->at += len;
	if (*g->at == '=') {
		const char *stop = strchr(g->at, ';');

		assert(stop && stop - g->at <= TEXT_MAX);
		e->help = g->at + 1;
		e->help_len = (uint8_t)(stop - g->at - 1);
		g->at = stop + 1;
	}
	return to;
}

static uint8_t read_sequence(struct graph *g, uint8_t from);

/* {a | b}: all ways lead to the state returned. */
static uint8_t read_choice(struct graph *g, uint8_t from)
{
	uint8_t to = add_state(g);

	do {
		uint8_t start = add_state(g);

		g->at++; /* { or | */
		(void)add_edge(g, from, start);
		uint8_t last = read_sequence(g, start);

		(void)add_edge(g, last, to);
	} while (*g->at == '|');
	assert(*g->at == '}');
	g->at++;
	return to;
}

/* Up to the end of the pattern or of what encloses it; returns the state behind it. */
static uint8_t read_sequence(struct graph *g, uint8_t from)
{
	int options = -1; /* where a row of options began */

	for (;;) {
		g->at += strspn(g->at, " ");
		if (!*g->at || strchr("]}|", *g->at))
			return from;
		if (*g->at == '[') {
			if (options < 0)
				options = from;
			uint8_t start = add_state(g);

			g->at++;
			(void)add_edge(g, from, start);
			uint8_t last = read_sequence(g, start);

			assert(*g->at == ']');
			g->at++;
			(void)add_edge(g, from, last);
			(void)add_edge(g, last, (uint8_t)options);
			from = last;
			continue;
		}
		options = -1;
		from = *g->at == '{' ? read_choice(g, from) : read_word(g, from);
	}
}

static void close_over(const struct graph *g, state_set set)
{
	bool has_grown = true;

	while (has_grown) {
		has_grown = false;
		for (unsigned i = 0; i < g->edges; i++) {
			const struct edge *e = &g->edge[i];

			if (!e->text && set[e->from] && !set[e->to])
				has_grown = set[e->to] = true;
		}
	}
}

static bool is_argument(const struct edge *e)
{
	return (e->text[0] >= 'A' && e->text[0] <= 'Z') || e->text[0] == '<';
}

/* How well ``word`` fits: 0 not at all, 1 an argument, 2 the begin of a keyword, 3 a keyword. */
static int fit(const struct edge *e, const char *word)
{
	size_t len = strlen(word);

	if (is_argument(e))
		return e->text[0] != '<' || (word[0] >= '0' && word[0] <= '9') ? 1 : 0;
	if (len > e->text_len || strncasecmp(e->text, word, len) != 0)
		return 0;
	return len == e->text_len ? 3 : 2;
}

/* The states behind ``word``; false: it does not fit. */
static bool step(const struct graph *g, state_set set, const char *word)
{
	state_set next = { false };
	int best = 0;

	for (unsigned i = 0; i < g->edges; i++) {
		const struct edge *e = &g->edge[i];
		int f = e->text && set[e->from] ? fit(e, word) : 0;

		if (f > best) {
			best = f;
			memset(next, 0, sizeof(next));
		}
		if (f > 0 && f == best)
			next[e->to] = true;
		if (f == 1 && strncmp(e->text, "LINE", 4) == 0)
			next[e->from] = true; /* takes all the words that follow */
	}
	memcpy(set, next, sizeof(next));
	close_over(g, set);
	return best > 0;
}

static bool is_used(const struct edge *e, const struct conf_line *line, uint32_t at)
{
	for (; at < line->count; at++) {
		if (fit(e, line->token[at].text) == 3)
			return true;
	}
	return false;
}

static void offer(const struct edge *e, bool is_own, struct conf_words *to)
{
	char word[TEXT_MAX], help[TEXT_MAX];

	(void)snprintf(word, sizeof(word), "%.*s", e->text_len, e->text);
	(void)snprintf(help, sizeof(help), "%.*s", e->help_len, e->help ? e->help : "");
	if (is_argument(e))
		conf_words_offer_argument(to, word, help);
	else
		conf_words_offer(to, word, help, is_own);
}

void conf_usage_offer(const char *usage, const struct conf_line *line, uint32_t at, bool is_own,
                      struct conf_words *to)
{
	struct graph g = { .at = usage ? usage : "" };
	state_set set = { false };
	uint8_t first = add_state(&g), last = read_sequence(&g, first);

	set[first] = true;
	close_over(&g, set);
	for (uint32_t i = at; i < line->count; i++) {
		if (!step(&g, set, line->token[i].text))
			return;
	}
	for (unsigned i = 0; i < g.edges; i++) {
		const struct edge *e = &g.edge[i];

		if (e->text && set[e->from] && (is_argument(e) || !is_used(e, line, at)))
			offer(e, is_own, to);
	}
	to->line_end |= set[last];
}
