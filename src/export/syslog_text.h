/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in the form of RFC 5424.  Pure. */
#ifndef CANDOR_EXPORT_SYSLOG_TEXT_H
#define CANDOR_EXPORT_SYSLOG_TEXT_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include <stddef.h>

/* Structured data is of this enterprise number, which RFC 5612 reserves for documentation. */
#define SYSLOG_ENTERPRISE "32473"

struct syslog_datum {
	const char *name, *value; /* name: ASCII without =, ], " and blanks */
};

struct syslog_message {
	unsigned facility, severity; /* RFC 5424 section 6.2.1 */
	wall_t at;
	const char *host;     /* what cannot stand in the header becomes '-' */
	const char *mnemonic; /* "RTT-3-IPSLATHRESHOLD": MSGID, and the begin of the text */
	const char *text;     /* behind the mnemonic and its colon */
	const char *data_id;  /* name of the structured data: "reaction"; NULL: none */
	const struct syslog_datum *data; /* ended by a name of NULL */
};

/* Write the message into ``to``; *ret_body is where "%MNEMONIC: text" begins.  Octets written (no terminator),
 * or -EMSGSIZE. */
NODISCARD int syslog_format(const struct syslog_message *m, char *to, size_t cap, size_t *ret_body);

#endif
