/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of documents to samples. */
#include "export/metric_documents.h"

#include "base/cleanup.h"

#include <string.h>

/* One family, and the row of the list that it reads. */
struct document_metric {
	struct metric_family family;
	const char *path;
	void (*add)(const struct metric_family *f, const char *agent, const struct doc *row,
	            struct metric_text *t);
};

static void add_one(const struct metric_family *f, const struct metric_text *labels, int64_t number,
                    struct metric_text *t)
{
	metric_add(t, f, &(struct metric_sample) { .labels = labels, .number = number });
}

static void fill_track(const char *agent, const struct doc *row, struct metric_text *labels)
{
	metric_label(labels, "agent", agent);
	metric_label_number(labels, "id", (uint64_t)doc_int(row, "number", 0));
	metric_label(labels, "type", doc_text(row, "kind", ""));
	metric_label(labels, "target", doc_text(row, "subject", ""));
}

static void add_track_state(const struct metric_family *f, const char *agent, const struct doc *row,
                            struct metric_text *t)
{
	struct metric_text labels = { 0 };

	fill_track(agent, row, &labels);
	add_one(f, &labels, strcmp(doc_text(row, "state", "down"), "up") == 0, t);
	metric_text_fini(&labels);
}

static void add_track_changes(const struct metric_family *f, const char *agent,
                              const struct doc *row, struct metric_text *t)
{
	struct metric_text labels = { 0 };

	fill_track(agent, row, &labels);
	add_one(f, &labels, doc_int(row, "changes", 0), t);
	metric_text_fini(&labels);
}

/* A row is an operation with all of its reactions. */
static void add_reactions(const struct metric_family *f, const char *agent, const struct doc *row,
                          const char *key, struct metric_text *t)
{
	for (const struct doc_member *m = doc_first(doc_get(row, "reactions")); m; m = m->next) {
		struct metric_text labels = { 0 };
		int64_t number = doc_bool(&m->value, key, false) ? 1 : doc_int(&m->value, key, 0);

		metric_label(&labels, "agent", agent);
		metric_label_number(&labels, "id", (uint64_t)doc_int(row, "operation", 0));
		metric_label(&labels, "element", doc_text(&m->value, "element", ""));
		add_one(f, &labels, number, t);
		metric_text_fini(&labels);
	}
}

static void add_occurred(const struct metric_family *f, const char *agent, const struct doc *row,
                         struct metric_text *t)
{
	add_reactions(f, agent, row, "occurred", t);
}

static void add_raised(const struct metric_family *f, const char *agent, const struct doc *row,
                       struct metric_text *t)
{
	add_reactions(f, agent, row, "raised", t);
}

static const struct document_metric metrics[] = {
	{ { "candor_track_state", METRIC_GAUGE, "1 while the tracked object is up, else 0." },
	  .path = "track",
	  .add = add_track_state },
	{ { "candor_track_changes_total", METRIC_COUNTER,
	    "Changes of the tracked object, its creation among them." },
	  .path = "track",
	  .add = add_track_changes },
	{ { "candor_reaction_occurred", METRIC_GAUGE,
	    "1 while the condition of the reaction stands, else 0." },
	  .path = "sla/reaction",
	  .add = add_occurred },
	{ { "candor_reaction_raised_total", METRIC_COUNTER,
	    "How often the condition of the reaction began." },
	  .path = "sla/reaction",
	  .add = add_raised },
};

const char *metric_documents_path(unsigned family)
{
	return family < ARRAY_LEN(metrics) ? metrics[family].path : NULL;
}

const struct metric_family *metric_documents_family(unsigned family)
{
	return family < ARRAY_LEN(metrics) ? &metrics[family].family : NULL;
}

void metric_documents_add(unsigned family, const char *agent, const struct doc *page, bool is_first,
                          struct metric_text *t)
{
	const struct document_metric *m = &metrics[family];

	if (is_first)
		metric_head(t, &m->family);
	for (const struct doc_member *row = doc_first(doc_get(page, "items")); row; row = row->next)
		m->add(&m->family, agent, &row->value, t);
}
