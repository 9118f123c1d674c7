/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in the form of syslog. */
#include "candord/control_notify.h"

#include "candord/control_state.h"

#include <stdio.h>

void control_syslog_data(struct control *c, enum syslog_severity severity, const char *mnemonic,
                         const char *text, const char *data_id, const struct syslog_datum *data)
{
	static char line[OUTBOUND_TEXT_MAX]; /* one thread */
	const struct syslog_message m = {
		.facility = c->config->notify.facility,
		.severity = severity,
		.at = control_wall(),
		.host = control_node_name(c),
		.mnemonic = mnemonic,
		.text = text,
		.data_id = data_id,
		.data = data,
	};
	size_t body = 0;
	int len = syslog_format(&m, line, sizeof(line), &body);

	if (len > 0)
		control_outbound_message(c, severity, line, (size_t)len, body);
}

void control_syslog(struct control *c, enum syslog_severity severity, const char *mnemonic,
                    const char *text)
{
	char line[DIAG_TEXT_MAX];

	(void)snprintf(line, sizeof(line), "%%%s: %s", mnemonic, text);
	control_note_trouble(c, line);
	control_syslog_data(c, severity, mnemonic, text, NULL, NULL);
}
