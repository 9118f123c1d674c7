/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked objects and routes as text, and look-ups in them. */
#include "config/conf_print.h"
#include "config/conf_track.h"

#include <stdio.h>
#include <string.h>

/* UNVERIFIED: intervals of `track timer` but for ip sla, which is known. */
const uint32_t track_timer_defaults_ms[TRACK_TIMER_COUNT] = {
	[TRACK_TIMER_INTERFACE] = 1000, [TRACK_TIMER_IP_ROUTE] = 15000,
	[TRACK_TIMER_IP_SLA] = 5000,    [TRACK_TIMER_IPV6_ROUTE] = 15000,
	[TRACK_TIMER_LIST] = 1000,      [TRACK_TIMER_STUB] = 1000,
};

const char *track_timer_words(enum track_timer timer)
{
	static const char *const words[TRACK_TIMER_COUNT] = {
		[TRACK_TIMER_INTERFACE] = "interface", [TRACK_TIMER_IP_ROUTE] = "ip route",
		[TRACK_TIMER_IP_SLA] = "ip sla",       [TRACK_TIMER_IPV6_ROUTE] = "ipv6 route",
		[TRACK_TIMER_LIST] = "list",           [TRACK_TIMER_STUB] = "stub-object",
	};

	return timer < TRACK_TIMER_COUNT ? words[timer] : "";
}

/* --- look-ups -------------------------------------------------------------------------------------- */

const struct track_conf *tracking_find(const struct tracking_conf *t, uint32_t number)
{
	for (uint32_t i = 0; i < t->track_count; i++) {
		if (t->tracks[i].cfg.number == number)
			return &t->tracks[i];
	}
	return NULL;
}

static bool uses(const struct tracking_conf *t, uint32_t track, uint32_t op, uint32_t depth)
{
	const struct track_conf *c = tracking_find(t, track);

	if (!c || depth == 0)
		return false;
	if (track_kind_is_sla(c->cfg.kind))
		return c->cfg.subject == op;
	for (uint32_t i = 0; i < c->cfg.member_count; i++) {
		if (uses(t, c->cfg.members[i].number, op, depth - 1))
			return true;
	}
	return false;
}

bool tracking_uses_operation(const struct tracking_conf *t, uint32_t track, uint32_t op)
{
	return uses(t, track, op, 16);
}

/* --- text ------------------------------------------------------------------------------------------ */

static void print_subject(const struct track_conf *c, FILE *to)
{
	const char *words = track_kind_words((enum track_kind)c->cfg.kind);

	switch ((enum track_kind)c->cfg.kind) {
	case TRACK_SLA_STATE:
	case TRACK_SLA_REACHABILITY:
		(void)fprintf(to, "ip sla %u %s", c->cfg.subject, words);
		break;
	case TRACK_LIST_AND:
	case TRACK_LIST_OR:
	case TRACK_LIST_WEIGHT:
	case TRACK_LIST_PERCENTAGE:
		(void)fprintf(to, "list %s", words);
		break;
	case TRACK_INTERFACE_LINE:
		(void)fprintf(to, "interface %s %s", c->interface, words);
		break;
	case TRACK_INTERFACE_ROUTING:
		(void)fprintf(to, "interface %s %s routing", c->interface,
		              c->prefix.addr.family == INET_V6 ? "ipv6" : "ip");
		break;
	case TRACK_ROUTE:
		(void)fputs(c->prefix.addr.family == INET_V6 ? "ipv6 route " : "ip route ", to);
		conf_prefix_print(&c->prefix, to);
		(void)fprintf(to, " %s", words);
		break;
	case TRACK_STUB:
	case TRACK_KIND_COUNT:
		(void)fputs(words, to);
		break;
	}
}

char *track_conf_subject(const struct track_conf *c, char *to)
{
	FILE *f = fmemopen(to, TRACK_SUBJECT_MAX, "w");

	to[0] = '\0';
	if (!f)
		return to; /* without memory the name alone is missing */
	print_subject(c, f);
	(void)fclose(f);
	to[TRACK_SUBJECT_MAX - 1] = '\0';
	return to;
}

char *route_conf_text(const struct route_conf *r, char *to)
{
	char prefix[INET_TEXT_MAX], gateway[INET_TEXT_MAX];

	(void)snprintf(to, ROUTE_TEXT_MAX, "%s/%u%s%s%s%s%s%s",
	               inet_addr_format(&r->prefix.addr, prefix), r->prefix.length,
	               r->vrf ? " in vrf " : "", r->vrf ? r->vrf : "",
	               r->gateway.family != INET_NONE ? " via " : "",
	               r->gateway.family != INET_NONE ? inet_addr_format(&r->gateway, gateway) : "",
	               r->is_null     ? " null0"
	               : r->interface ? " on "
	                              : "",
	               r->interface ? r->interface : "");
	return to;
}

static void print_delay(const struct track_cfg *c, FILE *to, bool all)
{
	if (!c->delay_up_s && !c->delay_down_s && !all)
		return;
	(void)fputs(" delay", to);
	if (c->delay_down_s || all)
		(void)fprintf(to, " down %u", c->delay_down_s);
	if (c->delay_up_s || all)
		(void)fprintf(to, " up %u", c->delay_up_s);
	(void)fputc('\n', to);
}

static void print_list(const struct track_cfg *c, FILE *to)
{
	for (uint32_t i = 0; i < c->member_count; i++) {
		const struct track_member *m = &c->members[i];

		(void)fprintf(to, " object %u", m->number);
		if (m->is_negated)
			(void)fputs(" not", to);
		if (c->kind == TRACK_LIST_WEIGHT)
			(void)fprintf(to, " weight %u", m->weight);
		(void)fputc('\n', to);
	}
	if (c->kind != TRACK_LIST_WEIGHT && c->kind != TRACK_LIST_PERCENTAGE)
		return;
	(void)fprintf(to, " %s up %d", track_kind_words((enum track_kind)c->kind), c->threshold_up);
	if (c->threshold_down >= 0)
		(void)fprintf(to, " down %d", c->threshold_down);
	(void)fputc('\n', to);
}

static void print_own(const struct track_conf *c, FILE *to)
{
	if (c->is_dry_run)
		(void)fputs(" dry-run\n", to);
	if (c->cfg.hold_down_s)
		(void)fprintf(to, " hold-down %u\n", c->cfg.hold_down_s);
	if (c->file.name)
		(void)fprintf(to, " output keepalived %s up %d down %d\n", c->file.name, c->file.up,
		              c->file.down);
	if (c->pin != TRACK_PIN_AUTO)
		(void)fputs(c->pin == TRACK_PIN_ON ? " pin\n" : " no pin\n", to);
}

static void print_track(const struct track_conf *c, FILE *to, bool all)
{
	(void)fprintf(to, "track %u ", c->cfg.number);
	print_subject(c, to);
	(void)fputc('\n', to);
	if (c->vrf)
		(void)fprintf(to, " ip vrf %s\n", c->vrf);
	print_delay(&c->cfg, to, all);
	if (c->cfg.default_state != TRACK_VALUE_UNKNOWN)
		(void)fprintf(to, " default-state %s\n",
		              c->cfg.default_state == TRACK_VALUE_UP ? "up" : "down");
	print_list(&c->cfg, to);
	print_own(c, to);
}

static void print_route(const struct route_conf *r, FILE *to, bool all)
{
	char text[INET_TEXT_MAX];

	(void)fputs(r->prefix.addr.family == INET_V6 ? "ipv6 route " : "ip route ", to);
	if (r->vrf)
		(void)fprintf(to, "vrf %s ", r->vrf);
	conf_prefix_print(&r->prefix, to);
	if (r->is_null)
		(void)fputs(" Null0", to);
	if (r->interface)
		(void)fprintf(to, " %s", r->interface);
	if (r->gateway.family != INET_NONE)
		(void)fprintf(to, " %s", inet_addr_format(&r->gateway, text));
	if (r->distance != ROUTE_DISTANCE_DEFAULT || all)
		(void)fprintf(to, " %u", r->distance);
	if (r->tag)
		(void)fprintf(to, " tag %u", r->tag);
	if (r->permanent)
		(void)fputs(" permanent", to);
	if (r->name)
		(void)fprintf(to, " name %s", r->name);
	if (r->track)
		(void)fprintf(to, " track %u", r->track);
	if (r->withdraw_last)
		(void)fputs(" withdraw-last", to);
	(void)fputc('\n', to);
}

void conf_tracking_init(struct tracking_conf *t)
{
	memcpy(t->timers_ms, track_timer_defaults_ms, sizeof(t->timers_ms));
}

void conf_tracking_print(const struct tracking_conf *t, FILE *to, bool all)
{
	for (unsigned i = 0; i < TRACK_TIMER_COUNT; i++) {
		uint32_t ms = t->timers_ms[i];

		if (ms == track_timer_defaults_ms[i] && !all)
			continue;
		(void)fprintf(to, "track timer %s %s%u\n", track_timer_words((enum track_timer)i),
		              ms % 1000 ? "msec " : "", ms % 1000 ? ms : ms / 1000);
	}
	if (t->withdraw_on_stop || all)
		(void)fprintf(to, "track routes on-stop %s\n",
		              t->withdraw_on_stop ? "withdraw" : "keep");
	for (uint32_t i = 0; i < t->track_count; i++)
		print_track(&t->tracks[i], to, all);
	for (uint32_t i = 0; i < t->route_count; i++)
		print_route(&t->routes[i], to, all);
}
