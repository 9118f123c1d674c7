/* SPDX-License-Identifier: Apache-2.0 */
/* A name to an address, now. */
#include "cli/resolve_name.h"

#include "io/resolver.h"

#include <errno.h>
#include <event2/event.h>

struct lookup {
	const char *name;
	struct event_base *base;
	struct inet_addr *ret;
	struct diag *diag;
	int error;
	bool done;
};

static void on_done(void *ctx, const struct inet_addr *addr, const char *error)
{
	struct lookup *l = ctx;

	l->done = true;
	if (addr) {
		*l->ret = *addr;
		l->error = 0;
	} else {
		l->error = diag_set(l->diag, -ENOENT, "cannot resolve \"%.100s\": %.150s", l->name,
		                    error);
	}
	(void)event_base_loopbreak(l->base); /* may come before the loop: ``done`` says so */
}

int resolve_name(const char *name, enum inet_family family, struct inet_addr *ret, struct diag *d)
{
	struct event_base *base = event_base_new();
	struct resolver *r = base ? resolver_new(base) : NULL;
	struct lookup l = { .name = name, .base = base, .ret = ret, .diag = d };

	l.error = diag_set(d, -EIO, "cannot start the resolver");
	if (r) {
		resolver_lookup(r, name, family, on_done, &l);
		while (!l.done && event_base_loop(base, EVLOOP_ONCE) == 0)
			;
		resolver_free(r);
	}
	if (base)
		event_base_free(base);
	return l.error;
}
