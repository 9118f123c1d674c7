/* SPDX-License-Identifier: Apache-2.0 */
/* What icmp-jitter and the path operations measured beside the common figures. */
#include "object/names.h"
#include "object/result_object.h"
#include "object/result_parts.h"
#include "sla/result.h"

/* --- icmp-jitter --------------------------------------------------------------------------------- */

static const struct object_row icmp_jitter_rows[] = {
	OBJECT_ROW(OT_U32, OU_COUNT, "lost", struct icmp_jitter_result, lost),
	OBJECT_ROW(OT_U32, OU_COUNT, "unprocessed", struct icmp_jitter_result, unprocessed),
	OBJECT_ROW(OT_U32, OU_COUNT, "out_of_sequence_sd", struct icmp_jitter_result,
	           out_of_sequence_sd),
	OBJECT_ROW(OT_U32, OU_COUNT, "out_of_sequence_ds", struct icmp_jitter_result,
	           out_of_sequence_ds),
	OBJECT_ROW(OT_U32, OU_COUNT, "out_of_sequence_both", struct icmp_jitter_result,
	           out_of_sequence_both),
	OBJECT_ROW(OT_U32, OU_COUNT, "success_length_min", struct icmp_jitter_result, success_min),
	OBJECT_ROW(OT_U32, OU_COUNT, "success_length_max", struct icmp_jitter_result, success_max),
	OBJECT_PART_ROW("loss_periods", struct icmp_jitter_result, loss_periods,
	                object_period_rows),
	{ 0 },
};

void object_get_icmp_jitter(const void *object, const struct object_row *row, struct arena *a,
                            struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_ICMP_JITTER)
		object_fill(icmp_jitter_rows, &r->icmp, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}

/* --- path-echo, path-jitter ---------------------------------------------------------------------- */

static void get_received(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct path_hop *h = object;

	doc_add_int(a, to, row->name, (int64_t)h->rtt.n);
}

static void get_lost(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct path_hop *h = object;
	uint64_t came = h->rtt.n + h->discarded;

	doc_add_int(a, to, row->name, h->sent > came ? (int64_t)(h->sent - came) : 0);
}

static const struct object_row hop_rows[] = {
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct path_hop, addr),
	OBJECT_NAME_ROW("sense", struct path_hop, sense, name_of_sense),
	OBJECT_ROW(OT_U16, OU_COUNT, "sent", struct path_hop, sent),
	OBJECT_CUSTOM_ROW(OU_COUNT, "received", get_received),
	OBJECT_CUSTOM_ROW(OU_COUNT, "lost", get_lost),
	OBJECT_ROW(OT_U16, OU_COUNT, "out_of_sequence", struct path_hop, out_of_sequence),
	OBJECT_ROW(OT_U16, OU_COUNT, "discarded", struct path_hop, discarded),
	OBJECT_PART_ROW("rtt", struct path_hop, rtt, sum_rows),
	OBJECT_PART_ROW("jitter", struct path_hop, jitter, sum_rows),
	{ 0 },
};

static void get_hops(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct path_result *p = object;
	struct doc *list = doc_add_list(a, to, row->name);

	for (unsigned i = 0; i < p->hop_count && i < PATH_HOPS_MAX; i++)
		object_fill(hop_rows, &p->hops[i], a, doc_add_map(a, list, NULL));
}

static const struct object_row path_rows[] = {
	OBJECT_NAME_ROW("outcome", struct path_result, outcome, path_outcome_name),
	OBJECT_ROW(OT_U8, OU_NONE, "icmp_type", struct path_result, icmp_type),
	OBJECT_ROW(OT_U8, OU_NONE, "icmp_code", struct path_result, code),
	OBJECT_CUSTOM_ROW(OU_NONE, "hops", get_hops),
	{ 0 },
};

void object_get_path(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_PATH_ECHO || r->type == SLA_PATH_JITTER)
		object_fill(path_rows, &r->path, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}
