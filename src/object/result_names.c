/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of dns, dhcp or multicast-jitter measured beside its time. */
#include "object/names.h"
#include "object/result_parts.h"
#include "sla/result.h"

/* --- dns ------------------------------------------------------------------------------------- */

static void get_query_rtt(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct dns_result *d = object;

	object_add_of_some(a, to, row->name, d->has_reply, d->query_rtt_ns);
}

static void get_connect(const void *object, const struct object_row *row, struct arena *a,
                        struct doc *to)
{
	const struct dns_result *d = object;

	object_add_of_some(a, to, row->name, d->connect_ns > 0, d->connect_ns);
}

static void get_rcode(const void *object, const struct object_row *row, struct arena *a,
                      struct doc *to)
{
	const struct dns_result *d = object;

	object_add_of_some(a, to, row->name, d->has_reply, d->rcode);
}

static void get_answer(const void *object, const struct object_row *row, struct arena *a,
                       struct doc *to)
{
	const struct dns_result *d = object;

	if (d->answer[0])
		doc_add_text(a, to, row->name, d->answer);
	else
		doc_add_null(a, to, row->name);
}

static void get_ttl(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to)
{
	const struct dns_result *d = object;

	object_add_of_some(a, to, row->name, d->answer[0] != '\0', d->ttl_s);
}

static const struct object_row dns_rows[] = {
	OBJECT_NAME_ROW("transport", struct dns_result, transport, name_of_dns_transport),
	OBJECT_CUSTOM_ROW(OU_NS, "query_rtt_ns", get_query_rtt),
	OBJECT_CUSTOM_ROW(OU_NS, "connect_ns", get_connect),
	OBJECT_CUSTOM_ROW(OU_NONE, "rcode", get_rcode),
	OBJECT_ROW(OT_U16, OU_COUNT, "answers", struct dns_result, answers),
	OBJECT_CUSTOM_ROW(OU_NONE, "answer", get_answer),
	OBJECT_CUSTOM_ROW(OU_S, "ttl_s", get_ttl),
	OBJECT_ROW(OT_BOOL, OU_NONE, "authoritative", struct dns_result, authoritative),
	OBJECT_ROW(OT_BOOL, OU_NONE, "recursion_available", struct dns_result, recursion_available),
	OBJECT_ROW(OT_BOOL, OU_NONE, "truncated", struct dns_result, truncated),
	{ 0 },
};

void object_get_dns(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_DNS)
		object_fill(dns_rows, &r->dns, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}

/* --- dhcp ------------------------------------------------------------------------------------ */

static void get_offer(const void *object, const struct object_row *row, struct arena *a,
                      struct doc *to)
{
	const struct dhcp_result *d = object;

	object_add_of_some(a, to, row->name, d->offer_ns > 0, d->offer_ns);
}

static void get_ack(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to)
{
	const struct dhcp_result *d = object;

	object_add_of_some(a, to, row->name, d->ack_ns > 0, d->ack_ns);
}

/* Null as well for a lease without end. */
static void get_lease(const void *object, const struct object_row *row, struct arena *a,
                      struct doc *to)
{
	const struct dhcp_result *d = object;

	object_add_of_some(a, to, row->name, d->has_lease && d->lease_s != UINT32_MAX, d->lease_s);
}

static const struct object_row dhcp_rows[] = {
	OBJECT_CUSTOM_ROW(OU_NS, "offer_ns", get_offer),
	OBJECT_CUSTOM_ROW(OU_NS, "ack_ns", get_ack),
	OBJECT_ROW(OT_U32, OU_COUNT, "offers", struct dhcp_result, offers),
	OBJECT_ROW(OT_ADDR, OU_NONE, "server", struct dhcp_result, server),
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct dhcp_result, address),
	OBJECT_CUSTOM_ROW(OU_S, "lease_s", get_lease),
	OBJECT_ROW(OT_BOOL, OU_NONE, "leased", struct dhcp_result, has_lease),
	OBJECT_ROW(OT_BOOL, OU_NONE, "released", struct dhcp_result, released),
	{ 0 },
};

void object_get_dhcp(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_DHCP)
		object_fill(dhcp_rows, &r->dhcp, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}

/* --- multicast-jitter ------------------------------------------------------------------------ */

static bool has_delay(const struct multicast_receiver *m)
{
	return m->received > 0 && m->oneway_reason == ONEWAY_REPORTED;
}

static void get_receiver_rtt(const void *object, const struct object_row *row, struct arena *a,
                             struct doc *to)
{
	const struct multicast_receiver *m = object;

	object_add_of_some(a, to, row->name, m->rtt_ns > 0, m->rtt_ns);
}

static void get_delay_min(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct multicast_receiver *m = object;

	object_add_of_some(a, to, row->name, has_delay(m), m->delay_min_ns);
}

static void get_delay_avg(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct multicast_receiver *m = object;

	object_add_of_some(a, to, row->name, has_delay(m), m->delay_avg_ns);
}

static void get_delay_max(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct multicast_receiver *m = object;

	object_add_of_some(a, to, row->name, has_delay(m), m->delay_max_ns);
}

static const struct object_row receiver_rows[] = {
	OBJECT_ROW(OT_ADDR, OU_NONE, "address", struct multicast_receiver, addr),
	OBJECT_NAME_ROW("sense", struct multicast_receiver, sense, name_of_sense),
	OBJECT_ROW(OT_U8, OU_NONE, "return_code", struct multicast_receiver, sense),
	OBJECT_ROW(OT_U32, OU_COUNT, "received", struct multicast_receiver, received),
	OBJECT_ROW(OT_U32, OU_COUNT, "lost_sd", struct multicast_receiver, loss_sd),
	OBJECT_ROW(OT_U32, OU_COUNT, "lost_ds", struct multicast_receiver, loss_ds),
	OBJECT_ROW(OT_U32, OU_COUNT, "missing", struct multicast_receiver, missing),
	OBJECT_ROW(OT_U32, OU_COUNT, "late", struct multicast_receiver, late),
	OBJECT_ROW(OT_U32, OU_COUNT, "out_of_sequence", struct multicast_receiver, out_of_sequence),
	OBJECT_CUSTOM_ROW(OU_NS, "rtt_ns", get_receiver_rtt),
	OBJECT_NAME_ROW("oneway_reason", struct multicast_receiver, oneway_reason, name_of_oneway),
	OBJECT_CUSTOM_ROW(OU_NS, "delay_min_ns", get_delay_min),
	OBJECT_CUSTOM_ROW(OU_NS, "delay_avg_ns", get_delay_avg),
	OBJECT_CUSTOM_ROW(OU_NS, "delay_max_ns", get_delay_max),
	OBJECT_ROW(OT_I64, OU_NS, "jitter_avg_ns", struct multicast_receiver, jitter_avg_ns),
	{ 0 },
};

static void get_receivers(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct multicast_result *m = object;
	struct doc *list = doc_add_list(a, to, row->name);

	for (unsigned i = 0; i < m->count; i++)
		object_fill(receiver_rows, &m->receivers[i], a, doc_add_map(a, list, NULL));
}

static const struct object_row multicast_rows[] = {
	OBJECT_ROW(OT_U32, OU_COUNT, "sent", struct multicast_result, sent),
	OBJECT_ROW(OT_U32, OU_COUNT, "skipped", struct multicast_result, skipped),
	OBJECT_ROW(OT_U8, OU_COUNT, "answered", struct multicast_result, answered),
	OBJECT_CUSTOM_ROW(OU_NONE, "receivers", get_receivers),
	{ 0 },
};

void object_get_multicast(const void *object, const struct object_row *row, struct arena *a,
                          struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_MULTICAST_JITTER)
		object_fill(multicast_rows, &r->multicast, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}
