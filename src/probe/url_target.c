/* SPDX-License-Identifier: Apache-2.0 */
/* Names of servers, as far as files of this host tell. */
#include "probe/url_target.h"

#include "io/system_names.h"
#include "probe/probe.h"
#include "wire/url.h"

void url_target_prepare(struct op_params *p)
{
	const char *text =
	        p->text.at[OP_TEXT_PROXY] ? p->text.at[OP_TEXT_PROXY] : p->text.at[OP_TEXT_URL];
	struct url url;

	if (probe_types[p->type]->target != TARGET_URL || !text || url_parse(text, &url) < 0 ||
	    url.addr.family != INET_NONE)
		return;
	/* Neither is an error: the run asks the name server, or says that there is none. */
	if (p->target.family == INET_NONE)
		(void)!system_hosts_find(SYSTEM_NAMES_FOLDER, url.host.at, url.host.len,
		                         (enum inet_family)p->source.family, &p->target);
	if (p->name_server.family == INET_NONE)
		(void)!system_name_server(SYSTEM_NAMES_FOLDER, &p->name_server);
}
