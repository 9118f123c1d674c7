/* SPDX-License-Identifier: Apache-2.0 */
/* Events to hosts by HTTPS: POST with a JSON body, one at a time for each webhook and in order, repeated with growing
 * pauses until it is taken.  libcurl on a libevent loop; one thread. */
#ifndef CANDOR_IO_WEBHOOK_POST_H
#define CANDOR_IO_WEBHOOK_POST_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "sla/egress.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBHOOK_QUEUE_MAX    64u
#define WEBHOOK_ERROR_MAX    128u
#define WEBHOOK_KEY_MAX      64u
#define WEBHOOK_RESPONSE_MAX 65536u /* octets that are read of an answer */

struct event_base;
struct resolver;
struct webhook;
struct webhooks;

struct webhook_cfg {
	const char *url; /* https://…; copied */
	uint32_t timeout_s, retries;
	const uint8_t *key; /* signs the body (HMAC-SHA-256); copied */
	uint8_t key_len;    /* 0: no signature */
};

struct webhook_counters {
	uint64_t sent, failed, retried, dropped; /* failed: given up; dropped: the queue was full */
	uint32_t queued;
	char error[WEBHOOK_ERROR_MAX]; /* the last one; empty: none since the last success */
};

/* All webhooks of a process.  Libraries and trust anchors (SSL_CERT_FILE, or the bundle of the distribution) are
 * read here, before a process confines itself.  ``egress`` stays the caller's.  NULL with ``d``. */
struct webhooks *webhooks_new(struct event_base *base, struct resolver *resolver,
                              const struct egress_policy *egress, struct diag *d);
void webhooks_free(struct webhooks *w); /* behind all its webhooks; NULL is fine */

struct webhook *webhook_new(struct webhooks *w, const struct webhook_cfg *cfg);
void webhook_free(struct webhook *h); /* what waits is lost; NULL is fine */

void webhook_send(struct webhook *h, const char *body, size_t len); /* copied */
const struct webhook_counters *webhook_counters(const struct webhook *h);

#endif
