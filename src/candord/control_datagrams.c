/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed datagrams of this node: administration messages to configured peers, and from whoever has a key. */
#include "candord/control_state.h"

#include "base/log.h"
#include "io/clock.h"
#include "namp/codes.h"
#include "namp/message_service.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <string.h>

#define SUBJECT_MESSAGE "message"

/* Whether the message is about ``subject``. */
static bool is_about(const struct namp_message *m, const char *subject)
{
	return m->subject.len == strlen(subject) &&
	       memcmp(m->subject.data, subject, m->subject.len) == 0;
}

/* The code that the sender gets. */
static unsigned deliver(void *ctx, const struct datagrams_received *received)
{
	struct control *c = ctx;
	const struct namp_message *m = received->message;
	const struct messages_received message = {
		.from = received->sender,
		.at = received->at,
		.body = m->body,
		.extensions = m->extensions,
		.extension_count = m->extension_count,
	};

	if (m->kind == NAMP_REPORT)
		return NAMP_OK; /* heartbeats are for a centre: a node has no use for them */
	return is_about(m, SUBJECT_MESSAGE) ? messages_receive(c->messages, &message)
	                                    : NAMP_NOT_FOUND;
}

static void note(struct control *c, const char *text)
{
	log_warn("namp", "%s", text);
	control_note_trouble(c, text);
}

static void ended(void *ctx, const char *peer, uint64_t id, unsigned code)
{
	char text[DIAG_TEXT_MAX];

	(void)id;
	if (code == NAMP_OK)
		return;
	if (code == 0)
		(void)snprintf(text, sizeof(text), "%s did not acknowledge a message", peer);
	else
		(void)snprintf(text, sizeof(text), "%s refused a message with %u", peer, code);
	note(ctx, text);
}

static void trouble(void *ctx, const char *text)
{
	note(ctx, text);
}

int control_datagrams_send(void *ctx, const char *peer, const struct doc *body, struct diag *d)
{
	struct control *c = ctx;
	struct datagrams_event event = { .subject = SUBJECT_MESSAGE };
	struct arena a = { 0 };
	int rc = -ENOTCONN;

	if (c->datagrams)
		rc = doc_to_cbor(body, &a, &event.body.data, &event.body.len);
	else
		(void)diag_set(d, rc, "datagrams are not configured (namp, udp)");
	if (rc == 0)
		rc = datagrams_send(c->datagrams, peer, &event, NULL, d);
	arena_free(&a);
	return rc;
}

/* Begin, or end, the service; another name of the node is another sender. */
static void renew(struct control *c, bool is_wanted)
{
	const struct datagrams_cfg cfg = {
		.state_dir = CONTROL_STATE_DIR,
		.node_name = control_node_name(c),
		.clock = clock_system(),
		.deliver = deliver,
		.ended = ended,
		.trouble = trouble,
		.ctx = c,
	};
	struct diag d = { 0 };

	datagrams_free(c->datagrams);
	c->datagrams = NULL;
	c->namp.udp.is_open = false;
	c->namp.udp.error[0] = '\0';
	(void)snprintf(c->datagrams_name, sizeof(c->datagrams_name), "%s", cfg.node_name);
	if (!is_wanted || datagrams_new(c->base, &cfg, &c->datagrams, &d) == 0)
		return;
	(void)snprintf(c->namp.udp.error, sizeof(c->namp.udp.error), "%s", d.text);
	log_err("namp", "datagrams are not served: %s", d.text);
}

void control_datagrams_retry_port(struct control *c)
{
	if (c->datagrams)
		datagrams_set_socket(c->datagrams, control_namp_bind(&c->namp.udp, true));
}

void control_datagrams_apply(struct control *c, bool has_new_port)
{
	const struct namp_conf *conf = &c->config->namp;
	const struct keychain *chain =
	        conf->keychain ? config_find_keychain(c->config, conf->keychain) : NULL;
	bool is_wanted = conf->udp && chain;

	if (is_wanted != (c->datagrams != NULL) ||
	    strcmp(c->datagrams_name, control_node_name(c)) != 0) {
		renew(c, is_wanted);
		has_new_port = true;
	}
	c->namp.udp.enabled = conf->udp;
	c->namp.udp.address = conf->address;
	c->namp.udp.port = conf->udp_port;
	if (!c->datagrams)
		return;
	if (has_new_port) {
		datagrams_set_socket(c->datagrams, -1); /* first the old one, of the same port */
		datagrams_set_socket(c->datagrams, control_namp_bind(&c->namp.udp, true));
	}
	datagrams_configure(c->datagrams, conf, chain);
}
