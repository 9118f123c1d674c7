/* SPDX-License-Identifier: Apache-2.0 */
/* The courier: control says what to bring where, and hears how that goes. */
#include "candord/courier.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/outbound.h"
#include "io/log_sink.h"
#include "io/process.h"
#include "io/resolver.h"
#include "io/sandbox.h"
#include "io/signals.h"
#include "io/tls.h"
#include "io/webhook_post.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECORDS_PER_TURN 16

struct courier {
	struct event_base *base;
	struct resolver *resolver;
	struct tls_context *tls;
	struct webhooks *webhooks;
	int journal; /* -1: there is none */
	char journal_error[OUTBOUND_ERROR_MAX];
	struct courier_conf conf;
	struct log_sink *sinks[LOGGING_HOSTS_MAX];
	struct webhook *hooks[WEBHOOKS_MAX];
	struct courier_counters journal_counters;
	struct courier_status status, told;
	union {
		uint32_t type;
		struct courier_conf conf;
		struct courier_message message;
		struct courier_event event;
	} record;
	int exit_code;
};

/* --- what control says ---------------------------------------------------------------------------------------- */

static bool same_host(const struct courier_host *a, const struct courier_host *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port && a->transport == b->transport;
}

static bool same_webhook(const struct courier_webhook *a, const struct courier_webhook *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->url, b->url) == 0 &&
	       a->timeout_s == b->timeout_s && a->retries == b->retries &&
	       a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

static struct log_sink *new_sink(struct courier *c, const struct courier_host *h)
{
	static const enum log_sink_kind kinds[LOGGING_TRANSPORT_COUNT] = {
		[LOGGING_UDP] = LOG_SINK_UDP,
		[LOGGING_TCP] = LOG_SINK_TCP,
		[LOGGING_TLS] = LOG_SINK_TLS,
	};
	const struct log_sink_cfg cfg = {
		.kind = kinds[h->transport],
		.host = h->host,
		.port = h->port,
		.base = c->base,
		.resolver = c->resolver,
		.tls = c->tls,
	};

	return log_sink_new(&cfg);
}

/* What stays the same keeps its queue and its connection. */
static void set_hosts(struct courier *c, const struct courier_conf *to)
{
	for (uint32_t i = 0; i < LOGGING_HOSTS_MAX; i++) {
		bool was = i < c->conf.host_count, is = i < to->host_count;

		if (was && is && same_host(&c->conf.hosts[i], &to->hosts[i]))
			continue;
		log_sink_free(c->sinks[i]);
		c->sinks[i] = is ? new_sink(c, &to->hosts[i]) : NULL;
	}
}

static void set_webhooks(struct courier *c, const struct courier_conf *to)
{
	for (uint32_t i = 0; i < WEBHOOKS_MAX; i++) {
		bool was = i < c->conf.webhook_count, is = i < to->webhook_count;
		const struct courier_webhook *w = &to->webhooks[i];

		if (was && is && same_webhook(&c->conf.webhooks[i], w))
			continue;
		webhook_free(c->hooks[i]);
		const struct webhook_cfg cfg = { w->url, w->timeout_s, w->retries, w->key,
			                         w->key_len };

		c->hooks[i] = is ? webhook_new(c->webhooks, &cfg) : NULL;
	}
}

static bool is_text(const char *text, size_t cap)
{
	return memchr(text, '\0', cap) != NULL;
}

static bool is_conf(const struct courier_conf *c, size_t len)
{
	if (len != sizeof(*c) || c->host_count > LOGGING_HOSTS_MAX ||
	    c->webhook_count > WEBHOOKS_MAX || c->egress.rule_count > EGRESS_RULES_MAX)
		return false;
	for (uint32_t i = 0; i < c->host_count; i++) {
		if (!is_text(c->hosts[i].host, sizeof(c->hosts[i].host)) ||
		    c->hosts[i].transport >= LOGGING_TRANSPORT_COUNT)
			return false;
	}
	for (uint32_t i = 0; i < c->webhook_count; i++) {
		if (!is_text(c->webhooks[i].url, sizeof(c->webhooks[i].url)) ||
		    !is_text(c->webhooks[i].name, sizeof(c->webhooks[i].name)) ||
		    c->webhooks[i].key_len > sizeof(c->webhooks[i].key))
			return false;
	}
	return true;
}

static void configure(struct courier *c, const struct courier_conf *to)
{
	set_hosts(c, to);
	set_webhooks(c, to);
	c->conf = *to; /* with the egress policy, to which the webhooks look */
}

static void bring_message(struct courier *c, const struct courier_message *m)
{
	for (uint32_t i = 0; i < c->conf.host_count; i++)
		log_sink_send(c->sinks[i], m->text, m->len);
	if (!c->conf.journal)
		return;
	int rc = c->journal < 0 ? -ENOTCONN
	                        : journal_send(c->journal, m->severity, m->facility,
	                                       m->text + m->body_at, m->len - m->body_at);

	c->journal_counters.sent += rc == 0;
	c->journal_counters.failed += rc < 0;
	(void)snprintf(c->journal_counters.error, sizeof(c->journal_counters.error), "%s",
	               rc == 0          ? ""
	               : c->journal < 0 ? c->journal_error
	                                : strerror(-rc));
}

/* False: the record makes no sense. */
static bool take(struct courier *c, size_t len)
{
	const struct courier_message *m = &c->record.message;
	const struct courier_event *e = &c->record.event;

	if (len < sizeof(uint32_t))
		return false;
	switch (c->record.type) {
	case OUTBOUND_CONFIGURE:
		if (!is_conf(&c->record.conf, len))
			return false;
		configure(c, &c->record.conf);
		return true;
	case OUTBOUND_MESSAGE:
		if (len < offsetof(struct courier_message, text) || m->len > sizeof(m->text) ||
		    len != offsetof(struct courier_message, text) + m->len || m->body_at > m->len)
			return false;
		bring_message(c, m);
		return true;
	case OUTBOUND_EVENT:
		if (len < offsetof(struct courier_event, text) || e->len > sizeof(e->text) ||
		    len != offsetof(struct courier_event, text) + e->len)
			return false;
		if (e->webhook < c->conf.webhook_count)
			webhook_send(c->hooks[e->webhook], e->text, e->len);
		return true;
	default:
		return false;
	}
}

static void end(struct courier *c, int exit_code)
{
	c->exit_code = exit_code;
	(void)event_base_loopbreak(c->base); /* fails only without a loop */
}

static void on_control(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;

	(void)what;
	for (unsigned i = 0; i < RECORDS_PER_TURN; i++) {
		ssize_t n = recv(fd, &c->record, sizeof(c->record), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			end(c, CANDORD_EXIT_OK); /* the order to end */
			return;
		}
		if ((size_t)n > sizeof(c->record) || !take(c, (size_t)n)) {
			log_err("courier", "an order of control makes no sense");
			end(c, CANDORD_EXIT_SYSTEM);
			return;
		}
	}
}

/* --- what control hears ----------------------------------------------------------------------------------------- */

static void gather(struct courier *c)
{
	memset(&c->status, 0, sizeof(c->status));
	c->status.type = OUTBOUND_STATUS;
	for (uint32_t i = 0; i < c->conf.host_count; i++) {
		const struct log_sink_counters *n = log_sink_counters(c->sinks[i]);
		struct courier_counters *to = &c->status.destinations[i];

		to->sent = n->sent;
		to->failed = n->failed;
		to->retried = n->retried;
		to->dropped = n->dropped;
		to->queued = n->queued;
		to->is_connected = n->is_connected;
		memcpy(to->error, n->error, sizeof(to->error));
	}
	c->journal_counters.is_connected = c->journal >= 0;
	memcpy(&c->status.destinations[COURIER_JOURNAL], &c->journal_counters,
	       sizeof(c->journal_counters));
	for (uint32_t i = 0; i < c->conf.webhook_count; i++) {
		const struct webhook_counters *n = webhook_counters(c->hooks[i]);
		struct courier_counters *to = &c->status.destinations[COURIER_WEBHOOK(i)];

		to->sent = n->sent;
		to->failed = n->failed;
		to->retried = n->retried;
		to->dropped = n->dropped;
		to->queued = n->queued;
		memcpy(to->error, n->error, sizeof(to->error));
	}
}

static bool is_news(const struct courier_status *a, const struct courier_status *b)
{
	for (unsigned i = 0; i < COURIER_DESTINATIONS; i++) {
		const struct courier_counters *x = &a->destinations[i], *y = &b->destinations[i];

		if (x->sent != y->sent || x->failed != y->failed || x->retried != y->retried ||
		    x->dropped != y->dropped || x->queued != y->queued ||
		    x->is_connected != y->is_connected || strcmp(x->error, y->error) != 0)
			return true;
	}
	return false;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct courier *c = arg;

	(void)fd, (void)what;
	gather(c);
	if (!is_news(&c->status, &c->told))
		return;
	if (send(PROCESS_FD_FIRST, &c->status, sizeof(c->status), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		memcpy(&c->told, &c->status, sizeof(c->told));
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	if (signals_read(fd) != 0)
		end(arg, CANDORD_EXIT_OK);
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static int watch(struct courier *c, int fd, event_callback_fn callback)
{
	static const struct timeval second = { .tv_sec = 1 };
	struct event *e = event_new(c->base, fd, (fd < 0 ? 0 : EV_READ) | EV_PERSIST, callback, c);

	return e && event_add(e, fd < 0 ? &second : NULL) == 0 ? 0 : -ENOMEM;
}

static int start(struct courier *c, const char *journal_path)
{
	static const int stop_signals[] = { SIGTERM, SIGINT, 0 };
	struct diag d = { 0 };
	int signal_fd = signals_block(stop_signals);

	c->base = event_base_new();
	c->resolver = c->base ? resolver_new(c->base) : NULL;
	if (signal_fd < 0 || !c->resolver)
		return signal_fd < 0 ? signal_fd : -ENOMEM;
	c->journal = journal_open(journal_path, &d);
	if (c->journal < 0)
		(void)snprintf(c->journal_error, sizeof(c->journal_error), "%.120s", d.text);
	int rc = tls_context_new_browsing(&c->tls, &d);

	if (rc < 0)
		return rc;
	c->webhooks = webhooks_new(c->base, c->resolver, &c->conf.egress, &d);
	if (!c->webhooks) {
		log_err("courier", "%s", d.text);
		return -ENOMEM;
	}
	rc = watch(c, signal_fd, on_signal);
	if (rc == 0)
		rc = watch(c, PROCESS_FD_FIRST, on_control);
	if (rc == 0)
		rc = watch(c, -1, on_tick);
	if (rc == 0)
		rc = sandbox_courier(&d);
	if (rc < 0)
		log_err("courier", "cannot confine itself: %s", d.text);
	return rc;
}

int courier_main(const struct candord_options *options)
{
	static struct courier c; /* zeroed; large, and there is one */
	int rc = process_enter("courier", 1);

	if (rc == 0)
		rc = start(&c, options->journal_path);
	if (rc < 0) {
		log_err("courier", "cannot start: %s", strerror(-rc));
		return CANDORD_EXIT_SYSTEM;
	}
	return event_base_dispatch(c.base) < 0 ? CANDORD_EXIT_SYSTEM : c.exit_code;
}
