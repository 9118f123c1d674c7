/* SPDX-License-Identifier: Apache-2.0 */
/* How this node is administered: the server with its listeners, and who may do what. */
#include "candord/control_state.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/parent_client.h"
#include "io/process.h"
#include "object/page.h"
#include "object/paths.h"
#include "object/result_object.h"
#include "wire/namp_seal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NAMP_SOFTWARE     "candor " CANDOR_VERSION
#define SESSIONS_PER_LOOK 64u

/* --- roles ---------------------------------------------------------------------------------------- */

const struct namp_conf *control_namp_conf(const struct control *c)
{
	static const struct namp_conf none = { .default_role = ROLE_NONE };

	return c->config ? &c->config->namp : &none;
}

static const struct namp_user *find_user(const struct namp_conf *conf, const char *name)
{
	for (uint32_t i = 0; i < conf->user_count; i++) {
		if (strcmp(conf->users[i].name, name) == 0)
			return &conf->users[i];
	}
	return NULL;
}

/* docs/namp.md section 10. */
static enum admin_role role_of(void *ctx, const char *name, bool is_local, uint32_t uid)
{
	const struct control *c = ctx;
	const struct namp_conf *conf = control_namp_conf(c);
	const struct namp_user *user = find_user(conf, name);

	if (is_local && (uid == 0 || uid == c->starter_uid))
		return ROLE_ADMINISTRATOR;
	if (!is_local && strncmp(name, CONTROL_LOCAL_PREFIX, strlen(CONTROL_LOCAL_PREFIX)) == 0)
		return ROLE_NONE; /* no certificate and no key has such a name */
	if (user)
		return (enum admin_role)user->role;
	return is_local ? ROLE_VIEWER : (enum admin_role)conf->default_role;
}

/* --- listeners ------------------------------------------------------------------------------------ */

int control_namp_bind(struct namp_listener *l, bool is_udp)
{
	const char *what = is_udp ? "UDP" : "TCP";
	struct diag d = { 0 };

	l->is_open = false;
	if (!l->enabled) {
		l->error[0] = '\0';
		return -1;
	}
	int fd = parent_bind_namp(CONTROL_PARENT_REQUESTS, is_udp, &l->address, l->port, &d);

	if (fd < 0 && strcmp(l->error, d.text) != 0) /* said once, tried again and again */
		log_err("namp", "%s port %" PRIu16 " is not served: %s", what, l->port, d.text);
	else if (fd >= 0 && l->error[0] != '\0')
		log_info("namp", "%s port %" PRIu16 " is served now", what, l->port);
	(void)snprintf(l->error, sizeof(l->error), "%s", fd < 0 ? d.text : "");
	l->is_open = fd >= 0;
	return fd >= 0 ? fd : -1;
}

static void bind_tcp(struct control *c)
{
	struct control_namp *n = &c->namp;
	const struct namp_conf *conf = control_namp_conf(c);

	n->tcp.enabled = conf->tcp;
	n->tcp.address = conf->address;
	n->tcp.port = conf->tcp_port;
	namp_server_stop_tls(c->server);
	int fd = control_namp_bind(&n->tcp, false);

	if (fd >= 0 && namp_server_listen_tls(c->server, fd) < 0)
		n->tcp.is_open = false;
}

void control_namp_retry_ports(struct control *c)
{
	if (c->namp.tcp.enabled && !c->namp.tcp.is_open)
		bind_tcp(c);
	if (c->namp.udp.enabled && !c->namp.udp.is_open)
		control_datagrams_retry_port(c);
}

void control_namp_apply(struct control *c, const struct config_diff *diff, bool is_first)
{
	namp_server_set_name(c->server, control_node_name(c));
	namp_server_set_limits(c->server, &control_namp_conf(c)->limits);
	if (diff->namp_ports || is_first)
		bind_tcp(c);
	control_datagrams_apply(c, diff->namp_ports || is_first);
	if (diff->namp || is_first)
		control_identity_renew(c); /* changed or not: keys and roles did */
}

/* --- life ----------------------------------------------------------------------------------------- */

int control_namp_start(struct control *c)
{
	const struct namp_server_cfg cfg = {
		.software = NAMP_SOFTWARE,
		.node_name = c->hostname,
		.handle = control_handle,
		.role_of = role_of,
		.watch = control_watch,
		.session_began = control_session_began,
		.session_ended = control_session_ended,
		.ctx = c,
	};

	(void)process_raise_descriptors(); /* too few: strangers are turned away, and counted */
	int rc = namp_seal_prepare();      /* what libcrypto loads, while files may be opened */

	if (rc < 0)
		return rc;
	c->server = namp_server_new(c->base, &cfg);
	if (!c->server)
		return -ENOMEM;
	return namp_server_listen_local(c->server, PROCESS_FD_FIRST + CONTROL_FD_LISTEN);
}

void control_namp_stop(struct control *c)
{
	datagrams_free(c->datagrams); /* acts on what waits, of which watchers are told */
	namp_server_free(c->server);
	control_identity_forget(c);
}

/* --- objects -------------------------------------------------------------------------------------- */

static int get_namp(struct control *c, struct arena *a, struct doc **ret)
{
	const struct namp_view view = {
		.tcp = c->namp.tcp,
		.udp = c->namp.udp,
		.identity = c->namp.identity,
		.limits = control_namp_conf(c)->limits,
		.sessions = namp_server_session_count(c->server),
		.counters = *namp_server_counters(c->server),
	};

	*ret = object_new(a, "namp");
	namp_fill(&view, a, *ret);
	datagrams_fill(c->datagrams, a, *ret);
	return 0;
}

static int list_sessions(struct control *c, const struct object_request *request, struct arena *a,
                         struct doc **ret)
{
	struct namp_session_view views[SESSIONS_PER_LOOK];
	struct doc *to = object_new(a, "namp/session");
	struct object_page page = object_page_begin(request, a, to);
	uint64_t after = object_body_after(request);
	uint32_t n, at;

	do {
		n = namp_server_sessions(c->server, after, SESSIONS_PER_LOOK, views);
		for (at = 0; at < n; at++) {
			struct doc *row = doc_new_map(a);

			namp_session_fill(&views[at], control_mono(), a, row);
			if (!object_page_add(&page, row))
				break;
			after = views[at].caller.session;
		}
	} while (n > 0 && at == n);
	object_page_end(&page, n > 0, after);
	*ret = to;
	return 0;
}

static int list_peers(struct control *c, const struct object_request *request, struct arena *a,
                      struct doc **ret, struct diag *d)
{
	return datagrams_list_peers(c->datagrams, request, a, ret, d);
}

static int close_session(struct control *c, const struct object_request *request, struct arena *a,
                         struct doc **ret, struct diag *d)
{
	uint64_t number = 0;

	if (!object_path_number(request->path, &number) ||
	    namp_server_close_session(c->server, number) < 0)
		return diag_set(d, -ENOENT, "there is no session %" PRIu64, number);
	*ret = object_new(a, "namp/session");
	namp_closed_fill(number, a, *ret);
	return 0;
}

int control_namp_handle(void *ctx, const struct object_request *request, struct arena *a,
                        struct doc **ret, struct diag *d)
{
	if (request->verb == OBJECT_GET)
		return get_namp(ctx, a, ret);
	if (strcmp(request->path, "namp/peer") == 0)
		return list_peers(ctx, request, a, ret, d);
	if (request->verb == OBJECT_DELETE)
		return close_session(ctx, request, a, ret, d);
	return list_sessions(ctx, request, a, ret);
}
