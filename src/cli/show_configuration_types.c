/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla configuration: the lines of http, ftp, dns, dhcp and multicast-jitter. */
#include "cli/show_configuration.h"

#include <inttypes.h>
#include <string.h>

/* "secure get" is a router's type http with the operation get. */
void render_http_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");
	const char *method = doc_text(p, "method", "get"), *last = strrchr(method, ' ');
	const char *raw = doc_text(p, "raw_request", "");

	(void)fprintf(to,
	              "Target address/Source address: %s/%s\n"
	              "Target port/Source port: %" PRId64 "/%" PRId64 "\n"
	              "HTTP Operation: %s\n"
	              "HTTP Server Version: %s\n"
	              "URL: %s\n"
	              "Proxy: %s\n"
	              "Raw String(s):\n"
	              "%s%s"
	              "Cache Control: %s\n",
	              doc_text(p, "target_address", "0.0.0.0"), configuration_source(p),
	              doc_int(p, "target_port", 0), doc_int(p, "source_port", 0),
	              last ? last + 1 : method, doc_text(p, "http_version", "1.0"),
	              doc_text(operation, "target", ""), doc_text(p, "proxy", ""), raw,
	              *raw && raw[strlen(raw) - 1] != '\n' ? "\n" : "",
	              doc_text(p, "cache", "enable"));
}

void render_ftp_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");

	(void)fprintf(to,
	              "Source address: %s\n"
	              "FTP URL: %s\n",
	              configuration_source(p), doc_text(operation, "target", ""));
}

/* UNVERIFIED: a device's name for the line of the name server. */
void render_dns_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");

	(void)fprintf(to,
	              "Target address/Source address: %s/%s\n"
	              "Target port/Source port: %" PRId64 "/%" PRId64 "\n"
	              "Name Server: %s\n",
	              doc_text(operation, "target", ""), configuration_source(p),
	              doc_int(p, "target_port", 53), doc_int(p, "source_port", 0),
	              doc_text(p, "target_address", "0.0.0.0"));
}

/* UNVERIFIED: a device's lines for option 82. */
void render_dhcp_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");
	const char *circuit = doc_text(p, "circuit_id", ""), *remote = doc_text(p, "remote_id", "");

	if (*circuit || *remote)
		(void)fprintf(to,
		              "Dhcp option: 82\n"
		              "Circuit-id: %s\n"
		              "Remote-id: %s\n",
		              circuit, remote);
}

/* UNVERIFIED: a device's lines for the members of a group. */
void render_multicast_configuration(const struct doc *operation, FILE *to)
{
	const struct doc *p = doc_get(operation, "parameters");
	const char *rest = doc_text(p, "endpoints", "");

	(void)fprintf(to, "Endpoint list: %s\n", doc_text(p, "name", ""));
	while (*rest) {
		size_t len = strcspn(rest, ",");

		(void)fprintf(to, "   ip-address: %.*s\n", (int)len, rest);
		rest += len + (rest[len] == ',');
	}
	(void)fprintf(to,
	              "SSM: %s\n"
	              "Tree-init packets: %" PRId64 "\n",
	              doc_bool(p, "ssm", false) ? "Yes" : "No", doc_int(p, "tree_init", 0));
}
