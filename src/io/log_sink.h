/* SPDX-License-Identifier: Apache-2.0 */
/* Where messages of syslog go to: hosts by UDP (RFC 5426), TCP with octet counts (RFC 6587) and TLS (RFC 5425), each
 * with a bounded queue and its own reconnecting; and the journal of this host.  On a libevent loop; one thread. */
#ifndef CANDOR_IO_LOG_SINK_H
#define CANDOR_IO_LOG_SINK_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_SINK_QUEUE_MAX 512u
#define LOG_SINK_ERROR_MAX 128u

struct event_base;
struct log_sink;
struct resolver;
struct tls_context;

enum log_sink_kind { LOG_SINK_UDP, LOG_SINK_TCP, LOG_SINK_TLS };

struct log_sink_cfg {
	enum log_sink_kind kind;
	const char *host; /* copied */
	uint16_t port;
	struct event_base *base;
	struct resolver *resolver;
	struct tls_context *tls; /* LOG_SINK_TLS; outlives the sink */
};

struct log_sink_counters {
	uint64_t sent, failed, retried,
	        dropped; /* dropped: the queue was full; retried: connections anew */
	uint32_t queued;
	bool is_connected;
	char error[LOG_SINK_ERROR_MAX]; /* the last one; empty: none since the last success */
};

struct log_sink *log_sink_new(const struct log_sink_cfg *cfg);
void log_sink_free(struct log_sink *s); /* what waits is lost; NULL is fine */

/* Queue one message, which is copied. */
void log_sink_send(struct log_sink *s, const char *text, size_t len);
const struct log_sink_counters *log_sink_counters(const struct log_sink *s);

/* A socket to the journal that listens at ``path`` (native protocol).  The descriptor, or -errno with ``d``. */
NODISCARD int journal_open(const char *path, struct diag *d);

/* One message; ``body`` has no line ends.  0 or -errno. */
NODISCARD int journal_send(int fd, unsigned severity, unsigned facility, const char *body,
                           size_t len);

#endif
