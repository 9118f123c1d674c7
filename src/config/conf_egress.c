/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla egress access-group [ipv6] NAME`: where webhooks and http operations may connect to. */
#include "config/conf_parser.h"
#include "config/conf_print.h"

#include <string.h>

void conf_egress_group(struct conf_parser *p, const struct conf_match *m)
{
	const char *word = conf_word(p, m->at);
	bool is_ipv6 = word && conf_word_is(word, "ipv6");
	struct name_ref *to = is_ipv6 ? &p->egress_acl6 : &p->egress_acl;
	struct name_ref ref = { 0 };
	uint32_t at = m->at + is_ipv6;

	if (p->form != CONF_SET) {
		*to = ref;
		return;
	}
	ref.place = conf_place(p, at);
	if (conf_take_name(p, at, "the name of an access list", CONF_NAME_MAX, &ref.name) &&
	    conf_take_end(p, at + 1))
		*to = ref;
}

static const char *resolve(struct conf_parser *p, const struct name_ref *ref, uint8_t family)
{
	struct egress_policy *to = &p->cfg->egress;

	if (!ref->name)
		return NULL;
	const struct access_list_conf *l = config_find_access_list(p->cfg, ref->name);

	if (!l || l->family != family) {
		conf_error_place(p, ref->place, "access list '%s' %s", ref->name,
		                 l ? "is of the other address family" : "is not defined");
	} else if (to->rule_count + l->count > EGRESS_RULES_MAX) {
		conf_error_place(p, ref->place, "the access lists have more than %u lines",
		                 EGRESS_RULES_MAX);
	} else {
		if (l->count > 0)
			memcpy(&to->rules[to->rule_count], l->rules, l->count * sizeof(*l->rules));
		to->rule_count += l->count;
		to->has_list = true;
	}
	return ref->name;
}

void conf_egress_finish(struct conf_parser *p)
{
	p->cfg->egress_acl = resolve(p, &p->egress_acl, INET_V4);
	p->cfg->egress_acl6 = resolve(p, &p->egress_acl6, INET_V6);
}

void conf_egress_print(const struct config *c, FILE *to, bool all)
{
	if (c->egress_acl)
		(void)fprintf(to, "ip sla egress access-group %s\n", c->egress_acl);
	else if (all)
		(void)fputs("no ip sla egress access-group\n", to);
	if (c->egress_acl6)
		(void)fprintf(to, "ip sla egress access-group ipv6 %s\n", c->egress_acl6);
	else if (all)
		(void)fputs("no ip sla egress access-group ipv6\n", to);
}
