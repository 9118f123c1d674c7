/* SPDX-License-Identifier: Apache-2.0 */
/* Group schedules as objects. */
#include "object/node_object.h"
#include "object/result_object.h"
#include "base/xalloc.h"

#include <stdlib.h>

static void add_numbers(const uint32_t *numbers, uint32_t count, struct arena *a, struct doc *to,
                        const char *key)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		abort(); /* out of memory in the control plane */
	config_print_numbers(numbers, count, stream);
	if (fclose(stream) != 0)
		abort();
	doc_add_text(a, to, key, text);
	free(text);
}

static const struct op_entry *find_entry(const struct node_view *node, uint32_t number)
{
	uint32_t low = 0, high = node->op_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (node->ops[mid]->id.number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < node->op_count && node->ops[low]->id.number == number ? node->ops[low] : NULL;
}

/* Members by state, and when the first of those that wait begins. */
static void add_states(const struct node_view *node, const struct group_conf *g, struct arena *a,
                       struct doc *to)
{
	uint32_t by_state[SLA_STATE_ACTIVE + 1] = { 0 };
	wall_t next = { 0 };

	for (uint32_t i = 0; i < g->member_count; i++) {
		const struct op_entry *e = find_entry(node, g->members[i]);

		if (!e)
			continue;
		by_state[e->state]++;
		if (e->next_start.ns > 0 && (next.ns == 0 || e->next_start.ns < next.ns))
			next = e->next_start;
	}
	doc_add_int(a, to, "members_active", by_state[SLA_STATE_ACTIVE]);
	doc_add_int(a, to, "members_pending", by_state[SLA_STATE_PENDING]);
	doc_add_int(a, to, "members_inactive", by_state[SLA_STATE_INACTIVE]);
	if (next.ns > 0)
		doc_add_int(a, to, "next_start_at_ns", next.ns);
	else
		doc_add_null(a, to, "next_start_at_ns");
}

static void add_number_or_null(uint32_t value, struct arena *a, struct doc *to, const char *key)
{
	if (value)
		doc_add_int(a, to, key, value);
	else
		doc_add_null(a, to, key);
}

void group_fill(const struct node_view *node, const struct group_conf *g, struct arena *a,
                struct doc *to)
{
	doc_add_int(a, to, "number", g->number);
	add_numbers(g->listed, g->listed_count, a, to, "listed");
	doc_add_int(a, to, "listed_count", g->listed_count);
	add_numbers(g->members, g->member_count, a, to, "members");
	doc_add_int(a, to, "member_count", g->member_count);
	add_number_or_null(g->period_s, a, to, "period_s");
	add_number_or_null(g->slots, a, to, "spread_over");
	doc_add_int(a, to, "frequency_s", g->frequency_s ? g->frequency_s : g->period_s);
	add_number_or_null(g->frequency_max_s, a, to, "frequency_max_s");
	schedule_when_fill(&g->when, a, to);
	add_states(node, g, a, to);
}
