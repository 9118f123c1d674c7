/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks.  libcurl gets no name to look up and no socket that the egress policy does not permit: the address is
 * found here, and every socket it asks for is checked. */
#include "io/webhook_post.h"

#include "base/xalloc.h"
#include "io/fd_octets.h"
#include "io/resolver.h"
#include "io/sockaddr.h"

#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANCHORS_MAX   (8u << 20)
#define WAIT_MAX_S    300
#define HEADER_MAX    160
#define RESOLVE_MAX   512
#define HTTP_OK_FIRST 200
#define HTTP_OK_LAST  299

struct webhooks {
	struct event_base *base;
	struct resolver *resolver;
	const struct egress_policy *egress;
	CURLM *multi;
	struct event *timer;
	char *anchors; /* PEM */
	size_t anchors_len;
};

struct body {
	struct body *next;
	size_t len;
	char octets[];
};

struct webhook {
	struct webhooks *all;
	char *url, *host;
	uint16_t port;
	uint32_t timeout_s, retries;
	uint8_t key[WEBHOOK_KEY_MAX];
	uint8_t key_len;
	struct body *first, **last;
	uint32_t attempts; /* of the first body */
	bool is_looking_up, is_gone, is_waiting;
	bool was_denied; /* by the egress policy, in this attempt */
	CURL *easy;      /* of an attempt that is on */
	struct curl_slist *headers, *resolve;
	size_t response_octets;
	struct event *timer; /* until the next attempt */
	char curl_error[CURL_ERROR_SIZE];
	struct webhook_counters n;
};

static void next_attempt(struct webhook *h);

/* --- the loop of libcurl on ours ---------------------------------------------------------------------------- */

static void reap(struct webhooks *w);

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct webhooks *w = arg;
	int running;

	(void)curl_multi_socket_action(w->multi, fd,
	                               (what & EV_READ ? CURL_CSELECT_IN : 0) |
	                                       (what & EV_WRITE ? CURL_CSELECT_OUT : 0),
	                               &running);
	reap(w);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct webhooks *w = arg;
	int running;

	(void)fd, (void)what;
	(void)curl_multi_socket_action(w->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(w);
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *ctx, void *of_socket)
{
	struct webhooks *w = ctx;
	struct event *e = of_socket;

	(void)easy;
	if (e)
		event_free(e);
	e = NULL;
	if (what != CURL_POLL_REMOVE) {
		e = event_new(w->base, fd,
		              (short)((what & CURL_POLL_IN ? EV_READ : 0) |
		                      (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST),
		              on_socket, w);
		if (!e || event_add(e, NULL) < 0)
			abort(); /* out of memory */
	}
	(void)curl_multi_assign(w->multi, fd, e);
	return 0;
}

static int timer_wanted(CURLM *multi, long after_ms, void *ctx)
{
	struct webhooks *w = ctx;
	const struct timeval after = { .tv_sec = after_ms / 1000,
		                       .tv_usec = after_ms % 1000 * 1000 };

	(void)multi;
	if (after_ms < 0)
		(void)event_del(w->timer);
	else
		(void)event_add(w->timer, &after);
	return 0;
}

/* --- one attempt ----------------------------------------------------------------------------------------------- */

/* Where the kernel is about to connect to. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct webhook *h = ctx;
	union sockaddr_any sa = { 0 };

	(void)purpose;
	if (to->addrlen > sizeof(sa))
		return CURL_SOCKET_BAD;
	memcpy(&sa, &to->addr, to->addrlen);
	struct inet_endpoint peer = sockaddr_to_endpoint(&sa);

	if (!egress_permits(h->all->egress, EGRESS_WEBHOOK, &peer.addr)) {
		char text[INET_TEXT_MAX];

		h->was_denied = true;
		(void)snprintf(h->n.error, sizeof(h->n.error),
		               "%s is not permitted (ip sla egress access-group)",
		               inet_addr_format(&peer.addr, text));
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->protocol);
}

/* What is answered is not looked at; an answer without end ends the transfer. */
static size_t take_response(char *octets, size_t size, size_t count, void *ctx)
{
	struct webhook *h = ctx;

	(void)octets;
	h->response_octets += size * count;
	return h->response_octets > WEBHOOK_RESPONSE_MAX ? 0 : size * count;
}

static void add_header(struct webhook *h, const char *line)
{
	struct curl_slist *grown = curl_slist_append(h->headers, line);

	if (!grown)
		abort(); /* out of memory */
	h->headers = grown;
}

static void add_signature(struct webhook *h)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char line[HEADER_MAX];
	size_t at;

	if (h->key_len == 0)
		return;
	if (!HMAC(EVP_sha256(), h->key, h->key_len, (const uint8_t *)h->first->octets,
	          h->first->len, mac, &len))
		abort(); /* out of memory */
	at = (size_t)snprintf(line, sizeof(line), "Candor-Signature: sha256=");
	for (unsigned i = 0; i < len; i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%02x", mac[i]);
	add_header(h, line);
}

static void set_transfer(struct webhook *h)
{
	const struct webhooks *w = h->all;
	struct curl_blob anchors = { w->anchors, w->anchors_len, CURL_BLOB_NOCOPY };
	CURL *e = h->easy;

	(void)curl_easy_setopt(e, CURLOPT_URL, h->url);
	(void)curl_easy_setopt(e, CURLOPT_PRIVATE, h);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
	(void)curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &anchors);
	(void)curl_easy_setopt(e, CURLOPT_RESOLVE, h->resolve);
	(void)curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	(void)curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, h);
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->headers);
	(void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->first->len);
	(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, &h->first->octets[0]);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_response);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
	(void)curl_easy_setopt(e, CURLOPT_TIMEOUT, (long)h->timeout_s);
	(void)curl_easy_setopt(e, CURLOPT_FORBID_REUSE,
	                       1L); /* the policy may be another one next time */
	(void)curl_easy_setopt(e, CURLOPT_ERRORBUFFER, h->curl_error);
	(void)curl_easy_setopt(e, CURLOPT_USERAGENT, "candor/" CANDOR_VERSION);
}

static void post(struct webhook *h, const struct inet_addr *addr)
{
	char entry[RESOLVE_MAX], text[INET_TEXT_MAX];
	bool is_v6 = addr->family == INET_V6;

	struct inet_addr numeric;

	(void)snprintf(entry, sizeof(entry), "%s:%u:%s%s%s", h->host, h->port, is_v6 ? "[" : "",
	               inet_addr_format(addr, text), is_v6 ? "]" : "");
	h->easy = curl_easy_init();
	/* An address needs no entry, and one of IPv6 has colons. */
	if (inet_addr_parse(h->host, &numeric) != 0)
		h->resolve = curl_slist_append(NULL, entry);
	if (!h->easy)
		abort(); /* out of memory */
	h->response_octets = 0;
	h->was_denied = false;
	h->curl_error[0] = '\0';
	add_header(h, "Content-Type: application/json");
	add_header(h, "Expect:");
	add_signature(h);
	set_transfer(h);
	(void)curl_multi_add_handle(h->all->multi, h->easy);
}

static void end_transfer(struct webhook *h)
{
	if (h->easy) {
		(void)curl_multi_remove_handle(h->all->multi, h->easy);
		curl_easy_cleanup(h->easy);
	}
	h->easy = NULL;
	curl_slist_free_all(h->headers);
	curl_slist_free_all(h->resolve);
	h->headers = h->resolve = NULL;
}

static void pop(struct webhook *h)
{
	struct body *b = h->first;

	h->first = b->next;
	if (!h->first)
		h->last = &h->first;
	free(b);
	h->n.queued--;
	h->attempts = 0;
}

/* Once more after a pause, or given up. */
static void failed(struct webhook *h, bool is_final)
{
	uint32_t chance, exponent = h->attempts < 9 ? h->attempts : 9;
	uint64_t wait_ms = UINT64_C(1000) << exponent;

	if (is_final || h->attempts == h->retries) {
		h->n.failed++;
		pop(h);
		next_attempt(h);
		return;
	}
	h->attempts++;
	h->n.retried++;
	if (wait_ms > WAIT_MAX_S * UINT64_C(1000))
		wait_ms = WAIT_MAX_S * UINT64_C(1000);
	evutil_secure_rng_get_bytes(&chance, sizeof(chance));
	wait_ms -= chance % (wait_ms / 4);
	const struct timeval after = { .tv_sec = (time_t)(wait_ms / 1000),
		                       .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000) };

	h->is_waiting = event_add(h->timer, &after) == 0;
}

/* What a server may say differently a moment later. */
static bool is_passing(long code)
{
	return code >= 500 || code == 408 || code == 425 || code == 429;
}

static void finished(struct webhook *h, CURLcode rc)
{
	long code = 0;

	(void)curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &code);
	end_transfer(h);
	if (code >= HTTP_OK_FIRST && code <= HTTP_OK_LAST) {
		h->n.sent++;
		h->n.error[0] = '\0';
		pop(h);
		next_attempt(h);
		return;
	}
	if (code != 0)
		(void)snprintf(h->n.error, sizeof(h->n.error), "the server answered %ld", code);
	else if (!h->was_denied)
		(void)snprintf(h->n.error, sizeof(h->n.error), "%.120s",
		               h->curl_error[0] ? h->curl_error : curl_easy_strerror(rc));
	failed(h, h->was_denied || (code != 0 && !is_passing(code)));
}

static void reap(struct webhooks *w)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(w->multi, &left))) {
		char *of = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode rc = m->data.result;

		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &of);
		finished((struct webhook *)(void *)of, rc);
	}
}

static void release(struct webhook *h)
{
	free(h->url);
	free(h->host);
	explicit_bzero(h->key, sizeof(h->key));
	free(h);
}

static void on_looked_up(void *ctx, const struct inet_addr *addr, const char *error)
{
	struct webhook *h = ctx;

	h->is_looking_up = false;
	if (h->is_gone) {
		release(h);
	} else if (!addr) {
		(void)snprintf(h->n.error, sizeof(h->n.error), "%.120s", error);
		failed(h, false);
	} else {
		post(h, addr);
	}
}

static void next_attempt(struct webhook *h)
{
	if (!h->first || h->easy || h->is_looking_up || h->is_waiting)
		return;
	h->is_looking_up = true;
	resolver_lookup(h->all->resolver, h->host, INET_NONE, on_looked_up, h);
}

static void on_wait_over(evutil_socket_t fd, short what, void *arg)
{
	struct webhook *h = arg;

	(void)fd, (void)what;
	h->is_waiting = false;
	next_attempt(h);
}

/* --- for the owner ------------------------------------------------------------------------------------------------ */

/* The trust anchors of the host as one text. */
static int read_anchors(struct webhooks *w, struct diag *d)
{
	static const char *const bundles[] = { "/etc/ssl/certs/ca-certificates.crt",
		                               "/etc/pki/tls/certs/ca-bundle.crt",
		                               "/etc/ssl/cert.pem" };
	const char *given = getenv(X509_get_default_cert_file_env());
	int fd = given && *given ? open(given, O_RDONLY | O_CLOEXEC) : -1;

	for (size_t i = 0; fd < 0 && !(given && *given) && i < ARRAY_LEN(bundles); i++)
		fd = open(bundles[i], O_RDONLY | O_CLOEXEC);
	w->anchors = xcalloc(1, ANCHORS_MAX);
	int rc = fd < 0 ? 0 : fd_read(fd, w->anchors, ANCHORS_MAX, &w->anchors_len);

	fd_closep(&fd);
	return rc < 0 ? diag_set(d, rc, "cannot read the trust anchors: %s", strerror(-rc)) : 0;
}

struct webhooks *webhooks_new(struct event_base *base, struct resolver *resolver,
                              const struct egress_policy *egress, struct diag *d)
{
	struct webhooks *w = xcalloc(1, sizeof(*w));

	w->base = base;
	w->resolver = resolver;
	w->egress = egress;
	w->timer = evtimer_new(base, on_timer, w);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		w->multi = curl_multi_init();
	if (!w->multi || !w->timer || read_anchors(w, d) < 0) {
		webhooks_free(w);
		(void)diag_set(d, -ENOMEM, "libcurl does not start");
		return NULL;
	}
	(void)curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
	(void)curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
	(void)curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
	(void)curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
	return w;
}

void webhooks_free(struct webhooks *w)
{
	if (!w)
		return;
	if (w->multi)
		(void)curl_multi_cleanup(w->multi);
	if (w->timer)
		event_free(w->timer);
	free(w->anchors);
	free(w);
}

static char *copy(const char *text)
{
	size_t cap = strlen(text) + 1;
	char *to = xcalloc(1, cap);

	(void)snprintf(to, cap, "%s", text);
	return to;
}

/* Host and port of the address, as libcurl will read them. */
static void find_host(struct webhook *h)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;

	if (!u)
		abort(); /* out of memory */
	if (curl_url_set(u, CURLUPART_URL, h->url, 0) == CURLUE_OK) {
		(void)curl_url_get(u, CURLUPART_HOST, &host, 0);
		(void)curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	}
	h->host = copy(host ? host : "");
	/* An address of IPv6 stands in brackets there. */
	if (h->host[0] == '[') {
		size_t len = strlen(h->host);

		memmove(h->host, h->host + 1, len);
		h->host[len - 2] = '\0';
	}
	h->port = (uint16_t)(port ? strtoul(port, NULL, 10) : 443);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
}

struct webhook *webhook_new(struct webhooks *w, const struct webhook_cfg *cfg)
{
	struct webhook *h = xcalloc(1, sizeof(*h));

	h->all = w;
	h->url = copy(cfg->url);
	h->timeout_s = cfg->timeout_s;
	h->retries = cfg->retries;
	h->key_len = cfg->key_len < WEBHOOK_KEY_MAX ? cfg->key_len : WEBHOOK_KEY_MAX;
	if (h->key_len > 0)
		memcpy(h->key, cfg->key, h->key_len);
	h->last = &h->first;
	h->timer = evtimer_new(w->base, on_wait_over, h);
	if (!h->timer)
		abort(); /* out of memory */
	find_host(h);
	return h;
}

void webhook_free(struct webhook *h)
{
	if (!h)
		return;
	end_transfer(h);
	while (h->first)
		pop(h);
	event_free(h->timer);
	if (h->is_looking_up)
		h->is_gone = true; /* the answer frees the rest */
	else
		release(h);
}

void webhook_send(struct webhook *h, const char *body, size_t len)
{
	if (h->n.queued == WEBHOOK_QUEUE_MAX) {
		h->n.dropped++;
		return;
	}
	struct body *b = xcalloc(1, sizeof(*b) + len);

	b->len = len;
	memcpy(b->octets, body, len);
	*h->last = b;
	h->last = &b->next;
	h->n.queued++;
	next_attempt(h);
}

const struct webhook_counters *webhook_counters(const struct webhook *h)
{
	return &h->n;
}
