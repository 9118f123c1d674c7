/* SPDX-License-Identifier: Apache-2.0 */
/* Where the rows of `candor top` come from: a thread for each node that connects, watches, lists, and
 * connects again with growing pauses.  What they learn waits in one bounded queue for the thread of
 * the screen; while that one does not take it, they wait, and the node says what we missed. */
#ifndef CANDOR_CLI_TOP_SOURCE_H
#define CANDOR_CLI_TOP_SOURCE_H

#include "base/arena.h"
#include "cli/top_model.h"
#include "cli/top_screen.h"
#include "namp/client.h"

struct top_sources;

enum top_news_kind {
	TOP_NEWS_LINK,      /* connected, or not any more: ``link``, ``reason`` */
	TOP_NEWS_CLOCK,     /* ``ahead_ns`` */
	TOP_NEWS_LIST,      /* a whole list begins */
	TOP_NEWS_LISTED,    /* and has ended */
	TOP_NEWS_ROW,       /* ``figures`` */
	TOP_NEWS_OPERATION, /* ``figures``: of the configuration alone */
	TOP_NEWS_GONE,      /* ``figures.number`` */
	TOP_NEWS_MISSED,    /* changes that could not be sent in time; a list follows */
	TOP_NEWS_DETAIL,    /* ``detail`` */
};

/* Documents of one operation, and the memory that they live in. */
struct top_detail_box {
	struct top_detail is;
	struct arena arena;
};

void top_detail_box_free(struct top_detail_box *box); /* NULL is fine */

struct top_news {
	enum top_news_kind kind;
	uint32_t node;
	union {
		struct {
			enum top_link link;
			char reason[200];
		};
		int64_t ahead_ns;
		struct top_figures figures;
		struct top_detail_box *detail; /* the taker frees it */
	};
};

/* One node: its name for people and where it is. */
struct top_place {
	const char *name;
	struct namp_target target;
};

/* Called by the threads with every event as it came, one at a time; for output as it happens. */
typedef void (*top_tell)(void *ctx, const char *node, const struct namp_event *event);

/* Begin; the places are copied.  ``tell`` may be NULL.  0 or -errno and nothing runs. */
NODISCARD int top_sources_start(const struct top_place *places, uint32_t count, uint32_t timeout_ms,
                                top_tell tell, void *ctx, struct top_sources **ret);
/* Stop; waits a moment for those that can say goodbye.  A thread that is still connecting ends by
 * itself later. */
void top_sources_stop(struct top_sources *s);

/* Readable while there is news. */
int top_sources_fd(const struct top_sources *s);
/* The oldest piece of news; false: none. */
bool top_sources_take(struct top_sources *s, struct top_news *ret);

/* Ask for the documents of an operation; they come as news. */
void top_sources_ask(struct top_sources *s, uint32_t node, uint32_t number);

/* --- between the thread of a node (top_source.c) and its connection (top_watch.c) --- */

struct top_source {
	struct top_sources *all;
	uint32_t node;
	struct top_place place;
	int wake_fd;
	_Atomic uint32_t wanted; /* operation whose documents are asked for; 0: none */
	bool was_missed;         /* list again */
	int64_t listed_at_ns;    /* mono */
	uint64_t statistics_watch, operation_watch;
};

/* A connected node: until the connection breaks (the reason in ``d``) or it is told to stop. */
void top_source_serve(struct top_source *s, struct namp_client *c, struct diag *d);

bool top_source_is_stopping(const struct top_source *s);
void top_source_put(struct top_source *s, struct top_news *news);
void top_source_put_link(struct top_source *s, enum top_link link, const char *reason);
void top_source_tell(struct top_source *s, const struct namp_event *event);

#endif
