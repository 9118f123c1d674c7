/* SPDX-License-Identifier: Apache-2.0 */
/* Rows, defaults and lists of the responder's settings. */
#include "responder/responder_rows.h"

#include "base/diag.h"
#include "responder/port_policy.h"
#include "responder/responder_cfg.h"
#include "responder/session_table.h"
#include "wire/ipsla.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIRST_PORT 1024
#define LAST_PORT  65535

static int bad_token(struct diag *d, unsigned index, const char *expected)
{
	int rc = diag_set(d, -EINVAL, "%s", expected);

	if (d)
		d->column = index + 1;
	return rc;
}

/* Text at the end of ``to``, cut where it does not fit. */
static void append(char *to, size_t cap, const char *text)
{
	size_t used = strlen(to);

	(void)snprintf(to + used, cap - used, "%s%s", used ? " " : "", text);
}

static void append_range(char *to, size_t cap, const struct port_range *range)
{
	char text[sizeof("65535-65535")];

	if (range->first == range->last)
		(void)snprintf(text, sizeof(text), "%u", range->first);
	else
		(void)snprintf(text, sizeof(text), "%u-%u", range->first, range->last);
	append(to, cap, text);
}

/* port-range FIRST LAST */
static int parse_port_range(void *object, const struct conf_row *row, const struct conf_args *args,
                            struct diag *d)
{
	struct port_range *to = (void *)((char *)object + row->offset);
	struct port_range first, last;

	if (args->count < 1 ||
	    port_range_parse(args->token[0], strlen(args->token[0]), &first) < 0 ||
	    first.first != first.last || first.first < FIRST_PORT)
		return bad_token(d, 0, "expected the first port, 1024 to 65535");
	if (args->count < 2 ||
	    port_range_parse(args->token[1], strlen(args->token[1]), &last) < 0 ||
	    last.first != last.last || last.first < first.first)
		return bad_token(d, 1, "expected the last port, not below the first");
	*to = (struct port_range) { first.first, last.first };
	return 2;
}

static void print_port_range(const void *object, const struct conf_row *row, char *to, size_t cap)
{
	const struct port_range *range = (const void *)((const char *)object + row->offset);

	to[0] = '\0';
	if (range->first != FIRST_PORT || range->last != LAST_PORT)
		(void)snprintf(to, cap, "%u %u", range->first, range->last);
}

static void reset_port_range(void *object, const struct conf_row *row)
{
	*(struct port_range *)(void *)((char *)object + row->offset) =
	        (struct port_range) { FIRST_PORT, LAST_PORT };
}

/* exclude-ports RANGE [RANGE …]: adds to the list */
static int parse_exclude(void *object, const struct conf_row *row, const struct conf_args *args,
                         struct diag *d)
{
	struct responder_cfg *cfg = object;
	uint32_t count = cfg->excluded_count;

	(void)row;
	for (unsigned i = 0; i < args->count || i == 0; i++) {
		if (i >= args->count || (count < RESPONDER_EXCLUDED_PORTS_MAX &&
		                         port_range_parse(args->token[i], strlen(args->token[i]),
		                                          &cfg->excluded[count]) < 0))
			return bad_token(d, i, "expected a port or FIRST-LAST");
		if (count == RESPONDER_EXCLUDED_PORTS_MAX)
			return bad_token(d, i, "more than 64 excluded ranges");
		count++;
	}
	cfg->excluded_count = count;
	return (int)args->count;
}

static void print_exclude(const void *object, const struct conf_row *row, char *to, size_t cap)
{
	const struct responder_cfg *cfg = object;

	(void)row;
	to[0] = '\0';
	for (uint32_t i = 0; i < cfg->excluded_count; i++)
		append_range(to, cap, &cfg->excluded[i]);
}

static void reset_exclude(void *object, const struct conf_row *row)
{
	(void)row;
	((struct responder_cfg *)object)->excluded_count = 0;
}

/* nat-address ADDRESS [ADDRESS …]: adds to the list */
static int parse_nat(void *object, const struct conf_row *row, const struct conf_args *args,
                     struct diag *d)
{
	struct responder_cfg *cfg = object;
	uint32_t count = cfg->nat_count;

	(void)row;
	for (unsigned i = 0; i < args->count || i == 0; i++) {
		if (i >= args->count || (count < RESPONDER_NAT_ADDRESSES_MAX &&
		                         inet_addr_parse(args->token[i], &cfg->nat[count]) < 0))
			return bad_token(d, i, "expected an IPv4 or IPv6 address");
		if (count == RESPONDER_NAT_ADDRESSES_MAX)
			return bad_token(d, i, "more than 16 further addresses");
		count++;
	}
	cfg->nat_count = count;
	return (int)args->count;
}

static void print_nat(const void *object, const struct conf_row *row, char *to, size_t cap)
{
	const struct responder_cfg *cfg = object;

	(void)row;
	to[0] = '\0';
	for (uint32_t i = 0; i < cfg->nat_count; i++) {
		char text[INET_TEXT_MAX];

		append(to, cap, inet_addr_format(&cfg->nat[i], text));
	}
}

static void reset_nat(void *object, const struct conf_row *row)
{
	(void)row;
	((struct responder_cfg *)object)->nat_count = 0;
}

#define AT(field) offsetof(struct responder_cfg, field)
#define OURS      "Candor"

const struct conf_row responder_rows[] = {
	{ "control-tcp", CK_ENABLE, U_NONE, CW_INLINE, AT(control_tcp), 0, 1, 1, NULL,
	  "Take control messages over TCP too", "IANA cisco-ipsla 1167/tcp", NULL, NULL },
	{ "control-sctp", CK_ENABLE, U_NONE, CW_INLINE, AT(control_sctp), 0, 1, 0, NULL,
	  "Take control messages over SCTP too", "IANA cisco-ipsla 1167/sctp", NULL, NULL },
	{ "sctp-encapsulation-port", CK_U16, U_NONE, CW_INLINE, AT(sctp_encaps_port), 0, 65535,
	  9899, NULL, "Local UDP port that carries SCTP where the kernel has none; 0: never",
	  "RFC 6951", NULL, NULL },
	{ "allocate-port", CK_ENABLE, U_NONE, CW_INLINE, AT(allocate_port), 0, 1, 1, NULL,
	  "Choose a port when a version 2 request leaves it open", "RFC 6812 section 3.2", NULL,
	  NULL },
	{ "substitute-port", CK_ENABLE, U_NONE, CW_INLINE, AT(substitute_port), 0, 1, 0, NULL,
	  "Choose another port when the requested one is busy (version 2)", "RFC 6812 section 3.2",
	  NULL, NULL },
	{ "require-authentication", CK_ENABLE, U_NONE, CW_INLINE, AT(require_auth), 0, 1, 1, NULL,
	  "With a key chain: refuse requests that are not signed", OURS, NULL, NULL },
	{ "replay-check", CK_ENABLE, U_NONE, CW_INLINE, AT(replay_check), 0, 1, 1, NULL,
	  "Refuse signed requests that were seen before, or are too old", "RFC 6812 section 3.1.2",
	  NULL, NULL },
	{ "replay-window", CK_U32, U_S, CW_INLINE, AT(replay_window_s), 1, 86400, 300, NULL,
	  "Most that a request's time stamp may differ from our clock", OURS, NULL, NULL },
	{ "unverified-commands", CK_ENABLE, U_NONE, CW_INLINE, AT(experimental_v1_v6), 0, 1, 0,
	  NULL, "Serve version 1 commands 6 and 7: echo and TCP over IPv6, layout not confirmed",
	  OURS, NULL, NULL },
	{ "whole-ipv6-response", CK_ENABLE, U_NONE, CW_INLINE, AT(whole_v6_response), 0, 1, 0, NULL,
	  "Answer version 1 over IPv6 with the whole request, 68 octets", OURS, NULL, NULL },
	{ "control-port-v1", CK_PORT, U_NONE, CW_INLINE, AT(v1_port), 1, 65535, IPSLA_V1_PORT, NULL,
	  "Control port of version 1, for trying out without privilege", OURS, NULL, NULL },
	{ "control-port-v2", CK_PORT, U_NONE, CW_INLINE, AT(v2_port), 1, 65535, IPSLA_V2_PORT, NULL,
	  "Control port of version 2, for trying out without privilege", "RFC 6812 section 3", NULL,
	  NULL },
	{ "port-range", CK_CUSTOM, U_NONE, CW_INLINE, AT(ports), FIRST_PORT, LAST_PORT, 0, NULL,
	  "First and last port that sessions may open, 1024 to 65535 unless told", OURS,
	  parse_port_range, print_port_range, reset_port_range },
	{ "exclude-ports", CK_CUSTOM, U_NONE, CW_INLINE, AT(excluded), 1, 65535, 0, NULL,
	  "Ports that sessions may not open, FIRST-LAST each", OURS, parse_exclude, print_exclude,
	  reset_exclude },
	{ "nat-address", CK_CUSTOM, U_NONE, CW_INLINE, AT(nat), 0, 0, 0, NULL,
	  "Further addresses that mean this host, seen from beyond a NAT", OURS, parse_nat,
	  print_nat, reset_nat },
	{ "max-sessions", CK_U32, U_NONE, CW_INLINE, AT(max_sessions), 2, SESSION_TABLE_MAX, 4096,
	  NULL, "Sessions in all", OURS, NULL, NULL },
	{ "max-sessions-per-source", CK_U32, U_NONE, CW_INLINE, AT(max_sessions_per_source), 1,
	  1024, 64, NULL, "Sessions of one IPv4 address or IPv6 /64", OURS, NULL, NULL },
	{ "max-duration", CK_U32, U_S, CW_INLINE, AT(max_duration_s), 1, 86400, 600, NULL,
	  "Longest session that is granted", OURS, NULL, NULL },
	{ "packet-rate", CK_U32, U_PER_S, CW_INLINE, AT(packets_per_s), 1, 1000000, 1000, NULL,
	  "Most probes answered of one session, and of one source", OURS, NULL, NULL },
	{ .kind = CK_NONE },
};

void responder_cfg_init(struct responder_cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	conf_rows_init(responder_rows, cfg);
	cfg->ports = (struct port_range) { FIRST_PORT, LAST_PORT };
}
