/* SPDX-License-Identifier: Apache-2.0 */
/* show ip sla application: what this node can do, and how much of it is in use. */
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"

#include <inttypes.h>
#include <string.h>

#define TYPES_PER_LINE 6u

/* The names of this view differ from those of the configuration. */
static const char *application_name(const char *type)
{
	static const struct {
		const char *type, *name;
	} names[] = {
		{ "icmp-echo", "icmpEcho" },
		{ "udp-echo", "udpEcho" },
		{ "tcp-connect", "tcpConnect" },
		{ "udp-jitter", "udpJitter" },
		{ "icmp-jitter", "icmpJitter" },
		{ "ethernet-echo", "ethernetEcho" },
		{ "ethernet-jitter", "ethernetJitter" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].type, type) == 0)
			return names[i].name;
	}
	return type;
}

static void render_types(const struct doc *types, FILE *to)
{
	const char *between = "\t";
	unsigned count = 0;

	for (const struct doc_member *m = doc_first(types); m; m = m->next) {
		if (m->value.kind != DOC_TEXT)
			continue;
		(void)fprintf(to, "%s%s", between, application_name(m->value.text));
		between = ++count % TYPES_PER_LINE == 0 ? "\n\t" : ", ";
	}
	(void)fputs("\n", to);
}

void render_application(const struct doc *application, FILE *to)
{
	const struct doc *d = application;
	int64_t most = doc_int(d, "entries_max", 0), entries = doc_int(d, "entries", 0);
	int64_t changed_ns = doc_int(d, "changed_at_ns", 0);
	bool synchronised = doc_bool(doc_get(d, "clock"), "synchronised", false);
	char at[FORMAT_TIME_MAX];

	(void)fputs("\tIP Service Level Agreements\n"
	            "Version: Round Trip Time MIB 2.2.0, Infrastructure Engine-III\n"
	            "\n"
	            "Supported Operation Types:\n",
	            to);
	render_types(doc_get(d, "operation_types"), to);
	(void)fprintf(to,
	              "\n"
	              "Supported Features:\n"
	              "\tIPSLAs Event Publisher\n"
	              "\n"
	              "IP SLAs low memory water mark: %" PRId64 "\n"
	              "Estimated system max number of entries: %" PRId64 "\n"
	              "\n"
	              "Estimated number of configurable operations: %" PRId64 "\n"
	              "Number of Entries configured  : %" PRId64 "\n"
	              "Number of active Entries      : %" PRId64 "\n"
	              "Number of pending Entries     : %" PRId64 "\n"
	              "Number of inactive Entries    : %" PRId64 "\n"
	              "Time of last change in whole IP SLAs: %s\n"
	              "\n"
	              "Candor %s\n",
	              doc_int(d, "low_memory_bytes", 0), most,
	              doc_int(d, "entries_configurable", most - entries), entries,
	              doc_int(d, "entries_active", 0), doc_int(d, "entries_pending", 0),
	              doc_int(d, "entries_inactive", 0),
	              changed_ns ? format_time(changed_ns, synchronised, true, at) : "never",
	              doc_text(d, "version", ""));
	if (doc_int(d, "entries_held", 0) > 0)
		(void)fprintf(to, "Operations that wait for memory: %" PRId64 "\n",
		              doc_int(d, "entries_held", 0));
}

int show_application(struct cli *cli)
{
	return show_object(cli, "sla/application", render_application);
}
