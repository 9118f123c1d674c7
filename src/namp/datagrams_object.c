/* SPDX-License-Identifier: Apache-2.0 */
/* The datagram service as documents: counters for `namp`, rows for `namp/peer`. */
#include "object/page.h"
#include "object/result_object.h"
#include "object/rows.h"

#include "namp/datagrams_internal.h"

#define COUNTER(name) OBJECT_ROW(OT_U64, OU_COUNT, #name, struct datagrams_counters, name)

static const struct object_row counter_rows[] = {
	COUNTER(received),
	COUNTER(refused_form),
	COUNTER(refused_receiver),
	COUNTER(refused_sender),
	COUNTER(refused_key),
	COUNTER(refused_boot),
	COUNTER(refused_replayed),
	COUNTER(refused_rate),
	COUNTER(refused_authentication),
	COUNTER(refused_senders),
	COUNTER(refused_undurable),
	COUNTER(refused_message),
	COUNTER(refused_critical),
	COUNTER(refused_kind),
	COUNTER(refused_id),
	COUNTER(delivered),
	COUNTER(duplicates),
	COUNTER(acks_sent),
	COUNTER(acks_received),
	COUNTER(acks_unexpected),
	COUNTER(traps_sent),
	COUNTER(informs_sent),
	COUNTER(copies_sent),
	COUNTER(informs_acknowledged),
	COUNTER(informs_refused),
	COUNTER(informs_given_up),
	COUNTER(informs_dropped),
	COUNTER(send_failures),
	{ 0 },
};

static void add_endpoint(const void *object, const struct object_row *row, struct arena *a,
                         struct doc *to)
{
	const struct datagrams_peer_view *v = object;

	object_add_addr(a, to, row->name, &v->endpoint.addr);
	if (v->endpoint.addr.family == INET_NONE)
		doc_add_null(a, to, "port");
	else
		doc_add_int(a, to, "port", v->endpoint.port);
}

#define PEER(type, unit, name) OBJECT_ROW(type, unit, #name, struct datagrams_peer_view, name)

static const struct object_row peer_rows[] = {
	PEER(OT_TEXT, OU_NONE, name),
	OBJECT_ROW(OT_BOOL, OU_NONE, "configured", struct datagrams_peer_view, is_configured),
	OBJECT_ROW(OT_BOOL, OU_NONE, "inform", struct datagrams_peer_view, is_inform),
	OBJECT_CUSTOM_ROW(OU_NONE, "address", add_endpoint),
	PEER(OT_U32, OU_COUNT, informs_waiting),
	PEER(OT_U64, OU_COUNT, sent),
	PEER(OT_U64, OU_COUNT, received),
	PEER(OT_U64, OU_NONE, boot),
	PEER(OT_U64, OU_NONE, sequence),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "received_at_ns", struct datagrams_peer_view, received_at),
	{ 0 },
};

void datagrams_fill(const struct datagrams *s, struct arena *a, struct doc *to)
{
	if (!s) {
		doc_add_null(a, to, "datagrams");
		return;
	}
	struct doc *d = doc_add_map(a, to, "datagrams");

	object_add_u64(a, d, "boot", s->boot);
	doc_add_int(a, d, "senders", s->sender_count);
	object_fill(counter_rows, &s->counters, a, d);
}

int datagrams_list_peers(const struct datagrams *s, const struct object_request *request,
                         struct arena *a, struct doc **ret, struct diag *d)
{
	struct doc *to = object_new(a, "namp/peer");
	struct object_page page = object_page_begin(request, a, to);
	uint64_t at = object_body_after(request);
	struct datagrams_peer_view view;
	bool more;

	(void)d; /* as object_handle: nothing can go wrong */
	for (; (more = s && datagrams_peers(s, at, 1, &view) == 1); at++) {
		struct doc *row = doc_new_map(a);

		object_fill(peer_rows, &view, a, row);
		if (!object_page_add(&page, row))
			break;
	}
	object_page_end(&page, more, at);
	*ret = to;
	return 0;
}
