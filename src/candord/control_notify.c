/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the world. */
#include "candord/control_notify.h"

#include "candord/control_state.h"
#include "namp/message_service.h"

#include <errno.h>
#include <stdio.h>

void control_syslog(struct control *c, enum syslog_severity severity, const char *mnemonic,
                    const char *text)
{
	char line[DIAG_TEXT_MAX];

	(void)severity;
	(void)snprintf(line, sizeof(line), "%%%s: %s", mnemonic, text);
	control_note_trouble(c, line);
}

int control_run_hook(struct control *c, const struct hook_order *order, struct diag *d)
{
	(void)c;
	return diag_set(d, -ENOENT, "no hook '%s' is configured", order->hook);
}
