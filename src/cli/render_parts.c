/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a result that only some types have, as lines below a run. */
#include "cli/format.h"
#include "cli/show.h"
#include "wire/dns.h"

#include <inttypes.h>

static bool is_part(const struct doc *part)
{
	return part && part->kind == DOC_MAP;
}

static void render_dns(const struct doc *dns, FILE *to)
{
	const struct doc *rcode = doc_get(dns, "rcode");
	const char *answer = doc_text(dns, "answer", NULL);
	char span[FORMAT_SPAN_MAX];

	if (!rcode || rcode->kind != DOC_INT)
		return;
	const char *name = dns_rcode_name((uint16_t)rcode->integer);

	(void)fprintf(to, "  %s over %s, %" PRId64 " in the answer section%s%s\n",
	              name ? name : "error", doc_text(dns, "transport", ""),
	              doc_int(dns, "answers", 0),
	              doc_bool(dns, "authoritative", false) ? ", authoritative" : "",
	              doc_bool(dns, "truncated", false) ? ", after a truncated reply" : "");
	if (doc_int(dns, "connect_ns", 0) > 0)
		(void)fprintf(to, "  connected in %s\n",
		              format_duration(doc_int(dns, "connect_ns", 0), span));
	if (answer)
		(void)fprintf(to, "  %s (for %" PRId64 " s)\n", answer, doc_int(dns, "ttl_s", 0));
}

static void render_dhcp(const struct doc *dhcp, FILE *to)
{
	const struct doc *lease = doc_get(dhcp, "lease_s");
	char span[FORMAT_SPAN_MAX];

	if (doc_int(dhcp, "offer_ns", 0) > 0)
		(void)fprintf(to, "  offer after %s from %s\n",
		              format_duration(doc_int(dhcp, "offer_ns", 0), span),
		              doc_text(dhcp, "server", "?"));
	if (!doc_bool(dhcp, "leased", false))
		return;
	(void)fprintf(to, "  %s", doc_text(dhcp, "address", "?"));
	if (lease && lease->kind == DOC_INT)
		(void)fprintf(to, " for %" PRId64 " s", lease->integer);
	(void)fprintf(to, "%s\n", doc_bool(dhcp, "released", false) ? ", given back" : "");
}

struct step {
	const char *key, *title;
};

/* "  dns 1.2 ms, tcp 10 ms", of the steps that were reached, three a line. */
static void render_steps(const struct doc *part, const struct step *steps, FILE *to)
{
	const char *between = "  ";
	char span[FORMAT_SPAN_MAX];
	unsigned count = 0;

	for (; steps->key; steps++) {
		const struct doc *value = doc_get(part, steps->key);

		if (!value || value->kind != DOC_INT)
			continue;
		(void)fprintf(to, "%s%s %s", between, steps->title,
		              format_duration(value->integer, span));
		between = ++count % 3 == 0 ? "\n  " : ", ";
	}
	if (count > 0)
		(void)fputc('\n', to);
}

static void render_http(const struct doc *http, FILE *to)
{
	static const struct step steps[] = {
		{ "dns_ns", "dns" },
		{ "tcp_ns", "tcp" },
		{ "tls_ns", "tls" },
		{ "first_byte_ns", "first byte" },
		{ "transaction_ns", "transaction" },
		{ "total_ns", "total" },
		{ NULL },
	};
	int64_t status = doc_int(http, "status", 0);

	render_steps(http, steps, to);
	if (status > 0)
		(void)fprintf(to, "  status %" PRId64 ", %" PRId64 " octets\n", status,
		              doc_int(http, "body_bytes", 0));
}

static void render_ftp(const struct doc *ftp, FILE *to)
{
	static const struct step steps[] = {
		{ "dns_ns", "dns" },           { "connect_ns", "connect" }, { "login_ns", "login" },
		{ "transfer_ns", "transfer" }, { "total_ns", "total" },     { NULL },
	};
	int64_t octets = doc_int(ftp, "file_bytes", 0);

	render_steps(ftp, steps, to);
	if (octets > 0)
		(void)fprintf(to, "  %" PRId64 " octets\n", octets);
}

static void render_hop(const struct doc *hop, unsigned number, FILE *to)
{
	const struct doc *rtt = doc_get(hop, "rtt"), *jitter = doc_get(hop, "jitter");
	const char *address = doc_text(hop, "address", NULL);
	char least[FORMAT_SPAN_MAX], mean[FORMAT_SPAN_MAX], most[FORMAT_SPAN_MAX];

	if (!address) {
		(void)fprintf(to, "  %2u  *\n", number);
		return;
	}
	(void)fprintf(to, "  %2u  %s", number, address);
	if (doc_int(hop, "received", 0) == 0 && doc_int(hop, "sent", 0) > 0)
		(void)fputs("  no reply", to);
	if (doc_int(hop, "received", 0) > 0)
		(void)fprintf(to, "  %s/%s/%s", format_duration(doc_int(rtt, "min_ns", 0), least),
		              format_duration(doc_int(rtt, "avg_ns", 0), mean),
		              format_duration(doc_int(rtt, "max_ns", 0), most));
	if (doc_int(hop, "sent", 0) > 1)
		(void)fprintf(to, "  jitter %s  %" PRId64 " of %" PRId64 " lost",
		              format_duration(doc_int(jitter, "avg_ns", 0), mean),
		              doc_int(hop, "lost", 0), doc_int(hop, "sent", 0));
	(void)fputc('\n', to);
}

static void render_path(const struct doc *path, FILE *to)
{
	unsigned number = 0;

	for (const struct doc_member *m = doc_first(doc_get(path, "hops")); m; m = m->next)
		render_hop(&m->value, ++number, to);
}

static void render_icmp_jitter(const struct doc *icmp, FILE *to)
{
	(void)fprintf(
	        to,
	        "  out of sequence: %" PRId64 " there, %" PRId64 " back, %" PRId64
	        " both; answered in a row: %" PRId64 " to %" PRId64 "\n",
	        doc_int(icmp, "out_of_sequence_sd", 0), doc_int(icmp, "out_of_sequence_ds", 0),
	        doc_int(icmp, "out_of_sequence_both", 0), doc_int(icmp, "success_length_min", 0),
	        doc_int(icmp, "success_length_max", 0));
}

/* "  192.0.2.12  OK  10 of 10  lost 0 out, ...", and its times in a second line. */
static void render_receiver(const struct doc *receiver, int64_t sent, FILE *to)
{
	const struct doc *rtt = doc_get(receiver, "rtt_ns");
	const struct doc *delay = doc_get(receiver, "delay_avg_ns");
	char least[FORMAT_SPAN_MAX], mean[FORMAT_SPAN_MAX], most[FORMAT_SPAN_MAX];

	(void)fprintf(to, "  %-15s  %s", doc_text(receiver, "address", "?"),
	              render_return_code(receiver));
	if (!rtt || rtt->kind != DOC_INT) {
		(void)fputc('\n', to);
		return;
	}
	(void)fprintf(to,
	              "  %" PRId64 " of %" PRId64 "  lost %" PRId64 " out, %" PRId64
	              " back, %" PRId64 " unknown\n",
	              doc_int(receiver, "received", 0), sent, doc_int(receiver, "lost_sd", 0),
	              doc_int(receiver, "lost_ds", 0), doc_int(receiver, "missing", 0));
	if (delay && delay->kind == DOC_INT)
		(void)fprintf(to, "    delay %s / %s / %s",
		              format_duration(doc_int(receiver, "delay_min_ns", 0), least),
		              format_duration(delay->integer, mean),
		              format_duration(doc_int(receiver, "delay_max_ns", 0), most));
	else
		(void)fprintf(to, "    rtt %s", format_duration(rtt->integer, mean));
	(void)fprintf(to, "  jitter %s\n",
	              format_duration(doc_int(receiver, "jitter_avg_ns", 0), least));
	const char *withheld = render_oneway_words(doc_text(receiver, "oneway_reason", "reported"));

	if (withheld)
		(void)fprintf(to, "    no delay: %s\n", withheld);
}

static void render_multicast(const struct doc *multicast, FILE *to)
{
	int64_t sent = doc_int(multicast, "sent", 0);

	for (const struct doc_member *m = doc_first(doc_get(multicast, "receivers")); m;
	     m = m->next)
		render_receiver(&m->value, sent, to);
}

void render_result_parts(const struct doc *result, FILE *to)
{
	if (is_part(doc_get(result, "dns")))
		render_dns(doc_get(result, "dns"), to);
	if (is_part(doc_get(result, "dhcp")))
		render_dhcp(doc_get(result, "dhcp"), to);
	if (is_part(doc_get(result, "http")))
		render_http(doc_get(result, "http"), to);
	if (is_part(doc_get(result, "ftp")))
		render_ftp(doc_get(result, "ftp"), to);
	if (is_part(doc_get(result, "path")))
		render_path(doc_get(result, "path"), to);
	if (is_part(doc_get(result, "icmp_jitter")))
		render_icmp_jitter(doc_get(result, "icmp_jitter"), to);
	if (is_part(doc_get(result, "multicast")))
		render_multicast(doc_get(result, "multicast"), to);
}
