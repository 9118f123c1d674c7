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

void render_result_parts(const struct doc *result, FILE *to)
{
	if (is_part(doc_get(result, "dns")))
		render_dns(doc_get(result, "dns"), to);
	if (is_part(doc_get(result, "dhcp")))
		render_dhcp(doc_get(result, "dhcp"), to);
}
