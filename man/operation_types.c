/* SPDX-License-Identifier: Apache-2.0 */
/* Prints candor-operations(7), in mdoc: every operation type with its options, from the rows that parser and checker
 * read.  What a type measures stands here, once for each: a type without it ends the build. */
#include "probe/probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *type, *measures, *responder;
} abouts[] = {
	{ "udp-jitter", "delay, jitter, loss and order of a burst of datagrams, in each direction",
	  "yes" },
	{ "udp-echo", "round trip of one datagram", "yes, or any UDP echo service" },
	{ "tcp-connect", "time until a TCP connection is established", "yes, or any TCP server" },
	{ "icmp-echo", "round trip of one ICMP echo message", "no" },
	{ "dns", "time from a query to its reply", "no: a name server" },
	{ "dhcp", "time until a lease is acknowledged", "no: a DHCP server" },
	{ "http", "name, connection, TLS and transaction times of one HTTP request",
	  "no: a web server" },
	{ "ftp", "connection, login and transfer times of one file", "no: an FTP server" },
	{ "icmp-jitter", "delay, jitter and loss of a burst of ICMP timestamp messages",
	  "no: a host that answers ICMP timestamps" },
	{ "path-echo", "the hops towards a target, and the round trip to each", "no" },
	{ "path-jitter", "the hops towards a target, and delay, jitter and loss of a burst to each",
	  "no" },
	{ "multicast-jitter", "delay and loss of a burst to a group, for each of its members",
	  "yes, on each member" },
	{ "ethernet-echo", "round trip of one CFM loopback message", "no: a maintenance point" },
	{ "ethernet-jitter", "delay, jitter and loss of a burst of CFM messages",
	  "no: a maintenance point" },
};

/* Index into ``abouts``, or -1. */
static int find_about(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(abouts); i++) {
		if (strcmp(abouts[i].type, type) == 0)
			return (int)i;
	}
	return -1;
}

/* Text whose backslashes and leading dots mdoc must not take for its own. */
static void put(const char *text)
{
	if (*text == '.' || *text == '\'')
		(void)fputs("\\&", stdout);
	for (; *text; text++)
		(void)fputs(*text == '\\' ? "\\e" : (const char[]) { *text, '\0' }, stdout);
}

static void put_range(const struct conf_row *row)
{
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
	case CK_PORT:
		(void)printf("%" PRIu64 " to %" PRIu64, row->min, row->max);
		break;
	case CK_TEXT:
	case CK_WORD:
		(void)printf("%" PRIu64 " to %" PRIu64 " octets", row->min, row->max);
		break;
	case CK_ENUM:
		for (unsigned i = 0; row->names[i]; i++)
			(void)printf("%s%s", i ? ", " : "", row->names[i]);
		break;
	case CK_HEX32:
		(void)fputs("8 hexadecimal digits", stdout);
		break;
	case CK_FLAG:
		(void)fputs("alone", stdout);
		break;
	case CK_ENABLE:
		(void)fputs("enable, disable", stdout);
		break;
	case CK_ADDR:
		(void)fputs("an address", stdout);
		break;
	case CK_CUSTOM:
	case CK_NONE:
		(void)fputs("see candor.conf(5)", stdout);
		break;
	}
}

/* "" where a row has none that a number could say. */
static void put_initial(const struct conf_row *row)
{
	switch (row->kind) {
	case CK_U8:
	case CK_U16:
	case CK_U32:
	case CK_U64:
		(void)printf("; default %" PRIu64, row->initial);
		break;
	case CK_PORT:
		if (row->initial >= row->min && row->initial <= row->max)
			(void)printf("; default %" PRIu64, row->initial);
		break;
	case CK_HEX32:
		(void)printf("; default %08" PRIX64, row->initial);
		break;
	case CK_ENABLE:
		(void)printf("; default %s", row->initial ? "enable" : "disable");
		break;
	case CK_ENUM:
		(void)printf("; default %s", row->names[row->initial]);
		break;
	case CK_FLAG:
		(void)fputs("; off by default", stdout);
		break;
	case CK_TEXT:
	case CK_WORD:
	case CK_ADDR:
	case CK_CUSTOM:
	case CK_NONE:
		break;
	}
}

static void put_row(const struct conf_row *row)
{
	const char *unit = conf_unit_name(row->unit);

	(void)printf(".It Ic ");
	put(row->keyword);
	(void)printf("\n");
	put(row->help);
	(void)printf(".\n.br\n");
	put_range(row);
	put_initial(row);
	if (*unit)
		(void)printf("; %s", unit);
	(void)printf("; %s", row->where == CW_INLINE ? "on the type line"
	                     : row->where == CW_SUB  ? "below the type"
	                                             : "on the type line or below it");
	(void)printf(".\n");
	if (row->source) {
		(void)printf("Source: ");
		put(row->source);
		(void)printf(".\n");
	}
}

static void put_type(const struct probe_type *type, int about)
{
	(void)printf(".Ss %s\n", type->name);
	(void)printf("Measures: %s.\n.br\nResponder: %s.\n.Bl -tag -width Ds\n",
	             abouts[about].measures, abouts[about].responder);
	for (const struct conf_row *row = type->rows; row->kind != CK_NONE; row++)
		put_row(row);
	(void)printf(".El\n");
}

static void put_table(void)
{
	(void)printf(".Bl -column \"ethernet jitter\" \"what it measures\"\n"
	             ".It Sy type Ta Sy measures\n");
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++)
		(void)printf(".It Ic %s Ta %s\n", probe_types[i]->name,
		             abouts[find_about(probe_types[i]->name)].measures);
	(void)printf(".El\n");
}

int main(void)
{
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++) {
		if (find_about(probe_types[i]->name) >= 0)
			continue;
		(void)fprintf(stderr, "operation_types: what does %s measure?\n",
		              probe_types[i]->name);
		return 1;
	}
	(void)printf(
	        ".\\\" SPDX-License-Identifier: Apache-2.0\n"
	        ".\\\" Generated by man/operation_types.c from the rows of the types.\n"
	        ".Dd November 21, 2026\n"
	        ".Dt CANDOR-OPERATIONS 7\n"
	        ".Os\n"
	        ".Sh NAME\n"
	        ".Nm candor-operations\n"
	        ".Nd types of IP SLA operations and their options\n"
	        ".Sh DESCRIPTION\n"
	        "This page is made from the tables that read the configuration: each type that\n"
	        ".Xr candord 8\n"
	        "runs and\n"
	        ".Xr candor 1\n"
	        "measures once, with the range, default, unit and source of each of its options.\n"
	        ".Xr candor.conf 5\n"
	        "explains them.\n");
	put_table();
	(void)printf(".Sh TYPES\n");
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++)
		put_type(probe_types[i], find_about(probe_types[i]->name));
	(void)printf(".Sh SEE ALSO\n"
	             ".Xr candor 1 ,\n"
	             ".Xr candor.conf 5 ,\n"
	             ".Xr candord 8\n");
	return fflush(stdout) == 0 ? 0 : 1;
}
