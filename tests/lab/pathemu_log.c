/* SPDX-License-Identifier: Apache-2.0 */
/* One line of the path emulator's log. */
#include "pathemu_log.h"

#include <inttypes.h>

static const char *action_of(const struct log_entry *e)
{
	if (e->verdict.drop != DROP_NONE || e->lost)
		return "drop";
	return e->copy ? "dup" : "forward";
}

static void write_addresses(FILE *to, const struct frame_info *info)
{
	char src[INET_TEXT_MAX], dst[INET_TEXT_MAX];

	if (info->src.family == INET_NONE)
		return;
	fprintf(to, ",\"v\":%u,\"src\":\"%s\",\"dst\":\"%s\",\"tos\":%u,\"ttl\":%u",
	        info->src.family, inet_addr_format(&info->src, src),
	        inet_addr_format(&info->dst, dst), info->tos, info->ttl);
	if (info->has_ports)
		fprintf(to, ",\"sport\":%u,\"dport\":%u", info->sport, info->dport);
	else if (info->payload_at)
		fprintf(to, ",\"type\":%u,\"id\":%u,\"seq\":%u", info->icmp_type, info->sport,
		        info->dport);
	if (info->tcp_flags)
		fprintf(to, ",\"flags\":%u", info->tcp_flags);
	if (info->payload_at)
		fprintf(to, ",\"payload\":%u", info->payload_len);
}

void log_entry_write(FILE *to, const struct log_entry *e)
{
	const struct verdict *v = &e->verdict;
	const char *why = e->lost ? e->lost : drop_reason_name(v->drop);

	fprintf(to, "{\"dir\":\"%s\",\"n\":%" PRIu64 ",\"m\":%" PRIu64 ",\"copy\":%u",
	        e->direction ? "ba" : "ab", v->index, v->match, e->copy);
	fprintf(to, ",\"act\":\"%s\",\"why\":\"%s\",\"corrupt\":%s,\"reorder\":%s,\"csum\":%s",
	        action_of(e), why, e->did_corrupt ? "true" : "false",
	        e->late_order ? "true" : "false", e->csum_completed ? "true" : "false");
	fprintf(to, ",\"in_ns\":%" PRId64 ",\"out_ns\":%" PRId64, e->in_ns, e->out_ns);
	fprintf(to, ",\"residence_ns\":%" PRId64 ",\"kernel\":%s",
	        e->out_ns ? e->out_ns - e->in_ns : 0,
	        e->in_is_kernel && (e->out_is_kernel || !e->out_ns) ? "true" : "false");
	fprintf(to, ",\"len\":%u,\"proto\":\"%s\"", e->info.len, frame_proto_name(&e->info));
	write_addresses(to, &e->info);
	fputs(",\"data\":\"", to);
	for (uint32_t i = 0; i < e->data_len; i++)
		fprintf(to, "%02x", e->data[i]);
	fputs("\"}\n", to);
}
