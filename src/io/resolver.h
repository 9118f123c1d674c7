/* SPDX-License-Identifier: Apache-2.0 */
/* Names to addresses, asynchronously, for the control process (c-ares on a libevent base).  The engine
 * never resolves: it has neither files nor time for it. */
#ifndef CANDOR_IO_RESOLVER_H
#define CANDOR_IO_RESOLVER_H

#include "base/inet.h"

struct event_base;
struct resolver;

/* The answer: an address, or NULL and a sentence that says why there is none.  Called once for each
 * lookup, from the event loop or from within resolver_lookup or resolver_free. */
typedef void (*resolver_done)(void *ctx, const struct inet_addr *addr, const char *error);

struct resolver *resolver_new(struct event_base *base); /* NULL: the library does not start */
void resolver_free(struct resolver *r);                 /* ends open lookups: no address */

/* As resolver_lookup(), but the answer is ``keep`` as long as the name still has that address, whatever the
 * order in which its addresses come. */
void resolver_renew(struct resolver *r, const char *name, enum inet_family family,
                    const struct inet_addr *keep, resolver_done done, void *ctx);

/* Look up ``name`` (or parse it when it is an address).  ``family`` narrows the answer to one address
 * family; INET_NONE takes the first that the system's order prefers (RFC 6724). */
void resolver_lookup(struct resolver *r, const char *name, enum inet_family family,
                     resolver_done done, void *ctx);

#endif
