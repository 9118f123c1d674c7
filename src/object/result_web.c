/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of http or ftp measured: each step's time, null where the run did not come so far. */
#include "object/result_parts.h"
#include "sla/result.h"

/* One getter a member: a row has no offset of its own that it could say. */
#define STEP(structure, member)                                                                  \
	static void get_##structure##_##member(const void *object, const struct object_row *row, \
	                                       struct arena *a, struct doc *to)                  \
	{                                                                                        \
		const struct structure##_result *r = object;                                     \
                                                                                                 \
		object_add_of_some(a, to, row->name, r->member##_ns >= 0, r->member##_ns);       \
	}

STEP(http, dns)
STEP(http, tcp)
STEP(http, tls)
STEP(http, first_byte)
STEP(http, transaction)
STEP(http, total)
STEP(ftp, dns)
STEP(ftp, connect)
STEP(ftp, login)
STEP(ftp, transfer)
STEP(ftp, total)

static void get_status(const void *object, const struct object_row *row, struct arena *a,
                       struct doc *to)
{
	const struct http_result *r = object;

	object_add_of_some(a, to, row->name, r->status, (int64_t)r->status);
}

static const struct object_row http_rows[] = {
	OBJECT_CUSTOM_ROW(OU_NS, "dns_ns", get_http_dns),
	OBJECT_CUSTOM_ROW(OU_NS, "tcp_ns", get_http_tcp),
	OBJECT_CUSTOM_ROW(OU_NS, "tls_ns", get_http_tls),
	OBJECT_CUSTOM_ROW(OU_NS, "first_byte_ns", get_http_first_byte),
	OBJECT_CUSTOM_ROW(OU_NS, "transaction_ns", get_http_transaction),
	OBJECT_CUSTOM_ROW(OU_NS, "total_ns", get_http_total),
	OBJECT_CUSTOM_ROW(OU_NONE, "status", get_status),
	OBJECT_ROW(OT_U64, OU_BYTES, "body_bytes", struct http_result, body_octets),
	{ 0 },
};

static const struct object_row ftp_rows[] = {
	OBJECT_CUSTOM_ROW(OU_NS, "dns_ns", get_ftp_dns),
	OBJECT_CUSTOM_ROW(OU_NS, "connect_ns", get_ftp_connect),
	OBJECT_CUSTOM_ROW(OU_NS, "login_ns", get_ftp_login),
	OBJECT_CUSTOM_ROW(OU_NS, "transfer_ns", get_ftp_transfer),
	OBJECT_CUSTOM_ROW(OU_NS, "total_ns", get_ftp_total),
	OBJECT_ROW(OT_U64, OU_BYTES, "file_bytes", struct ftp_result, octets),
	{ 0 },
};

void object_get_http(const void *object, const struct object_row *row, struct arena *a,
                     struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_HTTP)
		object_fill(http_rows, &r->http, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}

void object_get_ftp(const void *object, const struct object_row *row, struct arena *a,
                    struct doc *to)
{
	const struct sla_result *r = object;

	if (r->type == SLA_FTP)
		object_fill(ftp_rows, &r->ftp, a, doc_add_map(a, to, row->name));
	else
		doc_add_null(a, to, row->name);
}
