/* SPDX-License-Identifier: Apache-2.0 */
/* The connecting side of NAMP streams: blocking with a deadline for each step, for `candor` and its
 * like.  One connection, one thread. */
#ifndef CANDOR_NAMP_CLIENT_H
#define CANDOR_NAMP_CLIENT_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "io/tls.h"
#include "object/request.h"
#include <stdint.h>

struct namp_client;

/* Where to, and who we are. */
struct namp_target {
	const char *socket_path;  /* local; NULL: by TLS: */
	const char *host;         /* name or address; must be in the certificate */
	uint16_t port;            /* 0: 167 */
	const char *identity_dir; /* folder with ca.pem, cert.pem, key.pem [, crl.pem] */
	const char *key_name;     /* pre-shared key instead, and its file (hexadecimal, private) */
	const char *key_file;
};

/* Connect, shake hands, greet.  0, or -errno with a sentence that says what to do. */
NODISCARD int namp_client_open(const struct namp_target *target, uint32_t timeout_ms,
                               struct namp_client **ret, struct diag *d);
void namp_client_close(struct namp_client *c); /* says bye; NULL is fine */

const struct doc *namp_client_hello(const struct namp_client *c); /* the node's: name, role … */

/* Ask and wait; events that come meanwhile are kept (256 at most, then the oldest go and are counted as
 * missed).  0 and the document in ``a``; else as object_handle, with the node's own sentence in ``d``
 * and, with -EILSEQ, -ESTALE and their like, the node's document (members "text", "errors" …) in *ret when it sent one;
 * whether the connection can be used further says namp_client_is_open().
 * ``verb``, ``path`` and ``body`` of the request are used. */
NODISCARD int namp_client_request(struct namp_client *c, const struct object_request *request,
                                  struct arena *a, struct doc **ret, struct diag *d);

/* False after bye, the end of the connection, a time-out or nonsense: nothing can be asked any more.
 * -ETIMEDOUT with an open connection is the node's own 504. */
bool namp_client_is_open(const struct namp_client *c);

/* The deadline of requests from now on (a probe may take minutes). */
void namp_client_set_timeout(struct namp_client *c, uint32_t timeout_ms);

struct namp_event {
	uint64_t watch;
	unsigned code; /* 200, 206, 410 */
	const char *path;
	struct doc *body;
};

/* Begin a watch: its id, to be found in events. */
NODISCARD int namp_client_watch(struct namp_client *c, const char *path, bool initial,
                                uint64_t *ret_id, struct diag *d);
/* The next event, waiting up to ``timeout_ms`` (0: not at all).  0; -EAGAIN: none came; else the
 * connection is of no more use. */
NODISCARD int namp_client_next_event(struct namp_client *c, uint32_t timeout_ms, struct arena *a,
                                     struct namp_event *ret, struct diag *d);
int namp_client_fd(const struct namp_client *c);         /* to poll for reading … */
bool namp_client_has_event(const struct namp_client *c); /* … when this is false */

#endif
