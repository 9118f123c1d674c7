/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a record log as a document: pages forward, the newest, and filters. */
#ifndef CANDOR_NAMP_RECORD_LIST_H
#define CANDOR_NAMP_RECORD_LIST_H

#include "namp/record_log.h"
#include "object/request.h"

/* The document in a record, with its number, in ``a``.  0; -EBADMSG: it is none of ours. */
typedef int (*record_decode)(const struct record *record, struct arena *a, struct doc **ret);

/* Fill ``to`` with "items", "next", "dropped" and "damaged" as the body of ``q`` asks: ``after`` and
 * ``limit``, or ``newest`` (true: the newest ``limit`` rows), and of all these what passes ``since_ns``,
 * ``before_ns`` (by at_ns) and ``type``.  A page may hold fewer rows than there are when few pass.  0 or
 * -EIO with ``d``. */
NODISCARD int record_list(struct record_log *log, record_decode decode,
                          const struct object_request *q, struct arena *a, struct doc *to,
                          struct diag *d);

#endif
