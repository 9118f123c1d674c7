/* SPDX-License-Identifier: Apache-2.0 */
/* The address of a host name, asked of a name server by one datagram: for types whose measurement includes
 * that (http, ftp).  Control never resolves for them but from the hosts file. */
#ifndef CANDOR_PROBE_NAME_LOOKUP_H
#define CANDOR_PROBE_NAME_LOOKUP_H

#include "base/cleanup.h"
#include "probe/echo_sample.h"
#include "probe/probe.h"

enum lookup_step {
	LOOKUP_WAITS,
	LOOKUP_FOUND,  /* ``addr`` and ``rtt_ns`` are set */
	LOOKUP_FAILED, /* ``sense`` and ``detail`` are set */
};

/* Zero before the first use. */
struct name_lookup {
	struct probe_flow *flow; /* NULL: none is under way */
	struct echo_sample sample;
	uint16_t id, type; /* of the query that is out */
	int flow_error;
	/* outcome */
	struct inet_addr addr;
	int64_t rtt_ns, err_ns; /* of all queries */
	uint8_t sense;          /* enum sla_sense */
	char detail[128];
};

/* Ask op->params.name_server for ``host`` (``len`` octets): A, then AAAA where there is none, or the family of
 * op->params.source alone. */
enum lookup_step name_lookup_start(struct name_lookup *l, struct op *op, struct probe_io *io,
                                   const char *host, size_t len, mono_t now);

/* For the callbacks of the type, when they are about ``l->flow``. */
enum lookup_step name_lookup_on_packet(struct name_lookup *l, struct op *op, struct probe_io *io,
                                       const char *host, size_t len,
                                       const struct probe_packet *packet, mono_t now);
enum lookup_step name_lookup_on_error(struct name_lookup *l, struct op *op, struct probe_io *io,
                                      int error);
void name_lookup_on_sent(struct name_lookup *l, uint32_t token, const struct stamp *at);

/* The operation's time is up. */
enum lookup_step name_lookup_timed_out(struct name_lookup *l, struct op *op, struct probe_io *io);

void name_lookup_stop(struct name_lookup *l, struct probe_io *io);

#define NAME_LOOKUP_TOKEN 0xD0000000u /* of its sends, with the number of the query */

#endif
