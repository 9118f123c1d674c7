/* SPDX-License-Identifier: Apache-2.0 */
/* The body of an administration message (docs/namp.md section 8): whether it is one, and what it says.
 * No clock, no I/O. */
#ifndef CANDOR_NAMP_MESSAGE_BODY_H
#define CANDOR_NAMP_MESSAGE_BODY_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "object/doc.h"
#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_TEXT_MAX     512u /* octets */
#define MESSAGE_NAME_MAX     63u
#define MESSAGE_WHO_MAX      255u /* of a node or a person */
#define MESSAGE_SCOPE_MAX    16u  /* paths */
#define MESSAGE_PATH_MAX     512u
#define MESSAGE_WINDOW_MAX_S (366 * 86400) /* length of a maintenance window */

/* What a message does to the tables. */
enum message_effect {
	MESSAGE_NO_EFFECT,
	MESSAGE_ALARM_RAISE,
	MESSAGE_ALARM_CLEAR,
	MESSAGE_ALARM_ACKNOWLEDGE,
	MESSAGE_WINDOW_BEGIN,
	MESSAGE_WINDOW_END,
};

/* Check every member of section 8 that ``body`` has, and that none is missing; null is as good as absent.
 * Members that are not known are let pass.  0 and what it does; -EINVAL: missing or of a wrong type, -EILSEQ: a value that
 * cannot be, each with a sentence in ``d``. */
NODISCARD int message_check(const struct doc *body, enum message_effect *ret, struct diag *d);

/* A map with the members of ``from``, but those named in ``without`` (ended by NULL).  Values and keys
 * are shared. */
struct doc *message_copy(struct arena *a, const struct doc *from, const char *const *without);

/* Add null for each of ``keys`` (ended by NULL) that ``d`` lacks, so that every row of a list has the same. */
void message_complete(struct arena *a, struct doc *d, const char *const *keys);

/* The number of the operation that a path names, `sla/operation/10` and below; 0: none. */
uint32_t message_scope_operation(const char *path);

/* Whether operation ``number`` is within the scope of ``body``: it names it, or what it is in; no scope is the
 * whole node. */
bool message_scope_has(const struct doc *body, uint32_t number);

/* ``text`` as people may read it in ``a``: what is no plain text replaced by '?', cut to
 * MESSAGE_TEXT_MAX. */
const char *message_plain_text(struct arena *a, const char *text);

#endif
