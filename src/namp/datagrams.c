/* SPDX-License-Identifier: Apache-2.0 */
/* The datagram service: its life, its configuration, and the event base under it. */
#include "namp/datagrams_internal.h"

#include "base/xalloc.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define PAYLOAD_MAX    (NAMP_DATAGRAM_MAX + 1u) /* one more, so that a longer one shows */
#define TIMERS_A_TURN  256u
#define TIMERS_INITIAL (1u + DATAGRAMS_INFORMS_MAX)

uint64_t datagrams_random(struct datagrams *s)
{
	s->random_count++;
	return siphash(&s->random, &s->random_count, sizeof(s->random_count));
}

static mono_t now_mono(const struct datagrams *s)
{
	return s->cfg.clock->mono(s->cfg.clock);
}

void datagrams_arm(struct datagrams *s, struct tmr *t, int64_t in_ns)
{
	if (tmr_arm(&s->timers, t, mono_add_ns(now_mono(s), in_ns)) < 0)
		abort(); /* out of memory, as xcalloc() has it */
}

void datagrams_rearm(struct datagrams *s)
{
	struct timeval in = { 0 };
	mono_t due;

	if (!s->timer)
		return;
	if (!tmr_next(&s->timers, &due)) {
		(void)evtimer_del(s->timer); /* fails for what is not pending only */
		return;
	}
	int64_t wait_us = (mono_diff_ns(due, now_mono(s)) + NS_PER_US - 1) / NS_PER_US;

	if (wait_us > 0)
		in = (struct timeval) { wait_us / 1000000, wait_us % 1000000 };
	if (evtimer_add(s->timer, &in) < 0)
		abort(); /* out of memory */
}

void datagrams_turn(struct datagrams *s)
{
	datagrams_receive(s);
	(void)tmr_run(&s->timers, now_mono(s), TIMERS_A_TURN); /* more of them: at the next turn */
	datagrams_rearm(s);
}

bool datagrams_next(const struct datagrams *s, mono_t *ret)
{
	return tmr_next(&s->timers, ret);
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	datagrams_turn(ctx);
}

static void on_flush_due(struct tmr *t, mono_t now)
{
	(void)now;
	datagrams_flush(container_of(t, struct datagrams, flush));
}

static int begin(struct datagrams *s, struct diag *d)
{
	int error = datagrams_read_marks(s, d);

	if (error == 0)
		error = datagrams_begin_boot(s, d);
	if (error < 0)
		return error;
	if (tmr_heap_reserve(&s->timers, TIMERS_INITIAL) < 0)
		return diag_set(d, -ENOMEM, "out of memory");
	if (!s->base)
		return 0;
	s->timer = evtimer_new(s->base, on_event, s);
	return s->timer ? 0 : diag_set(d, -ENOMEM, "out of memory");
}

int datagrams_new(struct event_base *base, const struct datagrams_cfg *cfg, struct datagrams **ret,
                  struct diag *d)
{
	size_t name_len = strlen(cfg->node_name);

	if (name_len < 1 || name_len > NAMP_NAME_MAX)
		return diag_set(d, -EINVAL,
		                "the name of this node has %zu octets: datagrams need 1 to %u",
		                name_len, NAMP_NAME_MAX);
	struct datagrams *s = xcalloc(1, sizeof(*s));

	s->cfg = *cfg;
	memcpy(s->node_name, cfg->node_name, name_len);
	s->cfg.node_name = s->node_name;
	s->base = base;
	s->fd = -1;
	s->flush.fire = on_flush_due;
	s->batch = dgram_batch_new(PAYLOAD_MAX);
	if (getrandom(&s->random, sizeof(s->random), 0) != (ssize_t)sizeof(s->random)) {
		datagrams_free(s);
		return diag_set(d, -EIO, "the kernel gives no random numbers");
	}
	int error = begin(s, d);

	if (error < 0) {
		datagrams_free(s);
		return error;
	}
	*ret = s;
	return 0;
}

static void close_socket(struct datagrams *s)
{
	if (s->readable)
		event_free(s->readable);
	s->readable = NULL;
	fd_closep(&s->fd);
}

void datagrams_free(struct datagrams *s)
{
	if (!s)
		return;
	s->cfg.ended = NULL; /* the owner is going */
	if (s->boot != 0)    /* not half made */
		datagrams_flush(s);
	close_socket(s);
	for (uint32_t i = 0; i < s->count; i++) {
		datagrams_drop_informs(s->all[i]);
		free(s->all[i]);
	}
	if (s->timer)
		event_free(s->timer);
	tmr_heap_fini(&s->timers);
	dgram_batch_free(s->batch);
	explicit_bzero(&s->chain, sizeof(s->chain));
	free(s);
}

void datagrams_set_socket(struct datagrams *s, int fd)
{
	close_socket(s);
	s->fd = fd;
	if (fd < 0 || !s->base)
		return;
	s->readable = event_new(s->base, fd, EV_READ | EV_PERSIST, on_event, s);
	if (!s->readable || event_add(s->readable, NULL) < 0)
		abort(); /* out of memory */
}

static bool is_listed(const struct namp_conf *conf, const char *name)
{
	for (uint32_t i = 0; i < conf->peer_count; i++) {
		if (strcmp(conf->peers[i].name, name) == 0)
			return true;
	}
	return false;
}

void datagrams_configure(struct datagrams *s, const struct namp_conf *conf,
                         const struct keychain *chain)
{
	explicit_bzero(&s->chain, sizeof(s->chain));
	s->has_chain = chain != NULL;
	if (chain)
		s->chain = *chain;
	for (uint32_t i = 0; i < s->count; i++) {
		struct correspondent *c = s->all[i];

		if (c->is_configured && !is_listed(conf, c->name)) {
			c->is_configured = false;
			c->endpoint = (struct inet_endpoint) { 0 };
			datagrams_drop_informs(c);
		}
	}
	for (uint32_t i = 0; i < conf->peer_count; i++) {
		const struct namp_peer *p = &conf->peers[i];
		struct correspondent *c =
		        strlen(p->name) <= NAMP_NAME_MAX ? correspondent_add(s, p->name) : NULL;

		if (!c)
			continue; /* datagrams_send() says that there is no such peer */
		c->is_configured = true;
		c->is_inform = p->is_inform;
		c->endpoint = (struct inet_endpoint) { p->addr, p->port };
	}
	datagrams_rearm(s);
}

const struct datagrams_counters *datagrams_counters(const struct datagrams *s)
{
	return &s->counters;
}

uint32_t datagrams_peers(const struct datagrams *s, uint64_t after, uint32_t max,
                         struct datagrams_peer_view *ret)
{
	uint32_t n = 0;

	for (uint64_t i = after; i < s->count && n < max; i++) {
		const struct correspondent *c = s->all[i];

		ret[n++] = (struct datagrams_peer_view) {
			.name = c->name,
			.is_configured = c->is_configured,
			.is_inform = c->is_inform,
			.endpoint = c->endpoint,
			.informs_waiting = c->inform_count,
			.sent = c->sent,
			.received = c->received,
			.boot = c->marks.boot,
			.sequence = c->marks.highest,
			.received_at = c->received_at,
		};
	}
	return n;
}
