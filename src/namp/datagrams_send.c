/* SPDX-License-Identifier: Apache-2.0 */
/* The sending side: traps, informs with their copies, acknowledgements. */
#include "namp/datagrams_internal.h"

#include "base/xalloc.h"
#include "namp/codes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COPIES_MAX 6u /* after 1, 2, 4, 8, 16 and 32 s */

/* Ids of one boot lie above those of the boots before, so that a late acknowledgement ends nothing of
 * this one; 2^20 events to one receiver, then the next boot's. */
#define ID_BITS  20
#define BOOT_MAX (UINT64_C(1) << 42) /* seconds of the Unix clock are far below */

/* Seal a message to ``c`` and send it.  0; -ENOKEY; -EIO; -ENOBUFS (does not fit); or of the socket. */
static int seal_and_send(struct datagrams *s, struct correspondent *c,
                         const struct inet_endpoint *to, const struct inet_addr *from,
                         const uint8_t *message, size_t len)
{
	uint8_t secret[NAMP_KEY_OCTETS], datagram[NAMP_DATAGRAM_MAX];
	const struct key *key = NULL;
	struct namp_envelope e = { 0 };
	struct diag d;

	if (s->has_chain)
		key = keychain_send(&s->chain, s->cfg.clock->wall(s->cfg.clock));
	if (!key)
		return -ENOKEY;
	if (c->sequence == INT64_MAX) {
		int error = datagrams_begin_boot(s, &d);

		if (error < 0)
			return error;
	}
	e.boot = s->boot;
	e.sequence = ++c->sequence;
	/* Each fits: a chain's name has at most 63 octets, as both others. */
	(void)snprintf(e.kid, sizeof(e.kid), "%s/%u", s->chain.name, key->id);
	(void)snprintf(e.sender, sizeof(e.sender), "%s", s->node_name);
	(void)snprintf(e.receiver, sizeof(e.receiver), "%s", c->name);
	ssize_t n = namp_derive_key(key->secret, key->secret_len, &e, secret);

	if (n == 0)
		n = namp_seal(&e, secret, message, len, datagram, sizeof(datagram));
	explicit_bzero(secret, sizeof(secret));
	if (n < 0)
		return (int)n;
	if (s->fd < 0)
		return -ENOTCONN;
	c->sent++;
	return dgram_send(s->fd, datagram, (size_t)n, to,
	                  from && from->family != INET_NONE ? from : NULL, -1);
}

/* --- informs under way -------------------------------------------------------------------------- */

static void forget(struct inform *f)
{
	struct correspondent *c = f->to;
	struct inform **at = &c->informs;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	c->inform_count--;
	tmr_disarm(&f->service->timers, &f->tmr);
	free(f);
}

static void end_inform(struct inform *f, unsigned code)
{
	struct datagrams *s = f->service;
	struct correspondent *c = f->to;
	uint64_t id = f->id;

	if (code == 0)
		s->counters.informs_given_up++;
	else if (code == NAMP_OK)
		s->counters.informs_acknowledged++;
	else
		s->counters.informs_refused++;
	forget(f);
	if (s->cfg.ended)
		s->cfg.ended(s->cfg.ctx, c->name, id, code);
}

/* 2^copies seconds from now, and up to a quarter more. */
static void arm_copy(struct inform *f)
{
	int64_t wait_ns = NS_PER_S << (f->copies < COPIES_MAX ? f->copies : COPIES_MAX - 1);
	uint64_t more_ns = datagrams_random(f->service) % ((uint64_t)wait_ns / 4 + 1);

	datagrams_arm(f->service, &f->tmr, wait_ns + (int64_t)more_ns);
}

static void on_copy_due(struct tmr *t, mono_t now)
{
	struct inform *f = container_of(t, struct inform, tmr);
	struct datagrams *s = f->service;

	(void)now;
	if (f->copies == COPIES_MAX || !f->to->is_configured) {
		end_inform(f, 0);
		return;
	}
	f->copies++;
	s->counters.copies_sent++;
	if (seal_and_send(s, f->to, &f->to->endpoint, NULL, f->message, f->len) < 0)
		s->counters.send_failures++; /* the next copy may get through */
	arm_copy(f);
}

void datagrams_drop_informs(struct correspondent *c)
{
	while (c->informs)
		end_inform(c->informs, 0);
}

void datagrams_take_ack(struct datagrams *s, struct correspondent *from, uint64_t id, unsigned code)
{
	s->counters.acks_received++;
	for (struct inform *f = from->informs; f; f = f->next) {
		if (f->id == id) {
			end_inform(f, code);
			return;
		}
	}
	s->counters.acks_unexpected++; /* of a copy that was acknowledged already, or given up */
}

void datagrams_acknowledge(struct datagrams *s, const struct pending *p, uint64_t id, unsigned code)
{
	struct namp_message ack = { .kind = NAMP_ACK, .id = id, .code = (uint16_t)code };
	uint8_t buf[NAMP_OVERHEAD_MAX];
	ssize_t len = namp_encode(&ack, buf, sizeof(buf));

	if (len > 0 && seal_and_send(s, p->sender, &p->from, &p->to, buf, (size_t)len) == 0)
		s->counters.acks_sent++;
	else
		s->counters.send_failures++;
}

/* --- events ------------------------------------------------------------------------------------- */

static uint64_t next_id(const struct datagrams *s, const struct correspondent *c)
{
	if (c->id != 0)
		return c->id + 1;
	return (s->boot < BOOT_MAX ? s->boot << ID_BITS : 0) + 1;
}

/* The receiver remembers DATAGRAMS_IDS ids one by one: the oldest that waits must stay among them. */
static bool has_room(const struct correspondent *c, uint64_t id, bool is_inform)
{
	if (c->informs && id - c->informs->id >= DATAGRAMS_IDS)
		return false;
	return !is_inform || c->inform_count < DATAGRAMS_INFORMS_MAX;
}

static ssize_t encode_event(const struct datagrams_event *event, uint64_t id, bool is_inform,
                            uint8_t buf[static NAMP_SEALED_MAX])
{
	const struct namp_message m = {
		.kind = NAMP_EVENT,
		.code = NAMP_OK,
		.id = id,
		.flags = is_inform ? NAMP_FLAG_ACKNOWLEDGE : 0,
		.subject = { (const uint8_t *)event->subject, strlen(event->subject) },
		.body = event->body,
		.extensions = event->extensions,
		.extension_count = event->extension_count,
	};

	return namp_encode(&m, buf, NAMP_SEALED_MAX);
}

static void keep_inform(struct datagrams *s, struct correspondent *c, uint64_t id,
                        const uint8_t *message, size_t len)
{
	struct inform *f = xcalloc(1, sizeof(*f)), **at = &c->informs;

	f->tmr.fire = on_copy_due;
	f->service = s;
	f->to = c;
	f->id = id;
	f->len = len;
	memcpy(f->message, message, len);
	while (*at)
		at = &(*at)->next;
	*at = f;
	c->inform_count++;
	arm_copy(f);
}

static int send_sentence(const char *peer, int error, struct diag *d)
{
	if (error == -ENOKEY)
		return diag_set(d, error, "no key may be used for sending now: see `key chain`");
	if (error == -ENOBUFS)
		return diag_set(d, -EMSGSIZE, "too long for a datagram to '%s'", peer);
	return diag_set(d, error, "cannot send to '%s': %s", peer, strerror(-error));
}

int datagrams_send(struct datagrams *s, const char *peer, const struct datagrams_event *event,
                   uint64_t *ret_id, struct diag *d)
{
	struct correspondent *c = correspondent_find(s, peer);
	uint8_t message[NAMP_SEALED_MAX];

	if (!c || !c->is_configured)
		return diag_set(d, -ENOENT, "there is no peer '%s'", peer);
	bool is_inform = event->manner == DATAGRAMS_INFORM ||
	                 (event->manner == DATAGRAMS_AS_CONFIGURED && c->is_inform);
	uint64_t id = next_id(s, c);

	if (!has_room(c, id, is_inform)) {
		s->counters.informs_dropped++;
		return diag_set(d, -EDQUOT, "too many messages wait for an answer of '%s'", peer);
	}
	ssize_t len = encode_event(event, id, is_inform, message);

	if (len < 0)
		return send_sentence(peer, (int)len, d);
	int error = seal_and_send(s, c, &c->endpoint, NULL, message, (size_t)len);

	if (error < 0)
		s->counters.send_failures++;
	if (error == -ENOKEY || error == -ENOBUFS || error == -EIO || (error < 0 && !is_inform))
		return send_sentence(peer, error, d);
	c->id = id;
	if (is_inform) {
		s->counters.informs_sent++;
		keep_inform(s, c, id, message, (size_t)len);
	} else {
		s->counters.traps_sent++;
	}
	datagrams_rearm(s);
	if (ret_id)
		*ret_id = id;
	return 0;
}
