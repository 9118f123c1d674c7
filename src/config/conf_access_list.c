/* SPDX-License-Identifier: Apache-2.0 */
/* Standard access lists: numbered and named for IPv4, named for IPv6.  Only sources are matched. */
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCE_STEP 10
#define RULES_MAX     RESPONDER_ACCESS_RULES_MAX

static struct acl_build *acl_of(struct conf_parser *p)
{
	return &p->acls[p->acl];
}

static uint32_t acl_find(const struct conf_parser *p, const char *name)
{
	for (uint32_t i = 0; i < p->acl_count; i++) {
		if (!p->acls[i].is_removed && strcmp(p->acls[i].name, name) == 0)
			return i;
	}
	return UINT32_MAX;
}

/* The list ``name``, made when there is none; false: refused, and reported at ``at``. */
static bool acl_open(struct conf_parser *p, uint32_t at, const char *name, uint8_t family)
{
	uint32_t index = acl_find(p, name);
	char where[CONF_WHERE_MAX];

	if (index != UINT32_MAX && p->acls[index].family != family) {
		conf_error(p, at, "'%s' is an access list of the other address family%s", name,
		           conf_where_text(p, p->acls[index].place.line, where));
		return false;
	}
	if (index == UINT32_MAX) {
		if (p->acl_count == CONFIG_ACCESS_LISTS_MAX) {
			conf_error(p, at, "expected at most %d access lists",
			           CONFIG_ACCESS_LISTS_MAX);
			return false;
		}
		if (p->acl_count == p->acl_cap) {
			p->acl_cap = p->acl_cap ? 2 * p->acl_cap : 8;
			p->acls = xrealloc(p->acls, p->acl_cap, sizeof(*p->acls));
		}
		index = p->acl_count++;
		p->acls[index] = (struct acl_build) {
			.name = arena_strdup(&p->cfg->arena, name),
			.place = conf_place(p, at),
			.family = family,
		};
	}
	p->acl = index;
	return true;
}

/* --- one rule --- */

static void prefix_cut(struct inet_prefix *prefix)
{
	for (unsigned bit = prefix->length; bit < 128; bit++)
		prefix->addr.bytes[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
}

/* The length of the prefix that an inverse mask leaves; 255: the mask has holes. */
static uint8_t wildcard_length(const struct inet_addr *mask)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < 4; i++)
		bits = bits << 8 | mask->bytes[i];
	if ((bits & (bits + 1)) != 0)
		return 255;
	return (uint8_t)(32 - __builtin_popcount(bits));
}

/* any | host A | A [wildcard]: words used, 0 when it was refused. */
static uint32_t take_source4(struct conf_parser *p, uint32_t at, struct inet_prefix *ret)
{
	const char *word = conf_word(p, at);
	struct inet_prefix prefix = { .addr.family = INET_V4, .length = 32 };
	struct inet_addr mask;
	bool is_host = word && conf_word_is(word, "host");
	uint32_t used = is_host ? 2 : 1;

	if (word && conf_word_is(word, "any")) {
		prefix.length = 0;
		*ret = prefix;
		return 1;
	}
	word = conf_word(p, at + used - 1);
	if (!word || inet_addr_parse(word, &prefix.addr) || prefix.addr.family != INET_V4) {
		conf_error_expected(p, at + used - 1,
		                    is_host ? "an IPv4 address"
		                            : "any, host ADDRESS or an IPv4 address");
		return 0;
	}
	word = conf_word(p, at + used);
	if (!is_host && word && word[0] >= '0' && word[0] <= '9') {
		if (inet_addr_parse(word, &mask) || mask.family != INET_V4 ||
		    (prefix.length = wildcard_length(&mask)) == 255) {
			conf_error_expected(p, at + used,
			                    "an inverse mask without holes such as 0.0.0.255");
			return 0;
		}
		used++;
	}
	prefix_cut(&prefix);
	*ret = prefix;
	return used;
}

/* ipv6 {any | host A | PREFIX} any */
static uint32_t take_source6(struct conf_parser *p, uint32_t at, struct inet_prefix *ret)
{
	struct inet_prefix prefix = { .addr.family = INET_V6 };
	uint32_t used = 1;

	if (!conf_word(p, at) || !conf_word_is(conf_word(p, at), "ipv6")) {
		conf_error_expected(p, at, "ipv6 (only sources are matched)");
		return 0;
	}
	const char *word = conf_word(p, at + used);
	bool is_host = word && conf_word_is(word, "host");

	used += is_host;
	word = conf_word(p, at + used);
	if (!word || !conf_word_is(word, "any") || is_host) {
		bool is_prefix = word && (strchr(word, '/') != NULL) != is_host;

		if (!is_prefix || inet_prefix_parse(word, &prefix) ||
		    prefix.addr.family != INET_V6) {
			conf_error_expected(p, at + used,
			                    is_host ? "an IPv6 address"
			                            : "any, host ADDRESS or PREFIX/LENGTH with no "
			                              "bits behind the length");
			return 0;
		}
	}
	used++;
	word = conf_word(p, at + used);
	if (!word || !conf_word_is(word, "any")) {
		conf_error_expected(p, at + used, "any (only sources are matched)");
		return 0;
	}
	*ret = prefix;
	return used + 1;
}

static bool take_rule(struct conf_parser *p, uint32_t at, bool permit, uint8_t family,
                      struct access_rule *ret)
{
	struct access_rule rule = { .permit = permit };
	uint32_t used = family == INET_V4 ? take_source4(p, at, &rule.prefix)
	                                  : take_source6(p, at, &rule.prefix);

	if (used == 0)
		return false;
	if (conf_word(p, at + used) && conf_word_is(conf_word(p, at + used), "log")) {
		conf_error(p, at + used,
		           "'log' is known, but not supported by this version: every refusal is "
		           "counted");
		return false;
	}
	if (!conf_take_end(p, at + used))
		return false;
	*ret = rule;
	return true;
}

static bool same_rule(const struct access_rule *a, const struct access_rule *b)
{
	return a->permit == b->permit && a->prefix.length == b->prefix.length &&
	       inet_addr_equal(&a->prefix.addr, &b->prefix.addr);
}

/* Put the rule where its number says; 0: behind the last one. */
static void rule_add(struct conf_parser *p, uint32_t at, uint32_t sequence,
                     const struct access_rule *rule)
{
	struct acl_build *l = acl_of(p);
	uint32_t place = l->count;

	if (l->count == RULES_MAX) {
		conf_error(p, at, "expected at most %d lines in an access list", RULES_MAX);
		return;
	}
	if (sequence == 0) {
		uint32_t last = l->count ? l->rules[l->count - 1].sequence : 0;

		sequence = last > INT32_MAX - SEQUENCE_STEP ? last : last + SEQUENCE_STEP;
	} else {
		while (place > 0 && l->rules[place - 1].sequence > sequence)
			place--;
		if (place > 0 && l->rules[place - 1].sequence == sequence) {
			conf_error(p, at, "line %u of this access list stands above already",
			           sequence);
			return;
		}
	}
	if (l->count == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 8;
		l->rules = xrealloc(l->rules, l->cap, sizeof(*l->rules));
	}
	memmove(&l->rules[place + 1], &l->rules[place], (l->count - place) * sizeof(*l->rules));
	l->rules[place] = (struct acl_rule_build) { *rule, sequence };
	l->count++;
}

static void rule_remove(struct conf_parser *p, uint32_t at, uint32_t sequence,
                        const struct access_rule *rule)
{
	struct acl_build *l = acl_of(p);

	for (uint32_t i = 0; i < l->count; i++) {
		if (rule ? same_rule(&l->rules[i].rule, rule) : l->rules[i].sequence == sequence) {
			memmove(&l->rules[i], &l->rules[i + 1],
			        (--l->count - i) * sizeof(*l->rules));
			return;
		}
	}
	conf_error(p, at, "the access list has no such line above");
}

/* permit or deny from word ``at`` on, in the list that is open. */
static void rule_line(struct conf_parser *p, uint32_t at, uint32_t sequence)
{
	static const char *const words[] = { "deny", "permit", NULL };
	struct access_rule rule;
	int choice;

	if (conf_word(p, at) && conf_word_is(conf_word(p, at), "remark"))
		return; /* a comment: read, not kept (candor.conf(5)) */
	if (!conf_take_choice(p, at, words, true, &choice) ||
	    !take_rule(p, at + 1, choice == 1, acl_of(p)->family, &rule))
		return;
	if (p->form == CONF_SET)
		rule_add(p, at, sequence, &rule);
	else
		rule_remove(p, at, 0, &rule);
}

/* --- the three spellings --- */

static void remove_list(struct conf_parser *p, uint32_t at, const char *name)
{
	uint32_t index = acl_find(p, name);

	if (index == UINT32_MAX)
		conf_error(p, at, "access list '%s' is not defined above", name);
	else
		p->acls[index].is_removed = true;
}

static bool is_standard_number(uint64_t number)
{
	return (number >= 1 && number <= 99) || (number >= 1300 && number <= 1999);
}

void conf_acl_numbered(struct conf_parser *p, const struct conf_match *m)
{
	const char *word = conf_word(p, m->at);
	uint64_t number;
	char name[8];

	if (!word || !conf_number_parse(word, &number) || !is_standard_number(number)) {
		conf_error_expected(
		        p, m->at, "the number of a standard access list, 1 to 99 or 1300 to 1999");
		return;
	}
	(void)snprintf(name, sizeof(name), "%" PRIu64, number);
	if (p->form != CONF_SET && !conf_word(p, m->at + 1))
		remove_list(p, m->at, name);
	else if (acl_open(p, m->at, name, INET_V4))
		rule_line(p, m->at + 1, 0);
}

static struct conf_match acl_find_line(const struct conf_parser *p, uint32_t at)
{
	static const char *const words[] = { "deny", "permit", "remark", "sequence", NULL };
	const char *word = conf_word(p, at);
	uint64_t number;
	bool is_mine = conf_number_parse(word, &number) || conf_word_choose(word, words, true) >= 0;

	return (struct conf_match) {
		.found = is_mine ? CONF_FOUND : CONF_FOUND_NOTHING,
		.at = is_mine ? at + 1 : at,
	};
}

/* [N | sequence N] {permit | deny | remark} … */
static void acl_line(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t at = p->form == CONF_SET ? 0 : 1;
	uint64_t sequence = 0;

	if (m->found != CONF_FOUND) {
		conf_error_expected(p, at, "permit, deny or remark");
		return;
	}
	if (conf_word_is(conf_word(p, at), "sequence"))
		at++;
	if (conf_word(p, at) && conf_number_parse(conf_word(p, at), &sequence)) {
		if (!conf_take_number(p, at, "the number of a line", 1, INT32_MAX, &sequence))
			return;
		at++;
	}
	if (p->form != CONF_SET && sequence != 0 && !conf_word(p, at))
		rule_remove(p, at - 1, (uint32_t)sequence, NULL);
	else
		rule_line(p, at, (uint32_t)sequence);
}

#define SOURCE4                                                            \
	"{any=Every source; | host=One source; A.B.C.D | A.B.C.D=Source; " \
	"[A.B.C.D=Inverse mask;]}"
#define SOURCE6                                                                    \
	"ipv6 {any=Every source; | host=One source; X:X:X:X::X | X:X::X/<0-128>} " \
	"any=Every destination;"
#define LINE_USAGE(source) "{permit | deny} " source

/* For completion alone: acl_line() reads these words. */
static const struct conf_command acl_words4[] = {
	{ .word = "deny", .flags = CC_NO, .usage = SOURCE4, .help = "Refuse a source" },
	{ .word = "permit", .flags = CC_NO, .usage = SOURCE4, .help = "Admit a source" },
	{ .word = "remark", .usage = "LINE", .help = "Comment, not kept" },
	{ .word = "sequence",
	  .flags = CC_NO,
	  .usage = "<1-2147483647>=Number of the line; " LINE_USAGE(SOURCE4),
	  .help = "A line at its place" },
	{ 0 },
};

static const struct conf_command acl_words6[] = {
	{ .word = "deny", .flags = CC_NO, .usage = SOURCE6, .help = "Refuse a source" },
	{ .word = "permit", .flags = CC_NO, .usage = SOURCE6, .help = "Admit a source" },
	{ .word = "remark", .usage = "LINE", .help = "Comment, not kept" },
	{ .word = "sequence",
	  .flags = CC_NO,
	  .usage = "<1-2147483647>=Number of the line; " LINE_USAGE(SOURCE6),
	  .help = "A line at its place" },
	{ 0 },
};

static struct conf_offer acl_offer(const struct conf_parser *p)
{
	bool is_ipv6 = p->acls[p->acl].family == INET_V6;

	return (struct conf_offer) { .commands = { is_ipv6 ? acl_words6 : acl_words4 } };
}

static const struct conf_mode mode_acl4 = {
	.name = "access list",
	.prompt = "config-std-nacl",
	.parent = &conf_mode_global,
	.find = acl_find_line,
	.run = acl_line,
	.offer = acl_offer,
};

static const struct conf_mode mode_acl6 = {
	.name = "access list",
	.prompt = "config-ipv6-acl",
	.parent = &conf_mode_global,
	.find = acl_find_line,
	.run = acl_line,
	.offer = acl_offer,
};

static void enter_list(struct conf_parser *p, const struct conf_match *m, const char *word,
                       uint8_t family)
{
	uint32_t column = p->line.token[0].column;
	bool is_good = word && strlen(word) <= CONF_NAME_MAX;

	if (!is_good)
		conf_error_expected(p, m->at, "the name of an access list, at most 63 octets");
	is_good = is_good && conf_take_end(p, m->at + 1);
	if (is_good && p->form != CONF_SET)
		remove_list(p, m->at, word);
	else if (is_good && acl_open(p, m->at, word, family))
		p->mode = family == INET_V6 ? &mode_acl6 : &mode_acl4;
	else
		conf_go_deaf(p, &conf_mode_global, column, true);
}

void conf_acl_named(struct conf_parser *p, const struct conf_match *m)
{
	const char *word = conf_word(p, m->at);
	uint64_t number;
	char name[8];

	/* A number means the numbered list, and has its range. */
	if (word && conf_number_parse(word, &number)) {
		if (!is_standard_number(number)) {
			conf_error_expected(p, m->at,
			                    "a name, or a number from 1 to 99 or 1300 to 1999");
			conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
			return;
		}
		(void)snprintf(name, sizeof(name), "%" PRIu64, number);
		word = name;
	}
	enter_list(p, m, word, INET_V4);
}

void conf_acl_ipv6(struct conf_parser *p, const struct conf_match *m)
{
	enter_list(p, m, conf_word(p, m->at), INET_V6);
}

/* --- the whole, and printing --- */

void conf_acls_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	cfg->access_lists = arena_alloc(&cfg->arena, p->acl_count * sizeof(*cfg->access_lists));
	for (uint32_t i = 0; i < p->acl_count; i++) {
		const struct acl_build *from = &p->acls[i];

		if (from->is_removed)
			continue;
		struct access_rule *rules = arena_alloc(&cfg->arena, from->count * sizeof(*rules));

		for (uint32_t k = 0; k < from->count; k++)
			rules[k] = from->rules[k].rule;
		cfg->access_lists[cfg->access_list_count++] = (struct access_list_conf) {
			.name = from->name,
			.family = from->family,
			.count = from->count,
			.rules = rules,
		};
	}
}

static void print_rule4(const struct access_rule *r, FILE *to)
{
	char addr[INET_TEXT_MAX], mask[INET_TEXT_MAX];
	struct inet_addr wildcard = { .family = INET_V4 };

	for (unsigned bit = r->prefix.length; bit < 32; bit++)
		wildcard.bytes[bit / 8] |= (uint8_t)(0x80u >> (bit % 8));
	(void)fputs(r->permit ? "permit " : "deny ", to);
	if (r->prefix.length == 0)
		(void)fputs("any\n", to);
	else if (r->prefix.length == 32)
		(void)fprintf(to, "host %s\n", inet_addr_format(&r->prefix.addr, addr));
	else
		(void)fprintf(to, "%s %s\n", inet_addr_format(&r->prefix.addr, addr),
		              inet_addr_format(&wildcard, mask));
}

static void print_rule6(const struct access_rule *r, FILE *to)
{
	char addr[INET_TEXT_MAX];

	(void)inet_addr_format(&r->prefix.addr, addr);
	(void)fputs(r->permit ? "permit ipv6 " : "deny ipv6 ", to);
	if (r->prefix.length == 0)
		(void)fputs("any any\n", to);
	else if (r->prefix.length == 128)
		(void)fprintf(to, "host %s any\n", addr);
	else
		(void)fprintf(to, "%s/%u any\n", addr, r->prefix.length);
}

void conf_acl_print(const struct access_list_conf *l, FILE *to)
{
	bool is_numbered = l->family == INET_V4 && l->name[0] >= '0' && l->name[0] <= '9' &&
	                   strspn(l->name, "0123456789") == strlen(l->name) && l->count > 0;

	if (!is_numbered)
		(void)fprintf(to, "%s access-list %s%s\n", l->family == INET_V4 ? "ip" : "ipv6",
		              l->family == INET_V4 ? "standard " : "", l->name);
	for (uint32_t i = 0; i < l->count; i++) {
		if (is_numbered)
			(void)fprintf(to, "access-list %s ", l->name);
		else
			(void)fputc(' ', to);
		if (l->family == INET_V4)
			print_rule4(&l->rules[i], to);
		else
			print_rule6(&l->rules[i], to);
	}
}
