/* SPDX-License-Identifier: Apache-2.0 */
/* c-ares says which descriptors to watch; libevent watches them. */
#include "io/resolver.h"

#include "base/xalloc.h"

#include <ares.h>
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct watched {
	struct watched *next;
	ares_socket_t fd;
	struct event *event;
	struct resolver *resolver;
};

struct resolver {
	struct event_base *base;
	ares_channel channel;
	struct event *timer;
	struct watched *watched;
	bool is_closing;
};

struct lookup {
	struct inet_addr keep; /* preferred; family none: the first */
	struct resolver *resolver;
	resolver_done done;
	void *ctx;
};

/* c-ares wants to be called again no later than its own next timeout. */
static void arm_timer(struct resolver *r)
{
	struct timeval tv;

	if (r->is_closing)
		return;
	if (ares_timeout(r->channel, NULL, &tv))
		(void)evtimer_add(r->timer,
		                  &tv); /* fails only when out of memory: a slower answer */
	else
		(void)evtimer_del(r->timer);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;

	(void)fd, (void)what;
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm_timer(r);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct watched *w = arg;
	struct resolver *r = w->resolver; /* ``w`` may be gone after the call */

	ares_process_fd(r->channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
	                what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	arm_timer(r);
}

static void unwatch(struct resolver *r, ares_socket_t fd)
{
	for (struct watched **at = &r->watched; *at; at = &(*at)->next) {
		struct watched *w = *at;

		if (w->fd != fd)
			continue;
		*at = w->next;
		event_free(w->event);
		free(w);
		return;
	}
}

static void on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = arg;
	short what = (short)((readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));

	unwatch(r, fd);
	if (!what)
		return;
	struct watched *w = xcalloc(1, sizeof(*w));

	w->fd = fd;
	w->resolver = r;
	w->event = event_new(r->base, fd, (short)(what | EV_PERSIST), on_ready, w);
	if (!w->event || event_add(w->event, NULL) < 0)
		abort(); /* out of memory in the control plane */
	w->next = r->watched;
	r->watched = w;
}

struct resolver *resolver_new(struct event_base *base)
{
	struct resolver *r = xcalloc(1, sizeof(*r));
	struct ares_options options = { .sock_state_cb = on_socket_state, .sock_state_cb_data = r };

	r->base = base;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		free(r);
		return NULL;
	}
	if (ares_init_options(&r->channel, &options, ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
		ares_library_cleanup();
		free(r);
		return NULL;
	}
	r->timer = evtimer_new(base, on_timer, r);
	if (!r->timer)
		abort(); /* out of memory in the control plane */
	return r;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	r->is_closing = true;
	ares_destroy(r->channel);
	event_free(r->timer);
	while (r->watched)
		unwatch(r, r->watched->fd);
	ares_library_cleanup();
	free(r);
}

static bool take_address(const struct ares_addrinfo_node *node, struct inet_addr *ret)
{
	struct inet_addr a = { 0 };

	if (node->ai_family == AF_INET) {
		struct sockaddr_in sin;

		memcpy(&sin, node->ai_addr, sizeof(sin));
		a.family = INET_V4;
		memcpy(a.bytes, &sin.sin_addr, 4);
	} else if (node->ai_family == AF_INET6) {
		struct sockaddr_in6 sin6;

		memcpy(&sin6, node->ai_addr, sizeof(sin6));
		a.family = INET_V6;
		memcpy(a.bytes, &sin6.sin6_addr, 16);
	} else {
		return false;
	}
	*ret = a;
	return true;
}

static void on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct lookup *l = arg;
	struct inet_addr addr;
	bool found = false;

	(void)timeouts;
	for (struct ares_addrinfo_node *n = info ? info->nodes : NULL; n; n = n->ai_next) {
		struct inet_addr one;

		if (!take_address(n, &one) || (found && !inet_addr_equal(&one, &l->keep)))
			continue;
		addr = one;
		found = true;
	}
	if (found)
		l->done(l->ctx, &addr, NULL);
	else
		l->done(l->ctx, NULL, ares_strerror(status ? status : ARES_ENODATA));
	if (info)
		ares_freeaddrinfo(info);
	free(l);
}

void resolver_lookup(struct resolver *r, const char *name, enum inet_family family,
                     resolver_done done, void *ctx)
{
	static const struct inet_addr none;

	resolver_renew(r, name, family, &none, done, ctx);
}

void resolver_renew(struct resolver *r, const char *name, enum inet_family family,
                    const struct inet_addr *keep, resolver_done done, void *ctx)
{
	struct ares_addrinfo_hints hints = {
		.ai_family = family == INET_V4   ? AF_INET
		             : family == INET_V6 ? AF_INET6
		                                 : AF_UNSPEC,
	};
	struct inet_addr numeric;

	if (inet_addr_parse(name, &numeric) == 0) {
		if (family == INET_NONE || family == numeric.family)
			done(ctx, &numeric, NULL);
		else
			done(ctx, NULL, "the address is of the other address family");
		return;
	}
	struct lookup *l = xcalloc(1, sizeof(*l));

	*l = (struct lookup) { .resolver = r, .keep = *keep, .done = done, .ctx = ctx };
	ares_getaddrinfo(r->channel, name, NULL, &hints, on_answer, l);
	arm_timer(r);
}
