/* SPDX-License-Identifier: Apache-2.0 */
/* What `candor top` knows: the operations of some nodes, each with its latest figures and the round
 * trips of its last runs, and which of them are shown in which order.  Pure: it is handed documents
 * and the time.  One thread. */
#ifndef CANDOR_CLI_TOP_MODEL_H
#define CANDOR_CLI_TOP_MODEL_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "object/doc.h"
#include <stdbool.h>
#include <stdint.h>

#define TOP_HISTORY  60u
#define TOP_NONE     INT64_MIN /* not measured */
#define TOP_ROWS_MAX 1000000u  /* of all nodes; more are counted and not shown */
#define TOP_TEXT_MAX 64u

/* How an operation fares, worst last. */
enum top_health {
	TOP_WAITING,   /* not scheduled, over, or without a first result */
	TOP_GOOD,      /* return code OK and no loss */
	TOP_DEGRADED,  /* over threshold, or some packets lost */
	TOP_UNREACHED, /* its node does not talk to us */
	TOP_OVERDUE,   /* active, but no result for more than twice its period */
	TOP_FAILING,   /* any other return code */
	TOP_HEALTHS,
};

/* The present of one operation, as a row of `list sla/statistics` has it. */
struct top_figures {
	uint32_t number;
	uint32_t frequency_s;
	uint64_t generation;
	char type[20], sense[32];
	char target[TOP_TEXT_MAX], tag[TOP_TEXT_MAX];
	char state;     /* as in the summary of routers: '*' active, '^' inactive, '~' pending */
	int64_t rtt_ns; /* or TOP_NONE, as all below */
	int64_t loss_ppm;
	int64_t jitter_ns; /* the worse direction */
	int64_t mos_centi;
	int64_t started_at_ns; /* unix ns by the node's clock; 0: never ran */
};

struct top_row {
	struct top_figures is;
	uint32_t node;
	enum top_health health; /* at the latest top_model_arrange() */
	int64_t age_ns;         /* since the start of the latest run; TOP_NONE: never ran */
	bool is_listed;         /* seen in the list that is being read */
	uint8_t history_len;
	uint8_t history_next;
	int64_t history[TOP_HISTORY]; /* round trips; TOP_NONE: a run without one */
};

enum top_link {
	TOP_CONNECTING,
	TOP_UP,
	TOP_DOWN,
};

struct top_node {
	char name[TOP_TEXT_MAX];
	enum top_link link;
	wall_t since;     /* of this link state, our clock */
	int64_t ahead_ns; /* its clock less ours, about */
	uint64_t missed;  /* changes that it could not send us in time, each made good by a list */
	bool is_listed;   /* it has told all of its operations at least once */
	char reason[200]; /* why it is down */
};

enum top_key {
	TOP_BY_HEALTH,
	TOP_BY_NUMBER,
	TOP_BY_TARGET,
	TOP_BY_TYPE,
	TOP_BY_RTT,
	TOP_BY_LOSS,
	TOP_BY_JITTER,
	TOP_BY_MOS,
	TOP_BY_AGE,
	TOP_KEYS,
};

struct top_model {
	struct top_node *nodes;
	uint32_t node_count;
	struct top_row **rows; /* by node, then number */
	uint32_t row_count, row_cap;
	uint64_t refused;       /* rows beyond TOP_ROWS_MAX */
	struct top_row **shown; /* those that pass the filters, in order */
	uint32_t shown_count, shown_cap;
	uint32_t by_health[TOP_HEALTHS]; /* of all, at the latest top_model_arrange() */
	enum top_key key;
	bool is_reversed, problems_only;
	uint32_t only_node;        /* of which alone operations are shown; node_count: of all */
	char filter[TOP_TEXT_MAX]; /* words, all of which must occur */
	uint32_t at;               /* the selected one, an index of ``shown`` */
	const struct top_row *selected; /* follows it through the order; NULL: the first place */
};

/* ``names`` are copied.  top_model_fini() frees. */
void top_model_init(struct top_model *m, const char *const *names, uint32_t count);
void top_model_fini(struct top_model *m);

/* Read a row of `list sla/statistics`, or an event of a watch on it.  0; -EBADMSG: it is none. */
NODISCARD int top_figures_read(const struct doc *row, struct top_figures *ret);
/* The same from the document of `sla/operation/#`, which says nothing of runs: what is known of them
 * stays (top_model_configure()). */
NODISCARD int top_figures_read_operation(const struct doc *operation, struct top_figures *ret);

/* A row as the node has it now.  A run that was not known becomes part of the history. */
void top_model_take(struct top_model *m, uint32_t node, const struct top_figures *figures);
void top_model_configure(struct top_model *m, uint32_t node, const struct top_figures *figures);
void top_model_remove(struct top_model *m, uint32_t node, uint32_t number);

/* Around the rows of a whole list: what it does not have is gone. */
void top_model_begin_list(struct top_model *m, uint32_t node);
void top_model_end_list(struct top_model *m, uint32_t node);

void top_model_set_link(struct top_model *m, uint32_t node, enum top_link link, wall_t since,
                        const char *reason);

/* Judge, filter, sort: before each drawing. */
void top_model_arrange(struct top_model *m, wall_t now);

/* Move the selection by ``by`` places; beyond the ends it stays there. */
void top_model_move(struct top_model *m, int64_t by);

const struct top_row *top_model_selected(const struct top_model *m); /* NULL: nothing is shown */
const struct top_row *top_model_find(const struct top_model *m, uint32_t node, uint32_t number);

/* The ``back``-th value before the latest (0), or TOP_NONE; ``back`` < history_len. */
int64_t top_row_value(const struct top_row *row, uint32_t back);

#endif
