/* SPDX-License-Identifier: Apache-2.0 */
/* Orders to courier and hooks, and what they say. */
#include "candord/control_outbound.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/control_state.h"
#include "candord/parent_client.h"
#include "candord/record_check.h"
#include "object/result_object.h"
#include "object/rows.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TICKS_PER_KEY_LOOK 60 /* seconds between looks at which key signs webhooks */

/* --- links -------------------------------------------------------------------------------------------------- */

static void drop_link(struct outbound_link *l)
{
	if (l->event)
		event_free(l->event);
	l->event = NULL;
	fd_closep(&l->fd);
}

/* 0, or -errno: the record is lost. */
static int tell(struct outbound_link *l, const void *record, size_t len)
{
	if (l->fd < 0)
		return -ENOTCONN;
	ssize_t n = send(l->fd, record, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	l->told += n >= 0;
	return n < 0 ? -errno : 0;
}

static void begin_link(struct control *c, struct outbound_link *l, enum outbound_process which,
                       event_callback_fn callback)
{
	const int room_bytes = 1 << 20; /* of a configuration, and some messages */
	struct diag d = { 0 };

	if (l->was_begun)
		return;
	l->was_begun = true;
	l->fd = parent_start(CONTROL_PARENT_REQUESTS, which, &d);
	if (l->fd < 0) {
		log_err("control", "cannot begin the process: %s", d.text);
		return;
	}
	/* Best effort: the system's own limit may be lower. */
	(void)setsockopt(l->fd, SOL_SOCKET, SO_SNDBUF, &room_bytes, sizeof(room_bytes));
	l->event = event_new(c->base, l->fd, EV_READ | EV_PERSIST, callback, c);
	if (!l->event || event_add(l->event, NULL) < 0)
		abort(); /* out of memory in the control plane */
}

/* --- the courier -------------------------------------------------------------------------------------------- */

static void on_courier(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	struct courier_status *s = xcalloc(1, sizeof(*s));
	ssize_t n;

	(void)what;
	while ((n = recv(fd, s, sizeof(*s), MSG_DONTWAIT | MSG_TRUNC)) > 0) {
		bool is_good = n == (ssize_t)sizeof(*s) && s->type == OUTBOUND_STATUS;

		for (unsigned i = 0; is_good && i < COURIER_DESTINATIONS; i++)
			is_good = record_text_is_sane(s->destinations[i].error,
			                              sizeof(s->destinations[i].error));
		if (is_good)
			c->outbound.status = *s;
	}
	if (n == 0)
		drop_link(&c->outbound.courier); /* its parent hears of it, and ends all */
	free(s);
}

static bool needs_courier(const struct notify_conf *n)
{
	return n->host_count > 0 || n->journal || n->webhook_count > 0;
}

static void add_webhook(const struct control *c, const struct webhook_conf *from,
                        struct courier_webhook *to)
{
	const struct keychain *chain =
	        from->keychain ? config_find_keychain(c->config, from->keychain) : NULL;
	const struct key *key = chain ? keychain_send(chain, control_wall()) : NULL;

	(void)snprintf(to->name, sizeof(to->name), "%s", from->name);
	(void)snprintf(to->url, sizeof(to->url), "%s", from->url);
	to->timeout_s = from->timeout_s;
	to->retries = from->retries;
	if (key) {
		to->key_len = key->secret_len;
		memcpy(to->key, key->secret, key->secret_len);
	}
}

static void send_conf(struct control *c)
{
	const struct notify_conf *n = &c->config->notify;
	struct courier_conf *conf = xcalloc(1, sizeof(*conf));

	conf->type = OUTBOUND_CONFIGURE;
	conf->host_count = n->host_count;
	conf->webhook_count = n->webhook_count;
	conf->journal = n->journal;
	conf->egress = c->config->egress;
	for (uint32_t i = 0; i < n->host_count; i++) {
		(void)snprintf(conf->hosts[i].host, sizeof(conf->hosts[i].host), "%s",
		               n->hosts[i].host);
		conf->hosts[i].port = n->hosts[i].port;
		conf->hosts[i].transport = n->hosts[i].transport;
	}
	for (uint32_t i = 0; i < n->webhook_count; i++)
		add_webhook(c, &n->webhooks[i], &conf->webhooks[i]);
	c->outbound.courier.is_dirty = tell(&c->outbound.courier, conf, sizeof(*conf)) < 0;
	explicit_bzero(conf, sizeof(*conf)); /* it may hold keys */
	free(conf);
}

void control_outbound_message(struct control *c, enum syslog_severity severity, const char *text,
                              size_t len, size_t body_at)
{
	const struct notify_conf *n = &c->config->notify;
	struct outbound_link *l = &c->outbound.courier;
	struct courier_message m = { .type = OUTBOUND_MESSAGE,
		                     .severity = (uint8_t)severity,
		                     .facility = n->facility };

	if ((n->host_count == 0 && !n->journal) || (uint8_t)severity > n->level)
		return;
	m.len = (uint32_t)(len < sizeof(m.text) ? len : sizeof(m.text));
	m.body_at = (uint16_t)(body_at < m.len ? body_at : m.len);
	memcpy(m.text, text, m.len);
	l->lost += tell(l, &m, offsetof(struct courier_message, text) + m.len) < 0;
}

void control_outbound_event(struct control *c, uint32_t index, const char *text, size_t len)
{
	struct outbound_link *l = &c->outbound.courier;
	struct courier_event e = { .type = OUTBOUND_EVENT, .webhook = index };

	if (len > sizeof(e.text)) {
		l->lost++; /* half of a document is none */
		return;
	}
	e.len = (uint32_t)len;
	memcpy(e.text, text, len);
	l->lost += tell(l, &e, offsetof(struct courier_event, text) + e.len) < 0;
}

/* --- hooks -------------------------------------------------------------------------------------------------- */

static void log_ran(struct control *c, struct hook_ran *r)
{
	static const char *const ends[HOOK_ENDS] = {
		[HOOK_EXITED] = "exit code",
		[HOOK_SIGNALED] = "ended by signal",
		[HOOK_KILLED] = "killed at its time limit, signal",
		[HOOK_REFUSED] = "not started",
	};
	bool is_good = r->end == HOOK_EXITED && r->value == 0;
	char text[DIAG_TEXT_MAX];
	uint32_t len = r->len < sizeof(r->text) - 1 ? r->len : (uint32_t)sizeof(r->text) - 1;

	while (len > 0 && (r->text[len - 1] == '\n' || r->text[len - 1] == '\r'))
		len--;
	for (uint32_t i = 0; i < len; i++) {
		if ((unsigned char)r->text[i] < ' ' || (unsigned char)r->text[i] == 0x7f)
			r->text[i] = ' ';
	}
	r->text[len] = '\0';
	if (r->end == HOOK_REFUSED)
		(void)snprintf(text, sizeof(text), "hook %s was not started: %s", r->hook, r->text);
	else
		(void)snprintf(text, sizeof(text), "hook %s: %s %d after %" PRId64 " ms%s%.200s",
		               r->hook, ends[r->end], r->value, r->duration_ns / NS_PER_MS,
		               len ? ": " : "", r->text);
	if (is_good)
		log_info("control", "%s", text);
	else
		log_warn("control", "%s", text);
	control_note_trouble(c, text);
}

static void on_hooks(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	union {
		uint32_t type;
		struct hook_ran ran;
		struct hook_status status;
	} r;
	ssize_t n;

	(void)what;
	while ((n = recv(fd, &r, sizeof(r), MSG_DONTWAIT | MSG_TRUNC)) > 0) {
		if (n == (ssize_t)sizeof(r.ran) && r.type == OUTBOUND_RAN &&
		    r.ran.end < HOOK_ENDS && r.ran.len <= sizeof(r.ran.text) &&
		    record_text_is_sane(r.ran.hook, sizeof(r.ran.hook)))
			log_ran(c, &r.ran);
		else if (n == (ssize_t)sizeof(r.status) && r.type == OUTBOUND_HOOK_STATUS)
			c->outbound.hook_status = r.status;
	}
	if (n == 0)
		drop_link(&c->outbound.hooks);
}

/* Add a text with its terminator; false: there is no room. */
static bool add_text(struct hook_run *run, const char *text)
{
	size_t len = strlen(text) + 1;

	if (run->len + len > sizeof(run->text))
		return false;
	memcpy(run->text + run->len, text, len);
	run->len += (uint32_t)len;
	return true;
}

static bool fill_run(const struct control *c, const struct hook_conf *h,
                     const struct hook_order *order, struct hook_run *run)
{
	char text[DIAG_TEXT_MAX];
	bool fits = add_text(run, h->file);

	run->argument_count = 1;
	for (uint32_t i = 0; i < h->argument_count; i++, run->argument_count++)
		fits = fits && add_text(run, h->arguments[i]);
	for (unsigned i = 0; order->arguments && order->arguments[i]; i++, run->argument_count++)
		fits = fits && i < HOOK_ARGUMENTS_MAX && add_text(run, order->arguments[i]);
	for (unsigned i = 0; order->environment && order->environment[i];
	     i++, run->environment_count++)
		fits = fits && i < HOOK_ENVIRONMENT_MAX && add_text(run, order->environment[i]);
	run->environment_count += 3;
	fits = fits && add_text(run, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	(void)snprintf(text, sizeof(text), "CANDOR_NODE=%s", control_node_name(c));
	fits = fits && add_text(run, text);
	(void)snprintf(text, sizeof(text), "CANDOR_HOOK=%s", h->name);
	return fits && add_text(run, text);
}

int control_run_hook(struct control *c, const struct hook_order *order, struct diag *d)
{
	const struct hook_conf *h = notify_find_hook(&c->config->notify, order->hook);
	struct outbound_link *l = &c->outbound.hooks;
	struct hook_run run = { .type = OUTBOUND_RUN };

	if (!h) {
		c->outbound.unknown_hooks++;
		return diag_set(d, -ENOENT, "no hook '%s' is configured", order->hook);
	}
	(void)snprintf(run.hook, sizeof(run.hook), "%s", h->name);
	run.timeout_s = h->timeout_s;
	if (!fill_run(c, h, order, &run))
		return diag_set(d, -EINVAL, "the order of hook '%s' is too large", h->name);
	if (tell(l, &run, offsetof(struct hook_run, text) + run.len) < 0) {
		l->lost++;
		return diag_set(d, -EDQUOT, "too many commands wait: '%s' is not run", h->name);
	}
	return 0;
}

/* --- life --------------------------------------------------------------------------------------------------- */

void control_outbound_init(struct control *c)
{
	c->outbound.courier.fd = -1;
	c->outbound.hooks.fd = -1;
}

void control_outbound_apply(struct control *c)
{
	const struct notify_conf *n = &c->config->notify;

	if (needs_courier(n))
		begin_link(c, &c->outbound.courier, OUTBOUND_COURIER, on_courier);
	if (n->hook_count > 0)
		begin_link(c, &c->outbound.hooks, OUTBOUND_HOOKS, on_hooks);
	if (c->outbound.courier.fd >= 0)
		send_conf(c);
}

/* Keys roll over, and what was not taken is sent again. */
void control_outbound_tick(struct control *c)
{
	bool is_due = c->outbound.courier.is_dirty || c->ticks % TICKS_PER_KEY_LOOK == 0;

	if (is_due && c->outbound.courier.fd >= 0)
		send_conf(c);
}

void control_outbound_stop(struct control *c)
{
	drop_link(&c->outbound.courier);
	drop_link(&c->outbound.hooks);
}

/* --- objects ------------------------------------------------------------------------------------------------ */

static void add_counters(struct arena *a, struct doc *to, const struct courier_counters *n)
{
	object_add_u64(a, to, "sent", n->sent);
	object_add_u64(a, to, "failed", n->failed);
	object_add_u64(a, to, "retried", n->retried);
	object_add_u64(a, to, "dropped", n->dropped);
	doc_add_int(a, to, "queued", n->queued);
	doc_add_text(a, to, "error", n->error);
}

static void add_hosts(const struct control *c, struct arena *a, struct doc *to)
{
	const struct notify_conf *n = &c->config->notify;
	struct doc *list = doc_add_list(a, to, "hosts");

	for (uint32_t i = 0; i < n->host_count; i++) {
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_text(a, row, "host", n->hosts[i].host);
		doc_add_text(a, row, "transport", logging_transport_names[n->hosts[i].transport]);
		doc_add_int(a, row, "port", n->hosts[i].port);
		doc_add_bool(a, row, "connected", c->outbound.status.destinations[i].is_connected);
		add_counters(a, row, &c->outbound.status.destinations[i]);
	}
	if (!n->journal) {
		doc_add_null(a, to, "journal");
		return;
	}
	struct doc *row = doc_add_map(a, to, "journal");

	doc_add_bool(a, row, "connected",
	             c->outbound.status.destinations[COURIER_JOURNAL].is_connected);
	add_counters(a, row, &c->outbound.status.destinations[COURIER_JOURNAL]);
}

static void add_webhooks(const struct control *c, struct arena *a, struct doc *to)
{
	const struct notify_conf *n = &c->config->notify;
	struct doc *list = doc_add_list(a, to, "webhooks");

	for (uint32_t i = 0; i < n->webhook_count; i++) {
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_text(a, row, "name", n->webhooks[i].name);
		doc_add_text(a, row, "url", n->webhooks[i].url);
		doc_add_bool(a, row, "signed", n->webhooks[i].keychain != NULL);
		add_counters(a, row, &c->outbound.status.destinations[COURIER_WEBHOOK(i)]);
	}
}

static void add_hooks(const struct control *c, struct arena *a, struct doc *to)
{
	const struct notify_conf *n = &c->config->notify;
	const struct hook_status *s = &c->outbound.hook_status;
	struct doc *hooks = doc_add_map(a, to, "hooks");
	struct doc *list = doc_add_list(a, hooks, "configured");

	for (uint32_t i = 0; i < n->hook_count; i++) {
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_text(a, row, "name", n->hooks[i].name);
		doc_add_text(a, row, "command", n->hooks[i].file);
		doc_add_int(a, row, "timeout_s", n->hooks[i].timeout_s);
	}
	object_add_u64(a, hooks, "started", s->started);
	object_add_u64(a, hooks, "succeeded", s->succeeded);
	object_add_u64(a, hooks, "failed", s->failed);
	object_add_u64(a, hooks, "killed", s->killed);
	object_add_u64(a, hooks, "refused", s->refused);
	object_add_u64(a, hooks, "dropped", s->dropped);
	object_add_u64(a, hooks, "unknown", c->outbound.unknown_hooks);
	doc_add_int(a, hooks, "queued", s->queued);
	doc_add_int(a, hooks, "running", s->running);
}

int control_outbound_handle(void *ctx, const struct object_request *request, struct arena *a,
                            struct doc **ret, struct diag *d)
{
	const struct control *c = ctx;
	const struct notify_conf *n = &c->config->notify;
	struct doc *to = object_new(a, "notification");

	(void)request, (void)d;
	doc_add_bool(a, to, "logging_traps", n->logging_traps);
	doc_add_bool(a, to, "reaction_alerts", n->reaction_alerts);
	doc_add_text(a, to, "delivery", reaction_delivery_names[n->delivery]);
	doc_add_text(a, to, "level", logging_level_names[n->level]);
	doc_add_text(a, to, "facility", logging_facility_names[n->facility]);
	object_add_u64(a, to, "events", c->event_serial);
	object_add_u64(a, to, "lost", c->outbound.courier.lost + c->outbound.hooks.lost);
	add_hosts(c, a, to);
	add_webhooks(c, a, to);
	add_hooks(c, a, to);
	*ret = to;
	return 0;
}
