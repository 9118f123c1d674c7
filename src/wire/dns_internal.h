/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the DNS codec share. */
#ifndef CANDOR_WIRE_DNS_INTERNAL_H
#define CANDOR_WIRE_DNS_INTERNAL_H

#include "base/cursor.h"
#include "wire/dns.h"

/* Read a name at ``r``, a reader within the message at ``buf``.  A pointer must lead to before the place
 * where the piece of the name that holds it begins (RFC 1035 section 4.1.4: "a prior occurrence"), so that
 * every name ends.  Sets r->bad otherwise, and leaves *ret. */
void dns_read_name(const uint8_t *buf, struct rd *r, struct dns_name *ret);

#endif
