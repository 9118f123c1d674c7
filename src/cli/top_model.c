/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of operations, kept current by documents. */
#include "cli/top_model.h"

#include "base/xalloc.h"

#include <errno.h>
#include <string.h>

static void copy_text(char *to, size_t cap, const char *text)
{
	size_t len = strlen(text);

	if (len >= cap)
		len = cap - 1;
	memcpy(to, text, len);
	to[len] = '\0';
}

void top_model_init(struct top_model *m, const char *const *names, uint32_t count)
{
	*m = (struct top_model) { .node_count = count, .only_node = count };
	m->nodes = xcalloc(count ? count : 1, sizeof(*m->nodes));
	for (uint32_t i = 0; i < count; i++)
		copy_text(m->nodes[i].name, sizeof(m->nodes[i].name), names[i]);
}

void top_model_fini(struct top_model *m)
{
	for (uint32_t i = 0; i < m->row_count; i++)
		free(m->rows[i]);
	free(m->rows);
	free(m->shown);
	free(m->nodes);
}

/* --- documents ------------------------------------------------------------------------------- */

static int64_t measured(const struct doc *row, const char *key)
{
	const struct doc *value = doc_get(row, key);

	return value && value->kind == DOC_INT ? value->integer : TOP_NONE;
}

static int64_t centi(const struct doc *row, const char *key)
{
	double value = doc_real(row, key, -1.0);

	return value >= 0.0 && value < 100.0 ? (int64_t)(value * 100.0 + 0.5) : TOP_NONE;
}

static char state_mark(const char *state)
{
	return strcmp(state, "active") == 0 ? '*' : strcmp(state, "inactive") == 0 ? '^' : '~';
}

/* What rows and operations have alike. */
static int read_common(const struct doc *d, struct top_figures *ret)
{
	int64_t number = doc_int(d, "number", 0);

	if (number < 1 || number > INT32_MAX)
		return -EBADMSG;
	ret->number = (uint32_t)number;
	ret->generation = (uint64_t)doc_int(d, "generation", 0);
	ret->state = state_mark(doc_text(d, "state", "pending"));
	copy_text(ret->type, sizeof(ret->type), doc_text(d, "type", "-"));
	copy_text(ret->target, sizeof(ret->target), doc_text(d, "target", "-"));
	copy_text(ret->tag, sizeof(ret->tag), doc_text(d, "tag", ""));
	return 0;
}

static uint32_t read_frequency(const struct doc *d)
{
	int64_t frequency_s = doc_int(d, "frequency_s", 0);

	return frequency_s > 0 && frequency_s < INT32_MAX ? (uint32_t)frequency_s : 0;
}

int top_figures_read(const struct doc *row, struct top_figures *ret)
{
	struct top_figures f = { 0 };
	int64_t sd_ns = measured(row, "jitter_sd_ns"), ds_ns = measured(row, "jitter_ds_ns");

	if (read_common(row, &f) < 0)
		return -EBADMSG;
	f.frequency_s = read_frequency(row);
	copy_text(f.sense, sizeof(f.sense), doc_text(row, "sense", "unknown"));
	f.rtt_ns = measured(row, "rtt_ns");
	f.loss_ppm = measured(row, "loss_ppm");
	f.jitter_ns = sd_ns > ds_ns ? sd_ns : ds_ns;
	f.mos_centi = centi(row, "mos");
	f.started_at_ns = doc_int(row, "started_at_ns", 0);
	*ret = f;
	return 0;
}

int top_figures_read_operation(const struct doc *operation, struct top_figures *ret)
{
	struct top_figures f = { 0 };

	if (read_common(operation, &f) < 0)
		return -EBADMSG;
	f.frequency_s = read_frequency(doc_get(operation, "parameters"));
	copy_text(f.sense, sizeof(f.sense), "unknown");
	f.rtt_ns = f.loss_ppm = f.jitter_ns = f.mos_centi = TOP_NONE;
	*ret = f;
	return 0;
}

/* --- rows ------------------------------------------------------------------------------------ */

static int compare_place(const struct top_row *row, uint32_t node, uint32_t number)
{
	if (row->node != node)
		return row->node < node ? -1 : 1;
	return row->is.number == number ? 0 : row->is.number < number ? -1 : 1;
}

/* The first row not before (node, number). */
static uint32_t place_of(const struct top_model *m, uint32_t node, uint32_t number)
{
	uint32_t low = 0, high = m->row_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (compare_place(m->rows[mid], node, number) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct top_row *find(const struct top_model *m, uint32_t node, uint32_t number)
{
	uint32_t at = place_of(m, node, number);

	if (at < m->row_count && compare_place(m->rows[at], node, number) == 0)
		return m->rows[at];
	return NULL;
}

const struct top_row *top_model_find(const struct top_model *m, uint32_t node, uint32_t number)
{
	return find(m, node, number);
}

static struct top_row *insert(struct top_model *m, uint32_t node, uint32_t number)
{
	uint32_t at = place_of(m, node, number);

	if (m->row_count == TOP_ROWS_MAX) {
		m->refused++;
		return NULL;
	}
	if (m->row_count == m->row_cap) {
		m->row_cap = m->row_cap ? 2 * m->row_cap : 64;
		m->rows = xrealloc(m->rows, m->row_cap, sizeof(struct top_row *));
	}
	memmove(m->rows + at + 1, m->rows + at, (m->row_count - at) * sizeof(struct top_row *));
	m->rows[at] = xcalloc(1, sizeof(**m->rows));
	m->rows[at]->node = node;
	m->rows[at]->is.number = number;
	m->row_count++;
	return m->rows[at];
}

static void drop(struct top_model *m, uint32_t at)
{
	if (m->selected == m->rows[at])
		m->selected = NULL;
	free(m->rows[at]);
	m->row_count--;
	memmove(m->rows + at, m->rows + at + 1, (m->row_count - at) * sizeof(struct top_row *));
	m->shown_count = 0; /* may hold it; arranged anew before anything is drawn */
}

static void remember(struct top_row *row, int64_t rtt_ns)
{
	row->history[row->history_next] = rtt_ns;
	row->history_next = (uint8_t)((row->history_next + 1u) % TOP_HISTORY);
	if (row->history_len < TOP_HISTORY)
		row->history_len++;
}

int64_t top_row_value(const struct top_row *row, uint32_t back)
{
	if (back >= row->history_len)
		return TOP_NONE;
	return row->history[(row->history_next + 2 * TOP_HISTORY - 1 - back) % TOP_HISTORY];
}

/* The row of ``figures``; one of another generation begins anew. */
static struct top_row *row_of(struct top_model *m, uint32_t node, const struct top_figures *figures)
{
	struct top_row *row = find(m, node, figures->number);

	if (!row) {
		row = insert(m, node, figures->number);
		if (row)
			row->is = *figures;
	} else if (row->is.generation != figures->generation) {
		row->history_len = row->history_next = 0;
		row->is.started_at_ns = 0;
	}
	return row;
}

void top_model_take(struct top_model *m, uint32_t node, const struct top_figures *figures)
{
	struct top_row *row = find(m, node, figures->number);
	bool is_new = !row || row->is.generation != figures->generation;
	int64_t known_ns = is_new ? 0 : row->is.started_at_ns;

	row = row_of(m, node, figures);
	if (!row)
		return;
	row->is_listed = true;
	if (figures->started_at_ns < known_ns && figures->started_at_ns != 0)
		return; /* a list that was overtaken by an event */
	row->is = *figures;
	if (figures->started_at_ns == 0)
		row->history_len = row->history_next = 0;
	else if (figures->started_at_ns != known_ns)
		remember(row, figures->rtt_ns);
}

void top_model_configure(struct top_model *m, uint32_t node, const struct top_figures *figures)
{
	struct top_row *row = find(m, node, figures->number);

	if (!row || row->is.generation != figures->generation) {
		row = row_of(m, node, figures);
		if (row)
			row->is = *figures;
		return;
	}
	row->is.state = figures->state;
	row->is.frequency_s = figures->frequency_s;
	memcpy(row->is.target, figures->target, sizeof(row->is.target));
	memcpy(row->is.tag, figures->tag, sizeof(row->is.tag));
}

void top_model_remove(struct top_model *m, uint32_t node, uint32_t number)
{
	uint32_t at = place_of(m, node, number);

	if (at < m->row_count && compare_place(m->rows[at], node, number) == 0)
		drop(m, at);
}

void top_model_begin_list(struct top_model *m, uint32_t node)
{
	for (uint32_t i = place_of(m, node, 0); i < m->row_count && m->rows[i]->node == node; i++)
		m->rows[i]->is_listed = false;
}

void top_model_end_list(struct top_model *m, uint32_t node)
{
	uint32_t from = place_of(m, node, 0), to = from;

	for (uint32_t i = from; i < m->row_count; i++) {
		struct top_row *row = m->rows[i];

		if (row->node != node || row->is_listed) {
			m->rows[to++] = row;
			continue;
		}
		if (m->selected == row)
			m->selected = NULL;
		m->shown_count = 0;
		free(row);
	}
	m->row_count = to;
}

void top_model_set_link(struct top_model *m, uint32_t node, enum top_link link, wall_t since,
                        const char *reason)
{
	struct top_node *n = &m->nodes[node];

	if (n->link != link)
		n->since = since;
	n->link = link;
	copy_text(n->reason, sizeof(n->reason), reason);
}
