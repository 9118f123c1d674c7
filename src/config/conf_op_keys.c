/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords of operations.  The table below is frozen: it is what IOS has, with the old spellings;
 * whether we support a keyword is decided by the rows alone. */
#include "config/conf_op_keys.h"

#include "base/xalloc.h"
#include "probe/probe.h"

#include <assert.h>
#include <string.h>

#define T(type) (UINT32_C(1) << (type))
#define JITTER  T(SLA_UDP_JITTER)
#define ECHO    T(SLA_UDP_ECHO)
#define TCP     T(SLA_TCP_CONNECT)
#define ICMP    T(SLA_ICMP_ECHO)
#define DNS     T(SLA_DNS)
#define DHCP    T(SLA_DHCP)
#define HTTP    T(SLA_HTTP)
#define FTP     T(SLA_FTP)
#define ICMPJ   T(SLA_ICMP_JITTER)
#define PATHS   (T(SLA_PATH_ECHO) | PATHJ)
#define PATHJ   T(SLA_PATH_JITTER)
#define MCAST   T(SLA_MULTICAST_JITTER)
#define ETHER   (T(SLA_ETHERNET_ECHO) | ETHERJ)
#define ETHERJ  T(SLA_ETHERNET_JITTER)
#define ALL     (JITTER | MCAST | ECHO | TCP | ICMP | DNS | DHCP | HTTP | FTP | ICMPJ | PATHS)
#define PORTED  (JITTER | MCAST | ECHO | TCP)

struct ios_option {
	const char *words;
	uint8_t where;   /* enum conf_where */
	uint32_t types;  /* T() bits */
	const char *row; /* keyword of our row; NULL: the same words */
	const char *why; /* when no row has it; NULL: the type does not take it yet */
};

static const struct ios_option ios_options[] = {
	{ "advantage-factor", CW_INLINE, JITTER },
	{ "cache", CW_INLINE, HTTP },
	{ "codec", CW_INLINE, JITTER },
	{ "codec-interval", CW_INLINE, JITTER, "interval" },
	{ "codec-numpackets", CW_INLINE, JITTER, "num-packets" },
	{ "codec-size", CW_INLINE, JITTER, "request-data-size" },
	{ "control", CW_INLINE, PORTED },
	{ "domain", CW_INLINE, ETHER },
	{ "endpoint-list", CW_INLINE, MCAST },
	{ "evc", CW_INLINE, ETHER, NULL, "there are no Ethernet virtual connections here" },
	{ "interval", CW_INLINE, JITTER | MCAST | ICMPJ | PATHJ | ETHERJ },
	{ "mode", CW_INLINE, FTP },
	{ "mpid", CW_INLINE, ETHER },
	{ "name-server", CW_INLINE, DNS | HTTP },
	{ "num-frames", CW_INLINE, ETHERJ },
	{ "num-packets", CW_INLINE, JITTER | MCAST | ICMPJ | PATHJ },
	{ "option-82", CW_INLINE, DHCP },
	{ "port", CW_INLINE, ETHER },
	{ "proxy", CW_INLINE, HTTP },
	{ "source-interface", CW_INLINE, ALL },
	{ "source-ip", CW_INLINE, ALL },
	{ "source-ipaddr", CW_INLINE, ALL, "source-ip" },
	{ "source-port", CW_INLINE, PORTED | DNS | HTTP },
	{ "ssm", CW_INLINE, MCAST },
	{ "targetOnly", CW_INLINE, PATHJ },
	{ "tree-init", CW_INLINE, MCAST },
	{ "version", CW_INLINE, HTTP },
	{ "vlan", CW_INLINE, ETHER },

	{ "clock-tolerance ntp oneway absolute", CW_SUB, JITTER },
	{ "clock-tolerance ntp oneway percent", CW_SUB, JITTER },
	{ "control", CW_SUB, JITTER },
	{ "control retry", CW_SUB, JITTER },
	{ "control timeout", CW_SUB, JITTER },
	{ "cos", CW_SUB, ETHER },
	{ "data-pattern", CW_SUB, ICMP | ECHO | JITTER },
	{ "df-bit", CW_SUB, ICMP | ECHO | JITTER },
	{ "enhanced timestamp", CW_SUB, JITTER, NULL, "kernel time stamps are always used" },
	{ "flow-label", CW_SUB, ICMP | JITTER | ECHO | TCP | PATHS },
	{ "frequency", CW_SUB, ALL | ETHER },
	{ "http-raw-request", CW_SUB, HTTP },
	{ "http-status-code-ignore", CW_SUB, HTTP },
	{ "lsr-path", CW_SUB, PATHS, NULL, "the net drops source-routed packets" },
	{ "operation-packet priority", CW_SUB, JITTER },
	{ "optimize", CW_SUB, JITTER, NULL, "kernel time stamps are always used" },
	{ "owner", CW_SUB, ALL | ETHER },
	{ "percentile jitteravg", CW_SUB, JITTER | ICMPJ },
	{ "percentile jitterds", CW_SUB, JITTER | ICMPJ },
	{ "percentile jittersd", CW_SUB, JITTER | ICMPJ },
	{ "percentile owds", CW_SUB, JITTER | ICMPJ },
	{ "percentile owsd", CW_SUB, JITTER | ICMPJ },
	{ "percentile rtt", CW_SUB, JITTER | ICMPJ },
	{ "precision", CW_SUB, JITTER },
	{ "request-data-size", CW_SUB, ICMP | ECHO | JITTER | PATHS | T(SLA_ETHERNET_ECHO) },
	{ "response-data-size", CW_SUB, JITTER, NULL, "replies have the size of requests" },
	{ "secondary-frequency", CW_SUB, ALL | ETHER, NULL, "only operations over MPLS have it" },
	{ "tag", CW_SUB, ALL | ETHER },
	{ "threshold", CW_SUB, ALL | ETHER },
	{ "timeout", CW_SUB, ALL | ETHER },
	{ "tos", CW_SUB, ALL },
	{ "traffic-class", CW_SUB, ALL },
	{ "verify-data", CW_SUB, ICMP | ECHO | JITTER | PATHS | T(SLA_ETHERNET_ECHO) },
	{ "vrf", CW_SUB, ALL },
	{ "vrf", CW_SUB, ETHER, NULL, "frames leave by the interface that is named" },
	{ 0 },
};

/* Old spellings of rows of stats_conf_rows, which are IOS's all of them; which types have them is in
 * probe_type.stats. */
static const struct ios_option old_stats_options[] = {
	{ "buckets-of-history-kept", CW_SUB, 0, "history buckets-kept" },
	{ "distributions-of-statistics-kept", CW_SUB, 0,
	  "history distributions-of-statistics-kept" },
	{ "enhanced-history", CW_SUB, 0, "history enhanced" },
	{ "filter-for-history", CW_SUB, 0, "history filter" },
	{ "hours-of-statistics-kept", CW_SUB, 0, "history hours-of-statistics-kept" },
	{ "lives-of-history-kept", CW_SUB, 0, "history lives-kept" },
	{ "statistics-distribution-interval", CW_SUB, 0,
	  "history statistics-distribution-interval" },
	{ 0 },
};

struct op_keys {
	struct op_key_list list[SLA_TYPE_COUNT][2]; /* inline, sub */
	bool is_built[SLA_TYPE_COUNT][2];
};

const struct conf_row conf_op_common_rows[] = {
	{ .keyword = "tag",
	  .kind = CK_TEXT,
	  .where = CW_SUB,
	  .offset = offsetof(struct op_conf, tag),
	  .min = 1,
	  .max = 128,
	  .help = "Label of people, shown and sent with every result",
	  .source = "rttMonCtrlAdminTag, rttMonCtrlAdminLongTag" },
	{ .keyword = "owner",
	  .kind = CK_TEXT,
	  .where = CW_SUB,
	  .offset = offsetof(struct op_conf, owner),
	  .min = 1,
	  .max = 255,
	  .help = "Who is responsible",
	  .source = "rttMonCtrlAdminOwner" },
	{ .keyword = "key-chain",
	  .kind = CK_WORD,
	  .where = CW_SUB,
	  .offset = offsetof(struct op_conf, keychain),
	  .min = 1,
	  .max = 63,
	  .help = "Key chain for this operation's control messages, instead of `ip sla key-chain`",
	  .source = "Candor" },
	{ 0 },
};

static void *params_object(struct conf_parser *p)
{
	return &p->ops[p->op].conf.params;
}

static void *conf_object(struct conf_parser *p)
{
	return &p->ops[p->op].conf;
}

static void *stats_object(struct conf_parser *p)
{
	return &p->ops[p->op].conf.stats;
}

/* CK_NONE ends a table; rows of ``where`` only, 0 for both. */
static const struct conf_row *row_named(const struct conf_row *rows, const char *keyword,
                                        unsigned where)
{
	for (; rows->kind != CK_NONE; rows++) {
		if ((!where || (rows->where & where)) && strcmp(rows->keyword, keyword) == 0)
			return rows;
	}
	return NULL;
}

static void add_key(struct op_key_list *list, const char *words, const struct conf_row *row,
                    const char *why, bool is_ios)
{
	bool is_common = row == NULL || row_named(conf_op_common_rows, row->keyword, 0) == row;

	assert(list->count < OP_KEYS_MAX);
	list->keys[list->count++] = (struct conf_row_key) {
		.words = words,
		.row = row,
		.object = is_common ? conf_object : params_object,
		.unsupported = why ? why : "this operation type does not take it",
		.is_ios = is_ios,
	};
}

/* The keys of what is kept, as far as a type (enum stats_use bits) has it. */
static void add_stats_keys(struct op_key_list *list, unsigned use)
{
	for (const struct conf_row *row = stats_conf_rows; row->kind != CK_NONE; row++) {
		if (!(stats_conf_row_use(row) & use))
			continue;
		assert(list->count < OP_KEYS_MAX);
		list->keys[list->count++] = (struct conf_row_key) {
			.words = row->keyword, .row = row, .object = stats_object, .is_ios = true
		};
		for (const struct ios_option *o = old_stats_options; o->words; o++) {
			if (strcmp(o->row, row->keyword) != 0)
				continue;
			assert(list->count < OP_KEYS_MAX);
			list->keys[list->count] = list->keys[list->count - 1];
			list->keys[list->count].is_old = true;
			list->keys[list->count++].words = o->words;
		}
	}
}

static bool is_listed(const struct op_key_list *list, const char *words)
{
	for (uint32_t i = 0; i < list->count; i++) {
		if (strcmp(list->keys[i].words, words) == 0)
			return true;
	}
	return false;
}

void conf_op_keys_build(struct op_key_list *list, uint8_t type, enum conf_where where)
{
	const struct conf_row *rows = probe_types[type]->rows;

	for (const struct ios_option *o = ios_options; o->words; o++) {
		const char *keyword = o->row ? o->row : o->words;

		if (!(o->where & where) || !(o->types & T(type)))
			continue;
		const struct conf_row *row = row_named(rows, o->words, where);

		if (!row)
			row = row_named(rows, keyword, o->row ? 0 : where);
		if (!row && where == CW_SUB)
			row = row_named(conf_op_common_rows, keyword, where);
		/* A word that only begins longer keywords is none by itself. */
		if (!row && !o->why && strcmp(o->words, "control") == 0)
			continue;
		add_key(list, o->words, row, o->why, true);
	}
	for (const struct conf_row *row = rows; row->kind != CK_NONE; row++) {
		if ((row->where & where) && !is_listed(list, row->keyword))
			add_key(list, row->keyword, row, NULL, false);
	}
	for (const struct conf_row *row = conf_op_common_rows; row->kind != CK_NONE; row++) {
		if ((row->where & where) && !is_listed(list, row->keyword))
			add_key(list, row->keyword, row, NULL, false);
	}
	if (where & CW_SUB)
		add_stats_keys(list, probe_types[type]->stats);
}

const struct op_key_list *conf_op_key_list(struct conf_parser *p, uint8_t type,
                                           enum conf_where where)
{
	unsigned place = where == CW_SUB;

	if (!p->op_keys)
		p->op_keys = xcalloc(1, sizeof(*p->op_keys));
	if (!p->op_keys->is_built[type][place]) {
		conf_op_keys_build(&p->op_keys->list[type][place], type, where);
		p->op_keys->is_built[type][place] = true;
	}
	return &p->op_keys->list[type][place];
}

static bool is_first_word(const char *word, const char *words)
{
	return strlen(word) == strcspn(words, " ") && conf_word_abbreviates(word, words);
}

bool conf_op_is_sub_command(const char *word)
{
	for (const struct ios_option *o = ios_options; o->words; o++) {
		if ((o->where & CW_SUB) && is_first_word(word, o->words))
			return true;
	}
	for (const struct ios_option *o = old_stats_options; o->words; o++) {
		if (is_first_word(word, o->words))
			return true;
	}
	for (const struct conf_row *row = stats_conf_rows; row->kind != CK_NONE; row++) {
		if (is_first_word(word, row->keyword))
			return true;
	}
	return false;
}
