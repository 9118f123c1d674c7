/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket, asking side: blocking, with a deadline for each answer.  For `candor`. */
#ifndef CANDOR_NAMP_LOCAL_CLIENT_H
#define CANDOR_NAMP_LOCAL_CLIENT_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "object/request.h"
#include <stdint.h>

struct local_client;

/* 0, or -errno with a sentence that says what to do (candord not running, no permission). */
NODISCARD int local_client_open(const char *path, uint32_t timeout_ms, struct local_client **ret,
                                struct diag *d);
void local_client_close(struct local_client *c); /* NULL is fine */

/* Ask and wait.  0 and the document in ``a``; -ENOENT and the like as the node says it; -ETIMEDOUT,
 * -EPIPE, -EBADMSG: the connection is of no more use.  ``d`` is filled on every error. */
NODISCARD int local_client_request(struct local_client *c, const struct object_request *request,
                                   struct arena *a, struct doc **ret, struct diag *d);

#endif
