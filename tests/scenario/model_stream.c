/* SPDX-License-Identifier: Apache-2.0 */
/* Scripted TCP servers: octets take the path's delay in each direction, none are lost. */
#include "model_stream.h"

#include "model_peer.h"

#include <errno.h>

static struct model_server *server_at(struct model *m, uint16_t port)
{
	for (unsigned i = 0; i < MODEL_SERVERS; i++) {
		if (m->servers[i].port == port)
			return &m->servers[i];
	}
	return NULL;
}

static struct model_event *post(struct model *m, const struct probe_flow *f, int64_t at_ns,
                                enum model_event_kind kind, const void *data, size_t len)
{
	struct model_event *e = model_post(m, at_ns, kind, data, len);

	e->flow = f->number;
	return e;
}

static void begin_script(struct model_server *s)
{
	s->connections++;
	s->step = 0;
	s->sent_len = s->mark = 0;
	s->sent[0] = '\0';
}

void model_stream_open(struct model *m, struct probe_flow *f)
{
	if (f->spec.kind == FLOW_LISTEN)
		return;
	struct model_server *s = server_at(m, f->spec.peer.port);
	int64_t there_ns = m->now_ns + m->path[SD].delay_ns;
	int error = s ? s->connect_error : -ECONNREFUSED;

	if (error > 0)
		return;
	f->server = error ? NULL : s;
	if (f->server) {
		begin_script(s);
		s->reached_at = f->spec.peer.addr;
	}
	post(m, f, there_ns + (s ? s->accept_ns : 0) + m->path[DS].delay_ns, EV_CONNECT, NULL, 0)
	        ->value = error;
	if (f->server) /* a server that speaks first */
		post(m, f, there_ns + s->accept_ns, EV_SERVER, NULL, 0);
}

int model_stream_write(struct model *m, struct probe_flow *f, const uint8_t *data, size_t len)
{
	if (!f->server)
		return -ENOTCONN;
	/* What is written during a handshake waits for its end. */
	int64_t at_ns = m->now_ns > f->secured_ns ? m->now_ns : f->secured_ns;

	post(m, f, at_ns + m->path[SD].delay_ns, EV_SERVER, data, len);
	return 0;
}

int model_stream_secure(struct model *m, struct probe_flow *f, const char *name, bool verify)
{
	struct model_server *s = f->server;

	if (!s)
		return -ENOTCONN;
	assert_true(f->spec.may_secure);
	(void)snprintf(s->tls_name, sizeof(s->tls_name), "%s", name);
	s->tls_verify = verify;
	if (s->is_silent_in_tls)
		return 0;
	f->secured_ns = m->now_ns + m->path[SD].delay_ns + m->path[DS].delay_ns + s->tls_ns;
	if (s->tls_error) {
		post(m, f, f->secured_ns, EV_STREAM_FAILS, NULL, 0)->value = -EPROTO;
	} else {
		s->handshakes++;
		post(m, f, f->secured_ns, EV_SECURED, NULL, 0);
	}
	return 0;
}

/* The next thing that the server does, if it is time.  False: it waits, or there is nothing left. */
static bool take_step(struct model *m, struct probe_flow *f, int64_t *at_ns)
{
	struct model_server *s = f->server;
	const struct model_server_step *step = s->script ? &s->script[s->step] : NULL;

	if (!step || step->does == SERVER_ENDS_SCRIPT)
		return false;
	if (step->after) {
		const char *seen = strstr(s->sent + s->mark, step->after);

		if (!seen)
			return false;
		s->mark = (size_t)(seen - s->sent) + strlen(step->after);
	}
	s->step++;
	*at_ns += step->delay_ns;
	int64_t arrives_ns = *at_ns + m->path[DS].delay_ns;

	switch (step->does) {
	case SERVER_SENDS:
		post(m, f, arrives_ns, EV_STREAM_DATA, step->text,
		     step->len ? step->len : strlen(step->text));
		break;
	case SERVER_CLOSES:
		post(m, f, arrives_ns, EV_STREAM_END, NULL, 0);
		break;
	case SERVER_RESETS:
		post(m, f, arrives_ns, EV_STREAM_FAILS, NULL, 0)->value = -ECONNRESET;
		break;
	case SERVER_DIALS:
		for (unsigned i = 0; i < MODEL_FLOWS; i++) {
			struct probe_flow *to = &m->flows[i];

			if (to->number == 0 || to->spec.kind != FLOW_LISTEN)
				continue;
			to->server = &m->servers[step->len];
			begin_script(to->server);
			post(m, to, arrives_ns, EV_CONNECT, NULL, 0);
			post(m, to, arrives_ns + m->path[SD].delay_ns, EV_SERVER, NULL, 0);
		}
		break;
	case SERVER_ENDS_SCRIPT:
		break;
	}
	return true;
}

static void serve(struct model *m, struct probe_flow *f, const struct model_event *e)
{
	struct model_server *s = f->server;
	int64_t at_ns = e->at_ns;

	assert_true(s->sent_len + e->len < sizeof(s->sent));
	if (e->len > 0)
		memcpy(s->sent + s->sent_len, e->data, e->len);
	s->sent_len += e->len;
	s->sent[s->sent_len] = '\0';
	while (take_step(m, f, &at_ns))
		;
}

void model_stream_happen(struct model *m, struct probe_flow *f, const struct model_event *e)
{
	struct probe_stream event = { .event = STREAM_DATA, .data = e->data, .len = e->len };

	switch (e->kind) {
	case EV_SERVER:
		serve(m, f, e);
		return;
	case EV_SECURED:
		event.event = STREAM_SECURED;
		break;
	case EV_STREAM_END:
		event.event = STREAM_END;
		break;
	case EV_STREAM_FAILS:
		event.event = STREAM_FAILED;
		event.error = (int)e->value;
		event.why = e->value == -EPROTO ? f->server->tls_error : strerror((int)-e->value);
		break;
	default:
		break;
	}
	m->op.type->on_stream(&m->op, &m->io, f, &event, (mono_t) { m->now_ns });
}
