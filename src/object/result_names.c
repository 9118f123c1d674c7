/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of dns or dhcp measured beside its time. */
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
