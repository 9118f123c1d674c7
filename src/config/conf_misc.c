/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of IP SLA as a whole, and lines of routers that say what is so here anyway. */
#include "config/conf_parser.h"
#include "config/conf_print.h"

#include <inttypes.h>

#define LOW_MEMORY_MAX (UINT64_C(1) << 40) /* IOS has 32 bits, hosts have more memory */

void conf_low_memory(struct conf_parser *p, const struct conf_match *m)
{
	uint64_t bytes = 0;

	if (p->form == CONF_SET &&
	    !conf_take_number(p, m->at, "a number of octets", 0, LOW_MEMORY_MAX, &bytes))
		return;
	if (p->form == CONF_SET && !conf_take_end(p, m->at + 1))
		return;
	p->cfg->low_memory_bytes = bytes;
}

void conf_periodic_resolution(struct conf_parser *p, const struct conf_match *m)
{
	if (conf_take_end(p, m->at))
		p->cfg->resolves_once = p->form == CONF_NO;
}

void conf_so_anyway(struct conf_parser *p, const struct conf_match *m)
{
	(void)!conf_take_end(p, m->at); /* an error is reported */
}

void conf_misc_print(const struct config *c, FILE *to, bool all)
{
	if (c->low_memory_bytes)
		(void)fprintf(to, "ip sla low-memory %" PRIu64 "\n", c->low_memory_bytes);
	else if (all)
		(void)fputs("no ip sla low-memory\n", to);
	if (c->resolves_once || all)
		(void)fprintf(to, "%sip sla periodic hostname resolution\n",
		              c->resolves_once ? "no " : "");
}
