/* SPDX-License-Identifier: Apache-2.0 */
/* Return codes of an operation: RttResponseSense (CISCO-RTTMON-TC-MIB), with the text that `show`
 * prints for each. */
#ifndef CANDOR_SLA_SENSE_H
#define CANDOR_SLA_SENSE_H

enum sla_sense {
	SENSE_OTHER = 0, /* never run: "Unknown" */
	SENSE_OK = 1,
	SENSE_DISCONNECTED = 2,
	SENSE_OVER_THRESHOLD = 3,
	SENSE_TIMEOUT = 4,
	SENSE_BUSY = 5,
	SENSE_NOT_CONNECTED = 6, /* the control exchange got no answer */
	SENSE_DROPPED = 7,       /* no resources, or control refused */
	SENSE_SEQUENCE_ERROR = 8,
	SENSE_VERIFY_ERROR = 9,
	SENSE_APPLICATION_SPECIFIC = 10,
	SENSE_DNS_SERVER_TIMEOUT = 11,
	SENSE_TCP_CONNECT_TIMEOUT = 12,
	SENSE_HTTP_TRANSACTION_TIMEOUT = 13,
	SENSE_DNS_QUERY_ERROR = 14,
	SENSE_HTTP_ERROR = 15,
	SENSE_ERROR = 16, /* socket error, refused connection, internal */
	SENSE_ENABLE_OK = 21,
	SENSE_ENABLE_NO_CONNECT = 22,
	SENSE_ENABLE_VERSION_FAIL = 23,
	SENSE_ENABLE_INTERNAL_ERROR = 24,
	SENSE_ENABLE_ABORT = 25,
	SENSE_ENABLE_FAIL = 26,
	SENSE_ENABLE_AUTH_FAIL = 27,
	SENSE_ENABLE_FORMAT_ERROR = 28,
	SENSE_ENABLE_PORT_IN_USE = 29,
};

/* "OK", "Over threshold", "No connection", …: the words of `show ip sla`; never NULL. */
const char *sla_sense_text(enum sla_sense sense);

/* snake_case name for documents: "ok", "over_threshold", "not_connected", …; never NULL. */
const char *sla_sense_name(enum sla_sense sense);

#endif
