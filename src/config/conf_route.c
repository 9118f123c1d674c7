/* SPDX-License-Identifier: Apache-2.0 */
/* `ip route …` and `ipv6 route …`: static routes that follow a track, and their backups. */
#include "base/xalloc.h"
#include "config/conf_parser.h"
#include "config/conf_track.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- prefixes -------------------------------------------------------------------------------------- */

/* The length of a mask; 255: it has holes. */
static uint8_t mask_length(const struct inet_addr *mask)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < 4; i++)
		bits = bits << 8 | mask->bytes[i];
	uint32_t inverse = ~bits;

	return (inverse & (inverse + 1)) != 0 ? 255 : (uint8_t)__builtin_popcount(bits);
}

static bool has_host_bits(const struct inet_prefix *prefix)
{
	for (unsigned bit = prefix->length; bit < 128; bit++) {
		if (prefix->addr.bytes[bit / 8] & 0x80u >> (bit % 8))
			return true;
	}
	return false;
}

uint32_t conf_take_prefix4(struct conf_parser *p, uint32_t at, struct inet_prefix *ret)
{
	const char *word = conf_word(p, at), *mask_word = conf_word(p, at + 1);
	struct inet_prefix prefix = { 0 };
	struct inet_addr mask;

	if (word && strchr(word, '/') && inet_prefix_parse(word, &prefix) == 0 &&
	    prefix.addr.family == INET_V4) {
		*ret = prefix;
		return 1;
	}
	if (!word || inet_addr_parse(word, &prefix.addr) || prefix.addr.family != INET_V4) {
		conf_error_expected(p, at, "an IPv4 prefix such as 192.0.2.0 255.255.255.0");
		return 0;
	}
	if (!mask_word || inet_addr_parse(mask_word, &mask) || mask.family != INET_V4 ||
	    (prefix.length = mask_length(&mask)) == 255) {
		conf_error_expected(p, at + 1, "a mask without holes such as 255.255.255.0");
		return 0;
	}
	if (has_host_bits(&prefix)) {
		conf_error(p, at, "the mask does not cover the address: %s has bits behind it",
		           word);
		return 0;
	}
	*ret = prefix;
	return 2;
}

uint32_t conf_take_prefix6(struct conf_parser *p, uint32_t at, struct inet_prefix *ret)
{
	const char *word = conf_word(p, at);
	struct inet_prefix prefix;

	if (!word || !strchr(word, '/') || inet_prefix_parse(word, &prefix) ||
	    prefix.addr.family != INET_V6) {
		conf_error_expected(p, at,
		                    "an IPv6 prefix such as 2001:db8::/32 with no bits behind the "
		                    "length");
		return 0;
	}
	*ret = prefix;
	return 1;
}

void conf_prefix_print(const struct inet_prefix *prefix, FILE *to)
{
	char text[INET_TEXT_MAX];

	(void)fputs(inet_addr_format(&prefix->addr, text), to);
	if (prefix->addr.family == INET_V6) {
		(void)fprintf(to, "/%u", prefix->length);
		return;
	}
	uint32_t bits = prefix->length ? UINT32_MAX << (32 - prefix->length) : 0;

	(void)fprintf(to, " %u.%u.%u.%u", bits >> 24, bits >> 16 & 255, bits >> 8 & 255,
	              bits & 255);
}

bool route_conf_same_prefix(const struct route_conf *a, const struct route_conf *b)
{
	if ((a->vrf == NULL) != (b->vrf == NULL) || (a->vrf && strcmp(a->vrf, b->vrf) != 0))
		return false;
	return a->prefix.length == b->prefix.length &&
	       inet_addr_equal(&a->prefix.addr, &b->prefix.addr);
}

/* --- one line -------------------------------------------------------------------------------------- */

/* {GATEWAY | INTERFACE [GATEWAY] | Null0}: words used, 0: refused. */
static uint32_t take_path(struct conf_parser *p, uint32_t at, struct route_conf *r)
{
	const char *word = conf_word(p, at);
	uint32_t used = 1;

	if (word && inet_addr_parse(word, &r->gateway) == 0) {
		if (r->gateway.family != r->prefix.addr.family ||
		    inet_addr_is_unspecified(&r->gateway)) {
			conf_error_expected(p, at, "a next hop of the same address family");
			return 0;
		}
		return used;
	}
	r->gateway = (struct inet_addr) { 0 };
	if (word && conf_word_is(word, "dhcp")) {
		conf_error(p, at,
		           "'dhcp' as a next hop is known, but not supported by this version: the "
		           "system's DHCP client installs its own routes");
		return 0;
	}
	if (word && conf_word_is(word, "null0")) {
		r->is_null = true;
		return used;
	}
	if (!word) {
		conf_error_expected(p, at, "a next hop or an interface");
		return 0;
	}
	if (!conf_take_interface(p, at, &r->interface))
		return 0;
	word = conf_word(p, at + used);
	if (word && inet_addr_parse(word, &r->gateway) == 0) {
		if (r->gateway.family != r->prefix.addr.family) {
			conf_error_expected(p, at + used, "a next hop of the same address family");
			return 0;
		}
		used++;
	}
	return used;
}

static bool take_option(struct conf_parser *p, uint32_t *at, struct route_conf *r)
{
	static const char *const options[] = { "name",    "permanent", "tag",    "track",
		                               "unicast", "multicast", "global", NULL };
	uint64_t number;
	int option;

	if (conf_word(p, *at) && conf_word_is(conf_word(p, *at), "withdraw-last")) {
		r->withdraw_last = true;
		(*at)++;
		return true;
	}
	if (!conf_take_choice(p, *at, options, true, &option))
		return false;
	(*at)++;
	switch (option) {
	case 0:
		return conf_take_name(p, (*at)++, "the name of the route", ROUTE_NAME_OCTETS,
		                      &r->name);
	case 1:
		r->permanent = true;
		return true;
	case 2:
		if (!conf_take_number(p, (*at)++, "a tag", 1, UINT32_MAX, &number))
			return false;
		r->tag = (uint32_t)number;
		return true;
	case 3:
		if (!conf_take_number(p, (*at)++, "the number of a tracked object", 1,
		                      TRACK_NUMBER_MAX, &number))
			return false;
		r->track = (uint32_t)number;
		return true;
	case 4:
		return true; /* it is */
	default:
		conf_error(p, *at - 1,
		           "'%s' of a route is known, but not supported by this version",
		           options[option]);
		return false;
	}
}

static bool take_options(struct conf_parser *p, uint32_t at, struct route_conf *r)
{
	const char *word = conf_word(p, at);
	uint64_t distance = ROUTE_DISTANCE_DEFAULT;

	if (word && word[0] >= '0' && word[0] <= '9') {
		if (!conf_take_number(p, at++, "an administrative distance", 1, 255, &distance))
			return false;
	}
	r->distance = (uint8_t)distance;
	while (conf_word(p, at)) {
		if (!take_option(p, &at, r))
			return false;
	}
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Same destination by the same path: a further line replaces the first. */
static bool is_same_route(const struct route_conf *a, const struct route_conf *b)
{
	return route_conf_same_prefix(a, b) && a->is_null == b->is_null &&
	       inet_addr_equal(&a->gateway, &b->gateway) && same_text(a->interface, b->interface);
}

/* `no ip route P M` takes all of the prefix away, with a path that one. */
static void remove_routes(struct conf_parser *p, const struct route_conf *r, bool has_path)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->route_count; i++) {
		const struct route_conf *old = &p->routes[i].conf;

		if (has_path ? !is_same_route(old, r) : !route_conf_same_prefix(old, r))
			p->routes[kept++] = p->routes[i];
	}
	p->route_count = kept;
}

static void keep_route(struct conf_parser *p, const struct route_conf *r)
{
	remove_routes(p, r, true);
	if (p->route_count == CONFIG_ROUTES_MAX) {
		conf_error(p, 0, "expected at most %d routes", CONFIG_ROUTES_MAX);
		return;
	}
	if (p->route_count == p->route_cap) {
		p->route_cap = p->route_cap ? 2 * p->route_cap : 8;
		p->routes = xrealloc(p->routes, p->route_cap, sizeof(*p->routes));
	}
	p->routes[p->route_count++] = (struct route_build) { *r, conf_place(p, 0) };
}

void conf_route_line(struct conf_parser *p, const struct conf_match *m)
{
	struct route_conf r = { .line = p->line.number };
	uint32_t at = m->at, used;

	if (conf_track_is_word(p, at, "vrf")) {
		if (!conf_take_name(p, at + 1, "the name of a VRF", CONFIG_VRF_OCTETS, &r.vrf))
			return;
		at += 2;
	}
	used = m->command->value == INET_V6 ? conf_take_prefix6(p, at, &r.prefix)
	                                    : conf_take_prefix4(p, at, &r.prefix);
	if (!used)
		return;
	at += used;
	if (p->form != CONF_SET && !conf_word(p, at)) {
		remove_routes(p, &r, false);
		return;
	}
	used = take_path(p, at, &r);
	if (!used || !take_options(p, at + used, &r))
		return;
	if (p->form != CONF_SET)
		remove_routes(p, &r, true);
	else
		keep_route(p, &r);
}

/* --- the whole ------------------------------------------------------------------------------------- */

/* Only what belongs to a track is ours: the rest is somebody else's job, and installing it unasked could cut a
 * host off. */
static bool is_ours(const struct conf_parser *p, const struct route_conf *r)
{
	for (uint32_t i = 0; i < p->route_count; i++) {
		const struct route_conf *other = &p->routes[i].conf;

		if (other->track && route_conf_same_prefix(other, r))
			return true;
	}
	return false;
}

static int by_prefix(const void *a, const void *b)
{
	const struct route_build *x = a, *y = b;
	const struct inet_prefix *px = &x->conf.prefix, *py = &y->conf.prefix;
	const char *vx = x->conf.vrf ? x->conf.vrf : "", *vy = y->conf.vrf ? y->conf.vrf : "";
	int rc = px->addr.family - py->addr.family;

	rc = rc ? rc : strcmp(vx, vy);
	rc = rc ? rc : memcmp(px->addr.bytes, py->addr.bytes, sizeof(px->addr.bytes));
	rc = rc ? rc : px->length - py->length;
	rc = rc ? rc : x->conf.distance - y->conf.distance;
	return rc ? rc : (x->place.line > y->place.line) - (x->place.line < y->place.line);
}

void conf_routes_finish(struct conf_parser *p)
{
	uint32_t count = p->route_count;
	struct route_conf *routes =
	        arena_alloc(&p->cfg->arena, (count ? count : 1) * sizeof(*routes));

	for (uint32_t i = 0; i < count; i++) {
		if (!is_ours(p, &p->routes[i].conf))
			conf_error_place(p, p->routes[i].place,
			                 "no route to this prefix has a track: only tracked routes "
			                 "and their backups are installed, leave the others to the "
			                 "system");
	}
	if (count > 0)
		qsort(p->routes, count, sizeof(*p->routes), by_prefix);
	for (uint32_t i = 0; i < count; i++)
		routes[i] = p->routes[i].conf;
	p->cfg->tracking.routes = routes;
	p->cfg->tracking.route_count = count;
}
