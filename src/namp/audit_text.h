/* SPDX-License-Identifier: Apache-2.0 */
/* A change in a few words for the audit log, without anything that may be a secret. */
#ifndef CANDOR_NAMP_AUDIT_TEXT_H
#define CANDOR_NAMP_AUDIT_TEXT_H

#include "object/request.h"

#define AUDIT_TEXT_MAX 300u /* octets */

/* What the body of ``request`` asks for: the action, then members that can hold no secret with their
 * values, of others how long they are.  Plain text in ``a``. */
const char *audit_text(struct arena *a, const struct object_request *request);

#endif
